/**
 * Bitmap of buckets: one linked list of all slots, the span of the list cut into equal buckets, about
 * two a slot, each with its first slot, and a hierarchical bitmap of the buckets that have slots. All
 * operations O(1) on evenly spread slots and O(n) at worst: a distant outlier leaves all others in
 * one bucket, which is searched from its first slot. 42 bytes a slot. For even sets that change more
 * often than they are asked.
 *
 * A calendar queue (Randy Brown, 1988) with a search; the bitmap is the upper part of a van Emde Boas
 * tree (1975) with 32 for the square root.
 *
 * A slot belongs to the bucket of its last gfn, so the first slot that ends after a gfn is in the
 * gfn's bucket or a later one. Slots outside of the span belong to the first or the last bucket. After
 * as many changes as there were slots, span and buckets are chosen again.
 *
 * Slots have numbers. Number 0, NONE, is the sentinel [NaN, NaN), before the first slot and
 * after the last one in the circular list.
 *
 * Invariants:
 *  1) #next and #previous link the slots in ascending order, without overlap, in a circle through
 *     NONE;
 *  2) #bounds[2 * n] and #bounds[2 * n + 1] are base and end of slot n, side by side for the cache,
 *     and NaN for NONE;
 *  3) #heads[b] is the first slot of bucket b or NONE; the last entry, past all buckets, is NONE;
 *  4) bit b of #bitmaps[0] is set if bucket b has a slot, and for the entry past all buckets, so that
 *     a search always ends; bit w of a higher level is set if word w of the level below is not 0.
 */
import {
  checkEntry,
  checkMemslot,
  checkMemslots,
  checkSize,
  endGfn,
  type Gfn,
  type Memslot,
  missingError,
  overlapError,
} from "./memslot.ts";
import type { MemslotIndex, MemslotIter, ValidMemslotIter } from "./memslot_index.ts";

const NONE = 0;

/** Bitmap of buckets; see the head of its file. */
export class BitmapBuckets implements MemslotIndex {
  #bounds: Float64Array = new Float64Array(0);
  #previous: Int32Array = new Int32Array(0);
  #next: Int32Array = new Int32Array(0);
  readonly #slots: (Memslot | null)[] = [null];
  readonly #free: number[] = [];
  #size = 0;

