/**
 * Decides whether an index is right, for the race, check-index, soak and the tests: plays fixed
 * histories, then random ones, and compares each call with a model. A fault is shortened and put into
 * words.
 */
import { type Random, random } from "../workloads/random.ts";
import { Difference, type Listener } from "./duel.ts";
import { FIXED_HISTORIES } from "./fixed.ts";
import type { Scale } from "./ground.ts";
import type { Create } from "./load.ts";
import { type Action, type Options, playHistory } from "./player.ts";
import { differenceOf, shorten } from "./shrink.ts";

/** Why an index is not right. */
export interface Fault {
  /** Whether it gave a wrong answer or threw. */
  readonly kind: "wrong" | "threw";
  /** What was done and what came of it, in a sentence. */
  readonly words: string;
}

/** The size of history number `history`, from 0; `random` is the history's own. */
export type Plan = (
  history: number,
  random: Random,
) => Pick<Options, "scale" | "actions" | "sweepEvery">;

/** How much is tried. */
export interface Effort {
  /** Any integer from 0; the same seed gives the same histories. */
  readonly seed: number;
  /** Random histories to try, at least 1. */
  readonly histories: number;
  /** By default `usual()`. */
  readonly plan?: Plan;
  /** Upper limit for shortening a fault, in ms; most need a tenth of it. */
  readonly shortenMs?: number;
  /** Counts what is tried. */
  readonly tally?: Tally;
  /** Called before each history. */
  readonly onHistory?: () => void;
  /** Called before each call of the index. */
  readonly listener?: Listener;
}

/** What was tried without a fault. */
export interface Tally {
  /** Random histories. */
  histories: number;
  /** Calls, those of sweeps not counted. */
  steps: number;
  /** The most slots that an index held at the end of a history. */
  slots: number;
  /** Times that each kind of action was done. */
  actions: Partial<Record<Action, number>>;
}

/** A tally of nothing. */
export function emptyTally(): Tally {
  return { histories: 0, steps: 0, slots: 0, actions: {} };
}

/** Actions of the longest history unless told otherwise. */
export const LONGEST = 120;

/** A few slots, so that most faults are found in a short history. */
const TINY: Scale = { sizes: [0, 1, 2, 3, 6], burst: 3 };
/** As many slots as ordinary guests have. */
const SMALL: Scale = { sizes: [0, 1, 3, 9, 40, 128], burst: 64 };
/** Enough slots for structures of several levels. */
const LARGE: Scale = { sizes: [600, 1200, 3000], burst: 2048 };
/** As many slots as KVM allows. */
const HUGE: Scale = { sizes: [32_764], burst: 2048 };
/** The first histories are tiny, this many. */
const TINY_FIRST = 32;
/** One history in LARGE_ONE_IN is large, one in HUGE_ONE_IN huge, with LARGE_LONGEST actions at most. */
const LARGE_ONE_IN = 32, HUGE_ONE_IN = 224, LARGE_LONGEST = 24;

/** Tiny histories, then small ones, of up to `longest` actions. */
export function small(longest: number = LONGEST): Plan {
  return (history, { int }) => {
    return { scale: history < TINY_FIRST ? TINY : SMALL, actions: int(1, longest) };
  };
}

/** As `small`, with some histories of thousands of slots. */
export function usual(longest: number = LONGEST): Plan {
  const most = Math.min(longest, LARGE_LONGEST), others = small(longest);
  return (history, random) => {
    if (history < TINY_FIRST || history % LARGE_ONE_IN > 0) return others(history, random);
    const scale = history % HUGE_ONE_IN === 0 ? HUGE : LARGE;
    return { scale, actions: random.int(1, most) };
  };
}

/** The first fault found in the indexes that `create` makes, shortened; null if there is none. */
export function findFault(create: Create, effort: Effort): Fault | null {
  const { histories, shortenMs = 4000, onHistory, listener } = effort;
  try {
    for (const history of FIXED_HISTORIES) {
      onHistory?.();
      const difference = differenceOf(create, history, listener);
      if (difference !== null) throw difference;
    }
    for (let i = 0; i < histories; i++) {
      onHistory?.();
      play(create, i, effort);
    }
    return null;
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    const { kind, message } = shorten(create, error, shortenMs);
    return { kind, words: message };
  }
}

/** Plays history number `i` and counts what is in it. */
function play(create: Create, i: number, effort: Effort): void {
  const { seed, plan = usual(), tally = emptyTally(), listener } = effort;
  const draw = random(seed, "history", i);
  const onAction = (action: Action) => {
    tally.actions[action] = (tally.actions[action] ?? 0) + 1;
  };
  const options = { ...plan(i, draw), onAction, ...(listener ? { listener } : {}) };
  const duel = playHistory(create, draw, options);
  tally.histories++;
  tally.steps += duel.length;
  tally.slots = Math.max(tally.slots, duel.modelOf("A")!.slots.length);
}
