/**
 * Before each block a stretch of the script runs untimed: it brings the index's own memory back into
 * the caches, where the entries before it have left theirs, and its branches into the predictor.
 */

/** At least so much of a block. */
const SHARE = 1 / 8;

/** How many steps stand before a block of `steps`: a quarter of the slots, where that is more. */
export function settlingSteps(steps: number, slots: number): number {
  return Math.min(steps, Math.max(steps * SHARE, slots / 4));
}
