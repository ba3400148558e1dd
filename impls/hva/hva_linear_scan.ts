/**
 * Linear scan over slots in ascending order of user memory: the oracle of the hva indexes, and KVM's
 * way for every MMU notifier call before 5.17. Start and next O(n), insert and erase O(n); 8 bytes a
 * slot.
 *
 * Invariant: slots ascend by startPage, equal ones in the order of insertion.
 *
 * @module
 */
import {
  checkHvaSlot,
  describeHva,
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

  /** Removes the slot itself. O(n). */
  erase(slot: HvaSlot): void {
    const at = this.#slots.indexOf(slot);
    if (at === -1) throw missingHvaError(slot);
    this.#slots.splice(at, 1);
  }

  /** A cursor; `start` is O(n), and so are all `next` of a range together. */
  iter(): HvaIter {
    return new HvaLinearScanIter(this.#slots);
  }

  /** Throws unless the slots ascend. O(n). */
  checkInvariants(): void {
    this.#slots.forEach((slot, i) => {
      if (i > 0 && this.#slots[i - 1].startPage > slot.startPage) {
        throw new Error(
          `Entry ${i} must not start before entry ${i - 1}: see ${describeHva(slot)}`,
        );
      }
    });
  }
}

class HvaLinearScanIter implements HvaIter {
  #at = 0;
  #startPage = 0;
  readonly #slots: readonly HvaSlot[];

  constructor(slots: readonly HvaSlot[]) {
    this.#slots = slots;
    this.#at = slots.length;
  }

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

  /** Moves to the first slot from `at` on that reaches startPage. Lasts have no order, so one by one. */
  #seek(at: number): void {
    const slots = this.#slots, startPage = this.#startPage;
    while (at < slots.length && slots[at].lastPage < startPage) at++;
    this.#at = at;
  }
}
