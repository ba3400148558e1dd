/**
 * B+-tree in typed arrays: slots in linked leaves, separators above. Find, start, insert and erase
 * O(log n), next O(1). 34 bytes a slot at 32,764 slots and 50 at 509 as built; 49 and 68 if inserted
 * one at a time. For sets that change, on any layout: four levels at 32,764 slots.
 *
 * Rudolf Bayer and Karl Unterauer, "Prefix B-Trees" (1977), for separators that are not keys;
 * google/btree and database engines for the rest. Linux's maple tree, which keeps a process's memory
 * areas, is related.
 *
 * A node is named by the index of its first entry. Leaves and inner nodes are numbered separately.
 * Unused entries of a node's `fanout` are Infinity (and null).
 *
 * Invariants:
 *   1) All leaves have the same depth; `next` leads from each leaf to the one on its right, and from
 *      the last one to leaf 0, which is outside of the tree and stays empty.
 *   2) Leaves hold fanout / 4 to fanout - 1 slots, inner nodes fanout / 4 to fanout kids and at least
 *      two. Exceptions: a root that is a leaf holds any number of slots, one that is not at least two
 *      kids.
 *   3) Ends in kid i are at most key i; bases in kid i + 1 are at least key i.
 *   4) The keys of an inner node from its last kid on are Infinity, so a search always finds one.
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

/** Leaf 0, the empty end of the list of leaves. */
const NOWHERE = 0;
/** Upper limit of the levels of inner nodes: nodes of two kids for 2^32 slots. */
const MAX_HEIGHT = 32;

/** B+-tree; see the head of its file. */
export class BPlusTree implements MemslotIndex {
  readonly #fanout: number = 0;
  /** fanout is 1 << shift; node >>> shift is the node's number. */
  readonly #shift: number = 0;

  // Leaves. The last two are indexed by the leaf's number.
  #bases: Float64Array = new Float64Array(0);
  #ends: Float64Array = new Float64Array(0);
  #slots: (Memslot | null)[] = [];
  #slotCounts: Int32Array = new Int32Array(0);
  #next: Int32Array = new Int32Array(0);
  readonly #freeLeaves: number[] = [];

  // Inner nodes. The last one is indexed by the node's number.
  #keys: Float64Array = new Float64Array(0);
  #kids: Int32Array = new Int32Array(0);
  #kidCounts: Int32Array = new Int32Array(0);
  #innerNodes = 0;
  readonly #freeInner: number[] = [];

  /** A leaf if the height is 0, else an inner node. */
  #root = NOWHERE;
  #height = 0;
  #size = 0;
  /** How many entries of a leaf a search covers: see `leafWidth`. */
  #leafWidth = 0;

  // The path of the last descent: inner nodes from the root, at depth 0, and the kid taken in each.
  readonly #path = new Int32Array(MAX_HEIGHT);
  readonly #places = new Int32Array(MAX_HEIGHT);

  /**
   * O(n). `RangeError` or `TypeError` as `checkMemslots`; a `RangeError` too unless `fanout` is 4, 8,
   * 16 or 32.
   */
  constructor(slots: readonly Memslot[] = [], options: { fanout?: number } = {}) {
    checkMemslots(slots);
    const fanout = options.fanout ?? 32;
    if (![4, 8, 16, 32].includes(fanout)) {
      throw new RangeError(`Cannot create index as fanout must be 4, 8, 16 or 32: found ${fanout}`);
    }
    this.#fanout = fanout;
    this.#shift = 31 - Math.clz32(fanout);
    // Pools of the final size: growing them would leave garbage for the collector.
    const [leaves, ...innerLevels] = levelWidths(slots.length, fanout);
    const innerNodes = innerLevels.reduce((sum, width) => sum + width, 0);
    this.#bases = new Float64Array((leaves + 1) * fanout).fill(Infinity);
    this.#ends = new Float64Array((leaves + 1) * fanout).fill(Infinity);
    this.#slotCounts = new Int32Array(leaves + 1);
    this.#next = new Int32Array(leaves + 1);
    this.#keys = new Float64Array(innerNodes * fanout).fill(Infinity);
    this.#kids = new Int32Array(innerNodes * fanout);
    this.#kidCounts = new Int32Array(innerNodes);
    this.#newLeaf(); // NOWHERE
    this.#build(slots);
    this.#slots = this.#slots.slice(); // without the spare capacity of push
    this.#leafWidth = leafWidth(this.#size, fanout);
  }

