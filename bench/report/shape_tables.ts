/**
 * The shape of a race beside that of the cover letter: array over tree at each slot count, and what
 * each grows by. Shapes alone: seconds of a kernel and ns of an index have no ratio.
 */
import { type Cell, cellKey } from "../record/schema.ts";
import type { ResultFile } from "../record/result_file.ts";
import { COVER_LETTER, type LetterRow, type LetterTest } from "./cover_letter.ts";
import type { Block, Row } from "./table.ts";
import { logNs, ratioOf, timingOf } from "../summary/growth.ts";
import type { Labelled } from "./grid.ts";
import { shiftBetween } from "../stats/two_sample.ts";
import { footnote } from "../stats/verdict.ts";
import {
  type CellSummary,
  type EntrySummary,
  summarize,
  type Summary,
} from "../summary/summary.ts";
import { Notes, runLines, verdictCell } from "./race_tables.ts";
import { ReportError } from "../summary/tracks.ts";
import { intervalWords, NONE, placeWords, ratioWords, wholeWords } from "./words.ts";

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
  return summarize(file, {
    base: tree,
    keep: (cell, name) => isRaced(cell) && names.includes(name) && keep(cell, name),
  });
}

function sidesOf({ run }: Pick<ResultFile, "run">): typeof SIDES[keyof typeof SIDES] {
  return SIDES[run.plan.key ?? "gfn"];
}

/** The tables, in the letter's order, of files that `summarizeForShape` has read. */
export function shapeBlocks(files: readonly Labelled[]): Block[] {
  const notes = new Notes();
  const tests = Map.groupBy(COVER_LETTER, ({ workload }) => workload);
  const shapes = [...tests].flatMap(([workload, letter]) =>
    files.flatMap((file) => shapesOf(file, { workload, letter, isAlone: files.length === 1 }))
  );
  return [
    { kind: "prose", title: "", lines: files.flatMap((file) => fileLines(file, files.length)) },
    ...shapes.map((shape) => ratioBlock(shape, notes)),
    growthBlock(shapes),
    { kind: "prose", title: "What stands beside what", lines: limitLines(shapes) },
    {
      kind: "prose",
      title: "Notes",
      lines: [
        ...notes.lines(),
        ...files.flatMap(({ label, summary }) => [
          ...footnote(summary.judgement).map((line) => prefixed(label, line, files.length)),
          ...summary.warnings.map((words) => `warning: ${words}`),
        ]),
      ],
    },
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

function ratioBlock(shape: Shape, notes: Notes): Block {
  const { tree } = sidesOf(shape.summary);
  return {
    kind: "table",
    title: `${testWords(shape)}, array / ${tree}: ${shape.title}`,
    columns: [
      { title: "slots\nthere", align: "right", rank: 0 },
      { title: "ratio\nthere", align: "right", rank: 0 },
      { title: "slots\nhere", align: "right", rank: 0 },
      { title: "array here", align: "left", rank: 0 },
      { title: "ratio\nhere", align: "right", rank: 0 },
      { title: "interval", align: "left", rank: 0 },
      { title: "verdict", align: "left", rank: 0 },
    ],
    rows: shape.rows.flatMap(({ cell, letter }) => {
      const there = [
        letter.length === 0 ? NONE : letterSlots(letter[0].slots),
        letter.length === 0
          ? NONE
          : letter.map(({ before, after }) => threeDigits(before / after)).join(", "),
        wholeWords(cell.cell.slots),
      ];
      return arraysOf(cell, shape).map((entry, i): Row => ({
        cells: [...i === 0 ? there : ["", "", ""], ...ratioCells(entry, notes)],
      }));
    }),
  };
}

function ratioCells(entry: EntrySummary, notes: Notes): string[] {
  const { name, result } = entry;
  const ratio = result.kind === "timed" ? result.judged?.ratio : undefined;
  return [
    name,
    ratio ? ratioWords(ratio.point) : NONE,
    ratio ? intervalWords(ratio) : "",
    verdictCell(entry, notes),
  ];
}

function arraysOf({ entries }: CellSummary, { summary }: Shape): EntrySummary[] {
  return sidesOf(summary).arrays.flatMap((name) => entries.filter((entry) => entry.name === name));
}

function growthBlock(shapes: readonly Shape[]): Block {
  return {
    kind: "table",
    title: "Growth: time at the most slots that both have / at the fewest",
    columns: [
      { title: "test", align: "left", rank: 0 },
      { title: "slots\nthere", align: "left", rank: 0 },
      { title: "growth\nthere", align: "right", rank: 0 },
      { title: "here", align: "left", rank: 0 },
      { title: "slots\nhere", align: "left", rank: 0 },
      { title: "growth\nhere", align: "right", rank: 0 },
      { title: "interval", align: "left", rank: 1 },
    ],
    rows: shapes.flatMap(growthRows),
  };
}

function growthRows(shape: Shape): Row[] {
  const { tree, arrays } = sidesOf(shape.summary);
  const rows = shape.rows.filter(({ cell, letter }) => {
    return letter.length > 0 && [...arrays, tree].some((name) => timingIn(cell, name) !== null);
  });
  const first = rows[0], last = rows.at(-1);
  if (!first || !last || first === last) return [];
  const there = (of: (row: LetterRow) => number) => {
    return last.letter.map((row, i) => threeDigits(of(row) / of(first.letter[i]))).join(", ");
  };
  const ends = [first, last];
  const slotsThere = ends.map(({ letter }) => letterSlots(letter[0].slots)).join("-");
  const slotsHere = ends.map(({ cell }) => wholeWords(cell.cell.slots)).join("-");
  let isFirst = true;
  return [...arrays, tree].flatMap((name): Row[] => {
    const [few, most] = [first, last].map(({ cell }) => logNs(timingIn(cell, name)));
    if (few.length === 0 || most.length === 0) return [];
    const growth = ratioOf(shiftBetween(most, few));
    const own = name === tree ? there(({ after }) => after) : there(({ before }) => before);
    const cells = [
      ...isFirst ? [testWords(shape), slotsThere] : ["", ""],
      isFirst || name === tree ? own : "",
      name,
      isFirst ? slotsHere : "",
      threeDigits(growth.point),
      `[${threeDigits(growth.low)}, ${threeDigits(growth.high)}]`,
    ];
    isFirst = false;
    return [{ cells }];
  });
}

function timingIn({ entries }: CellSummary, name: string) {
  return timingOf(entries.find((entry) => entry.name === name));
}

/** `move active/inactive`. */
function testWords({ letter }: Shape): string {
  const [first, ...others] = letter.map(({ test }) => test);
  return [first, ...others.map((test) => test.split(" ").at(-1))].join("/");
}

/** As exact as the letter: `0.991`, `3.70`, `11,100`. */
function threeDigits(value: number): string {
  return value < 99.95 ? value.toPrecision(3) : wholeWords(Number(value.toPrecision(3)));
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