  #originGfn: Gfn = 0;
  #bucketsPerGfn = 0;
  #heads: Int32Array = new Int32Array(2);
  /** Bit b is in word b >>> 5. The last level is a single word. */
  #bitmaps: Int32Array[] = [];
  #changesToRebuild = 0;

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    const capacity = slots.length + 8;
    this.#bounds = new Float64Array(2 * capacity).fill(NaN, 0, 2);
    this.#previous = new Int32Array(capacity);
    this.#next = new Int32Array(capacity);
    for (const slot of slots) this.#linkBefore(NONE, this.#newNumber(slot));
    this.#rebuild();
  }

  /** The number of slots. */
  get size(): number {
    return this.#size;
  }

  /** Adds a slot. O(1) to O(n). */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const end = endGfn(slot), later = this.#locate(slot.baseGfn);
    if (this.#bounds[2 * later] < end) throw overlapError(slot, this.#slots[later]!);
    const number = this.#newNumber(slot);
    this.#linkBefore(later, number);
    const bucket = this.#bucketOf(end - 1), head = this.#heads[bucket];
    if (head === NONE) this.#setBit(bucket);
    if (head === NONE || head === later) this.#heads[bucket] = number;
    if (--this.#changesToRebuild < 0) this.#rebuild();
  }

  /** Removes the slot that begins where `slot` does. O(1) to O(n). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const bounds = this.#bounds, number = this.#locate(slot.baseGfn);
    if (bounds[2 * number] !== slot.baseGfn) throw missingError(slot);
    const previous = this.#previous[number], next = this.#next[number];
    this.#next[previous] = next;
    this.#previous[next] = previous;
    const bucket = this.#bucketOf(bounds[2 * number + 1] - 1);
    if (this.#heads[bucket] === number) {
      const isShared = next !== NONE && this.#bucketOf(bounds[2 * next + 1] - 1) === bucket;
      this.#heads[bucket] = isShared ? next : NONE;
      if (!isShared) this.#clearBit(bucket);
    }
    this.#slots[number] = null;
    this.#free.push(number);
    this.#size--;
    if (--this.#changesToRebuild < 0) this.#rebuild();
  }

  /** The slot that holds `gfn`, or null. O(1) to O(n). */
  find(gfn: Gfn): Memslot | null {
    const number = this.#locate(gfn);
    return this.#bounds[2 * number] <= gfn ? this.#slots[number] : null;
  }

  /** A cursor; `start` is O(1) to O(n), `next` O(1). */
  iter(): MemslotIter {
    return new BitmapBucketsIter(
      this.#bounds,
      this.#next,
      this.#slots,
      this.#heads,
      this.#bitmaps,
      this.#originGfn,
      this.#bucketsPerGfn,
    );
  }

  /** Throws unless 1) to 4) hold. O(n). */
  checkInvariants(): void {
    const slots: Memslot[] = [], heads = new Int32Array(this.#heads.length);
    let number = NONE;
    do {
      const slot = this.#slots[number];
      checkEntry(number, slot, this.#bounds[2 * number], this.#bounds[2 * number + 1]);
      if (slot !== null) {
        const bucket = this.#bucketOf(endGfn(slot) - 1);
        if (heads[bucket] === NONE) heads[bucket] = number;
        slots.push(slot);
      }
      const next = this.#next[number], back = this.#previous[next];
      if (back !== number) {
        throw new Error(`Slot ${next} must come after ${number}, by 1): found it after ${back}`);
      }
      number = next;
    } while (number !== NONE);
    checkMemslots(slots);
    checkSize(this.#size, slots.length);
    checkSize(this.#size, this.#slots.length - this.#free.length - 1);
    heads.forEach((head, bucket) => this.#checkBucket(bucket, head));
  }

  #checkBucket(bucket: number, head: number): void {
    if (this.#heads[bucket] !== head) {
      throw new Error(
        `Bucket ${bucket} must begin with slot ${head}, by 3): found ${this.#heads[bucket]}`,
      );
    }
    let wanted = head !== NONE || bucket === this.#heads.length - 1, bit = bucket;
    this.#bitmaps.forEach((bitmap, level) => {
      if (((bitmap[bit >>> 5] >>> (bit & 31)) & 1) !== +wanted) {
        throw new Error(`Bit ${bit} of bitmap ${level} must be ${+wanted}, by 4): it is not`);
      }
      bit >>>= 5;
      wanted = bitmap[bit] !== 0;
    });
  }

  #locate(gfn: Gfn): number {
    const bucket = this.#bucketOf(gfn);
    return locate(this.#heads, this.#bitmaps, this.#bounds, this.#next, bucket, gfn);
  }

  #bucketOf(gfn: Gfn): number {
    return bucketOf(this.#originGfn, this.#bucketsPerGfn, this.#heads.length - 1, gfn);
  }

  #linkBefore(later: number, number: number): void {
    const previous = this.#previous[later];
    this.#previous[number] = previous;
    this.#next[number] = later;
    this.#next[previous] = this.#previous[later] = number;
  }

  #newNumber(slot: Memslot): number {
    const number = this.#free.pop() ?? this.#slots.push(null) - 1;
    if (number === this.#next.length) {
      const bounds = new Float64Array(number * 4);
      bounds.set(this.#bounds);
      this.#bounds = bounds;
      this.#previous = doubled(this.#previous);
      this.#next = doubled(this.#next);
    }
    this.#bounds[2 * number] = slot.baseGfn;
    this.#bounds[2 * number + 1] = endGfn(slot);
    this.#slots[number] = slot;
    this.#size++;
    return number;
  }

  #setBit(bit: number): void {
    for (const bitmap of this.#bitmaps) {
      const word = bitmap[bit >>> 5];
      bitmap[bit >>> 5] = word | 1 << (bit & 31);
      if (word !== 0) return; // and so the levels above have their bits, by 4)
      bit >>>= 5;
    }
  }

  #clearBit(bit: number): void {
    for (const bitmap of this.#bitmaps) {
      const word = bitmap[bit >>> 5] & ~(1 << (bit & 31));
      bitmap[bit >>> 5] = word;
      if (word !== 0) return;
      bit >>>= 5;
    }
  }

  /** Chooses span and buckets for the present slots. O(n). */
  #rebuild(): void {
    const buckets = Math.max(2, 2 * this.#size);
    const first = this.#next[NONE], last = this.#previous[NONE];
    this.#originGfn = first === NONE ? 0 : this.#bounds[2 * first];
    const span = first === NONE ? 1 : this.#bounds[2 * last + 1] - this.#originGfn;
    this.#bucketsPerGfn = buckets / span;
    this.#heads = new Int32Array(buckets + 1);
    this.#bitmaps = [];
    let bits = buckets + 1;
    do {
      bits = Math.ceil(bits / 32);
      this.#bitmaps.push(new Int32Array(bits));
    } while (bits > 1);
    this.#setBit(buckets);
    for (let number = first; number !== NONE; number = this.#next[number]) {
      const bucket = this.#bucketOf(this.#bounds[2 * number + 1] - 1);
      if (this.#heads[bucket] !== NONE) continue;
      this.#heads[bucket] = number;
      this.#setBit(bucket);
    }
    this.#changesToRebuild = this.#size + 8;
  }
}

