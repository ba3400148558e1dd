/**
 * Many comparisons in one table. Without a correction one in twenty contenders that are the
 * baseline in disguise would be called different.
 *
 * Benjamini-Hochberg (1995), which bounds the expected share of false claims among the claims, and
 * not Bonferroni or Holm, which bound the chance of any: the smallest p-value of 8 processes is
 * 1/128, so with more than 6 comparisons those two could never claim anything, however large the
 * difference. A table is read row by row; of its claims at most 5 % false is what a reader needs.
 *
 * Comparisons within a cell share the baseline's blocks, so they are correlated. Many-to-one
 * comparisons are the positive dependence under which the bound is proved for one side (Benjamini
 * and Yekutieli 2001); two-sided it is a finding of simulations, ours among them. Their own
 * correction for any dependence whatever would cost a factor of 5 at 80 comparisons.
 *
 * What is left of the discreteness: q = 5 % and p = 1/128 mean that 15.6 % of the comparisons must
 * be unanimous before any is claimed. `processesNeeded` says when more processes would do.
 */
import { smallestPValue } from "./intervals.ts";

/** The expected share of false claims among claims that a table may have. */
export const FALSE_DISCOVERY_RATE = 0.05;

/** What may be claimed of several tests together. */
export interface Correction {
  /** One for each p-value, in order. */
  readonly each: readonly Corrected[];
  /** The number of tests, from 0. */
  readonly tests: number;
  /** The number of rejections, in [0, tests]. */
  readonly count: number;
  /** The p-value that one further test would have to reach. */
  readonly nextCutoff: number;
  /** The level of intervals for those rejected: false coverage rate (Benjamini-Yekutieli 2005). */
  readonly level: number;
}

/** One test after correction. */
export interface Corrected {
  /** Whether its null hypothesis is rejected: whether it is a claim. */
  readonly isRejected: boolean;
  /** The smallest rate at which it would be rejected, in [p-value, 1]. */
  readonly adjusted: number;
}

/**
 * Benjamini-Hochberg over the p-values of one table.
 *
 * ```ts
 * import { benjaminiHochberg } from "./multiple.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { each } = benjaminiHochberg([0.03, 0.5, 0.01, 0.02]);
 * assertEquals(each.map(({ isRejected }) => isRejected), [true, false, true, true]);
 * ```
 */
export function benjaminiHochberg(pValues: readonly number[]): Correction {
  const rate = FALSE_DISCOVERY_RATE, tests = pValues.length;
  const each = adjust(pValues).map((adjusted) => ({ isRejected: adjusted <= rate, adjusted }));
  const count = each.filter(({ isRejected }) => isRejected).length;
  const nextCutoff = tests === 0 ? rate : rate * Math.min(tests, count + 1) / tests;
  // With nothing selected there is nothing to correct: intervals stand each for itself.
  const level = 1 - (count === 0 ? rate : rate * count / tests);
  return { each, tests, count, nextCutoff, level };
}

/** The fewest processes whose unanimity would reach a p-value of `cutoff`. */
export function processesNeeded(cutoff: number): number {
  let n = 1;
  while (smallestPValue(n) > cutoff) n++;
  return n;
}

/** adjusted(i-th smallest) = the least of p(j) (tests / j) over j >= i, at most 1. */
function adjust(pValues: readonly number[]): number[] {
  const tests = pValues.length;
  const order = pValues.map((_, i) => i).toSorted((a, b) => pValues[a] - pValues[b]);
  const adjusted = new Array<number>(tests);
  let least = 1;
  for (let i = tests - 1; i >= 0; i--) {
    least = Math.min(least, pValues[order[i]] * (tests / (i + 1)));
    adjusted[order[i]] = least;
  }
  return adjusted;
}
