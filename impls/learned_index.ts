/**
 * Learned index: the rank of a gfn among the ends, as a few straight lines, each off by less than
 * half a WINDOW: a line's answer and a search of that window, without branches, are a lookup. A table
 * by the leading bits of the distance from the first slot, taken as a floating-point number, leads to
 * the line: its buckets grow with the distance, so that neither a slot far off nor bases over forty
 * powers of two crowd them, as they do a table of equal buckets.
 *
 * Find and start O(1) where a bucket holds few lines, O(log n) else; next O(1), insert and erase
 * O(n); from 500 slots up 25 to 36 bytes a slot. Static: a change is made on sorted arrays, and the
 * next lookup fits the lines anew, O(n).
 *
 * For large sets that seldom change and lie unevenly, where there is no WebAssembly. At 32,764 slots
 * on `doubling` it is the first of all in ranges of 8, 0.54 of sorted_array (wasm_s_tree 0.63,
 * radix_chunks 0.72); on `clustered` 0.65 (0.62, 0.73), lookups 0.33 (0.30, 0.32; eytzinger 0.40).
 * Slots that lie evenly are radix_table's, and fewer than some hundred eytzinger's.
 *
 * FITing-Tree (Galakatos et al., 2019) for the cone that fits a line, PGM-index (Ferragina and
 * Vinciguerra, 2020) for the cut at its last rank, RadixSpline (Kipf et al., 2020) for the table.
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

/** How many entries the last search covers. */
const WINDOW = 8;
/** How far off a line may be. The search begins at its answer less so much, rounded down. */
const MAX_ERROR = (WINDOW - 1) / 2 - 2 ** -20; // the rest for what rounding adds
/** Numbers of a line: where it begins, the entry to search from there, slope, last entry. */
const LINE = 4;
/** Buckets for each line and for each slot, at most, beyond one for each power of two. */
const BUCKETS_A_LINE = 128, BUCKETS_A_SLOT = 2;

/** A number; in the second word are its sign, exponent and the first 20 bits of its fraction. */
const NUMBER = new Float64Array(1), WORDS = new Int32Array(NUMBER.buffer);
const FRACTION_BITS = 20;
/** The second word of 1. */
const WORD_OF_ONE = 0x3ff00000;

/** Learned index over a sorted array; see the head of its file. */
export class LearnedIndex implements MemslotIndex {
  // Parallel, ascending; #bases and #ends go on with NaN, for a WINDOW at least: no
  // comparison with it is true.
  readonly #slots: Memslot[];
  #bases: Float64Array = new Float64Array(0);
  #ends: Float64Array = new Float64Array(0);
  /** Of #ends; null where they have changed since. */
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

  /** How many lines there are; O(n) after a change. */
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
    this.#bases.copyWithin(at, at + 1, size + 1); // with the first NaN
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

  /** Throws unless arrays and model agree and the slots ascend without overlap. O(n log n). */
  checkInvariants(): void {
    checkMemslots(this.#slots);
    const length = this.#bases.length;
    if (this.#ends.length !== length || length < this.size + WINDOW) {
      throw new Error(`${length} bases and ${this.#ends.length} ends for ${this.size} slots`);
    }
    for (let i = 0; i < length; i++) {
      const slot = i < this.size ? this.#slots[i] : null;
      const base = slot === null ? NaN : slot.baseGfn;
      const end = slot === null ? NaN : endGfn(slot);
      if (!Object.is(this.#bases[i], base) || !Object.is(this.#ends[i], end)) {
        throw new Error(`Entry ${i} holds [${this.#bases[i]}, ${this.#ends[i]})`);
      }
    }
    const model = this.#model;
    if (model === null) return;
    for (const slot of this.#slots) {
      for (const gfn of [slot.baseGfn - 1, slot.baseGfn, endGfn(slot) - 1, endGfn(slot)]) {
        const at = model.locate(gfn);
        if (at !== upperBound(this.#ends, gfn, this.size)) {
          throw new Error(`The model leads ${gfn} to entry ${at}`);
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
  #at = 0; // not undefined until the constructor: the engine then knows it as an integer
  readonly #slots: readonly Memslot[];
  readonly #bases: Float64Array;
  readonly #model: Model;

  constructor(slots: readonly Memslot[], bases: Float64Array, model: Model) {
    this.#at = slots.length;
    this.#slots = slots;
    this.#bases = bases;
    this.#model = model;
  }

  // Not a field, which start and next would have to write, each time through a write barrier.
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

/** Lines and their table, over ends that do not change. Distances count from 1 at the first gfn. */
class Model {
  readonly #ends: Float64Array;
  readonly #origin: Gfn;
  /** LINE numbers each, ascending; then a line that begins at NaN. */
  readonly #lines: Float64Array;
  /** By bucket of distances, which line holds the bucket's first one; then the last line. */
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
    // Of the lines that begin in a bucket the last one holds the next bucket's first distance.
    for (let line = 1; line < count; line++) {
      table[bucketOf(this.#lines[LINE * line], this.#shift) + 1] = line;
    }
    for (let bucket = 1; bucket <= buckets; bucket++) table[bucket] ||= table[bucket - 1];
    this.#table = table;
  }

  /** How many lines there are. */
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
    at &= ~(at >> 31); // there are no entries before 0
    at += +(ends[at + 3] <= gfn) << 2;
    at += +(ends[at + 1] <= gfn) << 1;
    return at + +(ends[at] <= gfn);
  }
}

/** The bucket of a distance: never less for a greater one, as floating-point numbers are made. */
function bucketOf(x: number, shift: number): number {
  NUMBER[0] = x;
  return (WORDS[1] - WORD_OF_ONE) >> shift;
}

/** Of lines `from` to `to`, the first of which does, the last one that begins at or below `x`. */
function lineOf(lines: Float64Array, from: number, to: number, x: number): number {
  while (from < to) {
    const middle = (from + to + 1) >>> 1;
    if (lines[LINE * middle] <= x) from = middle;
    else to = middle - 1;
  }
  return LINE * from;
}

/** As few lines as a cone finds: each is drawn on for as long as some slope is right for all. */
function fitLines(ends: Float64Array, size: number, origin: Gfn): Float64Array {
  const lines: number[] = [];
  let begin = 1, first = 0, low = 0, high = Infinity;
  // From x = ends[rank - 1] - origin on, the answer is `rank`, up to the next end. A line that does
  // not fall is near it if it is not too low at x and not too high just before the next end. Past
  // the line's last x it may be too high: the answer is cut at the line's last rank.
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
