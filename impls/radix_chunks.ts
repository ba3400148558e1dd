/**
 * Radix chunks: slots lie in order in chunks of up to 30, and hints, a direct-mapped cache of where
 * gfns were found, lead to them in one step. Where a hint is wrong, a directory (chunk_directory.ts:
 * radix tables, with a tree under them) leads from the gfn to its chunk. Dynamic, and safe from any
 * layout: where nothing helps, the tree costs the log of the slots.
 *
 * Find and start O(1) by a hint, or where slots are spread evenly over one zone or a few, O(log n)
 * else; next O(1); insert and erase the same and up to 15 moves, and when the set has grown or
 * shrunk by some percent a new pool in O(n): below 1 ms at 32,764 slots. 38 to 48 bytes a slot from
 * 509 slots up, whatever the guest's span. For sets that change while they are asked, by point and by
 * range.
 *
 * The parts are known: B+-tree leaves (Bayer and McCreight 1972) under a bucket directory, as in
 * extendible hashing (Fagin 1979) and in learned indexes' radix tables (RadixSpline 2020). The hints
 * are a processor's branch target buffer, or KVM's last_used_slot for each of many sets of gfns.
 *
 *      gfn -> hint ----------> entry   window of 32 entries: bases, ends and slots side by side
 *         \-> directory -> chunk       ends  10 10 | 14 20 31 ... 90 | 95 95 ... 95
 *                                       lower      ^ first           ^ last      upper
 *
 * A chunk fills the middle of its window, so that a slot that comes or goes moves the shorter side.
 * Searches are over ends: the first end above gfn is the slot that holds it, if one does, and else
 * the next one, where a range starts.
 *
 * All gfns of a set share a hint, to the place where one of them was last found; that entry and the
 * two after it are tried. Nothing depends on a hint: a place is right if the end before it is not
 * above the gfn and its own is, and due to 4) the windows' other entries never look so; so no change
 * has to mend hints. Which gfns make a set: chunk_hints.ts.
 *
 * Invariants:
 *  1) a chunk's slots are the entries [first, last) of its window, at least one, and never the
 *     window's first or last entry (in an empty index there is one chunk, and it is empty);
 *  2) an entry's base and end are its slot's;
 *  3) a chunk's slots ascend without overlap and lie within the chunk's range in the directory;
 *  4) other entries hold no slot, and their base is Infinity: their end is the lower bound of the
 *     chunk's range before first, and the upper one from last on; of a chunk out of use all ends are
 *     Infinity;
 *  5) a hint is 0, where the range of the first chunk begins, which is chunk 0, or an entry of a
 *     window that is neither its first nor one of its last two.
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
import { ChunkDirectory } from "./radix_chunks/chunk_directory.ts";
import { fitHints, type Hints, LAST_HINT } from "./radix_chunks/chunk_hints.ts";

/** Entries of a chunk's window: two more than it may hold, so that no slot is the first or last. */
const WINDOW = 32;
/** How many slots a chunk gets when all are packed anew: room for five more. */
const PACKED = 25;

/** Chunks under a directory of radix tables; see the head of its file. */
export class RadixChunks implements MemslotIndex {
  #size = 0;
  // The pool: chunk c has entries [c * WINDOW, (c + 1) * WINDOW) of these.
  #bases = new Float64Array(0);
  #ends = new Float64Array(0);
  #slots: (Memslot | null)[] = [];
  // By chunk: its first entry in use, and the one past its last.
  #first = new Int32Array(0);
  #last = new Int32Array(0);
  #directory!: ChunkDirectory;
  // See chunk_hints.ts.
  #hints: Hints = new Uint16Array(1);
  #setsPerGfn = 0.5;
  readonly #chunkLimit: number;
  readonly #nodeLimit: number;

