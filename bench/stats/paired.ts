/**
 * One process, two entries that ran the same queries side by side in every round.
 *
 * The ratio is taken inside a round, where both met the same machine, and only then the median
 * over rounds: drift slower than a round divides out, and a preempted block is one vote of many.
 */
import { type Blocks, isTimed, medianOf, undisturbedNs } from "./quantiles.ts";

/** What one process says of an entry against another; logs are natural, above 0 is slower. */
export interface PairedProcess {
  /** The rounds in which both were timed, from 1. */
  readonly rounds: number;
  /** Median over rounds of ln(entry / base). */
  readonly logRatio: number;
  /** ln of the ratio of the two 10 % quantiles, each over those rounds. */
  readonly undisturbedLogRatio: number;
}

/**
 * Compares `entry` with `base` over the rounds from `from` on in which both were timed; null where
 * there is none. `RangeError` unless both have as many rounds.
 *
 * ```ts
 * import { pairedProcess } from "./paired.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const process = pairedProcess([11, 22, null, 99], [10, 20, 30, 40]); // the machine slows down
 * assertAlmostEquals(Math.exp(process!.logRatio), 1.1);
 * ```
 */
export function pairedProcess(
  entry: Blocks,
  base: Blocks,
  { from = 0 }: { from?: number } = {},
): PairedProcess | null {
  checkRounds(entry, base);
  const entryNs: number[] = [], baseNs: number[] = [];
  for (let round = from; round < entry.length; round++) {
    const ns = entry[round], other = base[round];
    if (!isTimed(ns) || !isTimed(other)) continue;
    entryNs.push(ns);
    baseNs.push(other);
  }
  if (entryNs.length === 0) return null;
  return {
    rounds: entryNs.length,
    logRatio: medianOf(entryNs.map((ns, i) => Math.log(ns / baseNs[i]))),
    undisturbedLogRatio: Math.log(undisturbedNs(entryNs) / undisturbedNs(baseNs)),
  };
}

/** ln(entry / base), round by round; NaN where one of them was not timed. */
export function pairedLogRatios(entry: Blocks, base: Blocks): number[] {
  checkRounds(entry, base);
  return entry.map((ns, round) => {
    const baseNs = base[round];
    return isTimed(ns) && isTimed(baseNs) ? Math.log(ns / baseNs) : NaN;
  });
}

function checkRounds(entry: Blocks, base: Blocks): void {
  if (entry.length === base.length) return;
  throw new RangeError(
    `Cannot pair blocks as rounds must agree: found ${entry.length} and ${base.length}`,
  );
}
