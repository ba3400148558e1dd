import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  type Crossover,
  crossover,
  geoMeanRatio,
  scalingExponent,
} from "../../bench/stats/scaling.ts";
import { assertShare, draws, normal, type Random, seeded, skewed } from "../support/stats_model.ts";

const SLOTS = [1, 2, 4, 8, 16, 32];

/** Rows for `slots`, columns for processes. */
function table(
  slots: readonly number[],
  processes: number,
  value: (slots: number, process: number) => number,
): number[][] {
  return slots.map((count) => draws(processes, (process) => value(count, process)));
}

/** Process medians of ln(scan / tree), which cross at `at` slots. */
function simulateCrossing(random: Random, at: number, luck: number): number[][] {
  const offsets = draws(8, () => luck * skewed(random));
  return table(
    SLOTS,
    8,
    (slots, process) => 0.3 * Math.log(slots / at) + offsets[process] + luck * normal(random),
  );
}

Deno.test("geoMeanRatio is the same whichever entry is the base", () => {
  const logs = [[Math.log(1.5), Math.log(1.6)], [Math.log(0.9), Math.log(0.8)]];
  const there = geoMeanRatio(logs), back = geoMeanRatio(logs.map((row) => row.map((x) => -x)));
  assert(there.kind === "estimated" && back.kind === "estimated");
  assertAlmostEquals(there.estimate.point * back.estimate.point, 1);
  const each = [Math.sqrt(1.5 * 0.9), Math.sqrt(1.6 * 0.8)];
  assertAlmostEquals(there.estimate.high, each[0]);
  assertAlmostEquals(there.estimate.low, each[1]);
});

Deno.test("geoMeanRatio leaves out a process with a hole, and says so", () => {
  const mean = geoMeanRatio([[0, NaN, 0, 0], [0, 1, 0, 0]]);
  assert(mean.kind === "estimated");
  assertEquals(mean.estimate.n, 3);
  assertEquals(mean.leftOut, 1);
  assertEquals(geoMeanRatio([[NaN], [1]]).kind, "cannot tell");
  assertEquals(geoMeanRatio([]).kind, "cannot tell");
});

Deno.test("geoMeanRatio covers the truth over workloads with luck in common", () => {
  const random = seeded(), runs = 2000, truths = [0.8, 1, 1.1, 1.4, 2].map(Math.log);
  let covered = 0;
  for (let run = 0; run < runs; run++) {
    const luck = draws(8, () => 0.03 * skewed(random));
    const mean = geoMeanRatio(truths.map((truth) => luck.map((luck) => truth + luck)));
    assert(mean.kind === "estimated");
    const truth = Math.exp(truths.reduce((a, b) => a + b) / 5);
    if (mean.estimate.low <= truth && truth <= mean.estimate.high) covered++;
  }
  assertShare(covered, { runs, atLeast: 1 - 2 / 256, atMost: 1 - 2 / 256 });
});

Deno.test("scalingExponent finds the power of a power, and the slopes of what is none", () => {
  const power = scalingExponent(SLOTS, table(SLOTS, 3, (n) => 7 * n ** 0.75));
  assert(power.kind === "scaling");
  assertAlmostEquals(power.exponent.point, 0.75, 1e-12);
  const bent = scalingExponent(SLOTS, table(SLOTS, 3, (n) => 8 + n));
  assert(bent.kind === "scaling");
  assertEquals(bent.local.map(({ fromSlots }) => fromSlots), SLOTS.slice(0, -1));
  const slopes = bent.local.map(({ exponent }) => exponent.point);
  assertAlmostEquals(slopes[4], Math.log2(40 / 24));
  assert(slopes.every((slope, i) => i === 0 || slope > slopes[i - 1]), "slopes rise");
});

Deno.test("scalingExponent covers the truth though processes differ by a tenth", () => {
  const random = seeded(), runs = 1000;
  let covered = 0;
  for (let run = 0; run < runs; run++) {
    const speeds = draws(8, () => Math.exp(0.1 * skewed(random)));
    const scaling = scalingExponent(
      SLOTS,
      table(SLOTS, 8, (n, p) => n ** 0.5 * speeds[p] * Math.exp(0.02 * normal(random))),
    );
    assert(scaling.kind === "scaling");
    const { low, high } = scaling.exponent;
    if (low <= 0.5 && 0.5 <= high) covered++;
    assert(high - low < 0.06, "the speed of a process is not its growth");
  }
  assertShare(covered, { runs, atLeast: 1 - 2 / 256, atMost: 1 - 2 / 256 });
});

