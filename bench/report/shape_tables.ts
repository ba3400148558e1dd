/**
 * The shape of a race beside that of the cover letter: array over tree at each slot count, and what
 * each grows by. Shapes alone: seconds of a kernel and ns of an index have no ratio.
 */
import { type Cell, cellKey } from "../record/schema.ts";
import type { ResultFile } from "../record/result_file.ts";
import { shiftBetween } from "../stats/two_sample.ts";
import { logNs, ratioOf } from "../summary/growth.ts";
import { areOfOneMachine } from "../summary/machines.ts";
import { ReportError } from "../summary/report_error.ts";
import {
  type CellSummary,
  judgedOf,
  summarize,
  type Summary,
  timingOf,
} from "../summary/summary.ts";
import { COVER_LETTER, type LetterRow, type LetterTest } from "./cover_letter.ts";
import { type Labelled, warningLines } from "./labelled.ts";
import { runLines } from "./race_report.ts";
import { type Raced, verdictValue } from "./statistics.ts";
import { type Block, type Column, prose, type Table, table } from "./table.ts";
import { interval, numeric, text, type Value } from "./value.ts";
import { claimLines } from "./verdict_words.ts";
import { NONE, placeWords, wholeWords } from "./words.ts";

/** What KVM had after and before, by key; of the gfn array also one that is changed in place. */
const SIDES = {
  gfn: { tree: "rb_tree", arrays: ["copied_array", "sorted_array"] },
  // The array was in no order of hvas: the kernel scanned it.
  hva: { tree: "hva_interval_tree", arrays: ["hva_linear_scan"] },
} as const;

/** Slot counts as far apart as this, as a ratio, are taken for the same: 9 and 10, 508 and 509. */
const AS_GOOD_AS_EQUAL = 1.25;

/**
 * Summarizes what of a file has its like in the letter, with the tree as base. `ReportError` if it
 * has nothing, or only one side of it.
 */
export function summarizeForShape(
  file: ResultFile,
  keep: (cell: Cell, contender: string) => boolean,
): Summary {
  const { tree, arrays } = sidesOf(file), names: readonly string[] = [tree, ...arrays];
  const { contenders, cells } = file.run.plan;
  const has = (name: string) => contenders.some((contender) => contender.name === name);
  const isRaced = ({ workload }: Cell) => COVER_LETTER.some((test) => test.workload === workload);
  const refuse = (what: string, remedy: string) => {
    const message = `Cannot put ${file.path} beside the cover letter as it has ${what}: ${remedy}`;
    return new ReportError(message, { isUsage: true });
  };
  if (!cells.some(isRaced)) throw refuse("none of its tests", "race --workload 'perf_*'");
  if (!has(tree) || !arrays.some(has)) {
    throw refuse(
      `not both ${tree} and ${arrays.join(" or ")}`,
      `race --contender ${names.join(",")}`,
    );
  }
  const summary = summarize(file, {
    base: tree,
    keep: (cell, name) => isRaced(cell) && names.includes(name) && keep(cell, name),
  });
  if (areOfOneMachine(summary.cells)) return summary;
  throw refuse("tests of several machines, the times of which it compares", "race them on one");
}

function sidesOf({ run }: Pick<ResultFile, "run">): typeof SIDES[keyof typeof SIDES] {
  return SIDES[run.kind === "race" ? run.plan.key : "gfn"];
}

/** The tables, in the letter's order, of files that `summarizeForShape` has read. */
export function shapeBlocks(files: readonly Labelled[]): Block[] {
  const tests = Map.groupBy(COVER_LETTER, ({ workload }) => workload);
  const shapes = [...tests].flatMap(([workload, letter]) =>
    files.flatMap((file) => shapesOf(file, { workload, letter, isAlone: files.length === 1 }))
  );
  const notes = files.flatMap(({ label, summary }) =>
    claimLines(summary.judgement).map((line) => prefixed(label, line, files.length))
  );
  return [
    prose("", files.flatMap((file) => fileLines(file, files.length))),
    ...shapes.map(ratioTable),
    growthTable(shapes),
    prose("What stands beside what", limitLines(shapes)),
    { ...prose("Notes", [...notes, ...warningLines(files)]), hasNotes: true },
  ];
}

function fileLines({ label, summary }: Labelled, files: number): string[] {
  const [where, what] = runLines(summary);
  return [prefixed(label, where, files), what];
}

function prefixed(label: string, line: string, files: number): string {
  return files === 1 ? line : `${label}  ${line}`;
}

