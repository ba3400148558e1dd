/**
 * B+-tree in typed arrays: slots in linked leaves, separators above. Find, start, insert and erase
 * O(log n), next O(1). 34 bytes a slot at 32,764 slots and 50 at 509 as built, 49 and 68 where they
 * came one at a time. For sets that change, whatever their layout: four levels at 32,764 slots.
 *
 * Rudolf Bayer and Karl Unterauer, "Prefix B-Trees" (1977), for the separators that are no keys;
 * google/btree and database engines for the rest. Linux's maple tree, which keeps a process's memory
 * areas, is a relative.
 *
 * A node is named by the index of its first entry; leaves and inner nodes are numbered apart. What a
 * node does not use of its `fanout` entries is Infinity (and null).
 *
 *   1) All leaves are at the same depth; `next` leads from each to the one on its right, and from
 *      the last one to leaf 0, which is in no tree and stays empty.
 *   2) Leaves hold fanout / 4 to fanout - 1 slots, inner nodes as many to fanout kids, two at least;
 *      but for the root: any number of slots if it is a leaf, two kids or more if it is not.
 *   3) The ends in kid i are not greater than key i, and the bases in kid i + 1 not less.
 *   4) The last key of an inner node is Infinity: whoever has come here need not ask.
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

const NOWHERE = 0; // leaf 0
const MAX_HEIGHT = 32;

/** B+-tree; see the head of its file. */
export class BPlusTree implements MemslotIndex {
  // Fields begin as what they will be, not undefined, so that the engine knows their class: find
  // takes 0.85 to 0.91 of the time.

  readonly #fanout: number = 0;
  /** Node to number of node: fanout is 1 << shift. */
  readonly #shift: number = 0;

  // Leaves. The last two go by the number of the leaf.
  #bases: Float64Array = new Float64Array(0);
  #ends: Float64Array = new Float64Array(0);
  #slots: (Memslot | null)[] = [];
  #slotCounts: Int32Array = new Int32Array(0);
  #next: Int32Array = new Int32Array(0);
  readonly #freeLeaves: number[] = [];

  // Inner nodes. The last one goes by the number of the node.
  #keys: Float64Array = new Float64Array(0);
  #kids: Int32Array = new Int32Array(0);
  #kidCounts: Int32Array = new Int32Array(0);
  #innerNodes = 0;
  readonly #freeInner: number[] = [];

  /** A leaf where the height is 0, else an inner node. */
  #root = NOWHERE;
  #height = 0;
  #size = 0;
  /** What a search looks at in a leaf; `leafWidth` of the above. */
  #leafWidth = 0;

