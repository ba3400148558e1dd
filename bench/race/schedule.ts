/**
 * How a trial is cut: how much warm-up, how many steps a block, how many rounds, and how many steps
 * settle an entry before each block. Pure: from calibrated times to numbers; a trial process does what they say.
 */
import type { Entry, TrialLine } from "../record/schema.ts";
import { loopOf } from "../workloads/script.ts";
import type { Course } from "../workloads/workloads.ts";

// As they are before any contender is loaded, which might change them.
const { floor, max, min, round } = Math;

/** How long something runs: until `steps` and `leastMs` are reached, or `mostMs`. */
export interface Effort {
  /** Steps of the script. */
  readonly steps: number;
  /** ms that it takes at least. */
  readonly leastMs: number;
  /** ms after which it ends, however few its steps. */
  readonly mostMs: number;
}

/**
 * The warm-up before the first block. 160,000 steps: unrolled code reached its last tier after
 * 145,000. 10 ms: V8 compiles on another thread, which takes longer than fast loops take for their
 * steps. 45 ms: the slowest entries reach their last tier after fewer steps.
 */
export const WARM_UP: Effort = Object.freeze({ steps: 160_000, leastMs: 10, mostMs: 45 });

/** ms of the longest warm-up, for an entry of which a pilot has shown that it settles late. */
const LONGEST_WARM_UP_MS = 250;

/** The warm-up of an entry that settled in the pilot after this number of steps; null without a pilot. */
export function warmUpOf(settlesAfter: number | null): Effort {
  if (settlesAfter === null) return WARM_UP;
  const steps = max(WARM_UP.steps, settlesAfter);
  return { ...WARM_UP, steps, mostMs: LONGEST_WARM_UP_MS };
}

/** Steps of the longest stretch of a warm-up, so that entries warm up side by side. */
const LONGEST_STRETCH = 10_000;

/** Steps checked before the race, untimed; the timed loop checks all steps that it runs. */
const CHECKED_STEPS = 1_000;

/** Changes that are checked before the race, with lookups that some rebuild for: O(slots). */
const CHECKED_CHANGES = 200;

/** ns of the baseline's block: far above the clock's own 100, far below a scheduler's tick. */
const BLOCK_NS = 500_000;

/** ns that a block of the fastest entry lasts at least, so that the clock adds below 0.1 %. */
export const LEAST_BLOCK_NS = 100_000;

/** A calibrated time, ns a step, counts as this at least, so that the number of steps stays finite. */
const LEAST_NS = 0.1;

/** ns of a block at most, where it has more than two steps: the block of a slow entry has fewer. */
const MOST_BLOCK_NS = 2_000_000;

/**
 * ns of all blocks of a trial: where a round is longer, rounds are fewer. Long blocks vary little, and
 * layouts, which are drawn for each process, vary most: at 32,764 slots blocks are 6 to 22 % of the
 * variance of a ratio.
 */
const MOST_ROUNDS_NS = 500e6;

/**
 * Rounds that are never cut by `MOST_ROUNDS_NS`. Every entry runs in every round: below 16 of them
 * a change of its speed cannot be told from noise.
 */
const FEWEST_ROUNDS = 16;

/** Share of a block's steps that runs untimed before it, at least; see `settlingSteps`. */
const SETTLING_SHARE = 1 / 8;

/** ns after which the caches hold an index again: it reads 1 MB or more meanwhile. */
const SETTLED_NS = 250_000;

/** An entry as calibration found it. */
export interface Calibrated {
  /** `twin` is the baseline's measure, `floor` is left out of account. */
  readonly role: Entry["role"];
  /** ns a step; Infinity for an entry that is out of the race. */
  readonly nsPerStep: number;
}

/** A trial's plan. */
export interface Schedule {
  readonly rounds: number;
  /** Steps by which a round moves on in the script: a block's, unless `MOST_BLOCK_NS` makes it shorter. */
  readonly steps: number;
  /** Steps of each entry's blocks: even, as a script of changes is cut between closed loops. */
  readonly blocks: readonly number[];
  /** Steps that each entry runs untimed before a block: even. */
  readonly settling: readonly number[];
}

/**
 * The schedule for these entries on a map of `slots` slots, of `planned` rounds or fewer. The blocks of
 * a recording, which has `passSteps`, are whole passes: its phases differ, and a cut would time one
 * of them.
 */
