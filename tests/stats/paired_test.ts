import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { pairedProcess } from "../../bench/stats/paired.ts";
import { medianOf, timed, undisturbedNs } from "../../bench/stats/quantiles.ts";
import { seeded, simulateProcess, skewed } from "../support/stats_model.ts";

function measured(entry: (number | null)[], base: (number | null)[]) {
  const process = pairedProcess(entry, base);
  assert(process !== null);
  return process;
}

const ns = fc.double({ min: 0.1, max: 1e6, noNaN: true });

Deno.test("pairedProcess divides drift out", () => {
  const base = [10, 20, 40, 80, 160], entry = base.map((ns) => ns * 1.25);
  const process = measured(entry, base);
  assertAlmostEquals(Math.exp(process.logRatio), 1.25);
  assertAlmostEquals(Math.exp(process.undisturbedLogRatio), 1.25);
});

Deno.test("pairedProcess is not moved by preempted blocks in under half of the rounds", () => {
  const base = [10, 10, 10, 10, 1000], entry = [11, 5000, 11, 11, 11];
  assertAlmostEquals(Math.exp(measured(entry, base).logRatio), 1.1);
});

Deno.test("pairedProcess takes only the rounds in which both were timed", () => {
  const process = measured([30, null, NaN, 60, 0], [10, 1, 1, 20, 1]);
  assertEquals(process.rounds, 2);
  assertAlmostEquals(Math.exp(process.logRatio), 3);
});

Deno.test("pairedProcess: no round that timed both is no ratio", () => {
  assertEquals(pairedProcess([null, NaN], [1, 2]), null);
  assertEquals(pairedProcess([1, null], [null, 1]), null);
  assertEquals(pairedProcess([1, 1], [1, null], { from: 1 }), null);
  assertThrows(() => pairedProcess([1], [1, 2]), RangeError, "found 1 and 2");
});

Deno.test("pairedProcess changes its sign when entry and base change places", () => {
  fc.assert(fc.property(fc.array(fc.tuple(ns, ns), { minLength: 1 }), (rounds) => {
    const entry = rounds.map(([a]) => a), base = rounds.map(([, b]) => b);
    const there = measured(entry, base), back = measured(base, entry);
    assertAlmostEquals(there.logRatio, -back.logRatio, 1e-9);
    assertAlmostEquals(there.undisturbedLogRatio, -back.undisturbedLogRatio, 1e-9);
  }));
});

Deno.test("pairedProcess comes within 1 % of the truth through drift, skew and spikes", () => {
  const random = seeded();
  const model = { ratio: 1.03, processes: 1, rounds: 400, luck: 0, draw: skewed };
  const errors = Array.from({ length: 20 }, () => {
    const { base, entry } = simulateProcess(random, model);
    return Math.abs(measured(entry, base).logRatio - Math.log(1.03));
  });
  // The median of 400 ratios with a spread of 7 % is off by 0.4 % on average.
  assert(medianOf(errors) < 0.01, `median error ${medianOf(errors)}`);
});

Deno.test("undisturbedNs is the lower decile", () => {
  assertEquals(undisturbedNs([9, 10, 1, 2, 8, 3, 7, 4, 6, 5, 0]), 1);
  assertThrows(() => undisturbedNs([]), RangeError, "found none");
});

Deno.test("timed keeps what a clock can have measured", () => {
  assertEquals(timed([1, null, 0, -1, NaN, Infinity, 2]), [1, 2]);
});
