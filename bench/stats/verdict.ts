/**
 * From the log-ratios of processes to words, for all comparisons of a table at once.
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
import { chanceAtAnyLook } from "./looks.ts";
import {
  benjaminiHochberg,
  type Correction,
  FALSE_DISCOVERY_RATE,
  processesNeeded,
} from "./multiple.ts";
import { ascending, medianOf } from "./quantiles.ts";

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
  /** Why the run's own checks void the comparison; empty if they do not. */
  readonly problems: readonly string[];
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
  | { readonly kind: "not valid"; readonly why: readonly string[] };

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
  readonly judged: readonly Judged[];
  readonly options: JudgeOptions;
  readonly differences: Correction;
  /** Over the close rows alone; see `CLOSE_WITHIN`. */
  readonly closeDifferences: Correction;
  readonly equalities: Correction;
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
 * import { judge, verdictWords } from "./verdict.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const logRatios = [1.031, 1.028, 1.034, 1.03, 1.029, 1.035, 1.027, 1.032].map(Math.log);
 * const { judged } = judge([{ logRatios, problems: [] }]);
 * assertEquals(verdictWords(judged[0].verdict), "slower");
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
  const equalities = correct(comparisons, tests.map((test) => test.equalityP));
  // What is called equal is claimed no second time. Raising a p-value keeps it one, and so the
  // correction its bound, over just those differences that are shown.
  const pValues = tests.map((test, i) => equalities.rejected[i] ? 1 : test.difference.pValue);
  const { differences, closeDifferences } = stratified(comparisons, pValues);
  const open = openQuestions(comparisons, { margin, differences, closeDifferences });
  const judged = tests.map((test, at) => {
    const claim = claimOf(test, { at, options, equalities, differences, closeDifferences });
    return {
      verdict: claim?.verdict ?? unclaimed(test.comparison, open),
      ratio: ratioOf(test.comparison, claim?.level ?? LEVEL),
      pValue: test.difference.pValue,
      adjustedPValue: differences.adjusted[at],
    };
  });
  return { judged, options, differences, closeDifferences, equalities };
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

/** A verdict as the table prints it. */
export function verdictWords(verdict: Verdict): string {
  switch (verdict.kind) {
    case "equal":
      return `equal within ${percent(verdict.within)}`;
    case "not separated":
      return `not separated (needs ${needsWords(verdict.needs)})`;
    case "not valid":
      return `not valid: ${verdict.why.join("; ")}`;
    default:
      return verdict.kind;
  }
}

/** How the table's claims are to be read, for its footnote: whole sentences, one a line. */
export function footnote({ judged, options, differences, equalities }: Judgement): string[] {
  const claims = differences.count + equalities.count;
  const looks = judged.map(({ verdict }) => verdict).filter((verdict) =>
    "processesNeeded" in verdict
  );
  const lines = [
    `Claims: ${claims} of ${differences.tests} comparisons. Sign tests over processes for a shift ` +
    `beyond ${percent(options.margin)} (faster, slower) or within ${
      percent(options.equalWithin)
    } (equal), each corrected for the number of comparisons (Benjamini-Hochberg): of such claims ` +
    `at most 5 % are expected to be false.`,
  ];
  if (differences.count > 0) {
    lines.push(
      `Intervals of claimed differences are widened to ${percent(differences.level)} so that, of ` +
        `those shown, at most 5 % are expected to miss; others are at least 95 % each, or as stated.`,
    );
  }
  if (looks.length > 0) {
    const needed = Math.max(...looks.map((verdict) => verdict.processesNeeded));
    lines.push(
      `"looks" is an indication, not a claim: all processes agree on more than ${
        percent(LOOKS_MARGIN)
      }, but ${needed} processes are needed to claim it.`,
    );
  }
  return lines;
}

/** A share in words: `2 %`, `99.2 %`; at most one decimal. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

function testOne(comparison: Comparison, { margin, equalWithin }: JudgeOptions): Tested {
  const { logRatios } = comparison, beyond = Math.max(margin, comparison.margin ?? 0);
  const difference = signTest(logRatios, { beyond: Math.log1p(beyond) });
  return {
    comparison,
    difference: { ...difference, pValue: overLooks(comparison, difference.pValue) },
    equalityP: overLooks(comparison, equivalencePValue(logRatios, Math.log1p(equalWithin))),
  };
}

/** A p-value, or the chance to miss of an interval, with every look counted. */
function overLooks({ looks = [] }: Comparison, pValue: number): number {
  return looks.length > 1 ? chanceAtAnyLook(looks, pValue) : pValue;
}

