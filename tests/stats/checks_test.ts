import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  checkLateChange,
  checkOrder,
  checkPreempted,
  checkSettled,
  checkTwin,
  disturbedShare,
  failedOf,
  modesOf,
  ORDER_LIMIT,
  orderInfluence,
  TWIN_LIMIT,
} from "../../bench/stats/checks.ts";
import type { Settling } from "../../bench/stats/regimes.ts";
import { signInterval } from "../../bench/stats/intervals.ts";
import { assertShare, draws, normal, type Random, seeded, skewed } from "../support/stats_model.ts";

function noise(random: Random): number {
  return Math.exp(0.05 * skewed(random)) * (random() < 0.05 ? 4 : 1);
}

/** Entries of these ns that run in turning order; the first of a round pays `firstCosts` times. */
function turning(ns: readonly number[], rounds: number, random: Random, firstCosts: number) {
  return ns.map((usual, entry) => {
    const positions = draws(rounds, (round) => (entry + round) % ns.length);
    const blocks = positions.map((place) => usual * noise(random) * (place === 0 ? firstCosts : 1));
    return { blocks, positions };
  });
}

Deno.test("checkTwin: a shift of twice the limit is found more often with more processes", () => {
  const random = seeded(), runs = 400;
  const found = [6, 10, 20].map((processes) =>
    draws(runs, () => {
      const shifts = draws(processes, () => Math.log1p(2 * TWIN_LIMIT) + 0.012 * normal(random));
      return checkTwin(shifts).kind === "failed" ? 1 : 0;
    }).filter(Boolean).length
  );
  assert(found[0] < found[1] && found[1] < found[2], String(found));
  assertShare(found[2], { runs, atLeast: 0.8 });
});

Deno.test("checkTwin: an honest twin fails in less than one cell of a hundred", () => {
  const random = seeded(), runs = 4000;
  for (const processes of [3, 6, 10]) {
    const failed = draws(runs, () =>
      checkTwin(draws(processes, () =>
          0.006 * normal(random))).kind === "failed"
        ? 1
        : 0).filter(Boolean).length;
    assertShare(failed, { runs, atMost: 0.002 });
  }
});

Deno.test("checkTwin: inside the limit passed, across it not known, fewer than three not known", () => {
  assertEquals(checkTwin(draws(10, (i) => (i - 5) / 1000)).kind, "passed");
  assertEquals(checkTwin(draws(10, (i) => (i - 5) / 100)).kind, "not known");
  assertEquals(checkTwin([0.5, 0.5, NaN]).kind, "not known");
  assertEquals(checkTwin(draws(3, () => 0.05)).kind, "failed");
});

Deno.test("checkOrder: a first place that costs 15 % voids nothing where orders are balanced", () => {
  const random = seeded(), runs = 200;
  for (const ns of [[10, 20, 30, 15, 12], [10, 20, 11, 2]]) {
    const failed = draws(runs, () => {
      const processes = draws2(10, () => turning(ns, 24, random, 1.15));
      const at = (place: number) =>
        processes.map(([base, entry]) => orderInfluence(entry, base, place));
      return checkOrder(at(0), at(ns.length >> 1)).kind === "failed" ? 1 : 0;
    }).filter(Boolean).length;
    assertShare(failed, { runs, atMost: 0.005 });
  }
});

Deno.test("checkOrder: an entry that pays for half of its rounds is found", () => {
  const random = seeded();
  const processes = draws2(10, () => {
    const base = { blocks: draws(24, () => 10 * noise(random)), positions: draws(24, () => 1) };
    const positions = draws(24, (round) => round % 2);
    const entry = {
      blocks: positions.map((place) => 10 * noise(random) * (place === 0 ? 1.2 : 1)),
      positions,
    };
    return [base, entry];
  });
  const influences = processes.map(([base, entry]) => orderInfluence(entry, base, 0));
  assertEquals(checkOrder(influences, influences.map(() => 0)).kind, "failed");
  assert(ORDER_LIMIT < 0.05);
});

function draws2<T>(length: number, draw: () => T): T[] {
  return Array.from({ length }, draw);
}

Deno.test("checkSettled: a late change in more than a fifth of the processes is a finding", () => {
  const late: Settling = { rounds: 24, before: 20, fromRound: 20, change: 2.6 };
  const early: Settling = { rounds: 24, before: 12, fromRound: 12, change: 2.6 };
  const steady: Settling = { rounds: 24, before: 0, fromRound: 0, change: 1 };
  const of = (count: number, what: Settling) =>
    checkSettled("rb_tree", draws2(10, () => steady).fill(what, 0, count));
  assertEquals(of(10, early).kind, "passed");
  assertEquals(of(2, late).kind, "passed");
  assertEquals(failedOf([of(1, late), of(9, late)]), [{
    kind: "failed",
    name: "settled",
    measured: 0.9,
    limit: 0.2,
    entry: "rb_tree",
    change: 2.6,
    round: 20,
    rounds: 24,
    late: 9,
    processes: 10,
  }]);
  assertEquals(checkSettled("x", [late, steady, steady]).kind, "passed");
  assertEquals(checkSettled("x", [late, late, steady]).kind, "failed");
  assertEquals(
    checkSettled("x", [{ rounds: 5, before: 0, fromRound: 0, change: 1 }]).kind,
    "not known",
  );
});

Deno.test("checkLateChange: the fastest tenth far outside of the interval is a finding", () => {
  const estimate = signInterval([1, 1.02, 1.01, 0.99, 1, 1.03]);
  assertEquals(checkLateChange(1.1, estimate).kind, "passed");
  assertEquals(checkLateChange(0.5, estimate).kind, "failed");
  assertEquals(checkLateChange(2, estimate).kind, "failed");
  assertEquals(checkLateChange(NaN, estimate).kind, "not known");
});

Deno.test("checkPreempted: fails where the median of pairs no longer holds", () => {
  assertEquals(disturbedShare([1, 1, 9, 1, null], [1, 9, 1, 1, 1]), 0.5);
  assert(Number.isNaN(disturbedShare([null], [1])));
  assertEquals(checkPreempted([0.1, 0.2, 0.9]).kind, "passed");
  assertEquals(checkPreempted([0.6, 0.7, 0.1]).kind, "failed");
  assertEquals(checkPreempted([NaN]).kind, "not known");
});

Deno.test("modesOf: two groups with a gap are two modes, a spread of layouts is none", () => {
  const modes = modesOf([0, 0.01, 0.02, 0.01, 0, 0.5, 0.51, 0.5, 0.49, 0.5])!;
  assertEquals(modes.sizes, [5, 5]);
  assertAlmostEquals(modes.levels[1] - modes.levels[0], 0.49, 0.02);
  assertEquals(modesOf([0, 0.01, 0.02, 0.01, 0, 0, 0.01, 0, 0.02, 0.5]), null, "one outlier");
  assertEquals(modesOf([]), null);
  const random = seeded(), runs = 1000;
  const found = draws(runs, () => modesOf(draws(10, () => 0.09 * normal(random))) ? 1 : 0)
    .filter(Boolean).length;
  assertShare(found, { runs, atMost: 0.02 });
});
