/**
 * Radix table: the span of all slots is cut into equal buckets, two to four for each slot, and a
 * table says which slot to start from in each. Find and start O(1) where slots are spread evenly,
 * O(log n) at worst, when a far outlier leaves all others in one bucket; next O(1), insert and erase
 * O(n); 28 bytes a slot as built.
 *
 * Static: a change is made on sorted arrays, and the next lookup fills the table anew, O(n).
 *
 * The idea of an interpolation search, with its arithmetic done once; RadixSpline (Kipf et al., 2020)
 * has such a table in front of its spline.
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

/** Radix table over a sorted array; see the head of its file. */
export class RadixTable implements MemslotIndex {
  readonly #slots: Memslot[];
  /** Base and end of each slot in turn, side by side for the cache; the rest, 2 at least, NaN. */
  #bounds: Float64Array = new Float64Array(0);

  // Out of date where #isStale: the first slot with an end in the bucket or in a later one, by
  // bucket, and for the bucket past the last. 16 bits where they do: find takes 0.85 of the time.
  // Begins empty, not undefined, as #bounds does: the engine then knows the class, worth 5 % of find.
  #table: Uint16Array | Int32Array = new Uint16Array(0);
  #origin: Gfn = 0;
  #bucketsPerGfn = 0;
  #isStale = true;

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    this.#slots = slots.slice();
    this.#bounds = new Float64Array(slots.length * 2 + 16).fill(NaN);
    slots.forEach((slot, i) => {
      this.#bounds[2 * i] = slot.baseGfn;
      this.#bounds[2 * i + 1] = endGfn(slot);
    });
    this.#fillTable();
  }

  /** The number of slots. */
  get size(): number {
    return this.#slots.length;
  }

  /** Adds a slot. O(n). */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const slots = this.#slots, size = slots.length, end = endGfn(slot);
    const at = upperBound(this.#bounds, 0, size, slot.baseGfn);
    if (this.#bounds[2 * at] < end) throw overlapError(slot, slots[at]);
    if (2 * size + 2 === this.#bounds.length) {
      const bounds = new Float64Array(size * 4).fill(NaN);
      bounds.set(this.#bounds);
      this.#bounds = bounds;
    }
    this.#bounds.copyWithin(2 * at + 2, 2 * at, 2 * size);
    this.#bounds[2 * at] = slot.baseGfn;
    this.#bounds[2 * at + 1] = end;
    slots.push(slot);
    for (let i = size; i > at; i--) slots[i] = slots[i - 1];
    slots[at] = slot;
    this.#isStale = true;
  }

  /** Removes the slot that begins where `slot` does. O(n). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const slots = this.#slots, size = slots.length;
    const at = upperBound(this.#bounds, 0, size, slot.baseGfn);
    if (this.#bounds[2 * at] !== slot.baseGfn) throw missingError(slot);
    this.#bounds.copyWithin(2 * at, 2 * at + 2, 2 * size + 2); // with the first two NaN
    for (let i = at + 1; i < size; i++) slots[i - 1] = slots[i];
    slots.pop();
    this.#isStale = true;
  }

  /** The slot that holds `gfn`, or null. O(1) to O(log n); O(n) after a change. */
  find(gfn: Gfn): Memslot | null {
    if (this.#isStale) this.#fillTable();
    const at = locate(this.#table, this.#bounds, this.#origin, this.#bucketsPerGfn, gfn);
    return this.#bounds[2 * at] <= gfn ? this.#slots[at] : null;
  }

  /** A cursor; `start` is O(1) to O(log n), `next` O(1). O(n) after a change. */
  iter(): MemslotIter {
    if (this.#isStale) this.#fillTable();
    return new RadixTableIter(
      this.#slots,
      this.#bounds,
      this.#table,
      this.#origin,
      this.#bucketsPerGfn,
    );
  }

  /** Throws unless array and table agree and the slots ascend without overlap. O(n log n). */
  checkInvariants(): void {
    checkMemslots(this.#slots);
    if (this.#bounds.length < 2 * this.size + 2) throw new Error("No NaN ends the bounds");
    for (let i = 0; 2 * i < this.#bounds.length; i++) {
      const slot = i < this.size ? this.#slots[i] : null;
      const base = slot === null ? NaN : slot.baseGfn;
      const end = slot === null ? NaN : endGfn(slot);
      if (!Object.is(this.#bounds[2 * i], base) || !Object.is(this.#bounds[2 * i + 1], end)) {
        throw new Error(`Entry ${i} holds [${this.#bounds[2 * i]}, ${this.#bounds[2 * i + 1]})`);
      }
    }
    if (this.#isStale) return;
    for (const slot of this.#slots) {
      for (const gfn of [slot.baseGfn - 1, slot.baseGfn, endGfn(slot) - 1, endGfn(slot)]) {
        const at = locate(this.#table, this.#bounds, this.#origin, this.#bucketsPerGfn, gfn);
        if (at !== upperBound(this.#bounds, 0, this.size, gfn)) {
          throw new Error(`The table leads ${gfn} to entry ${at}`);
        }
      }
    }
  }

  #fillTable(): void {
    const size = this.size, bounds = this.#bounds;
    const buckets = 2 ** Math.ceil(Math.log2(2 * size + 2));
    if (this.#table.length !== buckets + 1) {
      this.#table = new (size < 2 ** 16 ? Uint16Array : Int32Array)(buckets + 1);
    }
    this.#origin = size === 0 ? 0 : bounds[0];
    this.#bucketsPerGfn = size === 0 ? 0 : buckets / (bounds[2 * size - 1] - this.#origin);
    const table = this.#table;
    let bucket = 0;
    for (let i = 0; i < size; i++) {
      const last = bucketOf(this.#origin, this.#bucketsPerGfn, buckets, bounds[2 * i + 1]);
      while (bucket <= last) table[bucket++] = i;
    }
    table.fill(size, bucket);
    this.#isStale = false;
  }
}

class RadixTableIter implements MemslotIter {
  #at = 0; // not undefined until the constructor: the engine then knows it as an integer
  readonly #slots: readonly Memslot[];
  readonly #bounds: Float64Array;
  readonly #table: Uint16Array | Int32Array;
  readonly #origin: Gfn;
  readonly #bucketsPerGfn: number;

  constructor(
    slots: readonly Memslot[],
    bounds: Float64Array,
    table: Uint16Array | Int32Array,
    origin: Gfn,
    bucketsPerGfn: number,
  ) {
    this.#at = slots.length;
    this.#slots = slots;
    this.#bounds = bounds;
    this.#table = table;
    this.#origin = origin;
    this.#bucketsPerGfn = bucketsPerGfn;
  }

  // Not a field, which start and next would have to write, each time through a write barrier.
  get slot(): Memslot | null {
    const at = this.#at;
    return at < this.#slots.length ? this.#slots[at] : null;
  }

  start(startGfn: Gfn): void {
    this.#at = locate(this.#table, this.#bounds, this.#origin, this.#bucketsPerGfn, startGfn);
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bounds[2 * this.#at] < endGfn;
  }

  next(): void {
    this.#at++;
  }
}

/** From 0 to buckets - 1, and never less for a greater gfn: neither product nor bounds turn that. */
function bucketOf(origin: Gfn, bucketsPerGfn: number, buckets: number, gfn: Gfn): number {
  const bucket = (gfn - origin) * bucketsPerGfn;
  return bucket > 0 ? (bucket < buckets ? bucket | 0 : buckets - 1) : 0;
}

/**
 * The first slot that ends after `gfn`. It does not come before the first with an end in gfn's
 * bucket or later, nor after the first with an end in a later bucket, which is greater than gfn.
 */
function locate(
  table: Uint16Array | Int32Array,
  bounds: Float64Array,
  origin: Gfn,
  bucketsPerGfn: number,
  gfn: Gfn,
): number {
  const bucket = bucketOf(origin, bucketsPerGfn, table.length - 1, gfn);
  let at = table[bucket];
  // Two ends in a bucket are not rare and cannot be predicted; three can.
  at += +(bounds[2 * at + 1] <= gfn);
  at += +(bounds[2 * at + 1] <= gfn);
  if (bounds[2 * at + 1] <= gfn) return upperBound(bounds, at + 1, table[bucket + 1], gfn);
  return at;
}

/** The first slot of [from, to), or else `to`, that ends after `gfn`. */
function upperBound(bounds: Float64Array, from: number, to: number, gfn: Gfn): number {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (bounds[2 * middle + 1] > gfn) to = middle;
    else from = middle + 1;
  }
  return from;
}
