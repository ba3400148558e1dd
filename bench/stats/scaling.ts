/**
 * Results that take several cells: means over workloads, growth over slot counts, and where two
 * contenders change places. All are computed inside each process first and only then put in order
 * across processes, so that their intervals rest on what the others rest on: processes, and signs.
 *
 * Tables of this file have a row for each workload or slot count and a column for each process,
 * with NaN where a process measured nothing; a process with a hole is left out.
 */
import { linearRegression, mean } from "simple-statistics";
import { type Estimate, LEVEL, mapEstimate, signInterval, smallestPValue } from "./intervals.ts";
import { medianOf } from "./quantiles.ts";
import { LEAST_MARGIN, LOOKS_MARGIN } from "./verdict.ts";

/** A row for each workload or slot count, a column for each process. */
export type ByProcess = readonly (readonly number[])[];

/** A reason in words why a question has no answer. */
export interface CannotTell {
  readonly kind: "cannot tell";
  readonly why: string;
}

/** An estimate, or why there is none. */
export type Estimated =
  | {
    readonly kind: "estimated";
    readonly estimate: Estimate;
    /** The processes left out, as they did not measure every row. */
    readonly leftOut: number;
  }
  | CannotTell;

/** How cost grows with the number of slots: ns ~ slots ** exponent. */
export type Scaling =
  | {
    readonly kind: "scaling";
    /** Over all slot counts: 0 is constant, 1 linear; log n passes for a small one that falls. */
    readonly exponent: Estimate;
    /** Between neighbours: a curve that is no power shows here. */
    readonly local: readonly LocalExponent[];
  }
  | CannotTell;

/** The exponent between two neighbouring slot counts. */
export interface LocalExponent {
  readonly fromSlots: number;
  readonly toSlots: number;
  readonly exponent: Estimate;
}

/** Where a contender and another change places as slots are added. */
export type Crossover =
  | {
    readonly kind: "crosses";
    /** Whether the contender is the faster one below the crossing, or above it. */
    readonly wins: "below" | "above";
    /** The most slots at which the first one surely wins, among those raced. */
    readonly from: number;
    /** The fewest slots at which the other one surely wins, among those raced. */
    readonly to: number;
    /** Where the median curve, straight in ln(slots), crosses: not rounded; in [from, to]. */
    readonly near: number;
    /** The processes it rests on, those left out, and the highest level that they can reach. */
    readonly processes: number;
    readonly leftOut: number;
    readonly level: number;
  }
  /** One of them wins at every slot count that was raced. */
  | { readonly kind: "never crosses"; readonly wins: boolean }
  | CannotTell;

/**
 * The geometric mean over workloads of the ratio entry / baseline, from log-ratios. It speaks of
 * these workloads, each counting the same, and of no others: the interval is for the luck of
 * processes, not for the choice of workloads.
 *
 * ```ts
 * import { geoMeanRatio } from "./scaling.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const twice = Math.log(2), half = Math.log(1 / 2);
 * const mean = geoMeanRatio([[twice, twice, twice], [half, half, half]]);
 * if (mean.kind === "estimated") assertAlmostEquals(mean.estimate.point, 1);
 * ```
 */
export function geoMeanRatio(
  logRatios: ByProcess,
  { level = LEVEL }: { level?: number } = {},
): Estimated {
  const { columns, leftOut } = completeColumns(logRatios);
  if (columns.length === 0) return cannotTell("no process measured all workloads");
  const estimate = signInterval(columns.map((column) => mean(column)), { level });
  return { kind: "estimated", estimate: mapEstimate(estimate, Math.exp), leftOut };
}

/** The same for each process that measured all of them, in logs: what a verdict is made from. */
export function geoMeanLogs(logRatios: ByProcess): number[] {
  return completeColumns(logRatios).columns.map((column) => mean(column));
}

/**
 * The exponent of cost over slot counts, from ns per query: the least-squares slope in logs of each
 * process. `RangeError` unless `slots` ascend and have as many rows.
 */
export function scalingExponent(
  slots: readonly number[],
  nsPerQuery: ByProcess,
  { level = LEVEL }: { level?: number } = {},
): Scaling {
  checkSlots(slots, nsPerQuery);
  if (slots.length < 2) return cannotTell("growth needs two slot counts");
  const { columns } = completeColumns(nsPerQuery.map((row) => row.map(Math.log)));
  if (columns.length === 0) return cannotTell("no process measured all slot counts");
  const x = slots.map(Math.log);
  const slope = (from: number, to: number) =>
    signInterval(columns.map((y) => slopeOf(x.slice(from, to), y.slice(from, to))), { level });
  return {
    kind: "scaling",
    exponent: slope(0, slots.length),
    local: slots.slice(1).map((toSlots, i) => (
      { fromSlots: slots[i], toSlots, exponent: slope(i, i + 2) }
    )),
  };
}

/**
 * Where a contender and another change places, from ln(contender / other): a bracket of two slot
 * counts that were raced, at which the one and then the other surely wins. Between them nothing
 * proves where; `near` interpolates the median curve (made monotone by least squares).
 *
 * `RangeError` unless `slots` ascend and have as many rows.
 *
 * ```ts
 * import { crossover } from "./scaling.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const processes = (ratio: number) => Array(8).fill(Math.log(ratio));
 * const found = crossover([10, 100], [processes(0.5), processes(2)]);
 * if (found.kind === "crosses") assertEquals([found.from, found.to], [10, 100]);
 * ```
 */
