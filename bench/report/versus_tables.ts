/** Runs side by side: each contender of a cell in each file, against the first. */
import { cellKey } from "../record/schema.ts";
import { LEAST_PROCESSES_TO_LOOK } from "../stats/verdict.ts";
import type { Shift } from "../stats/two_sample.ts";
import { cellsByKey } from "../summary/growth.ts";
import { isContender, timingOf } from "../summary/summary.ts";
import { hourOf } from "../summary/run_spread.ts";
import type { Difference, RunVersus, Versus } from "../summary/versus.ts";
import { type Compared, isBenchFile, warningLines } from "./labelled.ts";
import { runLines } from "./race_report.ts";
import { type Raced, STATISTICS, verdictValue } from "./statistics.ts";
import { type Block, type Column, prose, type Table, table, type Tone } from "./table.ts";
import { interval, numeric, text, type Value } from "./value.ts";
import { verdictWords } from "./verdict_words.ts";
import { cellWords, countWords, listWords, oneWords, percent, ratioWords } from "./words.ts";

/** An entry of one of the files: a row of their tables. */
export interface Against extends Raced {
  /** The letter of its file. */
  readonly label: string;
  /** Against the first file; undefined in the first, and where one of them has no times. */
  readonly versus: Versus | undefined;
  /** Whether it is the first row of its contender, which has its name. */
  readonly isFirst: boolean;
}

/** Its ns over those in the first file: there are none in another environment. */
const NS_OVER_FIRST: readonly Column<Against>[] = [
  {
    title: "ns /\nns A",
    align: "right",
    fields: ["ns_over_first"],
    value: ({ versus }) => numeric("ratio", versus?.absolute?.point),
  },
  {
    title: "interval",
    fields: ["ns_over_first_low", "ns_over_first_high"],
    value: ({ versus }) => shiftInterval(versus?.absolute),
  },
];

/** Its ratio to the baseline over that in the first file. */
const RATIO_OVER_FIRST: readonly Column<Against>[] = [
  {
    title: "its\nchange",
    align: "right",
    fields: ["ratio_over_first"],
    value: ({ versus }) => numeric("ratio", versus?.relative?.point),
  },
  {
    title: "interval",
    fields: ["ratio_over_first_low", "ratio_over_first_high"],
    value: ({ versus }) => shiftInterval(versus?.relative),
  },
];

/** What is known of an entry against the first file, as CSV has it. */
export const VERSUS_STATISTICS: readonly Column<Against>[] = [
  ...NS_OVER_FIRST,
  ...RATIO_OVER_FIRST,
  {
    fields: ["verdict_over_first"],
    value: ({ versus }) => versus?.verdict ? text(verdictWords(versus.verdict)) : undefined,
  },
];

/** The columns of a table, where some file ran in the environment of the first, or none did. */
function columnsOf(isAnySame: boolean): Column<Against>[] {
  const own = (title: string) => STATISTICS.find((column) => column.title === title)!;
  const ranked = (rank: number) => (column: Column<Against>) => ({
    ...column,
    rank: isAnySame ? rank : 0,
  });
  return [
    { title: "contender", value: ({ entry, isFirst }) => isFirst ? text(entry.name) : undefined },
    { title: "", value: ({ label }) => text(label) },
    own("ns"),
    ...(isAnySame ? NS_OVER_FIRST : []),
    ...[own("ratio")].map(ranked(1)),
    ...RATIO_OVER_FIRST.map(ranked(3)),
    { title: "verdict", value: verdictOf },
  ];
}

/** Its interval, which is not known where fewer processes than may be looked at measured it. */
function shiftInterval(shift: Shift | null | undefined): Value | undefined {
  const isFew = shift && Math.min(...shift.sizes) < LEAST_PROCESSES_TO_LOOK;
  return interval("ratio", isFew ? { low: NaN, high: NaN } : shift);
}

/** The verdict; of an entry that is out, or not valid, that of its own run, which says why. */
function verdictOf(row: Against): Value | undefined {
  const own = verdictValue(row), verdict = row.versus?.verdict;
  if (timingOf(row.entry) === null) return own;
  if (verdict === undefined || verdict === null) return undefined;
  return verdict.kind === "not valid" && own.note ? own : text(verdictWords(verdict));
}

function toneOf({ entry, versus }: Against): Tone {
  if (timingOf(entry) === null) return "bad";
  const kind = versus?.verdict?.kind;
  return kind === "faster" ? "good" : kind === "slower" ? "bad" : "plain";
}

/** Two files or more, the first of which the others are compared with. */
export function versusBlocks(files: readonly Compared[]): Block[] {
  const columns = columnsOf(files.some(({ versus }) => versus?.differences.length === 0));
  const inFiles = files.map(({ summary }) => cellsByKey(summary.cells));
  const distinct = new Map(
    inFiles.flatMap((cells) => [...cells])
      .filter(([, { entries }]) => entries.some(isContender)),
  );
  return [
    prose("", files.flatMap(fileLines)),
    prose("Environments", files.flatMap(environmentLines)),
    ...[...distinct].map(([key, { cell, unit }]): Table => {
      const rows = rowsOf(files, inFiles.map((cells) => cells.get(key)));
      return table(`${cellWords(cell)}: ns ${oneWords(unit)}`, { columns, rows, tone: toneOf });
    }),
    { ...prose("Notes", noteLines(files)), hasNotes: true },
  ];
}

