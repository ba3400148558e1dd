/**
 * JavaScript against C, and against the limit. The two never share a process: the medians of two
 * processes that ran one straight after the other are paired, and intervals are over such pairs.
 */
import type { NativeEntry, NativePair } from "../native/native_entry.ts";
import type { Cell } from "../record/schema.ts";
import { type Estimate, mapEstimate, signInterval } from "../stats/intervals.ts";
import { medianOf, timed } from "../stats/quantiles.ts";
import { tracksOf } from "../summary/tracks.ts";
import { type Block, type Column, prose, type Table, table } from "./table.ts";
import { interval, numeric, text } from "./value.ts";
import { countWords, courseWords, percent } from "./words.ts";

/** A cell and all pairs of processes that ran it. */
export interface NativeCell {
  readonly cell: Cell;
  readonly pairs: readonly NativePair[];
}

/** The entries in C that others are measured by, and what is said of them in their rows. */
const TREE = "rb_tree", FLOOR = "floor", TOUCH = "touch";
const REMARKS = new Map([[FLOOR, "no index"], [TOUCH, "one read"]]);

/** An entry of one side or of both. */
interface Native {
  readonly name: string;
  /** Each pair's median ns a step, of one side; undefined where the side has no such entry. */
  readonly here: readonly number[] | undefined;
  readonly there: readonly number[] | undefined;
  /** The same of the tree and of the one read in C. */
  readonly tree: readonly number[] | undefined;
  readonly touch: readonly number[] | undefined;
}

const COLUMNS: readonly Column<Native>[] = [
  {
    title: "contender",
    value: ({ name }) => text(REMARKS.has(name) ? `${name} (${REMARKS.get(name)})` : name),
  },
  { title: "JS ns", align: "right", value: ({ here }) => numeric("number", middleOf(here)) },
  { title: "C ns", align: "right", value: ({ there }) => numeric("number", middleOf(there)) },
  ...ratioColumns("JS / C", 0, ({ here, there }) => ratioOf(here, there)),
  ...ratioColumns(
    "JS / C's\nrb_tree",
    2,
    ({ name, here, tree }) => REMARKS.has(name) ? null : ratioOf(here, tree),
  ),
  {
    title: "JS /\ntouch",
    align: "right",
    value: ({ name, here, touch }) =>
      numeric("ratio", name === TOUCH ? null : ratioOf(here, touch)?.point),
  },
  {
    title: "C /\ntouch",
    align: "right",
    rank: 1,
    value: ({ name, there, touch }) =>
      numeric("ratio", REMARKS.has(name) ? null : ratioOf(there, touch)?.point),
  },
];

/** A ratio and its interval. */
function ratioColumns(
  title: string,
  rank: number,
  of: (row: Native) => Estimate | null,
): Column<Native>[] {
  return [
    { title, align: "right", value: (row) => numeric("ratio", of(row)?.point) },
    { title: "interval", rank, value: (row) => interval("ratio", of(row)) },
  ];
}

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
    prose("", where),
    prose("How to read the tables", LEGEND),
    ...cells.map(nativeTable),
    prose("Notes", noteLines(cells)),
  ];
}

/** Each entry's median ns a step, one for each process of one side. */
type Times = ReadonlyMap<string, readonly number[]>;

function nativeTable({ cell, pairs }: NativeCell): Table {
  const here = timesOf(pairs.map(({ javaScript }) => {
    const tracks = [...tracksOf(javaScript, cell.workload)];
    return tracks.filter(([name]) => name !== "twin")
      .map(([name, { blocks }]) => [name, medianOf(timed(blocks))] as const);
  }));
  const native = timesOf(pairs.map((pair) => pair.native.map(nsPerStep)));
  const raced = [...here.keys()].filter((name) => name !== FLOOR)
    .toSorted((a, b) => medianOf(here.get(a)!) - medianOf(here.get(b)!));
  const [tree, touch] = [TREE, TOUCH].map((name) => native.get(name));
  const rows = [...raced, FLOOR, TOUCH].map((name): Native => (
    { name, here: here.get(name), there: native.get(name), tree, touch }
  ));
  return table(`${courseWords(cell)}: ns a ${pairs[0].javaScript.unit}`, {
    columns: COLUMNS,
    rows,
    tone: ({ name }) => REMARKS.has(name) ? "dim" : "plain",
  });
}

function nsPerStep({ name, stepsPerBlock, ns }: NativeEntry): readonly [string, number] {
  return [name, medianOf(ns) / stepsPerBlock];
}

function timesOf(processes: readonly (readonly (readonly [string, number])[])[]): Times {
  const byName = Map.groupBy(processes.flat(), ([name]) => name);
  return new Map([...byName].map(([name, own]) => [name, own.map(([, ns]) => ns)]));
}

function middleOf(ns: readonly number[] | undefined): number | undefined {
  return ns && medianOf(ns);
}

/** The ratio over pairs of processes; null where a side has no such entry. */
function ratioOf(
  above: readonly number[] | undefined,
  below: readonly number[] | undefined,
): Estimate | null {
  if (above === undefined || below === undefined) return null;
  return mapEstimate(signInterval(above.map((ns, i) => Math.log(ns / below[i]))), Math.exp);
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
