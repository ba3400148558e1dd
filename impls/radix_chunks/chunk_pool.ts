/**
 * The form of `radix_chunks` for 8 to some 37,000 slots: chunks of up to 30 slots in windows of 32
 * entries. Hints, a direct-mapped cache of where gfns were found, lead to an entry in one step. If a
 * hint is wrong, a search without branches over the last ends of the chunks leads there, in a time
 * that does not depend on the layout.
 *
 * Find and start O(1) by a hint, else O(log n); next O(1). An insert moves up to 29 entries, an erase
 * 15, and some 30 where slots pass between chunks; both O(n / 25) where a chunk is added or removed, and
 * O(n) for a new pool when the set has grown or shrunk by some percent. 28 to 48 bytes a slot from 509
 * slots up.
 *
 * B+-tree leaves (Bayer and McCreight 1972) under hints, which are a processor's branch target buffer,
 * or KVM's last_used_slot for each of many sets of gfns; hints.ts chooses the sets.
 *
 *     gfn -> hint ----------------------> entry     a window: ends  9 9 | 14 20 31 ... 90 | 90 90
 *        \-> top -> last ends -> chunk -> entry                    free ^ first    last ^ free
 *
 * A new chunk's slots lie in the middle of its window, so a slot that comes or goes moves the shorter
 * side, as long as there is room there. Entry e has its slot in slotAt[e], base and end in bounds[2 * e] and bounds[2 * e + 1]; chunk
 * c has entries [32 * c, 32 * c + 32). Chunk 0 has no slots: it is after the last chunk and before the
 * first one.
 *
 * Invariants:
 *  1) a chunk's slots are the entries [first, last) of its window; the window's first and last entry
 *     are free; no chunk in use is empty, except 0 and a chunk that is the only one;
 *  2) next and previous link the chunks in use in a circle through 0; the slots ascend without
 *     overlap, in a chunk and from chunk to chunk; bounds has their bases and ends, and the base
 *     Infinity for free entries;
 *  3) the end of a free entry is the end of the slot before it in this order, -Infinity if there is
 *     none. In chunk 0 only entry 0 is like this, all others end at Infinity; so do all entries of
 *     chunks out of use;
 *  4) the directory, #order and #ends, has the chunks in order and their last ends, then 0 and
 *     Infinity; #top has the last one of each 32 of #ends;
 *  5) a hint is an entry of a window that is not its first one, nor one of its last two;
 *  6) the separator of the first chunk is -Infinity, so nothing is inserted into chunk 0.
 * By 2) and 3) ends ascend in a window, and an entry is right for a gfn if its end is above the gfn and
 * the end before it is not: the slot there, or else none, holds the gfn. Due to 5) a hint and the two
 * entries after it lie in one window. Nothing depends on hints, so no change has to correct them.
 */
import { checkEntry, checkMemslots, checkSize, endGfn, type Gfn, GFN_LIMIT } from "../memslot.ts";
import { type Memslot, missingError, overlapError } from "../memslot.ts";
import type { MemslotIter, ValidMemslotIter } from "../memslot_index.ts";
import { type Entries, entriesOfPools } from "./entries.ts";
import { chooseSets, keepSets, setOf } from "./hints.ts";
import type { Limits, Pool } from "./pool.ts";

/** Entries of a window: 1 << SHIFT. */
const WINDOW = 32, SHIFT = 5;
/** Slots that each chunk of a new pool gets: room for five more. */
const PACKED = 25;
/** Chunks of a new pool for each one to spare. */
const SPARE = 12;
/** Upper limit of the chunks of a new pool of which half are to spare: it has less than 509 slots. */
const ROOMY = 24;
/** Chunks of a block, of which #top has the last end: as many as entries of a window. */
const BLOCK = WINDOW;
/** Blocks, at most: of 32 * 32 entries each, so that a hint has 16 bits. */
const BLOCKS = 64;

/** What the fields begin as, before there is a pool. */
const NO_FLOAT64 = new Float64Array(0), NO_UINT16 = new Uint16Array(0);

/** Chunks under hints and a directory; see the head of its file. The fields are for its cursor. */
export class ChunkPool implements Pool {
  readonly least: number;
  readonly most: number;
  #size = 0;
  /** Slots that a chunk may hold. */
  readonly #limit: number;
  bounds: Float64Array = NO_FLOAT64;
  slotAt: (Memslot | null)[] = [];
  // By chunk.
  first: Uint16Array = NO_UINT16;
  last: Uint16Array = NO_UINT16;
  /** The next chunk; of a chunk out of use the next one of these, 0 after the last. */
  next: Uint16Array = NO_UINT16;
  #previous: Uint16Array = NO_UINT16;
  /**
   * A slot between this chunk and the one before belongs here if it begins at or after this gfn:
   * -Infinity for the first chunk, Infinity for chunk 0.
   */
  #separators: Float64Array = NO_FLOAT64;
  /** The first chunk out of use, or 0. */
  #free = 0;