  /** The number of slots. */
  get size(): number {
    return this.#size;
  }

  /** Adds a slot. O(log n). */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    let leaf = this.#descend(slot.baseGfn);
    let at = upperBound(this.#ends, leaf, this.#fanout, slot.baseGfn);
    const isLast = this.#slots[at] === null;
    const later = isLast ? this.#next[leaf >>> this.#shift] : at;
    if (this.#bases[later] < endGfn(slot)) throw overlapError(slot, this.#slots[later]!);
    if (isLast) this.#raiseKey(endGfn(slot));
    if (this.#slotCounts[leaf >>> this.#shift] === this.#fanout - 1) {
      const right = this.#splitLeaf(leaf);
      // The key between the two is the end of the last slot on the left.
      if (this.#ends[leaf + this.#slotCounts[leaf >>> this.#shift] - 1] <= slot.baseGfn) {
        leaf = right;
      }
      at = upperBound(this.#ends, leaf, this.#fanout, slot.baseGfn);
    }
    const last = leaf + this.#slotCounts[leaf >>> this.#shift]++;
    this.#moveSlots(at + 1, at, last - at);
    this.#bases[at] = slot.baseGfn;
    this.#ends[at] = endGfn(slot);
    this.#slots[at] = slot;
    this.#leafWidth = leafWidth(++this.#size, this.#fanout);
  }

  /** Removes the slot that begins where `slot` does. O(log n). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const leaf = this.#descend(slot.baseGfn);
    const at = upperBound(this.#ends, leaf, this.#fanout, slot.baseGfn);
    if (this.#bases[at] !== slot.baseGfn) throw missingError(slot);
    const count = --this.#slotCounts[leaf >>> this.#shift];
    this.#moveSlots(at, at + 1, leaf + count - at);
    this.#clearSlots(leaf + count, 1);
    this.#leafWidth = leafWidth(--this.#size, this.#fanout);
    if (count < this.#fanout / 4 && this.#height > 0) this.#mendLeaf();
  }

  /** The slot that holds `gfn`, or null. O(log n). */
  find(gfn: Gfn): Memslot | null {
    const leaf = leafOf(this.#keys, this.#kids, this.#root, this.#height, this.#fanout, gfn);
    const at = upperBound(this.#ends, leaf, this.#leafWidth, gfn);
    // Past the leaf's last slot no slot can hold gfn: it is below the key on the right and, due to 3),
    // the bases behind that key are not.
    return this.#bases[at] <= gfn ? this.#slots[at] : null;
  }

  /** A cursor; `start` is O(log n), `next` O(1). */
  iter(): MemslotIter {
    return new BPlusTreeIter({
      fanout: this.#fanout,
      bases: this.#bases,
      ends: this.#ends,
      slots: this.#slots,
      next: this.#next,
      keys: this.#keys,
      kids: this.#kids,
      root: this.#root,
      height: this.#height,
    });
  }

  /** Throws unless 1) to 4) hold and the slots ascend without overlap. O(n). */
  checkInvariants(): void {
    const slots: Memslot[] = [], leaves: number[] = [];
    const inner = this.#checkNode(this.#root, this.#height, -Infinity, Infinity, slots, leaves);
    checkMemslots(slots);
    checkSize(this.#size, slots.length);
    leaves.push(NOWHERE);
    for (let i = 1; i < leaves.length; i++) {
      const found = this.#next[leaves[i - 1] >>> this.#shift];
      if (found !== leaves[i]) {
        throw new Error(`Leaf ${leaves[i - 1]} must lead to ${leaves[i]}, by 1): found ${found}`);
      }
    }
    this.#checkSlots(NOWHERE, 0, 0, 0, []);
    const known = (leaves.length + this.#freeLeaves.length) << this.#shift;
    if (known !== this.#slots.length || inner + this.#freeInner.length !== this.#innerNodes) {
      throw new Error("Each node must be in the tree or in the free list: found one in neither");
    }
  }

  /** Appends the slots and leaves below `node`, and returns the number of inner nodes. */
  #checkNode(
    node: number,
    height: number,
    low: Gfn,
    high: Gfn,
    slots: Memslot[],
    leaves: number[],
  ): number {
    if (height === 0) {
      leaves.push(node);
      this.#checkSlots(node, this.#slotCounts[node >>> this.#shift], low, high, slots);
      return 0;
    }
    const count = this.#kidCounts[node >>> this.#shift];
    const least = node === this.#root ? 2 : Math.max(2, this.#fanout / 4);
    if (count < least || count > this.#fanout) {
      throw new Error(`Node ${node} must have at least ${least} kids, by 2): found ${count}`);
    }
    let inner = 1;
    for (let i = 0; i < this.#fanout; i++) {
      const key = this.#keys[node + i];
      if (i >= count - 1 && key !== Infinity) {
        throw new Error(`Key ${i} of node ${node} must be Infinity, by 4): found ${key}`);
      }
      if (i >= count) continue;
      const below = i === count - 1 ? high : key, above = i === 0 ? low : this.#keys[node + i - 1];
      inner += this.#checkNode(this.#kids[node + i], height - 1, above, below, slots, leaves);
    }
    return inner;
  }

  #checkSlots(leaf: number, count: number, low: Gfn, high: Gfn, slots: Memslot[]): void {
    const least = this.#height === 0 || leaf === NOWHERE ? 0 : this.#fanout / 4;
    if (count < least || count >= this.#fanout) {
      throw new Error(`Leaf ${leaf} must have at least ${least} slots, by 2): found ${count}`);
    }
    for (let at = leaf; at < leaf + this.#fanout; at++) {
      const base = this.#bases[at], end = this.#ends[at], slot = this.#slots[at];
      checkEntry(at, slot, base, end);
      if ((slot !== null) !== (at < leaf + count)) {
        throw new Error(
          `Leaf ${leaf} must hold slots in its first ${count} entries only: see ${at}`,
        );
      }
      if (slot === null) continue;
      if (base < low || end > high) {
        throw new Error(
          `Slot ${slot.id} must lie in [${low}, ${high}), by 3): found [${base}, ${end})`,
        );
      }
      slots.push(slot);
    }
  }

  /** The leaf for `gfn`, as `leafOf`, with the path kept in #path and #places. */
  #descend(gfn: Gfn): number {
    let node = this.#root;
    for (let depth = 0; depth < this.#height; depth++) {
      const at = upperBound(this.#keys, node, this.#fanout, gfn);
      this.#path[depth] = node;
      this.#places[depth] = at - node;
      node = this.#kids[at];
    }
    return node;
  }

  /** Builds the tree level by level, from the leaves up. */
  #build(slots: readonly Memslot[]): void {
    const [leaves, ...innerLevels] = levelWidths(slots.length, this.#fanout);
    let level = this.#buildLeaves(slots, leaves);
    for (const nodes of innerLevels) level = this.#buildLevel(level, nodes);
    this.#height = innerLevels.length;
    this.#root = level[0].node;
    this.#size = slots.length;
  }

  /** Spreads the slots evenly over `leaves` linked leaves. */
  #buildLeaves(slots: readonly Memslot[], leaves: number): Built[] {
    const built: Built[] = [];
    for (let i = 0; i < leaves; i++) {
      const node = this.#newLeaf();
      const from = share(slots.length, i, leaves), to = share(slots.length, i + 1, leaves);
      for (let j = from, at = node; j < to; j++, at++) {
        this.#bases[at] = slots[j].baseGfn;
        this.#ends[at] = endGfn(slots[j]);
        this.#slots[at] = slots[j];
      }
      this.#slotCounts[node >>> this.#shift] = to - from;
      if (i > 0) this.#next[built[i - 1].node >>> this.#shift] = node;
      built.push({ node, lastEnd: to > from ? endGfn(slots[to - 1]) : 0 });
    }
    return built;
  }

  /** Spreads `kids` evenly over `nodes` inner nodes. */
  #buildLevel(kids: readonly Built[], nodes: number): Built[] {
    const built: Built[] = [];
    for (let i = 0; i < nodes; i++) {
      const node = this.#newInner();
      const from = share(kids.length, i, nodes), to = share(kids.length, i + 1, nodes);
      for (let j = from, at = node; j < to; j++, at++) {
        this.#kids[at] = kids[j].node;
        if (j + 1 < to) this.#keys[at] = kids[j].lastEnd; // 3), and 4) for the last kid
      }
      this.#kidCounts[node >>> this.#shift] = to - from;
      built.push({ node, lastEnd: kids[to - 1].lastEnd });
    }
    return built;
  }

  /** Raises the key on the right of the descent to `end`, if it is lower: keeps 3). */
  #raiseKey(end: Gfn): void {
    // From the leaf's parent up, the first key that is not its node's last is the one on the right.
    for (let depth = this.#height - 1; depth >= 0; depth--) {
      const at = this.#path[depth] + this.#places[depth];
      if (this.#keys[at] === Infinity) continue;
      if (this.#keys[at] < end) this.#keys[at] = end;
      return;
    }
  }

  /** Moves the upper half of a full leaf, where the descent ended, to a new leaf, and returns it. */
  #splitLeaf(leaf: number): number {
    const shift = this.#shift, half = this.#fanout / 2, moved = this.#fanout - 1 - half;
    const right = this.#newLeaf();
    this.#moveSlots(right, leaf + half, moved);
    this.#clearSlots(leaf + half, moved);
    this.#slotCounts[leaf >>> shift] = half;
    this.#slotCounts[right >>> shift] = moved;
    this.#next[right >>> shift] = this.#next[leaf >>> shift];
    this.#next[leaf >>> shift] = right;
    this.#addKid(this.#height - 1, this.#ends[leaf + half - 1], right);
    return right;
  }

  /** Adds `kid` after the kid of the descent at `depth`, with `key` between the two. */
  #addKid(depth: number, key: Gfn, kid: number): void {
    if (depth < 0) {
      const root = this.#newInner();
      this.#keys[root] = key;
      this.#kids[root] = this.#root;
      this.#kids[root + 1] = kid;
      this.#kidCounts[root >>> this.#shift] = 2;
      this.#root = root;
      this.#height++;
      return;
    }
    const half = this.#fanout / 2;
    let node = this.#path[depth], place = this.#places[depth];
    if (this.#kidCounts[node >>> this.#shift] === this.#fanout) {
      const right = this.#newInner();
      this.#moveKids(right, node + half, half);
      const between = this.#keys[node + half - 1];
      this.#keys.fill(Infinity, node + half - 1, node + this.#fanout); // 4)
      this.#kidCounts[node >>> this.#shift] = this.#kidCounts[right >>> this.#shift] = half;
      this.#addKid(depth - 1, between, right);
      if (place >= half) {
        node = right;
        place -= half;
      }
    }
    const at = node + place, count = this.#kidCounts[node >>> this.#shift]++;
    this.#moveKids(at + 1, at, count - place);
    this.#keys[at] = key;
    this.#kids[at + 1] = kid;
  }

  /**
   * Restores 2) for the leaf at the end of the descent, which has too few slots: joins it with a
   * neighbour if both fit into one leaf, else shares their slots evenly. Books borrow one slot at a
   * time instead, which needs a repair more often.
   *
   *     join:    .. k ..            ..        share:    .. k ..             .. d ..
   *              /    \            |                   /    \              /    \
   *           |a   | |bc  |  -->  |abc |             |a   | |cdef|  -->  |acd | |ef  |
   */
  #mendLeaf(): void {
    const at = this.#pairAt(this.#height - 1), left = this.#kids[at], right = this.#kids[at + 1];
    const total = this.#slotCounts[left >>> this.#shift] + this.#slotCounts[right >>> this.#shift];
    if (total < this.#fanout) this.#joinLeaves(at, left, right);
    else this.#shareSlots(at, left, right, total >>> 1);
  }

  /** Moves all slots of leaf `right`, kid at + 1 of the descent, to leaf `left`, kid at. */
  #joinLeaves(at: number, left: number, right: number): void {
    const shift = this.#shift, count = this.#slotCounts[left >>> shift];
    const moved = this.#slotCounts[right >>> shift];
    this.#moveSlots(left + count, right, moved);
    this.#clearSlots(right, moved);
    this.#slotCounts[left >>> shift] = count + moved;
    this.#slotCounts[right >>> shift] = 0;
    this.#next[left >>> shift] = this.#next[right >>> shift];
    this.#freeLeaves.push(right);
    this.#dropKid(this.#height - 1, at + 1);
  }

