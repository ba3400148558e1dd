/**
 * Static B-tree searched by WebAssembly SIMD: a node is a cache line of 8 keys, which a step compares
 * all at once and counts, so it has no branch and leads to one of 9 children. Find and start O(log n),
 * next O(1), insert and erase O(n); 26 bytes a slot, and at least a page of 64 KiB.
 *
 * For sets of hundreds to tens of thousands of slots that are asked far more often than they change.
 * Neither the layout nor the share of gfns in holes makes a difference. A call from JavaScript costs 2
 * to 3 ns, too much for small sets. It costs 3.5 ns more at a call site that has seen two of these
 * trees, or one that changed its height, as V8 then no longer inlines it. Each tree is an instance of
 * the module, which takes 25 µs to create.
 *
 * An S+ tree: Slotin, "Static B-Trees" (Algorithms for Modern Hardware, 2022), after Schlegel,
 * Gemulla and Lehner, "k-Ary Search on Modern Processors" (2009). wasm_s_tree/wat.ts has the searches
 * as text, wasm_s_tree/code.ts assembled.
 *
 *      node 0            inner nodes, level by level: child i of node k is node 9k + 1 + i, and key
 *      nodes 1 ... 9     i, from 0 to 7, belongs to child i; the ninth child has no key
 *      ...
 *      leaves            8 ends each, ascending, then Infinity: entry i is slot i's
 *      bases             in the same order, then Infinity
 *
 * Invariants:
 *  1) entry i of ends and bases is that of #slots[i + 1]; all others, at least one, are Infinity;
 *  2) #slots[0] is null, which is the answer for a gfn in a hole;
 *  3) a key of an inner node is the last end below its child, or Infinity if there is no such entry.
 * Due to 3) the number of a node's keys that are not greater than a gfn is the number of the child
 * below which the first greater end is. Due to 1) there is one, at the first Infinity at the latest.
 */
import {
  checkEntry,
  checkMemslot,
  checkMemslots,
  endGfn,
  type Gfn,
  type Memslot,
  missingError,
  overlapError,
} from "./memslot.ts";
import type { MemslotIndex, MemslotIter, ValidMemslotIter } from "./memslot_index.ts";
import { CODE } from "./wasm_s_tree/code.ts";

/** Keys, children and bytes of a node. */
const KEYS = 8, CHILDREN = KEYS + 1, NODE_BYTES = 64;
/** A page of WebAssembly memory. */
const PAGE_BYTES = 65_536;
/** Upper limit of the levels of inner nodes: the module has searches up to it. */
const MAX_HEIGHT = 7;

const MODULE = new WebAssembly.Module(Uint8Array.from(atob(CODE), (char) => char.charCodeAt(0)));

/** A function of the module: `find` gives the entry that holds a gfn plus one, or 0; see wat.ts. */
type Search = (gfn: Gfn) => number;