  /** Slots that each chunk of a new pool gets: fewer than PACKED with a low limit, in tests. */
  readonly #perChunk: number;
  /** Fewer slots than this are packed into a new pool. */
  #fewest = 0;
  /** Slots when hints were last chosen. */
  #hinted = 0;

  /** Chunks in use, without chunk 0. */
  #chunks = 0;
  #order: Uint16Array = NO_UINT16;
  #ends: Float64Array = NO_FLOAT64;
  /** Empty while there are fewer chunks than a block has. */
  #top: Float64Array = NO_FLOAT64;

  // See `Sets`.
  shift = 0;
  setsPerGfn = 0.5;
  hints: Uint16Array = new Uint16Array(1);

  /** Has the first `size` entries of `entries`, ascending and well formed, at most `limits.pool`. */
  constructor(size: number, entries: Entries, { flat, chunk, pool }: Limits) {
    this.least = (flat >> 1) + 1;
    this.most = pool;
    this.#limit = chunk;
    this.#perChunk = Math.min(PACKED, chunk);
    this.#size = size;
    this.#pack(entries);
  }

  get size(): number {
    return this.#size;
  }

  /** Where the last slot ends; -Infinity without slots. */
  get endGfn(): Gfn {
    return this.bounds[1];
  }

  get slots(): Memslot[] {
    const slots: Memslot[] = [];
    for (let chunk = this.next[0]; chunk > 0; chunk = this.next[chunk]) {
      for (let at = this.first[chunk]; at < this.last[chunk]; at++) slots.push(this.slotAt[at]!);
    }
    return slots;
  }

  get bytes(): number {
    return 8 * this.bounds.length + 8 * this.slotAt.length + 16 * this.first.length +
      10 * this.#ends.length + 8 * this.#top.length + this.hints.byteLength;
  }

  find(gfn: Gfn): Memslot | null {
    const bounds = this.bounds, hints = this.hints;
    const set = (this.shift >= 0 ? gfn >>> this.shift : gfn * this.setsPerGfn) & (hints.length - 1);
    const hint = hints[set], at = 2 * hint;
    const entry = hint + +(bounds[at + 1] <= gfn) + +(bounds[at + 3] <= gfn);
    if (gfn < bounds[2 * entry + 1] && bounds[2 * entry - 1] <= gfn) {
      // Entry 0, which is null, unless the slot begins at or below gfn.
      return this.slotAt[entry & -(+(bounds[2 * entry] <= gfn))];
    }
    return this.#findWithoutHint(gfn, set);
  }

