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
 * yields that slot. A change of the index ends the cursor's use.
 */
export interface MemslotIter {
  /** The slot under the iterator; null past the last one and before the first `start`. */
  readonly slot: Memslot | null;
  /** To the first slot that ends after `startGfn`; may be called again. */
  start(startGfn: Gfn): void;
  /** There is a slot and it begins before `endGfn`. If it does not, nor does any later one. */
  isValid(endGfn: Gfn): this is ValidMemslotIter;
  /** To the in-order successor. The caller has seen `isValid`. */
  next(): void;
}

/** A `MemslotIter` of which `isValid` has just been true. */
export interface ValidMemslotIter extends MemslotIter {
  /** The slot under the iterator. */
  readonly slot: Memslot;
}

/** One set of memslots of one address space (KVM's `struct kvm_memslots`). */
export interface MemslotIndex {
  /** The number of slots. */
  readonly size: number;
  /**
   * Adds `slot`. The caller has checked that it overlaps none (see `AddressSpace`); where it does
   * all the same, a `RangeError` is thrown and the index is as before.
   */
  insert(slot: Memslot): void;
  /** Removes the slot that begins at `slot.baseGfn`. `RangeError` if there is none. */
  erase(slot: Memslot): void;
  /** KVM's `gfn_to_memslot`: the very object that was inserted, or null in a hole. */
  find(gfn: Gfn): Memslot | null;
  /** A fresh cursor; `insert` or `erase` ends its use. */
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
