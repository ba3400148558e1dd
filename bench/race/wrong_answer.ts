/** What is wrong with an answer, in words, for each kind of script. */
import type { HvaSlot } from "../../impls/hva/hva_index.ts";
import { describe, endGfn, type Gfn, hex, type Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import { answerWords } from "../gate/words.ts";
import type {
  CallsScript,
  ChurnFindScript,
  ChurnScript,
  FindScript,
  Held,
  LogScript,
  MixScript,
  RangeScript,
  SerialScript,
} from "../workloads/script.ts";

/** An index said something else than the oracle; no time of it may be shown. */
export class WrongAnswer extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "WrongAnswer";
}

/** A lookup that went wrong, asked once more. */
export function wrongFind(
  name: string,
  index: MemslotIndex,
  { gfns, answers }: FindScript | SerialScript,
  step: number,
): WrongAnswer {
  const gfn = gfns[step];
  return unlike(name, `find(${hex(gfn)})`, index.find(gfn), answers[step]);
}

/** A range that went wrong, asked once more, by its first wrong slot. */
export function wrongRange(
  name: string,
  index: MemslotIndex,
  script: RangeScript,
  step: number,
): WrongAnswer {
  const start = script.starts[step], end = script.ends[step];
  const right = script.expected.slice(script.from[step], script.to[step]);
  const given: unknown[] = [];
  const iter = index.iter();
  // One more than is right is enough to see what is wrong, and an endless walk ends.
  for (iter.start(start); given.length <= right.length && iter.isValid(end); iter.next()) {
    given.push(iter.slot);
  }
  const at = given.findIndex((slot, i) => slot !== right[i]);
  const place = at === -1 ? given.length : at;
  const what = `slot ${place + 1} of range [${hex(start)}, ${hex(end)})`;
  return unlike(name, what, given[place] ?? null, right[place] ?? null);
}

/** A change alone can be seen to go wrong by the number of slots only. */
export function wrongChange(
  name: string,
  index: MemslotIndex,
  { before, after }: ChurnScript | ChurnFindScript,
  step: number,
): WrongAnswer {
  return new WrongAnswer(
    `${name} has ${index.size} slots after change ${step}, moving ${describe(before[step])} to ${
      describe(after[step])
    }: a change of place keeps their number`,
  );
}

/** The lookups of a change that went wrong, asked once more; those behind the insertion where it was made. */
export function wrongLookedAtChange(
  name: string,
  index: MemslotIndex,
  script: ChurnFindScript,
  step: number,
): WrongAnswer {
  const { before, after, erased, inserted, elsewhere, others, size } = script;
  const afterErasing = `after erasing ${describe(before[step])}`;
  const afterInserting = `after inserting ${describe(after[step])}`;
  const asked: readonly Asked[] = index.size < size
    ? [[erased[step], null, afterErasing]]
    : [[inserted[step], after[step], afterInserting], [
      elsewhere[step],
      others[step],
      afterInserting,
    ]];
  for (const [gfn, right, when] of asked) {
    const given = index.find(gfn);
    if (given !== right) return unlike(name, `find(${hex(gfn)}) ${when}`, given, right);
  }
  if (index.size !== size) return wrongChange(name, index, script, step);
  return new WrongAnswer(
    `${name} gives a wrong answer in change ${step}, ${afterErasing} or ${afterInserting}, and a ` +
      `right one when asked again`,
  );
}

/** An operation of a mix that went wrong, in the words of its kind. */
export function wrongInMix(
  name: string,
  index: MemslotIndex,
  { operations, at, find, ranges, changes }: MixScript,
  step: number,
): WrongAnswer {
  const k = at[step];
  if (operations[step] === 0) return wrongFind(name, index, find, k);
  if (operations[step] === 1) return wrongRange(name, index, ranges, k);
  return wrongLookedAtChange(name, index, changes, k);
}

