/** Runs side by side, in blocks: each contender of a cell in each file, against the first. */
import { cellKey } from "../record/schema.ts";
import type { Compared } from "./export.ts";
import type { Block, Column, Row, Tone } from "./table.ts";
import { timingOf } from "../summary/growth.ts";
import { type EntrySummary, isContender, type Summary } from "../summary/summary.ts";
import { type Notes, runLines, verdictCell } from "./race_tables.ts";
import { LEAST_PROCESSES_TO_LOOK, percent } from "../stats/verdict.ts";
import type { Difference, RunVersus, Versus } from "../summary/versus.ts";
import {
  cellWords,
  countWords,
  intervalWords,
  listWords,
  NONE,
  numberWords,
  OUT_WORDS,
  ratioWords,
} from "./words.ts";

/** Two files or more, the first of which the others are compared with. */
export function versusBlocks(files: readonly Compared[], notes: Notes): Block[] {
  const isAnySame = files.some(({ versus }) => versus?.differences.length === 0);
  const columns = columnsOf(isAnySame);
  const cells = files.flatMap(({ summary }) => summary.cells);
  const distinct = [...new Map(cells.map((cell) => [cellKey(cell.cell), cell])).values()];
  const tables = distinct.filter(({ entries }) => entries.some(isContender)).map((cell): Block => ({
    kind: "table",
    title: `${cellWords(cell.cell)}: ns a ${cell.unit}`,
    columns,
    rows: rowsOf(files, { key: cellKey(cell.cell), notes }),
  }));
  return [
    { kind: "prose", title: "", lines: files.flatMap(fileLines) },
    { kind: "prose", title: "Environments", lines: files.flatMap(environmentLines) },
    ...tables,
    { kind: "prose", title: "Notes", lines: [...notes.lines(), ...noteLines(files)] },
  ];
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

function columnsOf(isAnySame: boolean): Column[] {
  const change = isAnySame ? 2 : 0;
  return [
    { title: "contender", align: "left", rank: 0 },
    { title: "", align: "left", rank: 0 },
    { title: "ns", align: "right", rank: 0 },
    ...(isAnySame
      ? [
        { title: "ns /\nns A", align: "right", rank: 0 },
        { title: "interval", align: "left", rank: 0 },
      ] as const
      : []),
    { title: "ratio", align: "right", rank: isAnySame ? 1 : 0 },
    { title: "its\nchange", align: "right", rank: change },
    { title: "interval", align: "left", rank: change },
    { title: "verdict", align: "left", rank: 0 },
  ];
}

function rowsOf(
  files: readonly Compared[],
  { key, notes }: { key: string; notes: Notes },
): Row[] {
  const isAnySame = files.some(({ versus }) => versus?.differences.length === 0);
  const inFiles = files.map(({ summary }) => entriesOf(summary, key));
  const names = [...new Set(inFiles.flatMap((entries) => entries.map(({ name }) => name)))];
  return names.flatMap((name) => {
    let isFirst = true;
    return files.flatMap(({ label, versus }, i): Row[] => {
      const entry = inFiles[i].find((entry) => entry.name === name);
      if (!entry) return [];
      const row = versus?.rows.find(({ cell, contender }) => {
        return contender === name && cellKey(cell) === key;
      });
      const shown = isFirst ? name : "";
      isFirst = false;
      return [entryRow(entry, { shown, label, row, notes, isAnySame })];
    });
  });
}

function entriesOf({ cells }: Summary, key: string): EntrySummary[] {
  const cell = cells.find(({ cell }) => cellKey(cell) === key);
  return cell?.entries.filter(isContender) ?? [];
}

function entryRow(
  entry: EntrySummary,
  { shown, label, row, notes, isAnySame }: {
    shown: string;
    label: string;
    row: Versus | undefined;
    notes: Notes;
    isAnySame: boolean;
  },
): Row {
  const { result, isBase } = entry, blank = ["", "", "", "", ""].slice(isAnySame ? 0 : 2);
  if (result.kind !== "timed") {
    const words = `${OUT_WORDS[result.kind]} ${notes.mark(result.words)}`;
    return { cells: [shown, label, "", ...blank, words], tone: "bad" };
  }
  const ratio = isBase ? "1" : ratioWords(result.judged?.ratio?.point ?? NaN);
  return {
    cells: [
      shown,
      label,
      numberWords(timingOf(entry)?.nsPerStep ?? NaN),
      ...(isAnySame ? shiftCells(row?.absolute) : []),
      ratio,
      ...shiftCells(row?.relative),
      row ? verdictOf(entry, row, notes) : "",
    ],
    tone: toneOf(row),
  };
}

function shiftCells(shift: Versus["absolute"] | undefined): string[] {
  if (!shift) return ["", ""];
  return [
    ratioWords(shift.point),
    Math.min(...shift.sizes) < LEAST_PROCESSES_TO_LOOK ? NONE : intervalWords(shift),
  ];
}

function verdictOf(entry: EntrySummary, { verdict }: Versus, notes: Notes): string {
  const own = verdictCell(entry, notes);
  return verdict === "not valid" && own.startsWith("not valid") ? own : verdict;
}

function toneOf(row: Versus | undefined): Tone {
  if (row?.verdict === "faster") return "good";
  return row?.verdict === "slower" ? "bad" : "plain";
}

function fileLines({ label, summary }: Compared): string[] {
  if (summary.run.schema === "") return [`${label}  ${summary.path}: a file of deno bench`];
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

function differenceWords({ field, values: [a, b] }: Difference): string {
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
    ...levelLines(all),
    ...missingLines(files),
    ...warningsOf(files),
  ];
}

/** What a reader should know of the files themselves, a line each. */
export function warningsOf(files: readonly Compared[]): string[] {
  return files.flatMap(({ summary }) => summary.warnings.map((words) => `warning: ${words}`));
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
