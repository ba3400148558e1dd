/**
 * The only timed loops. Each contender gets a module instance of its own, by importing this file
 * with a query string of its own (`./replay.ts?for=rb_tree`): a loop that has seen several classes
 * is slower for the later ones, up to flipping the ranking.
 *
 * Every answer is compared, by identity, with the slot the oracle gives. The expected slots are read
 * in order from an array. To compare objects V8 reads the class of the answer, so each slot that is
 * found is touched, as by a caller that uses it; for the floor as well, whose time shows what that
 * costs.
 */
import type { AddressSpace } from "../../impls/kvm/address_space.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import type {
  CallsScript,
  ChurnFindScript,
  ChurnScript,
  FindScript,
  Held,
  LogScript,
  MixScript,
  RangeScript,
  Script,
  SerialScript,
} from "../workloads/script.ts";

/** What `replay` gives when no answer was wrong. */
export const ALL_RIGHT = -1;

/** Point lookups and changes, as an index and the floor have them. */
type Looked = Pick<MemslotIndex, "size" | "find" | "insert" | "erase">;

/** Ranges, as an index by either key and the floor have them. */
interface Ranged {
  iter(): {
    readonly slot: Held | null;
    start(from: number): void;
    isValid(end: number): boolean;
    next(): void;
  };
}

/** `replay` of a module instance of this file. */
export type Replay = (
  subject: Looked | Ranged | AddressSpace,
  script: Script,
  from: number,
  to: number,
) => number;

/**
 * Steps `from` up to, not including, `to` of `script` on an index, or of a script of calls on an
 * address space: the number of the first step whose answer is wrong, or `ALL_RIGHT`. Changes go from
 * an even step to an even step, those of a log through all of it.
 */
export function replay(
  subject: Looked | Ranged | AddressSpace,
  script: Script,
  from: number,
  to: number,
): number {
  switch (script.kind) {
    case "find":
      return replayFind(subject as Looked, script, from, to);
    case "serial":
      return replaySerial(subject as Looked, script, from, to);
    case "range":
      return replayRange(subject as Ranged, script, from, to);
    case "churn":
      return replayChurn(subject as Looked, script, from, to);
    case "churn_find":
      return replayChurnFind(subject as Looked, script, from, to);
    case "mix":
      return replayMix(subject as Looked & Ranged, script, from, to);
    case "log":
      return replayLog(subject as Looked, script, from, to);
    case "calls":
      return replayCalls(subject as AddressSpace, script, from, to);
  }
}

/** The loop over point lookups; see `replay`. */
export function replayFind(
  index: Looked,
  script: FindScript,
  from: number,
  to: number,
): number {
  const { gfns, answers } = script;
  for (let i = from; i < to; i++) {
    if (index.find(gfns[i]) !== answers[i]) return i;
  }
  return ALL_RIGHT;
}

/**
 * The loop over point lookups that wait for each other; see `replay`. Each gfn is asked for with
 * `wrong` added, which is 0 and is made from the answer before: until that is there, the processor
 * has no gfn to go on with.
 *
 * The wait has to be arithmetic. Measured at 509 slots on V8 15, ns of `branch_free_array`, whose
 * search waits for its gfn from the first step on (12.3 in `replayFind`):
 *
 * - `answer === answers[i] ? 0 : 1` is a branch, which is predicted: 12.9, nothing waits.
 * - `answer.id & 0` is 0 to the compiler, which drops the load: 13.1.
 * - `answer.id - ids[i]` waits (35.4), but has to fetch the slot, which no index needs for its
 *   answer: 10 ns more at 32,764 slots, for all alike.
 * - `+(answer !== answers[i])`, as here, is a comparison, `setne` and an addition: 33.5.
 *
 * These were with gfns in doubles; in small integers it is 34.6, and 12.9 in `replayFind`.
 *
 * No branch depends on `wrong`: one that left the loop would tell compiler and processor that it is
 * 0 behind it. So the loop goes on to the end, and as `wrong` stays 1 once it is, `missed` counts
 * the steps from the first wrong one on.
 */