/** A lookup of a log that went wrong, asked once more. */
export function wrongInLog(
  name: string,
  index: MemslotIndex,
  script: LogScript,
  step: number,
): WrongAnswer {
  const { gfns, slots } = script, gfn = gfns[step], what = `find(${hex(gfn)})`;
  const when = whenInLog(script, step), given = index.find(gfn);
  if (given !== slots[step]) return unlike(name, `${what} ${when}`, given, slots[step]);
  return new WrongAnswer(
    `${name} gives a wrong answer as ${what} ${when}, and a right one when asked again`,
  );
}

/** Behind which change of a log a step stands. */
function whenInLog({ operations, slots }: LogScript, step: number): string {
  for (let at = step; at >= 0; at--) {
    if (operations[at] === 0) continue;
    return `after ${operations[at] === 1 ? "inserting" : "erasing"} ${describe(slots[at]!)}`;
  }
  return "at the start of the log";
}

/**
 * Walks the whole log, untimed, and looks after each change at both ends of the place that changed.
 * `WrongAnswer` with the first wrong answer.
 */
export function checkLog(name: string, index: MemslotIndex, script: LogScript): void {
  const { operations, gfns, slots } = script;
  let { size } = index;
  const expectFind = (gfn: Gfn, right: Memslot | null, step: number) => {
    const given = index.find(gfn), what = `find(${hex(gfn)}) ${whenInLog(script, step)}`;
    if (given !== right) throw unlike(name, what, given, right);
  };
  for (const [step, operation] of operations.entries()) {
    const slot = slots[step];
    if (operation === 0) {
      expectFind(gfns[step], slot, step);
      continue;
    }
    if (operation === 1) index.insert(slot!);
    else index.erase(slot!);
    size += operation === 1 ? 1 : -1;
    for (const gfn of [slot!.baseGfn, endGfn(slot!) - 1]) {
      expectFind(gfn, operation === 1 ? slot : null, step);
    }
    if (index.size === size) continue;
    throw new WrongAnswer(
      `${name} has ${index.size} slots ${whenInLog(script, step)}: the oracle has ${size}`,
    );
  }
  index.checkInvariants();
}

/** A gfn, what holds it, and when it was asked for. */
type Asked = readonly [gfn: Gfn, right: Memslot | null, when: string];

/** A call that the map of the VM answered otherwise. */
export function wrongCall(
  name: string,
  _index: MemslotIndex,
  { from }: CallsScript,
  step: number,
): WrongAnswer {
  return new WrongAnswer(`${name} went wrong in call ${from[step]} of the script`);
}

/**
 * Makes up to `most` changes, an even number, untimed, and looks after each half step at both ends of
 * the place that changed. `WrongAnswer` with the first wrong answer.
 */
export function checkChanges(
  name: string,
  index: MemslotIndex,
  script: ChurnScript | ChurnFindScript,
  most: number,
): void {
  for (let step = 0; step < Math.min(most, script.length); step++) {
    const before = script.before[step], after = script.after[step];
    const expectFind = ([gfn, right, when]: Asked) => {
      const given = index.find(gfn);
      if (given !== right) throw unlike(name, `find(${hex(gfn)}) ${when}`, given, right);
    };
    index.erase(before);
    expectFind([before.baseGfn, null, `after erasing ${describe(before)}`]);
    index.insert(after);
    expectFind([after.baseGfn, after, `after inserting ${describe(after)}`]);
    expectFind([endGfn(after) - 1, after, `after inserting ${describe(after)}`]);
  }
  index.checkInvariants();
}

function unlike(name: string, what: string, given: unknown, right: Held | null): WrongAnswer {
  if (given === right) {
    return new WrongAnswer(
      `${name} gives a wrong answer as ${what}, and the right one when asked again`,
    );
  }
  const known = right === null ? [] : [guestSlot(right)];
  const is = answerWords(guestSlot(given), known, false),
    should = answerWords(known[0] ?? null, known);
  return new WrongAnswer(`${name} gives ${is} as ${what}, the oracle gives ${should}`);
}

/** A slot found by user memory has the slot of the guest in it. */
function guestSlot(given: unknown): Memslot {
  return ((given as HvaSlot | null | undefined)?.slot ?? given) as Memslot;
}
