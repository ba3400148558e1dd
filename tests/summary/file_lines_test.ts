/** Files of few bytes that name large numbers: what they cost follows from their data. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Line, TrialLine } from "../../bench/record/schema.ts";
import { raceBlocks } from "../../bench/report/race_report.ts";
import { textOf } from "../../bench/report/text.ts";
import { fileLines } from "../../bench/summary/file_lines.ts";
import { ReportError } from "../../bench/summary/report_error.ts";
import { summarize } from "../../bench/summary/summary.ts";
import { cell, type Race, raceFile, withLines } from "../support/result_model.ts";

/** A race whose trials are changed. */
function changed(change: (trial: TrialLine) => TrialLine, race: Partial<Race> = {}) {
  const file = raceFile(race);
  const lines = file.lines.map((line): Line => line.kind === "trial" ? change(line) : line);
  return withLines(file, lines);
}

Deno.test("summarize: rounds that are far apart are neighbours, and cost no more", () => {
  const far = changed((trial) => ({
    ...trial,
    blocks: { ...trial.blocks, round: trial.blocks.round.map((round) => round * 50_000) },
  }));
  const near = summarize(raceFile()), found = summarize(far);
  assertEquals(
    found.cells[0].entries.map(({ result }) => result),
    near.cells[0].entries.map(({ result }) => result),
  );
});

Deno.test("summarize: many entries of few blocks in many rounds are refused in a line", () => {
  const file = changed((trial) => ({
    ...trial,
    entries: Array.from({ length: 300 }, (_, i) => ({ ...trial.entries[0], name: `entry${i}` })),
    blocks: {
      round: Array.from({ length: 300 }, (_, i) => i * 3000),
      entry: Array.from({ length: 300 }, (_, i) => i),
      ns: Array(300).fill(1),
    },
  }));
  assertThrows(() => summarize(file), ReportError, "race.jsonl as its rounds must hold most");
});

Deno.test("summarize: numbers of processes that only the plan or a trial's number names cost nothing", () => {
  const file = changed((trial) => ({ ...trial, process: trial.process + 2 ** 52 }));
  const run = { ...file.run, plan: { ...file.run.plan, processes: 2 ** 53 - 1 } };
  const summary = summarize({ ...file, run });
  assertEquals(summary.processes.length, 8);
});

Deno.test("summarize: more processes than a race takes are refused in a line", () => {
  const [trial] = raceFile({ processes: 1 }).lines;
  assert(trial.kind === "trial");
  const lines = Array.from({ length: 201 }, (_, process): Line => ({ ...trial, process }));
  assertThrows(
    () => summarize(withLines(raceFile(), lines)),
    ReportError,
    "as a race has at most 200 processes: its trials are of 201",
  );
});

Deno.test("fileLines: 40,000 lines of the gate are each read a few times only", () => {
  let reads = 0;
  const counted = (line: Line) =>
    new Proxy(line, {
      get(target, name) {
        reads++;
        return Reflect.get(target, name);
      },
    });
  const gates = Array.from({ length: 40_000 }, (_, i): Line => {
    const outcome = { kind: "wrong" as const, words: `lost${i} is wrong` };
    return counted({ kind: "gate", engine: "deno", isLoaded: true, name: `lost${i}`, outcome });
  });
  const file = raceFile({ cells: [10, 100, 509].map((slots) => cell({ slots })), processes: 3 });
  const withGates = withLines(file, [...file.lines, ...gates]);
  fileLines(withGates);
  assert(reads > 0 && reads <= 30 * gates.length, `${reads} reads`);
  const text = textOf(raceBlocks(summarize(withGates)), { width: 80, color: false });
  assertEquals(text.match(/WRONG \(\d+\)/g)?.length, 3 * 40_000);
});

Deno.test("fileLines: a trial that was run again replaces the first, but no failure of it", () => {
  const file = raceFile({ processes: 3 });
  const [first] = file.lines;
  assert(first.kind === "trial");
  const again: Line = { ...first, attempt: 2, unit: "range" };
  const { cells } = fileLines(withLines(file, [...file.lines.slice(1), again]));
  assertEquals(cells[0].tracks.byProcess.length, 3);
  const failing: Line = {
    ...first,
    entries: first.entries.map((entry) =>
      entry.name === "rb_tree" ? { ...entry, outcome: { kind: "threw", words: "it threw" } } : entry
    ),
  };
  const { failures } = fileLines(withLines(file, [failing, ...file.lines.slice(1), again]));
  assertEquals([...failures.keys()], ["rb_tree"]);
});
