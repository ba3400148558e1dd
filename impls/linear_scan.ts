/**
 * Linear scan over an array of slots in ascending order: the oracle of the gate and a contender, so
 * the shortest code that is right. Find and start O(n), next O(1), insert and erase O(n); 8 bytes a
 * slot.
 *
 * Used by crosvm, bhyve (a fixed array of 22), gVisor and NetBSD's nvmm. It is among the fastest on
 * the few slots of an ordinary VM.
 *
 * Invariant: bases ascend and no two slots overlap.
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

/** Linear scan over an array of slots; see the head of its file. */
export class LinearScan implements MemslotIndex {
  #slots: Memslot[];

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    this.#slots = slots.slice();
  }

  /** The number of slots. */
  get size(): number {
    return this.#slots.length;
  }

  /** Adds a slot. O(n). */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const later = this.#slots.findIndex((other) => endGfn(other) > slot.baseGfn);
    const at = later === -1 ? this.size : later;
    if (at < this.size && this.#slots[at].baseGfn < endGfn(slot)) {
      throw overlapError(slot, this.#slots[at]);
    }
    this.#slots.splice(at, 0, slot);
  }

  /** Removes the slot that begins where `slot` does. O(n). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const at = this.#slots.findIndex((other) => other.baseGfn === slot.baseGfn);
    if (at === -1) throw missingError(slot);
    this.#slots.splice(at, 1);
  }

  /** The slot that holds `gfn`, or null. O(n). */
  find(gfn: Gfn): Memslot | null {
    const slots = this.#slots;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i];
      if (slot.baseGfn + slot.npages > gfn) return slot.baseGfn <= gfn ? slot : null;
    }
    return null;
  }

  /** A cursor; `start` is O(n), `next` O(1). */
  iter(): MemslotIter {
    return new LinearScanIter(this.#slots);
  }

  /** Throws unless the slots ascend without overlap. O(n). */
  checkInvariants(): void {
    checkMemslots(this.#slots);
  }
}

class LinearScanIter implements MemslotIter {
  #at = 0;
  readonly #slots: readonly Memslot[];

  constructor(slots: readonly Memslot[]) {
    this.#slots = slots;
    this.#at = slots.length;
  }

  get slot(): Memslot | null {
    const at = this.#at;
    return at < this.#slots.length ? this.#slots[at] : null;
  }

  start(startGfn: Gfn): void {
    const slots = this.#slots;
    let at = 0;
    while (at < slots.length && slots[at].baseGfn + slots[at].npages <= startGfn) at++;
    this.#at = at;
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    const slots = this.#slots, at = this.#at;
    return at < slots.length && slots[at].baseGfn < endGfn;
  }

  next(): void {
    this.#at++;
  }
}
