/**
 * What the README shows of the reference run: a table of a few cells and a picture of lookups. Both
 * are made by `deno task readme`, and a test says when they are stale.
 */
import { curves } from "../summary/growth.ts";
import { type CellSummary, isContender, type Summary, timingOf } from "../summary/summary.ts";
import { colored, pictureOf } from "./page_curves.ts";
import { standalone } from "./picture_style.ts";
import { scalingPicture } from "./scaling_picture.ts";
import { loopWords, numberWords, ratioWords } from "./words.ts";

/** Where the README's table begins and ends. */
export const README_MARKS = [
  "<!-- table of the reference run -->",
  "<!-- end of table -->",
] as const;

/** The rows of the table: contenders that are named in the field, or the best of their kind. */
const ROWS: readonly (readonly [name: string, what: string])[] = [
  ["radix_chunks", "dynamic, the best overall"],
  ["radix_table", "rebuilt after a change"],
  ["bitmap_buckets", "for dense maps"],
  ["b_plus_tree", "the same on any layout"],
  ["rb_tree", "Linux KVM since 5.17"],
  ["sorted_array", "rust-vmm, QEMU; its time"],
  ["copied_array", "Linux KVM up to 5.16"],
  ["linear_scan", "crosvm, bhyve"],
  ["npm_bintrees_rb_tree", "npm:bintrees"],
  ["npm_sorted_btree", "npm:sorted-btree"],
];

/** The columns of the table: a workload on scattered slots from gfn 2^20, by slot counts. */
const COLUMNS: readonly (readonly [title: string, workloads: readonly string[], slots: number])[] =
  [
    ["lookup, 10 slots", ["find_uniform"], 10],
    ["509", ["find_uniform"], 509],
    ["32,764", ["find_uniform"], 32_764],
    ["dependent lookup, 509", ["find_serial"], 509],
    ["range of 8, 509", ["zap_8"], 509],
    ["change, 509", ["move_find", "move"], 509],
    ["32,764", ["move_find", "move"], 32_764],
  ];

/** The README's table of a run, as Markdown. */
export function readmeTable(summary: Summary): string {
  const columns = COLUMNS.map(([title, workloads, slots]) => ({
    title,
    cell: cellOf(summary, workloads, slots),
  })).filter(({ cell }) => cell !== undefined);
  const lines = ROWS.map(([name, what]) => [
    `\`${name}\`: ${what}`,
    ...columns.map(({ cell }) => wordsOf(cell!, name)),
  ]);
  const rows = [["index", ...columns.map(({ title }) => title)], ...lines];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, i) => text.padEnd(widths[i])).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join("\n");
}

function cellOf({ cells }: Summary, workloads: readonly string[], slots: number) {
  return workloads.flatMap((workload) =>
    cells.filter(({ cell }) =>
      cell.workload === workload && cell.slots === slots && cell.layout === "scattered" &&
      cell.originGfn === 2 ** 20 && loopWords(cell) === "solo"
    )
  )[0];
}

/** `0.28`; `~` behind what is not separated from 1; no ratio of a row that is not valid; the baseline's own time. */
function wordsOf({ entries }: CellSummary, name: string): string {
  const entry = entries.find((entry) => entry.name === name && isContender(entry));
  const timing = timingOf(entry);
  if (entry === undefined || timing === null) return "";
  if (entry.isBase) return timeWords(timing.nsPerStep);
  const judged = entry.result.kind === "timed" ? entry.result.judged : null;
  if (!judged?.ratio) return "";
  const { ratio, verdict: { kind } } = judged;
  if (kind === "not valid") return kind;
  return `${shortRatio(ratio.point)}${kind === "faster" || kind === "slower" ? "" : " ~"}`;
}

function shortRatio(ratio: number): string {
  if (ratio < 0.1) return ratio.toPrecision(2);
  return ratio < 99.95 ? ratio.toFixed(2) : ratioWords(ratio);
}

function timeWords(ns: number): string {
  return ns < 1000 ? `${numberWords(ns)} ns` : `${numberWords(ns / 1000)} µs`;
}

/** The text of the README with the table of `summary` between its marks. `RangeError` without marks. */
export function readmeWith(readme: string, summary: Summary): string {
  const [from, to] = README_MARKS.map((mark) => readme.indexOf(mark));
  if (from === -1 || to < from) {
    throw new RangeError(
      `Cannot write the table as the README must have the marks ${README_MARKS.join(" and ")}`,
    );
  }
  const head = readme.slice(0, from + README_MARKS[0].length), tail = readme.slice(to);
  return `${head}\n\n${readmeTable(summary)}\n\n${tail}`;
}

/** The README's picture: lookups against slot counts, for a light and a dark page. */
export function readmePictures(summary: Summary): Readonly<Record<"light" | "dark", string>> {
  const curve = curves(summary).find(({ cell, isOfOneMachine }) =>
    isOfOneMachine && cell.workload === "find_uniform"
  );
  if (curve === undefined) {
    throw new RangeError("Cannot draw lookups as no two slot counts were raced on one machine");
  }
  const [picture] = colored([pictureOf(curve, summary)]);
  const drawn = scalingPicture({
    ...picture,
    title: "Lookups by slot count",
  });
  return { light: standalone(drawn, "light"), dark: standalone(drawn, "dark") };
}
