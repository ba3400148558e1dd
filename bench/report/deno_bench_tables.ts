/** A file of `deno bench --json` as tables: averages and their ratios, and no more than they say. */
import type { Block } from "./table.ts";
import { timingOf } from "../summary/growth.ts";
import type { Summary } from "../summary/summary.ts";
import { cellWords, NONE, numberWords, OUT_WORDS, ratioWords } from "./words.ts";

/** A table for each group. */
export function benchBlocks({ path, run, base, cells, warnings }: Summary): Block[] {
  const { environment } = run;
  const tables = cells.map(({ cell, unit, entries }): Block => ({
    kind: "table",
    title: `${cellWords(cell)}: ns a ${unit}`,
    columns: [
      { title: "contender", align: "left", rank: 0 },
      { title: "average ns", align: "right", rank: 0 },
      { title: `ratio to ${base}`, align: "right", rank: 0 },
      { title: "", align: "left", rank: 0 },
    ],
    rows: entries.map((entry) => {
      const { name, isBase, result } = entry, timing = timingOf(entry);
      const ratio = result.kind === "timed" ? result.judged?.ratio?.point : undefined;
      return {
        cells: [
          name,
          timing ? numberWords(timing.nsPerStep) : NONE,
          isBase && timing ? "1" : ratio === undefined ? NONE : ratioWords(ratio),
          result.kind === "timed" ? "" : OUT_WORDS[result.kind],
        ],
      };
    }),
  }));
  const head = `${path}: deno bench on ${environment.cpu}, Deno ${environment.deno || "unknown"}`;
  return [
    { kind: "prose", title: "", lines: [head, ...warnings.map((words) => `warning: ${words}`)] },
    ...tables,
  ];
}
