/**
 * Radix chunks: slots in chunks of up to 31, found by a radix table where the layout lets one work
 * and by a search without branches where it does not. Dynamic, and safe from any layout.
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
import { SeparatorTree } from "./separator_tree.ts";

/** Entries of a chunk's window: one more than it may hold, so that a search meets an Infinity. */
const WINDOW = 32;
/** How many slots of a chunk a bulk load fills. */
const BULK = 25;
/** Buckets of the radix table, for each chunk. */
const BUCKETS = 8;
/** A bucket in which more chunks than this begin is crowded, and left to the tree. */
const CROWD = 3;
const CROWDED = -1;

/** Chunks under a radix table and a tree; see the head of its file. */
export class RadixChunks implements MemslotIndex {
  #size = 0;
  readonly #chunkLimit: number;
  readonly #nodeLimit: number;

  #bases!: Float64Array;
  #ends!: Float64Array;
  #slots!: (Memslot | null)[];

  #first!: Int32Array;
  #last!: Int32Array;
  #upper!: Float64Array;
  #next!: Int32Array;
  #previous!: Int32Array;
  #chunkCount = 0;
  #freeChunk = -1;

  #tree!: SeparatorTree;

  #zoneGfn = 0;
  #bucketsPerGfn = 0;
  #table!: Int32Array;
  #changesLeft = 0;

  constructor(slots: readonly Memslot[] = [], { chunkLimit = WINDOW - 1, nodeLimit = 64 } = {}) {
    checkMemslots(slots);
    this.#chunkLimit = chunkLimit;
    this.#nodeLimit = nodeLimit;
    this.#load(slots);
  }

  get size(): number {
    return this.#size;
  }