export function crossover(
  slots: readonly number[],
  logRatios: ByProcess,
  { level = LEVEL }: { level?: number } = {},
): Crossover {
  checkSlots(slots, logRatios);
  const { columns, leftOut } = completeColumns(logRatios);
  if (slots.length < 2) return cannotTell("a crossing needs two slot counts");
  if (columns.length === 0) return cannotTell("no process measured all slot counts");
  const rows = slots.map((_, row) => columns.map((column) => column[row]));
  const sides = rows.map((row) => decidedSide(row, level));
  const changes = changesOf(sides);
  if (changes.length === 0) return uncrossed(slots, sides);
  if (changes.length > 1) {
    return cannotTell(`they cross more than once: before ${list(changes.map((i) => slots[i]))}`);
  }
  const [to] = changes, from = sides.findLastIndex((side, i) => i < to && side !== 0);
  const direction = sides[to] === 1 ? 1 : -1, middle = rows.map(medianOf);
  const near = crossingOf(slots.slice(from, to + 1), middle.slice(from, to + 1), direction);
  return {
    kind: "crosses",
    wins: direction === 1 ? "below" : "above",
    from: slots[from],
    to: slots[to],
    near,
    processes: columns.length,
    leftOut,
    level: 1 - smallestPValue(columns.length),
  };
}

/** The processes without a hole, each with its values in the order of rows. */
function completeColumns(rows: ByProcess): { columns: number[][]; leftOut: number } {
  const processes = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const all = Array.from({ length: processes }, (_, p) => rows.map((row) => row[p] ?? NaN));
  const columns = all.filter((column) => column.every(Number.isFinite));
  return { columns, leftOut: processes - columns.length };
}

function slopeOf(x: readonly number[], y: readonly number[]): number {
  return linearRegression(x.map((x, i) => [x, y[i]])).m;
}

/**
 * Which one wins at a slot count, beyond noise: -1 the contender, 1 the other, 0 not decided. Where there
 * are too few processes for the level, all must agree on what also makes a verdict `look` so.
 */
function decidedSide(logRatios: readonly number[], level: number): -1 | 0 | 1 {
  const { low, high, reached } = signInterval(logRatios, { level });
  const margin = Math.log1p(reached ? LEAST_MARGIN : LOOKS_MARGIN);
  return high < -margin ? -1 : low > margin ? 1 : 0;
}

/** The indexes at which the decided side is another than the one decided before. */
function changesOf(sides: readonly number[]): number[] {
  const changes: number[] = [];
  let before = 0;
  sides.forEach((side, i) => {
    if (side !== 0 && before !== 0 && side !== before) changes.push(i);
    if (side !== 0) before = side;
  });
  return changes;
}

function uncrossed(slots: readonly number[], sides: readonly number[]): Crossover {
  const open = slots.filter((_, i) => sides[i] === 0);
  if (open.length === 0) return { kind: "never crosses", wins: sides[0] === -1 };
  if (open.length === slots.length) return cannotTell("they are separated at no slot count");
  const winner = sides.includes(-1) ? "wins" : "loses";
  return cannotTell(`it ${winner} wherever they are separated, but at ${list(open)} they are not`);
}

/** Where a curve, made to rise (direction 1) or fall (-1), passes 0; it begins below and ends above. */
function crossingOf(slots: readonly number[], logRatios: readonly number[], direction: number) {
  const rising = isotonic(logRatios.map((logRatio) => direction * logRatio));
  const after = rising.findIndex((value) => value > 0);
  // rising[after - 1] <= 0 < rising[after]: the denominator is above 0, the share in [0, 1).
  const share = -rising[after - 1] / (rising[after] - rising[after - 1]);
  const from = Math.log(slots[after - 1]), to = Math.log(slots[after]);
  return Math.exp(from + share * (to - from));
}

/** The rising sequence nearest to `values` in least squares: pool adjacent violators. */
function isotonic(values: readonly number[]): number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const value of values) {
    let pool = { sum: value, count: 1 };
    // Loop invariant: the means of `pools` rise. One that would not is pooled with the one before.
    while (pools.length > 0 && meanOf(pools[pools.length - 1]) >= meanOf(pool)) {
      const { sum, count } = pools.pop()!;
      pool = { sum: sum + pool.sum, count: count + pool.count };
    }
    pools.push(pool);
  }
  return pools.flatMap((pool) => new Array<number>(pool.count).fill(meanOf(pool)));
}

function meanOf({ sum, count }: { sum: number; count: number }): number {
  return sum / count;
}

function list(slots: readonly number[]): string {
  return `${slots.join(", ")} slots`;
}

function cannotTell(why: string): CannotTell {
  return { kind: "cannot tell", why };
}

function checkSlots(slots: readonly number[], rows: ByProcess): void {
  if (rows.length !== slots.length) {
    throw new RangeError(
      `Cannot scale as each slot count needs a row: found ${slots.length} and ${rows.length}`,
    );
  }
  if (slots.every((count, i) => count > (i === 0 ? 0 : slots[i - 1]))) return;
  throw new RangeError(`Cannot scale as slot counts must ascend from above 0: found ${slots}`);
}
