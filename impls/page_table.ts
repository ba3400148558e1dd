/**
 * Page table: a radix tree over the bits of the gfn, as deep as the range of the slots needs, in
 * which one entry stands for a whole aligned run if possible, like a huge page. Find and start
 * O(address bits), next O(1), insert and erase O(address bits * table size). For large aligned slots,
 * such as hot-plugged memory.
 *
 * Bytes a slot as built: 37 for 32,764 hot-plugged DIMMs, 50 for 509; 268 and 281 for scattered
 * slots of 1 to 1,024 pages, of which 236 are tables. An edge at any page takes a table of 128 bytes
 * on each level where no other edge shares it, here on 1.84 levels. Levels of 4 bits would take 173
 * bytes, but lookups at 509 slots 1.4 times as long. A table of Xen has 4 KiB, one of QEMU 2 KiB, both
 * with levels of 9 bits.
 *
 * Used by Xen's p2m, which has such a table and no slots, and by QEMU's PhysPageMap.
 *
 * An entry holds the first slot that ends after its gfns, not the slot at its gfns. This answers
 * `start` too, and changes only where a slot ends, so there are half as many edges.
 *
 * Slots have numbers. Number 0, NONE, is the sentinel [Infinity, Infinity), before the first slot and
 * after the last one in the circular list.
 *
 * Invariants:
 *   1) An entry >= 0 is the number of that slot, the same for all gfns of the entry, or NONE.
 *   2) An entry < 0 is the complement of the place of a table that cuts the entry's gfns finer.
 *   3) A table below the root has at least two different entries: else its parent holds the entry.
 *   4) The root covers all slots. Gfns below it have the first slot, gfns above it NONE.
 *   5) #next and #previous link the slots in ascending order, without overlap, in a circle through
 *      NONE; #bases and #ends have their bounds.
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

/** Page table; see the head of its file. */
export class PageTable implements MemslotIndex {
  #bases: Float64Array;
  #ends: Float64Array;
  #previous: Int32Array;
  #next: Int32Array;
  #slots: (Memslot | null)[] = [null];
  readonly #freeNumbers: number[] = [];

  /** Tables of 1 << bits entries; a table is named by the place of its first entry. */
  #entries: Int32Array = new Int32Array(0);
  #tables = 0;
  readonly #freeTables: number[] = [];

  readonly #bits: number = 0;
  /** The number of levels that fit into 30 bits; see `lookUp`. */
  readonly #lowLevels: number = 0;
  #root = 0;
  /** Levels of tables; 0 without slots. */
  #height = 0;
  /** The root covers [lowGfn, lowGfn + span), aligned; span is 2 ** (bits * height). */
  #lowGfn: Gfn = 0;
  #span = 0;
  #size = 0;

  /**
   * O(n * table size). `RangeError` or `TypeError` as `checkMemslots`; a `RangeError` too unless
   * `bits`, the number of the gfn's bits that select an entry of a table, is an integer in [1, 10].
   */
  constructor(slots: readonly Memslot[] = [], options: { bits?: number } = {}) {
    checkMemslots(slots);
    const bits = options.bits ?? 5;
    if (!(Number.isInteger(bits) && bits >= 1 && bits <= 10)) {
      throw new RangeError(
        `Cannot create index as bits must be an integer in [1, 10]: found ${bits}`,
      );
    }
    this.#bits = bits;
    this.#lowLevels = Math.floor(30 / bits);
    this.#bases = new Float64Array(slots.length + 1).fill(Infinity);
    this.#ends = new Float64Array(slots.length + 1).fill(Infinity);
    this.#previous = new Int32Array(slots.length + 1);
    this.#next = new Int32Array(slots.length + 1);
    this.#entries = new Int32Array(0);
    if (slots.length > 0) this.#build(slots);
  }

