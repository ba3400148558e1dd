/**
 * JavaScript against what runs natively, and against the limit. They never share a process: the medians
 * of processes that ran one straight after the other are paired, and intervals are over such pairs.
 */
import type { NativeEntry, NativePair } from "../native/native_entry.ts";
import type { Cell } from "../record/schema.ts";
import { type Estimate, mapEstimate, signInterval } from "../stats/intervals.ts";
import { medianOf, timed } from "../stats/quantiles.ts";
import { tracksOf } from "../summary/tracks.ts";
import { type Block, type Column, prose, type Table, table } from "./table.ts";
import { interval, numeric, text } from "./value.ts";
import { countWords, courseWords, percent, workloadWords } from "./words.ts";

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
  /** Each pair's median ns a step in JavaScript; undefined where it has no such entry. */
  readonly here: readonly number[] | undefined;
  /** The same of what runs natively. */
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
  { title: "native\nns", align: "right", value: ({ there }) => numeric("number", middleOf(there)) },
  ...ratioColumns("JS / C", 0, ({ here, there }: Native) => ratioOf(here, there)),
  ...ratioColumns(
    "JS / C's\nrb_tree",
    2,
    ({ name, here, tree }: Native) => REMARKS.has(name) ? null : ratioOf(here, tree),
  ),
  {
    title: "JS /\ntouch",
    align: "right",
    value: ({ name, here, touch }) =>
      numeric("ratio", name === TOUCH ? null : ratioOf(here, touch)?.point),
  },
  {
    title: "native /\ntouch",
    align: "right",
    rank: 1,
    value: ({ name, there, touch }) =>
      numeric("ratio", REMARKS.has(name) ? null : ratioOf(there, touch)?.point),
  },
];

/** A ratio and its interval. */
function ratioColumns<R>(
  title: string,
  rank: number,
  of: (row: R) => Estimate | null,
): Column<R>[] {
  return [
    { title, align: "right", value: (row) => numeric("ratio", of(row)?.point) },
    { title: "interval", rank, value: (row) => interval("ratio", of(row)) },
  ];
}

/** What the columns and the limits mean. */
const LEGEND: readonly string[] = [
  "std::map, absl::btree_map (C++), BTreeMap, sorted Vec (Rust): maps from a slot's end to the slot",
  "JS / C: the same design in JavaScript and in C",
  "JS / C's rb_tree: the index in JavaScript against Linux's tree in C; below 1 it is faster",
  "touch: the limit of an index that has to look at all: C's loop and one read, where the answer " +
  "is known to stand, in an array of 8 bytes a slot; JS / touch, native / touch: how far from it " +
  "one is",
  "floor: the loop alone, which replays known answers; its JS ns are the limit in JavaScript",
];

/** What the tables are of besides their cells. */
export interface NativeWords {
  /** On what it ran, and when: lines. */
  readonly where: readonly string[];
  /** The contender that is compared with the native maps. */
  readonly champion: string;
}

/** The champion against native maps in all cells, then a table for each cell, and what they mean. */
export function nativeBlocks(
  cells: readonly NativeCell[],
  { where, champion }: NativeWords,
): Block[] {
  return [
    prose("", where),
    prose("How to read the tables", LEGEND),
    ...championTables(cells, champion),
    ...cells.map(nativeTable),
    prose("Notes", noteLines(cells)),
  ];
}

/** Each entry's median ns a step, one for each process of one side. */
type Times = ReadonlyMap<string, readonly number[]>;

function javaScriptTimes({ cell, pairs }: NativeCell): Times {
  return timesOf(pairs.map(({ javaScript }) => {
    const tracks = [...tracksOf(javaScript, cell.workload)];
    return tracks.filter(([name]) => name !== "twin")
      .map(([name, { blocks }]) => [name, medianOf(timed(blocks))] as const);
  }));
}

