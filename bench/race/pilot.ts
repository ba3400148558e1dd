/**
 * What the first trials of a cell teach the later ones, and which trials are run again. Pure: from
 * trials to numbers. Neither looks at a ratio, so neither can favour an entry.
 */
import { blocksByEntry } from "../record/blocks.ts";
import type { TrialLine } from "../record/schema.ts";
import { settlings } from "../stats/regimes.ts";
import { MOST_REPEATED_SHARE, noisyTrials, trialNoise } from "../stats/trial_noise.ts";
import { WARM_UP } from "./schedule.ts";

/** Processes of a cell that are pilots: the first ones of the race, or of its shard. */
export const PILOTS = 2;

/** A change of speed in a pilot counts from this ratio on: smaller ones are noise as often as not. */
const LEAST_CHANGE = 1.1;

/** The warm-up of an entry that settled late is this many times the steps after which it settled. */
const SAFETY = 1.5;

/**
 * The entries that changed their speed in a pilot, and the steps of the warm-up that would have had
 * the change before the first block.
 */
export function lateEntries(
  trial: Pick<TrialLine, "entries" | "blocks">,
): [name: string, steps: number][] {
  const settled = settlings(blocksByEntry(trial).map(({ ns }) => ns));
  return trial.entries.flatMap(({ name, role, stepsPerBlock }, i): [string, number][] => {
    const { before, change } = settled[i];
    const isLate = before > 0 && Math.max(change, 1 / change) >= LEAST_CHANGE;
    if (!isLate || role === "floor") return [];
    return [[name, Math.ceil(SAFETY * (WARM_UP.steps + before * stepsPerBlock))]];
  });
}

/** The trials to run again for their noise, the noisiest first, of all cells together. */
export function trialsToRepeat<T extends Pick<TrialLine, "cell" | "entries" | "blocks">>(
  trials: readonly T[],
  keyOf: (trial: T) => string,
): T[] {
  const most = Math.floor(MOST_REPEATED_SHARE * trials.length);
  const noisy = [...Map.groupBy(trials, keyOf).values()].flatMap((cell) => {
    const noises = cell.map(noiseOf), known = noises.filter(Number.isFinite);
    const usual = known.toSorted((a, b) => a - b)[known.length >> 1];
    return noisyTrials(noises, most).map((i) => ({ trial: cell[i], excess: noises[i] / usual }));
  });
  return noisy.sort((a, b) => b.excess - a.excess).slice(0, most).map(({ trial }) => trial);
}

/** How noisy a trial was; see `trialNoise`. */
export function noiseOf(trial: Pick<TrialLine, "entries" | "blocks">): number {
  return trialNoise(blocksByEntry(trial).map(({ ns }) => ns));
}
