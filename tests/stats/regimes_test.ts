import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { levels, regimesOf } from "../../bench/stats/regimes.ts";
import { assertShare, draws, normal, type Random, seeded, skewed } from "../support/stats_model.ts";

/** ln(ns) of a process: a level by round, skewed noise, and one block in 20 preempted. */
function process(random: Random, rounds: number, level: (round: number) => number, sd = 0.02) {
  return draws(rounds, (round) => {
    const spike = random() < 0.05 ? Math.log(2 + 8 * random()) : 0;
    return level(round) + sd * skewed(random) + spike;
  });
}

Deno.test("regimesOf: clean, noisy and preempted processes have one regime", () => {
  const random = seeded(), runs = 1000;
  for (const rounds of [16, 24, 40]) {
    for (const sd of [0.005, 0.02, 0.05]) {
      const split = draws(runs, () => regimesOf(process(random, rounds, () => 0, sd)).length)
        .filter((count) => count > 1).length;
      assertShare(split, { runs, atMost: 0.03 });
    }
  }
});

Deno.test("regimesOf: a tier change is found at its round, also 4 rounds before the end", () => {
  const random = seeded(), runs = 200;
  for (const [rounds, at] of [[24, 12], [24, 20], [16, 4], [40, 36]]) {
    const found = draws(runs, () => {
      const last = regimesOf(process(random, rounds, (i) => i < at ? Math.log(2.6) : 0)).at(-1)!;
      return Math.abs(last.from - at) <= 1 ? 1 : 0;
    }).filter(Boolean).length;
    assertShare(found, { runs, atLeast: 0.93 });
  }
});

Deno.test("regimesOf: the level of the last regime is the settled one", () => {
  const [before, after] = regimesOf(process(seeded(), 24, (i) => i < 12 ? 1 : 0, 0.005));
  assertAlmostEquals(before.level, 1, 0.01);
  assertAlmostEquals(after.level, 0, 0.01);
});

Deno.test("regimesOf: a change below 2 % does not count, and no value has no regime", () => {
  const exact = (shift: number) => [...Array(12).fill(shift), ...Array(12).fill(0)];
  assertEquals(regimesOf(exact(0.01)).length, 1);
  assertEquals(regimesOf(exact(0.03)).length, 2);
  assertEquals(regimesOf([]), []);
  assertEquals(regimesOf([1, 1, 2]).length, 1);
});

Deno.test("levels: drift and a slow round are of all entries, so they change no level", () => {
  const random = seeded();
  const weather = draws(24, (round) => 0.3 * round / 24 + (round === 7 ? 0.5 : 0));
  const entries = [10, 20, 40, 80].map((ns) =>
    weather.map((effect) => ns * Math.exp(effect + 0.002 * normal(random)))
  );
  for (const own of levels(entries)) {
    assert(Math.abs(own[7] - own[6]) < 0.02);
    assertEquals(regimesOf(own).length, 1);
  }
});

Deno.test("levels: an entry that drifts alone is seen, the others are not blamed", () => {
  const random = seeded(), noise = () => Math.exp(0.003 * normal(random));
  const steady = [10, 20, 40].map((ns) => draws(24, () => ns * noise()));
  const warming = draws(24, (round) => (round < 10 ? 30 : 12) * noise());
  const entries = [...steady, warming];
  assertEquals(levels(entries).map((own) => regimesOf(own).length), [1, 1, 1, 2]);
});

Deno.test("levels: an entry alone keeps its ns, and rounds that it sat out have none", () => {
  assertEquals(levels([[1, null, 1]]), [[0, NaN, 0]]);
  assertEquals(levels([[], []]), [[], []]);
});

Deno.test("regimesOf: ten thousand rounds take no longer than a hundred, and a change is found", () => {
  const random = seeded(), rounds = 10_000;
  const series = process(random, rounds, (i) => i < 6000 ? Math.log(2) : 0);
  const regimes = regimesOf(series);
  assertEquals(regimes.length, 2);
  assert(Math.abs(regimes[1].from - 6000) <= rounds / 100);
});
