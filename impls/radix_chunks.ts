/**
 * Radix chunks: slots lie in order in chunks of up to 31; a directory (chunk_directory.ts: radix
 * tables, with a tree under them) leads from a gfn to its chunk in a step or two. Dynamic, and safe
 * from any layout: where no table helps, the tree costs the log of the slots.
 *
 * Find and start O(1) where slots are spread evenly over one zone or a few, O(log n) else; next
 * O(1); insert and erase the same and up to 15 moves, and when the set has grown or shrunk by some
 * percent a new pool in O(n): 0.5 ms at 32,764 slots. 36 to 48 bytes a slot from 509 slots up,
 * whatever the guest's span. For sets that change while they are asked, by point and by range.
 *
 * The parts are known: B+-tree leaves (Bayer and McCreight 1972) under a bucket directory, as in
 * extendible hashing (Fagin 1979) and in learned indexes' radix tables (RadixSpline 2020).
 *
 *      gfn -> directory -> chunk   window of 32 entries: bases, ends and slots side by side
 *                                  ends  -Inf -Inf | 14 20 31 ... 90 | +Inf +Inf ... +Inf
 *                                                  ^ first             ^ last
 *
 * A chunk fills the middle of its window, so that a slot that comes or goes moves the shorter side.
 * The search runs over the whole window, whatever it holds, and over ends: the first end above gfn
 * is the slot that holds it, if one does, and else the next one, where a range starts.
 *
 * Where slots are spread evenly, find is faster still: it remembers for each of as many buckets as
 * there are slots which entry it last found (a hint), and tries that one and the two after it before
 * it asks the directory. Nothing depends on a hint: the entries' own bounds decide, so no change has
 * to mend them. On other layouts there are no hints, and find costs what the directory costs.
 *
 * Invariants:
 *  1) a chunk's slots are the entries [first, last) of its window, at least one, and never the
 *     window's last entry (in an empty index there is one chunk, and it is empty);
 *  2) an entry's base and end are its slot's;
 *  3) a chunk's slots ascend without overlap and lie within the chunk's range in the directory;
 *  4) other entries hold no slot: the end is -Infinity before first, and base and end are Infinity
 *     from last on.
 */
import {
  checkMemslot,
  checkMemslots,
  endGfn,
  type Gfn,
  GFN_LIMIT,
  type Memslot,
  missingError,
  overlapError,
} from "./memslot.ts";
import type { MemslotIndex, MemslotIter, ValidMemslotIter } from "./memslot_index.ts";
import { ChunkDirectory } from "./chunk_directory.ts";

/** Entries of a chunk's window: one more than it may hold, so that a search meets an Infinity. */
const WINDOW = 32;
/** How many slots a chunk gets when all are packed anew: room for as many as six more. */
const PACKED = 25;
/** Hints for each slot, at most. */
const HINTS = 1;
/** Entries for each slot above which the pool is packed anew, and some for small sets. */
const MOST_ENTRIES = 1.54, SPARE_ENTRIES = 64;

/** Chunks under a directory of radix tables; see the head of its file. */
export class RadixChunks implements MemslotIndex {
  #size = 0;
  // The pool: chunk c has entries [c * WINDOW, (c + 1) * WINDOW) of these.
  #bases!: Float64Array;
  #ends!: Float64Array;
  #slots!: (Memslot | null)[];
  // By chunk: its first entry in use, and the one past its last.
  #first!: Int32Array;
  #last!: Int32Array;
  #directory!: ChunkDirectory;
  // Where find last found a slot, by equal buckets of the zone, if slots are spread evenly there.
  #hintGfn = 0;
  #hintsPerGfn = 0;
  #hints!: Int32Array;
  readonly #chunkLimit: number;
  readonly #nodeLimit: number;

  /**
   * O(n). `RangeError` or `TypeError` as `checkMemslots`. The options are for tests: how many slots
   * a chunk may hold, 2 to 31, and how many chunks a node of the tree, 2 to 64.
   */
  constructor(slots: readonly Memslot[] = [], { chunkLimit = WINDOW - 1, nodeLimit = 64 } = {}) {
    checkMemslots(slots);
    this.#chunkLimit = chunkLimit;
    this.#nodeLimit = nodeLimit;
    this.#size = slots.length;
    const bases = Float64Array.from(slots, (slot) => slot.baseGfn);
    this.#pack({ bases, ends: Float64Array.from(slots, endGfn), slots }, [[0, slots.length]]);
  }

