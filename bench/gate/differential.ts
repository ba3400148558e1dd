/**
 * Is an index right? The gate of the race, of check-index, of soak and of the tests: fixed histories,
 * then random ones, each call compared with a model. What fails is shortened and told.
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

/** How large history number `history`, from 0, is to be; `random` is its own. */
export type Plan = (
  history: number,
  random: Random,
) => Pick<Options, "scale" | "actions" | "sweepEvery">;

/** How long to look for a fault, and where. */
export interface Effort {
  /** The same histories for the same seed, any integer from 0. */
  readonly seed: number;
  /** Random histories to try, at least 1. */
  readonly histories: number;
  /** By default `usual()`. */
  readonly plan?: Plan;
  /** How long a fault is made shorter, in ms; most take a tenth of it. */
  readonly shortenMs?: number;
  /** Counts what is tried. */
  readonly tally?: Tally;
  /** Hears of each history as it begins. */
  readonly onHistory?: () => void;
  /** Hears of each call of the index before it is made. */
  readonly listener?: Listener;
}

/** What was tried and found right. */
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

/** A few slots, so that what goes wrong is soon told in a few words. */
const TINY: Scale = { sizes: [0, 1, 2, 3, 6], burst: 3 };
/** As many as real guests have. */
const SMALL: Scale = { sizes: [0, 1, 3, 9, 40, 128], burst: 64 };
/** Structures of many levels have them all. */
const LARGE: Scale = { sizes: [600, 1200, 3000], burst: 2048 };
/** As many slots as KVM allows. */
const HUGE: Scale = { sizes: [32_764], burst: 2048 };
/** As many histories come first that are tiny. */
const TINY_FIRST = 32;
/** One history in as many is large, and one in as many huge; the most actions that they have. */
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

/** Looks for a fault in the indexes that `create` gives; null if none is found. */
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
