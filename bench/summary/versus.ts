/**
 * One run against another. No process is in both, so nothing is paired: shifts between independent
 * processes (two_sample.ts), in ns and in the ratio to the baseline.
 *
 * A run has its hour: all its processes share what the machine was like. The ratio to the baseline
 * divides most of that out, ns do not. So where both are known, a difference is claimed only if both
 * show it, and to be equal is to be so in both. For the baseline itself the ratio is to the floor.
 *
 * What is left of the hour is the spread from run to run (run_spread.ts): a claim must exceed the
 * margin and what that spread lets two runs differ by. On another machine there is no verdict at all: contenders do differ
 * between machines, and that is no change of the code.
 */
import type { Run } from "../record/result_file.ts";
import { type Cell, cellKey, KIND_FIELDS } from "../record/schema.ts";
import { LEVEL } from "../stats/intervals.ts";
import { benjaminiHochberg, FALSE_DISCOVERY_RATE } from "../stats/multiple.ts";
import { medianOf } from "../stats/quantiles.ts";
import { together } from "../stats/together.ts";
import {
  exceedsPValue,
  type Shift,
  shiftBetween,
  smallestShiftPValue,
} from "../stats/two_sample.ts";
import { LEAST_PROCESSES_TO_LOOK, LOOKS_MARGIN } from "../stats/verdict.ts";
import { cellsByKey, logNs, ratioOf } from "./growth.ts";
import { areOfOneMachine, machineWords } from "./machines.ts";
import { hourOf, type RunSpread, runSpread } from "./run_spread.ts";
import {
  type EntrySummary,
  isContender,
  judgedOf,
  problemsOf,
  type Summary,
  timingOf,
} from "./summary.ts";

/** What makes two environments one. */
const ENVIRONMENT_FIELDS = ["host", ...KIND_FIELDS] as const;

/** A field in which two runs differ, and its values; empty where not known. */
export interface Difference {
  /**
   * `speed`: floor or baseline differ by more than `SAME_SPEED` in the median cell. `machine`: a cell that
   * both have ran on another one. `engine`: the version of an engine that both raced.
   */
  readonly field: typeof ENVIRONMENT_FIELDS[number] | "engine" | "speed" | "machine";
  readonly values: readonly [string, string];
}

/** What can be said of a later time against the first. */
export type VersusVerdict =
  | { readonly kind: "faster" | "slower" | "looks faster" | "looks slower" | "not separated" }
  /** `within` is ratio - 1. */
  | { readonly kind: "equal"; readonly within: number }
  /** A run's own checks void one of the two. */
  | { readonly kind: "not valid" }
  /** So few processes, or so different a machine, that nothing is said. */
  | { readonly kind: "no verdict" };

/** One contender of one cell in a later run against the first. Shifts are ratios. */
export interface Versus {
  readonly cell: Cell;
  readonly contender: string;
  /** ns / ns; null in another environment. */
  readonly absolute: Shift | null;
  /** Ratio to the baseline / the same; null for the baseline, and where one has none. */
  readonly relative: Shift | null;
  /** Null where there is nothing to compare. */
  readonly verdict: VersusVerdict | null;
  /** Slower than the limit, beyond doubt. */
  readonly fails: boolean;
}

/** A later run against the first. */
export interface RunVersus {
  readonly differences: readonly Difference[];
  readonly rows: readonly Versus[];
  /** The same by cell and contender; undefined for one that only one of the runs has. */
  readonly of: (cell: Cell, contender: string) => Versus | undefined;
  /** Comparisons that could be judged at all. */
  readonly tests: number;
  /** Whether a row could fail at all, with this number of processes and of comparisons. */
  readonly canFail: boolean;
  /** What a claimed difference exceeds, ratio - 1, the spread of runs included. */
  readonly margin: number;
  /** What a claimed equality stays within, ratio - 1, the spread of runs included. */
  readonly equalWithin: number;
  /** How much runs of one commit differ here. */
  readonly spread: RunSpread;
}

/** What to compare by. */
export interface VersusOptions {
  /** The ratio above which a contender fails, from 1. */
  readonly failAbove?: number | undefined;
  /** Runs of the first one's commit on its machine, itself included: they give the spread of runs. */
  readonly repeats?: readonly Summary[] | undefined;
}

/** Machines whose floor or baseline differ by more than this, ratio - 1, are not one machine. */
export const SAME_SPEED = 0.1;

/** Where the environments of two runs differ; what neither knows does not count. */
export function differencesOf(a: Run, b: Run): Difference[] {
  const value = ({ host, environment }: Run, field: typeof ENVIRONMENT_FIELDS[number]) => {
    const found = field === "host" ? host : environment[field];
    return found === 0 ? "" : String(found);
  };
  const engines = Object.entries(a.environment.engines ?? {}).map(([name, was]): Difference => (
    { field: "engine", values: [was, b.environment.engines?.[name] ?? was] }
  ));
  return [
    ...ENVIRONMENT_FIELDS.map((field): Difference => (
      { field, values: [value(a, field), value(b, field)] }
    )),
    ...engines,
  ].filter(({ values: [a, b] }) => a !== b);
}

