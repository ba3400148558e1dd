/**
 * Regimes: stretches of rounds in which an entry ran at one speed. A tier change of the engine, a
 * structure that is rebuilt or a cache that fills ends one regime and begins the next. What a race
 * reports is the last one.
 *
 * Change points are found by penalised least squares (optimal partitioning, Jackson et al. 2005),
 * with the loss of each block capped so that a preempted block is an outlier and not a regime
 * (Fearnhead and Rigaill 2019). Loss and penalty are in units of the squared noise:
 *
 * 1) A block counts min((x - m)^2 / s^2, CAP^2), where m is the median of its regime.
 * 2) A regime more costs PENALTY ln n. Pure noise gains about 2 ln ln n by a split, and one outlier
 *    at most CAP^2 = 9; the penalty is above both from 10 rounds on.
 */
import { medianAbsoluteDeviation } from "simple-statistics";
import { type Blocks, isTimed, medianOf, timed } from "./quantiles.ts";

/** The fewest rounds of a regime: in the last 3 rounds of a process no change can be seen. */
const LEAST_REGIME_ROUNDS = 4;

/** Of a longer series as many medians of neighbours are taken: the search takes their number cubed. */
const MOST_VALUES = 100;

/** The smallest change of level that counts, as a ratio - 1: smaller ones do not move a verdict. */
const LEAST_CHANGE = 0.02;

/** No block counts for more than one this many standard deviations off. */
const CAP = 3;

/** What a further regime costs, times ln(rounds), in squared standard deviations. */
const PENALTY = 4;

/** Standard deviation over median absolute deviation, for a normal distribution. */
const SIGMA_PER_MAD = 1.4826;

/** The least noise assumed, in ln(ns): the clock's own resolution in a block of 0.1 ms. */
const LEAST_NOISE = 0.001;

/** A stretch of rounds at one level. */
export interface Regime {
  /** Its first value, counted from 0 in the series. */
  readonly from: number;
  /** One past its last value. */
  readonly to: number;
  /** The median of its values. */
  readonly level: number;
}

/** How one process of an entry settled. */
export interface Settling {
  /** Rounds in which the entry was timed. */
  readonly rounds: number;
  /** How many of these came before its last regime; 0 where there is only one. */
  readonly before: number;
  /** The round at which its last regime begins, counted from 0 over all rounds of the process. */
  readonly fromRound: number;
  /** Its ns before the last change over its ns after it; 1 without a change. */
  readonly change: number;
}

/** How each of the entries of a process settled, in their order. */
export function settlings(entries: readonly Blocks[]): Settling[] {
  return levels(entries).map((all): Settling => {
    const rounds = all.flatMap((value, round) => Number.isFinite(value) ? [round] : []);
    const regimes = regimesOf(rounds.map((round) => all[round]));
    const [before, last] = regimes.slice(-2);
    if (last === undefined) {
      return { rounds: rounds.length, before: 0, fromRound: 0, change: 1 };
    }
    return {
      rounds: rounds.length,
      before: last.from,
      fromRound: rounds[last.from],
      change: Math.exp(before.level - last.level),
    };
  });
}

/**
 * For each entry ln(ns) less the effect of the round; NaN for rounds that the entry sat out. The effect
 * is what the round did to all the others alike (drift, a busy neighbour, another clock frequency):
 * the median of their excesses over their own medians, so no single entry moves it; 0 without others.
 */
export function levels(entries: readonly Blocks[]): number[][] {
  const usual = entries.map((blocks) => {
    const known = timed(blocks);
    return known.length === 0 ? NaN : Math.log(medianOf(known));
  });
  const rounds = entries.reduce((most, { length }) => Math.max(most, length), 0);
  const all = entries.map(() => new Array<number>(rounds).fill(NaN));
  for (let round = 0; round < rounds; round++) {
    const ran = entries.flatMap((blocks, entry) => {
      const ns = blocks[round];
      if (!isTimed(ns)) return [];
      const log = Math.log(ns);
      return [{ entry, log, excess: log - usual[entry] }];
    }).sort((a, b) => a.excess - b.excess);
    const excesses = ran.map(({ excess }) => excess);
    ran.forEach(({ entry, log }, at) => all[entry][round] = log - medianWithout(excesses, at));
  }
  return all;
}