/** One workload in one place over slot counts, beside the tests that are like it. */
interface Shape {
  readonly summary: Summary;
  readonly letter: readonly LetterTest[];
  readonly title: string;
  /** Ascending by slots. */
  readonly rows: readonly ShapeRow[];
}

interface ShapeRow {
  readonly cell: CellSummary;
  /** Of each test of the letter the row at as many slots; empty where there is none. */
  readonly letter: readonly LetterRow[];
}

function shapesOf(
  { label, summary }: Labelled,
  { workload, letter, isAlone }: {
    workload: string;
    letter: readonly LetterTest[];
    isAlone: boolean;
  },
): Shape[] {
  const cells = summary.cells.filter(({ cell }) => cell.workload === workload);
  const places = Map.groupBy(cells, ({ cell }) => cellKey({ ...cell, slots: 1 }));
  return [...places.values()].map((cells): Shape => {
    const sorted = cells.toSorted((a, b) => a.cell.slots - b.cell.slots);
    const ours = sorted.map(({ cell }) => cell.slots);
    const like = likeSlots(letter[0].rows.map(({ slots }) => slots), ours);
    return {
      summary,
      letter,
      title: `${placeWords(sorted[0].cell)}${isAlone ? "" : `, ${label}`}`,
      rows: sorted.map((cell) => ({
        cell,
        letter: letter.flatMap(({ rows }) =>
          rows.filter(({ slots }) => like.get(slots) === cell.cell.slots)
        ),
      })),
    };
  });
}

/** For each of the letter's slot counts the nearest of ours, if it is near at all. */
export function likeSlots(
  theirs: readonly number[],
  ours: readonly number[],
): Map<number, number> {
  const apart = (a: number, b: number) => Math.max(a, b) / Math.min(a, b);
  return new Map(theirs.flatMap((slots) => {
    const [nearest] = ours.toSorted((a, b) => apart(a, slots) - apart(b, slots));
    const isNear = nearest !== undefined && apart(nearest, slots) <= AS_GOOD_AS_EQUAL;
    return isNear ? [[slots, nearest] as const] : [];
  }));
}

/** An array of one slot count; the first of them has what the letter measured. */
interface RatioRow extends Raced {
  readonly letter: readonly LetterRow[];
  readonly isFirst: boolean;
}

const RATIO_COLUMNS: readonly Column<RatioRow>[] = [
  {
    title: "slots\nthere",
    align: "right",
    value: firstOnly(({ letter }) =>
      text(letter.length === 0 ? NONE : letterSlots(letter[0].slots))
    ),
  },
  {
    title: "ratio\nthere",
    align: "right",
    value: firstOnly(({ letter }) => digits(letter.map(({ before, after }) => before / after))),
  },
  {
    title: "slots\nhere",
    align: "right",
    value: firstOnly(({ cell }) => numeric("count", cell.cell.slots)),
  },
  { title: "array here", value: ({ entry }) => text(entry.name) },
  {
    title: "ratio\nhere",
    align: "right",
    value: ({ entry }) => numeric("ratio", judgedOf(entry)?.ratio?.point ?? NaN),
  },
  { title: "interval", value: ({ entry }) => interval("ratio", judgedOf(entry)?.ratio) },
  { title: "verdict", value: verdictValue },
];

/** A value that stands in the first row of several that share it. */
function firstOnly<Row extends { readonly isFirst: boolean }>(
  value: (row: Row) => Value | undefined,
): (row: Row) => Value | undefined {
  return (row) => row.isFirst ? value(row) : undefined;
}

/** Numbers as exact as the letter, one beside the other. */
function digits(numbers: readonly number[]): Value {
  return { kind: "list", values: numbers.map((value) => ({ kind: "digits", value })) };
}

function ratioTable(shape: Shape): Table {
  const { summary } = shape, { tree, arrays } = sidesOf(summary);
  const rows = shape.rows.flatMap(({ cell, letter }) =>
    arrays.flatMap((name) => cell.byName.get(name) ?? [])
      .map((entry, i): RatioRow => ({ summary, cell, entry, letter, isFirst: i === 0 }))
  );
  return table(`${testWords(shape)}, array / ${tree}: ${shape.title}`, {
    columns: RATIO_COLUMNS,
    rows,
  });
}

/** One contender's growth between two rows of a shape that have their like in the letter. */
interface GrowthRow {
  readonly shape: Shape;
  /** The fewest slots that both have, and the most. */
  readonly ends: readonly [ShapeRow, ShapeRow];
  readonly name: string;
  /** Whether it is the first row of its shape, which has the test and the slot counts. */
  readonly isFirst: boolean;
  readonly growth: ReturnType<typeof shiftBetween>;
}