  /**
   * O(n). `RangeError` or `TypeError` as `checkMemslots`. The options are for tests: how many slots
   * a chunk may hold, 2 to 30, and how many chunks a node of the tree, 2 to 64.
   */
  constructor(
    slots: readonly Memslot[] = [],
    options: { chunkLimit?: number; nodeLimit?: number } = {},
  ) {
    const { chunkLimit = WINDOW - 2, nodeLimit = 64 } = options;
    checkMemslots(slots);
    this.#chunkLimit = chunkLimit;
    this.#nodeLimit = nodeLimit;
    this.#size = slots.length;
    let at = 0;
    this.#pack(({ bases, ends, slots: packed }, from, to) => {
      for (let i = from; i < to; i++, at++) {
        const slot = slots[at];
        bases[i] = slot.baseGfn;
        ends[i] = endGfn(slot);
        packed[i] = slot;
      }
    });
  }

  /** The number of slots. */
  get size(): number {
    return this.#size;
  }

  /** The slot that holds `gfn`, or null. */
  find(gfn: Gfn): Memslot | null {
    const hints = this.#hints, ends = this.#ends;
    const set = (gfn * this.#setsPerGfn) & (hints.length - 1);
    // Sums of comparisons instead of branches: which way one goes cannot be foretold.
    let at = hints[set];
    at += +(ends[at] <= gfn);
    at += +(ends[at] <= gfn);
    // Due to 4) and 5) this is the place if it looks like it.
    if (gfn < ends[at]) {
      if (this.#bases[at] <= gfn) return this.#slots[at];
      if (ends[at - 1] <= gfn) return null;
    }
    if (!(gfn <= GFN_LIMIT)) return null; // a hint to where NaN or Infinity leads is against 5)
    at = this.#directory.find(gfn) << 5;
    at += +(ends[at + 15] <= gfn) << 4;
    at += +(ends[at + 7] <= gfn) << 3;
    at += +(ends[at + 3] <= gfn) << 2;
    at += +(ends[at + 1] <= gfn) << 1;
    at += +(ends[at] <= gfn);
    if ((at & 31) <= LAST_HINT) hints[set] = at; // keeps 5)
    return this.#bases[at] <= gfn ? this.#slots[at] : null;
  }

  /** Adds a slot. */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const base = slot.baseGfn, end = endGfn(slot);
    const at = this.#locate(base), chunk = at >> 5;
    const first = this.#first[chunk], last = this.#last[chunk];
    if (at < last) {
      if (this.#bases[at] < end) throw overlapError(slot, this.#slots[at]!);
    } else if (this.#ends[at] < end) {
      // The slot would reach into the next chunk's range: keep 3), if there is room in there.
      const after = this.#first[this.#directory.next[chunk]];
      if (this.#bases[after] < end) throw overlapError(slot, this.#slots[after]!);
      this.#moveUpper(chunk, end);
    }
    if (last - first === this.#chunkLimit) return this.#insertFull(chunk, at, slot);
    this.#place(chunk, at, slot);
    this.#size++;
  }

  /** Removes the slot that begins where `slot` does. */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const at = this.#locate(slot.baseGfn), chunk = at >> 5;
    if (this.#bases[at] !== slot.baseGfn) throw missingError(slot);
    this.#size--;
    const count = this.#displace(chunk, at);
    if (this.#bases.length > mostEntries(this.#size)) this.#repack();
    else if (count <= this.#chunkLimit >> 1) this.#mergeAround(chunk, count);
  }

  /** A cursor; `next` is O(1). */
  iter(): MemslotIter {
    return new RadixChunksIter(
      this.#hints,
      this.#setsPerGfn,
      this.#directory,
      this.#first,
      this.#bases,
      this.#ends,
      this.#slots,
    );
  }

  /** Bytes held beyond the slots: what the arrays occupy. */
  get bytes(): number {
    return 24 * this.#bases.length + 8 * this.#first.length + this.#hints.byteLength +
      this.#directory.bytes;
  }

  /** Throws if an invariant of this file or of the directory does not hold. O(n). */
  checkInvariants(): void {
    const directory = this.#directory;
    directory.checkInvariants();
    const unused = new Set(this.#first.keys());
    let floor = -Infinity, size = 0;
    for (let chunk = directory.head; chunk >= 0; chunk = directory.next[chunk]) {
      unused.delete(chunk);
      this.#checkChunk(chunk, floor);
      size += this.#last[chunk] - this.#first[chunk];
      floor = directory.upper[chunk];
    }
    if (size !== this.#size) throw new Error(`The chunks hold ${size} slots, not ${this.#size}`);
    const held = this.#slots.reduce((sum, slot) => sum + (slot === null ? 0 : 1), 0);
    if (held !== size) throw new Error(`${held - size} slots are held outside the chunks`);
    for (const chunk of unused) {
      const ends = this.#ends.subarray(chunk * WINDOW, (chunk + 1) * WINDOW);
      if (ends.some((end) => end !== Infinity)) throw new Error(`Chunk ${chunk} is against 4)`);
    }
    this.#checkHints();
  }

  #checkChunk(chunk: number, lower: Gfn): void {
    const from = chunk * WINDOW, first = this.#first[chunk], last = this.#last[chunk];
    const upper = this.#directory.upper[chunk];
    const fail = (at: number, invariant: number) => {
      throw new Error(`Entry ${at} of chunk ${chunk} is against ${invariant})`);
    };
    if (first <= from || last >= from + WINDOW || last - first > this.#chunkLimit) fail(first, 1);
    if (first >= last && this.#size > 0) fail(first, 1);
    let floor = lower;
    for (let at = from; at < from + WINDOW; at++) {
      const slot = this.#slots[at], base = this.#bases[at], end = this.#ends[at];
      if (at >= first && at < last) {
        if (slot === null || slot.baseGfn !== base || endGfn(slot) !== end) fail(at, 2);
        if (base < floor) fail(at, 3);
        floor = end;
      } else {
        if (slot !== null || base !== Infinity) fail(at, 4);
        if (end !== (at < first ? lower : upper)) fail(at, 4);
      }
    }
    if (floor > upper) fail(last - 1, 3);
  }

  #checkHints(): void {
    if (this.#directory.head !== 0) throw new Error("Chunk 0 is not the first, against 5)");
    for (const at of this.#hints) {
      if (at !== 0 && ((at & 31) === 0 || (at & 31) > LAST_HINT)) {
        throw new Error(`A hint leads to entry ${at}, against 5)`);
      }
    }
  }

  /** The first entry that ends after `gfn`, or the one past the last of the chunk gfn lies in. */
  #locate(gfn: Gfn): number {
    if (this.#directory.count === 1) return upperBound(this.#ends, 0, gfn);
    return locate(this.#hints, this.#setsPerGfn, this.#directory, this.#ends, gfn);
  }

  /** Puts `slot` before entry `at` of a chunk that is not full: the shorter side makes room. */
  #place(chunk: number, at: number, slot: Memslot): void {
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    const first = this.#first[chunk], last = this.#last[chunk], from = chunk * WINDOW;
    const hasRight = last < from + WINDOW - 1, hasLeft = first > from + 1;
    if (hasRight && (!hasLeft || last - at <= at - first)) {
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
      bases[last] = Infinity;
      ends[last] = ends[chunk * WINDOW + WINDOW - 1]; // keeps 4)
      slots[last] = null;
      this.#last[chunk] = last;
    } else {
      for (let i = at; i > first; i--) {
        bases[i] = bases[i - 1];
        ends[i] = ends[i - 1];
        slots[i] = slots[i - 1];
      }
      bases[first] = Infinity;
      ends[first] = ends[chunk * WINDOW]; // keeps 4)
      slots[first] = null;
      this.#first[chunk] = ++first;
    }
    return last - first;
  }

  /** Moves the bound between `chunk` and the next to `gfn`: keeps 4). */
  #moveUpper(chunk: number, gfn: Gfn): void {
    this.#directory.moveUpper(chunk, gfn);
    this.#setUpper(chunk, gfn);
    this.#setLower(this.#directory.next[chunk], gfn);
  }

  #setUpper(chunk: number, gfn: Gfn): void {
    this.#ends.fill(gfn, this.#last[chunk], (chunk + 1) * WINDOW);
  }

  #setLower(chunk: number, gfn: Gfn): void {
    this.#ends.fill(gfn, chunk * WINDOW, this.#first[chunk]);
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
      this.#setUpper(chunk, slot.baseGfn);
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
      const start = this.#first[next], count = this.#spillable(next, start - next * WINDOW - 1);
      if (count > 0) {
        const separator = this.#bases[last - count];
        this.#copy(last - count, last, start - count);
        this.#clear(last - count, last);
        this.#last[chunk] = last - count;
        this.#first[next] = start - count;
        this.#moveUpper(chunk, separator);
        return true;
      }
    }
    if (previous >= 0) {
      const end = this.#last[previous];
      const count = this.#spillable(previous, (previous + 1) * WINDOW - 1 - end);
      if (count > 0) {
        const separator = this.#ends[first + count - 1];
        this.#copy(first, first + count, end);
        this.#clear(first, first + count);
        this.#first[chunk] = first + count;
        this.#last[previous] = end + count;
        this.#moveUpper(previous, separator);
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
    this.#setUpper(chunk, separator);
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
    const leftFrom = this.#first[left], leftCount = this.#last[left] - leftFrom;
    const rightFrom = this.#first[right], rightCount = this.#last[right] - rightFrom;
    const count = leftCount + rightCount, start = left * WINDOW + ((WINDOW - count) >> 1);
    this.#copy(leftFrom, leftFrom + leftCount, start);
    this.#copy(rightFrom, rightFrom + rightCount, start + leftCount);
    this.#clear(rightFrom, rightFrom + rightCount);
    // Of a chunk out of use: no gfn is at or above an end, and below the next.
    this.#ends.fill(Infinity, right * WINDOW, (right + 1) * WINDOW);
    this.#directory.remove(right);
    this.#open(left, count);
    this.#refit();
  }

  /** Copies entries [from, to) to `target` and after, which may be among them. */
  #copy(from: number, to: number, target: number): void {
    this.#bases.copyWithin(target, from, to);
    this.#ends.copyWithin(target, from, to);
    this.#slots.copyWithin(target, from, to);
  }

  /** Empties entries [from, to), the first or the last of their chunk; who calls sees to 4). */
  #clear(from: number, to: number): void {
    this.#bases.fill(Infinity, from, to);
    this.#slots.fill(null, from, to);
  }

  /** Sets a chunk's bounds for `count` slots in the middle, and 4) around them; its first entry. */
  #open(chunk: number, count: number): number {
    const from = chunk * WINDOW, to = from + WINDOW;
    const first = from + ((WINDOW - count) >> 1), last = first + count;
    const previous = this.#directory.previous[chunk];
    this.#first[chunk] = first;
    this.#last[chunk] = last;
    this.#clear(from, first);
    this.#clear(last, to);
    this.#setLower(chunk, previous < 0 ? -Infinity : this.#directory.upper[previous]);
    this.#setUpper(chunk, this.#directory.upper[chunk]);
    return first;
  }

  /** Lets the directory follow the slots once enough chunks have come and gone. */
  #refit(): void {
    if (!this.#directory.isStale) return;
    this.#directory.rebuild(this.#startGfn, this.#endGfn);
    this.#fitHints();
  }

  /** Where the first slot begins. */
  get #startGfn(): Gfn {
    return this.#size === 0 ? 0 : this.#bases[this.#first[this.#directory.head]];
  }

  /** Where the last slot ends. */
  get #endGfn(): Gfn {
    return this.#size === 0 ? 1 : this.#ends[this.#last[this.#directory.find(GFN_LIMIT)] - 1];
  }

  /** Chooses hints for the slots as they are. O(n): at 32,764 slots 0.2 ms. */
  #fitHints(): void {
    const { zone, next, head } = this.#directory;
    const pool = { bases: this.#bases, ends: this.#ends, first: this.#first, last: this.#last };
    const { hints, setsPerGfn } = fitHints({ ...pool, next, head, size: this.#size }, zone);
    this.#hints = hints;
    this.#setsPerGfn = setsPerGfn;
  }

  /** Makes room for more chunks, or for fewer and fuller ones. */
  #makeRoom(): void {
    const chunks = this.#directory.count, capacity = roomFor(chunks);
    if (capacity * WINDOW > mostEntries(this.#size)) return this.#repack();
    // Block copies alone, and the directory keeps its tables: at 32,764 slots 0.2 ms.
    const entries = capacity * WINDOW;
    this.#bases = grown(this.#bases, new Float64Array(entries).fill(Infinity));
    this.#ends = grown(this.#ends, new Float64Array(entries).fill(Infinity)); // keeps 4)
    this.#first = grown(this.#first, new Int32Array(capacity));
    this.#last = grown(this.#last, new Int32Array(capacity));
    this.#slots = this.#slots.concat(new Array(entries - this.#slots.length).fill(null));
    this.#directory.grow(capacity);
    if (entries > 2 ** 16 && this.#hints instanceof Uint16Array) this.#fitHints();
  }

  /** Packs all slots into a new pool. O(n): at 32,764 slots 0.3 ms. */
  #repack(): void {
    const { next, head } = this.#directory, firsts = this.#first, lasts = this.#last;
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    let chunk = head, at = firsts[chunk];
    this.#pack((pool, from, to) => {
      for (let i = from; i < to; i++, at++) {
        // The chunk that an erase has just emptied is passed over.
        while (at === lasts[chunk]) {
          chunk = next[chunk];
          at = firsts[chunk];
        }
        pool.bases[i] = bases[at];
        pool.ends[i] = ends[at];
        pool.slots[i] = slots[at];
      }
    });
  }

  /** Packs the slots that `fill` gives, in order, into a new pool, with a twelfth to spare. */
  #pack(fill: (pool: Pool, from: number, to: number) => void): void {
    const size = this.#size, perChunk = Math.min(PACKED, this.#chunkLimit);
    const chunks = Math.max(1, Math.ceil(size / perChunk)), capacity = roomFor(chunks);
    const bases = this.#bases = new Float64Array(capacity * WINDOW).fill(Infinity);
    const ends = this.#ends = new Float64Array(capacity * WINDOW).fill(Infinity);
    const slots = this.#slots = new Array<Memslot | null>(capacity * WINDOW).fill(null);
    this.#first = new Int32Array(capacity);
    this.#last = new Int32Array(capacity);
    const separators = new Float64Array(chunks).fill(-Infinity);
    for (let chunk = 0; chunk < chunks; chunk++) {
      // Evenly: the chunks' counts differ by one at most.
      const count = Math.floor(size * (chunk + 1) / chunks) - Math.floor(size * chunk / chunks);
      const first = chunk * WINDOW + ((WINDOW - count) >> 1);
      this.#first[chunk] = first;
      this.#last[chunk] = first + count;
      fill({ bases, ends, slots }, first, first + count);
      if (chunk > 0) separators[chunk] = bases[first];
    }
    const last = this.#last[chunks - 1] - 1;
    this.#directory = new ChunkDirectory(separators, {
      capacity,
      startGfn: size === 0 ? 0 : bases[this.#first[0]],
      endGfn: size === 0 ? 1 : ends[last],
      nodeLimit: this.#nodeLimit,
    });
    for (let chunk = 0; chunk < chunks; chunk++) {
      this.#setLower(chunk, separators[chunk]);
      this.#setUpper(chunk, this.#directory.upper[chunk]);
    }
    this.#fitHints();
  }
}

