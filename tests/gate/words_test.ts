import { assertEquals } from "@std/assert";
import { answerWords, thrownWords } from "../../bench/gate/words.ts";
import { memslot } from "../../impls/memslot.ts";

const throws = () => {
  throw new Error("no words");
};
/** An object of which every use throws. */
const HOSTILE = new Proxy({}, {
  get: throws,
  has: throws,
  getPrototypeOf: throws,
  ownKeys: throws,
});

Deno.test("thrownWords: whatever is thrown is told in one line", () => {
  const rows: readonly (readonly [unknown, string])[] = [
    [
      new RangeError("Cannot insert slot 1\n  as it overlaps"),
      "RangeError: Cannot insert slot 1 as it overlaps",
    ],
    ["text\x1b[2J\u202e", "text [2J"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [{ toString: throws }, "something that has no words"],
    [Object.create(null), "something that has no words"],
    [HOSTILE, "something that has no words"],
    [Object.defineProperty(new Error(), "message", { get: throws }), "something that has no words"],
    [Object.assign(new Error(), { message: Symbol("m") }), "Error: Symbol(m)"],
    [new Error("x".repeat(1e6)), `Error: ${"x".repeat(493)} ...`],
  ];
  for (const [thrown, words] of rows) assertEquals(thrownWords(thrown), words);
});

Deno.test("answerWords: a slot, a copy, a promise and undefined are told apart", () => {
  const slot = memslot(3, 16, 4),
    moved = memslot(5, 64, 1),
    known = [slot, memslot(5, 32, 1), moved];
  const rows: readonly (readonly [unknown, string])[] = [
    [null, "nothing"],
    [undefined, "undefined"],
    [slot, "slot 3"],
    [moved, "slot 5 [0x40, 0x41)"],
    [{ ...slot }, "a copy of slot 3"],
    [{ ...slot, npages: 5 }, "slot 3 [0x10, 0x15), which it was not given"],
    [Promise.resolve(slot), "a promise"],
    [{ then: () => {} }, "a promise"],
    [5, "the number 5"],
    ["slot", "the string slot"],
    [true, "the boolean true"],
    [throws, "a function"],
    [[slot], "an object that is no slot"],
    [HOSTILE, "an object that has no words"],
  ];
  for (const [given, words] of rows) assertEquals(answerWords(given, known), words);
});
