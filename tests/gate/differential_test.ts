import { assert, assertEquals, assertMatch } from "@std/assert";
import { emptyTally, findFault } from "../../bench/gate/differential.ts";
import { ACTIONS } from "../../bench/gate/player.ts";
import { CONTENDERS } from "../../bench/race/contenders.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import type { Memslot } from "../../impls/memslot.ts";
import { BROKEN, brokenIndex } from "../support/broken_indexes.ts";
import { SEED as seed } from "../support/right.ts";

/** Of what a gate must find, and say: a search by chance misses it at some seeds. */
const found = Number(Deno.env.get("SEED") ?? 1);

/** As many as the race's gate tries. */
const histories = 250;

for (const { name, create } of CONTENDERS) {
  Deno.test(`findFault: ${name} is right (SEED=${seed})`, () => {
    const tally = emptyTally();
    assertEquals(findFault(create, { seed, histories, tally }), null);
    assertEquals(tally.histories, histories);
    for (const action of ACTIONS) assert(tally.actions[action]! > 50, `${action} is too rare`);
  });
}

Deno.test("findFault: the right version of the broken indexes is right", () => {
  assertEquals(findFault((slots) => brokenIndex(slots), { seed, histories }), null);
});

/** What takes many slots, and so more histories: of 250 one in ten misses it. */
const RARE = new Map([["loses its 1025th insert", 1000]]);

for (const [name, mistake] of Object.entries(BROKEN)) {
  Deno.test(`findFault: an index that ${name} is caught (SEED=${found})`, () => {
    const fault = findFault((slots) => brokenIndex(slots, mistake), {
      seed: found,
      histories: RARE.get(name) ?? histories,
      shortenMs: 100,
    });
    assert(fault !== null);
    assert(fault.words.length < 1500, fault.words);
  });
}

/** What is said of some of them. */
const WORDS: readonly (readonly [string, RegExp])[] = [
  ["finds a copy", /find\(0x\w+\) should give slot 1 but gave a copy of slot 1$/],
  ["finds undefined in a hole", /should give nothing but gave undefined$/],
  ["finds asynchronously", /should give nothing but gave a promise$/],
  ["does not find -0", /find\(-0\) should give slot 1 but gave nothing$/],
  ["throws in a hole", /^on an empty index, find\(0x0\) threw RangeError: a hole$/],
  [
    "inserts what overlaps",
    /, trying to insert slot \d \[.*\), which overlaps slot 1 .*, should throw a RangeError but did/,
  ],
  ["inserts asynchronously", /inserting slot 1 .* should be done when it returns but gave a pr/],
  ["erases asynchronously", /erasing slot 1 .* should be done when it returns but gave a promise$/],
  ["is silent where erase finds nothing", /, trying to erase .* should throw a RangeError but did/],
  ["throws a TypeError where erase finds nothing", /RangeError but threw TypeError: no such slot$/],
  ["overflows the stack where erase finds nothing", /threw RangeError: Maximum call stack size/],
  ["has inserted before it refuses", /^after trying to insert \{.*\}, size should be 0 but is 1$/],
  ["reverses the caller's array", /, the index has changed the array that it was created from$/],
  ["reverses the array that it refuses", /^.* has changed the array that it was given$/],
  ["keeps the caller's array", /changed the array that it was created from$|emptying the array/],
  ["freezes the slots that it is given", /caller: slot 1, which cannot be changed any more$/],
  ["links slots by a property of theirs", /caller: slot 1, which has a property next$/],
  [
    "joins slots that touch",
    /, the index has changed a slot of the caller: slot 1, whose npages was 1 and is 2$/,
  ],
  [
    "marks the slots that it erases",
    /erasing slot 1 .*, the index has .* whose npages was 1 and is 0$/,
  ],
  ["checks nothing when it is created", /creating another index with .*, although .* but did not$/],
  ["shares its slots with other instances", /^after .*\bcreating B\b.*, .*\b[AB]\b/],
  ["counts when it is asked for a slot", /, size should be 1 but is 0$/],
  ["has a size in words", /size should be 0 but is the string 0$/],
  ["has one cursor for all", /, the slot of a fresh cursor should be nothing but is slot 1$/],
  ["says null for not valid", /isValid on range \[.*\) should be false but is null$/],
  ["finds itself wrong later", /checkInvariants\(\) should be done when it returns but gave a/],
  ["finds nothing among 21 slots and more", /with 21 slots, slot 1 \[0x0, 0x1\), /],
  ["finds nothing among 6 slots, and 41", /with 6 slots, slot 1 \[0x\d, 0x\d\), /],
];

for (const [name, words] of WORDS) {
  Deno.test(`findFault: an index that ${name} is told so (SEED=${found})`, () => {
    const create = (slots: readonly Memslot[]) => brokenIndex(slots, BROKEN[name]);
    assertMatch(findFault(create, { seed: found, histories })?.words ?? "", words);
  });
}

Deno.test("findFault: the same seed gives the same words", () => {
  const create = (slots: readonly Memslot[]) =>
    brokenIndex(slots, BROKEN["finds what it has erased"]);
  const [first, second] = [0, 1].map(() => findFault(create, { seed: 1, histories }));
  assert(first !== null);
  assertEquals(second, first);
});

Deno.test("findFault: whatever an index throws is told", () => {
  for (const thrown of [null, undefined, Symbol("s"), Object.create(null), new Proxy({}, {})]) {
    class Throws extends LinearScan {
      override find(): never {
        throw thrown;
      }
    }
    const fault = findFault((slots) => new Throws(slots), { seed, histories });
    assertEquals(fault?.kind, "threw");
    assertMatch(fault?.words ?? "", /^on an empty index, find\(0x0\) threw /);
  }
});

Deno.test("findFault: a listener hears of each call before it is made", () => {
  const heard: string[] = [];
  class Stops extends LinearScan {
    override erase(slot: Memslot): void {
      super.erase(slot);
      throw new Error(heard.at(-1));
    }
  }
  const listener = (words: string) => void heard.push(words);
  const fault = findFault((slots) => new Stops(slots), { seed, histories, listener, shortenMs: 0 });
  assertMatch(fault?.words ?? "", /erasing .* threw Error: (after|on an empty index).* erasing /);
});