/** Static B-tree under WebAssembly SIMD; see the head of its file. */
export class WasmSTree implements MemslotIndex {
  readonly #slots: (Memslot | null)[];
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #exports = new WebAssembly.Instance(MODULE, { js: { memory: this.#memory } }).exports;
  // The searches for the tree's height.
  #find!: Search;
  #rank!: Search;
  // Views of the memory: inner nodes and leaves, the leaves alone, and the bases after them.
  #nodes: Float64Array = new Float64Array(0);
  #ends: Float64Array = new Float64Array(0);
  #bases: Float64Array = new Float64Array(0);
  /** With fewer slots the tree is laid out again: they half fill one with a level less. */
  #fewest = 0;

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    // A spread would leave a quarter of the array's capacity unused.
    this.#slots = ([null] as (Memslot | null)[]).concat(slots);
    this.#layOut(slots.length);
  }

  /** The number of slots. */
  get size(): number {
    return this.#slots.length - 1;
  }

  /** Adds a slot. O(n). */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const slots = this.#slots, size = this.size, end = endGfn(slot), rank = this.#rank;
    const at = rank(slot.baseGfn);
    if (this.#bases[at] < end) throw overlapError(slot, slots[at + 1]!);
    if (size + 1 === this.#ends.length) this.#layOut(size * 1.5);
    this.#bases.copyWithin(at + 1, at, size);
    this.#ends.copyWithin(at + 1, at, size);
    this.#bases[at] = slot.baseGfn;
    this.#ends[at] = end;
    slots.push(slot);
    for (let i = size + 1; i > at + 1; i--) slots[i] = slots[i - 1];
    slots[at + 1] = slot;
    this.#refresh(at);
  }

  /** Removes the slot that begins where `slot` does. O(n). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const slots = this.#slots, size = this.size, rank = this.#rank;
    const at = rank(slot.baseGfn);
    if (this.#bases[at] !== slot.baseGfn) throw missingError(slot);
    this.#bases.copyWithin(at, at + 1, size + 1); // with the first Infinity
    this.#ends.copyWithin(at, at + 1, size + 1);
    for (let i = at + 1; i < size; i++) slots[i] = slots[i + 1];
    slots.pop();
    if (this.size < this.#fewest) this.#layOut(this.size);
    else this.#refresh(at);
  }

  /** The slot that holds `gfn`, or null. O(log n). */
  find(gfn: Gfn): Memslot | null {
    const find = this.#find;
    return this.#slots[find(gfn)];
  }

  /** A cursor; `start` is O(log n), `next` O(1). */
  iter(): MemslotIter {
    return new WasmSTreeIter(this.#slots, this.#bases, this.#rank);
  }

  /** Throws unless 1) to 3) hold and the slots ascend without overlap. O(n). */
  checkInvariants(): void {
    const slots = this.#slots.slice(1) as Memslot[];
    if (this.#slots[0] !== null) throw new Error("Slot 0 must be null, by 2): found a slot");
    checkMemslots(slots);
    const length = this.#ends.length;
    if (this.#bases.length !== length || this.size >= length) {
      throw new Error(
        `Bases and ends must have one length above ${this.size}, by 1): ` +
          `found ${this.#bases.length} and ${length}`,
      );
    }
    for (let i = 0; i < length; i++) {
      checkEntry(i, slots[i] ?? null, this.#bases[i], this.#ends[i]);
    }
    for (let node = 0; KEYS * node < this.#nodes.length - length; node++) {
      for (let i = 0; i < KEYS; i++) {
        const key = this.#nodes[KEYS * node + i], last = this.#lastBelow(CHILDREN * node + 1 + i);
        if (key === last) continue;
        throw new Error(`Key ${i} of node ${node} must be ${last}, by 3): found ${key}`);
      }
    }
  }

  /** The last end below a node, by a path that no search takes. */
  #lastBelow(node: number): Gfn {
    const leaf = this.#nodes.length - this.#ends.length;
    while (KEYS * node < leaf) node = CHILDREN * node + CHILDREN;
    return this.#nodes[KEYS * node + KEYS - 1] ?? Infinity;
  }

  /** Lays out the memory again, with room for at least `room` slots, which is not below the size. */
  #layOut(room: number): void {
    const slots = this.#slots, size = this.size;
    const leaves = Math.floor((room + 1) / KEYS) + 1;
    let height = 0;
    while (CHILDREN ** height < leaves) height++;
    if (height > MAX_HEIGHT) {
      throw new RangeError(`Cannot hold more slots as 38 million is the limit: found ${size}`);
    }
    const firstLeaf = (CHILDREN ** height - 1) / KEYS;
    const bytes = (firstLeaf + 2 * leaves) * NODE_BYTES;
    const missing = Math.ceil((bytes - this.#memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) this.#memory.grow(missing); // detaches all views
    const all = new Float64Array(this.#memory.buffer, 0, bytes / 8).fill(Infinity);
    this.#nodes = all.subarray(0, (firstLeaf + leaves) * KEYS);
    this.#ends = this.#nodes.subarray(firstLeaf * KEYS);
    this.#bases = all.subarray(this.#nodes.length);
    for (let i = 0; i < size; i++) {
      this.#bases[i] = slots[i + 1]!.baseGfn;
      this.#ends[i] = endGfn(slots[i + 1]!);
    }
    this.#fewest = KEYS * CHILDREN ** (height - 1) / 2;
    const { toBases, [`find${height}`]: find, [`rank${height}`]: rank } = this.#exports;
    (toBases as WebAssembly.Global).value = leaves * NODE_BYTES;
    this.#find = find as Search;
    this.#rank = rank as Search;
    this.#refresh(0);
  }

  /** Restores 3) after entries from `at` to the size, both included, have changed. */
  #refresh(at: number): void {
    const nodes = this.#nodes, ends = this.#ends, size = this.size;
    let first = (nodes.length - ends.length) / KEYS; // first node of a level, here of the leaves
    let below = KEYS; // entries below a child of the nodes one level up
    while (first > 0) {
      first = (first - 1) / CHILDREN;
      let node = Math.floor(at / (below * CHILDREN));
      for (let end = node * below * CHILDREN; end <= size; end += below) {
        const key = (first + node++) * KEYS;
        for (let i = 0; i < KEYS; i++) {
          end += below;
          nodes[key + i] = end <= ends.length ? ends[end - 1] : Infinity;
        }
      }
      below *= CHILDREN;
    }
  }
}

class WasmSTreeIter implements MemslotIter {
  /** An entry of #bases; the last one, Infinity, before the first start. */
  #at = 0;
  readonly #slots: readonly (Memslot | null)[];
  readonly #bases: Float64Array;
  readonly #rank: Search;

  constructor(slots: readonly (Memslot | null)[], bases: Float64Array, rank: Search) {
    this.#at = bases.length - 1;
    this.#slots = slots;
    this.#bases = bases;
    this.#rank = rank;
  }

  get slot(): Memslot | null {
    const next = this.#at + 1;
    return next < this.#slots.length ? this.#slots[next] : null;
  }

  start(startGfn: Gfn): void {
    const rank = this.#rank;
    this.#at = rank(startGfn);
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    this.#at++;
  }
}
