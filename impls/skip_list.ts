/**
 * Skip list: a linked list, of which every fourth node or so is also in a list above, every fourth of
 * those in one above that, and so on. Find, start, insert and erase O(log n) expected, next O(1); 56
 * bytes a slot.
 *
 * William Pugh, "Skip Lists: A Probabilistic Alternative to Balanced Trees" (1990); used by LevelDB,
 * Redis and Java's ConcurrentSkipListMap.
 *
 * A node is a record of one buffer, named by its place in words, with room for links on all levels:
 *
 *     Float64  0 base     1 end   |
 *     Int32    0 1        2 3     4 link on level 0  5 on level 1  ...  11 on level 7
 *
 * Node 0 is head and tail: before the first slot by its links, behind the last by its base and end,
 * which are Infinity.
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

const HEAD = 0;
const END = 1, LINKS = 4;
const LEVELS = 8; // enough for 4^8 slots; more of them and the top list grows
const WORDS = LINKS + LEVELS;

/** Skip list; see the head of its file. */
export class SkipList implements MemslotIndex {
  // Two views of one buffer; the record of node n begins at words[n] and gfns[n >> 1].
  #words: Int32Array;
  #gfns: Float64Array;
  /** By node / WORDS; null for the head and for free nodes. */
  readonly #slots: (Memslot | null)[] = [null];
  readonly #free: number[] = [];
  /** By level, the last node that does not end after the gfn last searched for. */
  readonly #before = new Int32Array(LEVELS);
  #random = 0x2545f491; // the same heights in each run
  #size = 0;

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    this.#gfns = new Float64Array((slots.length + 8) * WORDS / 2);
    this.#words = new Int32Array(this.#gfns.buffer);
    this.#gfns[HEAD] = this.#gfns[END] = Infinity;
    // The heights that chance aims at: each fourth node on level 1, each 16th on level 2...
    slots.forEach((slot, i) => {
      const node = this.#newNode(slot);
      for (let level = 0, rank = i + 1; level < LEVELS; level++, rank /= 4) {
        if (!Number.isInteger(rank)) break;
        this.#link(this.#before[level], node, level);
        this.#before[level] = node;
      }
    });
  }

  /** The number of slots. */
  get size(): number {
    return this.#size;
  }

  /** Adds a slot. O(log n) expected. */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const later = this.#search(slot.baseGfn);
    if (this.#gfns[later >> 1] < endGfn(slot)) {
      throw overlapError(slot, this.#slots[later / WORDS]!);
    }
    const node = this.#newNode(slot);
    let level = 0;
    do this.#link(this.#before[level], node, level); while (++level < LEVELS && this.#isPromoted());
  }

  /** Removes the slot that begins where `slot` does. O(log n) expected. */
  erase(slot: Memslot): void {
    const words = this.#words, node = this.#search(slot.baseGfn);
    if (this.#gfns[node >> 1] !== slot.baseGfn) throw missingError(slot);
    for (let level = 0; level < LEVELS; level++) {
      const link = this.#before[level] + LINKS + level;
      if (words[link] !== node) break; // nor is it on any level above
      words[link] = words[node + LINKS + level];
    }
    this.#slots[node / WORDS] = null;
    this.#free.push(node);
    this.#size--;
  }

  /** The slot that holds `gfn`, or null. O(log n) expected. */
  find(gfn: Gfn): Memslot | null {
    const node = firstEndingAfter(this.#words, this.#gfns, gfn);
    return this.#gfns[node >> 1] <= gfn ? this.#slots[node / WORDS] : null;
  }

  /** A cursor; `start` is O(log n) expected, `next` O(1). */
  iter(): MemslotIter {
    return new SkipListIter(this.#words, this.#gfns, this.#slots);
  }

  /** Throws unless each list is part of the one below and the slots ascend without overlap. O(n). */
  checkInvariants(): void {
    const words = this.#words, gfns = this.#gfns, slots: Memslot[] = [];
    let below = new Set<number>();
    for (let level = 0; level < LEVELS; level++) {
      const here = new Set<number>();
      let end = 0;
      for (let node = words[LINKS + level]; node !== HEAD; node = words[node + LINKS + level]) {
        const slot = this.#slots[node / WORDS];
        if (slot === null || gfns[node >> 1] !== slot.baseGfn) {
          throw new Error(`Node ${node}: base`);
        }
        if (gfns[(node >> 1) + END] !== endGfn(slot)) throw new Error(`Node ${node}: end`);
        if (slot.baseGfn < end) throw new Error(`Level ${level} does not ascend at node ${node}`);
        if (level > 0 && !below.has(node)) throw new Error(`Node ${node} is not below ${level}`);
        end = endGfn(slot);
        here.add(node);
        if (level === 0) slots.push(slot);
      }
      below = here;
    }
    checkMemslots(slots);
    const nodes = slots.length + this.#free.length + 1;
    if (slots.length !== this.#size || nodes !== this.#slots.length) {
      throw new Error(`${this.#size} slots expected, ${slots.length} in the list`);
    }
    if (gfns[HEAD] !== Infinity || gfns[END] !== Infinity) throw new Error("The head is no tail");
  }

  /** As `firstEndingAfter`; keeps the way in #before. */
  #search(gfn: Gfn): number {
    const words = this.#words, gfns = this.#gfns;
    let at = HEAD, next = HEAD;
    for (let level = LEVELS - 1; level >= 0; level--) {
      next = words[at + LINKS + level];
      while (gfns[(next >> 1) + END] <= gfn) {
        at = next;
        next = words[at + LINKS + level];
      }
      this.#before[level] = at;
    }
    return next;
  }

  #link(before: number, node: number, level: number): void {
    this.#words[node + LINKS + level] = this.#words[before + LINKS + level];
    this.#words[before + LINKS + level] = node;
  }

  /** One time in four. Marsaglia's xorshift: its lowest bits will do here. */
  #isPromoted(): boolean {
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    return (random & 3) === 0;
  }

  #newNode(slot: Memslot): number {
    const node = this.#free.pop() ?? (this.#slots.push(null) - 1) * WORDS;
    if (node === this.#words.length) {
      const gfns = new Float64Array(this.#gfns.length * 2);
      gfns.set(this.#gfns);
      this.#gfns = gfns;
      this.#words = new Int32Array(gfns.buffer);
    }
    this.#gfns[node >> 1] = slot.baseGfn;
    this.#gfns[(node >> 1) + END] = endGfn(slot);
    this.#slots[node / WORDS] = slot;
    this.#size++;
    return node;
  }
}