  /** Moves slots between leaves `left` and `right`, kids at and at + 1, so that `left` has `half`. */
  #shareSlots(at: number, left: number, right: number, half: number): void {
    const shift = this.#shift, count = this.#slotCounts[left >>> shift], moved = half - count;
    const rest = this.#slotCounts[right >>> shift] - moved;
    if (moved > 0) {
      this.#moveSlots(left + count, right, moved);
      this.#moveSlots(right, right + moved, rest);
      this.#clearSlots(right + rest, moved);
    } else {
      this.#moveSlots(right - moved, right, rest + moved);
      this.#moveSlots(right, left + half, -moved);
      this.#clearSlots(left + half, -moved);
    }
    this.#slotCounts[left >>> shift] = half;
    this.#slotCounts[right >>> shift] = rest;
    this.#keys[at] = this.#ends[left + half - 1]; // 3)
  }

  /** Removes the kid at `at`, and the key on its left, from the node of the descent at `depth`. */
  #dropKid(depth: number, at: number): void {
    const shift = this.#shift, node = this.#path[depth];
    const count = --this.#kidCounts[node >>> shift];
    const left = this.#kids[at - 1];
    this.#moveKids(at - 1, at, node + count + 1 - at);
    this.#kids[at - 1] = left;
    if (depth > 0) {
      if (count < Math.max(2, this.#fanout / 4)) this.#mendInner(depth);
    } else if (count === 1) {
      this.#root = left;
      this.#freeInner.push(node);
      this.#height--;
    }
  }

  /** Restores 2) for the inner node of the descent at `depth`, as `#mendLeaf` does for a leaf. */
  #mendInner(depth: number): void {
    const at = this.#pairAt(depth - 1), left = this.#kids[at], right = this.#kids[at + 1];
    const count = this.#kidCounts[left >>> this.#shift];
    const total = count + this.#kidCounts[right >>> this.#shift];
    // The key between the two becomes that of left's last kid, where 4) has Infinity: the keys of
    // both nodes are then one ascending row, and kids move together with their keys.
    this.#keys[left + count - 1] = this.#keys[at];
    if (total <= this.#fanout) this.#joinInner(depth, at);
    else this.#shareKids(at, total >>> 1);
  }

  /** Moves all kids of the node at entry at + 1, above the descent's `depth`, to the one at `at`. */
  #joinInner(depth: number, at: number): void {
    const shift = this.#shift, left = this.#kids[at], right = this.#kids[at + 1];
    const count = this.#kidCounts[left >>> shift], moved = this.#kidCounts[right >>> shift];
    this.#moveKids(left + count, right, moved);
    this.#kidCounts[left >>> shift] = count + moved;
    this.#keys.fill(Infinity, right, right + this.#fanout);
    this.#freeInner.push(right);
    this.#dropKid(depth - 1, at + 1);
  }

  /** Moves kids between the nodes at entries `at` and at + 1 so that the left one has `half`. */
  #shareKids(at: number, half: number): void {
    const shift = this.#shift, left = this.#kids[at], right = this.#kids[at + 1];
    const count = this.#kidCounts[left >>> shift], moved = half - count;
    const rest = this.#kidCounts[right >>> shift] - moved;
    if (moved > 0) {
      this.#moveKids(left + count, right, moved);
      this.#moveKids(right, right + moved, rest);
      this.#keys.fill(Infinity, right + rest, right + this.#fanout); // 4)
    } else {
      this.#moveKids(right - moved, right, rest + moved);
      this.#moveKids(right, left + half, -moved);
    }
    this.#kidCounts[left >>> shift] = half;
    this.#kidCounts[right >>> shift] = rest;
    this.#keys[at] = this.#keys[left + half - 1];
    this.#keys.fill(Infinity, left + half - 1, left + this.#fanout); // 4)
  }

  /** The entry of the left one of two neighbours, of which the descent at `depth` took one. */
  #pairAt(depth: number): number {
    const node = this.#path[depth], place = this.#places[depth];
    return node + (place + 1 < this.#kidCounts[node >>> this.#shift] ? place : place - 1);
  }

  #moveSlots(to: number, from: number, count: number): void {
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    if (to < from) {
      for (let i = 0; i < count; i++) {
        bases[to + i] = bases[from + i];
        ends[to + i] = ends[from + i];
        slots[to + i] = slots[from + i];
      }
    } else {
      for (let i = count - 1; i >= 0; i--) {
        bases[to + i] = bases[from + i];
        ends[to + i] = ends[from + i];
        slots[to + i] = slots[from + i];
      }
    }
  }

  #clearSlots(from: number, count: number): void {
    for (let i = from; i < from + count; i++) {
      this.#bases[i] = this.#ends[i] = Infinity;
      this.#slots[i] = null;
    }
  }

  #moveKids(to: number, from: number, count: number): void {
    this.#keys.copyWithin(to, from, from + count);
    this.#kids.copyWithin(to, from, from + count);
  }

  #newLeaf(): number {
    const free = this.#freeLeaves.pop();
    if (free !== undefined) return free;
    const leaf = this.#slots.length;
    if (leaf === this.#bases.length) {
      const leaves = withRoom(leaf >>> this.#shift), entries = leaves << this.#shift;
      this.#bases = grown(this.#bases, new Float64Array(entries).fill(Infinity));
      this.#ends = grown(this.#ends, new Float64Array(entries).fill(Infinity));
      this.#slotCounts = grown(this.#slotCounts, new Int32Array(leaves));
      this.#next = grown(this.#next, new Int32Array(leaves));
    }
    for (let i = 0; i < this.#fanout; i++) this.#slots.push(null);
    return leaf;
  }

  #newInner(): number {
    const free = this.#freeInner.pop();
    if (free !== undefined) return free;
    const node = this.#innerNodes++ * this.#fanout;
    if (node === this.#keys.length) {
      const nodes = withRoom(this.#kidCounts.length), entries = nodes << this.#shift;
      this.#keys = grown(this.#keys, new Float64Array(entries).fill(Infinity));
      this.#kids = grown(this.#kids, new Int32Array(entries));
      this.#kidCounts = grown(this.#kidCounts, new Int32Array(nodes));
    }
    return node;
  }
}