  #findWithoutHint(gfn: Gfn, set: number): Memslot | null {
    const entry = this.search(gfn, set);
    return this.slotAt[entry & -(+(this.bounds[2 * entry] <= gfn))];
  }

  insert(slot: Memslot): void {
    const base = slot.baseGfn, end = endGfn(slot), bounds = this.bounds, slotAt = this.slotAt;
    let at = this.#locate(base), chunk = at >> SHIFT;
    if (bounds[2 * at] < end) throw overlapError(slot, slotAt[at]!);
    // Between two chunks, the separator decides: what goes and comes again is back in its chunk.
    if (at === this.first[chunk] && base < this.#separators[chunk]) {
      chunk = this.#previous[chunk];
      at = this.last[chunk];
      this.hints[this.#setOf(base)] = hintTo(at);
    }
    const first = this.first[chunk], last = this.last[chunk], from = chunk << SHIFT;
    if (last - first === this.#limit) return this.#insertFull(chunk, at, slot);
    const hasLeft = first > from + 1, hasRight = last < from + WINDOW - 1;
    // The loops carry each entry to the next one, so that its index is checked once for both.
    let atBase = base, atEnd = end, atSlot: Memslot | null = slot;
    if (hasRight && (!hasLeft || last - at < at - first)) {
      for (let i = at; i <= last; i++) {
        const nextBase = bounds[2 * i], nextEnd = bounds[2 * i + 1], nextSlot = slotAt[i];
        bounds[2 * i] = atBase;
        bounds[2 * i + 1] = atEnd;
        slotAt[i] = atSlot;
        atBase = nextBase, atEnd = nextEnd, atSlot = nextSlot;
      }
      this.last[chunk] = last + 1;
    } else {
      for (let i = --at; i >= first - 1; i--) {
        const nextBase = bounds[2 * i], nextEnd = bounds[2 * i + 1], nextSlot = slotAt[i];
        bounds[2 * i] = atBase;
        bounds[2 * i + 1] = atEnd;
        slotAt[i] = atSlot;
        atBase = nextBase, atEnd = nextEnd, atSlot = nextSlot;
      }
      this.first[chunk] = first - 1;
    }
    this.#size++;
    if (at + 1 === this.last[chunk]) this.#setLastEnd(chunk, end);
  }

  erase(slot: Memslot): void {
    const bounds = this.bounds, slotAt = this.slotAt;
    const at = this.#locate(slot.baseGfn), chunk = at >> SHIFT;
    if (bounds[2 * at] !== slot.baseGfn) throw missingError(slot);
    const first = this.first[chunk], last = this.last[chunk] - 1;
    let atBase = Infinity, atSlot: Memslot | null = null;
    if (last - at < at - first) {
      let atEnd = bounds[2 * last + 1];
      for (let i = last; i >= at; i--) {
        const nextBase = bounds[2 * i], nextEnd = bounds[2 * i + 1], nextSlot = slotAt[i];
        bounds[2 * i] = atBase;
        bounds[2 * i + 1] = atEnd;
        slotAt[i] = atSlot;
        atBase = nextBase, atEnd = nextEnd, atSlot = nextSlot;
      }
      this.last[chunk] = last;
    } else {
      let atEnd = bounds[2 * first - 1];
      for (let i = first; i <= at; i++) {
        const nextBase = bounds[2 * i], nextEnd = bounds[2 * i + 1], nextSlot = slotAt[i];
        bounds[2 * i] = atBase;
        bounds[2 * i + 1] = atEnd;
        slotAt[i] = atSlot;
        atBase = nextBase, atEnd = nextEnd, atSlot = nextSlot;
      }
      this.first[chunk] = first + 1;
    }
    this.#size--;
    if (first === last && this.#chunks > 1) this.#remove(chunk);
    else {
      if (at === last) this.#setLastEnd(chunk, bounds[2 * last - 1]);
      if (last - first <= this.#limit >> 1) this.#mergeAround(chunk, last - first);
    }
    if (this.#size < this.#fewest) this.#repack();
  }

  iter(): MemslotIter {
    return new ChunkCursor(this);
  }

  /**
   * The first entry that ends after `gfn`, without hints; the hint of `set` leads there from now on.
   * Two rounds of comparisons a level, of which only the second waits for a result: where a hint has
   * failed, the processor has nothing else to do, so 6 rounds of up to 7 take less time than 9 of 3.
   */
  search(gfn: Gfn, set: number): number {
    if (!(gfn <= GFN_LIMIT)) gfn = GFN_LIMIT; // NaN or Infinity: past all slots
    const bounds = this.bounds;
    let at = this.#order[this.#placeAt(gfn)] << (SHIFT + 1);
    // By 3) the last end of a window is above gfn if no earlier one is: it is not compared.
    at += (+(bounds[at + 7] <= gfn) + +(bounds[at + 15] <= gfn) + +(bounds[at + 23] <= gfn) +
      +(bounds[at + 31] <= gfn) + +(bounds[at + 39] <= gfn) + +(bounds[at + 47] <= gfn) +
      +(bounds[at + 55] <= gfn)) << 3;
    const entry = (at >> 1) + +(bounds[at + 1] <= gfn) + +(bounds[at + 3] <= gfn) +
      +(bounds[at + 5] <= gfn);
    this.hints[set] = hintTo(entry);
    return entry;
  }

  checkInvariants(): void {
    checkMemslots(this.slots);
    checkSize(this.#size, this.slots.length);
    const unused = new Set(this.first.keys());
    unused.delete(0);
    let lastEnd = -Infinity, place = 0, before = 0;
    for (let chunk = this.next[0]; chunk > 0; before = chunk, chunk = this.next[chunk], place++) {
      unused.delete(chunk);
      lastEnd = this.#checkChunk(chunk, lastEnd);
      if (this.#previous[chunk] !== before || this.#order[place] !== chunk) {
        throw new Error(`Chunk ${chunk} must come after ${before}, by 2) and 4): it does not`);
      }
      if (this.#ends[place] !== lastEnd) {
        throw new Error(`End ${place} must be ${lastEnd}, by 4): found ${this.#ends[place]}`);
      }
    }
    const separator = this.#separators[this.next[0]];
    if (separator !== (place === 0 ? Infinity : -Infinity)) {
      throw new Error(
        `Nothing may go before the first chunk, by 6): its separator is ${separator}`,
      );
    }
    this.#checkFree(0, lastEnd);
    for (let at = 1; at < WINDOW; at++) this.#checkFree(at, Infinity);
    this.#checkDirectory(place);
    this.#checkUnused(unused);
    for (const hint of this.hints) {
      if (hint !== hintTo(hint) || hint % WINDOW === 0) {
        throw new Error(`A hint must be in [1, ${WINDOW - 3}] of a window, by 5): found ${hint}`);
      }
    }
  }

  /** Checks a chunk after a slot that ends at `lastEnd`, and returns its last end. */
  #checkChunk(chunk: number, lastEnd: Gfn): Gfn {
    const from = chunk << SHIFT, first = this.first[chunk], last = this.last[chunk];
    const count = last - first, least = this.#chunks > 1 ? 1 : 0;
    if (first <= from || last >= from + WINDOW || count < least || count > this.#limit) {
      throw new Error(
        `Chunk ${chunk} must have ${least} to ${this.#limit} slots inside its window, by 1): ` +
          `found [${first - from}, ${last - from})`,
      );
    }
    for (let at = from; at < from + WINDOW; at++) {
      if (at < first || at >= last) this.#checkFree(at, lastEnd);
      else {
        checkEntry(at, this.slotAt[at]!, this.bounds[2 * at], this.bounds[2 * at + 1]);
        lastEnd = this.bounds[2 * at + 1];
      }
    }
    return lastEnd;
  }

  #checkFree(at: number, end: Gfn): void {
    const slot = this.slotAt[at], base = this.bounds[2 * at], found = this.bounds[2 * at + 1];
    if (slot === null && base === Infinity && found === end) return;
    throw new Error(
      `Free entry ${at} must be [Infinity, ${end}), by 3): found [${base}, ${found})`,
    );
  }

  #checkDirectory(chunks: number): void {
    if (this.#chunks !== chunks || this.#previous[0] !== (this.#order[chunks - 1] ?? 0)) {
      throw new Error(`The circle must have ${this.#chunks} chunks, by 2): found ${chunks}`);
    }
    for (let place = chunks; place < this.#ends.length; place++) {
      if (this.#order[place] !== 0 || this.#ends[place] !== Infinity) {
        throw new Error(`Place ${place} must be free, by 4): found chunk ${this.#order[place]}`);
      }
    }
    this.#top.forEach((found, block) => {
      const end = this.#ends[block * BLOCK + BLOCK - 1] ?? Infinity;
      if (found !== end) throw new Error(`Top ${block} must be ${end}, by 4): found ${found}`);
    });
  }

  #checkUnused(unused: Set<number>): void {
    for (let chunk = this.#free; chunk > 0; chunk = this.next[chunk]) {
      if (!unused.delete(chunk)) throw new Error(`Chunk ${chunk} must not be free and in use`);
      for (let at = chunk << SHIFT; at < (chunk + 1) << SHIFT; at++) this.#checkFree(at, Infinity);
    }
    if (unused.size > 0) {
      throw new Error(`Chunks ${[...unused]} must be in use or free: found neither`);
    }
  }

  /** The first entry that ends after `gfn`, for changes. */
  #locate(gfn: Gfn): number {
    const bounds = this.bounds, hints = this.hints;
    const set = (this.shift >= 0 ? gfn >>> this.shift : gfn * this.setsPerGfn) & (hints.length - 1);
    const hint = hints[set], at = 2 * hint;
    const entry = hint + +(bounds[at + 1] <= gfn) + +(bounds[at + 3] <= gfn);
    if (gfn < bounds[2 * entry + 1] && bounds[2 * entry - 1] <= gfn) return entry;
    return this.search(gfn, set);
  }

  /** Keeps 3) and 4) when the last slot of a chunk ends at `end` now. */
  #setLastEnd(chunk: number, end: Gfn): void {
    const place = this.#placeOf(chunk), next = this.next[chunk];
    this.#setEnds(this.last[chunk], (chunk + 1) << SHIFT, end);
    this.#setEnds(next << SHIFT, this.first[next], end);
    this.#setPlace(place, end);
  }

  /** Sets the ends of free entries [from, to). */
  #setEnds(from: number, to: number, end: Gfn): void {
    for (let at = from; at < to; at++) this.bounds[2 * at + 1] = end;
  }

  /** The place of a chunk in the directory, by its last end, which its last entry has due to 3). */
  #placeOf(chunk: number): number {
    return this.#chunks === 1 ? 0 : this.#placeAt(this.#lastEndOf(chunk) - 1);
  }

  /** The place in the directory of the first chunk that ends after `gfn`, or of the place after all. */
  #placeAt(gfn: Gfn): number {
    // By 4) the last one of the 32 ends of a block is above gfn if no earlier one is: it is not compared.
    const top = this.#top, ends = this.#ends;
    let at = 0;
    if (this.#chunks >= BLOCK) {
      at += (+(top[7] <= gfn) + +(top[15] <= gfn) + +(top[23] <= gfn) + +(top[31] <= gfn) +
        +(top[39] <= gfn) + +(top[47] <= gfn) + +(top[55] <= gfn)) << 3;
      at += +(top[at] <= gfn) + +(top[at + 1] <= gfn) + +(top[at + 2] <= gfn) +
        +(top[at + 3] <= gfn) + +(top[at + 4] <= gfn) + +(top[at + 5] <= gfn) +
        +(top[at + 6] <= gfn);
    }
    at <<= SHIFT;
    at += (+(ends[at + 3] <= gfn) + +(ends[at + 7] <= gfn) + +(ends[at + 11] <= gfn) +
      +(ends[at + 15] <= gfn) + +(ends[at + 19] <= gfn) + +(ends[at + 23] <= gfn) +
      +(ends[at + 27] <= gfn)) << 2;
    return at + +(ends[at] <= gfn) + +(ends[at + 1] <= gfn) + +(ends[at + 2] <= gfn);
  }

  /** Inserts a slot before entry `at` of a full chunk: into a chunk of its own, or after a split. */
  #insertFull(chunk: number, at: number, slot: Memslot): void {
    const first = this.first[chunk], last = this.last[chunk];
    if (at > first && at < last && this.#relieve(chunk)) return this.insert(slot);
    if (this.#free === 0) {
      this.#makeRoom();
      return this.insert(slot);
    }
    if (at === last) {
      // Ascending inserts leave full chunks behind them ...
      this.#separators[this.#addAfter(chunk, slot)] = slot.baseGfn;
    } else if (at === first) {
      // ... and so do descending ones.
      const added = this.#addAfter(this.#previous[chunk], slot);
      this.#separators[added] = this.#separators[chunk];
      this.#separators[chunk] = this.bounds[2 * first];
    } else {
      this.#split(chunk);
      this.insert(slot);
    }
  }

  /** Gives some slots of a full chunk to a neighbour that has room for a few: fewer chunks, fewer splits. */
  #relieve(chunk: number): boolean {
    const next = this.next[chunk], previous = this.#previous[chunk];
    const spare = (other: number) => {
      return other === 0 ? 0 : (this.#limit - this.last[other] + this.first[other]) >> 1;
    };
    if (spare(next) > 1) this.#give(chunk, next, spare(next));
    else if (spare(previous) > 1) this.#give(previous, chunk, -spare(previous));
    else return false;
    return true;
  }

  /** Moves the last `count` slots of `left` to the next chunk, or as many of its first ones back. */
  #give(left: number, right: number, count: number): void {
    const place = this.#placeOf(left), first = this.first[left], last = this.last[left];
    const rightFirst = this.first[right], rightLast = this.last[right];
    if (count > 0) {
      this.#centre(right, rightLast - rightFirst + count);
      this.#move(this.first[right] + count, rightFirst, rightLast);
      this.#move(this.first[right], last - count, last);
      this.last[left] = last - count;
    } else {
      this.#centre(left, last - first - count);
      this.#move(this.first[left], first, last);
      this.#move(this.last[left] + count, rightFirst, rightFirst - count);
      this.first[right] = rightFirst - count;
    }
    this.#clearAround(left);
    this.#clearAround(right);
    this.#separators[right] = this.bounds[2 * this.first[right]];
    this.#setPlace(place, this.#lastEndOf(left));
  }

  /** Adds a chunk with one slot after chunk `before`, and returns it. */
  #addAfter(before: number, slot: Memslot): number {
    const place = before === 0 ? 0 : this.#placeOf(before) + 1, end = endGfn(slot);
    const chunk = this.#link(before, 1), at = this.first[chunk], next = this.next[chunk];
    this.bounds[2 * at] = slot.baseGfn;
    this.bounds[2 * at + 1] = end;
    this.slotAt[at] = slot;
    this.#size++;
    this.#clearAround(chunk);
    this.#setEnds(next << SHIFT, this.first[next], end);
    this.#addPlace(place, chunk, end);
    return chunk;
  }

  /** Moves the upper half of a full chunk to a new chunk after it. */
  #split(chunk: number): void {
    const first = this.first[chunk], last = this.last[chunk], middle = (first + last) >> 1;
    const place = this.#placeOf(chunk), end = this.#ends[place];
    const added = this.#link(chunk, last - middle);
    this.#move(this.first[added], middle, last);
    this.last[chunk] = middle;
    this.#clearAround(chunk);
    this.#clearAround(added);
    this.#separators[added] = this.bounds[2 * this.first[added]];
    this.#addPlace(place + 1, added, end);
    this.#setPlace(place, this.bounds[2 * middle - 1]);
  }

  /** Joins a chunk of which `count` slots remain with a neighbour, if both fit into one. */
  #mergeAround(chunk: number, count: number): void {
    // With room for some more slots, or the next insert would split it again.
    const most = this.#limit - 4, next = this.next[chunk], previous = this.#previous[chunk];
    if (next > 0 && count + this.last[next] - this.first[next] <= most) this.#merge(chunk, next);
    else if (previous > 0 && count + this.last[previous] - this.first[previous] <= most) {
      this.#merge(previous, chunk);
    }
  }

  /** Moves all slots of two neighbours to the left one. */
  #merge(left: number, right: number): void {
    const first = this.first[left], last = this.last[left], leftPlace = this.#placeOf(left);
    const rightFirst = this.first[right], rightLast = this.last[right];
    this.#setPlace(leftPlace, this.#ends[leftPlace + 1]);
    this.#centre(left, last - first + rightLast - rightFirst);
    this.#move(this.first[left], first, last);
    this.#move(this.first[left] + last - first, rightFirst, rightLast);
    this.#unlink(right, leftPlace + 1);
    this.#clearAround(left);
  }

  /** Takes a chunk that has become empty out of use. */
  #remove(chunk: number): void {
    const previous = this.#previous[chunk], next = this.next[chunk];
    this.#unlink(chunk, this.#placeOf(chunk));
    this.#setEnds(next << SHIFT, this.first[next], this.#lastEndOf(previous));
    if (next > 0) this.#separators[next] = this.#separators[chunk];
  }

  /** The last end of a chunk, which its last entry has due to 3); -Infinity of chunk 0. */
  #lastEndOf(chunk: number): Gfn {
    return chunk === 0 ? -Infinity : this.bounds[2 * ((chunk + 1) << SHIFT) - 1];
  }

  /** Takes a chunk into use after `before`, for `count` slots, and returns it. */
  #link(before: number, count: number): number {
    const chunk = this.#free, next = this.next[before];
    this.#free = this.next[chunk];
    this.#previous[chunk] = before;
    this.next[before] = chunk;
    this.next[chunk] = next;
    this.#previous[next] = chunk;
    this.#centre(chunk, count);
    return chunk;
  }

  /** Takes a chunk out of use. */
  #unlink(chunk: number, place: number): void {
    const previous = this.#previous[chunk], next = this.next[chunk], from = chunk << SHIFT;
    this.next[previous] = next;
    this.#previous[next] = previous;
    this.next[chunk] = this.#free;
    this.#free = chunk;
    this.first[chunk] = this.last[chunk] = from;
    for (let at = from; at < from + WINDOW; at++) this.#clear(at, Infinity);
    this.#removePlace(place);
  }

  #setPlace(place: number, end: Gfn): void {
    this.#ends[place] = end;
    if (place % BLOCK === BLOCK - 1) this.#top[place >> SHIFT] = end;
  }

  #addPlace(place: number, chunk: number, end: Gfn): void {
    this.#order.copyWithin(place + 1, place, this.#chunks);
    this.#ends.copyWithin(place + 1, place, this.#chunks++);
    this.#order[place] = chunk;
    this.#ends[place] = end;
    this.#fillTop(place);
  }

  #removePlace(place: number): void {
    this.#order.copyWithin(place, place + 1, this.#chunks + 1); // with a free place
    this.#ends.copyWithin(place, place + 1, this.#chunks-- + 1);
    this.#fillTop(place);
  }

  /** Keeps 4) where #ends has changed from a place on. */
  #fillTop(place: number): void {
    for (let block = place >> SHIFT; block <= this.#chunks >> SHIFT; block++) {
      this.#top[block] = this.#ends[block * BLOCK + BLOCK - 1];
    }
  }

  /** Reserves the middle of a chunk's window for `count` slots. */
  #centre(chunk: number, count: number): void {
    const first = (chunk << SHIFT) + ((WINDOW - count) >> 1);
    this.first[chunk] = first;
    this.last[chunk] = first + count;
  }

  /** Frees the entries of a chunk's window that have no slot. */
  #clearAround(chunk: number): void {
    const from = chunk << SHIFT, first = this.first[chunk], last = this.last[chunk];
    const before = this.#lastEndOf(this.#previous[chunk]);
    const end = first === last ? before : this.bounds[2 * last - 1];
    for (let at = from; at < first; at++) this.#clear(at, before);
    for (let at = last; at < from + WINDOW; at++) this.#clear(at, end);
  }

  #clear(at: number, end: Gfn): void {
    this.bounds[2 * at] = Infinity;
    this.bounds[2 * at + 1] = end;
    this.slotAt[at] = null;
  }

  /** Moves entries [from, to) to `target` and after; the two runs may overlap. */
  #move(target: number, from: number, to: number): void {
    const slotAt = this.slotAt, by = target - from;
    this.bounds.copyWithin(2 * target, 2 * from, 2 * to);
    // Array.prototype.copyWithin takes several times as long as a loop.
    if (by < 0) { for (let at = from; at < to; at++) slotAt[at + by] = slotAt[at]; }
    else for (let at = to - 1; at >= from; at--) slotAt[at + by] = slotAt[at];
  }

  /** Makes room for more chunks, as much as a new pool would have, or packs the slots into a new one. */
  #makeRoom(): void {
    const old = this.first.length,
      capacity = Math.max(capacityFor(this.#chunksNeeded()), capacityFor(this.#chunks));
    if (fewestFor(capacity) * this.#perChunk > this.#size * PACKED) return this.#repack();
    const { bounds, slotAt, first, last, next } = this, previous = this.#previous;
    const separators = this.#separators, order = this.#order, ends = this.#ends;
    this.#allocate(capacity, old, slotAt);
    this.bounds.set(bounds);
    this.first.set(first);
    this.last.set(last);
    this.next.set(next);
    this.#previous.set(previous);
    this.#separators.set(separators);
    this.#order.set(order);
    this.#ends.set(ends);
    this.#fillTop(0);
    if (this.#size > 2 * this.#hinted) this.#fillHints();
  }

  /** Packs all slots into a new pool. O(n): at 32,764 slots 0.5 ms. */
  #repack(): void {
    this.#pack(entriesOfPools([this]));
  }

  /** A new pool for the next #size entries of `entries`. */
  #pack(entries: Entries): void {
    // As many in each chunk but the last: a processor learns after how many a walk changes chunks.
    const size = this.#size, perChunk = this.#perChunk, chunks = this.#chunksNeeded();
    this.#allocate(capacityFor(chunks), chunks + 1, []);
    this.#chunks = chunks;
    this.first[0] = this.last[0] = 1;
    this.#separators[0] = Infinity;
    for (let chunk = 1; chunk <= chunks; chunk++) {
      this.#centre(chunk, Math.min(perChunk, size - perChunk * (chunk - 1)));
      entries(this.bounds, this.slotAt, this.first[chunk], this.last[chunk]);
      this.next[chunk - 1] = chunk;
      this.#previous[chunk] = chunk - 1;
      this.#clearAround(chunk);
      this.#separators[chunk] = chunk === 1 ? -Infinity : this.bounds[2 * this.first[chunk]];
      this.#order[chunk - 1] = chunk;
      this.#ends[chunk - 1] = this.#lastEndOf(chunk);
    }
    this.next[chunks] = 0;
    this.#previous[0] = chunks;
    this.bounds[1] = this.#lastEndOf(chunks);
    this.#fillTop(0);
    this.#fillHints();
  }

  /** The chunks that the slots fill in a new pool. */
  #chunksNeeded(): number {
    return Math.max(1, Math.ceil(this.#size / this.#perChunk));
  }

  /**
   * Allocates arrays for `capacity` chunks, of which those from `used` on are out of use. Slots are
   * copied from `slotAt`.
   */
  #allocate(capacity: number, used: number, slotAt: readonly (Memslot | null)[]): void {
    const entries = capacity << SHIFT, places = ((capacity >> SHIFT) + 1) << SHIFT;
    const blocks = capacity < BLOCK ? 0 : BLOCKS;
    const free = new Array<Memslot | null>(entries - slotAt.length).fill(null);
    this.slotAt = slotAt.length === 0 ? free : slotAt.concat(free);
    // Views of one buffer: a buffer for each array takes several times as long.
    const doubles = 2 * entries + capacity + places + blocks;
    const buffer = new ArrayBuffer(8 * doubles + 2 * (4 * capacity + places));
    let at = 0;
    const float64 = (length: number) =>
      new Float64Array(buffer, (at += 8 * length) - 8 * length, length);
    const uint16 = (length: number) =>
      new Uint16Array(buffer, (at += 2 * length) - 2 * length, length);
    this.bounds = float64(2 * entries).fill(Infinity);
    this.#separators = float64(capacity);
    this.#ends = float64(places).fill(Infinity);
    this.#top = float64(blocks).fill(Infinity);
    this.first = uint16(capacity);
    this.last = uint16(capacity);
    this.next = uint16(capacity);
    this.#previous = uint16(capacity);
    this.#order = uint16(places);
    for (let chunk = used; chunk < capacity; chunk++) {
      this.first[chunk] = this.last[chunk] = chunk << SHIFT;
    }
    this.#free = used < capacity ? used : 0;
    for (let chunk = used; chunk + 1 < capacity; chunk++) this.next[chunk] = chunk + 1;
    this.#fewest = fewestFor(capacity) * this.#perChunk / PACKED;
  }

  #setOf(gfn: Gfn): number {
    return setOf(gfn, this.shift, this.setsPerGfn) & (this.hints.length - 1);
  }

  /**
   * Hints from the first and last gfn of each slot. Sets are chosen for the slots as they are, unless
   * they were chosen for half to twice as many.
   */
  #fillHints(): void {
    const { bounds, first, last } = this, size = this.#size;
    const isNew = size > 2 * this.#hinted || 2 * size < this.#hinted;
    const sets = isNew ? chooseSets({ bounds, first, last }) : keepSets(
      { count: this.hints.length, shift: this.shift, setsPerGfn: this.setsPerGfn },
      size,
    );
    const hints = this.hints = new Uint16Array(sets.count).fill(1);
    if (isNew) this.#hinted = size;
    this.shift = sets.shift;
    this.setsPerGfn = sets.setsPerGfn;
    const { shift, setsPerGfn } = sets, mask = sets.count - 1;
    for (let chunk = this.next[0]; chunk > 0; chunk = this.next[chunk]) {
      for (let at = first[chunk]; at < last[chunk]; at++) {
        const set = setOf(bounds[2 * at], shift, setsPerGfn) & mask;
        const lastSet = setOf(bounds[2 * at + 1] - 1, shift, setsPerGfn) & mask;
        if (hints[set] === 1) hints[set] = hintTo(at);
        if (hints[lastSet] === 1) hints[lastSet] = hintTo(at);
      }
    }
  }
}

