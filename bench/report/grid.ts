/** Results as a grid with chosen keys as rows and columns; what is left over is not hidden. */
import type { Block, Column } from "./table.ts";
import { type Key, type Keyed, keyed, KEYS } from "./filters.ts";
import { timingOf } from "../summary/growth.ts";
import type { EntrySummary, Summary } from "../summary/summary.ts";
import { isContender } from "../summary/summary.ts";
import { LEAST_PROCESSES_TO_LOOK } from "../stats/verdict.ts";
import { listWords, NONE, numberWords, OUT_WORDS, ratioWords } from "./words.ts";

/** A file and the letter that stands for it. */
export interface Labelled {
  readonly label: string;
  readonly summary: Summary;
}

/** What a grid shows. */
export interface PivotOptions {
  readonly row: readonly Key[];
  readonly col: readonly Key[];
  readonly value: "ratio" | "ns";
}

/** How the marks behind a number are to be read. */
export const MARKS = "~ not separated, = equal, ? looks so, ! not valid, none: faster or slower; " +
  "* a geometric mean over a hidden key, without a verdict.";

interface Result {
  readonly keys: Keyed;
  readonly entry: EntrySummary;
}

/** The grid, and a warning for each key that varies and is neither a row nor a column. */
export function pivot(
  files: readonly Labelled[],
  { row, col, value }: PivotOptions,
): { block: Block; warnings: string[] } {
  const results = files.flatMap(({ label, summary }) =>
    summary.cells.flatMap(({ cell, entries }) =>
      entries.filter(isContender).map((entry): Result => {
        return { keys: keyed(cell, entry.name, label), entry };
      })
    )
  );
  const rows = distinct(results, row), cols = distinct(results, col);
  const body = rows.map((name) => {
    const values = cols.map((title) => {
      const here = results.filter(({ keys }) => {
        return nameOf(keys, row) === name && nameOf(keys, col) === title;
      });
      return valueOf(here, value);
    });
    return { cells: [name, ...values, ""] };
  });
  const columns: Column[] = [
    { title: row.join(", "), align: "left", rank: 0 },
    ...cols.map((title): Column => (
      { title: title.replaceAll("_", "_\n"), align: "right", rank: 0 }
    )),
    { title: "", align: "left", rank: 0 },
  ];
  const what = value === "ns" ? "ns a step" : `ratio to ${files[0].summary.base}, which has its ns`;
  const title = `${what}, by ${listWords([...row, ...col])}`;
  return {
    block: { kind: "table", title, columns, rows: body },
    warnings: hidden(results, row, col),
  };
}

function nameOf(keys: Keyed, by: readonly Key[]): string {
  return by.map((key) => keys[key]).join(" ");
}

/** The names that occur, slot counts ascending and all else in the order of the files. */
function distinct(results: readonly Result[], by: readonly Key[]): string[] {
  const first = new Map(results.map(({ keys }) => [nameOf(keys, by), keys]));
  const names = [...first.keys()];
  if (!by.includes("slots")) return names;
  const others = by.filter((key) => key !== "slots");
  const order = [...new Set([...first.values()].map((keys) => nameOf(keys, others)))];
  const place = (name: string) => {
    const keys = first.get(name)!;
    return [order.indexOf(nameOf(keys, others)), Number(keys.slots)];
  };
  return names.toSorted((a, b) => place(a)[0] - place(b)[0] || place(a)[1] - place(b)[1]);
}

function valueOf(results: readonly Result[], value: PivotOptions["value"]): string {
  if (results.length === 0) return NONE;
  for (const { entry: { result } } of results) {
    if (result.kind !== "timed") return OUT_WORDS[result.kind];
  }
  const numbers = results.map(({ entry }) => numberOf(entry, value));
  const isNs = value === "ns" || results.every(({ entry }) => entry.isBase);
  const mean = Math.exp(numbers.reduce((sum, x) => sum + Math.log(x), 0) / numbers.length);
  const words = isNs ? numberWords(mean) : ratioWords(mean);
  if (results.length > 1) return `${words} *`;
  return `${words}${value === "ns" ? "" : markOf(results[0].entry)}`;
}

function numberOf(entry: EntrySummary, value: PivotOptions["value"]): number {
  const { result } = entry;
  const nsPerStep = timingOf(entry)?.nsPerStep ?? NaN;
  if (value === "ns" || entry.isBase || result.kind !== "timed") return nsPerStep;
  return result.judged?.ratio?.point ?? NaN;
}

function markOf({ result }: EntrySummary): string {
  const judged = result.kind === "timed" ? result.judged : null;
  if (judged?.ratio && judged.ratio.n < LEAST_PROCESSES_TO_LOOK) return " ?";
  switch (judged?.verdict.kind) {
    case "equal":
      return " =";
    case "not separated":
      return " ~";
    case "looks faster":
    case "looks slower":
      return " ?";
    case "not valid":
      return " !";
    default:
      return "  ";
  }
}

/** Keys that a reader of the grid cannot see; worse where one place of the grid has two values. */
function hidden(results: readonly Result[], row: readonly Key[], col: readonly Key[]): string[] {
  const shown = [...row, ...col];
  const places = [...Map.groupBy(results, ({ keys }) => nameOf(keys, shown)).values()];
  const valuesOf = (results: readonly Result[], key: Key) => {
    return [...new Set(results.map(({ keys }) => keys[key]))];
  };
  return KEYS.filter((key) => !shown.includes(key)).flatMap((key) => {
    const values = valuesOf(results, key);
    if (values.length < 2) return [];
    const isMixed = places.some((place) => valuesOf(place, key).length > 1);
    return [
      `warning: ${key} varies (${values.join(", ")}) and is neither a row nor a column` +
      `${isMixed ? ": where * stands they are averaged" : ""}. Use --row ${key}, --col ${key} ` +
      `or --filter ${key}=${values[0]}`,
    ];
  });
}
