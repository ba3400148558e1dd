/**
 * Bitmap of buckets: all slots in one linked list, the span of the list cut into equal buckets, about
 * two for each slot, that know their first slot, and a bitmap of bitmaps of the buckets that have
 * one. All operations O(1) where slots are spread evenly, but O(n) at worst: a far outlier leaves all
 * others in one bucket, which is searched from its first slot. 42 bytes a slot.
 *
 * A calendar queue (Randy Brown, 1988) that is searched; the bitmap is the upper part of a van Emde
 * Boas tree (1975) with 32 for the square root.
 *
 * A slot is in the bucket of its last gfn, so the first slot that ends after a gfn is in the gfn's
 * bucket or in a later one. Slots outside of the span are in the first or the last bucket, and when
 * as many changes have been made as there were slots, the span and its buckets are chosen anew.
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

const NONE = 0;

/** Bitmap of buckets; see the head of its file. */
export class BitmapBuckets implements MemslotIndex {
  // Slots by number, as they came. Number 0 is none, [NaN, NaN), the slot before the first and behind
  // the last: no comparison with NaN is true. Typed arrays begin empty, not undefined, so that the engine knows their
  // class.
  /** Base and end of each slot in turn, side by side for the cache. */
  #bounds: Float64Array = new Float64Array(0);
  #previous: Int32Array = new Int32Array(0);
  #next: Int32Array = new Int32Array(0);
  readonly #slots: (Memslot | null)[] = [null];
  readonly #free: number[] = [];
  #size = 0;

  #originGfn: Gfn = 0;
  #bucketsPerGfn = 0;
  /** The number of the first slot by bucket; one bucket more, the last, is for none. */
  #heads: Int32Array = new Int32Array(2);
  /**
   * In the first, bit b % 32 of word b / 32: whether bucket b has a slot, which the last one
   * pretends to. In the next, whether those words are not 0; and so on, to a single word.
   */
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

  /** Throws unless list, buckets and bitmaps agree and the slots ascend without overlap. O(n). */
  checkInvariants(): void {
    const slots: Memslot[] = [], heads = new Int32Array(this.#heads.length);
    if (!Number.isNaN(this.#bounds[0]) || !Number.isNaN(this.#bounds[1])) {
      throw new Error(
        `Sentinel slot 0 must have bounds [NaN, NaN): found [${this.#bounds[0]}, ${
          this.#bounds[1]
        })`,
      );
    }
    for (let number = this.#next[NONE], before = NONE; number !== NONE;) {
      const slot = this.#slots[number];
      if (slot === null || this.#previous[number] !== before) throw new Error(`Link to ${number}`);
      if (this.#bounds[2 * number] !== slot.baseGfn) throw new Error(`Base of ${number}`);
      if (this.#bounds[2 * number + 1] !== endGfn(slot)) throw new Error(`End of ${number}`);
      const bucket = this.#bucketOf(endGfn(slot) - 1);
      if (heads[bucket] === NONE) heads[bucket] = number;
      slots.push(slot);
      before = number;
      number = this.#next[number];
    }
    checkMemslots(slots);
    const numbers = slots.length + this.#free.length + 1;
    if (slots.length !== this.#size || numbers !== this.#slots.length) {
      throw new Error(`${this.#size} slots expected, ${slots.length} in the list`);
    }
    heads.forEach((head, bucket) => {
      if (this.#heads[bucket] !== head) throw new Error(`Bucket ${bucket} begins with ${head}`);
      const isSet = head !== NONE || bucket === heads.length - 1;
      for (let level = 0, bit = bucket; level < this.#bitmaps.length; level++, bit >>>= 5) {
        const has = (this.#bitmaps[level][bit >>> 5] >>> (bit & 31) & 1) === 1;
        if (level === 0 ? has !== isSet : isSet && !has) throw new Error(`Bit of ${bucket}`);
        if (level > 0 && has !== (this.#bitmaps[level - 1][bit] !== 0)) throw new Error("Summary");
      }
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
      if (word !== 0) return; // as the levels above know
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

  /** Chooses span and buckets for the slots there are. O(n). */
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

  // Not a field, which start and next would have to write, each time through a write barrier.
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

/** From 0 to buckets - 1, and never less for a greater gfn: neither product nor bounds turn that. */
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
  // Past the bucket's last slot comes a later bucket's first or none, which end after gfn.
  while (bounds[2 * number + 1] <= gfn) number = next[number];
  return number;
}

/** The first set bit after `bit` on the lowest level. There is one: that of the last bucket. */
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
