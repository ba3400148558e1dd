/**
 * Two conditions that no process shares, such as `mixed` against `solo`: the interface tax.
 *
 * Nothing pairs the processes of one with those of the other, so the estimate is that of Hodges and
 * Lehmann, the median of all differences between them, with the interval that goes with the exact
 * Mann-Whitney test. Not a bootstrap: resampling 8 values cannot see past the 8 and covers less
 * than it says. Assumed is that the condition shifts ln(ns) and does not reshape its distribution.
 *
 * 1) U, the number of pairs (a, b) with a > b, has as many ways to be u as there are partitions of
 *    u into at most m parts of at most n: the coefficients of the Gaussian binomial.
 * 2) The (c + 1)-th smallest difference lies above the true shift just where at most c differences
 *    lie below it, and their number is a U where nothing is shifted. The other end is the mirror
 *    image: [(c + 1)-th smallest, (c + 1)-th largest] has level 1 - 2 P(U <= c).
 */
import { wilcoxonRankSum } from "simple-statistics";
import { LEVEL } from "./intervals.ts";
import { ascending, medianOf } from "./quantiles.ts";

/** How far the values of one condition lie above those of another. */
export interface Shift {
  /** The median of all differences. */
  readonly point: number;
  readonly low: number;
  readonly high: number;
  /** The exact level, at least what was asked for if `reached`. */
  readonly level: number;
  readonly reached: boolean;
  /** The exact two-sided p-value of no shift; with ties an upper bound. */
  readonly pValue: number;
  /** The numbers of values, of the one and of the other. */
  readonly sizes: readonly [number, number];
}

/**
 * By how much `values` exceed `others`; give logs to get a log-ratio. `RangeError` if one of them
 * is empty or has a NaN.
 *
 * ```ts
 * import { shiftBetween } from "./two_sample.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { point, low, high, pValue } = shiftBetween([11, 12, 13, 14], [1, 2, 3, 4]);
 * assertEquals([point, low, high], [10, 7, 13]);
 * assertEquals(pValue, 2 / 70);
 * ```
 */
export function shiftBetween(
  values: readonly number[],
  others: readonly number[],
  { level = LEVEL }: { level?: number } = {},
): Shift {
  const a = ascending(values), b = ascending(others), pairs = a.length * b.length;
  const differences = ascending(a.flatMap((a) => b.map((b) => a - b)));
  const below = cumulativeU(a.length, b.length);
  let cut = 0;
  while (cut + 1 < pairs / 2 && 1 - 2 * below[cut + 1] >= level) cut++;
  const reachedLevel = Math.max(0, 1 - 2 * below[cut]);
  return {
    point: medianOf(differences),
    low: differences[cut],
    high: differences[pairs - 1 - cut],
    level: reachedLevel,
    reached: reachedLevel >= level,
    pValue: twoSided(a, b),
    sizes: [a.length, b.length],
  };
}

/**
 * The p-value that `values` exceed `others` by more than `beyond`: that of the two-sided test of such
 * a shift where the sum of ranks points upwards, else 1.
 */
export function exceedsPValue(
  values: readonly number[],
  others: readonly number[],
  beyond: number,
): number {
  const a = values.map((value) => value - beyond), pairs = a.length * others.length;
  return 2 * winsOf(a, others) > pairs ? twoSided(a, others) : 1;
}

/** The smallest two-sided p-value that m values of one and n of the other can give. */
export function smallestShiftPValue(m: number, n: number): number {
  return Math.min(1, 2 * cumulativeU(m, n)[0]);
}

/** The exact two-sided p-value of no shift. */
function twoSided(a: readonly number[], b: readonly number[]): number {
  const pairs = a.length * b.length, wins = winsOf(a, b);
  // Ties give halves: rounding up makes the p-value larger, never smaller.
  const fewer = Math.ceil(Math.min(wins, pairs - wins));
  return Math.min(1, 2 * cumulativeU(a.length, b.length)[fewer]);
}

/** U of 1): the pairs in which the value of `a` is the larger one, ties for half. */
function winsOf(a: readonly number[], b: readonly number[]): number {
  return wilcoxonRankSum(a as number[], b as number[]) - a.length * (a.length + 1) / 2;
}

/** What `cumulativeU` found, by m and n: a table asks for the same few again and again. */
const KNOWN = new Map<string, readonly number[]>();

/** P(U <= u) for u from 0 to m n, where all orders are alike. Exact while C(m + n, m) < 2^53. */
function cumulativeU(m: number, n: number): readonly number[] {
  const known = KNOWN.get(`${m} ${n}`);
  if (known) return known;
  const ways = new Array<number>(m * n + 1).fill(0);
  ways[0] = 1;
  // By 1), the product over i of (1 - q^(n + i)) / (1 - q^i), cut after q^(m n).
  for (let i = 1; i <= m; i++) {
    for (let u = m * n; u >= n + i; u--) ways[u] -= ways[u - n - i];
    for (let u = i; u <= m * n; u++) ways[u] += ways[u - i];
  }
  const all = ways.reduce((sum, way) => sum + way, 0);
  let sum = 0;
  const cumulative = ways.map((way) => (sum += way) / all);
  KNOWN.set(`${m} ${n}`, cumulative);
  return cumulative;
}