Deno.test("scalingExponent refuses slot counts that do not ascend", () => {
  assertThrows(() => scalingExponent([2, 1], [[1], [1]]), RangeError, "must ascend");
  assertThrows(() => scalingExponent([1, 2], [[1]]), RangeError, "needs a row: found 2 and 1");
  assertEquals(scalingExponent([4], [[1]]).kind, "cannot tell");
  assertEquals(scalingExponent([1, 2], [[1], [NaN]]).kind, "cannot tell");
});

Deno.test("crossover says where the scan stops winning", () => {
  const logs = table(SLOTS, 8, (n, p) => Math.log(n / (4.5 + p / 100)));
  const found = crossover(SLOTS, logs);
  assert(found.kind === "crosses");
  assertEquals([found.wins, found.from, found.to], ["below", 4, 8]);
  assertAlmostEquals(found.near, 4.535, 1e-2);
  assertEquals([found.processes, found.leftOut, found.level], [8, 0, 1 - 2 / 256]);
});

Deno.test("crossover of the other against the scan is at the same place", () => {
  const logs = simulateCrossing(seeded(), 5, 0.02);
  const scan = crossover(SLOTS, logs);
  const other = crossover(SLOTS, logs.map((row) => row.map((x) => -x)));
  assert(scan.kind === "crosses" && other.kind === "crosses");
  assertEquals([scan.wins, other.wins], ["below", "above"]);
  assertAlmostEquals(scan.near, other.near, 1e-9);
  assertEquals([scan.from, scan.to], [other.from, other.to]);
});

Deno.test("crossover tells what never crosses from what it cannot tell", () => {
  const found = (value: (n: number, p: number) => number) =>
    crossover(SLOTS, table(SLOTS, 8, value));
  const cannotTell = (why: string): Crossover => ({ kind: "cannot tell", why });
  const tossed = (p: number) => p % 2 === 0 ? 0.1 : -0.1;
  assertEquals(found(() => -1), { kind: "never crosses", wins: true });
  assertEquals(found(() => 1), { kind: "never crosses", wins: false });
  assertEquals(found((_, p) => tossed(p)), cannotTell("they are separated at no slot count"));
  assertEquals(
    found((n, p) => n < 16 ? -1 : tossed(p)),
    cannotTell("it wins wherever they are separated, but at 16, 32 slots they are not"),
  );
  assertEquals(
    found((n) => n === 4 ? 1 : -1),
    cannotTell("they cross more than once: before 4, 8 slots"),
  );
});

Deno.test("crossover is not several where neighbours waver within noise", () => {
  const random = seeded();
  const logs = table(SLOTS, 8, (n) => 0.05 * Math.sign(n - 6) + 0.01 * normal(random));
  logs[2] = draws(8, (p) => p < 4 ? 0.01 : -0.02);
  logs[3] = draws(8, (p) => p < 4 ? -0.01 : 0.02);
  const found = crossover(SLOTS, logs);
  assert(found.kind === "crosses");
  assertEquals([found.from, found.to], [2, 16]);
});

Deno.test("crossover says the level that three processes can reach at most", () => {
  const found = crossover(SLOTS, table(SLOTS, 3, (n, p) => Math.log(n / (5 + p))));
  assert(found.kind === "crosses");
  assertEquals([found.processes, found.level], [3, 0.75]);
});

Deno.test("crossover: its bracket holds the truth", () => {
  const random = seeded(), runs = 1000;
  let covered = 0, found = 0;
  for (let run = 0; run < runs; run++) {
    const crossing = crossover(SLOTS, simulateCrossing(random, 5, 0.03));
    if (crossing.kind !== "crosses") continue;
    found++;
    if (crossing.from <= 5 && 5 <= crossing.to) covered++;
  }
  assertShare(found, { runs, atLeast: 0.99 });
  assertShare(covered, { runs: found, atLeast: 0.995 });
});

Deno.test("crossover finds none between like and like", () => {
  const random = seeded(), runs = 500;
  let crossings = 0;
  for (const processes of [3, 8]) {
    for (let run = 0; run < runs; run++) {
      const logs = table(SLOTS, processes, () => 0.01 * normal(random));
      if (crossover(SLOTS, logs).kind !== "cannot tell") crossings++;
    }
  }
  assertShare(crossings, { runs: 2 * runs, atMost: 0.001 });
});