export function scheduleOf(
  entries: readonly Calibrated[],
  { planned, slots, passSteps = null }: {
    readonly planned: number;
    readonly slots: number;
    readonly passSteps?: number | null;
  },
): Schedule {
  const baseline = baselineNs(entries);
  const loop = passSteps === null ? 2 : evenSteps(passSteps - 1);
  const steps = wholeLoops(stepsPerRound(entries, baseline), loop);
  const blocks = entries.map(({ nsPerStep }) => {
    return wholeLoops(
      Number.isFinite(nsPerStep) ? min(steps, MOST_BLOCK_NS / nsPerStep) : steps,
      loop,
    );
  });
  const roundNs = entries.reduce((ns, { nsPerStep }, i) => {
    return ns + (Number.isFinite(nsPerStep) ? blocks[i] * nsPerStep : 0);
  }, 0);
  const most = passSteps === null ? floor(MOST_ROUNDS_NS / roundNs) : FEWEST_ROUNDS;
  const rounds = min(planned, max(FEWEST_ROUNDS, most));
  const settling = entries.map(({ nsPerStep }, i) => {
    return evenSteps(settlingSteps({ steps: blocks[i], nsPerStep, slots }));
  });
  return { rounds, steps, blocks, settling };
}

/** ns a step of the baseline, by its twin; of the fastest entry where the twin is out. */
function baselineNs(entries: readonly Calibrated[]): number {
  const twin = entries.find(({ role }) => role === "twin")?.nsPerStep ?? Infinity;
  return Number.isFinite(twin) ? twin : min(BLOCK_NS, fastestNs(entries));
}

/** ns a step of the fastest entry, the floor apart. */
function fastestNs(entries: readonly Calibrated[]): number {
  return min(...entries.filter(({ role }) => role !== "floor").map(({ nsPerStep }) => nsPerStep));
}

function stepsPerRound(entries: readonly Calibrated[], baseline: number): number {
  const nsOf = (nsPerStep: number) => max(LEAST_NS, nsPerStep);
  return max(BLOCK_NS / nsOf(baseline), LEAST_BLOCK_NS / nsOf(fastestNs(entries)));
}

/** Whether these steps and ms complete `effort`. */
export function isEnough({ steps, ms }: { steps: number; ms: number }, effort: Effort): boolean {
  return ms > effort.mostMs || (steps > effort.steps && ms > effort.leastMs);
}

/** Steps of the next stretch of a warm-up of `done` steps: longer and longer ones, in whole loops. */
export function stretchSteps(done: number, first: number, loop = 2): number {
  return wholeLoops(min(LONGEST_STRETCH, done + first), loop);
}

/** Steps of a script that are checked before the race. */
export function checkedSteps(isOfChanges: boolean): number {
  return isOfChanges ? CHECKED_CHANGES : CHECKED_STEPS;
}

/**
 * Steps that run untimed before a block of `steps` steps: they bring the index's memory back into
 * the caches, where the entries before it have left theirs, and its branches into the predictor. An
 * eighth of the block; where that is less, a quarter of the slots or what runs in a quarter of a
 * millisecond, but never more than the block.
 */
export function settlingSteps(
  { steps, nsPerStep, slots }: {
    readonly steps: number;
    readonly nsPerStep: number;
    readonly slots: number;
  },
): number {
  return min(steps, max(steps * SETTLING_SHARE, min(slots / 4, SETTLED_NS / nsPerStep)));
}

/** The nearest even number from 2 up: a script of changes is cut between its closed loops. */
export function evenSteps(steps: number): number {
  return wholeLoops(steps, 2);
}

/** The nearest number of steps that is a multiple of those of a closed loop, from one loop up. */
export function wholeLoops(steps: number, loop: number): number {
  return max(loop, loop * round(steps / loop));
}

/** The steps of a script in which about `steps` calls are made, in whole loops of it. */
export function stepsOf(steps: number, { script }: Course): number {
  const own = script.kind === "calls" ? steps * script.length / script.calls.length : steps;
  return wholeLoops(own, loopOf(script));
}

/**
 * ns a step of each entry's fastest block; Infinity for an entry without one. `steps` has the steps of
 * each entry's blocks. Preemption only adds time: on a busy machine medians of a few blocks are those
 * of the preempted ones, fastest blocks are not.
 */
export function fastestPerStep(
  { entry, ns }: Pick<TrialLine["blocks"], "entry" | "ns">,
  steps: readonly number[],
): number[] {
  const fastest = steps.map(() => Infinity);
  for (let k = 0; k < ns.length; k++) {
    fastest[entry[k]] = min(fastest[entry[k]], ns[k] / steps[entry[k]]);
  }
  return fastest;
}
