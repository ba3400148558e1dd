import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Contest, podiums, winnerOf } from "../../bench/stats/winner.ts";
import { assertShare, draws, normal, type Random, seeded } from "../support/stats_model.ts";

const MARGIN = { margin: 0.005 };

/** A contest of processes that draw each contender's time around its truth, in logs. */
function contestOf(
  random: Random,
  { truth, processes, luck }: {
    truth: Readonly<Record<string, number>>;
    processes: number;
    luck: number;
  },
): Contest {
  const names = Object.keys(truth);
  const logs = new Map(names.map((name) => {
    return [name, draws(processes, () => Math.log(truth[name]) + luck * normal(random))];
  }));
  const logRatios = (name: string, other: string) =>
    logs.get(name)!.map((value, p) => value - logs.get(other)![p]);
  const rank = (name: string) => logs.get(name)!.reduce((sum, value) => sum + value, 0);
  return { names, logRatios, rank, isVoid: () => false };
}

const equals = (count: number, ns: number) =>
  Object.fromEntries(draws(count, (i) => i).map((i) => [`equal${i}`, ns]));

Deno.test("podiums: among equals a mistake is no more likely for the winner being chosen", () => {
  const random = seeded(), runs = 200;
  // Clear contests beside it, so that the correction for their number leaves nearly all of 5 %.
  const clear = { best: 10, ...equals(14, 20) };
  let claims = 0;
  for (let run = 0; run < runs; run++) {
    const contests = [equals(15, 10), clear, clear, clear, clear, clear].map((truth) =>
      contestOf(random, { truth, processes: 10, luck: 0.05 })
    );
    const [{ rivals }] = podiums(contests, MARGIN);
    if (rivals.some(({ is }) => is === "slower")) claims++;
  }
  // With the usual two-sided p-values it is a third of the runs.
  assertShare(claims, { runs, atMost: 0.05 });
});

Deno.test("podiums: of claims over a table with equals ahead at most 5 % are false", () => {
  const random = seeded(), shares: number[] = [];
  for (let run = 0; run < 300; run++) {
    const truth = { ...equals(3, 10), half: 15, double: 20, triple: 30 };
    const contests = draws(8, () => 0).map(() =>
      contestOf(random, { truth, processes: 10, luck: 0.03 })
    );
    const claimed = podiums(contests, MARGIN).flatMap(({ rivals }) => {
      return rivals.filter(({ is }) => is === "slower").map(({ name }) => name);
    });
    const wrong = claimed.filter((name) => name.startsWith("equal")).length;
    shares.push(claimed.length === 0 ? 0 : wrong / claimed.length);
  }
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  assert(mean <= 0.05, `${mean}`);
});

Deno.test("podiums: who is clearly slower is said to be, with its ratio, the nearest first", () => {
  const truth = { slow: 30, best: 10, near: 10.4, next: 15 };
  const contest = contestOf(seeded(), { truth, processes: 10, luck: 0.002 });
  const [{ winner, rivals }] = podiums([contest], MARGIN);
  assertEquals(winner, "best");
  assertEquals(rivals.map(({ name, is }) => [name, is]), [
    ["near", "slower"],
    ["next", "slower"],
    ["slow", "slower"],
  ]);
  assert(Math.abs(rivals[1].ratio - 1.5) < 0.01);
});

Deno.test("podiums: pairs decide, however much all vary together", () => {
  // Of two that move together by a factor of e the one is always 4 % slower.
  const luck = draws(10, (p) => p / 10), base = draws(10, () => 0);
  const logs: Record<string, number[]> = { a: luck, b: luck.map((x) => x + Math.log(1.04)), base };
  const contest: Contest = {
    names: ["a", "b"],
    logRatios: (name, other) => logs[name].map((value, p) => value - logs[other][p]),
    rank: (name) => logs[name][5],
    isVoid: () => false,
  };
  assertEquals(podiums([contest], MARGIN)[0].rivals[0].is, "slower");
});

Deno.test("podiums: the more it is chosen from, the more processes a claim takes", () => {
  const isOf = (count: number, processes: number) => {
    const truth = { best: 10, ...equals(count - 1, 20) };
    const contest = contestOf(seeded(), { truth, processes, luck: 0.001 });
    return podiums([contest], MARGIN)[0].rivals.map(({ is }) => is);
  };
  // (k - 1) / 2^n against 5 %, times k / (k - 1) for the winner, who is tested as well.
  assertEquals(new Set(isOf(2, 6)), new Set(["slower"]));
  assertEquals(new Set(isOf(2, 5)), new Set(["looks slower"]));
  assertEquals(new Set(isOf(15, 9)), new Set(["slower"]));
  assertEquals(new Set(isOf(15, 8)), new Set(["looks slower"]));
  assertEquals(new Set(isOf(15, 2)), new Set(["not separated"]));
});

Deno.test("podiums: nothing is said of whom the checks void, nor of anybody if the winner is", () => {
  const truth = { best: 10, odd: 20, slow: 30 };
  const contest = contestOf(seeded(), { truth, processes: 10, luck: 0.001 });
  const isWithout = (bad: string) => {
    const isVoid = (name: string) => name === bad;
    return podiums([{ ...contest, isVoid }], MARGIN)[0].rivals.map(({ is }) => is);
  };
  assertEquals(isWithout("odd"), ["not valid", "slower"]);
  assertEquals(isWithout("best"), ["not valid", "not valid"]);
});

Deno.test("winnerOf: no contender is faster in the pairs with it, whatever the rank says", () => {
  const contest = contestOf(seeded(), {
    truth: { a: 10, b: 11, c: 12 },
    processes: 9,
    luck: 0.001,
  });
  assertEquals(winnerOf({ ...contest, rank: (name) => -name.charCodeAt(0) }), "a");
  assertEquals(winnerOf({ ...contest, names: ["c"] }), "c");
  assertThrows(() => winnerOf({ ...contest, names: [] }), RangeError, "no contender ran");
});

Deno.test("winnerOf: ends where three beat each other in a ring", () => {
  const order = ["a", "b", "c"];
  const logRatios = (
    name: string,
    other: string,
  ) => [(order.indexOf(name) - order.indexOf(other) + 3) % 3 === 1 ? -1 : 1];
  assert(order.includes(winnerOf({ names: order, logRatios, rank: () => 0 })));
});
