/** The answer of a run on one screen: the fastest, how sure that is, its memory, whether to believe it. */
import { type Answer, answerOf, type Fastest } from "../summary/answer.ts";
import type { Summary } from "../summary/summary.ts";
import type { ChangesOf } from "../summary/winners.ts";
import { checkLines } from "./check_lines.ts";
import { LEAST_PROCESSES } from "../stats/verdict.ts";
import { engineLines } from "./engine_tables.ts";
import { type Block, type Column, prose, table, type Tone } from "./table.ts";
import { type Screen, textOf } from "./text.ts";
import { numeric, text } from "./value.ts";
import { countWords, listWords, percent, wholeWords } from "./words.ts";

/** As many lines as a terminal shows at once, the command's own prompt included. */
const MOST_LINES = 24;

/** How much is shown. */
interface Extent {
  /** The most slot counts. */
  readonly slotCounts: number;
  /** Whether the next one has its name. */
  readonly isNamed: boolean;
  /** Whether rows that are not valid have their likely cause and what to do. */
  readonly hasCauses: boolean;
}

const ALL: Extent = { slotCounts: 3, isNamed: true, hasCauses: true };

/** The most first: the first that fits is taken. */
const EXTENTS: readonly Extent[] = [
  ALL,
  { ...ALL, hasCauses: false },
  ...[3, 2, 1].map((slotCounts) => ({ slotCounts, isNamed: false, hasCauses: false })),
];

/** Where the file is, as a command that can be typed shows it. */
interface Place {
  /** The file's path, quoted for a shell. */
  readonly file: string;
  readonly changesOf: ChangesOf;
}

/** The answer as text that fits a screen of 24 lines, where the width allows. */
export function answerText(summary: Summary, place: Place, screen: Screen): string {
  let words = "";
  for (const extent of EXTENTS) {
    words = textOf(answerBlocks(summary, place, extent), screen).replaceAll("\n\n", "\n");
    if (words.trimEnd().split("\n").length < MOST_LINES * Math.max(1, 80 / screen.width)) break;
  }
  return words;
}

/** The answer in blocks. */
export function answerBlocks(
  summary: Summary,
  { file, changesOf }: Place,
  { slotCounts, isNamed, hasCauses }: Extent = ALL,
): Block[] {
  const answer = answerOf(summary, { changesOf, slotCounts });
  const rows = answer.fastest.flatMap((row) => rowsOf(row, isNamed));
  const where = answer.rankings.length === 0 ? "" : ` in ${answer.engine}`;
  const title = `ratio: time over ${answer.base}'s${where}; bytes: memory a slot`;
  return [
    prose("", runLines(answer)),
    rows.length === 0
      ? prose("", ["No two contenders can be compared."])
      : table(title, { columns: COLUMNS, rows, tone: ({ tone }) => tone }),
    prose("", [...readingLines(answer.fastest), ...believeLines(answer, summary, { hasCauses })]),
    ...engineLines(summary).length === 0 ? [] : [prose("", engineLines(summary))],
    prose("", [`All tables: deno task compare ${file} --full`]),
  ];
}

function runLines({ startedAt, cpu, deno, contenders, cells, processes }: Answer): string[] {
  return [
    `${countWords(contenders, "index", "indexes")}, ${countWords(cells, "cell")}, ` +
    `${countWords(processes, "process", "processes")}; ${cpu}, Deno ${deno}, ` +
    startedAt.slice(0, 10),
  ];
}

/** A row of the table: the fastest, or below it the fastest of those that change in place. */
interface Row {
  readonly what: string;
  readonly slots: number | null;
  readonly name: string;
  readonly ratio: number | null;
  readonly bytes: number | null;
  readonly sure: string;
  readonly tone: Tone;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "", value: ({ what }) => text(what) },
  { title: "slots", align: "right", value: ({ slots }) => numeric("count", slots) },
  { title: "fastest", value: ({ name }) => text(name) },
  { title: "ratio", align: "right", value: ({ ratio }) => numeric("ratio", ratio ?? NaN) },
  { title: "bytes", align: "right", value: ({ bytes }) => numeric("number", bytes) },
  { title: "how sure,\nthe next", value: ({ sure }) => text(sure) },
];