/** Compares `b` with `a`, all contenders that both have, judged together. */
export function compareRuns(a: Summary, b: Summary, options: VersusOptions = {}): RunVersus {
  const differences = [
    ...differencesOf(a.run, b.run),
    ...speedDifference(a, b),
    ...machineDifference(a, b),
  ];
  const sides = [a, b], isSame = differences.length === 0;
  const spread = runSpread(options.repeats ?? []);
  const most = (of: "margin" | "equalWithin") =>
    Math.max(...sides.map(({ judgement }) => judgement.options[of]));
  const widest = Math.expm1(hourOf(Math.max(spread.absolute, spread.relative)));
  const margin = most("margin") + widest, equalWithin = most("equalWithin") + widest;
  const drafts = draftsOf(a, b, { isSame, spread });
  const failAbove = isSame ? options.failAbove : undefined;
  const claims = claimsOf(drafts, {
    margin: most("margin"),
    equalWithin: most("equalWithin"),
    failAbove,
  });
  const rows = drafts.map((draft): Versus => {
    const level = claims.isDifferent(draft) ? claims.level : LEVEL;
    return {
      cell: draft.cell,
      contender: draft.contender,
      absolute: shiftOf(draft.absolute, level),
      relative: draft.isBase ? null : shiftOf(draft.relative, level),
      verdict: isSame || draft.measures.length === 0
        ? verdictOf(draft, { claims, equalWithin })
        : { kind: "no verdict" },
      fails: isSame && claims.isFailing(draft),
    };
  });
  const byPlace = new Map(rows.map((row) => [placeKey(row.cell, row.contender), row]));
  const judged = drafts.filter(isJudged), least = FALSE_DISCOVERY_RATE / judged.length;
  return {
    ...{ differences, rows, margin, equalWithin, spread },
    of: (cell, contender) => byPlace.get(placeKey(cell, contender)),
    tests: judged.length,
    canFail: isSame && judged.some((draft) => leastP(draft) <= least),
  };
}

function placeKey(cell: Cell, contender: string): string {
  return JSON.stringify([cellKey(cell), contender]);
}

/** Values of two runs, in logs, one for each process. */
interface Sample {
  readonly values: readonly number[];
  readonly others: readonly number[];
  /** What the hour alone may do, in logs; see `hourOf`. */
  readonly hour: number;
}

interface Draft {
  readonly cell: Cell;
  readonly contender: string;
  readonly isBase: boolean;
  readonly isPlanted: boolean;
  /** Whether the checks of both runs let it be believed. */
  readonly isValid: boolean;
  readonly absolute: Sample | null;
  readonly relative: Sample | null;
  /** All that must agree. */
  readonly measures: readonly Sample[];
}

interface Setting {
  readonly isSame: boolean;
  readonly spread: RunSpread;
}

/** Joined files may have the same machines, and the same cell from another one of them. */
function machineDifference(a: Summary, b: Summary): Difference[] {
  if ([a, b].every(({ cells }) => areOfOneMachine(cells))) return [];
  const first = cellsByKey(a.cells);
  const moved = b.cells.flatMap((cell): Difference[] => {
    const other = first.get(cellKey(cell.cell));
    if (!other || areOfOneMachine([cell, other])) return [];
    return [{
      field: "machine",
      values: [machineWords(other.machines), machineWords(cell.machines)],
    }];
  });
  return moved.slice(0, 1);
}

/** How fast the machine was: floor and baseline in the median of the cells that both have. */
export function speedDifference(a: Summary, b: Summary): Difference[] {
  const speed = (wanted: (entry: EntrySummary) => boolean) => {
    const first = cellsByKey(a.cells);
    const shifts = b.cells.flatMap(({ cell, entries }) => {
      const now = timingOf(entries.find(wanted));
      const then = timingOf(first.get(cellKey(cell))?.entries.find(wanted));
      return now && then ? [Math.log(now.nsPerStep / then.nsPerStep)] : [];
    });
    return shifts.length === 0 ? 0 : medianOf(shifts);
  };
  const floor = speed(({ role }) => role === "floor"), base = speed(({ isBase }) => isBase);
  // Another commit may have changed the baseline: then the floor alone tells.
  const off = a.run.commit === b.run.commit && Math.abs(base) > Math.abs(floor) ? base : floor;
  if (Math.abs(off) <= Math.log1p(SAME_SPEED)) return [];
  return [{ field: "speed", values: ["1", Math.exp(off).toFixed(2)] }];
}

function draftsOf(a: Summary, b: Summary, setting: Setting): Draft[] {
  const first = cellsByKey(a.cells);
  return b.cells.flatMap(({ cell, entries }) => {
    const others = first.get(cellKey(cell))?.byName;
    return entries.filter(isContender).flatMap((entry) => {
      const before = others?.get(entry.name);
      return before ? draftOf(cell, { entry, before, ...setting }) ?? [] : [];
    });
  });
}