  find(gfn: Gfn): Memslot | null {
    const bucket = (gfn - this.#zoneGfn) * this.#bucketsPerGfn;
    const table = this.#table, upper = this.#upper, ends = this.#ends;
    let chunk = bucket >= 0 && bucket < table.length ? table[bucket | 0] : CROWDED;
    if (chunk < 0) chunk = this.#tree.find(gfn);
    while (upper[chunk] <= gfn) chunk = this.#next[chunk];
    let at = chunk << 5;
    at += (+(ends[at + 7] <= gfn) + +(ends[at + 15] <= gfn) + +(ends[at + 23] <= gfn)) << 3;
    at += +(ends[at + 3] <= gfn) << 2;
    at += +(ends[at + 1] <= gfn) << 1;
    at += +(ends[at] <= gfn);
    return this.#bases[at] <= gfn ? this.#slots[at] : null;
  }

  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const base = slot.baseGfn, end = endGfn(slot);
    const chunk = this.#chunkOf(base);
    const at = upperBound(this.#ends, chunk, base);
    const first = this.#first[chunk], last = this.#last[chunk];
    if (at < last) {
      if (this.#bases[at] < end) throw overlapError(slot, this.#slots[at]!);
    } else if (this.#upper[chunk] < end) {
      const after = this.#first[this.#next[chunk]];
      if (this.#bases[after] < end) throw overlapError(slot, this.#slots[after]!);
      this.#moveUpper(chunk, end);
    }
    if (last - first === this.#chunkLimit) return this.#insertFull(chunk, at, slot);
    this.#place(chunk, at, slot);
    this.#size++;
  }

  erase(slot: Memslot): void {
    const base = slot.baseGfn;
    const chunk = this.#chunkOf(base);
    const at = upperBound(this.#ends, chunk, base);
    if (this.#bases[at] !== base) throw missingError(slot);
    this.#size--;
    const count = this.#displace(chunk, at);
    if (count <= this.#chunkLimit >> 1) this.#mergeAround(chunk, count);
  }

  iter(): MemslotIter {
    return new RadixChunksIter(
      this.#bases,
      this.#ends,
      this.#slots,
      this.#first,
      this.#upper,
      this.#next,
      this.#tree,
      this.#zoneGfn,
      this.#bucketsPerGfn,
      this.#table,
    );
  }

  /** Bytes held beyond the slots. */
  get bytes(): number {
    return 24 * this.#bases.length + 24 * this.#first.length + 4 * this.#table.length +
      this.#tree.bytes;
  }

  checkInvariants(): void {
    let chunk = 0, previous = -1, lower = -Infinity, size = 0, chunks = 0;
    const entries = this.#tree.checkedEntries();
    const fail = (what: string) => {
      throw new Error(`Chunk ${chunk} ${what}`);
    };
    chunk = entries[0].piece;
    for (; chunk >= 0; previous = chunk, chunk = this.#next[chunk]) {
      const from = chunk * WINDOW, first = this.#first[chunk], last = this.#last[chunk];
      if (this.#previous[chunk] !== previous) fail("previous");
      if (entries[chunks]?.piece !== chunk || entries[chunks].separator !== lower) fail("tree");
      chunks++;
      const upper = this.#upper[chunk];
      if (!(lower < upper)) fail("lower < upper");
      if (first < from || last >= from + WINDOW || first > last) fail("window");
      if (first === last && this.#size > 0) fail("empty");
      size += last - first;
      if (last - first > this.#chunkLimit) fail("limit");
      let floor = lower;
      for (let at = from; at < from + WINDOW; at++) {
        const slot = this.#slots[at], base = this.#bases[at], end = this.#ends[at];
        if (at < first) {
          if (slot !== null || end !== -Infinity) fail("left");
        } else if (at >= last) {
          if (slot !== null || end !== Infinity || base !== Infinity) fail("right");
        } else {
          if (slot === null || slot.baseGfn !== base || endGfn(slot) !== end) fail("slot");
          if (base < floor) fail("order");
          floor = end;
        }
      }
      if (floor > upper) fail("upper");
      lower = upper;
    }
    if (lower !== Infinity) fail("last upper");
    if (size !== this.#size) fail("size");
    if (chunks !== this.#chunkCount || chunks !== entries.length) fail("count");
    let free = 0;
    for (let f = this.#freeChunk; f >= 0; f = this.#next[f]) {
      free++;
      for (let at = f * WINDOW; at < f * WINDOW + WINDOW; at++) {
        if (this.#slots[at] !== null) throw new Error(`free chunk ${f}`);
      }
    }
    if (free + chunks !== this.#first.length) throw new Error("free");
    // table
    for (let b = 0; b < this.#table.length; b++) {
      const start = this.#bucketsPerGfn === 0 ? 0 : this.#zoneGfn + b / this.#bucketsPerGfn;
      const end = this.#bucketsPerGfn === 0 ? Infinity : start + 1 / this.#bucketsPerGfn;
      const want = this.#tree.find(start);
      if (this.#table[b] === CROWDED) continue;
      if (this.#table[b] !== want) throw new Error(`bucket ${b} ${this.#table[b]} not ${want}`);
      let walked = 0;
      for (let c = want; this.#upper[c] < end; c = this.#next[c]) walked++;
      if (walked > CROWD) throw new Error(`bucket ${b} walks ${walked}`);
    }
  }

  #chunkOf(gfn: Gfn): number {
    const bucket = (gfn - this.#zoneGfn) * this.#bucketsPerGfn;
    const table = this.#table, upper = this.#upper;
    let chunk = bucket >= 0 && bucket < table.length ? table[bucket | 0] : CROWDED;
    if (chunk < 0) chunk = this.#tree.find(gfn);
    while (upper[chunk] <= gfn) chunk = this.#next[chunk];
    return chunk;
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

  #insertFull(chunk: number, at: number, slot: Memslot): void {
    if (this.#freeChunk < 0) {
      this.#relayout();
      return this.insert(slot);
    }
    const first = this.#first[chunk], last = this.#last[chunk];
    if (at === last) {
      const added = this.#addChunk(chunk, slot.baseGfn);
      this.#place(added, this.#first[added], slot);
      this.#size++;
    } else if (at === first) {
      const added = this.#addChunk(chunk, endGfn(slot));
      this.#moveEntries(chunk, first, last, added);
      this.#place(chunk, this.#first[chunk], slot);
      this.#size++;
    } else {
      const middle = (first + last) >> 1;
      const added = this.#addChunk(chunk, this.#bases[middle]);
      this.#moveEntries(chunk, middle, last, added);
      this.insert(slot);
    }
    this.#countChange();
  }

  /** Moves entries [from, to) at the end of `chunk` to the empty chunk `target`, centred there. */
  #moveEntries(chunk: number, from: number, to: number, target: number): void {
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    const count = to - from, start = target * WINDOW + ((WINDOW - 1 - count) >> 1);
    ends.fill(-Infinity, target * WINDOW, start);
    ends.fill(Infinity, start, target * WINDOW + WINDOW);
    bases.fill(Infinity, start, target * WINDOW + WINDOW);
    for (let i = 0; i < count; i++) {
      bases[start + i] = bases[from + i];
      ends[start + i] = ends[from + i];
      slots[start + i] = slots[from + i];
    }
    this.#first[target] = start;
    this.#last[target] = start + count;
    bases.fill(Infinity, from, to);
    ends.fill(Infinity, from, to);
    slots.fill(null, from, to);
    this.#last[chunk] = from;
    if (from === this.#first[chunk]) this.#centre(chunk);
  }

  #centre(chunk: number): void {
    const from = chunk * WINDOW, middle = from + (WINDOW >> 1);
    this.#ends.fill(-Infinity, from, middle);
    this.#ends.fill(Infinity, middle, from + WINDOW);
    this.#bases.fill(Infinity, from, from + WINDOW);
    this.#first[chunk] = this.#last[chunk] = middle;
  }

  #mergeAround(chunk: number, count: number): void {
    const next = this.#next[chunk], previous = this.#previous[chunk];
    const room = Math.max(1, this.#chunkLimit - 4);
    if (next >= 0 && count + this.#last[next] - this.#first[next] <= room) {
      this.#merge(chunk, next);
    } else if (previous >= 0 && count + this.#last[previous] - this.#first[previous] <= room) {
      this.#merge(previous, chunk);
    } else if (count === 0 && next >= 0) {
      this.#merge(chunk, next);
    } else if (count === 0 && previous >= 0) {
      this.#merge(previous, chunk);
    } else if (count === 0) {
      this.#centre(chunk);
    }
  }

  /** Moves all of `right` into `left`, the chunk before it. */
  #merge(left: number, right: number): void {
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    const leftCount = this.#last[left] - this.#first[left];
    const rightCount = this.#last[right] - this.#first[right];
    const start = left * WINDOW + ((WINDOW - 1 - leftCount - rightCount) >> 1);
    const shift = start - this.#first[left];
    bases.copyWithin(start, this.#first[left], this.#last[left]);
    ends.copyWithin(start, this.#first[left], this.#last[left]);
    slots.copyWithin(start, this.#first[left], this.#last[left]);
    const to = this.#last[left] + shift, from = this.#first[right];
    for (let i = 0; i < rightCount; i++) {
      bases[to + i] = bases[from + i];
      ends[to + i] = ends[from + i];
      slots[to + i] = slots[from + i];
    }
    this.#first[left] = start;
    this.#last[left] = to + rightCount;
    const window = left * WINDOW;
    ends.fill(-Infinity, window, start);
    slots.fill(null, window, start);
    ends.fill(Infinity, to + rightCount, window + WINDOW);
    bases.fill(Infinity, to + rightCount, window + WINDOW);
    slots.fill(null, to + rightCount, window + WINDOW);
    slots.fill(null, from, from + rightCount);
    this.#removeChunk(right);
  }

  #addChunk(before: number, separator: Gfn): number {
    const chunk = this.#freeChunk;
    this.#freeChunk = this.#next[chunk];
    const next = this.#next[before], upper = this.#upper[before];
    this.#next[chunk] = next;
    this.#previous[chunk] = before;
    if (next >= 0) this.#previous[next] = chunk;
    this.#next[before] = chunk;
    this.#upper[chunk] = upper;
    this.#upper[before] = separator;
    this.#chunkCount++;
    this.#centre(chunk);
    this.#tree.insert(separator, chunk);
    this.#retable(chunk, separator, upper);
    this.#crowd(separator);
    return chunk;
  }

  #removeChunk(chunk: number): void {
    const previous = this.#previous[chunk], next = this.#next[chunk];
    const lower = this.#upper[previous], upper = this.#upper[chunk];
    this.#tree.remove(lower);
    this.#next[previous] = next;
    if (next >= 0) this.#previous[next] = previous;
    this.#upper[previous] = upper;
    this.#next[chunk] = this.#freeChunk;
    this.#freeChunk = chunk;
    this.#chunkCount--;
    this.#retable(previous, lower, upper);
    // A table of few chunks, or spare chunks beyond a third, would waste memory.
    if (this.#first.length > 8 + this.#chunkCount * 1.5) this.#load(this.#inOrder());
    else this.#countChange();
  }

  #moveUpper(chunk: number, separator: Gfn): void {
    const old = this.#upper[chunk];
    this.#upper[chunk] = separator;
    this.#tree.move(old, separator);
    this.#retable(chunk, old, separator);
    this.#crowd(separator);
  }

  /** Points the buckets that begin in [from, to) at `chunk`. */
  #retable(chunk: number, from: Gfn, to: Gfn): void {
    const table = this.#table;
    const begin = Math.max(0, Math.ceil((from - this.#zoneGfn) * this.#bucketsPerGfn));
    const end = Math.min(table.length, Math.ceil((to - this.#zoneGfn) * this.#bucketsPerGfn));
    if (this.#bucketsPerGfn === 0 || begin >= end) return;
    // All but the last lie wholly in [from, to): no chunk begins inside, they are not crowded.
    table.fill(chunk, begin, end - 1);
    if (table[end - 1] !== CROWDED) table[end - 1] = chunk;
  }

  /** Marks the bucket around a new separator if too many chunks begin in it. */
  #crowd(separator: Gfn): void {
    const bucket = Math.floor((separator - this.#zoneGfn) * this.#bucketsPerGfn);
    if (!(bucket >= 0 && bucket < this.#table.length) || this.#table[bucket] === CROWDED) return;
    const end = this.#bucketsPerGfn === 0
      ? Infinity
      : this.#zoneGfn + (bucket + 1) / this.#bucketsPerGfn;
    let chunk = this.#table[bucket];
    for (let i = 0; i <= CROWD; i++, chunk = this.#next[chunk]) {
      if (this.#upper[chunk] >= end) return;
    }
    this.#table[bucket] = CROWDED;
  }

  #countChange(): void {
    if (--this.#changesLeft <= 0) this.#buildTable();
  }

  #buildTable(): void {
    const chunks = this.#chunkCount;
    this.#changesLeft = 4 + (chunks >> 1);
    const separators = new Float64Array(chunks), order = new Int32Array(chunks);
    let chunk = this.#tree.find(-1);
    for (let i = 0, lower = -Infinity; i < chunks; i++) {
      order[i] = chunk;
      separators[i] = lower;
      lower = this.#upper[chunk];
      chunk = this.#next[chunk];
    }
    if (chunks === 1) {
      this.#zoneGfn = this.#bucketsPerGfn = 0;
      this.#table = new Int32Array(1).fill(order[0]);
      return;
    }
    const tail = order[chunks - 1];
    const marks = new Float64Array(chunks + 1);
    marks.set(separators);
    marks[0] = this.#bases[this.#first[order[0]]];
    marks[chunks] = this.#ends[this.#last[tail] - 1];
    let a = 0, b = chunks;
    for (; b - a > 2;) {
      const most = (marks[b] - marks[a]) * 0.8;
      if (marks[b] - marks[b - 1] > most) b--;
      else if (marks[a + 1] - marks[a] > most) a++;
      else break;
    }
    // A chunk's worth more on both sides, for what is added there.
    const margin = Math.ceil((marks[b] - marks[a]) / (b - a));
    const zone = Math.max(0, marks[a] - margin);
    const width = marks[b] + margin - zone;
    let perGfn = 1;
    while (width * perGfn > BUCKETS * (b - a + 2)) perGfn /= 2;
    const length = Math.ceil(width * perGfn);
    const table = new Int32Array(length);
    let i = 0;
    for (let bucket = 0; bucket < length; bucket++) {
      const start = zone + bucket / perGfn, end = start + 1 / perGfn;
      while (i + 1 < chunks && separators[i + 1] <= start) i++;
      table[bucket] = i + CROWD + 1 < chunks && separators[i + CROWD + 1] < end
        ? CROWDED
        : order[i];
    }
    this.#zoneGfn = zone;
    this.#bucketsPerGfn = perGfn;
    this.#table = table;
  }

  #inOrder(): Memslot[] {
    const slots: Memslot[] = [];
    for (let chunk = this.#tree.find(-1); chunk >= 0; chunk = this.#next[chunk]) {
      for (let at = this.#first[chunk]; at < this.#last[chunk]; at++) slots.push(this.#slots[at]!);
    }
    return slots;
  }

  #load(slots: readonly Memslot[]): void {
    const size = slots.length;
    const fill = Math.min(BULK, this.#chunkLimit);
    const chunks = Math.max(1, Math.ceil(size / fill));
    this.#allocate(chunks + (chunks >> 3) + 1);
    this.#size = size;
    this.#chunkCount = chunks;
    const separators = new Float64Array(chunks);
    for (let chunk = 0, done = 0; chunk < chunks; chunk++) {
      // Spread evenly: chunk counts differ by one at most.
      const to = Math.floor(size * (chunk + 1) / chunks);
      const count = to - done;
      separators[chunk] = chunk === 0 ? -Infinity : slots[done].baseGfn;
      if (chunk > 0) this.#upper[chunk - 1] = separators[chunk];
      this.#centre(chunk);
      const start = chunk * WINDOW + ((WINDOW - 1 - count) >> 1);
      this.#first[chunk] = start;
      this.#last[chunk] = start + count;
      this.#ends.fill(Infinity, start, chunk * WINDOW + WINDOW);
      for (let i = 0; i < count; i++) {
        const slot = slots[done + i];
        this.#bases[start + i] = slot.baseGfn;
        this.#ends[start + i] = endGfn(slot);
        this.#slots[start + i] = slot;
      }
      this.#ends.fill(-Infinity, chunk * WINDOW, start);
      done = to;
      this.#next[chunk] = chunk + 1;
      this.#previous[chunk] = chunk - 1;
    }
    this.#finish(chunks, separators);
  }

  /** Copies the chunks, in order, into a pool with an eighth to spare. */
  #relayout(): void {
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    const first = this.#first, last = this.#last, upper = this.#upper, next = this.#next;
    const chunks = this.#chunkCount;
    let old = this.#tree.find(-1);
    this.#allocate(chunks + (chunks >> 3) + 1);
    const separators = new Float64Array(chunks);
    separators[0] = -Infinity;
    for (let chunk = 0; chunk < chunks; chunk++, old = next[old]) {
      const from = old * WINDOW, shift = (chunk - old) * WINDOW;
      this.#bases.set(bases.subarray(from, from + WINDOW), chunk * WINDOW);
      this.#ends.set(ends.subarray(from, from + WINDOW), chunk * WINDOW);
      for (let i = first[old]; i < last[old]; i++) this.#slots[i + shift] = slots[i];
      this.#first[chunk] = first[old] + shift;
      this.#last[chunk] = last[old] + shift;
      this.#upper[chunk] = upper[old];
      if (chunk + 1 < chunks) separators[chunk + 1] = upper[old];
      this.#next[chunk] = chunk + 1;
      this.#previous[chunk] = chunk - 1;
    }
    this.#finish(chunks, separators);
  }

  #finish(chunks: number, separators: Float64Array): void {
    this.#next[chunks - 1] = -1;
    this.#upper[chunks - 1] = Infinity;
    this.#tree = new SeparatorTree(separators, { nodeLimit: this.#nodeLimit });
    const capacity = this.#first.length;
    this.#freeChunk = chunks < capacity ? chunks : -1;
    for (let chunk = chunks; chunk < capacity; chunk++) {
      this.#next[chunk] = chunk + 1 < capacity ? chunk + 1 : -1;
    }
    this.#buildTable();
  }

  #allocate(capacity: number): void {
    this.#bases = new Float64Array(capacity * WINDOW).fill(Infinity);
    this.#ends = new Float64Array(capacity * WINDOW).fill(Infinity);
    this.#slots = new Array<Memslot | null>(capacity * WINDOW).fill(null);
    this.#first = new Int32Array(capacity);
    this.#last = new Int32Array(capacity);
    this.#upper = new Float64Array(capacity);
    this.#next = new Int32Array(capacity);
    this.#previous = new Int32Array(capacity);
  }
}

class RadixChunksIter implements MemslotIter {
  slot: Memslot | null = null;
  #at = 0;
  readonly #bases: Float64Array;
  readonly #ends: Float64Array;
  readonly #slots: readonly (Memslot | null)[];
  readonly #first: Int32Array;
  readonly #upper: Float64Array;
  readonly #next: Int32Array;
  readonly #tree: SeparatorTree;
  readonly #zoneGfn: number;
  readonly #bucketsPerGfn: number;
  readonly #table: Int32Array;

  constructor(
    bases: Float64Array,
    ends: Float64Array,
    slots: readonly (Memslot | null)[],
    first: Int32Array,
    upper: Float64Array,
    next: Int32Array,
    tree: SeparatorTree,
    zoneGfn: number,
    bucketsPerGfn: number,
    table: Int32Array,
  ) {
    this.#bases = bases;
    this.#ends = ends;
    this.#slots = slots;
    this.#first = first;
    this.#upper = upper;
    this.#next = next;
    this.#tree = tree;
    this.#zoneGfn = zoneGfn;
    this.#bucketsPerGfn = bucketsPerGfn;
    this.#table = table;
  }

  start(startGfn: Gfn): void {
    const bucket = (startGfn - this.#zoneGfn) * this.#bucketsPerGfn;
    const table = this.#table, upper = this.#upper, ends = this.#ends;
    let chunk = bucket >= 0 && bucket < table.length ? table[bucket | 0] : CROWDED;
    if (chunk < 0) chunk = this.#tree.find(startGfn);
    while (upper[chunk] <= startGfn) chunk = this.#next[chunk];
    let at = upperBound(ends, chunk, startGfn);
    let slot = this.#slots[at];
    if (slot === null) {
      const next = this.#next[at >> 5];
      if (next >= 0) {
        at = this.#first[next];
        slot = this.#slots[at];
      }
    }
    this.#at = at;
    this.slot = slot;
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    let at = this.#at + 1;
    let slot = this.#slots[at];
    if (slot === null) {
      const next = this.#next[at >> 5];
      if (next >= 0) {
        at = this.#first[next];
        slot = this.#slots[at];
      }
    }
    this.#at = at;
    this.slot = slot;
  }
}

/** The first entry of `chunk` that ends after `gfn`, or the one past its last. */
function upperBound(ends: Float64Array, chunk: number, gfn: Gfn): number {
  let at = chunk << 5;
  at += (+(ends[at + 7] <= gfn) + +(ends[at + 15] <= gfn) + +(ends[at + 23] <= gfn)) << 3;
  at += +(ends[at] <= gfn) + +(ends[at + 1] <= gfn) + +(ends[at + 2] <= gfn) +
    +(ends[at + 3] <= gfn) + +(ends[at + 4] <= gfn) + +(ends[at + 5] <= gfn) +
    +(ends[at + 6] <= gfn);
  return at;
}
