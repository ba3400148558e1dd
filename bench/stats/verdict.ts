/**
 * From the log-ratios of processes to verdicts, for all comparisons of a table at once.
 *
 * A verdict follows from where the interval lies among four marks, -equal, -margin, margin, equal
 * (as ratios: 1 / 1.02, 1 / 1.005, 1.005, 1.02): inside the outer two is `equal`, else outside the
 * inner two on one side is `faster` or `slower`, else `not separated`.
 *
 * Equality is decided first: a difference of under 2 % is within what the layout of code and heap
 * alone can do, and that luck may repeat in every process (Mytkowicz et al. 2009), where no test
 * over processes sees it.
 */
import { bisect, probit, sampleStandardDeviation } from "simple-statistics";
import {
  allowedMisses,
  equivalencePValue,
  type Estimate,
  fairTail,
  LEVEL,
  mapEstimate,
  signInterval,
  signTest,
} from "./intervals.ts";
import type { FailedCheck } from "./checks.ts";
import { chanceAtAnyLook } from "./looks.ts";
import { benjaminiHochberg, FALSE_DISCOVERY_RATE, processesNeeded } from "./multiple.ts";
import { ascending, medianOf } from "./quantiles.ts";
import { together } from "./together.ts";

/** A claim of a difference is a claim that it exceeds this: ratio - 1, or the A/A margin if larger. */
export const LEAST_MARGIN = 0.005;
/** Entries within this of each other, ratio - 1, are `equal`, unless told otherwise. */
export const EQUAL_WITHIN = 0.02;
/**
 * Rows with a median within this of 1, ratio - 1, are close. A claim of a close row must also hold in
 * a correction over the close rows alone: hundreds of obvious differences in the same table would
 * otherwise raise its cut-off to nearly 5 % a row, and just the rows that a reader doubts would not be
 * held to the stated rate. Choosing rows by a median near 1 can only remove the extreme ones of those
 * that are equal, so the bound holds.
 */
export const CLOSE_WITHIN = 0.1;
/** What every process must exceed, ratio - 1, for a verdict that only `looks`. */
export const LOOKS_MARGIN = 0.03;
/** With fewer processes no p-value is below 5 %: 2 / 2^5 = 6 %, 2 / 2^6 = 3 %. */
export const LEAST_PROCESSES = 6;
/** With fewer, not even `looks`: one process is one draw. */
export const LEAST_PROCESSES_TO_LOOK = 3;
/** The chance with which a difference of the size of `needs` would be found. */
export const POWER = 0.8;

/** One entry against the baseline in one cell. */
export interface Comparison {
  /** One for each process: the median over rounds of ln(entry / baseline). */
  readonly logRatios: readonly number[];
  /** The run's own checks that void the comparison; empty if none does. */
  readonly problems: readonly FailedCheck[];
  /**
   * The numbers of processes at which the race looked at the row, the last one its own: each was a
   * chance to stop. Only the last if not said.
   */
  readonly looks?: readonly number[];
  /** What a claim must exceed in this cell, ratio - 1, where that is more than the table's margin. */
  readonly margin?: number;
}

/** What can be said of an entry against the baseline. Differences are ratio - 1. */
export type Verdict =
  | { readonly kind: "faster" | "slower" }
  /** All processes agree on more than `LOOKS_MARGIN`, but it is no claim. */
  | {
    readonly kind: "looks faster" | "looks slower";
    readonly why: "too few processes" | "too many comparisons";
    /** The processes with which it could have been a claim. */
    readonly processesNeeded: number;
  }
  | { readonly kind: "equal"; readonly within: number }
  | { readonly kind: "not separated"; readonly needs: Needs }
  | { readonly kind: "not valid"; readonly why: readonly FailedCheck[] };

/** What would have been found: a difference at least so large, or else only by more processes. */
export type Needs =
  | { readonly kind: "difference"; readonly atLeast: number }
  | { readonly kind: "processes"; readonly atLeast: number };