function nativeTimes({ pairs }: NativeCell, side: "designs" | "peers"): Times {
  return timesOf(pairs.map((pair) => pair[side].map(nsPerStep)));
}

/** A cell in the tables of the champion. */
interface Champion {
  readonly cell: Cell;
  readonly here: readonly number[];
  /** Its own design in C, which has the champion's name, and native maps. */
  readonly there: Times;
}

/** ns, and the champion's ratios: a row for each cell, a column for each native map. */
function championTables(cells: readonly NativeCell[], champion: string): Table[] {
  const rows = cells.map((cell): Champion => {
    const design = nativeTimes(cell, "designs").get(champion);
    const there = new Map(nativeTimes(cell, "peers"));
    return {
      cell: cell.cell,
      here: javaScriptTimes(cell).get(champion)!,
      there: design === undefined ? there : there.set(champion, design),
    };
  });
  const others = [...new Set(rows.flatMap(({ there }) => [...there.keys()]))].sort(
    (a, b) => Number(b === champion) - Number(a === champion),
  );
  if (others.length === 0) return [];
  const titleOf = (name: string) =>
    name === champion ? "its form\nin C" : name.replace("::", "::\n");
  const ns = others.flatMap((name) =>
    nsColumns(titleOf(name), ({ there }: Champion) => there.get(name))
  );
  const ratios = others.flatMap((name) =>
    ratioColumns(titleOf(name), 1, ({ here, there }: Champion) => ratioOf(here, there.get(name)))
  );
  const own = nsColumns("JS", ({ here }: Champion) => here);
  return [
    table(`${champion} in JavaScript and native maps: ns a step`, {
      columns: [...PLACE, ...own, ...ns],
      rows,
    }),
    table(`${champion} in JavaScript / native maps: below 1 it is faster`, {
      columns: [...PLACE, ...ratios],
      rows,
    }),
  ];
}

/** Where a row of the champion was raced. */
const PLACE: readonly Column<Champion>[] = [
  { title: "workload", value: ({ cell }) => text(workloadWords(cell)) },
  { title: "layout", value: ({ cell }) => text(cell.layout) },
  { title: "slots", align: "right", value: ({ cell }) => numeric("count", cell.slots) },
];

/** A median over processes and its interval. */
function nsColumns<R>(
  title: string,
  of: (row: R) => readonly number[] | undefined,
): Column<R>[] {
  const estimate = (row: R) => {
    const ns = of(row);
    return ns === undefined ? null : signInterval(ns);
  };
  return [
    { title, align: "right", value: (row) => numeric("number", estimate(row)?.point) },
    { title: "interval", rank: 1, value: (row) => interval("number", estimate(row)) },
  ];
}

function nativeTable(native: NativeCell): Table {
  const { cell, pairs } = native, here = javaScriptTimes(native);
  const peers = nativeTimes(native, "peers"), designs = nativeTimes(native, "designs");
  const ascending = (times: Times) =>
    [...times.keys()].filter((name) => !REMARKS.has(name))
      .sort((a, b) => medianOf(times.get(a)!) - medianOf(times.get(b)!));
  const [tree, touch] = [TREE, TOUCH].map((name) => designs.get(name));
  const limits = [FLOOR, TOUCH].filter((name) => here.has(name) || designs.has(name));
  const rows = [...ascending(here), ...ascending(peers), ...limits].map((name): Native => {
    return { name, here: here.get(name), there: designs.get(name) ?? peers.get(name), tree, touch };
  });
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
    `JavaScript and native programs are paired by process only, ${
      countWords(n, "pair")
    }; all intervals ` +
    `are exact sign-test intervals over pairs, at ${percent(level)}`,
    "Each pair has a layout and a script of its own, which all of its processes run",
    "Inside a process, blocks of all entries are interleaved in balanced order",
    "rb_tree in C searches as Linux does; designs in C are built once, balanced, and never changed",
    "A change of move_find and its like is erase, find, insert and two finds, on both sides",
  ];
}
