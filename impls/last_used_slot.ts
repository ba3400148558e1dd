/**
 * The red-black tree behind a cache of one slot: what KVM does, whose guests touch the same slot
 * again and again. Find O(1) in the slot of the last hit, else as `RbTree`, and all the rest too.
 *
 * Linux KVM's `last_used_slot`, one for each set of slots and each vCPU, checked before the tree; it
 * remembers hits, not misses.
 */
import { endGfn, type Gfn, type Memslot } from "./memslot.ts";
import type { MemslotIndex, MemslotIter } from "./memslot_index.ts";
import { RbTree } from "./rb_tree.ts";

/** A red-black tree behind a one-entry cache; see the head of its file. */
export class LastUsedSlot implements MemslotIndex {
  readonly #tree: RbTree;
  /** The slot of the last hit and, so that a miss touches no slot, its bounds; empty at first. */
  #last: Memslot | null = null;
  #lastBase: Gfn = 0;
  #lastEnd: Gfn = 0;

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    this.#tree = new RbTree(slots);
  }

  /** The number of slots. */
  get size(): number {
    return this.#tree.size;
  }

  /** Adds a slot. O(log n). */
  insert(slot: Memslot): void {
    this.#tree.insert(slot); // a slot that holds gfns of the cached one it refuses
  }

  /** Removes the slot that begins where `slot` does. O(log n). */
  erase(slot: Memslot): void {
    this.#tree.erase(slot);
    if (this.#lastBase === slot.baseGfn) this.#lastEnd = this.#lastBase;
  }

  /** The slot that holds `gfn`, or null. O(1) where the last hit was in it, else O(log n). */
  find(gfn: Gfn): Memslot | null {
    if (gfn < this.#lastEnd && gfn >= this.#lastBase) return this.#last;
    const slot = this.#tree.find(gfn);
    if (slot !== null) {
      this.#last = slot;
      this.#lastBase = slot.baseGfn;
      this.#lastEnd = slot.baseGfn + slot.npages;
    }
    return slot;
  }

  /** The tree's cursor: as in KVM, ranges do not ask the cache. */
  iter(): MemslotIter {
    return this.#tree.iter();
  }

  /** Throws unless the tree is sound and the cache empty or one of its slots. O(n). */
  checkInvariants(): void {
    this.#tree.checkInvariants();
    if (this.#lastBase === this.#lastEnd) return;
    const slot = this.#tree.find(this.#lastBase);
    if (slot === null || slot !== this.#last || endGfn(slot) !== this.#lastEnd) {
      throw new Error(`The cache has [${this.#lastBase}, ${this.#lastEnd}), which is no slot`);
    }
  }
}
