/** The tables of winners: who is fastest in each cell and family, and who of those that change in place. */
import { type Cell, cellKey } from "../record/schema.ts";
import type { Rival } from "../stats/winner.ts";
import type { Family } from "../summary/growth.ts";
import type { Summary } from "../summary/summary.ts";
import { type ChangesOf, NEAR, type Win, winsOf } from "../summary/winners.ts";
import type { Block, Column, Row } from "./table.ts";
import { gfnWords, loopWords, NONE, ratioWords, wholeWords } from "./words.ts";

const COLUMNS: readonly Column[] = [
  { title: "", align: "left", rank: 0 },
  { title: "slots", align: "right", rank: 0 },
  { title: "fastest", align: "left", rank: 0 },
  { title: "ratio", align: "right", rank: 0 },
  { title: "not separated ~\nor within 5 %", align: "left", rank: 0 },
];

/** The tables of winners, and how to read them; nothing where nobody could win. */
export function winnerBlocks(summary: Summary, changesOf: ChangesOf): Block[] {
  const { all, inPlace } = winsOf(summary, changesOf);
  if (all.length === 0) return [];
  const usual = usualOf(all);
  const table = (title: string, wins: readonly Win[]): Block[] =>
    wins.length === 0 ? [] : [{
      kind: "table",
      title: `${title}: ${usualWords(usual)}`,
      columns: COLUMNS,
      rows: wins.map((win) => rowOf(win, usual)),
    }];
  return [
    ...table("Fastest", all),
    ...table("Fastest of those that change in place, where that is another", inPlace),
    { kind: "prose", title: "", lines: readingLines(summary, [...all, ...inPlace]) },
  ];
}

/** What most cells have in common, so that rows need not say it. */
function usualOf(wins: readonly Win[]): Cell {
  const cells = wins.filter(({ family }) => family.cells.length === 1)
    .map(({ family }) => family.cells[0].cell);
  const groups = [...Map.groupBy(cells, (cell) => cellKey({ ...cell, workload: "any", slots: 1 }))];
  return groups.reduce((most, group) => group[1].length > most[1].length ? group : most)[1][0];
}

function usualWords(cell: Cell): string {
  return `${cell.layout} from gfn ${gfnWords(cell.originGfn)}, ${
    loopWords(cell)
  }, unless a row says otherwise`;
}

function rowOf({ family, podium, ratio }: Win, usual: Cell): Row {
  const [{ cell }] = family.cells, isCell = family.cells.length === 1;
  const { winner, rivals } = podium;
  const near = rivals.filter((rival) => isNear(rival));
  return {
    cells: [
      isCell ? placeOf(cell, usual) : `mean of ${familyWords(family, usual)}`,
      isCell ? wholeWords(cell.slots) : "",
      `${winner}${markOf(rivals)}`,
      ratioWords(ratio),
      near.length === 0 ? NONE : near.map(rivalWords).join(", "),
    ],
    ...!isCell && { tone: "bold" as const },
  };
}

/** `find_uniform`, or `find_uniform pc 0 mixed set cache`: the workload and what is unusual. */
function placeOf(cell: Cell, usual: Cell): string {
  const { workload, layout, originGfn } = cell;
  return [
    workload,
    ...layout === usual.layout ? [] : [layout],
    ...originGfn === usual.originGfn ? [] : [gfnWords(originGfn)],
    ...loopsOf(cell, usual),
  ].join(" ");
}

function familyWords({ unit, cells }: Family, usual: Cell): string {
  const what = unit === "step" ? "cells" : `${unit}s`;
  return [cells.length, what, ...loopsOf(cells[0].cell, usual)].join(" ");
}

/** `mixed`, `set cache`: short, as it stands in a column of names. */
function loopsOf({ condition, lastUsed = "off" }: Cell, usual: Cell): string[] {
  return [
    ...condition === usual.condition ? [] : [condition],
    ...lastUsed === (usual.lastUsed ?? "off")
      ? []
      : [`${lastUsed === "off" ? "no" : lastUsed} cache`],
  ];
}

/** As in grids (`MARKS` of pivot.ts). */
const MARK: Readonly<Record<Rival["is"], string>> = {
  slower: "",
  "looks slower": " ?",
  "not separated": " ~",
  "not valid": " !",
};

/** Not surely slower, or by less than anybody would care for. */
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
    `ratio is to ${base}; behind a name stands its time over that of the fastest. Each is paired ` +
    `with the fastest in the same rounds. As that is chosen by the same times, the chance of a ` +
    `mistake counts everybody it could have been, and all contests are corrected together ` +
    `(Benjamini-Hochberg, 5 %): who is not named is slower.`,
    ...(marks.includes(" ?")
      ? ["?: it only looks so, it is no claim: too few processes for so many contenders."]
      : []),
    ...(marks.includes(" !") ? ["!: not valid, by the checks below."] : []),
    ...voidLines(wins),
  ];
}

/** Contenders of whom nothing is said in a cell whose others can be compared. */
function voidLines(wins: readonly Win[]): string[] {
  const words = wins.filter(({ podium, family }) => {
    return family.cells.length === 1 && markOf(podium.rivals) !== " !";
  }).flatMap(({ podium, family: { cells: [{ cell }] } }) =>
    podium.rivals.filter(({ is }) => is === "not valid").map(({ name }) =>
      `${name} in ${cell.workload} at ${wholeWords(cell.slots)}`
    )
  );
  if (words.length === 0) return [];
  return [`Not valid, so not compared, nor in a mean: ${[...new Set(words)].join(", ")}.`];
}
