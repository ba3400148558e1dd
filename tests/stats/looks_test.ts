import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { fairTail, twoSidedPValue } from "../../bench/stats/intervals.ts";
import { chanceAtAnyLook, LOOKS, looksOf } from "../../bench/stats/looks.ts";
import { random } from "../../bench/workloads/random.ts";
import { assertShare } from "../support/stats_model.ts";

Deno.test("chanceAtAnyLook: with one look it is the sign test's", () => {
  for (const n of [6, 10, 20]) {
    for (let misses = 0; misses < n / 2; misses++) {
      const alone = twoSidedPValue(n, misses);
      assertAlmostEquals(chanceAtAnyLook([n], alone), alone, 1e-12);
    }
  }
});

Deno.test("chanceAtAnyLook: counts the outcomes of earlier looks that are as extreme", () => {
  // Unanimous at 6, or at most one miss at 10 with a miss among the first 6: 2/64 + 2 * 6/1024.
  assertAlmostEquals(twoSidedPValue(6, 0), 2 * fairTail(6, 0));
  assertAlmostEquals(chanceAtAnyLook([6, 10], 2 / 64), 2 / 64 + 2 * 6 / 1024, 1e-12);
  assertAlmostEquals(chanceAtAnyLook([6, 10], 2 / 1024), 2 / 1024, 1e-12);
});

Deno.test("chanceAtAnyLook: equals the share of simulated races that show it", () => {
  const source = random(1, "looks"), runs = 20_000, cutoff = 0.05;
  let hits = 0;
  for (let run = 0; run < runs; run++) {
    let heads = 0;
    const isHit = Array.from({ length: 20 }, (_, i) => {
      heads += source.int(0, 1);
      const n = i + 1;
      return LOOKS.includes(n) && twoSidedPValue(n, Math.min(heads, n - heads)) <= cutoff;
    }).includes(true);
    if (isHit) hits++;
  }
  const chance = chanceAtAnyLook(LOOKS, cutoff);
  assertShare(hits, { runs, atLeast: chance, atMost: chance });
  assert(chance > cutoff, "four looks at 5 % each risk more than 5 %");
});

Deno.test("looksOf: many contenders are first looked at after 10, and the last look is the cap", () => {
  assertEquals(looksOf(10, 2), [6, 10]);
  assertEquals(looksOf(10, 21), [10]);
  assertEquals(looksOf(20, 21), [10, 14, 20]);
  assertEquals(looksOf(3, 21), [3]);
  assertEquals(looksOf(8, 2), [6, 8]);
});