  #build(slots: readonly Memslot[]): void {
    // The root first, to count the tables below it: a pool that doubles needs thrice its size for that.
    const ends = slots.map(endGfn);
    this.#setRoot(slots[0].baseGfn, ends[ends.length - 1]);
    this.#entries = new Int32Array(tablesFor(ends, this.#bits, this.#height) << this.#bits);
    this.#root = this.#newTable(NONE);
    for (const slot of slots) this.insert(slot);
    this.#slots = this.#slots.slice(); // without the spare capacity of push
  }

  /** The number of slots. */
  get size(): number {
    return this.#size;
  }

  /** Adds a slot. O(address bits * table size). */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const end = endGfn(slot);
    const later = this.#lookUp(slot.baseGfn);
    if (this.#bases[later] < end) throw overlapError(slot, this.#slots[later]!);
    this.#cover(slot.baseGfn, end);
    const number = this.#newNumber(slot), previous = this.#previous[later];
    this.#repaint(previous, end, number);
    this.#previous[number] = previous;
    this.#next[number] = later;
    this.#next[previous] = this.#previous[later] = number;
    this.#size++;
  }

  /** Removes the slot that begins where `slot` does. O(address bits * table size). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const number = this.#lookUp(slot.baseGfn);
    if (this.#bases[number] !== slot.baseGfn) throw missingError(slot);
    const previous = this.#previous[number], next = this.#next[number];
    this.#repaint(previous, this.#ends[number], next);
    this.#next[previous] = next;
    this.#previous[next] = previous;
    this.#bases[number] = this.#ends[number] = Infinity;
    this.#slots[number] = null;
    this.#freeNumbers.push(number);
    if (--this.#size > 0) return;
    this.#freeTables.push(this.#root); // due to 3) the only table, as all its entries are NONE
    this.#height = this.#span = this.#lowGfn = 0;
  }

  /** The slot that holds `gfn`, or null. O(address bits). */
  find(gfn: Gfn): Memslot | null {
    const number = this.#lookUp(gfn);
    return this.#bases[number] <= gfn ? this.#slots[number] : null;
  }

  /** A cursor; `start` is O(address bits), `next` O(1). */
  iter(): MemslotIter {
    return new PageTableIter(this.#bases, this.#slots, this.#next, {
      entries: this.#entries,
      root: this.#root,
      bits: this.#bits,
      lowLevels: this.#lowLevels,
      height: this.#height,
      lowGfn: this.#lowGfn,
      span: this.#span,
    });
  }

  /** Throws unless 1) to 5) hold. O(n * table size). */
  checkInvariants(): void {
    const slots: Memslot[] = [];
    let number = NONE;
    do {
      const slot = this.#slots[number], next = this.#next[number], back = this.#previous[next];
      checkEntry(number, slot, this.#bases[number], this.#ends[number]);
      if (slot !== null) slots.push(slot);
      if (back !== number) {
        throw new Error(`Slot ${next} must come after ${number}, by 5): found it after ${back}`);
      }
      number = next;
    } while (number !== NONE);
    checkMemslots(slots);
    checkSize(this.#size, slots.length);
    checkSize(this.#size, this.#slots.length - this.#freeNumbers.length - 1);
    let tables = this.#freeTables.length;
    if (this.#height > 0) {
      const first = this.#bases[this.#next[NONE]], last = this.#ends[this.#previous[NONE]];
      if (slots.length === 0 || first < this.#lowGfn || last > this.#lowGfn + this.#span) {
        throw new Error(`The root must cover [${first}, ${last}), by 4): it does not`);
      }
      tables += this.#checkTable(this.#root, this.#span, this.#lowGfn);
    }
    if (tables !== this.#tables) {
      throw new Error("Each table must be below the root or free: found one that is neither");
    }
  }

  /** Returns the number of tables from `table` down. */
  #checkTable(table: number, span: number, low: Gfn): number {
    const step = span / (1 << this.#bits);
    if (table !== this.#root && this.#isUniform(table)) {
      throw new Error(`Table ${table} must have two different entries, by 3): all are equal`);
    }
    let tables = 1;
    for (let i = 0; i < 1 << this.#bits; i++) {
      const entry = this.#entries[table + i], start = low + i * step;
      if (entry < 0) tables += this.#checkTable(~entry, step, start);
      else {
        const previous = this.#previous[entry];
        const after = previous === NONE ? 0 : this.#ends[previous];
        if (start < after || start + step > this.#ends[entry]) {
          throw new Error(
            `The entry at [${start}, ${start + step}) must be the first slot to end after it, ` +
              `by 1): found ${entry}`,
          );
        }
      }
    }
    return tables;
  }

  /** The number of the first slot that ends after `gfn`. */
  #lookUp(gfn: Gfn): number {
    const offset = gfn - this.#lowGfn;
    if (offset < 0) return this.#next[NONE]; // due to 4)
    if (!(offset < this.#span)) return NONE;
    return lookUp(this.#entries, this.#root, this.#bits, this.#lowLevels, this.#height, offset);
  }

  /** Makes the root cover [base, end): adds the lowest table that does, or levels on top. */
  #cover(base: Gfn, end: Gfn): void {
    if (this.#height === 0) {
      this.#setRoot(base, end);
      this.#root = this.#newTable(NONE);
    }
    while (base < this.#lowGfn || this.#lowGfn + this.#span < end) {
      const kid = this.#root, kidSpan = this.#span, kidLow = this.#lowGfn;
      this.#span = 2 ** (this.#bits * ++this.#height);
      this.#lowGfn = Math.floor(kidLow / this.#span) * this.#span;
      this.#root = this.#newTable(NONE);
      const at = this.#root + (kidLow - this.#lowGfn) / kidSpan;
      this.#entries.fill(this.#next[NONE], this.#root, at);
      this.#entries[at] = this.#isUniform(kid) ? this.#dropTable(kid) : ~kid;
    }
  }

  /** Sets the height, and the gfns, of the lowest root that covers [base, end). */
  #setRoot(base: Gfn, end: Gfn): void {
    do {
      this.#span = 2 ** (this.#bits * ++this.#height);
      this.#lowGfn = Math.floor(base / this.#span) * this.#span;
    } while (this.#lowGfn + this.#span < end);
  }

  /** Writes `number` to all gfns from the end of slot `previous`, or from the lowest, to `end`. */
  #repaint(previous: number, end: Gfn, number: number): void {
    const from = previous === NONE ? 0 : this.#ends[previous] - this.#lowGfn;
    this.#paint(this.#root, this.#span, from, end - this.#lowGfn, number);
  }

  /** Writes `number` to [from, to), counted from the first of the `span` gfns of `table`. */
  #paint(table: number, span: number, from: number, to: number, number: number): void {
    const step = span / (1 << this.#bits);
    for (let at = table + Math.floor(from / step), low = at - table; low * step < to; at++, low++) {
      const entry = this.#entries[at], start = low * step;
      if (from <= start && start + step <= to) {
        if (entry < 0) this.#dropTables(~entry);
        this.#entries[at] = number;
      } else if (entry !== number) {
        // An edge: this entry is the first or the last, so a level has at most two.
        const kid = entry < 0 ? ~entry : this.#newTable(entry);
        this.#paint(kid, step, Math.max(0, from - start), Math.min(step, to - start), number);
        this.#entries[at] = this.#isUniform(kid) ? this.#dropTable(kid) : ~kid; // 3)
      }
    }
  }

  #isUniform(table: number): boolean {
    const entries = this.#entries, end = table + (1 << this.#bits), first = entries[table];
    if (first < 0) return false;
    for (let at = table + 1; at < end; at++) if (entries[at] !== first) return false;
    return true;
  }

  /** Frees a table, and returns its first entry. */
  #dropTable(table: number): number {
    this.#freeTables.push(table);
    return this.#entries[table];
  }

  /** Frees a table and all tables below it. */
  #dropTables(table: number): void {
    for (let at = table; at < table + (1 << this.#bits); at++) {
      if (this.#entries[at] < 0) this.#dropTables(~this.#entries[at]);
    }
    this.#freeTables.push(table);
  }

  #newTable(entry: number): number {
    const table = this.#freeTables.pop() ?? this.#tables++ << this.#bits;
    if (table === this.#entries.length) {
      this.#entries = grown(this.#entries, new Int32Array(withRoom(this.#tables) << this.#bits));
    }
    const entries = this.#entries, end = table + (1 << this.#bits);
    for (let at = table; at < end; at++) entries[at] = entry;
    return table;
  }

  #newNumber(slot: Memslot): number {
    const number = this.#freeNumbers.pop() ?? this.#slots.push(null) - 1;
    if (number === this.#bases.length) {
      const length = withRoom(number);
      this.#bases = grown(this.#bases, new Float64Array(length).fill(Infinity));
      this.#ends = grown(this.#ends, new Float64Array(length).fill(Infinity));
      this.#previous = grown(this.#previous, new Int32Array(length));
      this.#next = grown(this.#next, new Int32Array(length));
    }
    this.#bases[number] = slot.baseGfn;
    this.#ends[number] = endGfn(slot);
    this.#slots[number] = slot;
    return number;
  }
}

