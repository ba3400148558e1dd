/**
 * The contract of an index of memslots by host virtual address, KVM's second key: the MMU notifier
 * reports that user memory goes away, and KVM asks which slots it backs. Two slots may map the same
 * user memory, so ranges may overlap, unlike gfns. As in the kernel's interval trees, the last page of
 * a range is inclusive.
 *
 * @module
 */
import { checkMemslot, type Memslot } from "../memslot.ts";

/**
 * A page of user memory: host virtual address >> 12. An integer in [0, 2 ** 52), so exact in a
 * number, which the address is not.
 */
export type HvaPage = number;

const PAGE_SHIFT = 12n;
const HVA_LIMIT = 2n ** 64n;

/** A memslot and its place in user memory, [startPage, lastPage], both inclusive. */
export interface HvaSlot {
  /** The slot that maps this memory into the guest. */
  readonly slot: Memslot;
  /** The first page. */
  readonly startPage: HvaPage;
  /** The last page. */
  readonly lastPage: HvaPage;
}

/**
 * Creates an `HvaSlot`: `slot` at `userspaceAddr`, in bytes, page aligned. The only factory.
 *
 * Throws a `TypeError` if the address is not a bigint, a `RangeError` if it is not page aligned or the
 * slot would not end by 2^64.
 */
export function hvaSlot(slot: Memslot, userspaceAddr: bigint): HvaSlot {
  checkMemslot("place slot", slot);
  if (typeof userspaceAddr !== "bigint") {
    throw new TypeError(
      `Cannot place slot ${slot.id} as userspaceAddr must be a bigint: found ${typeof userspaceAddr}`,
    );
  }
  const endAddr = userspaceAddr + (BigInt(slot.npages) << PAGE_SHIFT);
  if (userspaceAddr < 0n || endAddr > HVA_LIMIT || userspaceAddr % 4096n !== 0n) {
    throw new RangeError(
      `Cannot place slot ${slot.id} as user memory must be whole pages in [0, 2^64): ` +
        `it is [0x${userspaceAddr.toString(16)}, 0x${endAddr.toString(16)})`,
    );
  }
  const startPage = Number(userspaceAddr >> PAGE_SHIFT);
  return { slot, startPage, lastPage: startPage + slot.npages - 1 };
}

/**
 * The cursor of `MemslotIter` over user memory. `for (iter.start(s); iter.isValid(l); iter.next())`
 * hands out exactly the slots with `startPage <= l && lastPage >= s`, ascending by `startPage`, and
 * equal ones in the order of insertion. A change of the index ends the cursor's use.
 */
export interface HvaIter {
  /** The slot under the iterator; null past the last one and before the first `start`. */
  readonly slot: HvaSlot | null;
  /** Moves to the first slot with a page at or after `startPage`; may be called again. */
  start(startPage: HvaPage): void;
  /** Whether there is a slot and it begins by `lastPage`. If false, it is for all later slots. */
  isValid(lastPage: HvaPage): this is ValidHvaIter;
  /** Moves to the next slot with a page at or after the `startPage` of `start`. */
  next(): void;
}

/** An `HvaIter` whose `isValid` has just returned true. */
export interface ValidHvaIter extends HvaIter {
  /** The slot under the iterator. */
  readonly slot: HvaSlot;
}

/** The slots of one set by user memory (KVM's `hva_tree`). */
export interface HvaIndex {
  /** The number of slots. */
  readonly size: number;
  /** Adds `slot`, which may overlap others but must not be in the index already. */
  insert(slot: HvaSlot): void;
  /** Removes `slot`, found by identity. Throws a `RangeError` if it is not in the index. */
  erase(slot: HvaSlot): void;
  /** A fresh cursor; `insert` or `erase` ends its use. */
  iter(): HvaIter;
  /** Throws if the structure is broken. O(size); for tests. */
  checkInvariants(): void;
}

