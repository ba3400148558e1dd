import type { HvaSlot } from "../../impls/hva/hva_index.ts";
import { describe, endGfn, hex, type Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import { answerWords } from "../gate/words.ts";
import type {
  ChurnScript,
  FindScript,
  RangeScript,
  Script,
  SerialScript,
} from "../workloads/script.ts";
import { ALL_RIGHT, type Replay } from "./replay.ts";

/** An index said something else than the oracle; no time of it may be shown. */
export class WrongAnswer extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "WrongAnswer";
}

/**
 * Replays the whole script, untimed, and throws a `WrongAnswer` with the first query that shows a
 * difference. A churn script is looked into after each half step, which its timed loop cannot do.
 * Up to `most` steps, an even number.
 */
export function checkReplay(
  name: string,
  index: MemslotIndex,
  script: Script,
  replay: Replay,
  most: number = script.length,
): void {
  if (script.kind === "calls") throw new TypeError("A script of calls is checked by its map");
  if (script.kind === "churn") return checkChurn(name, index, script, most);
  const step = replay(index, script, 0, Math.min(most, script.length));
  if (step !== ALL_RIGHT) throw wrongAnswer(name, index, script, step);
}

/** What is wrong with the answer of `index` to one step of `script`, in words. */
export function wrongAnswer(
  name: string,
  index: MemslotIndex,
  script: Script,
  step: number,
): WrongAnswer {
  switch (script.kind) {
    case "find":
    case "serial":
      return wrongFind(name, index, script, step);
    case "range":
      return wrongRange(name, index, script, step);
    case "calls":
      return new WrongAnswer(`${name} went wrong in call ${script.from[step]} of the script`);
    case "churn":
      return new WrongAnswer(
        `${name} has ${index.size} slots after change ${step}, moving ${
          describe(script.before[step])
        } to ${describe(script.after[step])}: a change of place keeps their number`,
      );
  }
}

function wrongFind(
  name: string,
  index: MemslotIndex,
  script: FindScript | SerialScript,
  step: number,
) {
  const gfn = script.gfns[step];
  return unlike(name, `find(${hex(gfn)})`, index.find(gfn), script.answers[step]);
}

function wrongRange(name: string, index: MemslotIndex, script: RangeScript, step: number) {
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

function checkChurn(name: string, index: MemslotIndex, script: ChurnScript, most: number): void {
  for (let step = 0; step < Math.min(most, script.length); step++) {
    const before = script.before[step], after = script.after[step];
    const expectFind = (gfn: number, right: Memslot | null, when: string) => {
      const given = index.find(gfn);
      if (given !== right) throw unlike(name, `find(${hex(gfn)}) ${when}`, given, right);
    };
    index.erase(before);
    expectFind(before.baseGfn, null, `after erasing ${describe(before)}`);
    index.insert(after);
    expectFind(after.baseGfn, after, `after inserting ${describe(after)}`);
    expectFind(endGfn(after) - 1, after, `after inserting ${describe(after)}`);
  }
  index.checkInvariants();
}

function unlike(name: string, what: string, given: unknown, right: Memslot | null) {
  const known = right === null ? [] : [guestSlot(right)];
  const is = answerWords(guestSlot(given), known, false),
    should = answerWords(known[0] ?? null, known);
  return new WrongAnswer(`${name} gives ${is} as ${what}, the oracle gives ${should}`);
}

/** A slot found by user memory has the slot of the guest in it. */
function guestSlot(given: unknown): Memslot {
  return ((given as HvaSlot | null | undefined)?.slot ?? given) as Memslot;
}