/** A node as built, and the last end below it. */
interface Built {
  readonly node: number;
  readonly lastEnd: Gfn;
}

/** What a cursor needs of the tree. */
interface Parts {
  fanout: number;
  bases: Float64Array;
  ends: Float64Array;
  slots: readonly (Memslot | null)[];
  next: Int32Array;
  keys: Float64Array;
  kids: Int32Array;
  root: number;
  height: number;
}

class BPlusTreeIter implements MemslotIter {
  #at = 0;
  readonly #fanout: number;
  readonly #shift: number;
  readonly #bases: Float64Array;
  readonly #ends: Float64Array;
  readonly #slots: readonly (Memslot | null)[];
  readonly #next: Int32Array;
  readonly #keys: Float64Array;
  readonly #kids: Int32Array;
  readonly #root: number;
  readonly #height: number;

  constructor(parts: Parts) {
    this.#fanout = parts.fanout;
    this.#shift = 31 - Math.clz32(parts.fanout);
    this.#bases = parts.bases;
    this.#ends = parts.ends;
    this.#slots = parts.slots;
    this.#next = parts.next;
    this.#keys = parts.keys;
    this.#kids = parts.kids;
    this.#root = parts.root;
    this.#height = parts.height;
  }

  get slot(): Memslot | null {
    return this.#slots[this.#at];
  }

