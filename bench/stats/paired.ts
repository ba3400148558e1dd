/**
 * One process, two entries that ran the same queries side by side in every round.
 *
 * The ratio is taken inside a round, where both met the same machine, and only then the median
 * over rounds: drift slower than a round divides out, and a preempted block is one vote of many.
 */
import { type Blocks, isTimed, medianOf, timed, undisturbedNs } from "./quantiles.ts";

/** Below this many shared rounds a process median is little better than a single block. */
export const FEW_ROUNDS = 5;

/** What one process says of an entry against another; all logs natural, above 0 is slower. */
export type PairedProcess =
  | {
    readonly kind: "measured";
    /** Rounds in which both were timed. */
    readonly rounds: number;
    /** The entry's median ns per query, over those rounds. */
    readonly nsPerQuery: number;
    /** Median over rounds of ln(entry / base). */
    readonly logRatio: number;
    /** ln of the ratio of the two 10 % quantiles, each over those rounds. */
    readonly undisturbedLogRatio: number;
    readonly warnings: readonly string[];
  }
  | { readonly kind: "not measured"; readonly why: string };

/**
 * Compares `entry` with `base` over the rounds from `from` on in which both were timed. `RangeError`
 * unless both have as many rounds.
 *
 * ```ts
 * import { pairedProcess } from "./paired.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const process = pairedProcess([11, 22, null, 99], [10, 20, 30, 40]); // the machine slows down
 * if (process.kind === "measured") assertAlmostEquals(Math.exp(process.logRatio), 1.1);
 * ```
 */
export function pairedProcess(
  entry: Blocks,
  base: Blocks,
  { from = 0 }: { from?: number } = {},
): PairedProcess {
  checkRounds(entry, base);
  const shared = sharedRounds(entry.slice(from), base.slice(from));
  const rounds = shared.length;
  if (rounds === 0) return { kind: "not measured", why: whyNone(entry, base) };
  const entryNs = shared.map((pair) => pair.entry), baseNs = shared.map((pair) => pair.base);
  return {
    kind: "measured",
    rounds,
    nsPerQuery: medianOf(entryNs),
    logRatio: medianOf(shared.map((pair) => Math.log(pair.entry / pair.base))),
    undisturbedLogRatio: Math.log(undisturbedNs(entryNs) / undisturbedNs(baseNs)),
    warnings: rounds < FEW_ROUNDS ? [`only ${rounds} rounds; ask for more blocks`] : [],
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

/** The log-ratios of those processes that measured one, in their order. */
export function measuredLogRatios(processes: readonly PairedProcess[]): number[] {
  return processes.flatMap((process) => process.kind === "measured" ? [process.logRatio] : []);
}

function sharedRounds(entry: Blocks, base: Blocks): { entry: number; base: number }[] {
  return entry.flatMap((ns, round) => {
    const baseNs = base[round];
    return isTimed(ns) && isTimed(baseNs) ? [{ entry: ns, base: baseNs }] : [];
  });
}

function whyNone(entry: Blocks, base: Blocks): string {
  if (timed(entry).length === 0) return "the entry was never timed";
  if (timed(base).length === 0) return "the base was never timed";
  return "no round timed both";
}

function checkRounds(entry: Blocks, base: Blocks): void {
  if (entry.length === base.length) return;
  throw new RangeError(
    `Cannot pair blocks as rounds must agree: found ${entry.length} and ${base.length}`,
  );
}
