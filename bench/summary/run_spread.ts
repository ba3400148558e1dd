/**
 * How much whole runs differ that should not: the same commit, plan and machine at another hour. All
 * processes of a run share its hour, so no interval inside a run knows of this; only several runs
 * show it (`race --repeat`).
 */
import { type Cell, cellKey } from "../record/schema.ts";
import { medianOf } from "../stats/quantiles.ts";
import { cellsByKey } from "./growth.ts";
import { isContender, type Summary, type Timing, timingOf } from "./summary.ts";

/** The spread from run to run, as standard deviations in logs. */
export interface RunSpread {
  /** Of ln(ns). */
  readonly absolute: number;
  /** Of ln(ratio to the baseline). */
  readonly relative: number;
  /** Runs that it was measured on; 0 where it is assumed. */
  readonly runs: number;
}

/** Assumed where no run was repeated: what repeated runs on shared machines have shown, 2 %. */
export const ASSUMED_SPREAD: RunSpread = {
  absolute: Math.log1p(0.02),
  relative: Math.log1p(0.02),
  runs: 0,
};

/**
 * What two runs may differ by, in logs, without a change of the code: three standard deviations of
 * the difference of two runs. A table has hundreds of rows, so two would be exceeded by chance.
 */
export function hourOf(spread: number): number {
  return 3 * Math.SQRT2 * spread;
}

/** Whether `b` repeats `a`: the same code asked the same questions. */
export function isRepeat(a: Summary, b: Summary): boolean {
  const key = ({ run }: Summary) => {
    const { plan, commit } = run;
    return JSON.stringify([
      commit,
      run.kind === "race" && run.seed,
      plan.cells.map(cellKey),
      plan.contenders.map(({ name }) => name),
    ]);
  };
  return a.run.commit !== "" && !a.run.commit.endsWith("+") && key(a) === key(b);
}

/** The spread of runs that repeat each other; `ASSUMED_SPREAD` of fewer than two. */
export function runSpread(runs: readonly Summary[]): RunSpread {
  if (runs.length < 2) return ASSUMED_SPREAD;
  const cells = runs.map((run) => cellsByKey(run.cells));
  const spread = (rows: readonly Place[], of: (timing: Timing) => readonly number[]) => {
    const variances = rows.flatMap(({ cell, contender }) => {
      const levels = cells.map((byKey) => {
        return levelOf(timingOf(byKey.get(cellKey(cell))?.byName.get(contender)), of);
      });
      return levels.every(Number.isFinite) ? [variance(levels)] : [];
    });
    return variances.length === 0 ? NaN : Math.sqrt(mean(variances));
  };
  const rows = rowsOf(runs[0]);
  const absolute = spread(rows, ({ nsByProcess }) => nsByProcess.map(Math.log));
  // The base's ratio to itself is 1 in every run, which says nothing of others.
  const relative = spread(rows.filter(({ isBase }) => !isBase), ({ logRatios }) => logRatios);
  if (!Number.isFinite(absolute)) return ASSUMED_SPREAD;
  return { absolute, relative: Number.isFinite(relative) ? relative : absolute, runs: runs.length };
}

interface Place {
  readonly cell: Cell;
  readonly contender: string;
  readonly isBase: boolean;
}

function rowsOf({ cells }: Summary): Place[] {
  return cells.flatMap(({ cell, entries }) =>
    entries.filter(isContender).map(({ name, isBase }) => ({ cell, contender: name, isBase }))
  );
}

function levelOf(timing: Timing | null, of: (timing: Timing) => readonly number[]): number {
  const values = timing === null ? [] : of(timing).filter(Number.isFinite);
  return values.length === 0 ? NaN : medianOf(values);
}

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
