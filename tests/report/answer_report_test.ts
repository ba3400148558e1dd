import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { answerText } from "../../bench/report/answer_report.ts";
import { changesOf } from "../../bench/race/contenders.ts";
import { readResultFile } from "../../bench/record/result_file.ts";
import { answerOf } from "../../bench/summary/answer.ts";
import { summarize } from "../../bench/summary/summary.ts";
import { cell, type Race, raceFile } from "../support/result_model.ts";

const REFERENCE = new URL("../../results/reference/2026-11-22-epyc-2cores.jsonl", import.meta.url);

/** Lookups, ranges and changes at three slot counts. */
const CELLS = ["find_uniform", "zap_8", "move"].flatMap((workload) =>
  [10, 509, 32764].map((slots) => cell({ workload, slots }))
);
const NS = { sorted_array: 40, radix_table: 10, radix_chunks: 11, rb_tree: 60 };

function words(race: Partial<Race> = {}, width = 80): string {
  const summary = summarize(raceFile({ cells: CELLS, ns: NS, processes: 10, ...race }));
  return answerText(summary, { file: "race.jsonl", changesOf }, { width, color: false });
}

/** A text with its folded lines whole. */
function unfolded(text: string): string {
  return text.replace(/\s+/g, " ");
}

Deno.test("answerText: the reference run is answered on a screen of 24 lines and 80 columns", () => {
  const summary = summarize(readResultFile(fileURLToPath(REFERENCE)));
  const text = answerText(summary, { file: "race.jsonl", changesOf }, { width: 80, color: false });
  assert(text.trimEnd().split("\n").length < 24, text);
  for (const what of ["lookups", "ranges", "changes"]) {
    for (const slots of ["10", "509", "32,764"]) {
      assertMatch(text, new RegExp(`^${what} +${slots} +\\w+ +[\\d.]+ +[\\d.]+ +(sure|tied)`, "m"));
    }
  }
  assertMatch(text, /^ {2}in place +radix_chunks +0\.746 +58\.6 +\+20 %$/m);
  assertStringIncludes(
    text,
    "Believe it: identical twins differ by 0.2 %; checks void 2 of 360 rows.",
  );
});

Deno.test("answerText: no line is wider than the screen, from 60 columns on", () => {
  for (const width of [60, 70, 80, 100, 120]) {
    for (const line of words({}, width).split("\n")) assert(line.length <= width, line);
  }
});

Deno.test("answerText: a winner that rebuilds at a change has the best that does not beside it", () => {
  const next = words({ luck: 0 });
  assertMatch(next, /^ranges +509 +radix_table +0\.250 +sure, radix_chunks\* \+10 %$/m);
  const below = words({ luck: 0, ns: { ...NS, eytzinger: 10.5 } });
  assertMatch(below, /^ranges +32,764 +radix_table +0\.250 +sure(, eytzinger)? \+5 %$/m);
  assertMatch(below, /^ {2}in place +radix_chunks +0\.275 +\+10 %$/m);
  for (const text of [next, below]) {
    assertStringIncludes(
      unfolded(text),
      "in place or *: the best that rebuilds nothing at a change",
    );
    assert(text.trimEnd().split("\n").length < 24, text);
  }
});

Deno.test("answerText: three processes are likely and no claim, and it says so", () => {
  const text = words({ processes: 3, quick: true });
  assertMatch(text, /^lookups +509 +radix_table +0\.2\d\d +likely, radix_chunks/m);
  assertStringIncludes(unfolded(text), "3 processes, so nothing is claimed.");
  assertMatch(text, /^Indicative only: identical twins differ by/m);
});

Deno.test("answerText: a run that is not valid says so, with cause and cure", () => {
  const text = words({ twin: 1.05 });
  assertStringIncludes(text, "DO NOT BELIEVE IT");
  assertStringIncludes(text, "THE WHOLE RUN IS NOT VALID.");
  assertMatch(text, /Race more\s+processes/);
});

Deno.test("answerText: rows that are not valid have cause and cure where there is room", () => {
  const file = raceFile({ processes: 10, ns: NS });
  const trials = file.trials.map((trial) => {
    const { round, entry, ns } = trial.blocks;
    const slowed = ns.map((ns, i) => entry[i] === 1 && round[i] < 16 ? 2.6 * ns : ns);
    return { ...trial, blocks: { ...trial.blocks, ns: slowed } };
  });
  const place = { file: "race.jsonl", changesOf };
  const text = answerText(summarize({ ...file, trials }), place, { width: 80, color: false });
  assertStringIncludes(text, "checks void 1 of 3 rows");
  assertMatch(
    text,
    /^NOT VALID: radix_table, find_uniform at 509: The speed of radix_table changed/m,
  );
  assertStringIncludes(unfolded(text), "What to do: Race with more rounds, --rounds 48");
});

Deno.test("answerText: a contender that failed is named, and no other figure is of it", () => {
  const outcomes = { radix_table: { kind: "wrong" as const, words: "radix_table is wrong" } };
  const text = words({ outcomes });
  assertMatch(text, /^FAILED, so without any number: radix_table \(wrong\)$/m);
  assertEquals(text.match(/radix_table/g)?.length, 1);
});

Deno.test("answerText: one contender alone has nothing to be compared with", () => {
  assertStringIncludes(words({ ns: { sorted_array: 40 } }), "No two contenders can be compared.");
});

Deno.test("answerOf: lookups that wait are lookups, and the slot counts are those of most cells", () => {
  const cells = [...CELLS, cell({ workload: "find_serial" }), cell({ slots: 3 })];
  const { fastest } = answerOf(summarize(raceFile({ cells, ns: NS })), { changesOf });
  assertEquals(new Set(fastest.map(({ slots }) => slots)), new Set([10, 509, 32764, null]));
  const [lookups] = fastest.filter(({ family, slots }) => family === "lookup" && slots === 509);
  assertEquals(lookups.cells, 2);
});

Deno.test("answerOf: of slot counts with as many cells the least and the greatest are shown", () => {
  const cells = [64, 509, 4096, 32764].map((slots) => cell({ slots }));
  const { fastest } = answerOf(summarize(raceFile({ cells, ns: NS })), { changesOf });
  assertEquals(fastest.map(({ slots }) => slots), [64, 509, 32764, null]);
});
