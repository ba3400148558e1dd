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
import { ChunkDirectory } from "./chunk_directory.ts";

/** Entries of a chunk's window: one more than it may hold, so that a search meets an Infinity. */
const WINDOW = 32;
/** How many slots of a chunk a bulk load fills. */
const BULK = 25;
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
  #directory!: ChunkDirectory;

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
    const chunk = this.#directory.find(gfn), ends = this.#ends;
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
    const chunk = this.#directory.find(base);
    const at = upperBound(this.#ends, chunk, base);
    const first = this.#first[chunk], last = this.#last[chunk];
    if (at < last) {
      if (this.#bases[at] < end) throw overlapError(slot, this.#slots[at]!);
    } else if (this.#directory.upper[chunk] < end) {
      const after = this.#first[this.#directory.next[chunk]];
      if (this.#bases[after] < end) throw overlapError(slot, this.#slots[after]!);
      this.#directory.raiseUpper(chunk, end);
    }
    if (last - first === this.#chunkLimit) return this.#insertFull(chunk, at, slot);
    this.#place(chunk, at, slot);
    this.#size++;
  }

  erase(slot: Memslot): void {
    const base = slot.baseGfn;
    const chunk = this.#directory.find(base);
    const at = upperBound(this.#ends, chunk, base);
    if (this.#bases[at] !== base) throw missingError(slot);
    this.#size--;
    const count = this.#displace(chunk, at);
    if (count <= this.#chunkLimit >> 1) this.#mergeAround(chunk, count);
  }

  iter(): MemslotIter {
    return new RadixChunksIter(
      this.#directory,
      this.#first,
      this.#bases,
      this.#ends,
      this.#slots,
    );
  }

  /** Bytes held beyond the slots. */
  get bytes(): number {
    return 24 * this.#bases.length + 8 * this.#first.length + this.#directory.bytes;
  }

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

  #insertFull(chunk: number, at: number, slot: Memslot): void {
    if (this.#directory.isFull) {
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
    this.#refit();
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
    const next = this.#directory.next[chunk], previous = this.#directory.previous[chunk];
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
    const chunk = this.#directory.add(before, separator);
    this.#centre(chunk);
    return chunk;
  }

  #removeChunk(chunk: number): void {
    this.#directory.remove(chunk);
    // Spare chunks beyond a third would waste memory.
    if (this.#first.length > 8 + this.#directory.count * 1.5) this.#load(this.#inOrder());
    else this.#refit();
  }

  /** Lets the directory follow the slots once enough chunks have come and gone. */
  #refit(): void {
    if (this.#directory.isStale) this.#directory.rebuild(...this.#extent());
  }

  /** From the first slot's base to the last slot's end. */
  #extent(): [startGfn: Gfn, endGfn: Gfn] {
    if (this.#size === 0) return [0, 1];
    const head = this.#directory.head, tail = this.#directory.find(2 ** 53);
    return [this.#bases[this.#first[head]], this.#ends[this.#last[tail] - 1]];
  }

  #inOrder(): Memslot[] {
    const slots: Memslot[] = [];
    for (let chunk = this.#directory.head; chunk >= 0; chunk = this.#directory.next[chunk]) {
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
    const separators = new Float64Array(chunks);
    for (let chunk = 0, done = 0; chunk < chunks; chunk++) {
      // Spread evenly: chunk counts differ by one at most.
      const to = Math.floor(size * (chunk + 1) / chunks);
      const count = to - done;
      separators[chunk] = chunk === 0 ? -Infinity : slots[done].baseGfn;
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
    }
    this.#index(separators, size === 0 ? [0, 1] : [slots[0].baseGfn, endGfn(slots[size - 1])]);
  }

  /** Copies the chunks, in order, into a pool with an eighth to spare. */
  #relayout(): void {
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    const first = this.#first, last = this.#last, directory = this.#directory;
    const chunks = directory.count, extent = this.#extent();
    let old = directory.head;
    this.#allocate(chunks + (chunks >> 3) + 1);
    const separators = new Float64Array(chunks);
    separators[0] = -Infinity;
    for (let chunk = 0; chunk < chunks; chunk++, old = directory.next[old]) {
      const from = old * WINDOW, shift = (chunk - old) * WINDOW;
      this.#bases.set(bases.subarray(from, from + WINDOW), chunk * WINDOW);
      this.#ends.set(ends.subarray(from, from + WINDOW), chunk * WINDOW);
      for (let i = first[old]; i < last[old]; i++) this.#slots[i + shift] = slots[i];
      this.#first[chunk] = first[old] + shift;
      this.#last[chunk] = last[old] + shift;
      if (chunk + 1 < chunks) separators[chunk + 1] = directory.upper[old];
    }
    this.#index(separators, extent);
  }

  #index(separators: Float64Array, [startGfn, endGfn]: [startGfn: Gfn, endGfn: Gfn]): void {
    const capacity = this.#first.length, nodeLimit = this.#nodeLimit;
    this.#directory = new ChunkDirectory(separators, { capacity, startGfn, endGfn, nodeLimit });
  }

  #allocate(capacity: number): void {
    this.#bases = new Float64Array(capacity * WINDOW).fill(Infinity);
    this.#ends = new Float64Array(capacity * WINDOW).fill(Infinity);
    this.#slots = new Array<Memslot | null>(capacity * WINDOW).fill(null);
    this.#first = new Int32Array(capacity);
    this.#last = new Int32Array(capacity);
  }
}

class RadixChunksIter implements MemslotIter {
  slot: Memslot | null = null;
  #at = 0;
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
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    let at = this.#at + 1;
    let slot = this.#slots[at];
    if (slot === null) {
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

/** The first entry of `chunk` that ends after `gfn`, or the one past its last. */
function upperBound(ends: Float64Array, chunk: number, gfn: Gfn): number {
  let at = chunk << 5;
  at += (+(ends[at + 7] <= gfn) + +(ends[at + 15] <= gfn) + +(ends[at + 23] <= gfn)) << 3;
  at += +(ends[at] <= gfn) + +(ends[at + 1] <= gfn) + +(ends[at + 2] <= gfn) +
    +(ends[at + 3] <= gfn) + +(ends[at + 4] <= gfn) + +(ends[at + 5] <= gfn) +
    +(ends[at + 6] <= gfn);
  return at;
}