/** The median of ascending values without the one at index `at`; 0 if none is left. */
function medianWithout(ascending: readonly number[], at: number): number {
  const left = ascending.length - 1, value = (i: number) => ascending[i < at ? i : i + 1];
  if (left === 0) return 0;
  return left % 2 === 1 ? value(left >> 1) : (value(left / 2 - 1) + value(left / 2)) / 2;
}

/**
 * The regimes of `series`, in order: at least one, or none for no values. A change smaller than
 * `LEAST_CHANGE` does not separate two.
 *
 * ```ts
 * import { regimesOf } from "./regimes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const noise = [0.004, -0.003, 0.001, -0.005, 0.002, 0.003, -0.001, 0.004];
 * const series = [...noise.map((x) => 1 + x), ...noise]; // the engine's next tier at round 8
 * assertEquals(regimesOf(series).map(({ from }) => from), [0, 8]);
 * ```
 */
export function regimesOf(series: readonly number[]): Regime[] {
  if (series.length === 0) return [];
  const width = Math.ceil(series.length / MOST_VALUES), coarse = medians(series, width);
  const noise = noiseOf(coarse);
  const starts = partition(coarse.map((value) => value / noise)).map((start) => start * width);
  const found = starts.map((from, i) => regime(series, from, starts[i + 1] ?? series.length));
  return merged(series, found);
}

/** The standard deviation from block to block: of neighbours' differences, so a level does not count. */
function noiseOf(series: readonly number[]): number {
  const steps = series.slice(1).map((value, i) => value - series[i]);
  if (steps.length === 0) return LEAST_NOISE;
  return Math.max(LEAST_NOISE, SIGMA_PER_MAD * medianAbsoluteDeviation(steps) / Math.SQRT2);
}

/** The median of every `width` neighbours. */
function medians(series: readonly number[], width: number): readonly number[] {
  if (width === 1) return series;
  const count = Math.ceil(series.length / width);
  return Array.from(
    { length: count },
    (_, i) => medianOf(series.slice(i * width, (i + 1) * width)),
  );
}

/** The starts of the cheapest partition of `scaled`, whose noise is 1. */
function partition(scaled: readonly number[]): number[] {
  const n = scaled.length, penalty = PENALTY * Math.log(n);
  // cost[to]: the least cost of the first `to` values; begin[to]: where their last regime begins.
  const cost = new Array<number>(n + 1).fill(Infinity), begin = new Array<number>(n + 1).fill(0);
  cost[0] = -penalty;
  for (let from = 0; from < n; from++) {
    if (cost[from] === Infinity) continue;
    // A series shorter than a regime is one all the same.
    const least = from === 0 ? Math.min(n, LEAST_REGIME_ROUNDS) : LEAST_REGIME_ROUNDS;
    lossesFrom(scaled, from).forEach((loss, i) => {
      const to = from + i + 1, all = cost[from] + penalty + loss;
      if (i + 1 >= least && all < cost[to]) [cost[to], begin[to]] = [all, from];
    });
  }
  const starts: number[] = [];
  for (let to = n; to > 0; to = begin[to]) starts.unshift(begin[to]);
  return starts;
}

/** The losses of the values from `from` up to each later end, by 1). */
function lossesFrom(values: readonly number[], from: number): number[] {
  const sorted: number[] = [];
  return values.slice(from).map((value) => {
    let at = sorted.length;
    while (at > 0 && sorted[at - 1] > value) at--;
    sorted.splice(at, 0, value);
    const half = sorted.length >> 1;
    const middle = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    let loss = 0;
    for (const each of sorted) loss += Math.min((each - middle) ** 2, CAP ** 2);
    return loss;
  });
}

/** Neighbours whose levels differ by less than counts, as one; the nearest first. */
function merged(series: readonly number[], regimes: readonly Regime[]): Regime[] {
  let all = regimes.slice();
  for (;;) {
    const gaps = all.slice(1).map(({ level }, i) => Math.abs(level - all[i].level));
    const least = Math.min(...gaps);
    if (!(least < Math.log1p(LEAST_CHANGE))) return all;
    const at = gaps.indexOf(least);
    const both = regime(series, all[at].from, all[at + 1].to);
    all = [...all.slice(0, at), both, ...all.slice(at + 2)];
  }
}

function regime(series: readonly number[], from: number, to: number): Regime {
  return { from, to, level: medianOf(series.slice(from, to)) };
}