/** Each contender of a cell, a row for each file that has it. */
function rowsOf(
  files: readonly Compared[],
  cells: readonly (Raced["cell"] | undefined)[],
): Against[] {
  const names = new Set(
    cells.flatMap((cell) => cell?.entries.filter(isContender).map(({ name }) => name) ?? []),
  );
  return [...names].flatMap((name) =>
    files.flatMap(({ label, summary, versus }, i) => {
      const cell = cells[i], entry = cell?.byName.get(name);
      return cell && entry
        ? [{ label, summary, cell, entry, versus: versus?.of(cell.cell, name) }]
        : [];
    }).map((row, i) => ({ ...row, isFirst: i === 0 }))
  );
}

/** What failed, and by which rule; nothing if no limit was asked for. */
export function failLines(files: readonly Compared[], failAbove: number | undefined): string[] {
  if (failAbove === undefined) return [];
  return files.flatMap(({ label, versus }) => {
    if (versus === null) return [];
    const failed = versus.rows.filter(({ fails }) => fails).map((row) =>
      `${label} fails: ${row.contender} in ${cellWords(row.cell)} takes ` +
      `${ratioWords((row.absolute ?? row.relative)!.point)} times A's, beyond ${failAbove}`
    );
    if (versus.canFail) return failed;
    return [
      ...failed,
      `warning: ${label} can hardly fail, however slow: too few processes for ` +
      `${countWords(versus.tests, "comparison")}. Race with --processes 8, or filter`,
    ];
  });
}

function fileLines({ label, summary }: Compared): string[] {
  if (isBenchFile(summary)) return [`${label}  ${summary.path}: a file of deno bench`];
  const [where, what] = runLines(summary);
  return [`${label}  ${where}; ${what}`];
}

function environmentLines({ label, summary, versus }: Compared): string[] {
  if (versus === null) return [];
  if (versus.differences.length === 0) {
    return [`${label} ran in the same environment as A, so ns are compared, and ratios.`];
  }
  const fields = listWords(versus.differences.map(differenceWords));
  return [
    `${label} ran in another environment than A: only ratios to ${summary.base} are compared. ` +
    `They differ in ${fields}.`,
  ];
}

/** What the hour of a run may do, and how to know it better. */
function spreadLines(all: readonly RunVersus[]): string[] {
  const same = all.filter(({ differences }) => differences.length === 0);
  if (same.length === 0) return [];
  const [{ spread: { absolute, relative, runs } }] = same;
  const spread = Math.max(absolute, relative);
  const widest = percent(Math.expm1(spread)), hour = percent(Math.expm1(hourOf(spread)));
  return [
    runs === 0
      ? `Whole runs of one commit differ from hour to hour, and no run of A's commit was repeated: ` +
        `a spread of ${widest} is assumed, and claims must exceed ${hour} (three times that, of two runs). ` +
        `"race --repeat 3" measures it; "race --against" races both commits in the same blocks.`
      : `Whole runs of A's commit differ by ${widest} (${runs} runs): claims must exceed ${hour}.`,
  ];
}

function differenceWords({ field, values: [a, b] }: Difference): string {
  if (field === "speed") return `speed (${b} times the time of A for loop or baseline)`;
  return `${field} (${a || "not known"}, ${b || "not known"})`;
}

function noteLines(files: readonly Compared[]): string[] {
  const all = files.flatMap(({ versus }) => versus ? [versus] : []);
  const most = (of: (versus: RunVersus) => number) => percent(Math.max(...all.map(of)));
  return [
    "Above 1 is slower than A. Processes of two runs are not paired: point and interval are those " +
    "of Hodges and Lehmann over all pairs, exact by Mann and Whitney, of 95 % or, where a " +
    "difference is claimed, widened for the number of claims.",
    `Verdicts: slower or faster by more than ${most(({ margin }) => margin)}, equal within ${
      most(({ equalWithin }) => equalWithin)
    }; each must hold for ns (in one environment) and for the ratio to the baseline, which ` +
    `divides out what the machine was like in that hour; the baseline's own is to the floor. ` +
    `Corrected for the comparisons of a file (Benjamini-Hochberg, 5 %).`,
    ...spreadLines(all),
    ...levelLines(all),
    ...missingLines(files),
    ...warningLines(files),
  ];
}

/** Where there are too few processes for intervals of 95 %. */
function levelLines(all: readonly RunVersus[]): string[] {
  const shifts = all.flatMap(({ rows }) =>
    rows.flatMap(({ absolute, relative }) => [absolute, relative].filter((shift) => shift !== null))
  ).filter(({ reached, sizes }) => !reached && Math.min(...sizes) >= LEAST_PROCESSES_TO_LOOK);
  if (shifts.length === 0) return [];
  const { level, sizes } = shifts.reduce((a, b) => b.level < a.level ? b : a);
  return [
    `Intervals of ${sizes[0]} and ${sizes[1]} processes have a level of ${percent(level)} only.`,
  ];
}

/** Cells and contenders that only some files have. */
function missingLines(files: readonly Compared[]): string[] {
  const inFile = files.map(({ summary }) =>
    new Map(
      summary.cells.flatMap(({ cell, entries }) =>
        entries.filter(isContender).map(({ name }) => [
          JSON.stringify([cellKey(cell), name]),
          `${name} in ${cellWords(cell)}`,
        ])
      ),
    )
  );
  return files.flatMap(({ label }, i) => {
    const only = [...inFile[i]].filter(([key]) => {
      return inFile.every((other, k) => k === i || !other.has(key));
    });
    if (only.length === 0) return [];
    const words = only.slice(0, 3).map(([, words]) => words).join("; ");
    const more = only.length > 3 ? ` and ${only.length - 3} more` : "";
    return [`Only in ${label}: ${words}${more}.`];
  });
}
