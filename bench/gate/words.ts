/**
 * Words for what the code of a contender gave or threw, which may be anything: a proxy, an object of
 * which every property throws, a message of a gigabyte.
 */
import { describe, type Memslot } from "../../impls/memslot.ts";

/** Characters that a message is cut to. */
const MOST_CHARACTERS = 500;

/** What was thrown, in one line: `RangeError: Cannot insert ...`. Never throws itself. */
export function thrownWords(error: unknown): string {
  return safely("something that has no words", () => {
    return error instanceof Error
      ? `${String(error.name)}: ${String(error.message)}`
      : String(error);
  });
}

/**
 * What was given where a slot or null was asked for: `nothing` is null, `slot 3` the very object of
 * `known` with that id. Another slot is named by its run, and with `isAll` as one that the index was
 * never given. Never throws itself.
 */
export function answerWords(given: unknown, known: readonly Memslot[], isAll = true): string {
  if (given === null) return "nothing";
  if (given === undefined) return "undefined";
  return safely("an object that has no words", () => {
    if (typeof given === "function") return "a function";
    if (typeof given !== "object") return `the ${typeof given} ${String(given)}`;
    const slot = given as Memslot;
    if (known.includes(slot)) return slotWords(slot, known);
    if (isPromise(given)) return "a promise";
    const twin = known.find((other) => isAlike(slot, other));
    if (twin !== undefined) return `a copy of ${slotWords(twin, known)}`;
    if (!("baseGfn" in given)) return "an object that is no slot";
    return describe(slot) + (isAll ? ", which it was not given" : "");
  });
}

/** What was handed out one after the other: of more than four, the first ones and how many more. */
export function answersWords(given: readonly unknown[], known: readonly Memslot[]): string {
  if (given.length === 0) return "nothing";
  const words = given.slice(0, 4).map((each) => each === null ? "null" : answerWords(each, known));
  return words.join(", ") + (given.length > 4 ? ` and ${given.length - 4} more` : "");
}

/** Whether `value` looks like what an asynchronous function returns. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  try {
    return typeof (value as PromiseLike<unknown> | null)?.then === "function";
  } catch {
    return false;
  }
}

/** By its id, and where others of `known` have it as well, by its run. */
function slotWords(slot: Memslot, known: readonly Memslot[]): string {
  const isAlone = known.every((other) => other === slot || other.id !== slot.id);
  return isAlone ? `slot ${slot.id}` : describe(slot);
}

function isAlike(a: Memslot, b: Memslot): boolean {
  return a.id === b.id && a.baseGfn === b.baseGfn && a.npages === b.npages;
}

/** The words that `tell` finds, in one line without control characters, or else `otherwise`. */
function safely(otherwise: string, tell: () => string): string {
  try {
    const words = tell(), start = words.slice(0, MOST_CHARACTERS);
    const line = start.replace(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, " ").trim();
    return start.length < words.length ? `${line} ...` : line;
  } catch {
    return otherwise;
  }
}
