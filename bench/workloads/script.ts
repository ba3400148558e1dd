/** Scripts: what a workload asks of an index step by step, with the answers. */
import type { HvaSlot } from "../../impls/hva/hva_index.ts";
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

/** What an index holds: slots by guest frames, or by user memory. Answers are compared by identity. */
export type Held = Memslot | HvaSlot;

/**
 * gfn ranges, or ranges of user memory; query i must hand out `expected[from[i]]` up to, not
 * including, `expected[to[i]]`.
 */
export interface RangeScript {
  /** Ranges. */
  readonly kind: "range";
  /** How many. */
  readonly length: number;
  /** The first gfn of each; by user memory its first page. */
  readonly starts: readonly number[];
  /** The gfn past each; by user memory its last page. */
  readonly ends: readonly number[];
  /** What they hand out, one after the other. */
  readonly expected: readonly Held[];
  /** Where the slots of each begin in `expected`. */
  readonly from: readonly number[];
  /** Where they end. */
  readonly to: readonly number[];
}

/**
 * Changes alone: step i erases `before[i]` and inserts `after[i]`, and nothing is asked. Each even step
 * and the odd one behind it leave the map as they found it, so every even stretch of the script is a
 * closed loop.
 */
export interface ChurnScript {
  /** Changes alone. */
  readonly kind: "churn";
  /** How many. */
  readonly length: number;
  /** Slots of the map before and after each step. */
  readonly size: number;
  /** What each step erases. */
  readonly before: readonly Memslot[];
  /** What it inserts then. */
  readonly after: readonly Memslot[];
}

/**
 * Changes that are looked at: step i erases `before[i]`, looks up `erased[i]` in it, where nothing is
 * now, inserts `after[i]`, and looks up `inserted[i]` in that and `elsewhere[i]`, where `others[i]` is.
 * So work that a change leaves for the next question is a part of the step.
 */
export interface ChurnFindScript extends Omit<ChurnScript, "kind"> {
  /** Changes, each followed by lookups. */
  readonly kind: "churn_find";
  /** A gfn of each slot that is erased. */
  readonly erased: readonly Gfn[];
  /** A gfn of each slot that is inserted. */
  readonly inserted: readonly Gfn[];
  /** A gfn somewhere else. */
  readonly elsewhere: readonly Gfn[];
  /** The slot that holds it; null in a hole. */
  readonly others: readonly (Memslot | null)[];
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

/**
 * Operations of several kinds, interleaved: step i is step `at[i]` of the script that `operations[i]`
 * names. Operations come in pairs of one kind, so every even stretch is a closed loop.
 */
export interface MixScript {
  /** Lookups, ranges and changes. */
  readonly kind: "mix";
  /** How many. */
  readonly length: number;
  /** The kind of each: 0 a lookup, 1 a range, 2 a change that is looked at. */
  readonly operations: readonly number[];
  /** Its place in the script of its kind. */
  readonly at: readonly number[];
  /** The lookups. */
  readonly find: FindScript;
  /** The ranges. */
  readonly ranges: RangeScript;
  /** The changes. */
  readonly changes: ChurnFindScript;
}

/**
 * A recorded guest's map as it changed, with the lookups between: the log walked back from the map that
 * the index holds, then forward again as it happened. So the whole script is a closed loop, and each
 * state of the map is asked the same on both ways. No part of it is a loop.
 */
export interface LogScript {
  /** Lookups and changes, in a recorded order. */
  readonly kind: "log";
  /** How many. */
  readonly length: number;
  /** What each is: 0 a lookup, 1 an insertion, 2 an erasure. */
  readonly operations: readonly number[];
  /** The gfn of each lookup; the first of the slot that a change inserts or erases. */
  readonly gfns: readonly Gfn[];
  /** The slot that a lookup finds, null for none; the slot that a change inserts or erases. */
  readonly slots: readonly (Memslot | null)[];
}

/** What a workload asks of an index, and what it must answer. */
export type Script =
  | FindScript
  | SerialScript
  | RangeScript
  | ChurnScript
  | ChurnFindScript
  | MixScript
  | LogScript
  | CallsScript;

/** What holds for all scripts of a kind; how they are replayed stands in bench/race/kinds.ts. */
export interface KindFacts {
  /** What a step is, as tables and `deno bench` name it: one word or two, with an s for several. */
  readonly unit: string;
  /** Whether its steps are point lookups alone, which `lookupsOf` counts and a script may have many of. */
  readonly isLookups: boolean;
  /** Whether its steps change the map; then they are cut between closed loops: see `loopOf`. */
  readonly isOfChanges: boolean;
  /** Whether only a whole script is a closed loop; else each even step and the one behind it are. */
  readonly isOneLoop?: true;
}

/** The kinds of scripts, a row each. */
export const KINDS: Readonly<Record<Script["kind"], KindFacts>> = Object.freeze({
  find: { unit: "lookup", isLookups: true, isOfChanges: false },
  serial: { unit: "serial lookup", isLookups: true, isOfChanges: false },
  range: { unit: "range", isLookups: false, isOfChanges: false },
  churn: { unit: "change", isLookups: false, isOfChanges: true },
  churn_find: { unit: "change", isLookups: false, isOfChanges: true },
  mix: { unit: "operation", isLookups: false, isOfChanges: true },
  log: { unit: "operation", isLookups: false, isOfChanges: true, isOneLoop: true },
  calls: { unit: "step", isLookups: false, isOfChanges: true },
});
// An index could import this module: what it says of a kind decides over what is checked.
for (const facts of Object.values(KINDS)) Object.freeze(facts);

/** Steps of a closed loop: a stretch of whole loops, from a multiple of it on, leaves the map as it was. */
export function loopOf({ kind, length }: Script): number {
  return KINDS[kind].isOneLoop ? length : 2;
}

/**
 * The script with its numbers as a caller's own variables hold them: small integers below 2^31. What
 * draws them leaves integers in doubles, and an array of doubles hands each index a double, which one
 * that keeps integers would have to convert at each question. gfns from 2^31 on are doubles. Slots
 * have theirs from `memslot`, calls carry bigints.
 */
export function inCallersNumbers<S extends Script>(script: S): S {
  const columns = Object.entries(script).flatMap(([name, column]): [string, unknown][] => {
    if (typeof column === "object" && "kind" in column) return [[name, inCallersNumbers(column)]];
    return Array.isArray(column) && typeof column[0] === "number"
      ? [[name, smallIntegers(column)]]
      : [];
  });
  return { ...script, ...Object.fromEntries(columns) };
}

/** `Array.from` chooses the array's kind by what is in it, a literal by what its others held. */
function smallIntegers(values: readonly number[]): number[] {
  return Array.from(values, smallInteger);
}

/** The point lookups of a script. */
export interface Lookups {
  /** How many there are. */
  readonly all: number;
  /** How many find a slot. */
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