/** A comparison with its verdict and the numbers behind it. */
export interface Judged {
  readonly verdict: Verdict;
  /** The ratio entry / baseline with its interval; null if no process measured one. */
  readonly ratio: Estimate | null;
  /** For a shift beyond the margin, exact and two-sided, before correction. */
  readonly pValue: number;
  /** The same after correction for the table. */
  readonly adjustedPValue: number;
}

/** A table of comparisons, judged together. */
export interface Judgement {
  /** One for each comparison, in order. */
  readonly each: readonly Judged[];
  readonly options: JudgeOptions;
  /** The comparisons that no check voids: those that claims are corrected for. */
  readonly tests: number;
  /** How many are claimed to be faster or slower, and how many to be equal. */
  readonly differences: number;
  readonly equalities: number;
  /** The level that intervals of claimed differences are widened to, of rows that are not close. */
  readonly level: number;
}

/** What a table's verdicts are measured by. */
export interface JudgeOptions {
  /** The smallest difference worth a claim, ratio - 1; from `marginOfTwins`. */
  readonly margin: number;
  /** The largest difference that is still `equal`, ratio - 1; raised to `margin` if below it. */
  readonly equalWithin: number;
}

/** A comparison's two tests. */
interface Tested {
  readonly comparison: Comparison;
  readonly isValid: boolean;
  readonly isClose: boolean;
  readonly difference: ReturnType<typeof signTest>;
  readonly equalityP: number;
}

/**
 * Judges the comparisons of one table together: claims are corrected for their number, and those
 * that the run's checks void make no claim and count as none.
 *
 * `RangeError` for a NaN among log-ratios, or a margin that is negative or no number.
 *
 * ```ts
 * import { judge } from "./verdict.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const logRatios = [1.031, 1.028, 1.034, 1.03, 1.029, 1.035, 1.027, 1.032].map(Math.log);
 * const { each } = judge([{ logRatios, problems: [] }]);
 * assertEquals(each[0].verdict, { kind: "slower" });
 * ```
 */
export function judge(
  comparisons: readonly Comparison[],
  { margin = LEAST_MARGIN, equalWithin = EQUAL_WITHIN }: Partial<JudgeOptions> = {},
): Judgement {
  checkMargin("margin", margin);
  checkMargin("equalWithin", equalWithin);
  // What this run cannot tell from its own twin it must not tell from equal either.
  const options = { margin, equalWithin: Math.max(margin, equalWithin) };
  const tests = comparisons.map((comparison) => testOne(comparison, options));
  const claims = claimsOf(tests);
  const open = openQuestions(tests, { margin, claims });
  return {
    each: tests.map((test) => judgeOne(test, { options, claims, open })),
    options,
    tests: claims.differences.tests,
    differences: tests.filter(claims.isDifferent).length,
    equalities: claims.equalities.count,
    level: claims.differences.level,
  };
}

/** What may be claimed of the tests of a table, corrected for their number. */
function claimsOf(tests: readonly Tested[]) {
  const equalities = together(
    tests,
    ({ isValid, equalityP }) => isValid ? equalityP : null,
    benjaminiHochberg,
  );
  const isEqual = (test: Tested) => equalities.of(test)?.isRejected ?? false;
  // What is called equal is claimed no second time. Raising a p-value keeps it one, and so the
  // correction its bound, over just those differences that are shown.
  const pValue = (test: Tested) => isEqual(test) ? 1 : test.difference.pValue;
  const differences = together(
    tests,
    (test) => test.isValid ? pValue(test) : null,
    benjaminiHochberg,
  );
  const close = together(
    tests,
    (test) => test.isValid && test.isClose ? pValue(test) : null,
    benjaminiHochberg,
  );
  return {
    equalities,
    differences,
    close,
    isEqual,
    /** A close row must pass both corrections. */
    isDifferent: (test: Tested) =>
      (differences.of(test)?.isRejected ?? false) && (close.of(test)?.isRejected ?? true),
    adjusted: (test: Tested) =>
      Math.max(differences.of(test)?.adjusted ?? 1, close.of(test)?.adjusted ?? 0),
  };
}