/** What a search needs of the tables. */
interface Root {
  entries: Int32Array;
  root: number;
  bits: number;
  lowLevels: number;
  height: number;
  lowGfn: Gfn;
  span: number;
}

class PageTableIter implements MemslotIter {
  #number = NONE;
  readonly #bases: Float64Array;
  readonly #slots: readonly (Memslot | null)[];
  readonly #next: Int32Array;
  readonly #entries: Int32Array;
  readonly #root: number;
  readonly #bits: number;
  readonly #lowLevels: number;
  readonly #height: number;
  readonly #lowGfn: Gfn;
  readonly #span: number;

  constructor(
    bases: Float64Array,
    slots: readonly (Memslot | null)[],
    next: Int32Array,
    root: Root,
  ) {
    this.#bases = bases;
    this.#slots = slots;
    this.#next = next;
    this.#entries = root.entries;
    this.#root = root.root;
    this.#bits = root.bits;
    this.#lowLevels = root.lowLevels;
    this.#height = root.height;
    this.#lowGfn = root.lowGfn;
    this.#span = root.span;
  }

  get slot(): Memslot | null {
    return this.#slots[this.#number];
  }

  start(startGfn: Gfn): void {
    const offset = startGfn - this.#lowGfn;
    let number = NONE;
    if (offset < 0) number = this.#next[NONE];
    else if (offset < this.#span) {
      number = lookUp(this.#entries, this.#root, this.#bits, this.#lowLevels, this.#height, offset);
    }
    this.#number = number;
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bases[this.#number] < endGfn;
  }

  next(): void {
    this.#number = this.#next[this.#number];
  }
}

/** The entry >= 0 for the gfn at `offset` in what `root` covers. */
function lookUp(
  entries: Int32Array,
  root: number,
  bits: number,
  lowLevels: number,
  height: number,
  offset: number,
): number {
  // A gfn is too wide for bitwise operators, so two words: the low one, below 2^30, for the lower
  // levels, and the high one, below 2^31 as bits is at most 10, for the levels above.
  const mask = (1 << bits) - 1;
  let table = root, word = offset, shift = bits * height;
  if (height > lowLevels) {
    const lowSpan = 1 << (bits * lowLevels), high = Math.floor(offset / lowSpan);
    for (shift = bits * (height - lowLevels); shift > 0;) {
      shift -= bits;
      const entry = entries[table + ((high >>> shift) & mask)];
      if (entry >= 0) return entry;
      table = ~entry;
    }
    word = offset - high * lowSpan;
    shift = bits * lowLevels;
  }
  // Entries of the lowest level, of one gfn, cannot be cut finer: shift stays >= 0.
  for (;;) {
    shift -= bits;
    const entry = entries[table + ((word >>> shift) & mask)];
    if (entry >= 0) return entry;
    table = ~entry;
  }
}

/**
 * The number of tables for slots that end at `ends`: the root and, due to 3), one for each aligned run
 * of a lower level's size that has an end inside, not at its start. Inserting ascending slots only adds
 * such ends, so there are never more tables on the way.
 */
function tablesFor(ends: readonly Gfn[], bits: number, height: number): number {
  let tables = 1;
  for (let level = 1; level < height; level++) {
    const span = 2 ** (bits * level);
    let last = -1;
    for (const end of ends) {
      const run = Math.floor(end / span);
      if (run === last || run * span === end) continue;
      last = run;
      tables++;
    }
  }
  return tables;
}

/** A quarter more, at least four more, so that adding one is O(1) amortised. */
function withRoom(length: number): number {
  return length + Math.max(4, length >>> 2);
}

function grown<T extends Float64Array | Int32Array>(array: T, target: T): T {
  target.set(array);
  return target;
}
