import { assertEquals, assertMatch } from "@std/assert";
import {
  claimLines,
  crossoverWords,
  familyWords,
  findingOf,
  outWords,
  processWarnings,
  verdictWords,
} from "../../bench/report/verdict_words.ts";
import { checkSettled, failedOf } from "../../bench/stats/checks.ts";
import { judge } from "../../bench/stats/verdict.ts";
import { cell } from "../support/result_model.ts";
import { draws } from "../support/stats_model.ts";

/** Process ratios around `ratio`, a thousandth apart. */
function around(ratio: number, processes = 8) {
  const middle = (processes - 1) / 2;
  const logRatios = draws(processes, (i) => Math.log(ratio + (i - middle) / 1000));
  return { logRatios, problems: [] };
}

Deno.test("verdictWords: each verdict says what it needs, and no more", () => {
  const words = (ratio: number, processes?: number) =>
    verdictWords(judge([around(ratio, processes)]).each[0].verdict);
  assertEquals(words(1.05), "slower");
  assertEquals(words(1 / 1.05), "faster");
  assertEquals(words(1.01), "equal within 2 %");
  assertEquals(words(1.1, 3), "looks slower");
  assertEquals(words(2, 2), "not separated (needs 6 processes)");
  const { logRatios } = around(1.05);
  const torn = judge([{ logRatios: [...logRatios.slice(1), -0.001], problems: [] }]);
  assertMatch(verdictWords(torn.each[0].verdict), /^not separated \(needs >= [567]\.\d %\)$/);
});

Deno.test("claimLines: claims, correction, widening and what only looks", () => {
  const lines = claimLines(judge([around(1.1), around(1), around(1.2), around(1)]));
  assertEquals(lines.length, 2);
  assertMatch(lines[0], /^Claims: 4 of 4 comparisons\. .*beyond 0\.5 % .*within 2 %/);
  assertMatch(lines[1], /widened to 97\.5 %/);
  assertMatch(claimLines(judge([around(1.1, 3)]))[1], /6 processes are needed/);
});

Deno.test("findingOf: a late change says when, how often and what to do", () => {
  const late = { rounds: 24, before: 20, fromRound: 20, change: 2.6 };
  const [check] = failedOf([checkSettled("rb_tree", draws(10, () => 0).map(() => late))]);
  const { seen, cure } = findingOf(check);
  assertEquals(
    seen,
    "The speed of rb_tree changed 2.6-fold (faster after it) at round 20 of 24 in 10 of 10 " +
      "processes.",
  );
  assertMatch(cure, /--rounds 48/);
});

Deno.test("crossoverWords: a bracket and where the middle lies, or who wins throughout", () => {
  const names = { contender: "linear_scan", base: "sorted_array" };
  const crossing = { from: 4, to: 8, near: 4.5, processes: 8, leftOut: 0, level: 0.99 };
  assertEquals(
    crossoverWords({ kind: "crosses", wins: "below", ...crossing }, names),
    "linear_scan stops winning against sorted_array between 4 and 8 slots, near 5",
  );
  assertMatch(
    crossoverWords({ kind: "crosses", wins: "above", ...crossing }, names),
    /^linear_scan starts winning against/,
  );
  assertEquals(
    crossoverWords({ kind: "never crosses", wins: false }, names),
    "linear_scan loses at every slot count raced",
  );
});

Deno.test("processWarnings: too few processes, and those left out", () => {
  assertEquals(processWarnings({ leftOut: 0, processes: 8, level: 0.99 }), []);
  assertEquals(processWarnings({ leftOut: 1, processes: 3, level: 0.75 }), [
    "1 of 4 processes left out as they did not measure all",
    "an indication: 3 processes give 75 % at most",
  ]);
});

Deno.test("familyWords: `step` is a unit like others, and all units are everything", () => {
  assertEquals(familyWords({ kind: "unit", unit: "step" }), "steps");
  assertEquals(familyWords({ kind: "all" }), "everything");
});

Deno.test("outWords: names the cell in which an entry failed, but not in that cell's table", () => {
  const out = { kind: "wrong" as const, words: "", foundIn: cell({ slots: 4096 }) };
  assertEquals(outWords(out, cell()), "WRONG in find_uniform at 4,096");
  assertEquals(outWords(out, cell({ slots: 4096 })), "WRONG");
  assertEquals(outWords({ ...out, foundIn: null }, cell()), "WRONG");
});
