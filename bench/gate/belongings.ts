/** What an index is given and must not change: the caller's arrays and slots, and copies of them. */
import type { Memslot } from "../../impls/memslot.ts";
import { copyOf, type Which } from "./history.ts";

/** An array that an index was created from, and what is to be in it. */
interface Lent {
  readonly array: Memslot[];
  readonly was: Memslot[];
}

/** Arrays up to this length are compared each time, longer ones at the end. */
const SHORT = 64;

/** The caller's arrays and slots. */
export class Belongings {
  readonly #arrays = new Map<Which, Lent>();
  readonly #slots = new Map<Memslot, Memslot>();

  /** Every object that an index was given for a slot. */
  get slots(): readonly Memslot[] {
    return [...this.#slots.keys()];
  }

  /** Keeps a copy of what an index is about to get for a slot. */
  lendSlot(slot: Memslot): void {
    if (!this.#slots.has(slot)) this.#slots.set(slot, copyOf(slot));
  }

  /** The array from which index `which` is about to be created; it has `slots` in it. */
  lendArray(which: Which, slots: readonly Memslot[]): Memslot[] {
    const array = slots.slice();
    slots.forEach((slot) => this.lendSlot(slot));
    this.#arrays.set(which, { array, was: slots.slice() });
    return array;
  }

  /** Empties the array from which index `which` was created, as a caller may. */
  emptyArray(which: Which): void {
    const { array, was } = this.#arrays.get(which)!;
    array.length = was.length = 0;
  }

  /** A slot as it was when an index first got it. */
  asLent(slot: Memslot): Memslot {
    return copyOf(this.#slots.get(slot) ?? slot);
  }

  /** Whether what a call on index `which` has to do with is changed: its array, if short, or `slot`. */
  isChanged(which: Which, slot: Memslot | null): boolean {
    const lent = this.#arrays.get(which);
    if (lent !== undefined && lent.was.length <= SHORT && !isSame(lent)) return true;
    return slot !== null && this.#slots.has(slot) &&
      changeOf(slot, this.#slots.get(slot)!) !== null;
  }

  /** What has been changed, or null; all is compared. */
  changedWords(): string | null {
    for (const lent of this.#arrays.values()) {
      if (!isSame(lent)) return "the index has changed the array that it was created from";
    }
    for (const [slot, copy] of this.#slots) {
      const words = changeOf(slot, copy);
      if (words !== null) {
        return `the index has changed a slot of the caller: slot ${copy.id}, ${words}`;
      }
    }
    return null;
  }
}

/** Whether an array still has in it what it had, and can still be changed. */
export function isSame({ array, was }: { array: readonly unknown[]; was: readonly unknown[] }) {
  return array.length === was.length && array.every((each, i) => each === was[i]) &&
    Object.isExtensible(array) && !Object.isFrozen(array);
}

/** What has become of an object that was like `copy`, or null. */
function changeOf(slot: Memslot, copy: Memslot): string | null {
  if (slot === copy) return null;
  try {
    if (!Object.isExtensible(slot)) return "which cannot be changed any more";
    const keys = Reflect.ownKeys(slot) as (keyof Memslot)[];
    const added = keys.find((key) => !Object.hasOwn(copy, key));
    if (added !== undefined) return `which has a property ${String(added)}`;
    const key = keys.find((key) => !Object.is(slot[key], copy[key]));
    if (key !== undefined) return `whose ${key} was ${copy[key]} and is ${String(slot[key])}`;
    return keys.length === Object.keys(copy).length ? null : "which lacks a property";
  } catch {
    return "which throws when it is read";
  }
}