class SkipListIter implements MemslotIter {
  slot: Memslot | null = null;
  #node = HEAD;
  readonly #words: Int32Array;
  readonly #gfns: Float64Array;
  readonly #slots: readonly (Memslot | null)[];

  constructor(words: Int32Array, gfns: Float64Array, slots: readonly (Memslot | null)[]) {
    this.#words = words;
    this.#gfns = gfns;
    this.#slots = slots;
  }

  start(startGfn: Gfn): void {
    const node = firstEndingAfter(this.#words, this.#gfns, startGfn);
    this.#node = node;
    this.slot = this.#slots[node / WORDS];
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#gfns[this.#node >> 1] < endGfn;
  }

  next(): void {
    const node = this.#words[this.#node + LINKS];
    this.#node = node;
    this.slot = this.#slots[node / WORDS];
  }
}

/** The node of the first slot that ends after `gfn`, or the head, which as tail always does. */
function firstEndingAfter(words: Int32Array, gfns: Float64Array, gfn: Gfn): number {
  let at = HEAD, next = HEAD;
  let level = LEVELS - 1;
  while (level > 0 && words[LINKS + level] === HEAD) level--;
  for (; level >= 0; level--) {
    next = words[at + LINKS + level];
    while (gfns[(next >> 1) + END] <= gfn) {
      at = next;
      next = words[at + LINKS + level];
    }
  }
  return next;
}
