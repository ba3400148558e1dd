/**
 * Sorted array of user memory with the largest last page up to each entry. These maxima ascend, and
 * the first entry where they reach a page reaches it itself. So a binary search finds the start of a
 * range although lasts have no order. Start O(log n); next O(1) if few slots overlap and O(n) at
 * worst, as it steps over every slot that ends too early; insert and erase O(n); 32 bytes a slot.
 *
 * Invariants:
 *  1) slots ascend by startPage, equal ones in the order of insertion;
 *  2) starts[i] and lasts[i] are the pages of slot i; maxLasts[i] is the largest of lasts[0..i].
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

/** What the index knows of slot i, in parallel arrays. Replaced as a whole when they are full. */
interface Columns {
  readonly starts: Float64Array;
  readonly lasts: Float64Array;
  readonly maxLasts: Float64Array;
}

/** Sorted array by hva; see the head of its file. */
export class HvaSortedArray implements HvaIndex {
  readonly #slots: HvaSlot[];
  #columns: Columns;

  /** O(n log n). Errors as `sortedHvaSlots`. */
  constructor(slots: readonly HvaSlot[] = []) {
    this.#slots = sortedHvaSlots(slots);
    this.#columns = columnsOf(slots.length);
    let max = 0;
    this.#slots.forEach(({ startPage, lastPage }, i) => {
      max = Math.max(max, lastPage);
      this.#columns.starts[i] = startPage;
      this.#columns.lasts[i] = lastPage;
      this.#columns.maxLasts[i] = max;
    });
  }

  /** The number of slots. */
  get size(): number {
    return this.#slots.length;
  }

  /** Adds a slot. O(n). */
  insert(slot: HvaSlot): void {
    checkHvaSlot("insert slot", slot);
    const slots = this.#slots, size = slots.length;
    if (size === this.#columns.starts.length) this.#grow();
    const { starts, lasts, maxLasts } = this.#columns;
    const at = upperBound(starts, slot.startPage, size);
    slots.push(slot);
    for (let i = size; i > at; i--) slots[i] = slots[i - 1];
    for (const column of [starts, lasts, maxLasts]) column.copyWithin(at + 1, at, size);
    const max = Math.max(slot.lastPage, at === 0 ? 0 : maxLasts[at - 1]);
    slots[at] = slot;
    starts[at] = slot.startPage;
    lasts[at] = slot.lastPage;
    maxLasts[at] = max;
    // Maxima ascend: after the first one that the new slot does not raise, it raises none.
    for (let i = at + 1; i <= size && maxLasts[i] < max; i++) maxLasts[i] = max;
  }

  /** Removes the slot itself. O(n). */
  erase(slot: HvaSlot): void {
    const slots = this.#slots, size = slots.length, { starts, lasts, maxLasts } = this.#columns;
    let at = upperBound(starts, slot.startPage, size) - 1;
    while (at >= 0 && slots[at] !== slot && starts[at] === slot.startPage) at--;
    if (at < 0 || slots[at] !== slot) throw missingHvaError(slot);
    for (let i = at + 1; i < size; i++) slots[i - 1] = slots[i];
    slots.pop();
    for (const column of [starts, lasts, maxLasts]) column.copyWithin(at, at + 1, size);
    let max = at === 0 ? 0 : maxLasts[at - 1];
    for (let i = at; i < size - 1; i++) {
      max = Math.max(max, lasts[i]);
      // The maximum is the same with and without the slot, and so are all later ones.
      if (maxLasts[i] === max) break;
      maxLasts[i] = max;
    }
  }

  /** A cursor; see the head of the file for its costs. */
  iter(): HvaIter {
    return new HvaSortedArrayIter(this.#slots, this.#columns);
  }

  /** Throws unless 1) and 2) hold. O(n). */
  checkInvariants(): void {
    const { starts, lasts, maxLasts } = this.#columns;
    let max = 0;
    this.#slots.forEach(({ startPage, lastPage }, i) => {
      max = Math.max(max, lastPage);
      if (i > 0 && starts[i - 1] > startPage) {
        throw new Error(`Entry ${i} must not start before entry ${i - 1}, by 1): it does`);
      }
      if (starts[i] !== startPage || lasts[i] !== lastPage || maxLasts[i] !== max) {
        throw new Error(
          `Entry ${i} must be [${startPage}, ${lastPage}], largest ${max}, by 2): ` +
            `found [${starts[i]}, ${lasts[i]}], ${maxLasts[i]}`,
        );
      }
    });
  }

  #grow(): void {
    const { starts, lasts, maxLasts } = this.#columns;
    const grown = columnsOf(2 * starts.length);
    grown.starts.set(starts);
    grown.lasts.set(lasts);
    grown.maxLasts.set(maxLasts);
    this.#columns = grown;
  }
}

class HvaSortedArrayIter implements HvaIter {
  #at = 0;
  #startPage = 0;
  readonly #slots: readonly HvaSlot[];
  readonly #columns: Columns;

  constructor(slots: readonly HvaSlot[], columns: Columns) {
    this.#slots = slots;
    this.#columns = columns;
    this.#at = slots.length;
  }

  get slot(): HvaSlot | null {
    const at = this.#at;
    return at < this.#slots.length ? this.#slots[at] : null;
  }

  start(startPage: HvaPage): void {
    this.#startPage = startPage;
    // Pages are integers: the first maximum that reaches startPage is the first above startPage - 1.
    this.#at = upperBound(this.#columns.maxLasts, startPage - 1, this.#slots.length);
  }

  isValid(lastPage: HvaPage): this is ValidHvaIter {
    const at = this.#at;
    return at < this.#slots.length && this.#columns.starts[at] <= lastPage;
  }

  next(): void {
    const { lasts } = this.#columns, size = this.#slots.length, startPage = this.#startPage;
    let at = this.#at + 1;
    while (at < size && lasts[at] < startPage) at++;
    this.#at = at;
  }
}

function columnsOf(capacity: number): Columns {
  const column = () => new Float64Array(Math.max(8, capacity));
  return { starts: column(), lasts: column(), maxLasts: column() };
}

/** The first of the `size` ascending `keys` that is greater than `page`. */
function upperBound(keys: Float64Array, page: HvaPage, size: number): number {
  let low = 0, high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle] > page) high = middle;
    else low = middle + 1;
  }
  return low;
}
