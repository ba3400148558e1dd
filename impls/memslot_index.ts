import { type Gfn, hex, type Memslot } from "./memslot.ts";

/**
 * KVM's `kvm_memslot_iter` (include/linux/kvm_host.h); not a JavaScript iterator. One cursor serves
 * any number of queries:
 *
 * ```ts ignore
 * for (iter.start(s); iter.isValid(e); iter.next()) visit(iter.slot);
 * ```
 *
 * hands out, in ascending order, exactly the slots with `base < e` and `base + npages > s`. Empty
 * and inverted ranges are nothing special: the predicate decides, so [x, x) strictly inside a slot
 * yields that slot. Cursors are independent of one another and of lookups; a change of the index
 * ends the use of all its cursors.
 */
export interface MemslotIter {
  /** The slot under the iterator; null past the last one and before the first `start`. */
  readonly slot: Memslot | null;
  /** To the first slot that ends after `startGfn`; may be called again, wherever the cursor is. */
  start(startGfn: Gfn): void;
  /**
   * There is a slot and it begins before `endGfn`, any number. If it does not, nor does any later
   * one. False before the first `start`.
   */
  isValid(endGfn: Gfn): this is ValidMemslotIter;
  /** To the in-order successor. The caller has seen `isValid`. */
  next(): void;
}

/** A `MemslotIter` of which `isValid` has just been true. */
export interface ValidMemslotIter extends MemslotIter {
  /** The slot under the iterator. */
  readonly slot: Memslot;
}

/**
 * One set of memslots of one address space (KVM's `struct kvm_memslots`).
 *
 * A class of it has a constructor that takes an array of slots and throws as `checkMemslots` does.
 * The array and the slots belong to the caller: an index changes neither, keeps the slots and not
 * the array, and shares no state with another instance. All calls are done when they return, and a
 * call that throws leaves the index as it was.
 */
export interface MemslotIndex {
  /** The number of slots. */
  readonly size: number;
  /**
   * Adds `slot`. The caller has checked that it overlaps none (see `AddressSpace`); a `RangeError`
   * if it does all the same. `RangeError` or `TypeError` as `checkMemslot` if it is malformed.
   */
  insert(slot: Memslot): void;
  /**
   * Removes the slot that begins at `slot.baseGfn`, whatever the id and size of `slot`. `RangeError`
   * if there is none, `RangeError` or `TypeError` as `checkMemslot` if `slot` is malformed.
   */
  erase(slot: Memslot): void;
  /**
   * KVM's `gfn_to_memslot`: the very object that was inserted, or null in a hole and for a number
   * below 0, from 2 ** 52 up, infinite or NaN.
   */
  find(gfn: Gfn): Memslot | null;
  /** A fresh cursor. */
  iter(): MemslotIter;
  /** Throws if the structure is broken. O(size); for tests. */
  checkInvariants(): void;
}

/**
 * The slots that overlap [startGfn, endGfn), ascending: KVM's `kvm_for_each_memslot_in_gfn_range`,
 * for code that nobody times (a generator costs several times a cursor).
 *
 * Throws a `RangeError`, at the call, unless `startGfn < endGfn`.
 *
 * ```ts
 * import { LinearScan } from "./linear_scan.ts";
 * import { memslot } from "./memslot.ts";
 * import { memslotsInGfnRange } from "./memslot_index.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const index = new LinearScan([memslot(0, 1, 1), memslot(1, 3, 2)]);
 * const ids = [...memslotsInGfnRange(index, 2, 4)].map((slot) => slot.id);
 * assertEquals(ids, [1]); // KVM's draft of October 2021 gave slot 0 as well
 * ```
 */
export function memslotsInGfnRange(
  index: MemslotIndex,
  startGfn: Gfn,
  endGfn: Gfn,
): Generator<Memslot, void, undefined> {
  if (!(startGfn < endGfn)) {
    throw new RangeError(
      `Cannot walk gfn range as its start must be below its end: found [${hex(startGfn)}, ${
        hex(endGfn)
      })`,
    );
  }
  return walk(index.iter(), startGfn, endGfn);
}

function* walk(iter: MemslotIter, startGfn: Gfn, endGfn: Gfn): Generator<Memslot, void, undefined> {
  for (iter.start(startGfn); iter.isValid(endGfn); iter.next()) yield iter.slot;
}