/** Benjamini-Hochberg over the valid comparisons; the others keep their places, without a claim. */
function correct(comparisons: readonly Comparison[], pValues: readonly number[]): Correction {
  const valid = comparisons.flatMap(({ problems }, i) => problems.length === 0 ? [i] : []);
  const correction = benjaminiHochberg(valid.map((i) => pValues[i]));
  const rejected = pValues.map(() => false), adjusted = pValues.map(() => 1);
  valid.forEach((i, at) => {
    rejected[i] = correction.rejected[at];
    adjusted[i] = correction.adjusted[at];
  });
  return { ...correction, rejected, adjusted };
}

/** The correction over all rows and that over the close ones; a close row must pass both. */
function stratified(comparisons: readonly Comparison[], pValues: readonly number[]) {
  const all = correct(comparisons, pValues);
  const close = correct(
    comparisons.map((comparison) => isClose(comparison) ? comparison : NOT_TESTED),
    pValues,
  );
  const rejected = all.rejected.map((is, i) =>
    is && (!isClose(comparisons[i]) || close.rejected[i])
  );
  const adjusted = all.adjusted.map((p, i) =>
    isClose(comparisons[i]) ? Math.max(p, close.adjusted[i]) : p
  );
  const count = rejected.filter(Boolean).length;
  return { differences: { ...all, rejected, adjusted, count }, closeDifferences: close };
}

/** Stands for a comparison that takes no part in a correction. */
const NOT_TESTED: Comparison = { logRatios: [], problems: ["not tested"] };

function isClose({ logRatios }: Comparison): boolean {
  return logRatios.length > 0 && Math.abs(medianOf(logRatios)) <= Math.log1p(CLOSE_WITHIN);
}

/** What is claimed, and the level of the interval that goes with it; null if nothing is. */
function claimOf(
  test: Tested,
  { at, options, equalities, differences, closeDifferences }: {
    at: number;
    options: JudgeOptions;
    equalities: Correction;
    differences: Correction;
    closeDifferences: Correction;
  },
): { verdict: Verdict; level: number } | null {
  if (equalities.rejected[at]) {
    return { verdict: { kind: "equal", within: options.equalWithin }, level: equalities.level };
  }
  if (!differences.rejected[at]) return null;
  const kind = test.difference.side === "above" ? "slower" : "faster";
  const { level } = isClose(test.comparison) ? closeDifferences : differences;
  return { verdict: { kind }, level };
}

function ratioOf(comparison: Comparison, level: number): Estimate | null {
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
  comparisons: readonly Comparison[],
  { margin, differences, closeDifferences }: {
    margin: number;
    differences: Correction;
    closeDifferences: Correction;
  },
): Open {
  const looksMargin = Math.max(LOOKS_MARGIN, margin);
  const looking =
    comparisons.filter((comparison, i) =>
      comparison.problems.length === 0 && !differences.rejected[i] && looks(comparison, looksMargin)
    ).length;
  const together = Math.max(1, differences.count + looking) / Math.max(1, differences.tests);
  const processes = processesNeeded(FALSE_DISCOVERY_RATE * together);
  const far = differences.nextCutoff, close = Math.min(far, closeDifferences.nextCutoff);
  return { margin, looksMargin, cutoffs: { close, far }, processes };
}

function looks({ logRatios }: Comparison, looksMargin: number): boolean {
  if (logRatios.length < LEAST_PROCESSES_TO_LOOK) return false;
  return sharedShift(logRatios) > Math.log1p(looksMargin);
}

/** The verdict where nothing is claimed. */
function unclaimed(comparison: Comparison, open: Open): Verdict {
  const { logRatios, problems } = comparison, n = logRatios.length;
  if (problems.length > 0) return { kind: "not valid", why: problems };
  if (looks(comparison, open.looksMargin)) {
    return {
      kind: logRatios[0] > 0 ? "looks slower" : "looks faster",
      why: n < LEAST_PROCESSES ? "too few processes" : "too many comparisons",
      processesNeeded: open.processes,
    };
  }
  const misses = allowedMisses(n, isClose(comparison) ? open.cutoffs.close : open.cutoffs.far);
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

function needsWords({ kind, atLeast }: Needs): string {
  if (kind === "processes") return `${atLeast} processes`;
  return `>= ${(atLeast * 100).toFixed(1)} %`;
}

function checkMargin(name: string, margin: number): void {
  if (margin >= 0) return;
  throw new RangeError(`Cannot judge as ${name} must be at least 0: found ${margin}`);
}
