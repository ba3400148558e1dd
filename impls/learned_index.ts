/**
 * Learned index: straight lines approximate the rank of a gfn among the ends, each with an error
 * below half a WINDOW. A lookup evaluates one line and searches that window without branches. A table
 * leads to the line. Its buckets are the leading bits of the distance from the first slot as a
 * floating-point number, so they grow with the distance: neither a distant slot nor bases over forty
 * powers of two crowd them, as they crowd a table of equal buckets.
 *
 * Find and start O(1) if a bucket holds few lines, else O(log n); next O(1), insert and erase O(n);
 * from 500 slots up 25 to 36 bytes a slot. Static: a change goes to sorted arrays, and the next
 * lookup fits the lines again, O(n).
 *
 * For large uneven sets that seldom change, without WebAssembly. At 32,764 slots on `doubling` it is
 * the fastest of all in ranges of 8, 0.54 of sorted_array (wasm_s_tree 0.63, radix_chunks 0.72); on
 * `clustered` 0.65 (0.62, 0.73), lookups 0.33 (0.30, 0.32; eytzinger 0.40). On even slots radix_table
 * is faster, below some hundred slots eytzinger.
 *
 * FITing-Tree (Galakatos et al., 2019) for the cone that fits a line, PGM-index (Ferragina and
 * Vinciguerra, 2020) for the limit at its last rank, RadixSpline (Kipf et al., 2020) for the table.
 *
 * Invariants:
 *  1) slots ascend without overlap;
 *  2) #bases[i] and #ends[i] are the bounds of #slots[i], and NaN past the last slot, in at
 *     least WINDOW entries;
 *  3) #model is null or leads each gfn to the first end above it.
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

/** Entries that the last search covers. */
const WINDOW = 8;
/** The largest error of a line, in entries; 2^-20 of it is left for rounding. */
const MAX_ERROR = (WINDOW - 1) / 2 - 2 ** -20;
/** Numbers that a line takes: begin, first entry to search there, slope, last entry. */
const LINE = 4;
/** Upper limit of the table's buckets a line, beyond one bucket a power of two. */
const BUCKETS_A_LINE = 128;
/** Upper limit of the table's buckets a slot, which bounds the memory. */
const BUCKETS_A_SLOT = 2;

/** One double as two words; WORDS[1] holds its sign, exponent and the first 20 bits of its fraction. */
const NUMBER = new Float64Array(1), WORDS = new Int32Array(NUMBER.buffer);
/** Bits of the fraction in WORDS[1]. */
const FRACTION_BITS = 20;
/** WORDS[1] of the number 1. */
const WORD_OF_ONE = 0x3ff00000;

