/**
 * Whether a row of a race may be believed, from its own blocks. Each check is an interval against a
 * limit: outside of it failed, inside of it passed, across it not known. More processes make the
 * interval narrower, so a shift of twice the limit is found more often with more of them. A check
 * that fails voids its row and no other.
 */
import { type Estimate, signInterval } from "./intervals.ts";
import { pairedLogRatios } from "./paired.ts";
import { type Blocks, isTimed, medianOf, timed } from "./quantiles.ts";
import type { Settling } from "./regimes.ts";

/** The baseline's twin may differ from it by this, ratio - 1. */
export const TWIN_LIMIT = 0.01;

/** Leaving out the rounds in which an entry or its base ran first may move a ratio by this, ratio - 1. */
export const ORDER_LIMIT = 0.01;

/** A block that took more than this times its entry's median was preempted. */
export const PREEMPTED_MULTIPLE = 1.5;

/**
 * The largest share of disturbed pairs, in which one of the two blocks was preempted. The median
 * needs more than half of the pairs to be clean; the rest is a margin.
 */
export const DISTURBED_LIMIT = 0.45;

/** The fewest rounds in a last regime whose ratio is reported. */
export const LEAST_SETTLED_ROUNDS = 8;

/** A late change smaller than this, ratio - 1, is noise that happens to come in a row. */
export const LEAST_LATE_CHANGE = 0.05;

/** The largest share of processes in which an entry may be unsettled, all towards one side. */
export const UNSETTLED_LIMIT = 0.2;

/** The fewest processes that must change late for the check to fail: a change in one alone is noise. */
const LEAST_LATE_PROCESSES = 2;

/**
 * How far the undisturbed ratio (of the fastest tenths) may lie beyond the interval, as a ratio - 1.
 * A change in the last 3 rounds shows nowhere else.
 */
export const UNDISTURBED_LIMIT = 0.25;

/** The fewest processes from which a check concludes anything. */
export const LEAST_PROCESSES_TO_CHECK = 3;

/** The outcome of a check; `measured` and `limit` are in the unit of the limit's constant. */
export type Check =
  | (Measured & { readonly kind: "passed" })
  | FailedCheck
  | { readonly kind: "not known"; readonly name: FailedCheck["name"] };

/** A check that failed, with what a reader has to be told of it. */
export type FailedCheck =
  & Measured
  & { readonly kind: "failed" }
  & (
    | { readonly name: "A/A" | "order" | "preempted blocks" }
    | ({ readonly name: "settled" } & LateChange)
    /** `undisturbed` is the ratio in the fastest tenth of blocks. */
    | { readonly name: "late change"; readonly undisturbed: number }
  );

interface Measured {
  readonly name: "A/A" | "order" | "preempted blocks" | "settled" | "late change";
  readonly measured: number;
  readonly limit: number;
}

/** A change of speed after which too few rounds follow. */
interface LateChange {
  /** The entry that changed: that of the row, or its base. */
  readonly entry: string;
  /** Its ns before the change over its ns after it: the median of the processes that changed late. */
  readonly change: number;
  /** The round before which it changed, counted from 0, of `rounds`: the median as well. */
  readonly round: number;
  readonly rounds: number;
  /** The processes that changed late, of `processes` with enough rounds to see a change. */
  readonly late: number;
  readonly processes: number;
}

/** The place in its round at which an entry ran, round by round, from 0; null where it sat out. */
export type Positions = readonly (number | null)[];

/** The twin against the baseline, from ln(twin / baseline) of each process. */
export function checkTwin(logRatios: readonly number[]): Check {
  return checkShift("A/A", logRatios, TWIN_LIMIT);
}

/**
 * What running first in a round does to a ratio, from `orderInfluence` of each process; `placebo` is
 * the same for a place in the middle. It fails where the first place moves the ratio beyond the limit
 * and by more than twice what the placebo does.
 */
export function checkOrder(
  influences: readonly number[],
  placebo: readonly number[],
): Check {
  const check = checkShift("order", influences, ORDER_LIMIT);
  const known = placebo.filter(Number.isFinite);
  const usual = known.length === 0 ? 0 : Math.abs(Math.expm1(medianOf(known)));
  if (check.kind !== "failed" || check.measured > 2 * usual) return check;
  return { kind: "passed", name: "order", measured: check.measured, limit: ORDER_LIMIT };
}

/**
 * How ln(entry / base) changes, in one process, when the rounds are left out in which one of the two
 * ran at `place`; NaN where no round is left or none is left out.
 */
export function orderInfluence(
  entry: { readonly blocks: Blocks; readonly positions: Positions },
  base: { readonly blocks: Blocks; readonly positions: Positions },
  place: number,
): number {
  const all = pairedLogRatios(entry.blocks, base.blocks);
  const left = all.filter((_, round) =>
    entry.positions[round] !== place && base.positions[round] !== place
  ).filter(Number.isFinite);
  const known = all.filter(Number.isFinite);
  if (left.length === 0 || left.length === known.length) return NaN;
  return medianOf(left) - medianOf(known);
}

