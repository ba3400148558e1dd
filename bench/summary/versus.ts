/**
 * One run against another. No process is in both, so nothing is paired: shifts between independent
 * processes (two_sample.ts), in ns and in the ratio to the baseline.
 *
 * A run has its hour: all its processes share what the machine was like. The ratio to the baseline
 * divides that out, ns do not. So where both are known, a difference is claimed only if both show
 * it, and to be equal is to be so in both. For the baseline itself the ratio is to the floor.
 */
import { type Cell, cellKey, type RunLine } from "../record/schema.ts";
import { logNs, ratioOf, timingOf } from "./growth.ts";
import { LEVEL } from "../stats/intervals.ts";
import { problemsOf } from "./run_checks.ts";
import { benjaminiHochberg, FALSE_DISCOVERY_RATE } from "../stats/multiple.ts";
import { type Shift, shiftBetween } from "../stats/two_sample.ts";
import { LEAST_PROCESSES_TO_LOOK, LOOKS_MARGIN, percent } from "../stats/verdict.ts";
import { type CellSummary, type EntrySummary, isContender, type Summary } from "./summary.ts";

/** What makes two environments one. */
export const ENVIRONMENT_FIELDS = [
  "host",
  "cpu",
  "cores",
  "os",
  "arch",
  "kernel",
  "deno",
  "v8",
] as const;

/** A field in which two runs differ, and its values; empty where not known. */
export interface Difference {
  readonly field: typeof ENVIRONMENT_FIELDS[number];
  readonly values: readonly [string, string];
}

/** One contender of one cell in a later run against the first. Shifts are ratios. */
export interface Versus {
  readonly cell: Cell;
  readonly contender: string;
  /** ns / ns; null in another environment. */
  readonly absolute: Shift | null;
  /** Ratio to the baseline / the same; null for the baseline, and where one has none. */
  readonly relative: Shift | null;
  readonly verdict: string;
  /** Slower than the limit, beyond doubt. */
  readonly fails: boolean;
}

/** A later run against the first. */
export interface RunVersus {
  readonly differences: readonly Difference[];
  readonly rows: readonly Versus[];
  /** Comparisons that could be judged at all. */
  readonly tests: number;
  /** Whether so few processes and so many comparisons could fail, however slow they are. */
  readonly canFail: boolean;
  readonly margin: number;
  readonly equalWithin: number;
}

/** What to compare by. */
export interface VersusOptions {
  /** The ratio above which a contender fails. */
  readonly failAbove?: number | undefined;
}

/** Where the environments of two runs differ; what neither knows does not count. */
export function differencesOf(a: RunLine, b: RunLine): Difference[] {
  const value = ({ host, environment }: RunLine, field: Difference["field"]) => {
    const found = field === "host" ? host : environment[field];
    return found === 0 ? "" : String(found);
  };
  return ENVIRONMENT_FIELDS.map((field): Difference => (
    { field, values: [value(a, field), value(b, field)] }
  )).filter(({ values: [a, b] }) => a !== b);
}

/** Compares `b` with `a`, all contenders that both have, judged together. */
export function compareRuns(a: Summary, b: Summary, options: VersusOptions = {}): RunVersus {
  const differences = differencesOf(a.run, b.run);
  const margin = Math.max(a.judgement.options.margin, b.judgement.options.margin);
  const equalWithin = Math.max(a.judgement.options.equalWithin, b.judgement.options.equalWithin);
  const drafts = draftsOf(a, b, differences.length === 0);
  const valid = drafts.filter(({ isValid, measures }) => isValid && measures.length > 0);
  const correct = (pValue: (draft: Draft) => number) => {
    const { rejected, level } = benjaminiHochberg(valid.map(pValue));
    return { claimed: new Set(valid.filter((_, i) => rejected[i])), level };
  };
  const equal = correct((draft) => equalP(draft, Math.log1p(equalWithin)));
  const different = correct((draft) =>
    equal.claimed.has(draft) ? 1 : differenceP(draft, Math.log1p(margin))
  );
  const limit = Math.log(options.failAbove ?? Infinity);
  const failing = correct((draft) =>
    options.failAbove === undefined || draft.isPlanted ? 1 : beyondP(draft, limit)
  );
  const rows = drafts.map((draft): Versus => {
    const level = different.claimed.has(draft) ? different.level : LEVEL;
    return {
      cell: draft.cell,
      contender: draft.contender,
      absolute: shiftOf(draft.absolute, level),
      relative: draft.isBase ? null : shiftOf(draft.relative, level),
      verdict: verdictOf(draft, {
        equal: equal.claimed,
        different: different.claimed,
        equalWithin,
      }),
      fails: failing.claimed.has(draft),
    };
  });
  const canFail = valid.some((draft) => leastP(draft) <= FALSE_DISCOVERY_RATE / valid.length);
  return { differences, rows, tests: valid.length, canFail, margin, equalWithin };
}

