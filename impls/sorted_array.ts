/**
 * Sorted array and binary search: the baseline. Bases and ends lie in typed arrays beside the
 * slots, so that a search touches no slot object. Find and start O(log n), next O(1), insert and
 * erase O(n) moves; 24 bytes a slot.
 *
 * Used by rust-vmm's vm-memory (and so Firecracker and Cloud Hypervisor), VirtualBox >= 7.1,
 * QEMU's FlatView, and Linux KVM up to 5.16.
 */
import {
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
  // Parallel, ascending, the first `size` entries in use; #bases goes on with NaN, once at least:
  // no comparison with it is true, not even for a gfn of Infinity.
  // Typed arrays begin empty, not undefined, so that the engine knows their class.
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
    // A plain loop: splice on a long-lived array of objects is several times slower.
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
    this.#bases.copyWithin(at, at + 1, size + 1); // with the first NaN
    this.#ends.copyWithin(at, at + 1, size);
    for (let i = at + 1; i < size; i++) slots[i - 1] = slots[i];
    slots.pop();
  }

  /** The slot that holds `gfn`, or null. O(log n). */
  find(gfn: Gfn): Memslot | null {
    // Ends ascend as bases do: the first slot that ends after gfn is the only one that can hold it.
    const at = upperBound(this.#ends, gfn, this.#slots.length);
    return this.#bases[at] <= gfn ? this.#slots[at] : null;
  }

  /** A cursor; `start` is O(log n), `next` O(1). */
  iter(): MemslotIter {
    return new SortedArrayIter(this.#bases, this.#ends, this.#slots);
  }

  /** Throws unless the three arrays agree, ascend without overlap and end in NaN. O(n). */
  checkInvariants(): void {
    checkMemslots(this.#slots);
    this.#slots.forEach((slot, i) => {
      if (this.#bases[i] !== slot.baseGfn || this.#ends[i] !== endGfn(slot)) {
        throw new Error(`Entry ${i} holds [${this.#bases[i]}, ${this.#ends[i]}) for ${slot.id}`);
      }
    });
    const rest = this.#bases.subarray(this.size);
    if (rest.length === 0 || !rest.every(Number.isNaN)) {
      throw new Error(`Bases go on with ${rest}, not with NaN`);
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
  #at = 0; // not undefined until the constructor: the engine then knows it as an integer
  readonly #bases: Float64Array;
  readonly #ends: Float64Array;
  readonly #slots: readonly Memslot[];

  constructor(bases: Float64Array, ends: Float64Array, slots: readonly Memslot[]) {
    this.#bases = bases;
    this.#ends = ends;
    this.#slots = slots;
    this.#at = slots.length;
  }

  // Not a field, which start and next would have to write, each time through a write barrier.
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