export function replaySerial(
  index: Looked,
  script: SerialScript,
  from: number,
  to: number,
): number {
  const { gfns, answers } = script;
  let wrong = 0, missed = 0;
  for (let i = from; i < to; i++) {
    wrong |= +(index.find(gfns[i] + wrong) !== answers[i]);
    missed += wrong;
  }
  return missed === 0 ? ALL_RIGHT : to - missed;
}

/** The loop over gfn ranges; see `replay`. */
export function replayRange(
  index: Ranged,
  script: RangeScript,
  from: number,
  to: number,
): number {
  const { starts, ends, expected } = script;
  const iter = index.iter();
  for (let i = from; i < to; i++) {
    let at = script.from[i];
    const end = ends[i];
    for (iter.start(starts[i]); iter.isValid(end); iter.next()) {
      if (iter.slot !== expected[at++]) return i;
    }
    if (at !== script.to[i]) return i;
  }
  return ALL_RIGHT;
}

/** The loop over changes alone; see `replay`. */
export function replayChurn(
  index: Looked,
  script: ChurnScript,
  from: number,
  to: number,
): number {
  const { before, after } = script, size = index.size;
  for (let i = from; i < to; i++) {
    index.erase(before[i]);
    index.insert(after[i]);
    if (index.size !== size) return i;
  }
  return ALL_RIGHT;
}

/**
 * The loop over changes that are looked at; see `replay`. The lookups are part of the step, so that work
 * which an index leaves for its next question is timed; the first one stands between erasing and
 * inserting, as a guest can fault on a slot that has gone.
 */
export function replayChurnFind(
  index: Looked,
  script: ChurnFindScript,
  from: number,
  to: number,
): number {
  const { before, after, erased, inserted, elsewhere, others } = script, size = index.size;
  for (let i = from; i < to; i++) {
    index.erase(before[i]);
    if (index.find(erased[i]) !== null) return i;
    index.insert(after[i]);
    if (index.find(inserted[i]) !== after[i]) return i;
    if (index.find(elsewhere[i]) !== others[i]) return i;
    if (index.size !== size) return i;
  }
  return ALL_RIGHT;
}

/**
 * The loop over operations of several kinds; see `replay`. A range takes a fresh cursor, as a change may
 * have ended the one before, and as KVM's macro does.
 */
export function replayMix(
  index: Looked & Ranged,
  { operations, at, find, ranges, changes }: MixScript,
  from: number,
  to: number,
): number {
  const { gfns, answers } = find, { starts, ends, expected } = ranges;
  const { before, after, erased, inserted, elsewhere, others } = changes;
  for (let i = from; i < to; i++) {
    const k = at[i];
    if (operations[i] === 0) {
      if (index.find(gfns[k]) !== answers[k]) return i;
    } else if (operations[i] === 1) {
      const iter = index.iter(), end = ends[k];
      let next = ranges.from[k];
      for (iter.start(starts[k]); iter.isValid(end); iter.next()) {
        if (iter.slot !== expected[next++]) return i;
      }
      if (next !== ranges.to[k]) return i;
    } else {
      index.erase(before[k]);
      if (index.find(erased[k]) !== null) return i;
      index.insert(after[k]);
      if (index.find(inserted[k]) !== after[k]) return i;
      if (index.find(elsewhere[k]) !== others[k]) return i;
    }
  }
  return ALL_RIGHT;
}

/** The loop over a recorded log; see `replay`. */
export function replayLog(
  index: Looked,
  { operations, gfns, slots }: LogScript,
  from: number,
  to: number,
): number {
  for (let i = from; i < to; i++) {
    if (operations[i] === 0) {
      if (index.find(gfns[i]) !== slots[i]) return i;
    } else if (operations[i] === 1) index.insert(slots[i]!);
    else index.erase(slots[i]!);
  }
  return ALL_RIGHT;
}

/** The loop over calls; see `replay`. A call that the map refuses throws. */
export function replayCalls(
  space: AddressSpace,
  script: CallsScript,
  from: number,
  to: number,
): number {
  const { calls } = script;
  for (let i = from; i < to; i++) {
    for (let at = script.from[i]; at < script.to[i]; at++) space.setMemoryRegion(calls[at]);
  }
  return ALL_RIGHT;
}
