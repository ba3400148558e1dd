/**
 * How noisy one trial was. It looks at the scatter of each entry about itself and never at a ratio,
 * so repeating a noisy trial cannot favour any contender.
 */
import { medianAbsoluteDeviation } from "simple-statistics";
import { type Blocks, medianOf, timed } from "./quantiles.ts";

/** A trial noisier than its cell's median by this factor is run again. */
export const NOISY_MULTIPLE = 1.5;

/** At most this share of a race's trials is run again. */
export const MOST_REPEATED_SHARE = 0.2;

/** Fewer blocks than this have no scatter worth the name. */
const LEAST_BLOCKS = 4;

/**
 * The noise of a trial: the median over entries of the median absolute deviation of ln(ns), a
 * relative scatter (0.01 is 1 %). NaN if no entry has 4 blocks.
 */
export function trialNoise(entries: readonly Blocks[]): number {
  const scatters = entries.map(timed).filter((ns) => ns.length >= LEAST_BLOCKS)
    .map((ns) => medianAbsoluteDeviation(ns.map(Math.log)));
  return scatters.length === 0 ? NaN : medianOf(scatters);
}

/**
 * Which of a cell's trials to run again, by index, the noisiest first, at most `most` of them. Fewer
 * than 3 trials have no median to be noisier than.
 *
 * ```ts
 * import { noisyTrials } from "./trial_noise.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(noisyTrials([0.01, 0.012, 0.05, 0.011, 0.02], 1), [2]);
 * ```
 */
export function noisyTrials(noises: readonly number[], most: number): number[] {
  const known = noises.filter(Number.isFinite);
  if (known.length < 3) return [];
  const limit = NOISY_MULTIPLE * medianOf(known);
  return noises.map((noise, trial) => ({ noise, trial }))
    .filter(({ noise }) => noise > limit)
    .sort((a, b) => b.noise - a.noise).slice(0, most).map(({ trial }) => trial);
}
