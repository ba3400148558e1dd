import { assert, assertAlmostEquals, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  type Comparison,
  judge,
  LEAST_MARGIN,
  marginOfTwins,
  minimumDetectable,
  sharedShift,
  type Verdict,
} from "../../bench/stats/verdict.ts";
import { checkTwin, failedOf } from "../../bench/stats/checks.ts";
import { assertShare, draws, seeded, simulateTable } from "../support/stats_model.ts";

/** Process ratios around `ratio`, a thousandth apart. */
function around(ratio: number, processes = 8): Comparison {
  const middle = (processes - 1) / 2;
  return {
    logRatios: draws(processes, (i) => Math.log(ratio + (i - middle) / 1000)),
    problems: [],
  };
}

function verdictOf(comparison: Comparison, table: Comparison[] = [comparison]): Verdict {
  return judge(table).each[table.indexOf(comparison)].verdict;
}

function count(comparisons: Comparison[], kinds: Verdict["kind"][], margin = LEAST_MARGIN): number {
  return judge(comparisons, { margin }).each
    .filter(({ verdict }) => kinds.includes(verdict.kind)).length;
}

Deno.test("judge says what eight processes agree on", () => {
  const of = (ratio: number) => verdictOf(around(ratio));
  assertEquals(of(1.05), { kind: "slower" });
  assertEquals(of(1 / 1.05), { kind: "faster" });
  assertEquals(of(1), { kind: "equal", within: 0.02 });
  assertEquals(of(1.01), { kind: "equal", within: 0.02 });
  assertEquals(of(1.022), { kind: "slower" });
});

Deno.test("judge separates nothing where one process disagrees", () => {
  const { logRatios } = around(1.05);
  const verdict = verdictOf({ logRatios: [...logRatios.slice(1), -0.001], problems: [] });
  assert(verdict.kind === "not separated" && verdict.needs.kind === "difference");
  // What it would have needed exceeds what it saw.
  assert(verdict.needs.atLeast > 0.05 && verdict.needs.atLeast < 0.08);
});

Deno.test("judge does not claim what three processes cannot", () => {
  assertEquals(verdictOf(around(1.1, 3)), {
    kind: "looks slower",
    why: "too few processes",
    processesNeeded: 6,
  });
  assertEquals(verdictOf(around(0.9, 3)).kind, "looks faster");
  assertEquals(verdictOf(around(1.03, 3)).kind, "not separated");
  assertEquals(verdictOf(around(1, 3)).kind, "not separated");
  assertEquals(verdictOf(around(2, 5)).kind, "looks slower");
});

Deno.test("judge asks for processes where there are too few to look at", () => {
  for (const logRatios of [[], [1], [1, 1]]) {
    const [{ verdict, ratio }] = judge([{ logRatios, problems: [] }]).each;
    assertEquals(verdict, { kind: "not separated", needs: { kind: "processes", atLeast: 6 } });
    assertEquals(ratio === null, logRatios.length === 0);
  }
});

Deno.test("judge corrects for the number of comparisons, and says what would have done", () => {
  const odd = around(1.1);
  const among = (others: number) => [odd, ...Array.from({ length: others }, () => around(1))];
  assertEquals(verdictOf(odd, among(5)).kind, "slower");
  assertEquals(verdictOf(odd, among(79)), {
    kind: "looks slower",
    why: "too many comparisons",
    processesNeeded: 12,
  });
  const pair = [odd, around(0.8), ...among(78).slice(1)];
  assertMatch(JSON.stringify(verdictOf(odd, pair)), /"processesNeeded":11/);
  const more = around(1.1, 12);
  assertEquals(verdictOf(more, [more, ...among(79).slice(1)]).kind, "slower");
});

Deno.test("judge does not let what it calls equal vouch for what it calls slower", () => {
  // All 80 are beyond the margin in every process, but 79 of them within 2 %.
  const odd = around(1.1), table = [odd, ...Array.from({ length: 79 }, () => around(1.012))];
  assertEquals(judge(table).equalities, 79);
  assertEquals(verdictOf(odd, table).kind, "looks slower");
});

