/** The fastest contender of each cell and family, and the fastest of those that change in place. */
import { type Cell, cellKey } from "../record/schema.ts";
import type { Rival } from "../stats/winner.ts";
import type { Summary } from "../summary/summary.ts";
import { type ChangesOf, NEAR, type Win, winsOf } from "../summary/winners.ts";
import { type Block, type Column, prose, table } from "./table.ts";
import { numeric, text } from "./value.ts";
import { familyWords } from "./verdict_words.ts";
import { gfnWords, loopWords, NONE, ratioWords, wholeWords, workloadWords } from "./words.ts";

/** A win, and what most cells of its table have in common, which rows need not say. */
interface Row {
  readonly win: Win;
  readonly usual: Cell;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "", value: (row) => text(winWords(row)) },
  {
    title: "slots",
    align: "right",
    value: ({ win: { family } }) =>
      family.of.kind === "cell" ? numeric("count", family.cells[0].cell.slots) : undefined,
  },
  {
    title: "fastest",
    value: ({ win: { podium } }) => text(`${podium.winner}${markOf(podium.rivals)}`),
  },
  { title: "ratio", align: "right", value: ({ win }) => numeric("ratio", win.ratio) },
  {
    title: "not separated ~\nor within 5 %",
    value: ({ win: { podium } }) => {
      const near = podium.rivals.filter(isNear);
      return text(near.length === 0 ? NONE : near.map(rivalWords).join(", "));
    },
  },
];

/** The tables of winners, and how to read them; nothing where no two contenders can be compared. */
export function winnerBlocks(summary: Summary, changesOf: ChangesOf): Block[] {
  const { all, inPlace } = winsOf(summary, changesOf);
  if (all.length === 0) return [];
  const usual = usualOf(all);
  const usualWords =
    `${usual.layout} from gfn ${gfnWords(usual.originGfn)}, ${loopWords(usual)}, ` +
    `unless a row says otherwise`;
  const tableOf = (title: string, wins: readonly Win[]): Block[] =>
    wins.length === 0 ? [] : [table(`${title}: ${usualWords}`, {
      columns: COLUMNS,
      rows: wins.map((win) => ({ win, usual })),
      tone: ({ win }) => win.family.of.kind === "cell" ? "plain" : "bold",
    })];
  return [
    ...tableOf("Fastest", all),
    ...tableOf("Fastest of those that change in place, where that is another", inPlace),
    prose("", readingLines(summary, [...all, ...inPlace])),
  ];
}

/** What most cells have in common. */
function usualOf(wins: readonly Win[]): Cell {
  const cells = wins.filter(({ family }) => family.of.kind === "cell")
    .map(({ family }) => family.cells[0].cell);
  const groups = [...Map.groupBy(cells, (cell) => cellKey({ ...cell, workload: "any", slots: 1 }))];
  return groups.reduce((most, group) => group[1].length > most[1].length ? group : most)[1][0];
}

/** `find_uniform`, `find_uniform pc 0 mixed set cache`, `mean of 4 ranges`: and what is unusual. */
function winWords({ win: { family }, usual }: Row): string {
  const [{ cell }] = family.cells, { layout, originGfn } = cell;
  const what = family.of.kind === "all" ? "cells" : familyWords(family.of);
  const place = family.of.kind !== "cell" ? [`mean of ${family.cells.length} ${what}`] : [
    workloadWords(cell),
    ...layout === usual.layout ? [] : [layout],
    ...originGfn === usual.originGfn ? [] : [gfnWords(originGfn)],
  ];
  return [...place, ...loopsOf(cell, usual)].join(" ");
}

/** `in node`, `mixed`, `set cache`: short, as it stands in a column of names. */
function loopsOf(cell: Cell, usual: Cell): string[] {
  const cache = cell.lastUsed;
  return [
    ...cell.engine === usual.engine ? [] : [`in ${cell.engine}`],
    ...cell.condition === usual.condition ? [] : [cell.condition],
    ...cache === usual.lastUsed ? [] : [`${cache === "off" ? "no" : cache} cache`],
  ];
}

/** As in grids (`MARKS` of grid.ts). */
const MARK: Readonly<Record<Rival["is"], string>> = {
  slower: "",
  "looks slower": " ?",
  "not separated": " ~",
  "not valid": " !",
};

/** Not significantly slower than the winner, or by less than 5 %. */
function isNear({ is, ratio }: Rival): boolean {
  return is === "not separated" || ratio <= 1 + NEAR;
}

function rivalWords({ name, ratio, is }: Rival): string {
  return `${name} ${ratioWords(ratio)}${MARK[is]}`;
}

/** About the winner: that nothing can be said, or that what is said is no claim. */
function markOf(rivals: readonly Rival[]): string {
  if (rivals.length > 0 && rivals.every(({ is }) => is === "not valid")) return " !";
  return rivals.some(({ is }) => is === "looks slower") ? " ?" : "";
}

function readingLines({ base }: Summary, wins: readonly Win[]): string[] {
  const marks = wins.map(({ podium }) => markOf(podium.rivals));
  return [
    `ratio is to ${base}. Behind a name stands its time over that of the fastest, paired with it in ` +
    `the same rounds. The fastest is chosen by the same times, so the p-value of each rival counts ` +
    `every contender that could have been the fastest, and all contests are corrected together ` +
    `(Benjamini-Hochberg, 5 %). Every contender not listed is significantly slower.`,
    ...(marks.includes(" ?")
      ? ["?: an indication, no claim: too few processes for this number of contenders."]
      : []),
    ...(marks.includes(" !") ? ["!: not valid, by the checks below."] : []),
    ...voidLines(wins),
  ];
}

/** Contenders that are not valid in a cell whose others can be compared. */
function voidLines(wins: readonly Win[]): string[] {
  const words = wins.filter(({ podium, family }) => {
    return family.of.kind === "cell" && markOf(podium.rivals) !== " !";
  }).flatMap(({ podium, family: { cells: [{ cell }] } }) =>
    podium.rivals.filter(({ is }) => is === "not valid").map(({ name }) =>
      `${name} in ${cell.workload} at ${wholeWords(cell.slots)}`
    )
  );
  if (words.length === 0) return [];
  return [`Not valid, so neither compared nor in a mean: ${[...new Set(words)].join(", ")}.`];
}
