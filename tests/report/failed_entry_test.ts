/** An entry that failed anywhere in a run has no number anywhere, in no format. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMPARE } from "../../bench/cli/compare.ts";
import type { Line, Outcome } from "../../bench/record/schema.ts";
import { captured } from "../support/captured.ts";
import { cell, fileOf, raceLines } from "../support/result_model.ts";

const CELLS = [
  cell({ slots: 10 }),
  cell(),
  cell({ condition: "mixed" }),
  cell({ lastUsed: "set" }),
  cell({ workload: "zap_8" }),
];

const PROBES: Line[] = CELLS.map((cell) => ({
  kind: "probe",
  cell,
  entries: ["sorted_array", "rb_tree", "eytzinger"].map((name) => (
    { name, outcome: { kind: "ok" }, liveBytesPerSlot: 77.7, buildNsPerSlotSorted: 77.7 }
  )),
}));

/** A race that `eytzinger`, the fastest, leaves with that outcome in one process of one cell. */
function raceWith(outcome: Outcome, file: string): string {
  const lines = raceLines({ cells: CELLS, more: PROBES, seed: 3 }).map((line): Line => {
    if (line.kind !== "trial" || line.process !== 4 || line.cell.workload !== "zap_8") return line;
    const entries = line.entries.map((entry) =>
      entry.name === "eytzinger" ? { ...entry, outcome } : entry
    );
    return { ...line, entries };
  });
  return fileOf(file, lines);
}

const COMMANDS: readonly (readonly string[])[] = [
  [],
  ["--full"],
  ["--format", "json"],
  ["--format", "markdown"],
  ["--format", "csv"],
  ["--format", "benchfmt"],
  ["--row", "workload,slots,condition,last-used", "--col", "contender"],
  ["--row", "contender", "--col", "slots", "--value", "ns"],
  ["--row", "contender", "--col", "slots", "--format", "csv"],
];

/** Numbers, whatever their meaning; those of names and of the place are taken out before. */
function numbersIn(text: string): string[] {
  const known = [
    /zap_8|2\^20|1048576|at \d+|\(\d+\)|\b(10|509) slots|gfn 0x10/g,
    /2026-\S+|2\.9\.6|15\.0|6\.1|x86_64|0123abc|\S*\.jsonl/g,
  ];
  const plain = text.replaceAll("\\", "");
  return known.reduce((rest, pattern) => rest.replace(pattern, ""), plain).match(/\d+(\.\d+)?/g) ??
    [];
}

for (const kind of ["wrong", "threw", "stuck", "leaked", "crashed"] as const) {
  Deno.test(`compare: an entry that is ${kind} in one process has no number in any format`, async () => {
    const path = raceWith({ kind, words: "eytzinger failed for gfn 0x10" }, `${kind}.jsonl`);
    for (const argv of COMMANDS) {
      const { out, code } = await captured(COMPARE, [path, ...argv]);
      assertEquals(code, 2);
      for (const line of out.split(/\r?\n/).filter((line) => line.includes("eytzinger"))) {
        // In CSV the place of a row and its seed stand before its name, in grids the slot counts.
        const own = argv.includes("csv") ? line.slice(line.indexOf("eytzinger")) : line;
        assertEquals(numbersIn(own), [], `${argv}: ${line}`);
      }
      assert(!/Benchmark\S*eytzinger/.test(out));
    }
  });
}

Deno.test("compare: a failed entry says in each cell where it was found out, and wins nothing", async () => {
  const outcome = { kind: "leaked" as const, words: "eytzinger grew by 9 MB" };
  const path = raceWith(outcome, "leak.jsonl");
  const markdown = await captured(COMPARE, [path, "--format", "markdown"]);
  const rows = markdown.out.split("\n").filter((line) => line.startsWith("| eytzinger"));
  const elsewhere = "| eytzinger LEAKED in zap\\_8 at 509 (1) |";
  assertEquals(rows.map((row) => row.replace(/(\| +)+\| /, "")), [
    ...Array(4).fill(elsewhere),
    "| eytzinger LEAKED (1) |",
  ]);
  const { out } = await captured(COMPARE, [path, "--full"]);
  assertMatch(out, /^\(1\) eytzinger grew by 9 MB \(found in zap_8, scattered, 509 slots/m);
  assert(!out.slice(out.indexOf("Fastest:")).includes("  eytzinger"));
});

Deno.test("compare: in two files, a contender that failed in one has no ratio of the two", async () => {
  const outcome = { kind: "wrong" as const, words: "eytzinger gave null for gfn 0x10" };
  const wrong = raceWith(outcome, "wrong_b.jsonl");
  const right = fileOf("right.jsonl", raceLines({ cells: CELLS, seed: 4 }));
  for (const paths of [[right, wrong], [wrong, right]]) {
    const { out } = await captured(COMPARE, [...paths, "--format", "csv"]);
    const [names, ...rows] = out.trimEnd().split("\r\n").map((line) => line.split(","));
    const at = (name: string) => names.indexOf(name);
    for (const row of rows.filter((row) => row[at("contender")] === "eytzinger")) {
      assertEquals([row[at("ns_over_first")], row[at("verdict_over_first")]], ["", ""]);
    }
  }
});

Deno.test("compare --base: a base that failed in one process gives nobody a ratio, and says why", async () => {
  const outcome = { kind: "wrong" as const, words: "eytzinger gave null for gfn 0x10" };
  const path = raceWith(outcome, "base.jsonl");
  const { out, code } = await captured(COMPARE, [path, "--base", "eytzinger", "--full"]);
  assertEquals(code, 2);
  assertEquals(
    out.match(/^(rb_tree|sorted_array) .*no baseline \(\d\)$/gm)?.length,
    2 * CELLS.length,
  );
  assertStringIncludes(out, "There are no ratios to eytzinger, as it failed:");
  const csv = await captured(COMPARE, [path, "--base", "eytzinger", "--format", "csv"]);
  const [names, ...rows] = csv.out.trimEnd().split("\r\n").map((line) => line.split(","));
  for (const row of rows) {
    for (const field of ["ratio", "ratio_low", "p_value", "verdict", "undisturbed_ratio"]) {
      assertEquals(row[names.indexOf(field)], "");
    }
  }
});
