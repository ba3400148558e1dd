/** Who is the fastest in each cell and family, and who of those that change in place. */
import { familiesOf, type Family, timingOf } from "./growth.ts";
import { problemsOf } from "./run_checks.ts";
import { pairTracks } from "./tracks.ts";
import { geoMeanLogs } from "../stats/scaling.ts";
import { medianOf } from "../stats/quantiles.ts";
import { type Contest, type Podium, podiums, winnerOf } from "../stats/winner.ts";
import { type CellSummary, isContender, looksAt, type Summary } from "./summary.ts";

/** How a contender takes a change, by its name; undefined where that is not known. */
export type ChangesOf = (contender: string) => string | undefined;

/** What counts as near the winner, ratio - 1. */
export const NEAR = 0.05;
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
  // A row that is not valid costs its contender that cell, and nobody else.
  const valid = new Map(names.map((name) => [name, validCells(cells, name)]));
  const logRatios = (name: string, other: string) => {
    const [own, others] = [name, other].map((each) => valid.get(each) ?? cells);
    const shared = own.filter((cell) => others.includes(cell));
    // Without any valid cell there is still a rank to show, as not valid.
    return geoMeanLogs(
      (shared.length > 0 ? shared : cells).map((cell) => pairedLogs(cell, name, other)),
    );
  };
  const ranks = new Map(names.map((name) => {
    const logs = logRatios(name, anchor);
    return [name, logs.length === 0 ? NaN : medianOf(logs)];
  }));
  const contest: Contest = {
    names: names.filter((name) => Number.isFinite(ranks.get(name))),
    logRatios,
    rank: (name) => ranks.get(name)!,
    looks: looksAt(cells[0].tracks, summary.run),
    problems: (name) => {
      const isKnown = 2 * validCells(cells, name).length > cells.length;
      return isKnown ? [] : cells.flatMap((cell) => problemsIn(cell, name));
    },
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
    return pairTracks(row?.get(name), row?.get(other))?.logRatio ?? NaN;
  });
}

/** The cells in which the contender's row is valid. */
function validCells(cells: readonly CellSummary[], name: string): readonly CellSummary[] {
  return cells.filter((cell) => problemsIn(cell, name).length === 0);
}

function problemsIn({ entries }: CellSummary, name: string): readonly string[] {
  const result = entries.find((entry) => entry.name === name)?.result;
  return result?.kind === "timed" ? problemsOf(result.checks) : [];
}
