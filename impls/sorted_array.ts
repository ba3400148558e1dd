/**
 * Sorted array with binary search: the baseline of the race and the example for a new index. Bases
 * and ends lie in typed arrays beside the slots, so a search touches no slot object. Find and start
 * O(log n), next O(1), insert and erase O(n) moves; 24 bytes a slot.
 *
 * Used by rust-vmm's vm-memory (and so Firecracker and Cloud Hypervisor), VirtualBox >= 7.1,
 * QEMU's FlatView, and Linux KVM up to 5.16. For the reasons behind its form see "How to write an
 * index" in memslot_index.ts.
 *
 * Invariants:
 *  1) slots ascend without overlap;
 *  2) #bases[i] and #ends[i] are the bounds of #slots[i];
 *  3) all later entries of #bases, at least one, are NaN.
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

/** Sorted array with binary search; see the head of its file. */
export class SortedArray implements MemslotIndex {
  #bases: Float64Array = new Float64Array(0);
  #ends: Float64Array = new Float64Array(0);
  #slots: Memslot[];

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    this.#slots = slots.slice();
    this.#bases = new Float64Array(slots.length + 1).fill(NaN);
    this.#ends = new Float64Array(slots.length + 1);
    slots.forEach((slot, i) => {
      this.#bases[i] = slot.baseGfn;
      this.#ends[i] = endGfn(slot);
    });
  }

  /** The number of slots. */
  get size(): number {
    return this.#slots.length;
  }

  /** Adds a slot. O(n). */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const slots = this.#slots, size = slots.length, end = endGfn(slot);
    const at = upperBound(this.#ends, slot.baseGfn, size);
    if (this.#bases[at] < end) throw overlapError(slot, slots[at]);
    if (size + 1 === this.#bases.length) this.#grow();
    this.#bases.copyWithin(at + 1, at, size);
    this.#ends.copyWithin(at + 1, at, size);
    slots.push(slot);
    for (let i = size; i > at; i--) slots[i] = slots[i - 1];
    this.#bases[at] = slot.baseGfn;
    this.#ends[at] = end;
    slots[at] = slot;
  }

  /** Removes the slot that begins where `slot` does. O(n). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const slots = this.#slots, size = slots.length;
    const at = upperBound(this.#ends, slot.baseGfn, size);
    if (this.#bases[at] !== slot.baseGfn) throw missingError(slot);
    this.#bases.copyWithin(at, at + 1, size + 1); // with the first NaN, for 3)
    this.#ends.copyWithin(at, at + 1, size);
    for (let i = at + 1; i < size; i++) slots[i - 1] = slots[i];
    slots.pop();
  }

  /** The slot that holds `gfn`, or null. O(log n). */
  find(gfn: Gfn): Memslot | null {
    const at = upperBound(this.#ends, gfn, this.#slots.length);
    return this.#bases[at] <= gfn ? this.#slots[at] : null;
  }

  /** A cursor; `start` is O(log n), `next` O(1). */
  iter(): MemslotIter {
    return new SortedArrayIter(this.#bases, this.#ends, this.#slots);
  }

  /** Throws unless 1) to 3) hold. O(n). */
  checkInvariants(): void {
    checkMemslots(this.#slots);
    this.#slots.forEach((slot, i) => checkEntry(i, slot, this.#bases[i], this.#ends[i]));
    const rest = this.#bases.subarray(this.size);
    if (rest.length === 0 || !rest.every(Number.isNaN)) {
      throw new Error(`Bases past entry ${this.size - 1} must be NaN, by 3): found [${rest}]`);
    }
  }

  #grow(): void {
    const capacity = Math.max(8, this.#bases.length * 2);
    const bases = new Float64Array(capacity).fill(NaN), ends = new Float64Array(capacity);
    bases.set(this.#bases);
    ends.set(this.#ends);
    this.#bases = bases;
    this.#ends = ends;
  }
}

class SortedArrayIter implements MemslotIter {
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
    this.#at = upperBound(this.#ends, startGfn, this.#slots.length);
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    this.#at++;
  }
}

/** The first of the `size` ascending `keys` that is greater than `gfn`. */
function upperBound(keys: Float64Array, gfn: Gfn, size: number): number {
  let low = 0, high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle] > gfn) high = middle;
    else low = middle + 1;
  }
  return low;
}
