/**
 * KVM's one-entry caches in front of any index, both of them: `last_used_slot` of a set
 * (`LastUsedSlot`) and of a reader, which in KVM is a vCPU (`LastUsedReader`). Where accesses stay
 * in a slot for a while, most lookups end here, in O(1); one that does not costs a comparison more
 * than without. A miss is never remembered, so a hole is looked up each time.
 *
 * Whether a lookup is answered here follows from the stream of gfns alone: it is, exactly if the last
 * lookup that found a slot found this one (and no change came in between).
 *
 * After `__gfn_to_memslot` (include/linux/kvm_host.h) and `kvm_vcpu_gfn_to_memslot`
 * (virt/kvm/kvm_main.c), Linux 6.12.
 *
 * @module
 */
import type { Gfn, Memslot } from "../memslot.ts";
import type { MemslotIndex, MemslotIter } from "../memslot_index.ts";
import type { MemslotSet } from "./memslot_set.ts";

/**
 * An index that remembers the last slot found, as each of KVM's sets does; two sets remember apart.
 *
 * ```ts
 * import { LastUsedSlot } from "./last_used.ts";
 * import { memslot } from "../memslot.ts";
 * import { SortedArray } from "../sorted_array.ts";
 * import { assertStrictEquals } from "@std/assert";
 *
 * const ram = memslot(0, 0, 0xa0);
 * const index = new LastUsedSlot(new SortedArray([ram]));
 * assertStrictEquals(index.find(0x10), ram);
 * assertStrictEquals(index.find(0x11), ram); // without the array
 * ```
 */
export class LastUsedSlot implements MemslotIndex {
  readonly #index: MemslotIndex;
  #last: Memslot | null = null;

  /** Takes over `index`: a change of it that does not come through here makes the cache wrong. */
  constructor(index: MemslotIndex) {
    this.#index = index;
  }

  /** The number of slots. */
  get size(): number {
    return this.#index.size;
  }

  /** As of the index: a new slot overlaps none, so the last one found is still the right answer. */
  insert(slot: Memslot): void {
    this.#index.insert(slot);
  }

  /** As of the index; a slot that is gone is forgotten. */
  erase(slot: Memslot): void {
    this.#index.erase(slot);
    if (this.#last?.baseGfn === slot.baseGfn) this.#last = null;
  }

  /** O(1) where the last slot found holds `gfn`, else as of the index. */
  find(gfn: Gfn): Memslot | null {
    const last = this.#last;
    if (last !== null && gfn >= last.baseGfn && gfn < last.baseGfn + last.npages) return last;
    const found = this.#index.find(gfn);
    if (found !== null) this.#last = found;
    return found;
  }

  /** The cursor of the index: the cache has no part in ranges. */
  iter(): MemslotIter {
    return this.#index.iter();
  }

  /** Throws if the index is broken, or does not hold the slot remembered. As costly as of the index. */
  checkInvariants(): void {
    this.#index.checkInvariants();
    const last = this.#last;
    if (last !== null && this.#index.find(last.baseGfn) !== last) {
      throw new Error(`Slot ${last.id} is remembered, but the index does not hold it`);
    }
  }
}

/**
 * A reader with a cache of its own, valid for one generation: KVM has one a vCPU, so that vCPUs do
 * not push one another's slots out. It searches the index by itself and leaves a cache there alone.
 *
 * ```ts
 * import { AddressSpace } from "./address_space.ts";
 * import { LastUsedReader } from "./last_used.ts";
 * import { SortedArray } from "../sorted_array.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const vm = new AddressSpace((slots) => new SortedArray(slots));
 * const vcpu = new LastUsedReader(() => vm.activeSet());
 * assertEquals(vcpu.find(0x10), null);
 * ```
 */
export class LastUsedReader {
  readonly #activeSet: () => MemslotSet;
  #last: Memslot | null = null;
  // What #last was found in: a generation tells the states of one index apart, not the indexes of two
  // VMs.
  #index: MemslotIndex | null = null;
  #generation = -1;

  /** `activeSet` gives the set to read, at each lookup anew. */
  constructor(activeSet: () => MemslotSet) {
    this.#activeSet = activeSet;
  }

  /** The slot that holds `gfn`, or null. O(1) where the last slot found does, else as of the index. */
  find(gfn: Gfn): Memslot | null {
    const set = this.#activeSet();
    if (set.index !== this.#index || set.generation !== this.#generation) {
      this.#last = null;
      this.#index = set.index;
      this.#generation = set.generation;
    }
    const last = this.#last;
    if (last !== null && gfn >= last.baseGfn && gfn < last.baseGfn + last.npages) return last;
    const found = set.index.find(gfn);
    if (found !== null) this.#last = found;
    return found;
  }
}
