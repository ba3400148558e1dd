/** What an edit did: today's contenders against those of another commit. */
import { againstOf } from "../summary/against.ts";
import type { Summary } from "../summary/summary.ts";
import { percent, verdictWords } from "../stats/verdict.ts";
import type { Block } from "./table.ts";
import { cellWords, intervalWords, NONE, ratioWords } from "./words.ts";

/** A table of now / then in each cell, and how to read it; nothing where no other commit was raced. */
export function againstBlocks(summary: Summary): Block[] {
  const { rows, judgement } = againstOf(summary);
  if (rows.length === 0) return [];
  const [, ref] = rows[0].then.split(/@(.*)/s);
  return [{
    kind: "table",
    title: `What changed since ${ref}: time now / then, in the same blocks; below 1 is faster`,
    columns: [
      { title: "contender", align: "left", rank: 0 },
      { title: "now /\nthen", align: "right", rank: 0 },
      { title: "interval", align: "left", rank: 0 },
      { title: "verdict", align: "left", rank: 0 },
      { title: "cell", align: "left", rank: 0 },
    ],
    rows: rows.map(({ contender, judged: { ratio, verdict }, cell }) => ({
      cells: [
        contender,
        ratio ? ratioWords(ratio.point) : NONE,
        ratio ? intervalWords(ratio) : "",
        verdictWords(verdict),
        cellWords(cell),
      ],
      tone: verdict.kind === "faster" ? "good" : verdict.kind === "slower" ? "bad" : "plain",
    })),
  }, {
    kind: "prose",
    title: "",
    lines: [
      `Verdicts are of differences beyond ${
        percent(judgement.options.margin)
      }, corrected for the ` +
      `${rows.length} comparisons of this table (false discovery rate 5 %).`,
    ],
  }];
}
