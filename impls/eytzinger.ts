/**
 * Eytzinger layout: the ends in the order of a breadth-first walk of a perfect search tree, node k's
 * children at 2k and 2k + 1. The first steps of all searches share a few cache lines, and a step is
 * an addition without a branch. Find and start O(log n), next O(1), insert and erase O(n); 32 to 56
 * bytes a slot.
 *
 * Static: a change goes to sorted arrays, and the next lookup rebuilds the tree, O(n).
 *
 * Michael Eytzinger numbered ancestors this way in "Thesaurus principum hac aetate in Europa
 * viventium" (1590); as a search layout in Khuong and Morin, "Array Layouts for Comparison-Based
 * Searching" (2017).
 *
 * Invariants:
 *  1) slots ascend without overlap;
 *  2) #bases[i] and #ends[i] are the bounds of #slots[i], and NaN past the last slot, in at
 *     least one entry;
 *  3) #bases, #ends and #tree have the same length, a power of two;
 *  4) unless #isStale, #tree holds the ends as nodes 1, 2, 3 ... of the tree.
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

/** Eytzinger's layout over a sorted array; see the head of its file. */
export class Eytzinger implements MemslotIndex {
  #bases: Float64Array = new Float64Array(0);
  #ends: Float64Array = new Float64Array(0);
  readonly #slots: Memslot[];
  #tree: Float64Array = new Float64Array(0);
  #isStale = true;

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    this.#slots = slots.slice();
    const capacity = 2 ** Math.max(3, Math.ceil(Math.log2(slots.length + 1)));
    this.#bases = padded(slots.map((slot) => slot.baseGfn), capacity);
    this.#ends = padded(slots.map(endGfn), capacity);
    this.#tree = new Float64Array(capacity);
    this.#layOut();
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
    if (size + 1 === this.#bases.length) {
      this.#bases = padded(this.#bases, this.#bases.length * 2);
      this.#ends = padded(this.#ends, this.#ends.length * 2);
      this.#tree = new Float64Array(this.#ends.length);
    }
    this.#bases.copyWithin(at + 1, at, size);
    this.#ends.copyWithin(at + 1, at, size);
    this.#bases[at] = slot.baseGfn;
    this.#ends[at] = end;
    slots.push(slot);
    for (let i = size; i > at; i--) slots[i] = slots[i - 1];
    slots[at] = slot;
    this.#isStale = true;
  }

  /** Removes the slot that begins where `slot` does. O(n). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const slots = this.#slots, size = slots.length;
    const at = upperBound(this.#ends, slot.baseGfn, size);
    if (this.#bases[at] !== slot.baseGfn) throw missingError(slot);
    this.#bases.copyWithin(at, at + 1, size + 1); // with the first NaN
    this.#ends.copyWithin(at, at + 1, size + 1);
    for (let i = at + 1; i < size; i++) slots[i - 1] = slots[i];
    slots.pop();
    this.#isStale = true;
  }

  /** The slot that holds `gfn`, or null. O(log n); O(n) after a change. */
  find(gfn: Gfn): Memslot | null {
    if (this.#isStale) this.#layOut();
    const at = rank(this.#tree, gfn);
    return this.#bases[at] <= gfn ? this.#slots[at] : null;
  }

  /** A cursor; `start` is O(log n), `next` O(1). O(n) after a change. */
  iter(): MemslotIter {
    if (this.#isStale) this.#layOut();
    return new EytzingerIter(this.#bases, this.#tree, this.#slots);
  }

  /** Throws unless 1) to 4) hold. O(n log n). */
  checkInvariants(): void {
    checkMemslots(this.#slots);
    const length = this.#bases.length;
    if (this.#ends.length !== length || this.#tree.length !== length || this.size >= length) {
      throw new Error(
        `Bases, ends and tree must have one length above ${this.size}, by 3): ` +
          `found ${length}, ${this.#ends.length} and ${this.#tree.length}`,
      );
    }
    for (let i = 0; i < length; i++) {
      checkEntry(i, this.#slots[i] ?? null, this.#bases[i], this.#ends[i]);
      if (this.#isStale || i >= this.size) continue;
      const found = rank(this.#tree, this.#ends[i] - 1);
      if (found !== i) {
        throw new Error(`The tree must lead from end ${i} to entry ${i}, by 4): found ${found}`);
      }
    }
  }

  #layOut(): void {
    const tree = this.#tree, ends = this.#ends, length = tree.length;
    // In ascending order of keys, every second node is a leaf, every second of the others the parent
    // of leaves, and so on: the trailing zeros of the rank, counted from 1, give the level.
    for (let rank = 1; rank < length; rank++) {
      const low = rank & -rank; // 1 for a leaf
      tree[(length + rank) / (2 * low) | 0] = ends[rank - 1];
    }
    this.#isStale = false;
  }
}

class EytzingerIter implements MemslotIter {
  #at = 0;
  readonly #bases: Float64Array;
  readonly #tree: Float64Array;
  readonly #slots: readonly Memslot[];

  constructor(bases: Float64Array, tree: Float64Array, slots: readonly Memslot[]) {
    this.#bases = bases;
    this.#tree = tree;
    this.#slots = slots;
    this.#at = slots.length;
  }

  get slot(): Memslot | null {
    const at = this.#at;
    return at < this.#slots.length ? this.#slots[at] : null;
  }

  start(startGfn: Gfn): void {
    this.#at = rank(this.#tree, startGfn);
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    this.#at++;
  }
}

/**
 * The number of keys in the tree that are not greater than `gfn`. As the tree is perfect, this is the
 * number, counted from the left, of the gap between its leaves where the search ends.
 */
function rank(keys: Float64Array, gfn: Gfn): number {
  const length = keys.length;
  let node = 1;
  while (node < length) node = 2 * node + +(keys[node] <= gfn);
  return node - length;
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

function padded(keys: ArrayLike<Gfn>, capacity: number): Float64Array {
  const out = new Float64Array(capacity).fill(NaN);
  out.set(keys);
  return out;
}
