/** Geometric means of each contender over the cells of a family. */
import { type FamilyMean, familyMeans } from "../summary/growth.ts";
import type { Summary } from "../summary/summary.ts";
import { type Column, type Table, table } from "./table.ts";
import { interval, numeric, text } from "./value.ts";
import { familyWords, processWarnings, verdictWords } from "./verdict_words.ts";
import { countWords, listWords, loopWords } from "./words.ts";

const COLUMNS: readonly Column<FamilyMean>[] = [
  { title: "contender", value: ({ contender }) => text(contender) },
  {
    title: "mean",
    align: "right",
    value: (row) => numeric("ratio", estimateOf(row)?.point ?? NaN),
  },
  { title: "interval", value: (row) => interval("ratio", estimateOf(row)) },
  { title: "level", rank: 1, value: (row) => numeric("share", estimateOf(row)?.level) },
  { title: "verdict", value: (row) => text(verdictOf(row)) },
];

/** A table of each family, the fastest first. */
export function meanTables(summary: Summary): Table[] {
  return [...Map.groupBy(familyMeans(summary), ({ family }) => family)].map(([family, means]) => {
    const point = (row: FamilyMean) => estimateOf(row)?.point ?? Infinity;
    const cells = countWords(family.cells.length, "cell");
    const title = `Geometric mean of the ratio to ${summary.base} over ${cells}: ` +
      `${familyWords(family.of)}, ${loopWords(family)}`;
    const rows = means.toSorted((a, b) => point(a) === point(b) ? 0 : point(a) - point(b));
    return table(title, { columns: COLUMNS, rows });
  });
}

function estimateOf({ mean }: FamilyMean) {
  return mean.kind === "estimated" ? mean.estimate : undefined;
}

function verdictOf({ mean, verdict, leftOut }: FamilyMean): string {
  if (mean.kind === "cannot tell") return mean.why;
  const cells = leftOut.map(({ workload, slots }) => `${workload} at ${slots}`);
  return [
    ...verdict === null ? [] : [verdictWords(verdict)],
    ...processWarnings({ leftOut: mean.leftOut, processes: mean.estimate.n }),
    ...cells.length === 0 ? [] : [`without ${listWords(cells)}`],
  ].join("; ");
}
