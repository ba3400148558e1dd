import type { UserspaceMemoryRegion } from "../../impls/kvm/memory_region.ts";
import { type Gfn, type Memslot, smallInteger } from "../../impls/memslot.ts";

/** The steps of a script: more than a branch predictor can learn of them (some 2,000 queries). */
export const SCRIPT_LENGTH = 10_000;

/**
 * The lookups of a script where blocks are timed against each other. They are so short that a block
 * would run through the shorter script several times, and what the predictor keeps of it from one
 * run to the next made the first entry of a round up to 15 % faster at 10 slots.
 */
export const LONG_FIND_SCRIPT = 65_536;

/**
 * Point lookups and the answers the oracle gives them, in parallel arrays. They do not wait for each
 * other: the processor works on several at a time.
 */
export interface FindScript {
  /** Point lookups. */
  readonly kind: "find";
  /** How many. */
  readonly length: number;
  /** A plain array, as a caller's own variables hold them: see `inCallersNumbers`. */
  readonly gfns: readonly Gfn[];
  /** The slot that holds each gfn; null in a hole. */
  readonly answers: readonly (Memslot | null)[];
}

/** Point lookups of which each waits for the answer before it (see `replaySerial`). */
export interface SerialScript extends Omit<FindScript, "kind"> {
  /** Point lookups, one at a time. */
  readonly kind: "serial";
}

/** gfn ranges, or ranges of user memory with `ends` inclusive; query i must hand out `expected[from[i]]` up to, not including, `expected[to[i]]`. */
export interface RangeScript {
  /** gfn ranges. */
  readonly kind: "range";
  /** How many. */
  readonly length: number;
  /** The first gfn of each. */
  readonly starts: readonly Gfn[];
  /** The gfn past each. */
  readonly ends: readonly Gfn[];
  /** What they hand out, one after the other. */
  readonly expected: readonly Memslot[];
  /** Where the slots of each begin in `expected`. */
  readonly from: readonly number[];
  /** Where they end. */
  readonly to: readonly number[];
}

/**
 * Changes: step i erases `before[i]` and inserts `after[i]`. Each even step and the odd one behind
 * it leave the map as they found it, so every even stretch of the script is a closed loop.
 */
export interface ChurnScript {
  /** Changes. */
  readonly kind: "churn";
  /** How many. */
  readonly length: number;
  /** What each erases. */
  readonly before: readonly Memslot[];
  /** What it inserts then. */
  readonly after: readonly Memslot[];
}

/**
 * `KVM_SET_USER_MEMORY_REGION` calls through an `AddressSpace`: step i makes `calls[from[i]]` up to,
 * not including, `calls[to[i]]`. An even step and the odd one behind it are a closed loop.
 */
export interface CallsScript {
  /** Calls. */
  readonly kind: "calls";
  /** How many steps. */
  readonly length: number;
  /** The calls, in order. */
  readonly calls: readonly UserspaceMemoryRegion[];
  /** Where the calls of each step begin. */
  readonly from: readonly number[];
  /** Where they end. */
  readonly to: readonly number[];
}

/** What a workload asks of an index, and what it must answer. */
export type Script = FindScript | SerialScript | RangeScript | ChurnScript | CallsScript;

/**
 * The script with its numbers as a caller's own variables hold them: small integers below 2^31. What
 * draws them leaves integers in doubles, and an array of doubles hands each index a double, which one
 * that keeps integers would have to convert at each question. gfns from 2^31 on are doubles. Slots
 * have theirs from `memslot`, calls carry bigints.
 */
export function inCallersNumbers(script: Script): Script {
  switch (script.kind) {
    case "find":
    case "serial":
      return { ...script, gfns: smallIntegers(script.gfns) };
    case "range": {
      const starts = smallIntegers(script.starts), ends = smallIntegers(script.ends);
      const from = smallIntegers(script.from), to = smallIntegers(script.to);
      return { ...script, starts, ends, from, to };
    }
    case "churn":
    case "calls":
      return script;
  }
}

/** `Array.from` chooses the array's kind by what is in it, a literal by what its others held. */
function smallIntegers(values: readonly number[]): number[] {
  return Array.from(values, smallInteger);
}

/** Of point lookups: how many, how many find a slot, and the share that a cache answers. */
export interface Lookups {
  /** All of the script. */
  readonly all: number;
  /** Those that find a slot. */
  readonly found: number;
  /** The share of all that KVM's `last_used_slot` answers, in [0, 1]. */
  readonly cacheHitShare: number;
}

/**
 * What KVM's one-entry cache makes of a script, whatever the index: it answers a lookup just where
 * the last one that found a slot found this one.
 */
export function lookupsOf({ answers }: FindScript | SerialScript): Lookups {
  let found = 0, cached = 0, last: Memslot | null = null;
  for (const answer of answers) {
    if (answer === null) continue;
    found++;
    if (answer === last) cached++;
    last = answer;
  }
  return { all: answers.length, found, cacheHitShare: cached / answers.length };
}

/** One step of a script, as `replay` counts them: a lookup, a range, a change, a step of calls. */
export const UNIT: Readonly<Record<Script["kind"], string>> = {
  find: "lookup",
  serial: "serial lookup",
  range: "range",
  churn: "change",
  calls: "step",
};
