/**
 * The form of `radix_chunks` for up to 14 slots, and for one more until the form changes: one sorted
 * array, searched in two rounds of three comparisons, without a branch from the gfn to the answer. All
 * operations O(1), of up to 14 moves; 408 bytes.
 *
 * A class of its own, as V8 compiles a loop of lookups into less code where nothing else can happen:
 * a test for the form in a shared `find` costs 1.1 ns of 5.
 *
 * Entries 1, 2, 3 ... are the slots, ascending. Invariants:
 *  1) #bases and #ends have the bounds of #slots, and NaN where there is none, with which no
 *     comparison is true;
 *  2) entry 0 has no slot, and its end is -Infinity; entry 16 has no slot.
 */
import { checkEntry, checkMemslots, checkSize, endGfn, type Gfn } from "../memslot.ts";
import { type Memslot, missingError, overlapError } from "../memslot.ts";
import type { MemslotIter, ValidMemslotIter } from "../memslot_index.ts";
import type { Limits, Pool } from "./pool.ts";

/** Entries: one before the slots, 15 of slots, one past them. */
const ENTRIES = 17;

/** Up to 15 slots in one sorted array; see the head of its file. */
export class FlatPool implements Pool {
  readonly least = 0;
  readonly most: number;
  #size = 0;
  readonly #bases: Float64Array = new Float64Array(ENTRIES).fill(NaN);
  readonly #ends: Float64Array = new Float64Array(ENTRIES).fill(NaN);
  readonly #slots: (Memslot | null)[] = new Array(ENTRIES).fill(null);

  /** `slots` are ascending, well formed, and at most `limits.flat`. */
  constructor(slots: readonly Memslot[], { flat }: Limits) {
    this.most = flat;
    this.#ends[0] = -Infinity;
    for (const slot of slots) this.#put(++this.#size, slot);
  }

  get size(): number {
    return this.#size;
  }

  get slots(): Memslot[] {
    return this.#slots.slice(1, this.#size + 1) as Memslot[];
  }

  get bytes(): number {
    return 24 * ENTRIES;
  }

  find(gfn: Gfn): Memslot | null {
    const at = locate(this.#ends, gfn);
    // Entry 0, which is null, unless the slot begins at or below gfn.
    return this.#slots[at & -(+(this.#bases[at] <= gfn))];
  }

  insert(slot: Memslot): void {
    const at = locate(this.#ends, slot.baseGfn);
    if (this.#bases[at] < endGfn(slot)) throw overlapError(slot, this.#slots[at]!);
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    for (let i = ++this.#size; i > at; i--) {
      bases[i] = bases[i - 1];
      ends[i] = ends[i - 1];
      slots[i] = slots[i - 1];
    }
    this.#put(at, slot);
  }

  erase(slot: Memslot): void {
    const at = locate(this.#ends, slot.baseGfn);
    if (this.#bases[at] !== slot.baseGfn) throw missingError(slot);
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    for (let i = at; i < this.#size; i++) {
      bases[i] = bases[i + 1];
      ends[i] = ends[i + 1];
      slots[i] = slots[i + 1];
    }
    bases[this.#size] = ends[this.#size] = NaN;
    slots[this.#size--] = null;
  }

  iter(): MemslotIter {
    return new FlatCursor(this.#bases, this.#ends, this.#slots);
  }

  checkInvariants(): void {
    checkMemslots(this.slots);
    checkSize(this.#size, this.#slots.filter((slot) => slot !== null).length);
    if (this.#slots[0] !== null || this.#ends[0] !== -Infinity) {
      throw new Error(`Entry 0 must have no slot and end -Infinity, by 2): found ${this.#ends[0]}`);
    }
    for (let at = 1; at < ENTRIES; at++) {
      checkEntry(at, this.#slots[at], this.#bases[at], this.#ends[at]);
    }
  }

  #put(at: number, slot: Memslot): void {
    this.#bases[at] = slot.baseGfn;
    this.#ends[at] = endGfn(slot);
    this.#slots[at] = slot;
  }
}

class FlatCursor implements MemslotIter {
  #at = ENTRIES - 1;
  readonly #bases: Float64Array;
  readonly #ends: Float64Array;
  readonly #slots: readonly (Memslot | null)[];

  constructor(bases: Float64Array, ends: Float64Array, slots: readonly (Memslot | null)[]) {
    this.#bases = bases;
    this.#ends = ends;
    this.#slots = slots;
  }

  get slot(): Memslot | null {
    return this.#slots[this.#at];
  }

  start(startGfn: Gfn): void {
    this.#at = locate(this.#ends, startGfn);
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    this.#at++;
  }
}

/** The first entry that ends after `gfn`: of a slot, or past them. */
function locate(ends: Float64Array, gfn: Gfn): number {
  const at = 1 + ((+(ends[4] <= gfn) + +(ends[8] <= gfn) + +(ends[12] <= gfn)) << 2);
  return at + +(ends[at] <= gfn) + +(ends[at + 1] <= gfn) + +(ends[at + 2] <= gfn);
}
