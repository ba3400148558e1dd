/** All tables of a run, in the order of the questions that a reader has. */
import { shardWords } from "../record/shard.ts";
import { curves } from "../summary/growth.ts";
import { areOfOneMachine, machineWords } from "../summary/machines.ts";
import { isValidRun } from "../summary/run_checks.ts";
import {
  type CellSummary,
  isContender,
  judgedOf,
  type Summary,
  timingOf,
} from "../summary/summary.ts";
import type { ChangesOf } from "../summary/winners.ts";
import { againstBlocks } from "./against_tables.ts";
import { checkLines } from "./check_lines.ts";
import { crossoverBlock, growthTable } from "./curve_tables.ts";
import { meanTables } from "./mean_tables.ts";
import { lastUsedTables, taxTables } from "./shift_tables.ts";
import { engineBlocks } from "./engine_tables.ts";
import { FLOOR_STATISTICS, STATISTICS, toneOf } from "./statistics.ts";
import { type Block, prose, type Table, table } from "./table.ts";
import { claimLines } from "./verdict_words.ts";
import { winnerBlocks } from "./winner_tables.ts";
import { cellWords, countWords, oneWords, percent, wholeWords, workloadWords } from "./words.ts";

/** What the tables of a run consist of. How a contender takes a change is not known here: it is told. */
export function raceBlocks(summary: Summary, changesOf: ChangesOf = () => undefined): Block[] {
  const all = curves(summary);
  return [
    prose("", runLines(summary)),
    ...againstBlocks(summary),
    ...summary.cells.filter(({ entries }) => entries.some(isContender))
      .map((cell) => cellTable(cell, summary)),
    ...engineBlocks(summary),
    ...meanTables(summary),
    ...all.map(growthTable),
    ...taxTables(summary),
    ...lastUsedTables(summary),
    // Last before the checks, side by side: winners, and the slot counts at which they change.
    ...all.map((curve) => crossoverBlock(curve, summary)),
    ...winnerBlocks(summary, changesOf),
    prose(
      "Checks: a row that fails one is not valid, and no other row is concerned",
      checkLines(summary),
    ),
    { ...prose("Notes", readingLines(summary)), hasNotes: true },
  ];
}

/** What a race or a comparison ends with: 0; 2 for a wrong answer, a throw ...; 4 if not valid. */
export function exitCodeOf({ cells, checks }: Summary): 0 | 2 | 4 {
  const entries = cells.flatMap(({ entries }) => entries);
  if (entries.some(({ result: { kind } }) => kind !== "timed" && kind !== "not timed")) return 2;
  const verdicts = entries.flatMap((entry) => judgedOf(entry)?.verdict.kind ?? []);
  const isVoid = verdicts.length > 0 && verdicts.every((kind) => kind === "not valid");
  return isVoid || !isValidRun(checks) ? 4 : 0;
}

/** What was run, where, when and from which code. */
export function runLines(summary: Summary): string[] {
  const { path, run, processes } = summary, { environment } = run;
  if (run.kind === "deno bench") {
    return [`${path}: deno bench on ${environment.cpu}, Deno ${environment.deno || "unknown"}`];
  }
  const { plan, shard, joined } = run;
  const part = shard ? `shard ${shardWords(shard)} by ${shard.by}, ` : "";
  const place = joined
    ? `joined from ${joined.shards.length} of ${countWords(joined.of, "shard")} by ${joined.by}`
    : `${part}on ${run.host}, ${environment.cpu}, ${environment.cores} cores, ${environment.os} ` +
      `${environment.kernel} ${environment.arch}`;
  return [
    `${path}: ${run.startedAt} ${place}`,
    ...(joined ? machineLines(summary) : []),
    `Deno ${environment.deno}, V8 ${environment.v8}, commit ${run.commit || "unknown"}, seed ` +
    `${run.seed}, ${countWords(processes.length, "process", "processes")}, ${plan.rounds} rounds` +
    (plan.layoutPerProcess ? ", each process on a layout of its own" : "") +
    (plan.quick ? ", quick: no claims" : ""),
    ...Object.entries(environment.engines ?? {}).map(([name, version]) => `${name}: ${version}`),
  ];
}

/** Which cells ran on which machine, a line each. */
export function machineLines({ cells }: Summary): string[] {
  const groups = Map.groupBy(cells, ({ machines }) => machineWords(machines));
  return [...groups].map(([words, own]) => {
    const names = [
      ...new Set(own.map(({ cell }) => {
        return `${workloadWords(cell)} ${cell.layout} ${wholeWords(cell.slots)}`;
      })),
    ];
    return `${words}: ${own.length === cells.length ? "all cells" : names.join(", ")}`;
  });
}

/** The contenders of a cell, the fastest first, those without times last, and then the floor. */
function cellTable(cell: CellSummary, summary: Summary): Table {
  const rowsOf = (entries: CellSummary["entries"]) =>
    entries.map((entry) => ({ summary, cell, entry }));
  const ns = (entry: CellSummary["entries"][number]) => timingOf(entry)?.nsPerStep ?? Infinity;
  const raced = cell.entries.filter(isContender)
    .toSorted((a, b) => ns(a) === ns(b) ? 0 : ns(a) - ns(b));
  const floors = cell.entries.filter((entry) => entry.role === "floor" && timingOf(entry) !== null);
  const title = `${cellWords(cell.cell)}: ns ${oneWords(cell.unit)}${machineNote(cell, summary)}`;
  const own = table(title, { columns: STATISTICS, rows: rowsOf(raced), tone: toneOf });
  const below = table(title, { columns: FLOOR_STATISTICS, rows: rowsOf(floors), tone: toneOf });
  return { ...own, rows: [...own.rows, ...below.rows] };
}

/** ` on HOST`, where the cells of a run are of several machines. */
export function machineNote({ machines }: CellSummary, { cells }: Summary): string {
  return areOfOneMachine(cells) ? "" : ` on ${machines.map(({ host }) => host).join(" + ")}`;
}

/** How to read ratios and claims. */
function readingLines({ judgement, cells, base }: Summary): string[] {
  const ratios = judgement.each.flatMap(({ ratio }) => ratio ? [ratio] : []);
  const short = ratios.filter(({ reached }) => !reached);
  const least = (of: (ratio: typeof short[number]) => number) =>
    short.reduce((least, ratio) => Math.min(least, of(ratio)), Infinity);
  const hasFew = cells.some(({ entries }) => entries.some((entry) => timingOf(entry)?.fewBlocks));
  return [
    `Ratios are to ${base}: above 1 is slower. Each is paired inside rounds and processes; its ` +
    `interval is across processes.`,
    ...claimLines(judgement),
    ...(short.length === 0 ? [] : [
      `Intervals of ${least(({ n }) => n)} processes have a level of ` +
      `${percent(least(({ level }) => level))} only: nothing is claimed by them.`,
    ]),
    ...(areOfOneMachine(cells) ? [] : [
      "Cells are of several machines: times are compared within a cell only, means are of ratios.",
    ]),
    ...(hasFew ? ["few blocks: so slow that it sat out rounds or ran shorter blocks."] : []),
  ];
}
