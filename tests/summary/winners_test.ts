import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { changesOf, CONTENDERS } from "../../bench/race/contenders.ts";
import { markdownOf } from "../../bench/report/markdown.ts";
import { textOf } from "../../bench/report/text.ts";
import { summarize, type SummaryOptions } from "../../bench/summary/summary.ts";
import { raceBlocks } from "../../bench/report/race_report.ts";
import { winsOf } from "../../bench/summary/winners.ts";
import { winnerBlocks } from "../../bench/report/winner_tables.ts";
import { cell, type Race, raceFile } from "../support/result_model.ts";
import { rowWords } from "../support/table_words.ts";

const CELLS = [
  cell(),
  cell({ slots: 10 }),
  cell({ originGfn: 2 ** 40 }),
  cell({ workload: "zap_8" }),
];

/** The tree wins at 10 slots; elsewhere a table that is rebuilt, hardly before the chunks. */
const NS: Race["ns"] = {
  sorted_array: 40,
  rb_tree: ({ slots }) => slots === 10 ? 4 : 60,
  radix_table: 10,
  radix_chunks: 10.3,
};

function summaryOf(race: Partial<Race> = {}, options: SummaryOptions = {}) {
  return summarize(raceFile({ ns: NS, cells: CELLS, processes: 10, ...race }), options);
}

/** Rows of the tables: place, slots, fastest, ratio, near. */
function rowsOf(...args: Parameters<typeof summaryOf>): string[][][] {
  return winnerBlocks(summaryOf(...args), changesOf).map(rowWords)
    .filter((rows) => rows.length > 0);
}

Deno.test("winnerBlocks: each cell, each family and everything, and who changes in place", () => {
  const [all, inPlace] = rowsOf({ luck: 0 });
  assertEquals(all, [
    ["find_uniform", "509", "radix_table", "0.250", "radix_chunks 1.030"],
    ["find_uniform", "10", "rb_tree", "0.100", "-"],
    ["find_uniform 2^40", "509", "radix_table", "0.250", "radix_chunks 1.030"],
    ["zap_8", "509", "radix_table", "0.250", "radix_chunks 1.030"],
    ["mean of 3 lookups", "", "radix_table", "0.250", "radix_chunks 1.030"],
    ["mean of 4 cells", "", "radix_table", "0.250", "radix_chunks 1.030"],
  ]);
  assertEquals(inPlace.map(([place, slots, name, ratio]) => [place, slots, name, ratio]), [
    ["find_uniform", "509", "radix_chunks", "0.258"],
    ["find_uniform 2^40", "509", "radix_chunks", "0.258"],
    ["zap_8", "509", "radix_chunks", "0.258"],
    ["mean of 3 lookups", "", "radix_chunks", "0.258"],
    ["mean of 4 cells", "", "radix_chunks", "0.258"],
  ]);
});

Deno.test("winnerBlocks: who cannot be told from the fastest stands beside it with ~", () => {
  const ns = { sorted_array: 40, rb_tree: 10, radix_chunks: 10 };
  const [[[, , winner, , near]]] = rowsOf({ ns, cells: [cell()], luck: 0.03 });
  const names = [winner, near.split(" ")[0]].sort();
  assertEquals(names, ["radix_chunks", "rb_tree"]);
  assertMatch(near, /^\w+ \d\.\d{3} ~$/);
});

Deno.test("winnerBlocks: three processes claim nothing, and say so", () => {
  const summary = summaryOf({ processes: 3, quick: true, cells: [cell()] });
  const text = textOf(winnerBlocks(summary, changesOf), { width: 100, color: false });
  assertMatch(text, /^find_uniform +509 +radix_table \? +0\.2\d\d +radix_chunks 1\.03\d \?$/m);
  assertStringIncludes(text, "an indication, no claim");
});

Deno.test("winnerBlocks: a cell that its checks void has a mark, and no ~", () => {
  const [rows] = rowsOf({ twin: 1.05, cells: [cell(), cell({ workload: "zap_8", slots: 10 })] });
  assertEquals(rows[0][2], "radix_table !");
  assertMatch(rows[0][4], /^radix_chunks 1\.0\d\d !$/);
});

Deno.test("winnerBlocks: filters leave out contenders and cells, and with one left nobody wins", () => {
  const [rows] = rowsOf({ luck: 0 }, {
    keep: (cell, name) => cell.workload === "zap_8" && name !== "radix_table",
  });
  assertEquals(rows, [["zap_8", "509", "radix_chunks", "0.258", "-"]]);
  assertEquals(rowsOf({}, { keep: (_, name) => name === "rb_tree" }), []);
});

Deno.test("winsOf: who is wrong anywhere in a cell wins nothing there", () => {
  const outcomes = { radix_table: { kind: "wrong" as const, words: "radix_table is wrong" } };
  const { all } = winsOf(summaryOf({ outcomes, luck: 0 }), changesOf);
  assertEquals(all.map(({ podium }) => podium.winner).includes("radix_table"), false);
  assertEquals(all[0].podium.rivals.map(({ name }) => name), ["sorted_array", "rb_tree"]);
});

Deno.test("winsOf: without a base that ran there are winners, but no ratios to it", () => {
  const outcomes = { sorted_array: { kind: "threw" as const, words: "sorted_array threw" } };
  const [{ podium, ratio }] = winsOf(summaryOf({ outcomes, luck: 0 }), changesOf).all;
  assertEquals([podium.winner, ratio], ["radix_table", NaN]);
  assert(Math.abs(podium.rivals[0].ratio - 1.03) < 0.001);
});

Deno.test("winsOf: a contender of somebody's own file is not taken to change in place", () => {
  const { inPlace } = winsOf(summaryOf({ ns: { sorted_array: 40, mine: 10 } }), changesOf);
  assertEquals(inPlace, []);
  assertEquals(changesOf("mine"), undefined);
  assertEquals(new Set(CONTENDERS.map(({ changes }) => changes)).size, 4);
});

Deno.test("raceBlocks: crossovers and winners stand together, before the checks", () => {
  const titles = raceBlocks(summaryOf(), changesOf).map(({ title }) => title.split(/[: ]/)[0]);
  const at = titles.indexOf("Fastest");
  assertEquals(titles.slice(at - 1), ["Crossovers", "Fastest", "Fastest", "", "Checks", "Notes"]);
});

Deno.test("winnerBlocks: no line is wider than a narrow screen, and Markdown has all", () => {
  const cells = [...CELLS, cell({ workload: "guest_accesses", lastUsed: "reader" })];
  const blocks = winnerBlocks(summaryOf({ luck: 0, cells, processes: 3 }), changesOf);
  for (let width = 72; width <= 120; width++) {
    for (const line of textOf(blocks, { width, color: false }).split("\n")) {
      assert(line.length <= width, line);
      assert(!/^ +[~?!]/.test(line), "a mark stays with its number");
    }
  }
  assertStringIncludes(
    markdownOf(blocks),
    "| find\\_uniform 2^40 | 509 | radix\\_table ? | 0.250 | radix\\_chunks 1.030 ? |",
  );
});
