import { assert, assertEquals, assertMatch } from "@std/assert";
import { COMPARE } from "../../bench/cli/compare.ts";
import { gridOf } from "../../bench/report/grid.ts";
import { summarize } from "../../bench/summary/summary.ts";
import { captured } from "../support/captured.ts";
import { cell, fileOf, type Race, raceFile } from "../support/result_model.ts";
import { rowWords } from "../support/table_words.ts";

const CELLS = [cell({ slots: 10 }), cell(), cell({ originGfn: 0 }), cell({ workload: "zap_8" })];
const NS = { sorted_array: 40, rb_tree: 80 };

function grid(options: Partial<Parameters<typeof gridOf>[1]>, race: Partial<Race> = {}) {
  const summary = summarize(raceFile({ cells: CELLS, ns: NS, luck: 0, ...race }));
  return gridOf([{ label: "A", summary }], { row: [], col: [], value: "ratio", ...options });
}

Deno.test("gridOf: rows are the workload and whatever varies that is no column", () => {
  const { table, notes } = grid({ col: ["slots"] });
  assertEquals(table.columns.map(({ title }) => title).slice(0, 5), [
    "workload",
    "origin",
    "contender",
    "10",
    "509",
  ]);
  assertEquals(rowWords(table).map((row) => row.slice(0, 5)), [
    ["find_uniform", "2^20", "sorted_array", "40.0", "40.2"],
    ["find_uniform", "2^20", "rb_tree", "2.000", "2.000"],
    ["find_uniform", "0", "sorted_array", "-", "40.2"],
    ["find_uniform", "0", "rb_tree", "-", "2.000"],
    ["zap_8", "2^20", "sorted_array", "-", "40.2"],
    ["zap_8", "2^20", "rb_tree", "-", "2.000"],
  ]);
  assert(notes.every((note) => !note.startsWith("warning")), String(notes));
});

Deno.test("gridOf: rows that are chosen stay as they are, and a hidden key is a warning", () => {
  const { table, notes } = grid({ row: ["slots"], col: ["contender"] });
  assertEquals(rowWords(table).map(([slots]) => slots), ["10", "509"]);
  assertMatch(notes[0], /^warning: workload varies \(find_uniform, zap_8\).*where \* stands/);
  assertEquals(rowWords(table)[1][2], "2.000 *");
});

Deno.test("gridOf: verdicts are marks, and one process has none", () => {
  const near = { sorted_array: 40, rb_tree: 40.9 };
  const marks = (processes: number) =>
    rowWords(grid({ col: ["contender"] }, { ns: near, processes, luck: 0.05 }).table)
      .map((row) => row.at(-2)!.replace(/^[\d.]+/, "").trim());
  assertEquals(new Set(marks(8)), new Set(["~"]));
  assertEquals(new Set(marks(1)), new Set([""]));
});

/** A file of deno bench: two groups of two averages. */
const BENCH = {
  version: 1,
  runtime: "Deno/2.9.6 x86_64-unknown-linux-gnu",
  cpu: "Model CPU",
  benches: [10, 509].flatMap((slots) =>
    [["sorted_array", 400_000], ["rb_tree", 404_000]].map(([name, avg]) => ({
      group: `find_uniform: scattered, ${slots} slots (an iter is 10,000 lookups)`,
      name,
      baseline: name === "sorted_array",
      results: [{ ok: { n: 10, avg } }],
    }))
  ),
};

Deno.test("compare: a file of deno bench has no marks, intervals, p-values or verdicts", async () => {
  const path = fileOf("grid_bench.json", JSON.stringify(BENCH, null, 2));
  const { out } = await captured(COMPARE, [path, "--col", "contender"]);
  assertMatch(out, /^find_uniform +10 +40\.0 +1\.010$/m);
  assert(!/[~=!*]/.test(out.slice(out.indexOf("find_uniform"), out.indexOf("Limits"))));
  const csv = await captured(COMPARE, [path, "--format", "csv"]);
  const [names, ...rows] = csv.out.trimEnd().split("\r\n").map((line) => line.split(","));
  const unknown = ["p_value", "adjusted_p_value", "ratio_low", "ratio_level", "ns_low", "verdict"];
  for (const row of rows) {
    assertEquals(unknown.map((name) => row[names.indexOf(name)]), unknown.map(() => ""));
  }
  assertEquals(rows.map((row) => row[names.indexOf("ratio")]), ["1", "1.01", "1", "1.01"]);
});

Deno.test("compare: a grid as CSV has a field for each column and one for its mark", async () => {
  const path = fileOf("grid_bench.json", JSON.stringify(BENCH, null, 2));
  const { out } = await captured(COMPARE, [path, "--col", "contender", "--format", "csv"]);
  const [head, first] = out.split("\r\n");
  assertEquals(head, "workload,slots,sorted_array,sorted_array mark,rb_tree,rb_tree mark");
  assertEquals(first, "find_uniform,10,40,,1.01,");
});
