/**
 * Radix table: the span of all slots is cut into equal buckets, two to four a slot, and a table holds
 * the first slot to try for each bucket. Find and start O(1) on evenly spread slots and O(log n) at
 * worst, when a distant outlier leaves all others in one bucket; next O(1), insert and erase O(n); 28
 * bytes a slot as built.
 *
 * Static: a change goes to sorted arrays, and the next lookup rebuilds the table, O(n). For sets that
 * seldom change.
 *
 * An interpolation search with its arithmetic done once. RadixSpline (Kipf et al., 2020) has such a
 * table in front of its spline.
 *
 * Invariants:
 *  1) slots ascend without overlap;
 *  2) #bounds[2 * i] and #bounds[2 * i + 1] are base and end of #slots[i], side by side for the
 *     cache, and NaN past the last slot, in at least one pair;
 *  3) unless #isStale, #table[bucket] is the first slot with an end in this bucket or a later one,
 *     and its last entry, past all buckets, is the number of slots.
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

/** Radix table over a sorted array; see the head of its file. */
export class RadixTable implements MemslotIndex {
  readonly #slots: Memslot[];
  #bounds: Float64Array = new Float64Array(0);
  /** In 16 bits if they hold the number of slots: find takes 0.85 of the time. */
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
    this.#bounds.copyWithin(2 * at, 2 * at + 2, 2 * size + 2); // with the first NaN, for 2)
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

  /** Throws unless 1) to 3) hold. O(n log n). */
  checkInvariants(): void {
    checkMemslots(this.#slots);
    if (this.#bounds.length < 2 * this.size + 2) {
      throw new Error(`Bounds must end in NaN, by 2): found ${this.#bounds.length} of them`);
    }
    for (let i = 0; 2 * i < this.#bounds.length; i++) {
      checkEntry(i, this.#slots[i] ?? null, this.#bounds[2 * i], this.#bounds[2 * i + 1]);
    }
    if (this.#isStale) return;
    for (const slot of this.#slots) {
      for (const gfn of [slot.baseGfn - 1, slot.baseGfn, endGfn(slot) - 1, endGfn(slot)]) {
        const at = locate(this.#table, this.#bounds, this.#origin, this.#bucketsPerGfn, gfn);
        const wanted = upperBound(this.#bounds, 0, this.size, gfn);
        if (at !== wanted) {
          throw new Error(`The table must lead gfn ${gfn} to entry ${wanted}, by 3): found ${at}`);
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
  #at = 0;
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

/** The bucket of a gfn, in [0, buckets). Monotonic: a greater gfn never has a lower bucket. */
function bucketOf(origin: Gfn, bucketsPerGfn: number, buckets: number, gfn: Gfn): number {
  const bucket = (gfn - origin) * bucketsPerGfn;
  return bucket > 0 ? (bucket < buckets ? bucket | 0 : buckets - 1) : 0;
}

/**
 * The first slot that ends after `gfn`. By 3) it lies between the table's entries for gfn's bucket and
 * for the next one, both included: earlier slots end in earlier buckets, and the latter's end is in a
 * later bucket, so above gfn.
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
  // One or two ends below gfn in its bucket are common, so steps without branches; a third is rare.
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
