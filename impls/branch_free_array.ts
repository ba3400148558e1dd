/**
 * Sorted array with a binary search without branches: the search takes every step, and a comparison
 * that holds adds the step's length, so there is no branch to mispredict. Find and start O(log n),
 * next O(1), insert and erase O(n) moves; 24 to 40 bytes a slot, as the arrays' length is a power of
 * two.
 *
 * Known from Knuth (TAOCP 3, 6.2.1, "uniform binary search") and Bentley's Programming Pearls; the
 * form is that of Khuong and Morin, "Array Layouts for Comparison-Based Searching" (2017).
 *
 * Invariants:
 *  1) slots ascend without overlap;
 *  2) #bases[i] and #ends[i] are the bounds of #slots[i], and NaN past the last slot, in at
 *     least one entry;
 *  3) #bases and #ends have the same length, a power of two.
 */
import {
  checkEntry,
  checkMemslot,
  checkMemslots,
  endGfn,
  type Gfn,
  type Memslot,
  missingError,
  overlapError,
} from "./memslot.ts";
import type { MemslotIndex, MemslotIter, ValidMemslotIter } from "./memslot_index.ts";

/** Sorted array with a branch-free search; see the head of its file. */
export class BranchFreeArray implements MemslotIndex {
  #bases: Float64Array = new Float64Array(0);
  #ends: Float64Array = new Float64Array(0);
  readonly #slots: Memslot[];

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    this.#slots = slots.slice();
    const capacity = 2 ** Math.max(3, Math.ceil(Math.log2(slots.length + 1)));
    this.#bases = padded(slots.map((slot) => slot.baseGfn), capacity);
    this.#ends = padded(slots.map(endGfn), capacity);
  }

  /** The number of slots. */
  get size(): number {
    return this.#slots.length;
  }

  /** Adds a slot. O(n). */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const slots = this.#slots, size = slots.length, end = endGfn(slot);
    const at = upperBound(this.#ends, slot.baseGfn);
    if (this.#bases[at] < end) throw overlapError(slot, slots[at]);
    if (size + 1 === this.#bases.length) {
      this.#bases = padded(this.#bases, this.#bases.length * 2);
      this.#ends = padded(this.#ends, this.#ends.length * 2);
    }
    this.#bases.copyWithin(at + 1, at, size);
    this.#ends.copyWithin(at + 1, at, size);
    this.#bases[at] = slot.baseGfn;
    this.#ends[at] = end;
    slots.push(slot);
    for (let i = size; i > at; i--) slots[i] = slots[i - 1];
    slots[at] = slot;
  }

  /** Removes the slot that begins where `slot` does. O(n). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const slots = this.#slots, size = slots.length;
    const at = upperBound(this.#ends, slot.baseGfn);
    if (this.#bases[at] !== slot.baseGfn) throw missingError(slot);
    this.#bases.copyWithin(at, at + 1, size + 1); // with the first NaN
    this.#ends.copyWithin(at, at + 1, size + 1);
    for (let i = at + 1; i < size; i++) slots[i - 1] = slots[i];
    slots.pop();
  }

  /** The slot that holds `gfn`, or null. O(log n). */
  find(gfn: Gfn): Memslot | null {
    const at = upperBound(this.#ends, gfn);
    return this.#bases[at] <= gfn ? this.#slots[at] : null;
  }

  /** A cursor; `start` is O(log n), `next` O(1). */
  iter(): MemslotIter {
    return new BranchFreeArrayIter(this.#bases, this.#ends, this.#slots);
  }

  /** Throws unless 1) to 3) hold. O(n). */
  checkInvariants(): void {
    checkMemslots(this.#slots);
    const length = this.#bases.length;
    if (
      this.#ends.length !== length || this.size >= length || !Number.isInteger(Math.log2(length))
    ) {
      throw new Error(
        `Bases and ends must have one length, a power of two above ${this.size}, by 3): ` +
          `found ${length} and ${this.#ends.length}`,
      );
    }
    for (let i = 0; i < length; i++) {
      checkEntry(i, this.#slots[i] ?? null, this.#bases[i], this.#ends[i]);
    }
  }
}

class BranchFreeArrayIter implements MemslotIter {
  #at = 0;
  readonly #bases: Float64Array;
  readonly #ends: Float64Array;
  readonly #slots: readonly Memslot[];

  constructor(bases: Float64Array, ends: Float64Array, slots: readonly Memslot[]) {
    this.#bases = bases;
    this.#ends = ends;
    this.#slots = slots;
    this.#at = slots.length;
  }

  get slot(): Memslot | null {
    const at = this.#at;
    return at < this.#slots.length ? this.#slots[at] : null;
  }

  start(startGfn: Gfn): void {
    this.#at = upperBound(this.#ends, startGfn);
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    this.#at++;
  }
}

function padded(keys: ArrayLike<Gfn>, capacity: number): Float64Array {
  const out = new Float64Array(capacity).fill(NaN);
  out.set(keys);
  return out;
}

/**
 * The number of `keys` that are not greater than `gfn`. `keys` is 2^k long and ends in NaN.
 *
 * Invariant of the loop and of each line: the answer lies in [at, at + 2 * step), which is inside
 * the array; the key at + step - 1 tells in which half. The last steps are unrolled, which is worth
 * 20 % at 509 slots. With all steps unrolled V8 no longer inlines this function, which costs 4 ns.
 */
function upperBound(keys: Float64Array, gfn: Gfn): number {
  const length = keys.length;
  let at = 0;
  for (let step = length >>> 1; step > 256; step >>>= 1) {
    at += step & -(+(keys[at + step - 1] <= gfn));
  }
  if (length > 256) at += +(keys[at + 255] <= gfn) << 8;
  if (length > 128) at += +(keys[at + 127] <= gfn) << 7;
  if (length > 64) at += +(keys[at + 63] <= gfn) << 6;
  if (length > 32) at += +(keys[at + 31] <= gfn) << 5;
  if (length > 16) at += +(keys[at + 15] <= gfn) << 4;
  if (length > 8) at += +(keys[at + 7] <= gfn) << 3;
  if (length > 4) at += +(keys[at + 3] <= gfn) << 2;
  if (length > 2) at += +(keys[at + 1] <= gfn) << 1;
  return at + +(keys[at] <= gfn);
}
