/** What is claimed, what is not, and why not, in words. */
import { type Cell, cellKey } from "../record/schema.ts";
import type { FailedCheck } from "../stats/checks.ts";
import { LEVEL } from "../stats/intervals.ts";
import type { Crossover } from "../stats/scaling.ts";
import { type Judgement, LOOKS_MARGIN, type Verdict } from "../stats/verdict.ts";
import type { FamilyOf } from "../summary/families.ts";
import type { EntryResult } from "../summary/summary.ts";
import type { VersusVerdict } from "../summary/versus.ts";
import { cellWords, percent, shortWords } from "./words.ts";

/** A verdict as tables print it: `faster`, `equal within 2 %`, `not separated (needs >= 3.1 %)`. */
export function verdictWords(verdict: Verdict | VersusVerdict): string {
  if (verdict.kind === "equal") return `equal within ${percent(verdict.within)}`;
  if ("needs" in verdict) {
    const { kind, atLeast } = verdict.needs;
    const needs = kind === "processes" ? `${atLeast} processes` : `>= ${percent1(atLeast)}`;
    return `${verdict.kind} (needs ${needs})`;
  }
  return verdict.kind;
}

/** Why a row is not valid: what its failed checks saw. */
export function problemWords(problems: readonly FailedCheck[]): string {
  return problems.map((check) => findingOf(check).seen).join("; ");
}

function percent1(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** How the claims of a table are to be read: whole sentences, one a line. */
export function claimLines(judgement: Judgement): string[] {
  const { each, options, tests, differences, equalities, level } = judgement;
  const needed = each.flatMap(({ verdict }) =>
    "processesNeeded" in verdict ? [verdict.processesNeeded] : []
  );
  return [
    `Claims: ${
      differences + equalities
    } of ${tests} comparisons. Sign tests over processes for a ` +
    `shift beyond ${percent(options.margin)} (faster, slower) or within ` +
    `${percent(options.equalWithin)} (equal), each corrected for the number of comparisons ` +
    `(Benjamini-Hochberg): of such claims at most 5 % are expected to be false.`,
    ...(differences === 0 ? [] : [
      `Intervals of claimed differences are widened to ${
        percent(level)
      } so that, of those shown, ` +
      `at most 5 % are expected to miss; others are at least 95 % each, or as stated.`,
    ]),
    ...(needed.length === 0 ? [] : [
      `"looks" is an indication, not a claim: all processes agree on more than ` +
      `${percent(LOOKS_MARGIN)}, but ${needed.reduce((most, n) => Math.max(most, n))} processes ` +
      `are needed to claim it.`,
    ]),
  ];
}

/** A check that failed, for a reader: whole sentences. */
export interface Finding {
  /** What was seen. */
  readonly seen: string;
  /** The likely cause. */
  readonly cause: string;
  /** What to do. */
  readonly cure: string;
}

/** What a failed check saw, why that is likely so, and what to do. */
export function findingOf(check: FailedCheck): Finding {
  const measured = percent(check.measured);
  switch (check.name) {
    case "A/A":
      return {
        seen: `The baseline and its identical twin differ by ${measured}.`,
        cause: "Something in this cell depends on more than the code: placement in memory, " +
          "most often.",
        cure: `Differences up to ${measured} in this cell are not claimed. Race more processes.`,
      };
    case "order":
      return {
        seen: `Without the rounds in which it or its base ran first, its ratio differs by ` +
          `${measured}.`,
        cause: "The first block after a collection pays for it, and these two do not pay alike.",
        cure: "Race with more rounds, or with more contenders in the cell.",
      };
    case "preempted blocks":
      return {
        seen: `In ${measured} of its rounds one of the two blocks was preempted.`,
        cause: "Other programs take the processor.",
        cure: "Stop them, or race at a quieter hour.",
      };
    case "settled":
      return {
        seen: `The speed of ${check.entry} changed ${foldWords(check.change)} at round ` +
          `${check.round} of ${check.rounds} in ${check.late} of ${check.processes} processes.`,
        cause: "The engine compiled it anew, or a structure was rebuilt, near the end of the race.",
        cure: "Race with more rounds, --rounds 48, so that enough follow the change.",
      };
    case "late change":
      return {
        seen: `Its ratio in the fastest tenth of blocks is ${check.undisturbed.toPrecision(3)}, ` +
          `far outside of the interval.`,
        cause: "Its speed changed in the last rounds, or other programs disturbed most blocks.",
        cure: "Race with more rounds, --rounds 48, at a quieter hour.",
      };
  }
}

function foldWords(change: number): string {
  const times = change >= 1 ? change : 1 / change;
  return `${times.toPrecision(2)}-fold (${change >= 1 ? "faster" : "slower"} after it)`;
}

/** The result of an entry that has no times. */
export type Out = Exclude<EntryResult, { readonly kind: "timed" }>;

const OUT_WORDS: Readonly<Record<Out["kind"], string>> = {
  wrong: "WRONG",
  threw: "THREW",
  stuck: "STUCK",
  leaked: "LEAKED",
  crashed: "CRASHED",
  "not timed": "not timed",
};

/** `WRONG`; for the table of `cell`, `WRONG in zap_8 at 509` where that was found out in another. */
export function outWords({ kind, foundIn }: Out, cell: Cell | null = null): string {
  const isElsewhere = cell && foundIn && cellKey(foundIn) !== cellKey(cell);
  return OUT_WORDS[kind] +
    (isElsewhere ? ` in ${shortWords(foundIn)}` : "");
}

/** What an entry did that is out, and where that was found out. */
export function outNote({ words, foundIn }: Out): string {
  return foundIn ? `${words} (found in ${cellWords(foundIn)})` : words;
}

/** `lookups`, `everything`: what a family of cells is of. */
export function familyWords(of: FamilyOf): string {
  return of.kind === "unit" ? `${of.unit}s` : "everything";
}

/** A crossing: `linear_scan stops winning against sorted_array between 32 and 128 slots, near 43`. */
export function crossoverWords(
  crossover: Crossover,
  { contender, base }: { contender: string; base: string },
): string {
  switch (crossover.kind) {
    case "crosses": {
      const { wins, from, to, near } = crossover, verb = wins === "below" ? "stops" : "starts";
      return `${contender} ${verb} winning against ${base} between ${from} and ${to} slots, near ` +
        `${Math.round(near)}`;
    }
    case "never crosses":
      return `${contender} ${crossover.wins ? "wins" : "loses"} at every slot count raced`;
    case "cannot tell":
      return `${contender}: cannot tell: ${crossover.why}`;
  }
}

/** What must be known of a crossing or a mean that rests on few processes, or not on all. */
export function processWarnings(
  { leftOut, processes, level = 1 }: { leftOut: number; processes: number; level?: number },
): string[] {
  return [
    ...(leftOut === 0 ? [] : [
      `${leftOut} of ${leftOut + processes} processes left out as they did not measure all`,
    ]),
    ...(level >= LEVEL ? [] : [
      `an indication: ${processes} processes give ${percent(level)} at most`,
    ]),
  ];
}
