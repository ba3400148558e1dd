import { assertEquals } from "@std/assert";
import { raceBlocks } from "../../bench/report/race_report.ts";
import { familiesOf } from "../../bench/summary/families.ts";
import { familyMeans } from "../../bench/summary/growth.ts";
import { summarize } from "../../bench/summary/summary.ts";
import { cell, raceFile } from "../support/result_model.ts";
import { rowWords } from "../support/table_words.ts";

/** Two workloads whose unit is "step", beside one of lookups; the tree is better at those. */
const CELLS = ["perf_map", "perf_move", "perf_setup"].map((workload) => cell({ workload }));
const NS = {
  sorted_array: 40,
  rb_tree: ({ workload }: { workload: string }) => workload === "perf_map" ? 10 : 50,
};

function summary() {
  return summarize(raceFile({ cells: CELLS, ns: NS, luck: 0 }));
}

Deno.test("familiesOf: cells of unit `step` are a family apart from all cells together", () => {
  const families = familiesOf(summary().cells).map(({ of, cells }) => [of, cells.length]);
  assertEquals(families, [[{ kind: "unit", unit: "step" }, 2], [{ kind: "all" }, 3]]);
});

Deno.test("raceBlocks: a contender has one row in each table of means, also with unit `step`", () => {
  const tables = raceBlocks(summary()).filter(({ title }) => title.startsWith("Geometric mean"));
  assertEquals(tables.map(({ title }) => title), [
    "Geometric mean of the ratio to sorted_array over 2 cells: steps, solo",
    "Geometric mean of the ratio to sorted_array over 3 cells: everything, solo",
  ]);
  assertEquals(tables.map((table) => rowWords(table).map(([name, mean]) => [name, mean])), [
    [["rb_tree", "1.250"]],
    [["rb_tree", "0.731"]],
  ]);
});

Deno.test("raceBlocks: winners of unit `step` and of all cells stand in rows of their own", () => {
  const [fastest] = raceBlocks(summary()).filter(({ title }) => title.startsWith("Fastest:"));
  const means = rowWords(fastest).filter(([place]) => place.startsWith("mean"));
  assertEquals(means.map(([place, , winner]) => [place, winner]), [
    ["mean of 2 steps", "sorted_array"],
    ["mean of 3 cells", "rb_tree"],
  ]);
});

Deno.test("familyMeans: cells with a cache in front and without are in no family together", () => {
  const cells = [cell(), cell({ slots: 10 })].flatMap((
    cell,
  ) => [cell, { ...cell, lastUsed: "set" as const }]);
  const means = familyMeans(summarize(raceFile({ cells, ns: NS })));
  assertEquals(means.map(({ family }) => [family.lastUsed, family.cells.length]), [
    ["off", 2],
    ["set", 2],
  ]);
});
