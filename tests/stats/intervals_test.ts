import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  allowedMisses,
  equivalencePValue,
  fairTail,
  mapEstimate,
  signInterval,
  signTest,
  smallestPValue,
} from "../../bench/stats/intervals.ts";
import { assertShare, draws, seeded, simulateLogRatios, skewed } from "../support/stats_model.ts";

const EIGHT = [1, 2, 3, 4, 5, 6, 7, 8];
const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
  minLength: 1,
  maxLength: 20,
});

Deno.test("fairTail counts coin tosses", () => {
  assertEquals(fairTail(8, 0), 1 / 256);
  assertEquals(fairTail(8, 1), 9 / 256);
  assertEquals(fairTail(3, 1), 1 / 2);
  assertEquals(fairTail(5, 5), 1);
  assertEquals(fairTail(5, -1), 0);
});

Deno.test("signInterval of 8 processes is [1st, 8th] at 99.2 % and [2nd, 7th] at 93 %", () => {
  const wide = signInterval(EIGHT), narrow = signInterval(EIGHT, { level: 0.9 });
  assertEquals(wide, {
    point: 4.5,
    low: 1,
    high: 8,
    rank: 1,
    level: 1 - 2 / 256,
    reached: true,
    n: 8,
  });
  assertEquals([narrow.low, narrow.high, narrow.rank], [2, 7, 2]);
  assertEquals(narrow.level, 1 - 18 / 256);
  const middle = signInterval(EIGHT, { level: 0.2 });
  assertEquals([middle.low, middle.high, middle.rank], [4, 5, 4]);
});

Deno.test("signInterval agrees with published ranks", () => {
  // Conover, Practical Nonparametric Statistics, table for the median at 95 %.
  const ranks = [6, 9, 10, 12, 15, 20, 25].map((n) => signInterval(draws(n, (i) => i)).rank);
  assertEquals(ranks, [1, 2, 2, 3, 4, 6, 8]);
});

Deno.test("signInterval of too few processes says the level that it has", () => {
  const quick = signInterval([3, 1, 2]);
  assertEquals([quick.low, quick.high, quick.level, quick.reached], [1, 3, 0.75, false]);
  const one = signInterval([7]);
  assertEquals([one.low, one.high, one.level, one.reached], [7, 7, 0, false]);
});

Deno.test("signInterval holds its point, and a higher level holds a lower one", () => {
  fc.assert(fc.property(values, (values) => {
    const wide = signInterval(values, { level: 0.99 });
    const narrow = signInterval(values, { level: 0.8 });
    assert(wide.low <= narrow.low && narrow.low <= narrow.point);
    assert(narrow.point <= narrow.high && narrow.high <= wide.high);
  }));
});

Deno.test("signInterval excludes 0 just where signTest rejects at its level", () => {
  fc.assert(fc.property(values, fc.constantFrom(0.9, 0.95, 0.99), (values, level) => {
    const { low, high, reached } = signInterval(values, { level });
    const { pValue } = signTest(values);
    assertEquals(reached && (low > 0 || high < 0), pValue <= 1 - level + 1e-12);
  }));
});

Deno.test("signInterval lies within the zone just where equivalencePValue is small", () => {
  fc.assert(fc.property(values, fc.double({ min: 0.1, max: 1, noNaN: true }), (values, within) => {
    const { low, high, reached } = signInterval(values);
    const inside = reached && low > -within && high < within;
    assertEquals(inside, equivalencePValue(values, within) <= 0.05 + 1e-12);
  }));
});

Deno.test("signInterval refuses what has no order", () => {
  assertThrows(() => signInterval([]), RangeError, "found none");
  assertThrows(() => signInterval([1, NaN]), RangeError, "NaN");
});

Deno.test("mapEstimate carries an interval from logs to ratios", () => {
  const ratio = mapEstimate(signInterval([0, Math.log(2), Math.log(4)]), Math.exp);
  assertAlmostEquals(ratio.point, 2);
  assertAlmostEquals(ratio.high, 4);
});

Deno.test("signTest is exact, and an edge speaks against the claim", () => {
  assertEquals(signTest(EIGHT), { side: "above", misses: 0, pValue: 2 / 256 });
  assertEquals(signTest([-1, ...EIGHT.slice(1)]).pValue, 18 / 256);
  assertEquals(signTest([-1, 1]), { side: "neither", misses: 1, pValue: 1 });
  assertEquals(signTest([-1, -2, -3, 0]), { side: "below", misses: 1, pValue: 10 / 16 });
  assertEquals(signTest(EIGHT, { beyond: 1 }).misses, 1);
  assertEquals(signTest([]), { side: "neither", misses: 0, pValue: 1 });
});

Deno.test("smallestPValue falls by half with each process", () => {
  assertEquals([3, 5, 6, 8, 10].map(smallestPValue), [1 / 4, 1 / 16, 1 / 32, 1 / 128, 1 / 512]);
});

Deno.test("allowedMisses says how many may disagree", () => {
  assertEquals([5, 6, 8, 9, 12].map((n) => allowedMisses(n, 0.05)), [-1, 0, 0, 1, 2]);
  assertEquals(allowedMisses(8, 0.001), -1);
});

Deno.test("signInterval covers the truth of skewed, drifting, spiky races", () => {
  const random = seeded(), runs = 400;
  const model = { ratio: 1.07, processes: 8, rounds: 25, luck: 0.02, draw: skewed };
  let wide = 0, narrow = 0;
  for (let run = 0; run < runs; run++) {
    const logRatios = simulateLogRatios(random, model);
    const covers = (level: number) => {
      const { low, high } = signInterval(logRatios, { level });
      return low <= Math.log(1.07) && Math.log(1.07) <= high;
    };
    if (covers(0.95)) wide++;
    if (covers(0.9)) narrow++;
  }
  assertShare(wide, { runs, atLeast: 1 - 2 / 256 });
  // Not much more than stated, either: an interval that always covers says nothing.
  assertShare(narrow, { runs, atLeast: 1 - 18 / 256, atMost: 1 - 18 / 256 });
});

Deno.test("signTest finds nothing in a race of like against like more often than it says", () => {
  const random = seeded(), runs = 20_000;
  let found = 0;
  for (let run = 0; run < runs; run++) {
    if (signTest(draws(8, () => skewed(random))).pValue <= 0.05) found++;
  }
  assertShare(found, { runs, atLeast: 2 / 256, atMost: 2 / 256 });
});
