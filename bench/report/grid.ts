/** Results as a grid with chosen keys as rows and columns; what is left over is not hidden. */
import { areOfOneMachine } from "../summary/machines.ts";
import { ReportError } from "../summary/report_error.ts";
import { type EntrySummary, isContender, judgedOf, timingOf } from "../summary/summary.ts";
import { type Key, type Keyed, keyed, KEYS } from "./filters.ts";
import type { Labelled } from "./labelled.ts";
import { type Column, type Table, table } from "./table.ts";
import { numeric, text, type Value } from "./value.ts";
import { outWords } from "./verdict_words.ts";
import { listWords } from "./words.ts";

/** What a grid shows. */
export interface GridOptions {
  /** The workload and what varies besides the columns, where none is chosen. */
  readonly row: readonly Key[];
  readonly col: readonly Key[];
  readonly value: "ratio" | "ns";
}

/** A grid, and what must be known of it. */
export interface Grid {
  readonly table: Table;
  /** How to read the marks, and a warning for each key that varies and is neither row nor column. */
  readonly notes: readonly string[];
}

interface Result {
  readonly keys: Keyed;
  readonly entry: EntrySummary;
}

/** A row: its keys, and the results of each column. */
interface GridRow {
  readonly keys: Keyed;
  readonly byColumn: ReadonlyMap<string, readonly Result[]>;
}

/** The grid of all contenders of the files. */
export function gridOf(files: readonly Labelled[], options: GridOptions): Grid {
  const results = files.flatMap(({ label, summary }) =>
    summary.cells.flatMap(({ cell, entries }) =>
      entries.filter(isContender).map((entry): Result => {
        return { keys: keyed(cell, entry.name, label), entry };
      })
    )
  );
  const { col, value } = options;
  const isSpread = files.some(({ summary }) => !areOfOneMachine(summary.cells));
  if (isSpread && value === "ns") {
    throw new ReportError(
      "Cannot show ns in a grid as cells of several machines would stand beside each other: use ratios",
      { isUsage: true },
    );
  }
  const row = options.row.length > 0 ? options.row : defaultRows(results, col);
  const rows = [...inOrder(results, row).values()].map((own): GridRow => (
    { keys: own[0].keys, byColumn: Map.groupBy(own, ({ keys }) => nameOf(keys, col)) }
  ));
  const names = [...inOrder(results, col).keys()];
  const columns: Column<GridRow>[] = [
    ...row.map((key, i): Column<GridRow> => ({
      title: key,
      align: key === "slots" && i > 0 ? "right" : "left",
      fields: [key],
      value: ({ keys }) => text(keys[key]),
    })),
    ...names.map((name): Column<GridRow> => ({
      title: name.replaceAll("_", "_\n"),
      align: "right",
      fields: [name, `${name} mark`],
      value: ({ byColumn }) => valueOf(byColumn.get(name) ?? [], { value, isSpread }),
    })),
    // The last column is the one that is folded: a blank one, so that no number is.
    { title: "", value: () => undefined },
  ];
  const what = value === "ns"
    ? "ns a step"
    : `ratio to ${files[0].summary.base}${isSpread ? "" : ", which has its ns"}`;
  const title = `${what}, by ${listWords([...row, ...col])}`;
  const hidden = hiddenKeys(results, [...row, ...col]);
  return { table: table(title, { columns, rows }), notes: [...hidden, ...markLines(results)] };
}

/** The workload, and every key in which results differ that share workload and column. */
function defaultRows(results: readonly Result[], col: readonly Key[]): Key[] {
  return KEYS.filter((key) =>
    !col.includes(key) &&
    (key === "workload" || new Set(results.map(({ keys }) => keys[key])).size > 1)
  );
}

function nameOf(keys: Keyed, by: readonly Key[]): string {
  return by.map((key) => keys[key]).join(" ");
}

/** Results by the values of the keys: slot counts ascending, all else in the order of the files. */
function inOrder(results: readonly Result[], by: readonly Key[]): Map<string, Result[]> {
  const groups = Map.groupBy(results, ({ keys }) => nameOf(keys, by));
  if (!by.includes("slots")) return groups;
  const others = by.filter((key) => key !== "slots");
  const first = new Map<string, number>();
  for (const { keys } of results) {
    const name = nameOf(keys, others);
    if (!first.has(name)) first.set(name, first.size);
  }
  const place = ([{ keys }]: Result[]) => first.get(nameOf(keys, others))!;
  return new Map(
    [...groups].sort(([, a], [, b]) =>
      place(a) - place(b) || Number(a[0].keys.slots) - Number(b[0].keys.slots)
    ),
  );
}

/** How the numbers of a grid are shown. */
interface Shown {
  readonly value: GridOptions["value"];
  /** Whether cells are of several machines: then the base has its ratio, 1, and no ns. */
  readonly isSpread: boolean;
}

function valueOf(results: readonly Result[], { value, isSpread }: Shown): Value | undefined {
  for (const { entry: { result } } of results) {
    if (result.kind !== "timed") return text(outWords(result));
  }
  const numbers = results.map(({ entry }) => {
    return isSpread && entry.isBase ? 1 : numberOf(entry, value);
  });
  const isNs = value === "ns" || (!isSpread && results.every(({ entry }) => entry.isBase));
  const kind = isNs ? "number" : "ratio";
  const mean = Math.exp(numbers.reduce((sum, x) => sum + Math.log(x), 0) / numbers.length);
  if (results.length > 1) return numeric(kind, mean, { mark: "*" });
  const mark = value === "ns" || numbers.length === 0 ? undefined : markOf(results[0].entry);
  return numeric(kind, mean, { mark });
}

function numberOf(entry: EntrySummary, value: GridOptions["value"]): number {
  if (value === "ns" || entry.isBase) return timingOf(entry)?.nsPerStep ?? NaN;
  return judgedOf(entry)?.ratio?.point ?? NaN;
}

/** What is known of a ratio; nothing of the base, and of one that rests on one process. */
function markOf(entry: EntrySummary): string | undefined {
  const judged = judgedOf(entry);
  if (!judged?.ratio || judged.ratio.n < 2) return undefined;
  switch (judged.verdict.kind) {
    case "equal":
      return "=";
    case "not separated":
      return "~";
    case "looks faster":
    case "looks slower":
      return "?";
    case "not valid":
      return "!";
    default:
      return undefined;
  }
}

/** How the marks behind a number are to be read, where there can be any. */
function markLines(results: readonly Result[]): string[] {
  const judged = results.flatMap(({ entry }) => judgedOf(entry)?.ratio ?? []);
  if (judged.length > 0 && judged.every(({ n }) => n < 2)) return [];
  return [
    "~ not separated, = equal, ? looks so, ! not valid, none: faster or slower; " +
    "* a geometric mean over a hidden key, without a verdict.",
  ];
}

/** Keys that a reader of the grid cannot see; worse where one place of the grid has two values. */
function hiddenKeys(results: readonly Result[], shown: readonly Key[]): string[] {
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
