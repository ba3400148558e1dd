/** Whether the ranking of one engine holds in another: where ratios differ, and which orders change. */
import {
  type EngineOrder,
  type EngineShift,
  enginesOf,
  type Ranking,
  rankingsOf,
} from "../summary/engines.ts";
import type { Summary } from "../summary/summary.ts";
import type { Verdict } from "../stats/verdict.ts";
import { type Block, type Column, prose, table } from "./table.ts";
import { interval, numeric, text } from "./value.ts";
import { verdictWords } from "./verdict_words.ts";
import { countWords, courseWords, listWords, percent, ratioWords, shortWords } from "./words.ts";

/** The share of known orders up to which those that are reversed leave the ranking mostly as it is. */
const MOSTLY = 0.1;

/** Orders that a sentence names. */
const MOST_NAMED = 4;

function columns(first: string, other: string): readonly Column<EngineShift>[] {
  return [
    { title: "contender", value: ({ contender }) => text(contender) },
    { title: `ratio\n${first}`, align: "right", value: ({ ratios: [a] }) => numeric("ratio", a) },
    { title: `\n${other}`, align: "right", value: ({ ratios: [, b] }) => numeric("ratio", b) },
    {
      title: `${other} /\n${first}`,
      align: "right",
      value: ({ judged }) => numeric("ratio", judged.ratio?.point ?? NaN),
    },
    { title: "interval", value: ({ judged }) => interval("ratio", judged.ratio) },
    { title: "verdict", value: ({ judged }) => text(shiftWords(judged.verdict)) },
    { title: "cell", value: ({ other }) => text(courseWords(other.cell)) },
  ];
}

/** A table for each engine besides the first, and what it means; nothing where there was one engine. */
export function engineBlocks(summary: Summary): Block[] {
  const run = enginesOf(summary);
  const groups = Map.groupBy(run.shifts, ({ other: { cell } }) => cell.engine);
  return [...groups].flatMap(([engine, shifts]) => {
    const [{ first: { cell: { engine: first } } }] = shifts;
    const differing = shifts.filter(({ judged }) => isDifferent(judged));
    const title = `Ratios to ${summary.base} that differ in ${engine} from ${first}`;
    const tone = ({ judged: { verdict } }: EngineShift) =>
      verdict.kind === "faster" ? "good" : verdict.kind === "slower" ? "bad" : "plain";
    const options = { columns: columns(first, engine), rows: differing, tone };
    return [
      ...differing.length === 0 ? [] : [table(title, options)],
      prose(differing.length === 0 ? title : "", [
        `Different by more than ${percent(run.judgement.options.margin)}: ${differing.length} of ` +
        `${
          countWords(shifts.length, "ratio")
        }. Each is paired by process, on the same layout and ` +
        `script, and corrected for the ${countWords(run.judgement.tests, "comparison")} of all ` +
        `engines (false discovery rate 5 %).`,
        ...rankingsOf(run).filter((ranking) => ranking.engine === engine).map(rankingWords),
      ]),
    ];
  });
}

/** A verdict on how a contender stands against the base. */
function shiftWords(verdict: Verdict): string {
  return verdictWords(verdict).replace("slower", "worse").replace("faster", "better");
}

function isDifferent({ verdict: { kind } }: EngineShift["judged"]): boolean {
  return ["faster", "slower", "looks faster", "looks slower"].includes(kind);
}

/** Whether the ranking holds in each engine besides the first, a sentence each. */
export function engineLines(summary: Summary): string[] {
  return rankingsOf(enginesOf(summary)).map(rankingWords);
}

function rankingWords({ first, engine, pairs, known, isClaimed, reversed }: Ranking): string {
  const basis = isClaimed ? "a claimed order" : "an order that all processes agree on";
  if (known === 0) {
    return `The ranking of ${first} in ${engine}: no pair of indexes has ${basis} in both.`;
  }
  const named = reversed.slice(0, MOST_NAMED).map(orderWords);
  const more = reversed.length > named.length ? [`${reversed.length - named.length} more`] : [];
  const answer = reversed.length === 0
    ? "holds"
    : reversed.length <= MOSTLY * known
    ? "mostly holds"
    : "changes";
  const turned = reversed.length === 0 ? "none is reversed" : `${reversed.length} reversed`;
  return `The ranking of ${first} ${
    isClaimed ? "" : "apparently "
  }${answer} in ${engine}: of ${pairs} ` +
    `pairs of indexes in a cell, ${known} have ${basis} in both; ${turned}` +
    `${named.length === 0 ? "" : `: ${listWords([...named, ...more])}`}.`;
}

/** `rb_tree before maple_tree in find_uniform at 509 (1.20, then 0.85)`. */
function orderWords({ names: [faster, slower], ratios, first }: EngineOrder): string {
  return `${faster} before ${slower} in ${shortWords(first.cell)} (${ratioWords(ratios[0])}, then ${
    ratioWords(ratios[1])
  })`;
}
