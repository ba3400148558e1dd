/** What takes several cells: means over workloads, growth with slots, crossings, loops and caches. */
import { type Cell, cellKey } from "../record/schema.ts";
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
import { failedOf } from "../stats/checks.ts";
import { together } from "../stats/together.ts";
import { type Shift, shiftBetween } from "../stats/two_sample.ts";
import { judge, type Verdict } from "../stats/verdict.ts";
import { familiesOf, type Family } from "./families.ts";
import { areOfOneMachine } from "./machines.ts";
import {
  type CellSummary,
  type EntrySummary,
  isContender,
  looksOver,
  problemsOf,
  type Summary,
  type Timing,
  timingOf,
} from "./summary.ts";

/** One contender's geometric mean over the cells of a family. */
export interface FamilyMean {
  readonly family: Family;
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
  /** Ascending. */
  readonly slots: readonly number[];
  /** Whether its times may stand on one line: they are of one machine. */
  readonly isOfOneMachine: boolean;
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
  const { margin } = summary.judgement.options, problems = failedOf([summary.checks.twin]);
  const verdicts = together(
    drafts,
    ({ mean, logRatios, looks }) =>
      mean.kind === "estimated" ? { logRatios, problems, looks } : null,
    (comparisons) => judge(comparisons, { margin }),
  );
  return drafts.map((draft) => {
    const { family, contender, mean, leftOut } = draft;
    return { family, contender, mean, leftOut, verdict: verdicts.of(draft)?.verdict ?? null };
  });
}

function meansOf(family: Family, { processes, run }: Summary) {
  const { cells } = family;
  return contendersOf(cells).filter(({ isBase }) => !isBase).map(({ name: contender }) => {
    const isUsed = ({ byName }: CellSummary) => isValidRow(byName.get(contender));
    const used = cells.filter(isUsed);
    const leftOut = cells.filter((cell) => !isUsed(cell)).map(({ cell }) => cell);
    const why = used.length < 2 ? whyNot(cells, contender) : null;
    const rows = rowsOf(used, contender, { processes, of: ({ logRatios }) => logRatios });
    const mean: Estimated = why === null ? geoMeanRatio(rows) : { kind: "cannot tell", why };
    const logRatios = geoMeanLogs(rows), looks = looksOver(used, run);
    return { family, contender, mean, leftOut, logRatios, looks };
  });
}

/** The curves of all workloads raced at two slot counts or more. */
export function curves({ cells, processes }: Summary): Curve[] {
  const groups = Map.groupBy(cells, ({ cell }) => cellKey({ ...cell, slots: 1 }));
  return [...groups.values()].filter((group) => group.length > 1).map((group) => {
    const sorted = group.toSorted((a, b) => a.cell.slots - b.cell.slots);
    const isOfOneMachine = areOfOneMachine(sorted);
    const slots = sorted.map(({ cell }) => cell.slots), all = contendersOf(sorted);
    const rows = (name: string, of: (timing: Timing) => readonly number[]) =>
      rowsOf(sorted, name, { processes, of });
    return {
      cell: sorted[0].cell,
      slots,
      isOfOneMachine,
      growth: all.map(({ name }) => ({
        contender: name,
        scaling: isOfOneMachine
          ? scalingExponent(slots, rows(name, ({ nsByProcess }) => nsByProcess))
          : { kind: "cannot tell", why: "its slot counts ran on several machines" },
      })),
      crossovers: all.filter(({ isBase }) => !isBase).map(({ name }) => {
        const why = whyNot(sorted, name);
        const found: Crossover = why === null
          ? crossover(slots, rows(name, ({ logRatios }) => logRatios))
          : { kind: "cannot tell", why };
        return { contender: name, crossover: found };
      }),
    };
  });
}

/** The interface tax of every cell raced under both conditions. */
export function interfaceTaxes({ cells }: Summary): LoopShift[] {
  return loopShifts(cells, (cell) => {
    return cell.condition === "mixed" ? { ...cell, condition: "solo" } : null;
  });
}

/** What KVM's one-entry caches change, in every cell raced with one and without. */
export function lastUsedShifts({ cells }: Summary): LoopShift[] {
  return loopShifts(cells, (cell) => {
    return cell.lastUsed === "off" ? null : { ...cell, lastUsed: "off" };
  });
}

/** Each contender of a cell against itself in the cell that `otherOf` names: no process is in both. */
function loopShifts(
  cells: readonly CellSummary[],
  otherOf: (cell: Cell) => Cell | null,
): LoopShift[] {
  const byKey = cellsByKey(cells);
  const drafts = cells.flatMap((cell) => {
    const place = otherOf(cell.cell), other = place && byKey.get(cellKey(place));
    // They are compared in ns.
    if (!other || !areOfOneMachine([cell, other])) return [];
    return contendersOf([cell]).flatMap(({ name: contender }) => {
      const entries = [cell, other].map(({ byName }) => byName.get(contender));
      const [now, then] = entries.map((entry) => logNs(timingOf(entry)));
      if (now.length === 0 || then.length === 0) return [];
      const isValid = entries.every(isValidRow);
      return [{ cell, other, contender, isValid, shift: shiftBetween(now, then) }];
    });
  });
  const claims = together(
    drafts,
    ({ isValid, shift }) => isValid ? shift.pValue : null,
    benjaminiHochberg,
  );
  return drafts.map((draft) => {
    const { shift, ...shown } = draft;
    const isClaimed = claims.of(draft)?.isRejected ?? false;
    return { ...shown, ratio: ratioOf(shift), isClaimed };
  });
}

/** Cells by what `cellKey` makes of them. */
export function cellsByKey(cells: readonly CellSummary[]): ReadonlyMap<string, CellSummary> {
  return new Map(cells.map((cell) => [cellKey(cell.cell), cell]));
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

/** The contenders with times in one of the cells, each once, the planted slow-down included. */
function contendersOf(cells: readonly CellSummary[]): EntrySummary[] {
  const all = cells.flatMap(({ entries }) => entries)
    .filter((entry) => isContender(entry) && timingOf(entry) !== null);
  return [...new Map(all.map((entry) => [entry.name, entry])).values()];
}

/** A row for each cell, a column for each process: NaN where it measured none. */
function rowsOf(
  cells: readonly CellSummary[],
  name: string,
  { processes, of }: {
    processes: readonly number[];
    of: (timing: Timing) => readonly number[];
  },
): ByProcess {
  return cells.map(({ byName }) => {
    const timing = timingOf(byName.get(name));
    return timing ? of(timing) : processes.map(() => NaN);
  });
}

/** Why an entry's ratios over several cells say nothing together; null if they do. */
function whyNot(cells: readonly CellSummary[], name: string): string | null {
  const places = (isWrong: (entry: EntrySummary | undefined) => boolean) =>
    cells.filter(({ byName }) => isWrong(byName.get(name)))
      .map(({ cell }) => `${cell.workload} at ${cell.slots}`).join(", ");
  const missing = places((entry) => timingOf(entry) === null);
  if (missing !== "") return `no times in ${missing}`;
  const invalid = places((entry) => problemsOf(entry).length > 0);
  return invalid === "" ? null : `not valid in ${invalid}`;
}

/** Whether an entry has times in a cell that its checks let stand. */
function isValidRow(entry: EntrySummary | undefined): boolean {
  return timingOf(entry) !== null && problemsOf(entry).length === 0;
}