const GROWTH_COLUMNS: readonly Column<GrowthRow>[] = [
  { title: "test", value: firstOnly(({ shape }) => text(testWords(shape))) },
  {
    title: "slots\nthere",
    value: firstOnly(({ ends }) =>
      text(ends.map(({ letter }) => letterSlots(letter[0].slots)).join("-"))
    ),
  },
  { title: "growth\nthere", align: "right", value: letterGrowth },
  { title: "here", value: ({ name }) => text(name) },
  {
    title: "slots\nhere",
    value: firstOnly(({ ends }) =>
      text(ends.map(({ cell }) => wholeWords(cell.cell.slots)).join("-"))
    ),
  },
  { title: "growth\nhere", align: "right", value: ({ growth }) => numeric("digits", growth.point) },
  { title: "interval", rank: 1, value: ({ growth }) => interval("digits", growth) },
];

function growthTable(shapes: readonly Shape[]): Table {
  const title = "Growth: time at the most slots that both have / at the fewest";
  return table(title, { columns: GROWTH_COLUMNS, rows: shapes.flatMap(growthRows) });
}

function growthRows(shape: Shape): GrowthRow[] {
  const { tree, arrays } = sidesOf(shape.summary), names: readonly string[] = [...arrays, tree];
  const both = shape.rows.filter(({ cell, letter }) =>
    letter.length > 0 && names.some((name) => logsIn(cell, name).length > 0)
  );
  const first = both[0], last = both[both.length - 1];
  if (both.length < 2) return [];
  return names.flatMap((name) => {
    const [few, most] = [first, last].map(({ cell }) => logsIn(cell, name));
    return few.length === 0 || most.length === 0 ? [] : [{ name, few, most }];
  }).map(({ name, few, most }, i): GrowthRow => {
    const growth = ratioOf(shiftBetween(most, few));
    return { shape, ends: [first, last], name, isFirst: i === 0, growth };
  });
}

/** What the letter's kernel of that side grew by: once for the arrays, once for the tree. */
function letterGrowth({ shape, ends: [first, last], name, isFirst }: GrowthRow): Value | undefined {
  const isTree = name === sidesOf(shape.summary).tree;
  if (!isFirst && !isTree) return undefined;
  const of = ({ before, after }: LetterRow) => isTree ? after : before;
  return digits(last.letter.map((row, i) => of(row) / of(first.letter[i])));
}

function logsIn({ byName }: CellSummary, name: string): number[] {
  return logNs(timingOf(byName.get(name)));
}

/** `move active/inactive`. */
function testWords({ letter }: Shape): string {
  const [first, ...others] = letter.map(({ test }) => test);
  return [first, ...others.map((test) => test.split(" ").at(-1))].join("/");
}

/** `509`, `32k`. */
function letterSlots(slots: number): string {
  return slots % 1000 === 0 ? `${slots / 1000}k` : String(slots);
}

function limitLines(shapes: readonly Shape[]): string[] {
  const workloads = new Set(shapes.map(({ rows }) => rows[0].cell.cell.workload));
  return [
    'There: the cover letter of "KVM: Scalable memslots implementation" (2021), seconds of a whole ' +
    "memslot_perf_test on a Xeon 8167M, before / after. Here: ns of the index alone, in " +
    "JavaScript. Above 1 the tree is faster.",
    "Only shapes can stand beside each other, how a ratio goes with the number of slots: nothing " +
    "here says how fast a kernel is. Slot counts are matched as near as they are.",
    "A simulation has no page faults, no TLB flushes and no grace periods. Both columns there have " +
    "them, which pulls those ratios towards 1. A row that goes another way here than there was " +
    "not decided by its index alone.",
    "The 99 % there come from the interval tree over hvas and from no longer copying the array, " +
    "not from the tree over gfns.",
    ...(workloads.has("perf_move")
      ? ["No guest writes meanwhile: move active and move inactive are one here."]
      : []),
    ...(workloads.has("perf_setup")
      ? ["Slot setup there is creating alone: here all slots are deleted as well."]
      : []),
    ...(workloads.has("perf_move") || workloads.has("perf_setup")
      ? [
        "Moves and slot setup go through two sets here, whatever the index: copied_array copies up " +
        "to twice as often as KVM did up to 5.16, which had one set.",
      ]
      : []),
  ];
}
