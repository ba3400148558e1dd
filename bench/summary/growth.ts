/** What takes several cells: means over workloads, growth with slots, crossings, loops and caches. */
import { type Cell, cellKey } from "../record/schema.ts";
import { problemsOf } from "./run_checks.ts";
import { LEVEL } from "../stats/intervals.ts";
import { benjaminiHochberg } from "../stats/multiple.ts";
import {
  type ByProcess,
  type Crossover,
  crossover,
  type Estimated,
  geoMeanLogs,
  geoMeanRatio,
  type Scaling,
  scalingExponent,
} from "../stats/scaling.ts";
import { type Shift, shiftBetween } from "../stats/two_sample.ts";
import { judge, type Verdict } from "../stats/verdict.ts";
import {
  type CellSummary,
  type EntrySummary,
  isContender,
  type Summary,
  type Timing,
} from "./summary.ts";

/**
 * One contender's geometric mean over the cells of a family: those of one unit and condition, or of
 * one condition. Cells with a cache in front and cells without are never in one.
 */
export interface FamilyMean {
  /** `lookup`, `range`, ...; `step` for all of them together. */
  readonly unit: string;
  readonly condition: Cell["condition"];
  readonly lastUsed: NonNullable<Cell["lastUsed"]>;
  readonly cells: number;
  readonly contender: string;
  /** Over the cells in which its row is valid. */
  readonly mean: Estimated;
  /** The cells left out of its mean, as their rows are not valid. */
  readonly leftOut: readonly Cell[];
  /** Corrected for the number of means; null where there is none. */
  readonly verdict: Verdict | null;
}

/** One curve: a workload in one place over slot counts. */
export interface Curve {
  /** The cell of the fewest slots; the others differ from it in nothing else. */
  readonly cell: Cell;
  readonly slots: readonly number[];
  readonly growth: readonly { readonly contender: string; readonly scaling: Scaling }[];
  /** Against the base, for all but the base. */
  readonly crossovers: readonly { readonly contender: string; readonly crossover: Crossover }[];
}

/** One contender's time under one condition over that under another, all else alike. */
export interface LoopShift {
  /** The one: `mixed`, or with a cache. */
  readonly cell: CellSummary;
  /** The other: `solo`, or without. */
  readonly other: CellSummary;
  readonly contender: string;
  /** As ratios; `pValue` before correction. */
  readonly ratio: Shift;
  /** Whether the run's checks let both be believed. */
  readonly isValid: boolean;
  /** Whether it may be claimed, after correction for the number of them. */
  readonly isClaimed: boolean;
}

/** The means of all families that have two cells or more, in the order of the summary. */
export function familyMeans(summary: Summary): FamilyMean[] {
  const drafts = familiesOf(summary.cells).flatMap((family) => meansOf(family, summary));
  const known = drafts.filter(({ mean }) => mean.kind === "estimated");
  const { margin } = summary.judgement.options;
  const problems = problemsOf([summary.checks.twin]);
  const comparisons = known.map(({ logs }) => ({ logRatios: logs, problems }));
  const { judged } = judge(comparisons, { margin });
  return drafts.map(({ logs: _, ...draft }) => {
    const at = known.findIndex(({ mean }) => mean === draft.mean);
    return { ...draft, verdict: at === -1 ? null : judged[at].verdict };
  });
}

/** Cells that are averaged together. */
export interface Family {
  /** `step` where they are of several units. */
  readonly unit: string;
  readonly cells: readonly CellSummary[];
}

/** Of each condition and cache the units apart and, where there are several, all together. */
export function familiesOf(cells: readonly CellSummary[]): Family[] {
  const conditions = Map.groupBy(cells, ({ cell }) => `${cell.condition} ${lastUsedOf(cell)}`);
  return [...conditions.values()].flatMap((ofCondition) => {
    const units = Map.groupBy(ofCondition, ({ unit }) => unit);
    const apart = [...units].map(([unit, cells]): Family => ({ unit, cells }));
    return units.size > 1 ? [...apart, { unit: "step", cells: ofCondition }] : apart;
  }).filter(({ cells }) => cells.length > 1);
}

function meansOf({ unit, cells }: Family, { processes }: Summary) {
  return contendersOf(cells).filter(({ isBase }) => !isBase).map(({ name: contender }) => {
    const used = cells.filter((cell) => isValidRow(find(cell, contender)));
    const leftOut = cells.filter((cell) => !used.includes(cell)).map(({ cell }) => cell);
    const rows = used.map((cell) => timingOf(find(cell, contender))?.logRatios ?? holes(processes));
    const why = used.length < 2 ? whyNot(cells, cells.map((cell) => find(cell, contender))) : null;
    const mean: Estimated = why === null ? geoMeanRatio(rows) : { kind: "cannot tell", why };
    const [{ cell }] = cells, { condition } = cell, lastUsed = lastUsedOf(cell);
    const logs = why === null ? geoMeanLogs(rows) : [];
    return { unit, condition, lastUsed, cells: cells.length, contender, mean, leftOut, logs };
  });
}

