/**
 * What an index should hold and answer, in O(log n) a question. Tests compare its answers with the
 * golden table and with `linear_scan`. It stores the bounds of slots separately, so an index that
 * changes the caller's slots does not change the expected answers.
 */
import type { Gfn, Memslot } from "../../impls/memslot.ts";

/** Slots in ascending order. A place is the number of slots before it. */
export class Model {
  /** Ascending by base, none overlapping. */
  readonly slots: Memslot[];
  /** The ids of all slots. */
  readonly ids: Set<number>;
  readonly #bases: Gfn[];
  readonly #ends: Gfn[];

  /** Holds `slots`, which ascend without overlap. */
  constructor(slots: readonly Memslot[]) {
    this.slots = slots.slice();
    this.ids = new Set(slots.map(({ id }) => id));
    this.#bases = slots.map(({ baseGfn }) => baseGfn);
    this.#ends = slots.map(({ baseGfn, npages }) => baseGfn + npages);
  }

  /** The place of the first slot that ends after `gfn`; past the last one where none does. */
  placeOf(gfn: Gfn): number {
    let low = 0, high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ends[middle] > gfn) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The slot at a place, or null past the last one. */
  at(place: number): Memslot | null {
    return this.slots[place] ?? null;
  }

  /** Whether there is a slot at a place and it begins before `endGfn`. */
  isValid(place: number, endGfn: Gfn): boolean {
    return this.#bases[place] < endGfn;
  }

  /** The slot that holds `gfn`, or null. */
  find(gfn: Gfn): Memslot | null {
    const place = this.placeOf(gfn);
    return this.#bases[place] <= gfn ? this.slots[place] : null;
  }

  /** The first slot that overlaps the run of `slot`, or null. */
  meets({ baseGfn, npages }: Memslot): Memslot | null {
    const place = this.placeOf(baseGfn);
    return this.isValid(place, baseGfn + npages) ? this.slots[place] : null;
  }

  /** Whether a slot begins at `gfn`. */
  begins(gfn: Gfn): boolean {
    return this.#bases[this.placeOf(gfn)] === gfn;
  }

  /** Adds a slot that meets none. O(n). */
  insert(slot: Memslot): void {
    const place = this.placeOf(slot.baseGfn);
    this.slots.splice(place, 0, slot);
    this.ids.add(slot.id);
    this.#bases.splice(place, 0, slot.baseGfn);
    this.#ends.splice(place, 0, slot.baseGfn + slot.npages);
  }

  /** Removes the slot that begins at `gfn`. O(n). */
  erase(gfn: Gfn): void {
    const place = this.placeOf(gfn);
    this.ids.delete(this.slots[place].id);
    for (const list of [this.slots, this.#bases, this.#ends]) list.splice(place, 1);
  }
}
