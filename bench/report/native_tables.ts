/**
 * JavaScript against C, and against the limit. The two never share a process: the medians of two
 * processes that ran one straight after the other are paired, and intervals are over such pairs.
 */
import type { NativeEntry, NativePair } from "../native/native_entry.ts";
import type { Cell } from "../record/schema.ts";
import type { Block, Column, Row } from "./table.ts";
import { type Estimate, mapEstimate, signInterval } from "../stats/intervals.ts";
import { medianOf, timed } from "../stats/quantiles.ts";
import { percent } from "../stats/verdict.ts";
import { tracksOf } from "../summary/tracks.ts";
import { countWords, courseWords, intervalWords, numberWords, ratioWords } from "./words.ts";

/** A cell and all pairs of processes that ran it. */
export interface NativeCell {
  readonly cell: Cell;
  readonly pairs: readonly NativePair[];
}

/** The entries in C that others are measured by, and what is said of them in their rows. */
const TREE = "rb_tree", FLOOR = "floor", TOUCH = "touch";
const REMARKS = new Map([[FLOOR, "no index"], [TOUCH, "one read"]]);

const COLUMNS: readonly Column[] = [
  { title: "contender", align: "left", rank: 0 },
  { title: "JS ns", align: "right", rank: 0 },
  { title: "C ns", align: "right", rank: 0 },
  { title: "JS / C", align: "right", rank: 0 },
  { title: "interval", align: "left", rank: 0 },
  { title: "JS / C's\nrb_tree", align: "right", rank: 0 },
  { title: "interval", align: "left", rank: 2 },
  { title: "JS /\ntouch", align: "right", rank: 0 },
  { title: "C /\ntouch", align: "right", rank: 1 },
];

/** What the columns and the limits mean. */
const LEGEND: readonly string[] = [
  "JS / C: the same design in JavaScript and in C",
  "JS / C's rb_tree: the index in JavaScript against Linux's tree in C; below 1 it is faster",
  "touch: the limit of an index that has to look at all: C's loop and one read, where the answer " +
  "is known to stand, in an array of 8 bytes a slot; JS / touch, C / touch: how far from it one is",
  "floor: the loop alone, which replays known answers; its JS ns are the limit in JavaScript",
];

/** A table for each cell, and what they mean. `where` says on what it ran, and when. */
export function nativeBlocks(cells: readonly NativeCell[], where: readonly string[]): Block[] {
  return [
    { kind: "prose", title: "", lines: where },
    { kind: "prose", title: "How to read the tables", lines: LEGEND },
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
  return { kind: "table", title: `${courseWords(cell)}: ns a ${unit}`, columns: COLUMNS, rows };
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
  const own = here.get(name), same = native.get(name), remark = REMARKS.get(name);
  const touch = name === TOUCH ? undefined : native.get(TOUCH);
  return {
    cells: [
      remark ? `${name} (${remark})` : name,
      own ? numberWords(medianOf(own)) : "",
      same ? numberWords(medianOf(same)) : "",
      ...ratioCells(ratioOf(own, same)),
      ...ratioCells(remark ? null : ratioOf(own, native.get(TREE))),
      pointCell(ratioOf(own, touch)),
      pointCell(ratioOf(remark ? undefined : same, touch)),
    ],
    ...remark && { tone: "dim" as const },
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
  return [pointCell(ratio), ratio === null ? "" : intervalWords(ratio)];
}

function pointCell(ratio: Estimate | null): string {
  return ratio === null ? "" : ratioWords(ratio.point);
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
  ];
}