class BitmapBucketsIter implements MemslotIter {
  #number = NONE;
  readonly #bounds: Float64Array;
  readonly #next: Int32Array;
  readonly #slots: readonly (Memslot | null)[];
  readonly #heads: Int32Array;
  readonly #bitmaps: readonly Int32Array[];
  readonly #originGfn: Gfn;
  readonly #bucketsPerGfn: number;

  constructor(
    bounds: Float64Array,
    next: Int32Array,
    slots: readonly (Memslot | null)[],
    heads: Int32Array,
    bitmaps: readonly Int32Array[],
    originGfn: Gfn,
    bucketsPerGfn: number,
  ) {
    this.#bounds = bounds;
    this.#next = next;
    this.#slots = slots;
    this.#heads = heads;
    this.#bitmaps = bitmaps;
    this.#originGfn = originGfn;
    this.#bucketsPerGfn = bucketsPerGfn;
  }

  get slot(): Memslot | null {
    return this.#slots[this.#number];
  }

  start(startGfn: Gfn): void {
    const heads = this.#heads;
    const bucket = bucketOf(this.#originGfn, this.#bucketsPerGfn, heads.length - 1, startGfn);
    this.#number = locate(heads, this.#bitmaps, this.#bounds, this.#next, bucket, startGfn);
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bounds[2 * this.#number] < endGfn;
  }

  next(): void {
    this.#number = this.#next[this.#number];
  }
}

/** The bucket of a gfn, in [0, buckets). Monotonic: a greater gfn never has a lower bucket. */
function bucketOf(originGfn: Gfn, bucketsPerGfn: number, buckets: number, gfn: Gfn): number {
  const bucket = (gfn - originGfn) * bucketsPerGfn;
  return bucket > 0 ? (bucket < buckets ? bucket | 0 : buckets - 1) : 0;
}

/** The number of the first slot that ends after `gfn`, which is in `bucket`. */
function locate(
  heads: Int32Array,
  bitmaps: readonly Int32Array[],
  bounds: Float64Array,
  next: Int32Array,
  bucket: number,
  gfn: Gfn,
): number {
  let number = heads[bucket];
  if (number === NONE) return heads[nextBit(bitmaps, bucket)];
  // After the bucket's last slot comes a later bucket's first, or NONE: both end after gfn.
  while (bounds[2 * number + 1] <= gfn) number = next[number];
  return number;
}

/** The first set bit after `bit` on the lowest level; by 4) there is one. */
function nextBit(bitmaps: readonly Int32Array[], bit: number): number {
  let level = 0;
  let word = bitmaps[0][bit >>> 5] & (-2 << (bit & 31));
  while (word === 0) {
    bit >>>= 5;
    word = bitmaps[++level][bit >>> 5] & (-2 << (bit & 31));
  }
  bit = (bit & ~31) + lowestBit(word);
  while (level > 0) bit = (bit << 5) + lowestBit(bitmaps[--level][bit]);
  return bit;
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function doubled(numbers: Int32Array): Int32Array {
  const out = new Int32Array(numbers.length * 2);
  out.set(numbers);
  return out;
}
