/**
 * JavaScript against C, and against the limit. The two never share a process: the medians of two
 * processes that ran one straight after the other are paired, and intervals are over such pairs.
 */
import type { NativeEntry, NativePair } from "../native/record.ts";
import type { Cell } from "../race/record.ts";
import type { Block, Column, Row } from "./grid.ts";
import { type Estimate, mapEstimate, signInterval } from "./stats/intervals.ts";
import { medianOf, timed } from "./stats/quantiles.ts";
import { percent } from "./stats/verdict.ts";
import { tracksOf } from "./tracks.ts";
import { cellWords, countWords, intervalWords, numberWords, ratioWords } from "./words.ts";

/** A cell and all pairs of processes that ran it. */
export interface NativeCell {
  readonly cell: Cell;
  readonly pairs: readonly NativePair[];
}

/** The entries in C that others are measured by. */
const TREE = "rb_tree", FLOOR = "floor", TOUCH = "touch";

const COLUMNS: readonly Column[] = [
  { title: "contender", align: "left", rank: 0 },
  { title: "JS ns", align: "right", rank: 0 },
  { title: "C ns", align: "right", rank: 0 },
  { title: "JS / C", align: "right", rank: 0 },
  { title: "interval", align: "left", rank: 0 },
  { title: "JS / C's\nrb_tree", align: "right", rank: 0 },
  { title: "interval", align: "left", rank: 0 },
  { title: "times\nfloor", align: "right", rank: 0 },
  { title: "times\ntouch", align: "right", rank: 0 },
];

/** A table for each cell, and what they mean. `where` says on what it ran. */
export function nativeBlocks(cells: readonly NativeCell[], where: string): Block[] {
  return [
    { kind: "prose", title: "", lines: [where] },
    ...cells.map(tableOf),
    { kind: "prose", title: "Notes", lines: noteLines(cells) },
  ];
}

/** Each entry's median ns a step, one for each process of one side. */
type Times = ReadonlyMap<string, readonly number[]>;

function tableOf({ cell, pairs }: NativeCell): Block {
  const here = timesOf(pairs.map(({ javaScript }) => {
    const tracks = [...tracksOf(javaScript, cell.workload)];
    return tracks.filter(([name]) => name !== "twin")
      .map(([name, { blocks }]) => [name, medianOf(timed(blocks))] as const);
  }));
  const native = timesOf(pairs.map((pair) => pair.native.map(nsPerStep)));
  const raced = [...here.keys()].filter((name) => name !== FLOOR)
    .toSorted((a, b) => medianOf(here.get(a)!) - medianOf(here.get(b)!));
  const rows = [...raced, FLOOR, TOUCH].map((name) => rowOf(name, here, native));
  const unit = pairs[0].javaScript.unit;
  return { kind: "table", title: `${cellWords(cell)}: ns a ${unit}`, columns: COLUMNS, rows };
}

function nsPerStep({ name, stepsPerBlock, ns }: NativeEntry): readonly [string, number] {
  return [name, medianOf(ns) / stepsPerBlock];
}

function timesOf(processes: readonly (readonly (readonly [string, number])[])[]): Times {
  const all = processes.flat();
  const names = [...new Set(all.map(([name]) => name))];
  return new Map(names.map((name) => {
    return [name, all.filter(([other]) => other === name).map(([, ns]) => ns)];
  }));
}

function rowOf(name: string, here: Times, native: Times): Row {
  const own = here.get(name), same = native.get(name);
  const isLimit = name === FLOOR || name === TOUCH;
  const limits = [FLOOR, TOUCH].map((limit) => {
    const ratio = ratioOf(own ?? same, native.get(limit));
    return ratio === null ? "" : ratioWords(ratio.point);
  });
  return {
    cells: [
      name,
      own ? numberWords(medianOf(own)) : "",
      same ? numberWords(medianOf(same)) : "",
      ...ratioCells(ratioOf(own, same)),
      ...ratioCells(isLimit ? null : ratioOf(own, native.get(TREE))),
      ...limits,
    ],
    ...isLimit && { tone: "dim" as const },
  };
}

/** The ratio over pairs of processes; null where a side has no such entry. */
function ratioOf(
  above: readonly number[] | undefined,
  below: readonly number[] | undefined,
): Estimate | null {
  if (above === undefined || below === undefined) return null;
  return mapEstimate(signInterval(above.map((ns, i) => Math.log(ns / below[i]))), Math.exp);
}

function ratioCells(ratio: Estimate | null): string[] {
  return ratio === null ? ["", ""] : [ratioWords(ratio.point), intervalWords(ratio)];
}

function noteLines(cells: readonly NativeCell[]): string[] {
  const { level, n } = signInterval(cells[0].pairs.map((_, i) => i));
  return [
    `JS / C is paired by process only, ${
      countWords(n, "pair")
    }; its intervals are exact sign-test intervals ` +
    `over pairs, at ${percent(level)}`,
    "Inside a process, blocks of all entries are interleaved in balanced order on both sides",
    "rb_tree in C searches as Linux does; indexes in C are built once, balanced, and never changed",
    "times floor, times touch: JS ns (in rows without them C ns) over C's floor, which replays the " +
    "known answers, and over C's touch, which reads an array of 8 bytes a slot once, at the answer",
  ];
}
