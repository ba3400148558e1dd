/**
 * Whether a run may be believed, from its own blocks. A check fails only on what all processes of a
 * cell share: scatter is what intervals are for, a common shift is what they cannot see.
 */
import { type Blocks, isTimed, medianOf, timed } from "./quantiles.ts";
import { pairedLogRatios } from "./paired.ts";
import {
  LEAST_PROCESSES,
  LEAST_PROCESSES_TO_LOOK,
  LOOKS_MARGIN,
  percent,
  sharedShift,
} from "./verdict.ts";

/** The baseline's twin may differ from it by so much, ratio - 1. */
export const TWIN_LIMIT = 0.01;
/**
 * Being first in a round may cost so much over being last, ratio - 1. Balanced orders cancel it; if
 * it is larger, the one who ran before may matter as well, and that does not cancel.
 */
export const ORDER_LIMIT = 0.05;
/** From the first half of the rounds to the second a ratio may change by so much, ratio - 1. */
export const DRIFT_LIMIT = 0.02;
/** A block of more than so many times its entry's median was preempted. */
export const PREEMPTED_MULTIPLE = 1.5;
/**
 * So large a share of blocks may be preempted. With a share s, 1 - (1 - s)^2 of the pairs have a
 * block that was: 44 % at a quarter, and the median needs more than half of the pairs to be clean.
 */
export const PREEMPTED_LIMIT = 0.25;

/** What is checked. */
export type CheckName = "A/A" | "order effect" | "preempted blocks" | "steady state";

/** The outcome of a check; `measured` and `limit` in the unit of the limit's constant. */
export type Check =
  | {
    readonly kind: "passed" | "failed";
    readonly name: CheckName;
    readonly measured: number;
    readonly limit: number;
    /** As in `order effect 7.1 % (limit 5 %)`. */
    readonly words: string;
  }
  | { readonly kind: "not known"; readonly name: CheckName; readonly why: string };

/** The place in its round at which an entry ran, round by round, from 0; null where it sat out. */
export type Positions = readonly (number | null)[];

/** The twin against the baseline, from the log-ratio of each process. */
export function checkTwin(logRatios: readonly number[]): Check {
  return checkShift("A/A", logRatios, TWIN_LIMIT);
}

/** The cost of running first, from `orderEffect` of each process. */
export function checkOrder(effects: readonly number[]): Check {
  return checkShift("order effect", effects, ORDER_LIMIT);
}

/** One entry's change against the baseline, from `driftOf` of each process. */
export function checkSteady(drifts: readonly number[]): Check {
  return checkShift("steady state", drifts, DRIFT_LIMIT);
}

/** The blocks preempted, from `preemptedShare` of each process. */
export function checkPreempted(shares: readonly number[]): Check {
  const name = "preempted blocks", known = shares.filter(Number.isFinite);
  if (known.length === 0) return { kind: "not known", name, why: "no block was timed" };
  return outcome(name, medianOf(known), PREEMPTED_LIMIT);
}

/** Why a comparison is not valid: the words of those checks that failed. */
export function problemsOf(checks: readonly Check[]): string[] {
  return checks.flatMap((check) => check.kind === "failed" ? [check.words] : []);
}

/**
 * ln of the cost of running first in a round over running last, in one process; NaN where no round
 * had two entries. Each block counts by its excess over the median of its entry, and the first is
 * compared with the last of the same round, so that neither the speed of entries nor drift is taken
 * for an effect of order.
 */
export function orderEffect(blocks: readonly Blocks[], positions: readonly Positions[]): number {
  const usual = blocks.map((row) => timed(row).length === 0 ? NaN : medianOf(timed(row)));
  const effects: number[] = [];
  const rounds = Math.max(0, ...blocks.map((row) => row.length));
  for (let round = 0; round < rounds; round++) {
    const ran = blocks.flatMap((row, entry) => {
      const ns = row[round], position = positions[entry]?.[round];
      if (!isTimed(ns) || typeof position !== "number") return [];
      return [{ position, excess: Math.log(ns / usual[entry]) }];
    }).toSorted((a, b) => a.position - b.position);
    if (ran.length < 2) continue;
    effects.push(ran[0].excess - ran[ran.length - 1].excess);
  }
  return effects.length === 0 ? NaN : medianOf(effects);
}

/** The share of timed blocks, of all entries of one process, that took far longer than usual. */
export function preemptedShare(blocks: readonly Blocks[]): number {
  let preempted = 0, all = 0;
  for (const ns of blocks.map(timed).filter((ns) => ns.length > 0)) {
    const limit = PREEMPTED_MULTIPLE * medianOf(ns);
    preempted += ns.filter((ns) => ns > limit).length;
    all += ns.length;
  }
  return all === 0 ? NaN : preempted / all;
}

const LEAST_ROUNDS_TO_DRIFT = 16;

/**
 * How ln(entry / base) changed from the first half of the rounds to the second, in one process; NaN
 * for fewer than 16 rounds, of which a half is a few blocks only. A ratio, and not the entry alone: the machine may drift, and does, but
 * an entry that drifts against the baseline was still being compiled. For the baseline itself, take
 * the floor as its base.
 */
export function driftOf(entry: Blocks, base: Blocks): number {
  const logRatios = pairedLogRatios(entry, base).filter(Number.isFinite);
  if (logRatios.length < LEAST_ROUNDS_TO_DRIFT) return NaN;
  const half = Math.floor(logRatios.length / 2);
  return medianOf(logRatios.slice(-half)) - medianOf(logRatios.slice(0, half));
}

function checkShift(name: CheckName, shifts: readonly number[], limit: number): Check {
  const known = shifts.filter(Number.isFinite), n = known.length;
  if (n < LEAST_PROCESSES_TO_LOOK) {
    return { kind: "not known", name, why: `${n} processes measured it` };
  }
  // A few processes agree by chance now and then: they must agree on more.
  const wide = n < LEAST_PROCESSES ? Math.max(limit, LOOKS_MARGIN) : limit;
  return outcome(name, Math.expm1(sharedShift(known)), wide);
}

function outcome(name: CheckName, measured: number, limit: number): Check {
  const words = `${name} ${percent(measured)} (limit ${percent(limit)})`;
  return { kind: measured > limit ? "failed" : "passed", name, measured, limit, words };
}