/** Learned index over a sorted array; see the head of its file. */
export class LearnedIndex implements MemslotIndex {
  readonly #slots: Memslot[];
  #bases: Float64Array = new Float64Array(0);
  #ends: Float64Array = new Float64Array(0);
  /** Null after a change. */
  #model: Model | null = null;

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    this.#slots = slots.slice();
    const capacity = slots.length + 2 * WINDOW;
    this.#bases = padded(slots.map((slot) => slot.baseGfn), capacity);
    this.#ends = padded(slots.map(endGfn), capacity);
    this.#fit();
  }

  /** The number of slots. */
  get size(): number {
    return this.#slots.length;
  }

  /** The number of lines; O(n) after a change. */
  get lines(): number {
    return (this.#model ?? this.#fit()).count;
  }

  /** Adds a slot. O(n). */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const slots = this.#slots, size = slots.length, end = endGfn(slot);
    const at = upperBound(this.#ends, slot.baseGfn, size);
    if (this.#bases[at] < end) throw overlapError(slot, slots[at]);
    if (size + WINDOW === this.#bases.length) {
      this.#bases = padded(this.#bases, 2 * this.#bases.length);
      this.#ends = padded(this.#ends, 2 * this.#ends.length);
    }
    this.#bases.copyWithin(at + 1, at, size);
    this.#ends.copyWithin(at + 1, at, size);
    this.#bases[at] = slot.baseGfn;
    this.#ends[at] = end;
    slots.push(slot);
    for (let i = size; i > at; i--) slots[i] = slots[i - 1];
    slots[at] = slot;
    this.#model = null;
  }

  /** Removes the slot that begins where `slot` does. O(n). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const slots = this.#slots, size = slots.length;
    const at = upperBound(this.#ends, slot.baseGfn, size);
    if (this.#bases[at] !== slot.baseGfn) throw missingError(slot);
    this.#bases.copyWithin(at, at + 1, size + 1); // with the first NaN, for 2)
    this.#ends.copyWithin(at, at + 1, size + 1);
    for (let i = at + 1; i < size; i++) slots[i - 1] = slots[i];
    slots.pop();
    this.#model = null;
  }

  /** The slot that holds `gfn`, or null. O(1) to O(log n); O(n) after a change. */
  find(gfn: Gfn): Memslot | null {
    const at = (this.#model ?? this.#fit()).locate(gfn);
    return this.#bases[at] <= gfn ? this.#slots[at] : null;
  }

  /** A cursor; `start` is O(1) to O(log n), `next` O(1). O(n) after a change. */
  iter(): MemslotIter {
    return new LearnedIndexIter(this.#slots, this.#bases, this.#model ?? this.#fit());
  }

  /** Throws unless 1) to 3) hold. O(n log n). */
  checkInvariants(): void {
    checkMemslots(this.#slots);
    const length = this.#bases.length;
    if (this.#ends.length !== length || length < this.size + WINDOW) {
      throw new Error(
        `Bases and ends must have one length of at least ${this.size + WINDOW}, by 2): ` +
          `found ${length} and ${this.#ends.length}`,
      );
    }
    for (let i = 0; i < length; i++) {
      checkEntry(i, this.#slots[i] ?? null, this.#bases[i], this.#ends[i]);
    }
    const model = this.#model;
    if (model === null) return;
    for (const slot of this.#slots) {
      for (const gfn of [slot.baseGfn - 1, slot.baseGfn, endGfn(slot) - 1, endGfn(slot)]) {
        const at = model.locate(gfn), wanted = upperBound(this.#ends, gfn, this.size);
        if (at !== wanted) {
          throw new Error(`The model must lead gfn ${gfn} to entry ${wanted}, by 3): found ${at}`);
        }
      }
    }
  }

  #fit(): Model {
    const firstGfn = this.size === 0 ? 0 : this.#bases[0];
    return this.#model = new Model(this.#ends, this.size, firstGfn);
  }
}

class LearnedIndexIter implements MemslotIter {
  #at = 0;
  readonly #slots: readonly Memslot[];
  readonly #bases: Float64Array;
  readonly #model: Model;

  constructor(slots: readonly Memslot[], bases: Float64Array, model: Model) {
    this.#at = slots.length;
    this.#slots = slots;
    this.#bases = bases;
    this.#model = model;
  }

  get slot(): Memslot | null {
    const at = this.#at;
    return at < this.#slots.length ? this.#slots[at] : null;
  }

  start(startGfn: Gfn): void {
    this.#at = this.#model.locate(startGfn);
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    this.#at++;
  }
}

/** The lines and their table, over ends that do not change. The first gfn has distance 1. */
class Model {
  readonly #ends: Float64Array;
  readonly #origin: Gfn;
  /** LINE numbers a line, ascending; the last line begins at NaN. */
  readonly #lines: Float64Array;
  /** By bucket: the line that holds the bucket's first distance. One more entry: the last line. */
  readonly #table: Uint16Array | Int32Array;
  readonly #shift: number;

  constructor(ends: Float64Array, size: number, firstGfn: Gfn) {
    this.#ends = ends;
    this.#origin = firstGfn - 1;
    this.#lines = fitLines(ends, size, this.#origin);
    const count = this.count, lastBegin = this.#lines[LINE * (count - 1)];
    const powers = bucketOf(lastBegin, FRACTION_BITS) + 1;
    const most = Math.min(BUCKETS_A_LINE * count, BUCKETS_A_SLOT * size);
    const bits = Math.floor(Math.log2(Math.max(1, most / powers)));
    this.#shift = FRACTION_BITS - Math.min(bits, FRACTION_BITS);
    const buckets = bucketOf(lastBegin, this.#shift) + 1;
    const table = new (count < 2 ** 16 ? Uint16Array : Int32Array)(buckets + 1);
    // The last line that begins in a bucket holds the first distance of the next bucket.
    for (let line = 1; line < count; line++) {
      table[bucketOf(this.#lines[LINE * line], this.#shift) + 1] = line;
    }
    for (let bucket = 1; bucket <= buckets; bucket++) table[bucket] ||= table[bucket - 1];
    this.#table = table;
  }

  /** The number of lines. */
  get count(): number {
    return this.#lines.length / LINE - 1;
  }

  /** The first entry that ends after `gfn`. */
  locate(gfn: Gfn): number {
    const table = this.#table, lines = this.#lines, ends = this.#ends;
    const x = gfn > this.#origin ? gfn - this.#origin : 1, lastBucket = table.length - 2;
    let bucket = bucketOf(x, this.#shift);
    bucket = bucket < lastBucket ? bucket : lastBucket;
    let line = table[bucket] * LINE;
    if (lines[line + LINE] <= x) line = lineOf(lines, table[bucket] + 1, table[bucket + 1], x);
    const y = lines[line + 1] + lines[line + 2] * (x - lines[line]), last = lines[line + 3];
    let at = (y < last ? y : last) | 0;
    at &= ~(at >> 31); // at least 0
    at += +(ends[at + 3] <= gfn) << 2;
    at += +(ends[at + 1] <= gfn) << 1;
    return at + +(ends[at] <= gfn);
  }
}

/** The bucket of a distance. Monotonic, as the words of positive doubles are in their order. */
function bucketOf(x: number, shift: number): number {
  NUMBER[0] = x;
  return (WORDS[1] - WORD_OF_ONE) >> shift;
}

/** The last line of [from, to] that begins at or below `x`; line `from` does. */
function lineOf(lines: Float64Array, from: number, to: number, x: number): number {
  while (from < to) {
    const middle = (from + to + 1) >>> 1;
    if (lines[LINE * middle] <= x) from = middle;
    else to = middle - 1;
  }
  return LINE * from;
}

/** Fits lines greedily: each is extended as long as some slope is right for all its ranks. */
function fitLines(ends: Float64Array, size: number, origin: Gfn): Float64Array {
  const lines: number[] = [];
  let begin = 1, first = 0, low = 0, high = Infinity;
  // From x = ends[rank - 1] - origin up to the next end, the answer is `rank`. A line that does not
  // fall is within MAX_ERROR of it if it is not too low at x and not too high just before the next
  // end. Past the line's last x it may be too high: the answer is limited to the line's last rank.
  for (let rank = 1; rank <= size; rank++) {
    const x = ends[rank - 1] - origin, run = x - 1 - begin;
    const lowest = Math.max(low, (rank - MAX_ERROR - first) / (x - begin));
    const highest = run > 0 ? Math.min(high, (rank - 1 + MAX_ERROR - first) / run) : high;
    if (lowest <= highest) {
      low = lowest;
      high = highest;
      continue;
    }
    addLine(rank - 1);
    begin = x;
    first = rank;
    low = 0;
    high = Infinity;
  }
  addLine(size);
  lines.push(NaN, 0, 0, 0);
  return Float64Array.from(lines);

  function addLine(last: number): void {
    lines.push(begin, first - MAX_ERROR, high === Infinity ? low : (low + high) / 2, last);
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

function padded(keys: ArrayLike<Gfn>, capacity: number): Float64Array {
  const out = new Float64Array(capacity).fill(NaN);
  out.set(keys);
  return out;
}
