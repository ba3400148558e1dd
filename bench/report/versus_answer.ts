/** What changed between runs, on one screen: how many rows, which most, and by how much in the mean. */
import { medianOf } from "../stats/quantiles.ts";
import { geoMeanRatio } from "../stats/scaling.ts";
import type { Shift } from "../stats/two_sample.ts";
import type { RunVersus, Versus } from "../summary/versus.ts";
import type { Compared } from "./labelled.ts";
import { type Block, type Column, prose, table } from "./table.ts";
import { interval, numeric, text } from "./value.ts";
import { verdictWords } from "./verdict_words.ts";
import { gfnWords, listWords, loopWords, percent, ratioWords, wholeWords } from "./words.ts";

/** As many changes are shown, the largest first; all are in the full tables. */
const MOST_CHANGES = 8;

/** The counts of verdicts in the order in which a reader asks for them, and what each is called. */
const COUNTED = [
  ["faster", "faster"],
  ["slower", "slower"],
  ["looks faster", "likely faster"],
  ["looks slower", "likely slower"],
  ["equal", "equal"],
  ["not separated", "with no difference found"],
  ["not valid", "not valid"],
  ["no verdict", "without a verdict"],
] as const;

/** The answer of a comparison; `paths` are the files as a shell takes them. */
export function versusAnswer(files: readonly Compared[], paths: readonly string[]): Block[] {
  const later = files.filter(({ versus }) => versus !== null);
  return [
    prose("", files.map(({ label, summary }) => `${label}  ${summary.path}`)),
    ...later.flatMap(({ label, versus }) => fileBlocks(label, versus!)),
    prose("", [
      "Above 1 is slower than A. Faster, slower and equal are claims, of which at most 5 % are false; " +
      `they exceed ${
        percent(Math.max(...later.map(({ versus }) => versus!.margin)))
      }, what whole ` +
      `runs of one code may differ by included. Without a verdict: another machine, or too few ` +
      `processes.`,
      `All rows: deno task compare ${paths.join(" ")} --full`,
    ]),
  ];
}

const COLUMNS: readonly Column<Versus>[] = [
  { title: "contender", value: ({ contender }) => text(contender) },
  {
    title: "over A",
    align: "right",
    value: (row) => numeric("ratio", measureOf(row)?.point),
  },
  { title: "interval", value: (row) => interval("ratio", measureOf(row)) },
  { title: "", value: ({ verdict }) => verdict ? text(verdictWords(verdict)) : undefined },
  {
    title: "where",
    value: ({ cell }) =>
      text(
        `${cell.workload} at ${wholeWords(cell.slots)}, ${cell.layout} ${
          gfnWords(cell.originGfn)
        }, ${loopWords(cell)}`,
      ),
  },
];

function fileBlocks(label: string, versus: RunVersus): Block[] {
  const { rows, differences } = versus;
  const changed = rows.filter(({ verdict }) =>
    verdict?.kind === "faster" || verdict?.kind === "slower" ||
    verdict?.kind === "looks faster" || verdict?.kind === "looks slower"
  ).toSorted((a, b) => sizeOf(b) - sizeOf(a));
  const measured = differences.length === 0 ? "time" : "ratio to the baseline";
  const environment = differences.length === 0
    ? "same environment"
    : `another environment (${listWords(differences.map(({ field }) => field))}): ratios only`;
  const heads = [
    `${label} against A, ${environment}: ${countWordsOf(rows)}.`,
    meanLine(rows, measured),
  ];
  const shown = changed.slice(0, MOST_CHANGES);
  if (shown.length === 0) return [prose("", heads)];
  const title = changed.length > shown.length
    ? `The ${shown.length} largest of ${changed.length} changes of ${measured}`
    : `The changes of ${measured}`;
  return [prose("", heads), table(title, { columns: COLUMNS, rows: shown })];
}

/** What a row is shown by: ns where they can be compared, else the ratio to the baseline. */
function measureOf({ absolute, relative }: Versus): Shift | null {
  return absolute ?? relative;
}

function sizeOf(row: Versus): number {
  return Math.abs(Math.log(measureOf(row)?.point ?? 1));
}

/** `12 faster, 3 slower, 320 equal of 335 rows`. */
function countWordsOf(rows: readonly Versus[]): string {
  const counts = COUNTED.flatMap(([kind, words]) => {
    const count = rows.filter(({ verdict }) => verdict?.kind === kind).length;
    return count === 0 ? [] : [`${wholeWords(count)} ${words}`];
  });
  if (counts.length === 0) return "no row is in both";
  return `of ${wholeWords(rows.length)} rows ${listWords(counts)}`;
}

function meanLine(rows: readonly Versus[], measured: string): string {
  const points = rows.flatMap((row) => measureOf(row)?.point ?? []).filter(Number.isFinite);
  if (points.length === 0) return "No row of both can be compared.";
  const mean = geoMeanRatio(points.map((point) => [Math.log(point)]));
  const words = mean.kind === "estimated" ? ratioWords(mean.estimate.point) : mean.why;
  return `Over all rows the geometric mean of ${measured} over A's is ${words}, the median ` +
    `${ratioWords(medianOf(points))}.`;
}