/** Entries side by side. */
interface Pool {
  readonly bases: Float64Array;
  readonly ends: Float64Array;
  readonly slots: (Memslot | null)[];
}

/**
 * Entries above which a pool for `size` slots is packed anew. A newly packed one never has more, or
 * the next erase would pack it again.
 */
function mostEntries(size: number): number {
  return Math.max(1.45 * size + 40, 1.39 * size + 72);
}

/** The chunks a pool has room for: a twelfth more than `chunks`, for those to come. */
function roomFor(chunks: number): number {
  return chunks + Math.ceil(chunks / 12);
}

/** `target`, with what `array` holds at its start. */
function grown<T extends Float64Array | Int32Array>(array: T, target: T): T {
  target.set(array);
  return target;
}

class RadixChunksIter implements MemslotIter {
  /** The entry of the slot; at first one of which isValid is never true, due to 4). */
  #at = WINDOW - 1;
  /** There is one chunk only, which is chunk 0 due to 5): its search waits less than a hint. */
  readonly #isAlone: boolean;
  readonly #hints: Hints;
  readonly #setsPerGfn: number;
  readonly #directory: ChunkDirectory;
  readonly #first: Int32Array;
  readonly #bases: Float64Array;
  readonly #ends: Float64Array;
  readonly #slots: readonly (Memslot | null)[];

