import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { signTest } from "../../bench/stats/intervals.ts";
import { benjaminiHochberg, processesNeeded } from "../../bench/stats/multiple.ts";
import { draws, normal, SEED, seeded } from "../support/stats_model.ts";

Deno.test("benjaminiHochberg agrees with the example of the paper", () => {
  // Benjamini and Hochberg 1995, section 3.2: 15 comparisons, of which 4 are rejected at 5 %.
  const pValues = [
    ...[0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344],
    ...[0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000],
  ];
  const { each, count, level, nextCutoff } = benjaminiHochberg(pValues);
  assertEquals(count, 4);
  assertEquals(each.findIndex(({ isRejected }) => !isRejected), 4);
  assertAlmostEquals(level, 1 - 0.05 * 4 / 15);
  assertAlmostEquals(nextCutoff, 0.05 * 5 / 15);
});

Deno.test("benjaminiHochberg adjusts as R's p.adjust does", () => {
  const { each } = benjaminiHochberg([0.01, 0.04, 0.03, 0.005]);
  [0.02, 0.04, 0.04, 0.02].forEach((wanted, i) => assertAlmostEquals(each[i].adjusted, wanted));
});

Deno.test("benjaminiHochberg of nothing, or with nothing found, corrects nothing", () => {
  assertEquals(benjaminiHochberg([]).count, 0);
  assertEquals(benjaminiHochberg([0.9, 0.8]).level, 0.95);
});

Deno.test("benjaminiHochberg rejects in order of p-values, and never one above the rate", () => {
  const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 50 });
  fc.assert(fc.property(pValues, (pValues) => {
    const { each } = benjaminiHochberg(pValues);
    pValues.forEach((p, i) => {
      assert(each[i].adjusted >= p && each[i].adjusted <= 1);
      if (!each[i].isRejected) return;
      assert(p <= 0.05);
      assert(pValues.every((other, j) => other > p || each[j].isRejected));
    });
  }));
});

Deno.test("processesNeeded is what unanimity takes", () => {
  assertEquals(processesNeeded(0.05), 6);
  assertEquals(processesNeeded(1 / 128), 8);
  assertEquals(processesNeeded(0.05 / 80), 12);
});

Deno.test("benjaminiHochberg keeps its rate where contenders share a noisy baseline", () => {
  const random = seeded(), tables = 400, cells = 10, contenders = 8, alike = 4;
  let shares = 0;
  for (let table = 0; table < tables; table++) {
    const pValues: number[] = [];
    for (let cell = 0; cell < cells; cell++) {
      const baseline = draws(8, () => normal(random));
      for (let contender = 0; contender < contenders; contender++) {
        const shift = contender < alike ? 0 : 5;
        pValues.push(signTest(baseline.map((b) => shift + normal(random) - b)).pValue);
      }
    }
    const { each, count } = benjaminiHochberg(pValues);
    const wrong = each.filter(({ isRejected }, i) => isRejected && i % contenders < alike).length;
    shares += count === 0 ? 0 : wrong / count;
  }
  assert(shares / tables <= 0.05, `false among found: ${shares / tables}; SEED=${SEED}`);
});
