/**
 * Races that never ran, for tests of the statistics: block times with everything that real ones
 * have (skew, spikes of preemption, drift, a draw of luck for each process), and a truth to hit.
 */
import { AssertionError } from "@std/assert";
import type { Comparison } from "../../bench/stats/verdict.ts";
import { pairedProcess } from "../../bench/stats/paired.ts";

/** Draws in [0, 1), the same ones for the same seed. */
export type Random = () => number;

/** The seed of every simulation; `SEED=7 deno test -A` for another. */
export const SEED = Number(Deno.env.get("SEED") ?? 20260);

/** Mulberry32 (Tommy Ettinger, 2017). */
export function seeded(seed: number = SEED): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = (mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed)) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** A normal draw, mean 0 and standard deviation 1 (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A draw with median 0 and standard deviation 1 that is skewed to the right. */
export function skewed(random: Random): number {
  return -Math.log(1 - random()) - Math.LN2;
}

/** A list of `length` draws. */
export function draws(length: number, draw: (i: number) => number): number[] {
  return Array.from({ length }, (_, i) => draw(i));
}

/** What a simulated cell is like; `ratio` is the truth. */
export interface Model {
  readonly ratio: number;
  readonly processes: number;
  readonly rounds: number;
  /** Standard deviation between processes, of ln(entry / baseline). */
  readonly luck: number;
  readonly draw: (random: Random) => number;
}

/** One process of a cell: the blocks of the baseline and of an entry. */
export function simulateProcess(
  random: Random,
  { ratio, rounds, luck, draw }: Model,
): { base: number[]; entry: number[] } {
  const slope = 0.2 * normal(random), offset = Math.exp(luck * draw(random));
  const common = draws(rounds, (round) => 50 * Math.exp(slope * round / rounds));
  const block = (ns: number) => ns * Math.exp(0.05 * skewed(random)) * spike(random);
  return {
    base: common.map((ns) => block(ns)),
    entry: common.map((ns) => block(ns * ratio * offset)),
  };
}

/** The process medians of a simulated cell. */
export function simulateLogRatios(random: Random, model: Model): number[] {
  return draws(model.processes, () => {
    const { base, entry } = simulateProcess(random, model);
    return pairedProcess(entry, base)!.logRatio;
  });
}

/** Comparisons whose process medians are normal around `ratio`. */
export function simulateTable(
  random: Random,
  { cells, ratio, processes, luck }: {
    cells: number;
    ratio: number;
    processes: number;
    luck: number;
  },
): Comparison[] {
  return Array.from({ length: cells }, () => ({
    logRatios: draws(processes, () => Math.log(ratio) + luck * normal(random)),
    problems: [],
  }));
}

/**
 * Fails where `hits` of `runs` contradicts a chance of at least, or at most, so much: by more than
 * four standard deviations, so an honest test fails with one seed in 30,000.
 */
export function assertShare(
  hits: number,
  { runs, atLeast = 0, atMost = 1 }: { runs: number; atLeast?: number; atMost?: number },
): void {
  const slack = (chance: number) => 4 * Math.sqrt(runs * chance * (1 - chance)) + 1;
  if (hits >= runs * atLeast - slack(atLeast) && hits <= runs * atMost + slack(atMost)) return;
  throw new AssertionError({
    message: `Expected a share in [${atLeast}, ${atMost}], found ${hits} of ${runs}; SEED=${SEED}`,
  });
}

function spike(random: Random): number {
  return random() < 0.05 ? 2 + 8 * random() : 1;
}