/** The pairs in which a block was preempted, from `disturbedShare` of each process. */
export function checkPreempted(shares: readonly number[]): Check {
  const name = "preempted blocks", known = shares.filter(Number.isFinite);
  if (known.length === 0) return { kind: "not known", name };
  const measured = medianOf(known), limit = DISTURBED_LIMIT;
  return { kind: measured <= limit ? "passed" : "failed", name, measured, limit };
}

/** The share of rounds, of one process, in which one of the two took far longer than it usually does. */
export function disturbedShare(entry: Blocks, base: Blocks): number {
  if (timed(entry).length === 0 || timed(base).length === 0) return NaN;
  const limits = [entry, base].map((blocks) => PREEMPTED_MULTIPLE * medianOf(timed(blocks)));
  const pairs = entry.flatMap((ns, round) => {
    const baseNs = base[round];
    return isTimed(ns) && isTimed(baseNs) ? [ns > limits[0] || baseNs > limits[1]] : [];
  });
  return pairs.length === 0 ? NaN : pairs.filter(Boolean).length / pairs.length;
}

/**
 * Whether `entry` reached its last speed soon enough. A change is no fault where enough rounds
 * follow it: the ratio is then that of the last regime.
 */
export function checkSettled(entry: string, processes: readonly Settling[]): Check {
  const name = "settled", limit = UNSETTLED_LIMIT;
  const known = processes.filter(({ rounds }) => rounds >= LEAST_SETTLED_ROUNDS);
  if (known.length === 0) return { kind: "not known", name };
  const isLate = ({ rounds, before }: Settling) =>
    before > 0 && rounds - before < LEAST_SETTLED_ROUNDS;
  const beyond = Math.log1p(LEAST_LATE_CHANGE);
  const [faster, slower] = [1, -1].map((side) =>
    known.filter((process) => isLate(process) && side * Math.log(process.change) > beyond)
  );
  // A tier or a structure changes every process alike; noise goes to both sides, or strikes one.
  const late = faster.length >= slower.length ? faster : slower;
  const measured = late.length / known.length;
  if (measured <= limit || late.length < LEAST_LATE_PROCESSES) {
    return { kind: "passed", name, measured, limit };
  }
  return {
    kind: "failed",
    name,
    measured,
    limit,
    entry,
    change: medianOf(late.map(({ change }) => change)),
    round: Math.round(medianOf(late.map(({ before }) => before))),
    rounds: known[0].rounds,
    late: late.length,
    processes: known.length,
  };
}

/** Whether the ratio of the fastest tenths tells of a change too late for `checkSettled`. */
export function checkLateChange(undisturbed: number, estimate: Estimate | null): Check {
  const name = "late change", limit = UNDISTURBED_LIMIT;
  if (estimate === null || !Number.isFinite(undisturbed)) return { kind: "not known", name };
  const { low, high } = estimate;
  const measured = Math.max(0, Math.max(low / undisturbed, undisturbed / high) - 1);
  if (measured <= limit) return { kind: "passed", name, measured, limit };
  return { kind: "failed", name, measured, limit, undisturbed };
}

/** Two groups of processes that ran at two speeds. */
export interface Modes {
  /** The medians of the two groups, as ln(ratio), ascending. */
  readonly levels: readonly [number, number];
  /** The numbers of processes in them. */
  readonly sizes: readonly [number, number];
}

/** The least distance between two modes, as a ratio - 1: layouts drawn anew differ by less. */
export const LEAST_MODE_GAP = 0.1;

/** A gap between modes is at least this many times the widest gap inside of them. */
const MODE_GAP_MULTIPLE = 3;

/**
 * The two modes of a row, or null. Each has a fifth of the processes, and two at least; between them
 * lies a gap three times as wide as any gap inside.
 */
export function modesOf(logRatios: readonly number[]): Modes | null {
  const sorted = logRatios.filter(Number.isFinite).toSorted((a, b) => a - b), n = sorted.length;
  const least = Math.max(2, Math.ceil(n / 5));
  const gaps = sorted.slice(1).map((value, i) => value - sorted[i]);
  const widest = Math.max(...gaps), at = gaps.indexOf(widest) + 1;
  if (!(widest > Math.log1p(LEAST_MODE_GAP)) || at < least || n - at < least) return null;
  const inside = gaps.filter((_, i) => i !== at - 1);
  if (Math.max(...inside) * MODE_GAP_MULTIPLE > widest) return null;
  const groups = [sorted.slice(0, at), sorted.slice(at)];
  return {
    levels: [medianOf(groups[0]), medianOf(groups[1])],
    sizes: [groups[0].length, groups[1].length],
  };
}

/** Those of the checks that failed: why a row is not valid. */
export function failedOf(checks: readonly Check[]): FailedCheck[] {
  return checks.filter((check) => check.kind === "failed");
}

function checkShift(name: "A/A" | "order", shifts: readonly number[], limit: number): Check {
  const known = shifts.filter(Number.isFinite);
  if (known.length < LEAST_PROCESSES_TO_CHECK) return { kind: "not known", name };
  const { low, high, point } = signInterval(known), beyond = Math.log1p(limit);
  const measured = Math.expm1(Math.abs(point));
  if (low > beyond || high < -beyond) return { kind: "failed", name, measured, limit };
  if (low >= -beyond && high <= beyond) return { kind: "passed", name, measured, limit };
  return { kind: "not known", name };
}
