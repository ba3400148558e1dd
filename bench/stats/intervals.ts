/**
 * Intervals and tests across processes by the signs alone. Of the distribution of process medians
 * nothing is assumed but that processes are independent and alike: whatever its shape, each falls
 * below the true median with probability 1/2. So every level here is exact, and can only take the
 * few values that n coin tosses allow; it is stated, not rounded to what was asked for.
 *
 * 1) tail(n, k) = P(at most k heads of n) = sum of C(n, i) / 2^n, i <= k.
 * 2) The interval [k-th smallest, k-th largest] misses the median on one side just where fewer than
 *    k of n values lie on that side: its level is 1 - 2 tail(n, k - 1).
 */
import { ascending, medianOf } from "./quantiles.ts";

/** A value with an interval from order statistics. */
export interface Estimate {
  /** The median of the values. */
  readonly point: number;
  readonly low: number;
  readonly high: number;
  /** `low` is the rank-th smallest value, `high` the rank-th largest, counted from 1. */
  readonly rank: number;
  /** The exact probability that such an interval covers; at least what was asked for if `reached`. */
  readonly level: number;
  /** False where even [smallest, largest] has a lower level than was asked for. */
  readonly reached: boolean;
  /** The number of values, one a process. */
  readonly n: number;
}

/** Which side of a band around 0 the values take, and how surely. */
export interface SignTest {
  readonly side: "above" | "below" | "neither";
  /** Values that do not lie on that side of the band. */
  readonly misses: number;
  /** Exact, two-sided. */
  readonly pValue: number;
}

/** The level asked for unless told otherwise. */
export const LEVEL = 0.95;

/** P(at most k heads of n fair coins), exact; 0 for k < 0. */
export function fairTail(n: number, k: number): number {
  let term = 2 ** -n, sum = 0;
  for (let i = 0; i <= Math.min(k, n); i++) {
    sum += term;
    term = term * (n - i) / (i + 1);
  }
  return sum;
}

/** The smallest p-value that n processes can give, all of them agreeing: 2 / 2^n. */
export function smallestPValue(n: number): number {
  return Math.min(1, 2 * fairTail(n, 0));
}

/**
 * The median of `values` with the narrowest order-statistic interval of at least `level`, or with
 * [smallest, largest] where there are too few values for that. `RangeError` for no values or a NaN.
 *
 * ```ts
 * import { signInterval } from "./intervals.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { low, high, level } = signInterval([4, 8, 1, 3, 6, 2, 7, 5], { level: 0.9 });
 * assertEquals([low, high, level], [2, 7, 0.9296875]); // second smallest to second largest
 * ```
 */
export function signInterval(
  values: readonly number[],
  { level = LEVEL }: { level?: number } = {},
): Estimate {
  const sorted = ascending(values), n = sorted.length;
  const rank = rankOfLevel(n, level), reachedLevel = levelOfRank(n, rank);
  return {
    point: medianOf(sorted),
    low: sorted[rank - 1],
    high: sorted[n - rank],
    rank,
    level: reachedLevel,
    reached: reachedLevel >= level,
    n,
  };
}

/** `estimate` with its values through a rising function, such as `Math.exp` from logs to ratios. */
export function mapEstimate(estimate: Estimate, rising: (value: number) => number): Estimate {
  const { point, low, high } = estimate;
  return { ...estimate, point: rising(point), low: rising(low), high: rising(high) };
}

/**
 * Tests that the median lies inside [-beyond, beyond] against its lying outside, on either side.
 * A value on the edge counts against the claim. At `beyond` 0 it is the sign test for a difference.
 */
export function signTest(
  values: readonly number[],
  { beyond = 0 }: { beyond?: number } = {},
): SignTest {
  const above = values.filter((value) => value > beyond).length;
  const below = values.filter((value) => value < -beyond).length;
  const side = above > below ? "above" : below > above ? "below" : "neither";
  const misses = values.length - Math.max(above, below);
  // Doubled for the two sides: a distribution without mass inside the band can err on either.
  return { side, misses, pValue: twoSidedPValue(values.length, misses) };
}

/**
 * The p-value for equivalence: small where the median surely lies inside (-within, within). Two
 * one-sided sign tests, the worse of them, and doubled: so that it is small just where the interval
 * that `signInterval` shows lies inside (the usual test would show a 95 % interval and use a 90 %).
 */
export function equivalencePValue(values: readonly number[], within: number): number {
  const notBelow = values.filter((value) => value >= within).length;
  const notAbove = values.filter((value) => value <= -within).length;
  return twoSidedPValue(values.length, Math.max(notBelow, notAbove));
}

/** The most values that may disagree for a p-value of at most `cutoff`; -1 if none may at all. */
export function allowedMisses(n: number, cutoff: number): number {
  let misses = -1;
  while (misses < n && twoSidedPValue(n, misses + 1) <= cutoff) misses++;
  return misses;
}

/** The exact two-sided p-value of the sign test: `misses` of `n` values lie on the other side. */
export function twoSidedPValue(n: number, misses: number): number {
  return n === 0 ? 1 : Math.min(1, 2 * fairTail(n, misses));
}

function levelOfRank(n: number, rank: number): number {
  return Math.max(0, 1 - 2 * fairTail(n, rank - 1)); // by 2)
}

/** The highest rank whose interval still has `level`; 1 where none has. */
function rankOfLevel(n: number, level: number): number {
  let rank = 1;
  // Rank by rank the interval loses a value at each end, and never crosses the middle.
  while (rank + 1 <= n / 2 && levelOfRank(n, rank + 1) >= level) rank++;
  return rank;
}
