/** The fastest contender of each family of cells, and the fastest of those that change in place. */
import { geoMeanLogs } from "../stats/scaling.ts";
import { medianOf } from "../stats/quantiles.ts";
import { type Contest, type Podium, podiums, winnerOf } from "../stats/winner.ts";
import { familiesOf, type Family, singleFamilies } from "./families.ts";
import {
  type CellSummary,
  isContender,
  looksOver,
  problemsOf,
  type Summary,
  timingOf,
} from "./summary.ts";
import { pairTracks } from "./tracks.ts";

/** How a contender takes a change, by its name; undefined where that is not known. */
export type ChangesOf = (contender: string) => string | undefined;

/** What counts as near the winner, ratio - 1. */
export const NEAR = 0.05;

/** What `ChangesOf` says of a contender that does no work for all slots at a change. */
const IN_PLACE = "in place";

/** A contest's place and what came of it. */
export interface Win {
  readonly family: Family;
  readonly podium: Podium;
  /** The winner's ratio to the base; NaN where the base failed. */
  readonly ratio: number;
}

/** The wins of a run. */
export interface Wins {
  readonly all: readonly Win[];
  /** Among those that change in place, where the winner of all is not one of them. */
  readonly inPlace: readonly Win[];
}

/** The wins in each cell and, by geometric means, in each family of cells. */
export function winsOf(summary: Summary, changesOf: ChangesOf): Wins {
  const families = [...singleFamilies(summary.cells), ...familiesOf(summary.cells)];
  return winsOfFamilies(families, { summary, changesOf });
}

/**
 * The wins in `families`, judged together. A contender that lacks times in one of the cells takes no
 * part in the contest, and a contender alone wins nothing.
 */
export function winsOfFamilies(
  families: readonly Family[],
  { summary, changesOf }: { summary: Summary; changesOf: ChangesOf },
): Wins {
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
function namesOf([first, ...others]: readonly CellSummary[]): string[] {
  return first.entries.filter((entry) => isContender(entry) && entry.role !== "planted")
    .map(({ name }) => name)
    .filter((name) => [first, ...others].every(({ byName }) => timingOf(byName.get(name))));
}

/** A contest, and whether its ranks are ratios to the base. */
function openContest(family: Family, names: readonly string[], { base, run }: Summary) {
  const { cells } = family, isBased = cells.every((cell) => isComplete(cell, base));
  const anchor = isBased ? base : names[0];
  // A row that is not valid costs its contender that cell, and no other contender anything.
  const valid = new Map(names.map((name) => [name, new Set(validCells(cells, name))]));
  const logRatios = (name: string, other: string) => {
    const shared = cells.filter((cell) =>
      [name, other].every((each) => valid.get(each)?.has(cell) ?? true)
    );
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
    looks: looksOver(cells, run),
    isVoid: (name) => 2 * valid.get(name)!.size <= cells.length,
  };
  return { family, contest, isBased };
}

/** Whether a contender has tracks in every process of a cell. */
function isComplete({ tracks }: CellSummary, name: string): boolean {
  return tracks.byProcess.every((row) => row === null || row.has(name));
}

/** ln(entry / other), process by process; NaN where one of them has no times. */
function pairedLogs({ tracks }: CellSummary, name: string, other: string): number[] {
  return tracks.byProcess.map((row) => {
    return pairTracks(row?.get(name), row?.get(other))?.logRatio ?? NaN;
  });
}

/** The cells in which the contender's row is valid. */
function validCells(cells: readonly CellSummary[], name: string): readonly CellSummary[] {
  return cells.filter(({ byName }) => problemsOf(byName.get(name)).length === 0);
}