/**
 * Yields the slots that map a byte of [startHva, lastHva], both inclusive, into the guest: KVM's
 * `kvm_for_each_memslot_in_hva_range`. For code outside hot paths.
 *
 * Throws at the call: a `TypeError` if an address is not a bigint, a `RangeError` unless
 * 0 <= startHva <= lastHva < 2^64.
 *
 * ```ts
 * import { hvaSlot, memslotsInHvaRange } from "./hva_index.ts";
 * import { HvaLinearScan } from "./hva_linear_scan.ts";
 * import { memslot } from "../memslot.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const low = hvaSlot(memslot(0, 0, 16), 0x10000n); // [0x10000, 0x1ffff]
 * const high = hvaSlot(memslot(1, 0x100, 16), 0x18000n); // maps the second half of it again
 * const index = new HvaLinearScan([low, high]);
 * assertEquals([...memslotsInHvaRange(index, 0x17fffn, 0x18000n)], [low, high]);
 * assertEquals([...memslotsInHvaRange(index, 0x17fffn, 0x17fffn)], [low]);
 * ```
 */
export function memslotsInHvaRange(
  index: HvaIndex,
  startHva: bigint,
  lastHva: bigint,
): Generator<HvaSlot, void, undefined> {
  if (typeof startHva !== "bigint" || typeof lastHva !== "bigint") {
    throw new TypeError(
      `Cannot walk hva range as addresses must be bigints: found ${typeof startHva} and ${typeof lastHva}`,
    );
  }
  if (startHva < 0n || startHva > lastHva || lastHva >= HVA_LIMIT) {
    throw new RangeError(
      `Cannot walk hva range as its start must not be above its last byte, and both in [0, 2^64): ` +
        `found [${startHva}, ${lastHva}]`,
    );
  }
  // Slots are whole pages: a byte of a slot is in the range if and only if its page is.
  return walk(index.iter(), Number(startHva >> PAGE_SHIFT), Number(lastHva >> PAGE_SHIFT));
}

/**
 * Sorts `slots` by start, equal ones in the order given, as every index is built from.
 *
 * Throws a `TypeError` for a value that is not an `HvaSlot`, a `RangeError` for a slot given twice.
 */
export function sortedHvaSlots(slots: readonly HvaSlot[]): HvaSlot[] {
  const seen = new Set<HvaSlot>();
  for (const slot of slots) {
    checkHvaSlot("create hva index", slot);
    if (seen.has(slot)) {
      throw new RangeError(
        `Cannot create hva index as ${describeHva(slot)} must be given once only`,
      );
    }
    seen.add(slot);
  }
  return slots.toSorted((a, b) => a.startPage - b.startPage);
}

/** Throws a `TypeError` unless `slot` has the shape that `hvaSlot` gives. */
export function checkHvaSlot(action: string, slot: HvaSlot): void {
  const { startPage, lastPage } = slot ?? {};
  if (!Number.isInteger(startPage) || !Number.isInteger(lastPage) || startPage > lastPage) {
    throw new TypeError(
      `Cannot ${action} as it takes what hvaSlot() gives: found pages [${startPage}, ${lastPage}]`,
    );
  }
}

/** The error of `erase` for a slot that is not in the index. */
export function missingHvaError(slot: HvaSlot): RangeError {
  return new RangeError(`Cannot erase ${describeHva(slot)} as the index must hold it: it does not`);
}

/** Formats a slot for an error message: `slot 7 at hva pages [0x10, 0x1f]`. */
export function describeHva({ slot, startPage, lastPage }: HvaSlot): string {
  return `slot ${slot.id} at hva pages [0x${startPage.toString(16)}, 0x${lastPage.toString(16)}]`;
}

function* walk(
  iter: HvaIter,
  startPage: HvaPage,
  lastPage: HvaPage,
): Generator<HvaSlot, void, undefined> {
  for (iter.start(startPage); iter.isValid(lastPage); iter.next()) yield iter.slot;
}
