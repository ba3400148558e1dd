/**
 * The contract of an index of memslots by gfn: `MemslotIndex`, its cursor `MemslotIter`, and a
 * generator over both.
 *
 * # How to write an index and its cursor
 *
 * What V8 15 makes of `find`, `start`, `isValid`, `next`, `slot`, `insert` and `erase` decides the
 * race. All contenders follow these rules, and their files do not repeat the reasons. `sorted_array`
 * is the shortest example.
 *
 * 1. Search by ends. Slots do not overlap, so ends ascend as bases do, and the first slot that ends
 *    after a gfn is the only one that can hold it. A range from that gfn starts at the same slot, and
 *    a new slot from that gfn overlaps this slot or none. So `find`, `start` and the checks of
 *    `insert` and `erase` are one search and one comparison of a base.
 * 2. Use sentinels instead of null checks. Entries past the last slot have base and end NaN, with
 *    which no comparison is true, or Infinity: `isValid` is one comparison, and a search needs no
 *    test for the upper end.
 * 3. Make `slot` a getter over the cursor's position. As a field, `start` and `next` would write a
 *    reference at each step, through the garbage collector's write barrier.
 * 4. Let each field begin as what it stays. V8 tracks which class a field holds, and gives up on a
 *    field that is undefined until the constructor assigns it. So a position begins as 0 and a typed
 *    array as an empty one. Measured: find takes 0.85 to 0.97 of the time.
 * 5. Give each contender its own copy of each search, and no base class. V8 keeps type feedback by
 *    function: in a shared function the classes of all its callers meet. Measured: a sorted array was
 *    1.9 times slower after others than alone. Code outside the hot paths may be shared.
 * 6. Give the cursor the arrays, not the index: each step saves a load. A change may replace them,
 *    which is why a change ends the cursor's use.
 * 7. Avoid branches that cannot be predicted: `at += +(ends[at + 7] <= gfn) << 3` adds a comparison
 *    instead. Branches on the size alone go the same way for all queries, so they are free. Three
 *    comparisons that do not wait for each other take less time than two that do.
 * 8. Move short runs of entries in plain loops: `copyWithin` has a fixed cost a call, and `splice` on
 *    a long-lived array of 509 objects takes 3 to 5 µs.
 * 9. Build objects that a comparator sees, such as the page to look for, with the fields of a memslot
 *    in the same order: the comparator then sees one hidden class.
 * 10. Allocate nothing in a query. A fresh cursor a query costs 7 ns, a generator 40 to 75.
 *
 * @module
 */
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
 * and inverted ranges follow the same predicate: [x, x) strictly inside a slot yields that slot.
 * Cursors are independent of each other and of lookups. A change of the index ends the use of all its
 * cursors.
 */
export interface MemslotIter {
  /** The slot under the iterator; null past the last one and before the first `start`. */
  readonly slot: Memslot | null;
  /** Moves to the first slot that ends after `startGfn`; may be called again at any position. */
  start(startGfn: Gfn): void;
  /**
   * Whether there is a slot and it begins before `endGfn`, any number. If false, it is for all later
   * slots too. False before the first `start`.
   */
  isValid(endGfn: Gfn): this is ValidMemslotIter;
  /** Moves to the next slot in ascending order. The caller has seen `isValid` be true. */
  next(): void;
}

/** A `MemslotIter` whose `isValid` has just returned true. */
export interface ValidMemslotIter extends MemslotIter {
  /** The slot under the iterator. */
  readonly slot: Memslot;
}

/**
 * One set of memslots of one address space (KVM's `struct kvm_memslots`).
 *
 * A class that implements it has a constructor that takes an array of slots and throws as
 * `checkMemslots` does. The array and the slots belong to the caller: an index changes neither, keeps
 * the slots but not the array, and shares no state with another instance. A call is complete when it
 * returns, and a call that throws leaves the index as it was.
 */
export interface MemslotIndex {
  /** The number of slots. */
  readonly size: number;
  /**
   * Adds `slot`. The caller has checked that it overlaps none (see `AddressSpace`); throws a
   * `RangeError` if it does, and as `checkMemslot` if it is malformed.
   */
  insert(slot: Memslot): void;
  /**
   * Removes the slot that begins at `slot.baseGfn`, whatever the id and size of `slot`. Throws a
   * `RangeError` if there is none, and a `RangeError` or `TypeError` if `slot.baseGfn` is no gfn.
   */
  erase(slot: Memslot): void;
  /**
   * KVM's `gfn_to_memslot`: the object that was inserted, by identity, or null in a hole. Null for a
   * number outside [0, 2 ** 52) and for NaN; what a fraction finds is not specified.
   */
  find(gfn: Gfn): Memslot | null;
  /** A fresh cursor. */
  iter(): MemslotIter;
  /** Throws if the structure is broken. O(size); for tests. */
  checkInvariants(): void;
}

/**
 * Yields the slots that overlap [startGfn, endGfn), ascending: KVM's
 * `kvm_for_each_memslot_in_gfn_range`. For code outside hot paths: a generator costs several times
 * what a cursor costs.
 *
 * Throws a `RangeError` at the call unless `startGfn < endGfn`.
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
