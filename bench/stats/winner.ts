/**
 * Which of several contenders is the fastest, and which rivals are surely slower. Each contender X is
 * compared with the winner W by their own paired ratios, not by two ratios to a third.
 *
 * W is chosen by the same data that must show that it is the fastest: of many equal contenders one
 * always looks best. So for each X the test, against W, is of the hypothesis "X is the fastest":
 *
 * 1) If it holds, a given Y is beyond X in all but m of n processes with a chance of at most
 *    tail(n, m), see intervals.ts: one side, as X is given.
 * 2) W is one of the k - 1 others, whichever: the chance that W is so is at most (k - 1) tail(n, m).
 *
 * So the p-value of X is (k - 1) tail(n, m), whatever made W the winner; for two it is the usual
 * two-sided one. W itself is one of the k that are tested, and gets 1. (Comparisons with the best,
 * Hsu 1981, by signs and Bonferroni's inequality.) Of 15 equal contenders in 10 simulated processes
 * one was called slower in 36 % of contests by two-sided p-values below 5 %, and in 5 % by these.
 */
import { fairTail, signTest } from "./intervals.ts";
import { chanceAtAnyLook } from "./looks.ts";
import { benjaminiHochberg } from "./multiple.ts";
import { medianOf } from "./quantiles.ts";
import { together } from "./together.ts";
import { LEAST_PROCESSES_TO_LOOK, LOOKS_MARGIN, sharedShift } from "./verdict.ts";

/** Contenders that ran the same. */
export interface Contest {
  readonly names: readonly string[];
  /** One for each process: ln(ns of `name` / ns of `other`), paired in rounds. */
  readonly logRatios: (name: string, other: string) => readonly number[];
  /** The one with the smallest value is the first to be looked at. */
  readonly rank: (name: string) => number;
  /** As in `Comparison`; those of the contest's cell. */
  readonly looks?: readonly number[];
  /** Whether the run's checks void what is said of this contender. */
  readonly isVoid: (name: string) => boolean;
}

/** A contender beside the winner. */
export interface Rival {
  readonly name: string;
  /** Its time over the winner's: the median over processes; NaN if no process measured it. */
  readonly ratio: number;
  /** `slower` is a claim; `looks slower`: all processes agree on more than `LOOKS_MARGIN`. */
  readonly is: "slower" | "looks slower" | "not separated" | "not valid";
}

/** What came of a contest. */
export interface Podium {
  readonly winner: string;
  /** The nearest first. */
  readonly rivals: readonly Rival[];
}

/** A contender that is not the winner, before it is judged. */
interface Draft {
  readonly name: string;
  readonly values: readonly number[];
  readonly isValid: boolean;
  readonly pValue: number;
}

/**
 * The podiums of all contests of a table, judged together (Benjamini-Hochberg over the contenders of
 * all). `margin` is what a difference must exceed, ratio - 1. `RangeError` for a contest without contenders.
 *
 * ```ts
 * import { podiums } from "./winner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const ns: Record<string, number> = { array: 40, tree: 60 };
 * const logRatios = (name: string, other: string) => Array(8).fill(Math.log(ns[name] / ns[other]));
 * const contest = { names: ["tree", "array"], logRatios, rank: (name: string) => ns[name] };
 * const [{ winner, rivals }] = podiums([{ ...contest, isVoid: () => false }], { margin: 0.005 });
 * assertEquals([winner, rivals[0].name, rivals[0].is], ["array", "tree", "slower"]);
 * ```
 */
export function podiums(contests: readonly Contest[], { margin }: { margin: number }): Podium[] {
  const drafts = contests.map((contest) => {
    const winner = winnerOf(contest);
    return { winner, others: othersOf(contest, winner, margin) };
  });
  // The winner is one of those tested, where anybody is: by the same data it is not beaten.
  const winners = drafts.map(({ winner, others }): Draft => (
    { name: winner, values: [], isValid: others.some(({ isValid }) => isValid), pValue: 1 }
  ));
  const claims = together(
    [...drafts.flatMap(({ others }) => others), ...winners],
    ({ isValid, pValue }) => isValid ? pValue : null,
    benjaminiHochberg,
  );
  return drafts.map(({ winner, others }) => ({
    winner,
    rivals: others.map((draft): Rival => ({
      name: draft.name,
      ratio: draft.values.length === 0 ? NaN : Math.exp(medianOf(draft.values)),
      is: claims.of(draft)?.isRejected ? "slower" : unclaimed(draft, margin),
    })).sort((a, b) => a.ratio - b.ratio),
  }));
}

/**
 * The first by rank, unless another is faster in the pairs with it: then that one, and so on.
 * Contenders that lie close can come in a ring, so there are at most as many turns as names.
 * `RangeError` without names.
 */
export function winnerOf({ names, rank, logRatios }: Omit<Contest, "isVoid">): string {
  if (names.length === 0) {
    throw new RangeError("Cannot find the fastest as no contender ran: found no names");
  }
  const least = (of: (name: string) => number) =>
    names.reduce((best, name) => of(name) < of(best) ? name : best);
  let winner = least(rank);
  for (let turn = 0; turn < names.length; turn++) {
    const middles = new Map(names.map((name) => {
      const values = name === winner ? [] : logRatios(name, winner).filter(Number.isFinite);
      return [name, values.length === 0 ? 0 : medianOf(values)];
    }));
    const fastest = least((name) => middles.get(name)!);
    if (middles.get(fastest)! >= 0) break;
    winner = fastest;
  }
  return winner;
}

function othersOf(contest: Contest, winner: string, margin: number): Draft[] {
  const { names, logRatios, isVoid, looks = [] } = contest;
  return names.filter((name) => name !== winner).map((name) => {
    const values = logRatios(name, winner).filter(Number.isFinite);
    const { side, misses } = signTest(values, { beyond: Math.log1p(margin) });
    const alone = side === "above" ? fairTail(values.length, misses) : 1;
    // Of two sides alike half of the chance is this one's.
    const chance = looks.length > 1 ? Math.min(1, chanceAtAnyLook(looks, 2 * alone) / 2) : alone;
    return {
      name,
      values,
      isValid: !isVoid(winner) && !isVoid(name) && values.length > 0,
      pValue: Math.min(1, (names.length - 1) * chance), // by 2)
    };
  });
}

function unclaimed({ values, isValid }: Draft, margin: number): Rival["is"] {
  if (!isValid) return "not valid";
  const isAgreed = sharedShift(values) > Math.log1p(Math.max(LOOKS_MARGIN, margin));
  const looks = values.length >= LEAST_PROCESSES_TO_LOOK && values[0] > 0 && isAgreed;
  return looks ? "looks slower" : "not separated";
}