Deno.test("judge widens the intervals of claims, and of nothing else", () => {
  const wide = { logRatios: draws(20, (i) => (i - 9.5) / 200), problems: [] };
  const table = [around(1.1, 20), wide, wide, wide, wide];
  const { each } = judge(table);
  // 1 of 5 is claimed: 99 % instead of 95 %, the 4th of 20 processes instead of the 6th.
  assertEquals(each.map(({ verdict }) => verdict.kind).slice(0, 2), ["slower", "not separated"]);
  assertEquals(each.map(({ ratio }) => ratio!.rank), [4, 6, 6, 6, 6]);
});

Deno.test("judge gives no verdict where the run's checks failed, nor counts it", () => {
  const problems = failedOf([checkTwin(draws(8, () => Math.log(1.04)))]);
  const voided = { ...around(2), problems };
  const table = [around(2), ...Array.from({ length: 50 }, () => voided)];
  const { each, tests } = judge(table);
  assertEquals(each[1].verdict, { kind: "not valid", why: problems });
  assertEquals(each[0].verdict.kind, "slower");
  assertEquals(tests, 1);
  assertAlmostEquals(each[1].ratio!.point, 2, 0.001);
});

Deno.test("judge shows an interval that agrees with its verdict", () => {
  const random = seeded();
  const ratios = [0.9, 0.97, 1, 1.01, 1.02, 1.05];
  for (const processes of [6, 8, 12, 20]) {
    const table = ratios.flatMap((ratio) =>
      simulateTable(random, { cells: 10, ratio, processes, luck: 0.012 })
    );
    for (const { verdict, ratio } of judge(table).each) {
      if (verdict.kind === "slower") assert(ratio!.low > 1.005);
      if (verdict.kind === "faster") assert(ratio!.high < 1 / 1.005);
      if (verdict.kind === "equal") assert(ratio!.low > 1 / 1.02 && ratio!.high < 1.02);
    }
  }
});

Deno.test("judge never says equal of what the run's margin cannot tell apart", () => {
  const { each } = judge([around(1.02)], { margin: 0.03 });
  assertEquals(each[0].verdict, { kind: "equal", within: 0.03 });
  assertThrows(() => judge([], { margin: NaN }), RangeError, "found NaN");
});

Deno.test("sharedShift is what every process exceeds", () => {
  assertEquals(sharedShift([0.02, 0.01, 0.03]), 0.01);
  assertEquals(sharedShift([-0.02, -0.01]), 0.01);
  assertEquals(sharedShift([-0.02, 0.01]), 0);
  assertEquals(sharedShift([]), 0);
});

Deno.test("marginOfTwins rises to what all but one in twenty A/A cells stay within", () => {
  const biased = draws(8, () => Math.log(1.012));
  const fair = [-0.01, 0.01];
  assertEquals(marginOfTwins([]), LEAST_MARGIN);
  assertEquals(marginOfTwins([fair]), LEAST_MARGIN);
  assertAlmostEquals(marginOfTwins([biased]), 0.012);
  const fairs = Array.from({ length: 38 }, () => fair);
  assertEquals(marginOfTwins([...fairs, biased, biased]), LEAST_MARGIN);
  assertAlmostEquals(marginOfTwins([...fairs.slice(1), biased, biased, biased]), 0.012);
});

Deno.test("minimumDetectable is found with the power that it promises", () => {
  const random = seeded(), runs = 4000, luck = 0.01;
  // The truth for this spread: all 8 pass with 80 %, so each with 97.2 %, 1.92 deviations.
  const truth = Math.expm1(Math.log(1.005) + 1.915 * luck);
  const found = count(
    simulateTable(random, { cells: runs, ratio: 1 + truth, processes: 8, luck }),
    ["slower"],
  );
  assertShare(found, { runs, atLeast: 0.8, atMost: 0.81 });
  const own = simulateTable(random, { cells: 500, ratio: 1, processes: 8, luck }).map((cell) =>
    minimumDetectable(cell.logRatios, { margin: 0.005, misses: 0 })!
  );
  const typical = own.toSorted((a, b) => a - b)[250];
  assertAlmostEquals(typical, truth, 0.15 * truth);
  assertEquals(minimumDetectable([1], { margin: 0, misses: 0 }), null);
});

