/**
 * Sorted array of user memory, each entry beside the largest last page up to it. Those ascend, and
 * where they first reach a page, the entry that made them do so reaches it: a binary search finds
 * the start of a range though lasts themselves are in no order. Start O(log n); next O(1) where few
 * slots overlap, O(n) at worst, as it steps over every slot that ends too early; insert and erase
 * O(n); 32 bytes a slot.
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

/** The columns of the table; replaced as a whole when they are full. */
interface Columns {
  readonly starts: Float64Array;
  readonly lasts: Float64Array;
  /** maxLasts[i] is the largest of lasts[0..i]. */
  readonly maxLasts: Float64Array;
}

/** Sorted array by hva; see the head of its file. */
export class HvaSortedArray implements HvaIndex {
  /** Ascending by startPage, equal ones in the order of insertion; the columns beside. */
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
    // Maxima ascend: from the first that the new slot does not raise on, it raises none.
    for (let i = at + 1; i <= size && maxLasts[i] < max; i++) maxLasts[i] = max;
  }

  /** Removes the very slot. O(n). */
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
      // With and without the slot the maximum is the same: and so, from here on, are all.
      if (maxLasts[i] === max) break;
      maxLasts[i] = max;
    }
  }

  /** A cursor; see the head of the file for its costs. */
  iter(): HvaIter {
    return new HvaSortedArrayIter(this.#slots, this.#columns);
  }

  /** Throws unless slots ascend and the columns agree with them. O(n). */
  checkInvariants(): void {
    const { starts, lasts, maxLasts } = this.#columns;
    let max = 0;
    this.#slots.forEach(({ startPage, lastPage }, i) => {
      max = Math.max(max, lastPage);
      if (i > 0 && starts[i - 1] > startPage) {
        throw new Error(`Entry ${i} begins before the last one`);
      }
      if (starts[i] !== startPage || lasts[i] !== lastPage || maxLasts[i] !== max) {
        throw new Error(`Entry ${i} holds [${starts[i]}, ${lasts[i]}], up to ${maxLasts[i]}`);
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
  #at = 0; // not undefined until the constructor: the engine then knows it as an integer
  #startPage = 0;
  readonly #slots: readonly HvaSlot[];
  readonly #columns: Columns;

  constructor(slots: readonly HvaSlot[], columns: Columns) {
    this.#slots = slots;
    this.#columns = columns;
    this.#at = slots.length;
  }

  // Not a field, which start and next would have to write, each time through a write barrier.
  get slot(): HvaSlot | null {
    const at = this.#at;
    return at < this.#slots.length ? this.#slots[at] : null;
  }

  start(startPage: HvaPage): void {
    this.#startPage = startPage;
    // Integers: the first maximum that is at least startPage is above startPage - 1.
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
