/**
 * Eytzinger's layout: the ends in the order of a breadth-first walk of a perfect search tree, node
 * k's children at 2k and 2k + 1. The first steps of all searches share a few cache lines, and a step
 * is a sum. Find and start O(log n), next O(1), insert and erase O(n); 32 to 56 bytes a slot.
 *
 * Static: a change is made on sorted arrays, and the next lookup lays out the tree anew, O(n).
 *
 * Michael Eytzinger, in "Thesaurus principum hac aetate in Europa viventium" (1590), numbered
 * ancestors so; as a search layout in Khuong and Morin, "Array Layouts for Comparison-Based
 * Searching" (2017).
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

/** Eytzinger's layout over a sorted array; see the head of its file. */
export class Eytzinger implements MemslotIndex {
  // Parallel, ascending, the first `size` entries in use; all but #slots go on with NaN:
  // no comparison with it is true.
  // Typed arrays begin empty, not undefined, so that the engine knows their class.
  #bases: Float64Array = new Float64Array(0);
  #ends: Float64Array = new Float64Array(0);
  readonly #slots: Memslot[];
  /** The ends as a tree, from 1; as long as #ends, a power of two. Out of date where #isStale. */
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

  /** Throws unless arrays and tree agree and the slots ascend without overlap. O(n). */
  checkInvariants(): void {
    checkMemslots(this.#slots);
    const length = this.#bases.length;
    if (this.#ends.length !== length || this.#tree.length !== length || this.size >= length) {
      throw new Error(`${length} bases, ${this.#ends.length} ends, ${this.#tree.length} nodes`);
    }
    for (let i = 0; i < length; i++) {
      const slot = i < this.size ? this.#slots[i] : null;
      const base = slot === null ? NaN : slot.baseGfn;
      const end = slot === null ? NaN : endGfn(slot);
      if (!Object.is(this.#bases[i], base) || !Object.is(this.#ends[i], end)) {
        throw new Error(`Entry ${i} holds [${this.#bases[i]}, ${this.#ends[i]})`);
      }
      if (slot !== null && !this.#isStale && rank(this.#tree, end - 1) !== i) {
        throw new Error(`The tree does not lead to entry ${i}`);
      }
    }
  }

  #layOut(): void {
    const tree = this.#tree, ends = this.#ends, length = tree.length;
    // In the order of the keys, every other node is a leaf, every other of the rest a leaf's parent,
    // and so on: the level shows in the trailing zeros of the rank, counted from 1.
    for (let rank = 1; rank < length; rank++) {
      const low = rank & -rank; // 1 for a leaf
      tree[(length + rank) / (2 * low) | 0] = ends[rank - 1];
    }
    this.#isStale = false;
  }
}

class EytzingerIter implements MemslotIter {
  #at = 0; // not undefined until the constructor: the engine then knows it as an integer
  readonly #bases: Float64Array;
  readonly #tree: Float64Array;
  readonly #slots: readonly Memslot[];

  constructor(bases: Float64Array, tree: Float64Array, slots: readonly Memslot[]) {
    this.#bases = bases;
    this.#tree = tree;
    this.#slots = slots;
    this.#at = slots.length;
  }

  // Not a field, which start and next would have to write, each time through a write barrier.
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
 * The number of keys in the tree that are not greater than `gfn`: as the tree is perfect, that is
 * the number of the gap between its leaves where the search falls out, counted from the left.
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