  start(startGfn: Gfn): void {
    const leaf = leafOf(this.#keys, this.#kids, this.#root, this.#height, this.#fanout, startGfn);
    this.#settle(upperBound(this.#ends, leaf, this.#fanout, startGfn));
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    this.#settle(this.#at + 1);
  }

  /** Moves to entry `at`, or to the next leaf if it is null: due to 2) each leaf ends in a null. */
  #settle(at: number): void {
    this.#at = this.#slots[at] === null ? this.#next[at >>> this.#shift] : at;
  }
}

/** The leaf of all slots that end after `gfn` and begin below the key on the leaf's right. */
function leafOf(
  keys: Float64Array,
  kids: Int32Array,
  root: number,
  height: number,
  fanout: number,
  gfn: Gfn,
): number {
  let node = root;
  for (let level = height; level > 0; level--) node = kids[upperBound(keys, node, fanout, gfn)];
  return node;
}

/**
 * The first of the `fanout` entries at `node` that is greater than `gfn`; there is one, due to 2) in
 * a leaf and due to 4) above.
 *
 * Compares every fourth key, then the three between: twice as many comparisons as halving, but only
 * the second round waits for a result. Halving nodes of 16 took 1.6 times as long.
 */
function upperBound(keys: Float64Array, node: number, fanout: number, gfn: Gfn): number {
  let at = node;
  if (fanout > 8) {
    let fours = +(keys[at + 3] <= gfn) + +(keys[at + 7] <= gfn) + +(keys[at + 11] <= gfn);
    if (fanout > 16) {
      fours += +(keys[at + 15] <= gfn) + +(keys[at + 19] <= gfn) + +(keys[at + 23] <= gfn) +
        +(keys[at + 27] <= gfn);
    }
    at += fours << 2;
  } else if (fanout > 4) at += +(keys[at + 3] <= gfn) << 2;
  return at + +(keys[at] <= gfn) + +(keys[at + 1] <= gfn) + +(keys[at + 2] <= gfn);
}

/**
 * How many entries of a leaf a search must cover: half of them while there are fewer slots. Then
 * there is one leaf, as two would have fanout / 4 slots each due to 2), and half of it holds all slots
 * and an unused entry.
 */
function leafWidth(size: number, fanout: number): number {
  return size < fanout / 2 && fanout > 4 ? fanout / 2 : fanout;
}

/** The number of nodes on each level, leaves first, with all nodes three quarters full. */
function levelWidths(size: number, fanout: number): number[] {
  const fill = fanout * 3 / 4, widths = [Math.max(1, Math.ceil(size / fill))];
  while (widths[0] > 1) widths.unshift(Math.ceil(widths[0] / fill));
  return widths.reverse();
}

/** The begin of part `i` if `length` is cut into `parts` even parts. */
function share(length: number, i: number, parts: number): number {
  return Math.floor(length * i / parts);
}

/** A quarter more, at least eight more, so that adding one node is O(1) amortised. */
function withRoom(nodes: number): number {
  return nodes + Math.max(8, nodes >>> 2);
}

function grown<T extends Float64Array | Int32Array>(array: T, target: T): T {
  target.set(array);
  return target;
}