  /** The number of slots. */
  get size(): number {
    return this.#size;
  }

  /** The slot that holds `gfn`, or null. */
  find(gfn: Gfn): Memslot | null {
    const bucket = (gfn - this.#hintGfn) * this.#hintsPerGfn;
    const hints = this.#hints, ends = this.#ends, bases = this.#bases;
    if (bucket >= 0 && bucket < hints.length) {
      // The last answer that this was not right for, or one of the two entries after it. Whatever
      // the hint names, due to 4) no entry passes the test but one in use.
      let at = hints[bucket | 0];
      at += +(ends[at] <= gfn);
      at += +(ends[at] <= gfn);
      if (bases[at] <= gfn && gfn < ends[at]) return this.#slots[at];
    }
    // The first end above gfn. Sums of comparisons instead of branches: which way one goes cannot
    // be foretold.
    let at = this.#directory.find(gfn) << 5;
    at += +(ends[at + 15] <= gfn) << 4;
    at += +(ends[at + 7] <= gfn) << 3;
    at += +(ends[at + 3] <= gfn) << 2;
    at += +(ends[at + 1] <= gfn) << 1;
    at += +(ends[at] <= gfn);
    // Due to 4) an entry past the last fails the test.
    if (bases[at] > gfn) return null;
    // Outside the hints nothing is written, and a wrong hint does no harm.
    hints[bucket | 0] = at;
    return this.#slots[at];
  }

  /** Adds a slot. */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const base = slot.baseGfn, end = endGfn(slot);
    const chunk = this.#directory.find(base);
    const at = upperBound(this.#ends, chunk, base);
    const first = this.#first[chunk], last = this.#last[chunk];
    if (at < last) {
      if (this.#bases[at] < end) throw overlapError(slot, this.#slots[at]!);
    } else if (this.#directory.upper[chunk] < end) {
      // The slot would reach into the next chunk's range: keep 3), if there is room in there.
      const after = this.#first[this.#directory.next[chunk]];
      if (this.#bases[after] < end) throw overlapError(slot, this.#slots[after]!);
      this.#directory.moveUpper(chunk, end);
    }
    if (last - first === this.#chunkLimit) return this.#insertFull(chunk, at, slot);
    this.#place(chunk, at, slot);
    this.#size++;
  }

  /** Removes the slot that begins where `slot` does. */
  erase(slot: Memslot): void {
    const base = slot.baseGfn;
    const chunk = this.#directory.find(base);
    const at = upperBound(this.#ends, chunk, base);
    if (this.#bases[at] !== base) throw missingError(slot);
    this.#size--;
    const count = this.#displace(chunk, at);
    if (this.#bases.length > MOST_ENTRIES * this.#size + SPARE_ENTRIES) this.#repack();
    else if (count <= this.#chunkLimit >> 1) this.#mergeAround(chunk, count);
  }

  /** A cursor; `next` is O(1). */
  iter(): MemslotIter {
    return new RadixChunksIter(
      this.#directory,
      this.#first,
      this.#bases,
      this.#ends,
      this.#slots,
    );
  }

  /** Bytes held beyond the slots: what the arrays occupy. */
  get bytes(): number {
    return 24 * this.#bases.length + 8 * this.#first.length + 4 * this.#hints.length +
      this.#directory.bytes;
  }

  /** Throws if an invariant of this file or of the directory does not hold. O(n). */
  checkInvariants(): void {
    const directory = this.#directory;
    directory.checkInvariants();
    let floor = -Infinity, size = 0;
    for (let chunk = directory.head; chunk >= 0; chunk = directory.next[chunk]) {
      this.#checkChunk(chunk, floor);
      size += this.#last[chunk] - this.#first[chunk];
      floor = directory.upper[chunk];
    }
    if (size !== this.#size) throw new Error(`The chunks hold ${size} slots, not ${this.#size}`);
    const held = this.#slots.reduce((sum, slot) => sum + (slot === null ? 0 : 1), 0);
    if (held !== size) throw new Error(`${held - size} slots are held outside the chunks`);
  }

  #checkChunk(chunk: number, lower: Gfn): void {
    const from = chunk * WINDOW, first = this.#first[chunk], last = this.#last[chunk];
    const fail = (at: number, invariant: number) => {
      throw new Error(`Entry ${at} of chunk ${chunk} is against ${invariant})`);
    };
    if (first < from || last >= from + WINDOW || last - first > this.#chunkLimit) fail(first, 1);
    if (first >= last && this.#size > 0) fail(first, 1);
    let floor = lower;
    for (let at = from; at < from + WINDOW; at++) {
      const slot = this.#slots[at], base = this.#bases[at], end = this.#ends[at];
      if (at >= first && at < last) {
        if (slot === null || slot.baseGfn !== base || endGfn(slot) !== end) fail(at, 2);
        if (base < floor) fail(at, 3);
        floor = end;
      } else {
        if (slot !== null || end !== (at < first ? -Infinity : Infinity)) fail(at, 4);
        if (at >= last && base !== Infinity) fail(at, 4);
      }
    }
    if (floor > this.#directory.upper[chunk]) fail(last - 1, 3);
  }

  /** Puts `slot` before entry `at` of a chunk that is not full: the shorter side makes room. */
  #place(chunk: number, at: number, slot: Memslot): void {
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    const first = this.#first[chunk], last = this.#last[chunk], from = chunk * WINDOW;
    const right = last < from + WINDOW - 1 && (first === from || last - at <= at - first);
    if (right) {
      for (let i = last; i > at; i--) {
        bases[i] = bases[i - 1];
        ends[i] = ends[i - 1];
        slots[i] = slots[i - 1];
      }
      this.#last[chunk] = last + 1;
    } else {
      at--;
      for (let i = first - 1; i < at; i++) {
        bases[i] = bases[i + 1];
        ends[i] = ends[i + 1];
        slots[i] = slots[i + 1];
      }
      this.#first[chunk] = first - 1;
    }
    bases[at] = slot.baseGfn;
    ends[at] = endGfn(slot);
    slots[at] = slot;
  }

  /** Takes entry `at` out of a chunk: the shorter side closes up. Returns how many remain. */
  #displace(chunk: number, at: number): number {
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    let first = this.#first[chunk], last = this.#last[chunk];
    if (last - at <= at - first) {
      last--;
      for (let i = at; i < last; i++) {
        bases[i] = bases[i + 1];
        ends[i] = ends[i + 1];
        slots[i] = slots[i + 1];
      }
      bases[last] = ends[last] = Infinity;
      slots[last] = null;
      this.#last[chunk] = last;
    } else {
      for (let i = at; i > first; i--) {
        bases[i] = bases[i - 1];
        ends[i] = ends[i - 1];
        slots[i] = slots[i - 1];
      }
      ends[first] = -Infinity;
      slots[first] = null;
      this.#first[chunk] = ++first;
    }
    return last - first;
  }

  /** Inserts before entry `at` of a full chunk: by making room in it, or by splitting it. */
  #insertFull(chunk: number, at: number, slot: Memslot): void {
    if (this.#spill(chunk)) return this.insert(slot);
    if (this.#directory.isFull) {
      this.#makeRoom();
      return this.insert(slot);
    }
    const first = this.#first[chunk], last = this.#last[chunk];
    if (at === last) {
      // Ascending inserts leave full chunks behind them.
      const added = this.#directory.add(chunk, slot.baseGfn);
      this.#place(added, this.#open(added, 0), slot);
      this.#size++;
    } else if (at === first) {
      // And so do descending ones.
      this.#split(chunk, first, endGfn(slot));
      this.#place(chunk, this.#open(chunk, 0), slot);
      this.#size++;
    } else {
      const middle = (first + last) >> 1;
      this.#split(chunk, middle, this.#bases[middle]);
      this.insert(slot);
    }
    this.#refit();
  }

  /** Moves some slots of a full chunk to the free entries beside a neighbour's, if there are. */
  #spill(chunk: number): boolean {
    const next = this.#directory.next[chunk], previous = this.#directory.previous[chunk];
    const first = this.#first[chunk], last = this.#last[chunk];
    if (next >= 0) {
      const start = this.#first[next], count = this.#spillable(next, start - next * WINDOW);
      if (count > 0) {
        this.#directory.moveUpper(chunk, this.#bases[last - count]);
        this.#copy(last - count, last, start - count);
        this.#clear(last - count, last);
        this.#last[chunk] = last - count;
        this.#first[next] = start - count;
        return true;
      }
    }
    if (previous >= 0) {
      const end = this.#last[previous];
      const count = this.#spillable(previous, (previous + 1) * WINDOW - 1 - end);
      if (count > 0) {
        this.#directory.moveUpper(previous, this.#ends[first + count - 1]);
        this.#copy(first, first + count, end);
        this.#slots.fill(null, first, first + count);
        this.#ends.fill(-Infinity, first, first + count);
        this.#first[chunk] = first + count;
        this.#last[previous] = end + count;
        return true;
      }
    }
    return false;
  }

  /** How many slots a full neighbour may move to a chunk that has `room` on that side. */
  #spillable(chunk: number, room: number): number {
    const space = this.#chunkLimit - (this.#last[chunk] - this.#first[chunk]);
    return Math.min(room, (space + 1) >> 1, this.#chunkLimit >> 1);
  }

  /** Moves entries from `from` on to a new chunk, whose range begins at `separator`. */
  #split(chunk: number, from: number, separator: Gfn): void {
    const last = this.#last[chunk], added = this.#directory.add(chunk, separator);
    const start = this.#open(added, last - from);
    this.#copy(from, last, start);
    this.#clear(from, last);
    this.#last[chunk] = from;
  }

  /** Joins a chunk of which `count` slots remain with a neighbour, if both fit in one. */
  #mergeAround(chunk: number, count: number): void {
    const next = this.#directory.next[chunk], previous = this.#directory.previous[chunk];
    // Room for some more slots, or the next insert would split it again; but due to 1) an empty
    // chunk must go.
    const most = count === 0 ? this.#chunkLimit : this.#chunkLimit - 4;
    if (next >= 0 && count + this.#last[next] - this.#first[next] <= most) {
      this.#merge(chunk, next);
    } else if (previous >= 0 && count + this.#last[previous] - this.#first[previous] <= most) {
      this.#merge(previous, chunk);
    }
  }

  /** Moves all slots of two neighbours to the left one. */
  #merge(left: number, right: number): void {
    const from = this.#first[left], to = this.#last[left];
    const leftCount = to - from, count = leftCount + this.#last[right] - this.#first[right];
    // To and fro: past the right one's slots in its own window there may be no room, but the left
    // one's window holds both once its slots are at its start.
    const window = left * WINDOW;
    this.#copy(from, to, window);
    this.#copy(this.#first[right], this.#last[right], window + leftCount);
    this.#clear(this.#first[right], this.#last[right]);
    const start = window + ((WINDOW - 1 - count) >> 1);
    this.#bases.copyWithin(start, window, window + count);
    this.#ends.copyWithin(start, window, window + count);
    this.#slots.copyWithin(start, window, window + count);
    this.#slots.fill(null, window, start);
    this.#slots.fill(null, start + count, window + WINDOW);
    this.#open(left, count);
    this.#directory.remove(right);
    this.#refit();
  }

  /** Copies entries [from, to) to `target` and after. */
  #copy(from: number, to: number, target: number): void {
    const bases = this.#bases, ends = this.#ends, slots = this.#slots, shift = target - from;
    for (let at = from; at < to; at++) {
      bases[at + shift] = bases[at];
      ends[at + shift] = ends[at];
      slots[at + shift] = slots[at];
    }
  }

  /** Empties entries [from, to), the last of their chunk. */
  #clear(from: number, to: number): void {
    this.#bases.fill(Infinity, from, to);
    this.#ends.fill(Infinity, from, to);
    this.#slots.fill(null, from, to);
  }

  /** Sets a chunk's bounds for `count` slots in the middle, and 4) around them; its first entry. */
  #open(chunk: number, count: number): number {
    const from = chunk * WINDOW, to = from + WINDOW;
    const first = from + ((WINDOW - 1 - count) >> 1), last = first + count;
    this.#ends.fill(-Infinity, from, first);
    this.#ends.fill(Infinity, last, to);
    this.#bases.fill(Infinity, last, to);
    this.#first[chunk] = first;
    this.#last[chunk] = last;
    return first;
  }

  /** Lets the directory follow the slots once enough chunks have come and gone. */
  #refit(): void {
    if (!this.#directory.isStale) return;
    const head = this.#directory.head, tail = this.#directory.find(GFN_LIMIT);
    this.#directory.rebuild(this.#bases[this.#first[head]], this.#ends[this.#last[tail] - 1]);
    this.#forgetHints();
  }

  /** Starts anew with hints for the zone the directory has chosen: one or two a slot. */
  #forgetHints(): void {
    const { startGfn, endGfn } = this.#directory.evenZone;
    const count = endGfn > startGfn ? Math.ceil(HINTS * this.#size) : 0;
    this.#hintGfn = startGfn;
    this.#hintsPerGfn = count === 0 ? 1 : count / (endGfn - startGfn);
    this.#hints = new Int32Array(this.#wouldHelp() ? count : 0);
  }

  /** A hint leads to three slots: do a bucket's slots lie within, for most of a sample? */
  #wouldHelp(): boolean {
    const bases = this.#bases, chunks = this.#first.length, step = 1 + (chunks >> 4);
    const bucketOf = (at: number) => Math.floor((bases[at] - this.#hintGfn) * this.#hintsPerGfn);
    let sampled = 0, crowded = 0;
    for (let chunk = 0; chunk < chunks; chunk += step) {
      for (let at = this.#first[chunk]; at + 3 < this.#last[chunk]; at++) {
        sampled++;
        crowded += +(bucketOf(at) === bucketOf(at + 3));
      }
    }
    return crowded * 4 <= sampled;
  }

  /** Makes room for more chunks, or for fewer and fuller ones. */
  #makeRoom(): void {
    const chunks = this.#directory.count, capacity = roomFor(chunks);
    if (capacity * WINDOW > MOST_ENTRIES * this.#size + SPARE_ENTRIES) return this.#repack();
    // Block copies alone, and the directory keeps its tables: at 32,764 slots 0.2 ms.
    this.#bases = grown(this.#bases, new Float64Array(capacity * WINDOW));
    this.#ends = grown(this.#ends, new Float64Array(capacity * WINDOW));
    this.#first = grown(this.#first, new Int32Array(capacity));
    this.#last = grown(this.#last, new Int32Array(capacity));
    this.#slots = this.#slots.concat(new Array(capacity * WINDOW - this.#slots.length).fill(null));
    this.#directory.grow(capacity);
  }

  /** Packs all slots into a new pool. O(n): at 32,764 slots 0.3 ms. */
  #repack(): void {
    const runs: [from: number, to: number][] = [];
    for (let chunk = this.#directory.head; chunk >= 0; chunk = this.#directory.next[chunk]) {
      runs.push([this.#first[chunk], this.#last[chunk]]);
    }
    this.#pack({ bases: this.#bases, ends: this.#ends, slots: this.#slots }, runs);
  }

  /** Packs the `#size` slots that lie in `runs` of a pool into a new one, an eighth to spare. */
  #pack(pool: Pool, runs: readonly (readonly [from: number, to: number])[]): void {
    const size = this.#size, perChunk = Math.min(PACKED, this.#chunkLimit);
    const chunks = Math.max(1, Math.ceil(size / perChunk)), capacity = roomFor(chunks);
    const bases = this.#bases = new Float64Array(capacity * WINDOW);
    const ends = this.#ends = new Float64Array(capacity * WINDOW);
    const slots = this.#slots = new Array<Memslot | null>(capacity * WINDOW).fill(null);
    this.#first = new Int32Array(capacity);
    this.#last = new Int32Array(capacity);
    const separators = new Float64Array(chunks).fill(-Infinity);
    let chunk = -1, to = 0, left = 0;
    if (size === 0) this.#open(0, 0);
    for (const [from, end] of runs) {
      for (let at = from; at < end; at++, to++, left--) {
        if (left === 0) {
          chunk++;
          // Evenly: the chunks' counts differ by one at most.
          left = Math.floor(size * (chunk + 1) / chunks) - Math.floor(size * chunk / chunks);
          to = this.#open(chunk, left);
          if (chunk > 0) separators[chunk] = pool.bases[at];
        }
        bases[to] = pool.bases[at];
        ends[to] = pool.ends[at];
        slots[to] = pool.slots[at];
      }
    }
    const startGfn = size === 0 ? 0 : bases[this.#first[0]], endGfn = size === 0 ? 1 : ends[to - 1];
    const nodeLimit = this.#nodeLimit;
    this.#directory = new ChunkDirectory(separators, { capacity, startGfn, endGfn, nodeLimit });
    this.#forgetHints();
  }
}

/** Entries side by side. */
interface Pool {
  readonly bases: Float64Array;
  readonly ends: Float64Array;
  readonly slots: readonly (Memslot | null)[];
}

/** The chunks a pool has room for: an eighth more than `chunks`, for those to come. */
function roomFor(chunks: number): number {
  return chunks + (chunks >> 3) + 1;
}

/** `target`, with what `array` holds at its start. */
function grown<T extends Float64Array | Int32Array>(array: T, target: T): T {
  target.set(array);
  return target;
}

class RadixChunksIter implements MemslotIter {
  slot: Memslot | null = null;
  /** The entry of the slot; at first one of which isValid is never true, due to 4). */
  #at = WINDOW - 1;
  readonly #directory: ChunkDirectory;
  readonly #first: Int32Array;
  readonly #bases: Float64Array;
  readonly #ends: Float64Array;
  readonly #slots: readonly (Memslot | null)[];

  constructor(
    directory: ChunkDirectory,
    first: Int32Array,
    bases: Float64Array,
    ends: Float64Array,
    slots: readonly (Memslot | null)[],
  ) {
    this.#directory = directory;
    this.#first = first;
    this.#bases = bases;
    this.#ends = ends;
    this.#slots = slots;
  }

  start(startGfn: Gfn): void {
    let at = upperBound(this.#ends, this.#directory.find(startGfn), startGfn);
    let slot = this.#slots[at];
    if (slot === null) {
      // No slot of this chunk ends after startGfn: as in next.
      const next = this.#directory.next[at >> 5];
      if (next >= 0) {
        at = this.#first[next];
        slot = this.#slots[at];
      }
    }
    this.#at = at;
    this.slot = slot;
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    // Past the last slot stands an entry whose base is Infinity, due to 1) and 4).
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    let at = this.#at + 1;
    let slot = this.#slots[at];
    if (slot === null) {
      // Past the chunk's last slot.
      const next = this.#directory.next[at >> 5];
      if (next >= 0) {
        at = this.#first[next];
        slot = this.#slots[at];
      }
    }
    this.#at = at;
    this.slot = slot;
  }
}

/**
 * The first entry of `chunk` that ends after `gfn`, or the one past its last. Two rounds of
 * comparisons that do not wait for each other: more of them than halving would take, but an answer
 * in half the time, and after this search the processor has to wait for it (see `find` for where
 * it has not).
 */
function upperBound(ends: Float64Array, chunk: number, gfn: Gfn): number {
  let at = chunk << 5;
  at += (+(ends[at + 7] <= gfn) + +(ends[at + 15] <= gfn) + +(ends[at + 23] <= gfn)) << 3;
  at += +(ends[at] <= gfn) + +(ends[at + 1] <= gfn) + +(ends[at + 2] <= gfn) +
    +(ends[at + 3] <= gfn) + +(ends[at + 4] <= gfn) + +(ends[at + 5] <= gfn) +
    +(ends[at + 6] <= gfn);
  return at;
}
