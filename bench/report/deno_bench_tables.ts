/** A file of `deno bench --json` as tables: averages and their ratios, and no more than they say. */
import { type EntrySummary, judgedOf, type Summary, timingOf } from "../summary/summary.ts";
import { type Block, type Column, prose, table } from "./table.ts";
import { numeric, text } from "./value.ts";
import { outWords } from "./verdict_words.ts";
import { warningLines } from "./labelled.ts";
import { runLines } from "./race_report.ts";
import { cellWords, oneWords } from "./words.ts";

/** The columns, of which the ratio names its base. */
function columnsOf(base: string): readonly Column<EntrySummary>[] {
  return [
    { title: "contender", value: ({ name }) => text(name) },
    {
      title: "average ns",
      align: "right",
      value: (entry) => numeric("number", timingOf(entry)?.nsPerStep ?? NaN),
    },
    {
      title: `ratio to ${base}`,
      align: "right",
      value: (entry) =>
        entry.isBase && timingOf(entry)
          ? numeric("count", 1)
          : numeric("ratio", judgedOf(entry)?.ratio?.point ?? NaN),
    },
    {
      title: "",
      value: ({ result }) => result.kind === "timed" ? undefined : text(outWords(result)),
    },
  ];
}

/** A table for each group. */
export function benchBlocks(summary: Summary): Block[] {
  const { base, cells } = summary, columns = columnsOf(base);
  return [
    prose("", [...runLines(summary), ...warningLines([{ label: "A", summary }])]),
    ...cells.map(({ cell, unit, entries }) =>
      table(`${cellWords(cell)}: ns ${oneWords(unit)}`, { columns, rows: entries })
    ),
  ];
}
