import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { noisyTrials, trialNoise } from "../../bench/stats/trial_noise.ts";
import { draws, normal, seeded } from "../support/stats_model.ts";

Deno.test("trialNoise: the relative scatter of the middle entry, whatever its speed", () => {
  const random = seeded();
  const entry = (ns: number, sd: number) => draws(200, () => ns * Math.exp(sd * normal(random)));
  const noise = trialNoise([entry(10, 0.02), entry(1000, 0.02), entry(5, 0.3)]);
  assertAlmostEquals(noise, 0.02 * 0.6745, 0.003);
  assert(Number.isNaN(trialNoise([[1, 2, null]])));
});

Deno.test("trialNoise: shifting one entry against the others changes nothing", () => {
  const entries = [[10, 11, 10, 12, 10], [20, 21, 22, 20, 20]];
  const slower = [entries[0], entries[1].map((ns) => 3 * ns)];
  assertAlmostEquals(trialNoise(entries), trialNoise(slower), 1e-12);
});

Deno.test("noisyTrials: those beyond 1.5 times the median, the noisiest first, not more than asked", () => {
  const noises = [0.01, 0.1, 0.01, 0.2, 0.011, NaN, 0.0149];
  assertEquals(noisyTrials(noises, 5), [3, 1]);
  assertEquals(noisyTrials(noises, 1), [3]);
  assertEquals(noisyTrials([0.01, 9], 5), []);
});