/**
 * The chunks of a new pool, with chunk 0, for `chunks` in use: a twelfth more for those to come, or
 * in a small pool as many again.
 */
function capacityFor(chunks: number): number {
  return 1 + chunks + Math.max(Math.ceil(chunks / SPARE), Math.min(chunks, ROOMY - 1 - chunks));
}

/**
 * Fewer slots than this are packed into a new pool. A newly packed one never has fewer, or the next
 * erase would pack it again: n slots have at most (n / 25 + 1) * 13 / 12 + 2 chunks of 32 entries, or
 * in a small pool 2 * (n / 25 + 1) + 1.
 */
function fewestFor(capacity: number): number {
  const entries = capacity << SHIFT;
  if (capacity <= ROOMY) return (entries - 100) / 6;
  return Math.min(entries / 1.53, (entries - 64) / 1.45, (entries - 100) / 1.39);
}

/** The hint that leads to `entry`: keeps 5). Due to 3) it is not the first entry of a window. */
function hintTo(entry: number): number {
  return entry - Math.max(0, (entry & (WINDOW - 1)) - (WINDOW - 3));
}

class ChunkCursor implements MemslotIter {
  #at = 0; // free: chunk 0
  /** The entry after the last slot of the chunk. */
  #stop = 0;
  readonly #pool: ChunkPool;
  readonly #shift: number = 0;
  readonly #setsPerGfn: number = 0;
  readonly #hints: Uint16Array;
  readonly #bounds: Float64Array;
  readonly #slotAt: readonly (Memslot | null)[];
  readonly #first: Uint16Array;
  readonly #last: Uint16Array;
  readonly #next: Uint16Array;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
    this.#shift = pool.shift;
    this.#setsPerGfn = pool.setsPerGfn;
    this.#hints = pool.hints;
    this.#bounds = pool.bounds;
    this.#slotAt = pool.slotAt;
    this.#first = pool.first;
    this.#last = pool.last;
    this.#next = pool.next;
  }

  get slot(): Memslot | null {
    return this.#slotAt[this.#at];
  }

  start(startGfn: Gfn): void {
    const bounds = this.#bounds, hints = this.#hints;
    const set = (this.#shift >= 0 ? startGfn >>> this.#shift : startGfn * this.#setsPerGfn) &
      (hints.length - 1);
    const hint = hints[set], from = 2 * hint;
    let at = hint + +(bounds[from + 1] <= startGfn) + +(bounds[from + 3] <= startGfn);
    if (!(startGfn < bounds[2 * at + 1] && bounds[2 * at - 1] <= startGfn)) {
      at = this.#pool.search(startGfn, set);
    }
    this.#at = at;
    this.#stop = this.#last[at >> SHIFT];
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bounds[this.#at << 1] < endGfn; // a shift, as a product can overflow
  }

  next(): void {
    const at = (this.#at + 1) | 0;
    this.#at = at;
    if (at === this.#stop) this.#nextChunk();
  }

  #nextChunk(): void {
    const chunk = this.#next[(this.#at - 1) >> SHIFT];
    this.#at = this.#first[chunk];
    this.#stop = this.#last[chunk];
  }
}
