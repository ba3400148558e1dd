import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { joinShards } from "../../bench/record/join.ts";
import type { RaceFile } from "../../bench/record/result_file.ts";
import { benchfmtOf } from "../../bench/report/benchfmt.ts";
import { csvOf } from "../../bench/report/csv.ts";
import { gridOf } from "../../bench/report/grid.ts";
import { pageOf } from "../../bench/report/page.ts";
import { machineLines, raceBlocks } from "../../bench/report/race_report.ts";
import { recordTable } from "../../bench/report/records.ts";
import { textOf as tablesOf } from "../../bench/report/text.ts";
import { looksOf } from "../../bench/stats/looks.ts";
import { curves, interfaceTaxes } from "../../bench/summary/growth.ts";
import { mixCellsOf } from "../../bench/summary/mix_cells.ts";
import { summarize, type Summary } from "../../bench/summary/summary.ts";
import { compareRuns } from "../../bench/summary/versus.ts";
import { cell, raceLines } from "../support/result_model.ts";
import { fileOf, shardLines, shardsOf } from "../support/shards.ts";

const CELLS = [cell({ slots: 10 }), cell({ slots: 509 }), cell({ slots: 509, condition: "mixed" })];

const LINES = raceLines({ cells: CELLS, rounds: 6 });

/** The race in two shards: 10 slots on one machine, 509 on the other, of another kind. */
const JOINED = joinedOf(["Model CPU", "Other CPU"]);

function joinedOf([one, other]: readonly string[]): RaceFile {
  const shards = [
    fileOf("1.jsonl", shardLines(LINES, { index: 1, of: 2, cpu: one })),
    fileOf("2.jsonl", shardLines(LINES, { index: 2, of: 2, cpu: other })),
  ];
  return fileOf("joined.jsonl", joinShards(shards, { isPartial: false, looksOf }));
}

function labelled(summary: Summary) {
  return [{ label: "A", summary, versus: null }];
}

Deno.test("machineLines: name each machine once, with its cells", () => {
  assertEquals(machineLines(summarize(JOINED)), [
    "track-1: Model CPU, 4 cores, linux 6.1 x86_64, Deno 2.9.6: find_uniform scattered 10",
    "track-2: Other CPU, 4 cores, linux 6.1 x86_64, Deno 2.9.6: find_uniform scattered 509",
  ]);
});

Deno.test("curves: over machines crossovers are told, as they rest on ratios, and growth is not", () => {
  const [apart] = curves(summarize(JOINED)), [alone] = curves(summarize(fileOf("w", LINES)));
  assertEquals([apart.isOfOneMachine, alone.isOfOneMachine], [false, true]);
  assertEquals(apart.crossovers, alone.crossovers);
  assert(alone.growth.every(({ scaling }) => scaling.kind === "scaling"));
  assert(apart.growth.every(({ scaling }) => {
    return scaling.kind === "cannot tell" && /several machines/.test(scaling.why);
  }));
});

Deno.test("interfaceTaxes: variants of a cell stay in one shard, so they are compared", () => {
  assertEquals(
    interfaceTaxes(summarize(JOINED)),
    interfaceTaxes(summarize(fileOf("w", LINES))).map((tax) => ({
      ...tax,
      cell: summarize(JOINED).cells[2],
      other: summarize(JOINED).cells[1],
    })),
  );
});

Deno.test("mixCellsOf, gridOf: nothing adds or lines up times of several machines", () => {
  const summary = summarize(JOINED);
  assertEquals(mixCellsOf(summary), []);
  const row = ["workload", "slots", "condition"] as const, col = ["contender"] as const;
  assertThrows(
    () => gridOf(labelled(summary), { row, col, value: "ns" }),
    Error,
    "Cannot show ns in a grid as cells of several machines would stand beside each other",
  );
  const { table } = gridOf(labelled(summary), { row, col, value: "ratio" });
  const base = table.columns.findIndex(({ title }) => title?.includes("sorted_"));
  assertEquals(
    table.rows.map(({ values }) => values[base]),
    [1, 1, 1].map((value) => ({ kind: "ratio" as const, value })),
  );
});

Deno.test("recordTable, benchfmtOf: each row has the machine of its cell", () => {
  const files = labelled(summarize(JOINED)), csv = csvOf(recordTable(files)).split("\n");
  const at = csv[0].split(",").indexOf("host"), slots = csv[0].split(",").indexOf("slots");
  const hosts = new Set(
    csv.slice(1).filter(Boolean).map((line) => {
      return `${line.split(",")[slots]} ${line.split(",")[at]}`;
    }),
  );
  assertEquals([...hosts], ["10 track-1", "509 track-2"]);
  assertEquals(benchfmtOf(files).match(/^(host|cpu): .*$/gm), [
    "cpu: Model CPU",
    "host: track-1",
    "cpu: Other CPU",
    "host: track-2",
  ]);
});

Deno.test("raceBlocks, pageOf: say which machine a cell's ns are of, and draw no line over machines", () => {
  const summary = summarize(JOINED), screen = { width: 200, color: false };
  const words = tablesOf(raceBlocks(summary), screen);
  assertMatch(words, /10 slots.*: ns a lookup on track-1/);
  assertMatch(words, /joined from 2 of 2 shards by cell/);
  assertMatch(words, /times are compared within a cell only/);
  const page = pageOf({
    summaries: [summary],
    changesOf: () => undefined,
    checkLines: [],
    csv: "",
  });
  assertEquals([/<svg/.test(page), /ns a lookup on track-2/.test(page)], [false, true]);
  assertMatch(page, /3 indexes on several machines, /);
  assertMatch(page, /<dt>machine<\/dt><dd>track-2: Other CPU/);
});

Deno.test("compareRuns: a cell on another machine of the same ones is another environment", () => {
  const one = summarize(JOINED), again = summarize(joinedOf(["Model CPU", "Other CPU"]));
  assertEquals(compareRuns(one, again).differences, []);
  const turned = {
    ...JOINED.run.joined!,
    shards: JOINED.run.joined!.shards.map((shard, i, all) => ({
      ...all[1 - i],
      index: shard.index,
    })),
  };
  const moved = summarize({ ...JOINED, run: { ...JOINED.run, joined: turned } });
  const { differences, rows } = compareRuns(one, moved);
  assertEquals(differences.map(({ field }) => field), ["machine"]);
  assert(rows.every(({ absolute }) => absolute === null));
});

Deno.test("summarize: shards by process are of machines of one kind, which count as one", () => {
  const file = fileOf(
    "j",
    joinShards(shardsOf(LINES, 2, "process"), { isPartial: false, looksOf }),
  );
  const { cells } = summarize(file);
  assertEquals(cells.map(({ machines }) => machines.map(({ host }) => host)), [
    ["track-1", "track-2"],
    ["track-1", "track-2"],
    ["track-1", "track-2"],
  ]);
  assert(curves(summarize(file)).every(({ isOfOneMachine }) => isOfOneMachine));
});

Deno.test("checkRun: the load is that of the machine that had the most for its cores", () => {
  const { joined } = JOINED.run;
  const shards = joined!.shards.map((shard) => {
    const cores = shard.index === 1 ? 2 : 64;
    return { ...shard, environment: { ...shard.environment, cores } };
  });
  const trials = JOINED.trials.map((trial) => ({ ...trial, load: trial.shard === 1 ? 4 : 8 }));
  const file = { ...JOINED, run: { ...JOINED.run, joined: { ...joined!, shards } }, trials };
  const { mostLoad, cores } = summarize(file).checks;
  assertEquals([mostLoad, cores], [4, 2]);
});