function draftOf(
  cell: Cell,
  { entry, before, isSame, spread }: Setting & { entry: EntrySummary; before: EntrySummary },
): Draft | null {
  const now = timingOf(entry), then = timingOf(before), { isBase } = entry;
  if (now === null || then === null) return null;
  const absolute = isSame ? sampleOf(logNs(now), logNs(then), spread.absolute) : null;
  const relative = isBase
    ? (isSame ? sampleOf(now.floorLogRatios, then.floorLogRatios, spread.relative) : null)
    : sampleOf(now.logRatios, then.logRatios, spread.relative);
  return {
    ...{ cell, contender: entry.name, isBase, isPlanted: entry.role === "planted" },
    isValid: [entry, before].every(isValid),
    ...{ absolute, relative, measures: [absolute, relative].filter((sample) => sample !== null) },
  };
}

function isValid(entry: EntrySummary): boolean {
  return problemsOf(entry).length === 0 && judgedOf(entry)?.verdict.kind !== "not valid";
}

function sampleOf(
  values: readonly number[],
  others: readonly number[],
  spread: number,
): Sample | null {
  const [a, b] = [values, others].map((logs) => logs.filter(Number.isFinite));
  return a.length === 0 || b.length === 0 ? null : { values: a, others: b, hour: hourOf(spread) };
}

function shiftOf(sample: Sample | null, level: number): Shift | null {
  return sample && ratioOf(shiftBetween(sample.values, sample.others, { level }));
}

function isJudged({ isValid, measures }: Draft): boolean {
  return isValid && measures.length > 0;
}

/** What may be claimed, each of three questions corrected for the number of comparisons. */
function claimsOf(
  drafts: readonly Draft[],
  { margin, equalWithin, failAbove }: {
    margin: number;
    equalWithin: number;
    failAbove: number | undefined;
  },
) {
  const claim = (pValue: (draft: Draft) => number) =>
    together(drafts, (draft) => isJudged(draft) ? pValue(draft) : null, benjaminiHochberg);
  const within = Math.log1p(equalWithin), beyond = Math.log1p(margin);
  const limit = Math.log(failAbove ?? Infinity);
  const equal = claim((draft) => equalP(draft, within));
  const isEqual = (draft: Draft) => equal.of(draft)?.isRejected ?? false;
  const different = claim((draft) => isEqual(draft) ? 1 : differenceP(draft, beyond));
  const failing = claim((draft) => draft.isPlanted ? 1 : beyondP(draft, limit));
  return {
    isEqual,
    isDifferent: (draft: Draft) => different.of(draft)?.isRejected ?? false,
    isFailing: (draft: Draft) => failing.of(draft)?.isRejected ?? false,
    /** Of the intervals of claimed differences. */
    level: different.level,
  };
}

function turned({ values, others, hour }: Sample): Sample {
  return { values: others, others: values, hour };
}

/** All measures beyond `limit` upwards: the largest p-value of those that must agree. */
function beyondP({ measures }: Pick<Draft, "measures">, limit: number): number {
  // A difference must exceed its limit by what the hour may do; an equality is claimed that much wider.
  const reach = (hour: number) => limit < 0 ? limit - hour : limit + hour;
  return Math.max(
    ...measures.map(({ values, others, hour }) => exceedsPValue(values, others, reach(hour))),
  );
}

function differenceP({ measures }: Draft, margin: number): number {
  return Math.min(
    beyondP({ measures }, margin),
    beyondP({ measures: measures.map(turned) }, margin),
  );
}

function equalP({ measures }: Draft, within: number): number {
  return beyondP({ measures: [...measures, ...measures.map(turned)] }, -within);
}

/** The smallest p-value that the numbers of processes can give. */
function leastP({ measures }: Draft): number {
  return Math.max(
    ...measures.map(({ values, others }) => smallestShiftPValue(values.length, others.length)),
  );
}

function verdictOf(
  draft: Draft,
  { claims, equalWithin }: { claims: ReturnType<typeof claimsOf>; equalWithin: number },
): VersusVerdict | null {
  if (draft.measures.length === 0) return null;
  if (!draft.isValid) return { kind: "not valid" };
  if (claims.isEqual(draft)) return { kind: "equal", within: equalWithin };
  const isSlower = draft.measures.every(isAbove);
  if (claims.isDifferent(draft)) return { kind: isSlower ? "slower" : "faster" };
  const few = draft.measures.some(({ values, others }) =>
    Math.min(values.length, others.length) < LEAST_PROCESSES_TO_LOOK
  );
  if (few) return { kind: "no verdict" };
  if (!looks(draft)) return { kind: "not separated" };
  return { kind: isSlower ? "looks slower" : "looks faster" };
}

function isAbove({ values, others }: Sample): boolean {
  return shiftBetween(values, others).point > 0;
}

/** Whether every process of one run is beyond every one of the other, by more than chance does. */
function looks({ measures }: Draft): boolean {
  const gap = Math.log1p(LOOKS_MARGIN);
  const apart = ({ values, others }: Sample) => Math.min(...values) - Math.max(...others) > gap;
  return measures.every(apart) || measures.map(turned).every(apart);
}