Deno.test("minimumDetectable is 1.92 deviations past the margin for 8 of 8", () => {
  const needed = minimumDetectable(
    [-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5].map((x) => x / 1000),
    { margin: 0.005, misses: 0 },
  )!;
  assertAlmostEquals(Math.log1p(needed) - Math.log1p(0.005), 1.916 * Math.sqrt(6) / 1000, 5e-5);
});

Deno.test("minimumDetectable is smaller where a process may disagree", () => {
  const { logRatios } = around(1, 12);
  const strict = minimumDetectable(logRatios, { margin: 0.005, misses: 0 })!;
  assert(minimumDetectable(logRatios, { margin: 0.005, misses: 2 })! < strict);
});

const RUNS = 100, CELLS = 40;
const DIFFERENT: Verdict["kind"][] = ["faster", "slower", "looks faster", "looks slower"];

/** Of `RUNS` races over 40 cells, how many cells got such a verdict, by the race's own margin. */
function raced(kinds: Verdict["kind"][], cell: { ratio: number; processes: number; luck: number }) {
  const random = seeded();
  let hits = 0;
  for (let run = 0; run < RUNS; run++) {
    const twins = simulateTable(random, { ...cell, cells: CELLS, ratio: 1 });
    const margin = marginOfTwins(twins.map(({ logRatios }) => logRatios));
    hits += count(simulateTable(random, { ...cell, cells: CELLS }), kinds, margin);
  }
  return hits;
}

Deno.test("judge finds 3 % in nine of ten full races, processes differing by up to 1 %", () => {
  for (const luck of [0.004, 0.007, 0.01]) {
    const found = raced(["slower"], { ratio: 1.03, processes: 8, luck });
    assertShare(found, { runs: RUNS * CELLS, atLeast: 0.93 });
  }
});

Deno.test("judge finds 10 % in quick races, processes differing by up to 2 %", () => {
  const runs = RUNS * CELLS;
  assertEquals(raced(["looks slower"], { ratio: 1.1, processes: 3, luck: 0.01 }), runs);
  const found = raced(["looks slower"], { ratio: 1.1, processes: 3, luck: 0.02 });
  assertShare(found, { runs, atLeast: 0.998 });
});

Deno.test("judge finds no difference between like and like, at any spread", () => {
  for (const luck of [0.004, 0.01, 0.02, 0.04]) {
    const full = raced(DIFFERENT, { ratio: 1, processes: 8, luck });
    assertShare(full, { runs: RUNS * CELLS, atMost: 0.001 });
    const quick = raced(DIFFERENT, { ratio: 1, processes: 3, luck });
    assertShare(quick, { runs: RUNS * CELLS, atMost: 0.03 });
  }
});

Deno.test("judge says equal of like and like where processes differ by half a per cent", () => {
  const equal = raced(["equal"], { ratio: 1, processes: 8, luck: 0.005 });
  assertShare(equal, { runs: RUNS * CELLS, atLeast: 0.999 });
});

Deno.test("judge: of the close claims alone at most 5 % are false, however many are obvious", () => {
  const random = seeded(), runs = 300;
  let claims = 0, falseClaims = 0;
  for (let run = 0; run < runs; run++) {
    const obvious = simulateTable(random, { cells: 300, ratio: 3, processes: 10, luck: 0.05 });
    const close = simulateTable(random, { cells: 12, ratio: 1.05, processes: 10, luck: 0.01 });
    const equal = simulateTable(random, { cells: 48, ratio: 1, processes: 10, luck: 0.03 });
    const { each } = judge([...obvious, ...close, ...equal], { equalWithin: 0 });
    const isClaim = ({ verdict: { kind } }: typeof each[number]) =>
      kind === "faster" || kind === "slower";
    claims += each.slice(300).filter(isClaim).length;
    falseClaims += each.slice(312).filter(isClaim).length;
  }
  assert(claims > runs * 10, "most of the true close differences are claimed");
  assertShare(falseClaims, { runs: claims, atMost: 0.05 });
});

Deno.test("judge: a comparison with a margin of its own claims only beyond it", () => {
  const logRatios = draws(10, (i) => Math.log(1.05 + i / 1e4)), problems: [] = [];
  const kinds = judge([
    { logRatios, problems },
    { logRatios, problems, margin: 0.06 },
  ]).each.map(({ verdict }) => verdict.kind);
  assertEquals(kinds[0], "slower");
  assert(kinds[1] !== "slower");
});
