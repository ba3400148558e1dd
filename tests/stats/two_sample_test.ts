import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { exceedsPValue, shiftBetween, smallestShiftPValue } from "../../bench/stats/two_sample.ts";
import { assertShare, draws, seeded, skewed } from "../support/stats_model.ts";

Deno.test("shiftBetween is exact: the p-values of the orders of 3 and 3", () => {
  assertAlmostEquals(shiftBetween([4, 5, 6], [1, 2, 3]).pValue, 2 / 20);
  assertAlmostEquals(shiftBetween([3, 5, 6], [1, 2, 4]).pValue, 4 / 20);
  assertAlmostEquals(shiftBetween([2, 3, 4], [1, 5, 6]).pValue, 14 / 20);
  assertEquals(shiftBetween([2, 4, 5], [1, 3, 6]).pValue, 1);
});

Deno.test("shiftBetween cuts where the tables of Mann and Whitney say", () => {
  // Largest U that is significant at 5 %, two-sided: the interval begins at difference U + 2.
  for (const [n, critical] of [[4, 0], [5, 2], [8, 13], [10, 23], [20, 127]]) {
    const whole = draws(n, (i) => i * n), parts = draws(n, (i) => -i);
    // All n * n differences are other whole numbers: the k-th smallest is k - 1.
    assertEquals(shiftBetween(whole, parts).low, critical);
  }
});

Deno.test("shiftBetween says the level that few processes give", () => {
  const { low, high, level, reached } = shiftBetween([3, 4, 5], [0, 1, 2]);
  assertEquals([low, high, reached], [1, 5, false]);
  assertAlmostEquals(level, 0.9);
});

Deno.test("shiftBetween takes ties for half, and rounds against the claim", () => {
  assertEquals(shiftBetween([1, 1, 1], [1, 1, 1]).pValue, 1);
  const tied = shiftBetween([2, 3, 4], [1, 1, 2]).pValue;
  assertAlmostEquals(tied, 4 / 20);
});

Deno.test("shiftBetween turns with its arguments and moves with its values", () => {
  const sample = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 12 });
  fc.assert(fc.property(sample, sample, (a, b) => {
    const there = shiftBetween(a, b), back = shiftBetween(b, a);
    assertAlmostEquals(there.point, -back.point, 1e-9);
    assertEquals([there.low, there.high], [0 - back.high, 0 - back.low]);
    assertAlmostEquals(there.pValue, back.pValue, 1e-12);
    const moved = shiftBetween(a.map((x) => x + 5), b);
    assertAlmostEquals(moved.point, there.point + 5, 1e-9);
    assert(there.low <= there.point && there.point <= there.high);
  }));
});

Deno.test("shiftBetween refuses empty conditions", () => {
  assertThrows(() => shiftBetween([], [1]), RangeError, "found none");
  assertThrows(() => shiftBetween([1], [NaN]), RangeError, "NaN");
});

Deno.test("shiftBetween covers the tax on skewed process medians as often as it says", () => {
  const random = seeded(), runs = 3000;
  let covered = 0, stated = 0, wrong = 0;
  for (let run = 0; run < runs; run++) {
    const mixed = draws(8, () => 0.2 + 0.05 * skewed(random));
    const solo = draws(8, () => 0.05 * skewed(random));
    const { low, high, level } = shiftBetween(mixed, solo);
    stated = level;
    if (low <= 0.2 && 0.2 <= high) covered++;
    if (shiftBetween(mixed.map((x) => x - 0.2), solo).pValue <= 0.05) wrong++;
  }
  assertShare(covered, { runs, atLeast: stated, atMost: stated });
  assertShare(wrong, { runs, atMost: 0.05 });
});

Deno.test("exceedsPValue is that of shiftBetween, upwards and beyond a limit", () => {
  const values = [4, 5, 6], others = [1, 2, 3];
  assertAlmostEquals(exceedsPValue(values, others, 0), 2 / 20);
  assertEquals(exceedsPValue(others, values, 0), 1);
  assertAlmostEquals(
    exceedsPValue(values, others, 2),
    shiftBetween(values.map((x) => x - 2), others).pValue,
  );
  assertEquals(exceedsPValue(values, others, Infinity), 1);
  assertAlmostEquals(smallestShiftPValue(3, 3), 2 / 20);
});
