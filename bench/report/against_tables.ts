/** What an edit did: today's contenders against those of another commit. */
import { type Against, againstOf } from "../summary/against.ts";
import type { Summary } from "../summary/summary.ts";
import { type Block, type Column, prose, table } from "./table.ts";
import { interval, numeric, text } from "./value.ts";
import { verdictWords } from "./verdict_words.ts";
import { cellWords, percent } from "./words.ts";

const COLUMNS: readonly Column<Against>[] = [
  { title: "contender", value: ({ contender }) => text(contender) },
  {
    title: "now /\nthen",
    align: "right",
    value: ({ judged }) => numeric("ratio", judged.ratio?.point ?? NaN),
  },
  { title: "interval", value: ({ judged }) => interval("ratio", judged.ratio) },
  { title: "verdict", value: ({ judged }) => text(verdictWords(judged.verdict)) },
  { title: "cell", value: ({ cell }) => text(cellWords(cell)) },
];

/** A table of now / then in each cell, and how to read it; nothing where no other commit was raced. */
export function againstBlocks(summary: Summary): Block[] {
  const { rows, judgement } = againstOf(summary);
  if (rows.length === 0) return [];
  const [, ref] = rows[0].then.split(/@(.*)/s);
  const title = `What changed since ${ref}: time now / then, in the same blocks; below 1 is faster`;
  const tone = ({ judged: { verdict: { kind } } }: Against) =>
    kind === "faster" ? "good" : kind === "slower" ? "bad" : "plain";
  return [
    table(title, { columns: COLUMNS, rows, tone }),
    prose("", [
      `Verdicts are of differences beyond ${
        percent(judgement.options.margin)
      }, corrected for the ` +
      `${rows.length} comparisons of this table (false discovery rate 5 %).`,
    ]),
  ];
}
