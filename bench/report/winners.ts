/** Who is the fastest in each cell and family, and who of those that change in place. */
import { type Cell, cellKey } from "../race/record.ts";
import type { Block, Column, Row } from "./grid.ts";
import { familiesOf, type Family, timingOf } from "./growth.ts";
import { problemsOf } from "./stats/checks.ts";
import { pairedProcess } from "./stats/paired.ts";
import { geoMeanLogs } from "./stats/scaling.ts";
import { medianOf } from "./stats/quantiles.ts";
import { type Contest, type Podium, podiums, type Rival, winnerOf } from "./stats/winner.ts";
import { type CellSummary, isContender, type Summary } from "./summary.ts";
import { gfnWords, loopWords, NONE, ratioWords, wholeWords } from "./words.ts";

/** How a contender takes a change, by its name; undefined where that is not known. */
export type ChangesOf = (contender: string) => string | undefined;

/** What counts as near the winner, ratio - 1. */
const NEAR = 0.05;
/** Who has no work for all slots at a change. */
const IN_PLACE = "in place";

/** A contest's place and what came of it. */
export interface Win {
  readonly family: Family;
  readonly podium: Podium;
  /** The winner's ratio to the base; NaN if not known. */
  readonly ratio: number;
}

/** The wins of a run. */
export interface Wins {
  readonly all: readonly Win[];
  /** Among those that change in place, where the winner of all is not one of them. */
  readonly inPlace: readonly Win[];
}

/**
 * The fastest in each cell and, by geometric means, in each family of cells, judged together.
 * Contenders that lack times in one of the cells are no part of a contest, nor is a lone one.
 */
export function winsOf(summary: Summary, changesOf: ChangesOf): Wins {
  const families = [
    ...summary.cells.map((cell): Family => ({ unit: cell.unit, cells: [cell] })),
    ...familiesOf(summary.cells),
  ];
  const all = families.map((family) => openContest(family, namesOf(family.cells), summary))
    .filter(({ contest }) => contest.names.length > 1);
  const inPlace = all.flatMap(({ family, contest }) => {
    const isInPlace = (name: string) => changesOf(name) === IN_PLACE;
    const names = contest.names.filter(isInPlace);
    if (names.length === 0 || isInPlace(winnerOf(contest))) return [];
    return [openContest(family, names, summary)];
  });
  // Just what is shown is judged, and all of it together.
  const { margin } = summary.judgement.options;
  const results = podiums([...all, ...inPlace].map(({ contest }) => contest), { margin });
  const wins = [...all, ...inPlace].map(({ family, contest, isBased }, i): Win => {
    const podium = results[i];
    return { family, podium, ratio: isBased ? Math.exp(contest.rank(podium.winner)) : NaN };
  });
  return { all: wins.slice(0, all.length), inPlace: wins.slice(all.length) };
}

/** Those with times in all of the cells; not the planted slow-down. */
function namesOf(cells: readonly CellSummary[]): string[] {
  const timed = cells.map(({ entries }) =>
    entries.filter((entry) =>
      isContender(entry) && entry.role !== "planted" && timingOf(entry) !== null
    ).map(({ name }) => name)
  );
  return timed[0].filter((name) => timed.every((names) => names.includes(name)));
}

/** A contest, and whether its ranks are ratios to the base. */
function openContest(family: Family, names: readonly string[], summary: Summary) {
  const { cells } = family, isBased = cells.every((cell) => isFit(cell, summary.base));
  const anchor = isBased ? summary.base : names[0];
  const logRatios = (name: string, other: string) =>
    geoMeanLogs(cells.map((cell) => pairedLogs(cell, name, other)));
  const ranks = new Map(names.map((name) => {
    const logs = logRatios(name, anchor);
    return [name, logs.length === 0 ? NaN : medianOf(logs)];
  }));
  const contest: Contest = {
    names: names.filter((name) => Number.isFinite(ranks.get(name))),
    logRatios,
    rank: (name) => ranks.get(name)!,
    problems: (name) => cells.flatMap((cell) => problemsIn(cell, name)),
  };
  return { family, contest, isBased };
}

/** Whether the base ran to the end, so that others have ratios to it. */
function isFit({ tracks }: CellSummary, base: string): boolean {
  return tracks.byProcess.every((row) => {
    return row === null || row.get(base)?.entry.outcome.kind === "ok";
  });
}

/** ln(entry / other), process by process; NaN where one of them has no times. */
function pairedLogs({ tracks }: CellSummary, name: string, other: string): number[] {
  return tracks.byProcess.map((row) => {
    const one = row?.get(name), two = row?.get(other);
    if (!one || !two) return NaN;
    const paired = pairedProcess(one.blocks, two.blocks);
    return paired.kind === "measured" ? paired.logRatio : NaN;
  });
}

function problemsIn({ problems, entries }: CellSummary, name: string): readonly string[] {
  if (problems.length > 0) return problems;
  const result = entries.find((entry) => entry.name === name)?.result;
  return result?.kind === "timed" ? problemsOf([result.steady]) : [];
}

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