function rowsOf(row: Fastest, isNamed: boolean): Row[] {
  const { family, slots, cells, name, ratio, bytesPerSlot, next, inPlace } = row;
  const what = family === "all" ? `all ${cells} cells` : `${family}s`;
  const tone: Tone = row.sure === "sure" ? "good" : "plain";
  const first = {
    what,
    slots,
    name,
    ratio,
    bytes: bytesPerSlot,
    sure: sureWords(row, isNamed),
    tone,
  };
  // Where the next one is the best that changes in place, a star behind its name says so.
  if (inPlace === null || (isNamed && inPlace.name === next?.name)) return [first];
  return [first, {
    ...{ what: "  in place", slots: null, name: inPlace.name, ratio: inPlace.ratioToBase },
    ...{ bytes: inPlace.bytesPerSlot, sure: moreWords(inPlace.ratio), tone: "dim" as const },
  }];
}

/** `sure, radix_table +3 %`, `tied: b_plus_tree`. */
function sureWords({ sure, ties, next, inPlace }: Fastest, isNamed: boolean): string {
  if (sure === "tied") {
    const more = ties.length > 1 ? ` and ${ties.length - 1} more` : "";
    return isNamed ? `tied: ${ties[0].name}${more}` : sure;
  }
  if (next === null || sure === "not valid") return sure;
  return isNamed
    ? `${sure}, ${next.name}${next.name === inPlace?.name ? "*" : ""} ${moreWords(next.ratio)}`
    : `${sure} ${moreWords(next.ratio)}`;
}

/** `+3 %`: a time over another, above 1. */
function moreWords(ratio: number): string {
  const share = 100 * (ratio - 1);
  return `+${share < 9.95 ? Number(share.toFixed(1)) : wholeWords(Math.round(share))} %`;
}

/** What the words of the table mean, of those that it uses. */
function readingLines(rows: readonly Fastest[]): string[] {
  const has = (sure: Fastest["sure"]) => rows.some((row) => row.sure === sure);
  const meanings = [
    ...(has("sure") ? ["sure: the next is slower, by a test at 5 %"] : []),
    ...(has("likely") ? ["likely: slower in all processes, too few for a test"] : []),
    ...(has("tied") ? ["tied: no difference found"] : []),
    ...(has("not valid") ? ["not valid: a check failed"] : []),
    ...(rows.some(({ inPlace }) => inPlace)
      ? ["in place or *: the best that rebuilds nothing at a change"]
      : []),
  ];
  return meanings.length === 0 ? [] : [`${meanings.join("; ")}.`];
}

/** Whether to believe it: a line, and causes and cures only where something failed. */
function believeLines(
  { failed, believe, processes }: Answer,
  summary: Summary,
  { hasCauses }: { hasCauses: boolean },
): string[] {
  const { isValid, twinOff, rows, invalidRows } = believe;
  const out = failed.map(({ name, kind }) => `${name} (${kind})`);
  const same = twinOff === null
    ? "no twin of the baseline was raced"
    : `identical twins differ by ${percent(twinOff)}`;
  const isFew = processes < LEAST_PROCESSES;
  const few = isFew
    ? `; ${countWords(processes, "process", "processes")}, so nothing is claimed`
    : "";
  const trust = !isValid
    ? "DO NOT BELIEVE IT"
    : isFew
    ? "Indicative only"
    : twinOff === null
    ? "Not checked"
    : "Believe it";
  return [
    ...(out.length === 0 ? [] : [
      `FAILED, so without any number: ${listWords(out.slice(0, 5))}` +
      (out.length > 5 ? ` and ${out.length - 5} more` : ""),
    ]),
    `${trust}: ${same}; ${
      invalidRows === 0 ? "no check failed" : `checks void ${invalidRows} of ${rows} rows`
    }${few}.`,
    ...checkLines(summary).filter((line) =>
      line.startsWith("THE WHOLE RUN") || (hasCauses && /^(NOT VALID|Likely cause):/.test(line))
    ),
    ...summary.warnings.slice(0, 2).map((words) => `warning: ${words}`),
  ];
}
