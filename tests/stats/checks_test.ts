import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  checkOrder,
  checkPreempted,
  checkSteady,
  checkTwin,
  DRIFT_LIMIT,
  driftOf,
  orderEffect,
  preemptedShare,
  problemsOf,
  TWIN_LIMIT,
} from "../../bench/stats/checks.ts";
import {
  assertShare,
  draws,
  normal,
  type Random,
  seeded,
  simulateProcess,
  skewed,
} from "../support/stats_model.ts";

const ENTRIES = [10, 20, 30, 15, 12];

/** Blocks of entries that run in turning order; the first of a round pays for it. */
function turning(rounds: number, ns: (entry: number, round: number) => number, firstCosts = 1) {
  const positions = ENTRIES.map((_, entry) =>
    draws(rounds, (round) => (entry + round) % ENTRIES.length)
  );
  const blocks = ENTRIES.map((_, entry) =>
    draws(rounds, (round) => ns(entry, round) * (positions[entry][round] === 0 ? firstCosts : 1))
  );
  return { blocks, positions };
}

function noise(random: Random): number {
  return Math.exp(0.05 * skewed(random)) * (random() < 0.05 ? 4 : 1);
}

Deno.test("orderEffect finds what the first pays, not what entries or drift cost", () => {
  const drifting = (entry: number, round: number) => ENTRIES[entry] * 1.1 ** round;
  const level = turning(20, (entry) => ENTRIES[entry], 1.2);
  assertAlmostEquals(orderEffect(level.blocks, level.positions), Math.log(1.2), 1e-9);
  const none = turning(20, drifting);
  assert(Math.abs(orderEffect(none.blocks, none.positions)) < 0.02);
});

Deno.test("orderEffect leaves out who sat out, and rounds with one entry", () => {
  const alone = orderEffect([[1, null], [null, 2]], [[0, null], [null, 0]]);
  assert(Number.isNaN(alone));
  assertAlmostEquals(
    orderEffect([[1.5, 1, 1], [1, 1, null], [1, 1, 1]], [[0, 1, 0], [1, 0, null], [2, 2, 1]]),
    0,
  );
  assert(Number.isNaN(orderEffect([], [])));
});

Deno.test("checkOrder passes fair races and fails one whose first pays a tenth", () => {
  const random = seeded();
  const check = (firstCosts: number) =>
    checkOrder(draws(8, () => {
      const { blocks, positions } = turning(
        50,
        (entry) => ENTRIES[entry] * noise(random),
        firstCosts,
      );
      return orderEffect(blocks, positions);
    }));
  assertEquals(check(1).kind, "passed");
  assertEquals(check(1.15).kind, "failed");
});

Deno.test("preemptedShare counts against each entry's own median", () => {
  assertEquals(preemptedShare([[1, 1, 1, 9], [100, 100, null, 100, 149, 151]]), 2 / 9);
  assert(Number.isNaN(preemptedShare([[null], []])));
});

Deno.test("checkPreempted fails where the median would no longer hold", () => {
  assertEquals(checkPreempted([0.1, 0.2, 0.9]).kind, "passed");
  assertEquals(checkPreempted([0.25]).kind, "passed");
  const failed = checkPreempted([0.3, 0.4, 0.1]);
  assertEquals(problemsOf([failed]), ["preempted blocks 30 % (limit 25 %)"]);
  assertEquals(checkPreempted([NaN]).kind, "not known");
});

Deno.test("driftOf compares the halves of a ratio, not of the machine", () => {
  const base = Array.from({ length: 16 }, (_, round) => 10 + round);
  assertAlmostEquals(driftOf(base.map((ns) => 2 * ns), base), 0);
  const warming = base.map((ns, round) => round < 8 ? 4 * ns : 2 * ns);
  assertAlmostEquals(driftOf(warming, base), -Math.log(2));
  const ones = base.map(() => 1), few = warming.map((ns, round) => round % 5 === 0 ? ns : null);
  assert(Number.isNaN(driftOf(few, base)));
  const holes = [...warming, null, 52], longer = [...base, 26, null];
  assertAlmostEquals(driftOf(holes, longer), -Math.log(2));
  assertAlmostEquals(driftOf(ones, ones), 0);
});

Deno.test("checkSteady passes drifting machines and fails an entry still being compiled", () => {
  const random = seeded(), runs = 200;
  const model = { ratio: 1.3, processes: 8, rounds: 30, luck: 0.05, draw: skewed };
  let failed = 0, caught = 0;
  for (let run = 0; run < runs; run++) {
    const processes = Array.from({ length: 8 }, () => simulateProcess(random, model));
    const check = checkSteady(processes.map(({ entry, base }) => driftOf(entry, base)));
    if (check.kind === "failed") failed++;
    const warming = processes.map(({ entry, base }) =>
      driftOf(entry.map((ns, round) => round < 12 ? ns * 1.3 : ns), base)
    );
    if (checkSteady(warming).kind === "failed") caught++;
  }
  assertShare(failed, { runs, atMost: 0.005 });
  assertShare(caught, { runs, atLeast: 0.99 });
});

Deno.test("checkTwin fails on a shift that all share, and on nothing else", () => {
  const check = (shift: number, spread: number) =>
    checkTwin(draws(8, (i) => Math.log(1 + shift) + (i - 3.5) * spread));
  assertEquals(check(0, 0.05).kind, "passed");
  assertEquals(check(TWIN_LIMIT, 0.0001).kind, "passed");
  assertEquals(problemsOf([check(0.03, 0.001), check(0, 0)]), ["A/A 2.6 % (limit 1 %)"]);
  assertEquals(check(-0.03, 0.001).kind, "failed");
});

Deno.test("checkTwin asks more of few processes, and nothing of two", () => {
  assertEquals(checkTwin([0.02, 0.02, 0.02]).kind, "passed");
  assertEquals(checkTwin([0.04, 0.04, 0.04]).kind, "failed");
  assertEquals(checkTwin([0.04, NaN, 0.04]), {
    kind: "not known",
    name: "A/A",
    why: "2 processes measured it",
  });
});

Deno.test("checkTwin and checkSteady fail in at most one honest cell of a hundred", () => {
  const random = seeded(), runs = 4000;
  for (const processes of [3, 8]) {
    let failed = 0;
    for (let run = 0; run < runs; run++) {
      const shifts = draws(processes, () => 0.015 * normal(random));
      if (checkTwin(shifts).kind === "failed" || checkSteady(shifts).kind === "failed") failed++;
    }
    assertShare(failed, { runs, atMost: 0.002 });
  }
  assert(DRIFT_LIMIT > TWIN_LIMIT);
});