type Claims = ReturnType<typeof claimsOf>;

function judgeOne(
  test: Tested,
  { options, claims, open }: { options: JudgeOptions; claims: Claims; open: Open },
): Judged {
  const { equalities, differences, close } = claims;
  const shared = { pValue: test.difference.pValue, adjustedPValue: claims.adjusted(test) };
  if (claims.isEqual(test)) {
    const verdict = { kind: "equal" as const, within: options.equalWithin };
    return { verdict, ratio: ratioOf(test, equalities.level), ...shared };
  }
  if (claims.isDifferent(test)) {
    const kind = test.difference.side === "above" ? "slower" : "faster";
    const { level } = test.isClose ? close : differences;
    return { verdict: { kind }, ratio: ratioOf(test, level), ...shared };
  }
  return { verdict: unclaimed(test, open), ratio: ratioOf(test, LEVEL), ...shared };
}

/**
 * The margin that this run's own A/A twins ask for: the smallest, but at least `LEAST_MARGIN`, at
 * which no more than 5 % of them would be called different. Scatter between processes does not
 * raise it (the sign test answers for that), only a shift that all processes of a cell share.
 */
export function marginOfTwins(twinLogRatios: readonly (readonly number[])[]): number {
  const shared = twinLogRatios.map(sureShift).toSorted((a, b) => b - a);
  const beyond = shared[Math.floor(0.05 * shared.length)] ?? 0;
  return Math.max(LEAST_MARGIN, Math.expm1(beyond));
}

/** The shift that the interval of the values exceeds, in logs; 0 if it holds 0 or there are no values. */
export function sureShift(logRatios: readonly number[]): number {
  if (logRatios.length === 0) return 0;
  const { low, high } = signInterval(logRatios);
  return Math.max(0, low, -high);
}

/** The shift that every value exceeds, on the side that all of them take; 0 if they disagree. */
export function sharedShift(logRatios: readonly number[]): number {
  if (logRatios.length === 0) return 0;
  const low = Math.min(...logRatios), high = Math.max(...logRatios);
  return low > 0 ? low : high < 0 ? -high : 0;
}

/**
 * The smallest difference, ratio - 1, that would be found with probability `POWER`, to judge by
 * this comparison's own spread, where all processes but `misses` must pass the margin; null for
 * fewer than two, which have no spread.
 */
export function minimumDetectable(
  logRatios: readonly number[],
  { margin, misses }: { margin: number; misses: number },
): number | null {
  const n = logRatios.length;
  if (n < 2) return null;
  const planned = probit(shareNeeded(n, misses)) * sampleStandardDeviation(logRatios as number[]);
  // A spread guessed from few processes can be too small. Had these very values been shifted, all
  // but the outermost `misses` must have passed the margin. So it exceeds the difference seen, too.
  const sorted = ascending(logRatios), middle = medianOf(sorted);
  const seen = Math.max(middle - sorted[misses], sorted[n - 1 - misses] - middle);
  return Math.expm1(Math.log1p(margin) + Math.max(planned, seen));
}

function testOne(comparison: Comparison, { margin, equalWithin }: JudgeOptions): Tested {
  const { logRatios, problems } = comparison, beyond = Math.max(margin, comparison.margin ?? 0);
  const difference = signTest(logRatios, { beyond: Math.log1p(beyond) });
  return {
    comparison,
    isValid: problems.length === 0,
    isClose: logRatios.length > 0 && Math.abs(medianOf(logRatios)) <= Math.log1p(CLOSE_WITHIN),
    difference: { ...difference, pValue: overLooks(comparison, difference.pValue) },
    equalityP: overLooks(comparison, equivalencePValue(logRatios, Math.log1p(equalWithin))),
  };
}

/** A p-value, or the chance to miss of an interval, with every look counted. */
function overLooks({ looks = [] }: Comparison, pValue: number): number {
  return looks.length > 1 ? chanceAtAnyLook(looks, pValue) : pValue;
}