  constructor(
    hints: Hints,
    setsPerGfn: number,
    directory: ChunkDirectory,
    first: Int32Array,
    bases: Float64Array,
    ends: Float64Array,
    slots: readonly (Memslot | null)[],
  ) {
    this.#isAlone = directory.count === 1;
    this.#hints = hints;
    this.#setsPerGfn = setsPerGfn;
    this.#directory = directory;
    this.#first = first;
    this.#bases = bases;
    this.#ends = ends;
    this.#slots = slots;
  }

  get slot(): Memslot | null {
    return this.#slots[this.#at];
  }

  start(startGfn: Gfn): void {
    const at = this.#isAlone
      ? upperBound(this.#ends, 0, startGfn)
      : locate(this.#hints, this.#setsPerGfn, this.#directory, this.#ends, startGfn);
    this.#at = this.#slots[at] === null ? this.#beyond(at) : at;
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    const at = this.#at + 1;
    this.#at = this.#slots[at] === null ? this.#beyond(at) : at;
  }

  #beyond(at: number): number {
    const next = this.#directory.next[at >> 5];
    return next < 0 ? at : this.#first[next];
  }
}

/** The first entry that ends after `gfn`, or the one past the last of the chunk gfn lies in. */
function locate(
  hints: Hints,
  setsPerGfn: number,
  directory: ChunkDirectory,
  ends: Float64Array,
  gfn: Gfn,
): number {
  const set = (gfn * setsPerGfn) & (hints.length - 1);
  let at = hints[set];
  at += +(ends[at] <= gfn);
  at += +(ends[at] <= gfn);
  // As in `find`.
  if (gfn < ends[at] && ends[at - 1] <= gfn) return at;
  if (!(gfn <= GFN_LIMIT)) gfn = GFN_LIMIT; // as in `find`: past all slots
  at = upperBound(ends, directory.find(gfn) << 5, gfn);
  if ((at & 31) <= LAST_HINT) hints[set] = at; // keeps 5)
  return at;
}

/**
 * The first entry of the window `at` that ends after `gfn`. Two rounds of comparisons that do not
 * wait for each other: more of them than halving would take, but an answer in half the time, and
 * after this search the processor has to wait for it (see `find` for where it has not).
 */
function upperBound(ends: Float64Array, at: number, gfn: Gfn): number {
  at += (+(ends[at + 7] <= gfn) + +(ends[at + 15] <= gfn) + +(ends[at + 23] <= gfn)) << 3;
  at += +(ends[at] <= gfn) + +(ends[at + 1] <= gfn) + +(ends[at + 2] <= gfn) +
    +(ends[at + 3] <= gfn) + +(ends[at + 4] <= gfn) + +(ends[at + 5] <= gfn) +
    +(ends[at + 6] <= gfn);
  return at;
}