/** Values of two runs, in logs, one for each process. */
interface Sample {
  readonly values: readonly number[];
  readonly others: readonly number[];
}

interface Draft {
  readonly cell: Cell;
  readonly contender: string;
  readonly isBase: boolean;
  readonly isPlanted: boolean;
  readonly isValid: boolean;
  readonly absolute: Sample | null;
  readonly relative: Sample | null;
  /** All that must agree. */
  readonly measures: readonly Sample[];
}

function draftsOf(a: Summary, b: Summary, isSame: boolean): Draft[] {
  return b.cells.flatMap((cell) => {
    const other = a.cells.find((other) => cellKey(other.cell) === cellKey(cell.cell));
    if (!other) return [];
    return cell.entries.filter(isContender).flatMap((entry) => {
      const before = other.entries.find(({ name }) => name === entry.name);
      const draft = before ? draftOf([cell, entry], [other, before], isSame) : null;
      return draft ? [draft] : [];
    });
  });
}

type At = readonly [CellSummary, EntrySummary];

function draftOf([cell, entry]: At, [other, before]: At, isSame: boolean): Draft | null {
  const now = timingOf(entry), then = timingOf(before);
  if (now === null || then === null) return null;
  const absolute = isSame ? sampleOf(logNs(now), logNs(then)) : null;
  const relative = entry.isBase
    ? (isSame ? sampleOf(now.floorLogRatios, then.floorLogRatios) : null)
    : sampleOf(now.logRatios, then.logRatios);
  return {
    cell: cell.cell,
    contender: entry.name,
    isBase: entry.isBase,
    isPlanted: entry.role === "planted",
    isValid: isValid([cell, entry]) && isValid([other, before]),
    absolute,
    relative,
    measures: [absolute, relative].filter((sample) => sample !== null),
  };
}

function isValid([, { result }]: At): boolean {
  if (result.kind !== "timed" || problemsOf(result.checks).length > 0) return false;
  return result.judged?.verdict.kind !== "not valid";
}

function sampleOf(values: readonly number[], others: readonly number[]): Sample | null {
  const [a, b] = [values, others].map((logs) => logs.filter(Number.isFinite));
  return a.length === 0 || b.length === 0 ? null : { values: a, others: b };
}

function shiftOf(sample: Sample | null, level: number): Shift | null {
  return sample && ratioOf(shiftBetween(sample.values, sample.others, { level }));
}

/** The p-value that a sample's shift exceeds `limit`, in logs, upwards: by the test of no shift. */
function aboveP({ values, others }: Sample, limit: number): number {
  const { point, pValue } = shiftBetween(values.map((value) => value - limit), others);
  return point > 0 ? pValue : 1;
}

function turned({ values, others }: Sample): Sample {
  return { values: others, others: values };
}

/** All measures beyond `limit` upwards: the largest p-value of those that must agree. */
function beyondP({ measures }: Draft, limit: number): number {
  return Math.max(...measures.map((sample) => aboveP(sample, limit)));
}

function differenceP(draft: Draft, margin: number): number {
  const down = { ...draft, measures: draft.measures.map(turned) };
  return Math.min(beyondP(draft, margin), beyondP(down, margin));
}

function equalP({ measures }: Draft, within: number): number {
  return Math.max(...measures.flatMap((sample) => [
    aboveP(sample, -within),
    aboveP(turned(sample), -within),
  ]));
}

/** The smallest p-value that so many processes can give. */
function leastP({ measures }: Draft): number {
  return Math.max(
    ...measures.map(({ values, others }) =>
      shiftBetween(values.map((_, i) => i + others.length), others.map((_, i) => i)).pValue
    ),
  );
}

function verdictOf(
  draft: Draft,
  { equal, different, equalWithin }: {
    equal: ReadonlySet<Draft>;
    different: ReadonlySet<Draft>;
    equalWithin: number;
  },
): string {
  if (draft.measures.length === 0) return "";
  if (!draft.isValid) return "not valid";
  if (equal.has(draft)) return `equal within ${percent(equalWithin)}`;
  const side = draft.measures.every(isAbove) ? "slower" : "faster";
  if (different.has(draft)) return side;
  const few = draft.measures.some(({ values, others }) =>
    Math.min(values.length, others.length) < LEAST_PROCESSES_TO_LOOK
  );
  if (few) return "no verdict";
  return looks(draft) ? `looks ${side}` : "not separated";
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