function ratioOf({ comparison }: Tested, level: number): Estimate | null {
  if (comparison.logRatios.length === 0) return null;
  const estimate = signInterval(comparison.logRatios, { level });
  const attained = 1 - overLooks(comparison, 1 - estimate.level);
  return { ...mapEstimate(estimate, Math.exp), level: attained };
}

/** What a comparison without a claim would have needed. */
interface Open {
  readonly margin: number;
  readonly looksMargin: number;
  /** The p-value that one more claim must reach, of a close row and of another. */
  readonly cutoffs: { readonly close: number; readonly far: number };
  /** The processes with which all that looks different would have been claimed. */
  readonly processes: number;
}

function openQuestions(
  tests: readonly Tested[],
  { margin, claims }: { margin: number; claims: Claims },
): Open {
  const looksMargin = Math.max(LOOKS_MARGIN, margin), { differences, close } = claims;
  const different = tests.filter(claims.isDifferent).length;
  const looking =
    tests.filter((test) => test.isValid && !claims.isDifferent(test) && looks(test, looksMargin))
      .length;
  const share = Math.max(1, different + looking) / Math.max(1, differences.tests);
  const processes = processesNeeded(FALSE_DISCOVERY_RATE * share);
  const far = differences.nextCutoff;
  return {
    margin,
    looksMargin,
    cutoffs: { close: Math.min(far, close.nextCutoff), far },
    processes,
  };
}

function looks({ comparison: { logRatios } }: Tested, looksMargin: number): boolean {
  return looksShifted(logRatios, looksMargin);
}

/** Whether all processes, of which there are enough, agree on a shift beyond `margin`, ratio - 1. */
export function looksShifted(logRatios: readonly number[], margin: number): boolean {
  if (logRatios.length < LEAST_PROCESSES_TO_LOOK) return false;
  return sharedShift(logRatios) > Math.log1p(Math.max(LOOKS_MARGIN, margin));
}

/** The verdict where nothing is claimed. */
function unclaimed(test: Tested, open: Open): Verdict {
  const { logRatios, problems } = test.comparison, n = logRatios.length;
  if (!test.isValid) return { kind: "not valid", why: problems };
  if (looks(test, open.looksMargin)) {
    return {
      kind: logRatios[0] > 0 ? "looks slower" : "looks faster",
      why: n < LEAST_PROCESSES ? "too few processes" : "too many comparisons",
      processesNeeded: open.processes,
    };
  }
  const misses = allowedMisses(n, test.isClose ? open.cutoffs.close : open.cutoffs.far);
  // Where n processes cannot make a claim, the most to be had is that it looks so.
  const atLeast = n < LEAST_PROCESSES_TO_LOOK
    ? null
    : misses < 0
    ? minimumDetectable(logRatios, { margin: open.looksMargin, misses: 0 })
    : minimumDetectable(logRatios, { margin: open.margin, misses });
  return atLeast === null
    ? { kind: "not separated", needs: { kind: "processes", atLeast: open.processes } }
    : { kind: "not separated", needs: { kind: "difference", atLeast } };
}

/** The chance that one process must have to pass, for at most `misses` of n to fail with `POWER`. */
function shareNeeded(n: number, misses: number): number {
  if (misses === 0) return POWER ** (1 / n);
  return bisect((share) => passChance(n, misses, share) - POWER, 0.5, 1, 100, 1e-9);
}

/** P(at most `misses` of n fail), each passing with chance `share`. */
function passChance(n: number, misses: number, share: number): number {
  let chance = 0;
  for (let failed = 0; failed <= misses; failed++) {
    const ways = (fairTail(n, failed) - fairTail(n, failed - 1)) * 2 ** n;
    chance += ways * share ** (n - failed) * (1 - share) ** failed;
  }
  return chance;
}

function checkMargin(name: string, margin: number): void {
  if (margin >= 0) return;
  throw new RangeError(`Cannot judge as ${name} must be at least 0: found ${margin}`);
}