  // The way of the last descent: inner nodes from the root, at depth 0, and the place taken in each.
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
    // Pools of the right size: what is grown and thrown away is still there for a while.
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
    this.#slots = this.#slots.slice(); // without the room that push made
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
    // At the leaf's end there is none: gfn is below the key on the right and, due to 3), the bases
    // behind that key are not.
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
    if (slots.length !== this.#size) throw new Error(`${this.#size} slots, ${slots.length} found`);
    leaves.push(NOWHERE);
    for (let i = 1; i < leaves.length; i++) {
      if (this.#next[leaves[i - 1] >>> this.#shift] !== leaves[i]) {
        throw new Error(`Leaf ${leaves[i - 1]} does not lead to ${leaves[i]}, against 1)`);
      }
    }
    this.#checkSlots(NOWHERE, 0, 0, 0, []);
    const known = (leaves.length + this.#freeLeaves.length) * this.#fanout;
    if (known !== this.#slots.length || inner + this.#freeInner.length !== this.#innerNodes) {
      throw new Error("A node is lost");
    }
  }

  /** Appends the slots and leaves below `node`; returns the number of inner nodes. */
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
    if (count < least || count > this.#fanout) throw new Error(`${count} kids, against 2)`);
    let inner = 1;
    for (let i = 0; i < this.#fanout; i++) {
      const key = this.#keys[node + i];
      if (i >= count - 1 && key !== Infinity) throw new Error(`Key ${key}, against 4)`);
      if (i >= count) continue;
      const below = i === count - 1 ? high : key, above = i === 0 ? low : this.#keys[node + i - 1];
      inner += this.#checkNode(this.#kids[node + i], height - 1, above, below, slots, leaves);
    }
    return inner;
  }

  #checkSlots(leaf: number, count: number, low: Gfn, high: Gfn, slots: Memslot[]): void {
    const least = this.#height === 0 || leaf === NOWHERE ? 0 : this.#fanout / 4;
    if (count < least || count >= this.#fanout) throw new Error(`${count} slots, against 2)`);
    for (let i = 0; i < this.#fanout; i++) {
      const base = this.#bases[leaf + i], end = this.#ends[leaf + i], slot = this.#slots[leaf + i];
      if ((slot !== null) !== (i < count)) throw new Error(`Leaf ${leaf} has no ${count} slots`);
      if (slot === null) {
        if (base === Infinity && end === Infinity) continue;
      } else if (base === slot.baseGfn && end === endGfn(slot)) {
        if (base < low || end > high) {
          throw new Error(`Slot ${slot.id} in leaf ${leaf}, against 3)`);
        }
        slots.push(slot);
        continue;
      }
      throw new Error(`Entry ${leaf + i} holds [${base}, ${end})`);
    }
  }

  /** The leaf for `gfn`, as `leafOf`; the way is kept. */
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

  /** Leaves and levels as even as can be. */
  #build(slots: readonly Memslot[]): void {
    const [leaves, ...innerLevels] = levelWidths(slots.length, this.#fanout);
    let level: number[] = [], lastEnds: Gfn[] = [];
    for (let i = 0; i < leaves; i++) {
      const leaf = this.#newLeaf();
      const from = share(slots.length, i, leaves), to = share(slots.length, i + 1, leaves);
      for (let j = from; j < to; j++) {
        this.#bases[leaf + j - from] = slots[j].baseGfn;
        this.#ends[leaf + j - from] = endGfn(slots[j]);
        this.#slots[leaf + j - from] = slots[j];
      }
      this.#slotCounts[leaf >>> this.#shift] = to - from;
      if (i > 0) this.#next[level[i - 1] >>> this.#shift] = leaf;
      level.push(leaf);
      lastEnds.push(to > from ? endGfn(slots[to - 1]) : 0);
    }
    for (const nodes of innerLevels) {
      const above: number[] = [], aboveEnds: Gfn[] = [];
      for (let i = 0; i < nodes; i++) {
        const node = this.#newInner();
        const from = share(level.length, i, nodes), to = share(level.length, i + 1, nodes);
        for (let j = from; j < to; j++) {
          this.#kids[node + j - from] = level[j];
          if (j + 1 < to) this.#keys[node + j - from] = lastEnds[j];
        }
        this.#kidCounts[node >>> this.#shift] = to - from;
        above.push(node);
        aboveEnds.push(lastEnds[to - 1]);
      }
      level = above;
      lastEnds = aboveEnds;
      this.#height++;
    }
    this.#root = level[0];
    this.#size = slots.length;
  }

  /** Makes room below the key on the right of the descent for a slot that ends at `end`. */
  #raiseKey(end: Gfn): void {
    // From the leaf's parent up, the first key that is not a node's last is the one on its right.
    for (let depth = this.#height - 1; depth >= 0; depth--) {
      const at = this.#path[depth] + this.#places[depth];
      if (this.#keys[at] === Infinity) continue;
      if (this.#keys[at] < end) this.#keys[at] = end;
      return;
    }
  }

  /** Moves the upper half of a full leaf, where the descent ended, to a new one; returns that. */
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

  /** Puts `kid` behind the one of the descent at `depth`, and `key` between the two. */
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

  /** Mends 2) for the leaf at the end of the descent, which has too few slots. */
  #mendLeaf(): void {
    // With a neighbour: the two are joined where they fit into one leaf, else they share evenly,
    // which the borrowing of one slot at a time in books amounts to.
    const shift = this.#shift, depth = this.#height - 1, at = this.#pairAt(depth);
    const left = this.#kids[at], right = this.#kids[at + 1];
    const count = this.#slotCounts[left >>> shift],
      total = count + this.#slotCounts[right >>> shift];
    if (total < this.#fanout) {
      this.#moveSlots(left + count, right, total - count);
      this.#clearSlots(right, total - count);
      this.#slotCounts[left >>> shift] = total;
      this.#slotCounts[right >>> shift] = 0;
      this.#next[left >>> shift] = this.#next[right >>> shift];
      this.#freeLeaves.push(right);
      this.#dropKid(depth, at + 1);
      return;
    }
    const half = total >>> 1, rest = total - half, moved = half - count;
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
    this.#keys[at] = this.#ends[left + half - 1];
  }

  /** Takes the kid at `at` from the node at `depth`, with the key on its left. */
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

  /** Mends 2) for the inner node of the descent at `depth`, as `mendLeaf`. */
  #mendInner(depth: number): void {
    const shift = this.#shift, at = this.#pairAt(depth - 1);
    const left = this.#kids[at], right = this.#kids[at + 1];
    const count = this.#kidCounts[left >>> shift], total = count + this.#kidCounts[right >>> shift];
    this.#keys[left + count - 1] = this.#keys[at]; // for the moment, one row of keys
    if (total <= this.#fanout) {
      this.#moveKids(left + count, right, total - count);
      this.#kidCounts[left >>> shift] = total;
      this.#keys.fill(Infinity, right, right + this.#fanout);
      this.#freeInner.push(right);
      this.#dropKid(depth - 1, at + 1);
      return;
    }
    const half = total >>> 1, rest = total - half, moved = half - count;
    if (moved > 0) {
      this.#moveKids(left + count, right, moved);
      this.#moveKids(right, right + moved, rest);
      this.#keys.fill(Infinity, right + rest, right + this.#fanout);
    } else {
      this.#moveKids(right - moved, right, rest + moved);
      this.#moveKids(right, left + half, -moved);
    }
    this.#kidCounts[left >>> shift] = half;
    this.#kidCounts[right >>> shift] = rest;
    this.#keys[at] = this.#keys[left + half - 1];
    this.#keys.fill(Infinity, left + half - 1, left + this.#fanout); // 4)
  }

