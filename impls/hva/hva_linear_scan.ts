/**
 * Linear scan over slots in ascending order of user memory: oracle of the hva indexes, and what KVM
 * did for every MMU notifier call before 5.17. Start and next O(n), insert and erase O(n); 8 bytes a
 * slot.
 *
 * @module
 */
import {
  checkHvaSlot,
  type HvaIndex,
  type HvaIter,
  type HvaPage,
  type HvaSlot,
  missingHvaError,
  sortedHvaSlots,
  type ValidHvaIter,
} from "./hva_index.ts";

/** Linear scan by hva; see the head of its file. */
export class HvaLinearScan implements HvaIndex {
  /** Ascending by startPage, equal ones in the order of insertion. */
  #slots: HvaSlot[];

  /** O(n log n). Errors as `sortedHvaSlots`. */
  constructor(slots: readonly HvaSlot[] = []) {
    this.#slots = sortedHvaSlots(slots);
  }

  /** The number of slots. */
  get size(): number {
    return this.#slots.length;
  }

  /** Adds a slot. O(n). */
  insert(slot: HvaSlot): void {
    checkHvaSlot("insert slot", slot);
    const later = this.#slots.findIndex(({ startPage }) => startPage > slot.startPage);
    this.#slots.splice(later === -1 ? this.size : later, 0, slot);
  }

  /** Removes the very slot. O(n). */
  erase(slot: HvaSlot): void {
    const at = this.#slots.indexOf(slot);
    if (at === -1) throw missingHvaError(slot);
    this.#slots.splice(at, 1);
  }

  /** A cursor; `start` is O(n), and so is the whole of a range's `next`. */
  iter(): HvaIter {
    return new HvaLinearScanIter(this.#slots);
  }

  /** Throws unless the slots ascend. O(n). */
  checkInvariants(): void {
    this.#slots.forEach((slot, i) => {
      if (i > 0 && this.#slots[i - 1].startPage > slot.startPage) {
        throw new Error(`Slot ${slot.slot.id}, entry ${i}, begins before entry ${i - 1}`);
      }
    });
  }
}

class HvaLinearScanIter implements HvaIter {
  #at = 0; // not undefined until the constructor: the engine then knows it as an integer
  #startPage = 0;
  readonly #slots: readonly HvaSlot[];

  constructor(slots: readonly HvaSlot[]) {
    this.#slots = slots;
    this.#at = slots.length;
  }

  // Not a field, which start and next would have to write, each time through a write barrier.
  get slot(): HvaSlot | null {
    const at = this.#at;
    return at < this.#slots.length ? this.#slots[at] : null;
  }

  start(startPage: HvaPage): void {
    this.#startPage = startPage;
    this.#seek(0);
  }

  isValid(lastPage: HvaPage): this is ValidHvaIter {
    const slots = this.#slots, at = this.#at;
    return at < slots.length && slots[at].startPage <= lastPage;
  }

  next(): void {
    this.#seek(this.#at + 1);
  }

  /** To the first slot from `at` on that ends late enough: lasts are in no order, so no skipping. */
  #seek(at: number): void {
    const slots = this.#slots, startPage = this.#startPage;
    while (at < slots.length && slots[at].lastPage < startPage) at++;
    this.#at = at;
  }
}