/** The curves of all workloads raced at two slot counts or more. */
export function curves({ cells, processes }: Summary): Curve[] {
  const groups = Map.groupBy(cells, ({ cell }) => cellKey({ ...cell, slots: 1 }));
  return [...groups.values()].filter((group) => group.length > 1).map((group) => {
    const sorted = group.toSorted((a, b) => a.cell.slots - b.cell.slots);
    const slots = sorted.map(({ cell }) => cell.slots);
    const all = contendersOf(sorted);
    const rows = (name: string, of: (timing: Timing) => readonly number[]): ByProcess =>
      sorted.map((cell) => {
        const timing = timingOf(find(cell, name));
        return timing ? of(timing) : holes(processes);
      });
    return {
      cell: sorted[0].cell,
      slots,
      growth: all.map(({ name }) => ({
        contender: name,
        scaling: scalingExponent(slots, rows(name, (timing) => timing.nsByProcess)),
      })),
      crossovers: all.filter(({ isBase }) => !isBase).map(({ name }) => {
        const why = whyNot(sorted, sorted.map((cell) => find(cell, name)));
        return {
          contender: name,
          crossover: why === null
            ? crossover(slots, rows(name, (timing) => timing.logRatios))
            : { kind: "cannot tell" as const, why },
        };
      }),
    };
  });
}

/** The interface tax of every cell raced under both conditions. */
export function interfaceTaxes({ cells }: Summary): LoopShift[] {
  return loopShifts(cells, ({ cell }) => {
    return cell.condition === "mixed" ? { ...cell, condition: "solo" } : null;
  });
}

/** What KVM's one-entry caches change, in every cell raced with one and without. */
export function lastUsedShifts({ cells }: Summary): LoopShift[] {
  return loopShifts(cells, ({ cell }) => {
    return lastUsedOf(cell) === "off" ? null : { ...cell, lastUsed: "off" };
  });
}

/** Each contender of a cell against itself in the cell that `otherOf` names: no process is in both. */
function loopShifts(
  cells: readonly CellSummary[],
  otherOf: (cell: CellSummary) => Cell | null,
): LoopShift[] {
  const drafts = cells.flatMap((cell) => {
    const place = otherOf(cell);
    const other = cells.find((other) => place && cellKey(other.cell) === cellKey(place));
    if (!other) return [];
    return contendersOf([cell]).flatMap(({ name: contender }) => {
      const entries = [find(cell, contender), find(other, contender)];
      const [now, then] = entries.map((entry) => logNs(timingOf(entry)));
      if (now.length === 0 || then.length === 0) return [];
      const isValid = entries.every(isValidRow);
      return [{
        cell,
        other,
        contender,
        isValid,
        shift: shiftBetween(now, then, { level: LEVEL }),
      }];
    });
  });
  const valid = drafts.filter(({ isValid }) => isValid);
  const { rejected } = benjaminiHochberg(valid.map(({ shift }) => shift.pValue));
  return drafts.map(({ shift, ...draft }) => {
    const at = valid.findIndex((other) => other.shift === shift);
    return { ...draft, ratio: ratioOf(shift), isClaimed: rejected[at] ?? false };
  });
}

/** Which of KVM's caches stands in front of a cell's indexes. */
function lastUsedOf({ lastUsed = "off" }: Cell): NonNullable<Cell["lastUsed"]> {
  return lastUsed;
}

/** A shift of logs as a ratio. */
export function ratioOf(shift: Shift): Shift {
  const { point, low, high } = shift;
  return { ...shift, point: Math.exp(point), low: Math.exp(low), high: Math.exp(high) };
}

/** ln(ns a step) of each process that measured it. */
export function logNs(timing: Timing | null): number[] {
  return (timing?.nsByProcess ?? []).filter(Number.isFinite).map(Math.log);
}

/** The times of an entry, if it has any. */
export function timingOf(entry: EntrySummary | undefined): Timing | null {
  return entry?.result.kind === "timed" ? entry.result.timing : null;
}

function find({ entries }: CellSummary, name: string): EntrySummary | undefined {
  return entries.find((entry) => entry.name === name);
}

/** The contenders with times in one of the cells, each once; not the planted slow-down. */
function contendersOf(cells: readonly CellSummary[]): EntrySummary[] {
  const all = cells.flatMap(({ entries }) => entries)
    .filter((entry) => isContender(entry) && entry.result.kind === "timed");
  return [...new Map(all.map((entry) => [entry.name, entry])).values()];
}

/** Why an entry's ratios over several cells say nothing together; null if they do. */
function whyNot(
  cells: readonly CellSummary[],
  entries: readonly (EntrySummary | undefined)[],
): string | null {
  const at = (wrong: (entry: EntrySummary | undefined) => boolean) =>
    cells.filter((_, i) => wrong(entries[i])).map(({ cell }) =>
      `${cell.workload} at ${cell.slots}`
    );
  const missing = at((entry) => entry?.result.kind !== "timed");
  if (missing.length > 0) return `no times in ${missing.join(", ")}`;
  const invalid = at((entry) => {
    return entry?.result.kind === "timed" && entry.result.judged?.verdict.kind === "not valid";
  });
  return invalid.length > 0 ? `not valid in ${invalid.join(", ")}` : null;
}

/** Whether an entry has times in a cell that its checks let stand. */
export function isValidRow(entry: EntrySummary | undefined): boolean {
  return entry?.result.kind === "timed" && problemsOf(entry.result.checks).length === 0;
}

function holes(processes: readonly number[]): number[] {
  return processes.map(() => NaN);
}