  /** Of the descent at `depth`, where its kid and a neighbour are: the left one of the two. */
  #pairAt(depth: number): number {
    const node = this.#path[depth], place = this.#places[depth];
    return node + (place + 1 < this.#kidCounts[node >>> this.#shift] ? place : place - 1);
  }

  #moveSlots(to: number, from: number, count: number): void {
    const bases = this.#bases, ends = this.#ends, slots = this.#slots;
    // Plain loops: the runs are short, and splice and copyWithin have a price at the door.
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

  // Not a field, which start and next would have to write, each time through a write barrier.
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

  /** To entry `at`, or on to the next leaf where this one has no more: due to 2) it has a null. */
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
 * The first of the `fanout` entries at `node` that is greater than `gfn`: there is one, due to 2) in
 * a leaf and to 4) above. Without a branch on keys; the conditions are the same for all queries.
 *
 * Every fourth key, then the three between: twice as many comparisons as halving takes, but only the
 * second round waits for what the first one chose. Halving nodes of 16 took 1.6 times as long.
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
 * Of a leaf's entries, those to search: half of them while fewer slots are in use. Then it is the
 * only leaf, as two have fanout / 4 each due to 2), and its first entry that is not used is there.
 */
function leafWidth(size: number, fanout: number): number {
  return size < fanout / 2 && fanout > 4 ? fanout / 2 : fanout;
}

/** The nodes on each level, from the leaves up to the root, if all are three quarters full. */
function levelWidths(size: number, fanout: number): number[] {
  const fill = fanout * 3 / 4, widths = [Math.max(1, Math.ceil(size / fill))];
  while (widths[0] > 1) widths.unshift(Math.ceil(widths[0] / fill));
  return widths.reverse();
}

/** Where part `i` begins if `length` is cut into `parts` even ones. */
function share(length: number, i: number, parts: number): number {
  return Math.floor(length * i / parts);
}

/** A quarter more, so that adding one at a time stays O(1) each; eight at least. */
function withRoom(nodes: number): number {
  return nodes + Math.max(8, nodes >>> 2);
}

function grown<T extends Float64Array | Int32Array>(array: T, target: T): T {
  target.set(array);
  return target;
}
