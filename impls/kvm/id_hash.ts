/**
 * Memslots by id, KVM's third key (`id_hash`, `id_to_memslot`): a hash table of 128 buckets, however
 * many slots there are. Find, insert and erase O(1 + n / 128): one or two steps for the slots of an
 * ordinary VM, 128 on average at the cap of 32764. A `Map` grows instead, which is why
 * `AddressSpace` keeps one; this is what to race it against.
 *
 * After include/linux/hashtable.h and hash.h: ids, being small and dense, fill the buckets evenly.
 *
 * @module
 */
import { checkMemslot, describe, type Memslot } from "../memslot.ts";

const BITS = 7;
/** 2^32 over the golden ratio, as `hash_32` multiplies by. */
const GOLDEN_RATIO_32 = 0x61c88647;

/** A singly linked list, the newest slot first: the kernel's hlist. */
interface Entry {
  readonly slot: Memslot;
  next: Entry | null;
}

/** Hash table of 128 buckets by id; see the head of its file. */
export class IdHash {
  readonly #buckets: (Entry | null)[] = Array(2 ** BITS).fill(null);
  #size = 0;

  /** O(n^2 / 128), as each id is looked for first. Errors as `insert`. */
  constructor(slots: readonly Memslot[] = []) {
    for (const slot of slots) this.insert(slot);
  }

  /** The number of slots. */
  get size(): number {
    return this.#size;
  }

  /** Adds a slot. `RangeError` where its id is taken, `RangeError` or `TypeError` for no slot. */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    if (this.find(slot.id) !== null) {
      throw new RangeError(
        `Cannot insert ${describe(slot)} as ids must be unique: there is ${
          describe(this.find(slot.id)!)
        }`,
      );
    }
    const at = bucketOf(slot.id);
    this.#buckets[at] = { slot, next: this.#buckets[at] };
    this.#size++;
  }

  /** Removes the slot with the id of `slot`. `RangeError` if there is none. */
  erase(slot: Memslot): void {
    const at = bucketOf(slot.id);
    let before: Entry | null = null, entry = this.#buckets[at];
    while (entry !== null && entry.slot.id !== slot.id) {
      before = entry;
      entry = entry.next;
    }
    if (entry === null) {
      throw new RangeError(
        `Cannot erase slot ${slot.id} as the table must hold it: no slot has its id`,
      );
    }
    if (before === null) this.#buckets[at] = entry.next;
    else before.next = entry.next;
    this.#size--;
  }

  /** The slot of `id`, or null. */
  find(id: number): Memslot | null {
    for (let entry = this.#buckets[bucketOf(id)]; entry !== null; entry = entry.next) {
      if (entry.slot.id === id) return entry.slot;
    }
    return null;
  }
}

/** The upper 7 bits of the product. Ids beyond 32 bits are cut, which a hash may do. */
function bucketOf(id: number): number {
  return Math.imul(id, GOLDEN_RATIO_32) >>> (32 - BITS);
}
