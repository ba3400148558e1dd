/**
 * What the block times of one entry say by themselves. Medians and quantiles throughout: block
 * times are skewed to the right by preemption, and a mean follows the skew.
 */
import { median, quantile } from "simple-statistics";

/** Ns per query, one for each round of a process; null or NaN where the entry sat the round out. */
export type Blocks = readonly (number | null)[];

/**
 * The share of blocks below the "undisturbed" time. A tenth, and not the minimum: the minimum of
 * many blocks is an extreme that falls as rounds are added, a decile converges.
 */
export const UNDISTURBED_SHARE = 0.1;

/** Whether a block was timed: finite and above zero (a zero is a clock too coarse, not a time). */
export function isTimed(block: number | null | undefined): block is number {
  return typeof block === "number" && Number.isFinite(block) && block > 0;
}

/** The blocks that were timed, in their order. */
export function timed(blocks: Blocks): number[] {
  return blocks.filter(isTimed);
}

/** The middle of `values`. `RangeError` if there are none. */
export function medianOf(values: readonly number[]): number {
  checkSome("take a median", values);
  return median(values as number[]);
}

/** The 10 % quantile of block times: what a query costs where nothing disturbs it. */
export function undisturbedNs(nsPerQuery: readonly number[]): number {
  checkSome("take the undisturbed time", nsPerQuery);
  return quantile(nsPerQuery as number[], UNDISTURBED_SHARE);
}

/** A fresh ascending copy; infinities allowed, NaN not. `RangeError` if there are no values. */
export function ascending(values: readonly number[]): number[] {
  checkSome("order values", values);
  if (values.some(Number.isNaN)) throw new RangeError("Cannot order values as one is NaN");
  return values.toSorted((a, b) => a < b ? -1 : a > b ? 1 : 0);
}

function checkSome(action: string, values: readonly number[]): void {
  if (values.length > 0) return;
  throw new RangeError(`Cannot ${action} as at least one value is needed: found none`);
}
