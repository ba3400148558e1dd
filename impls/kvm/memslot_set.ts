/**
 * One set of the slots of one address space under all its keys: KVM's `struct kvm_memslots`
 * (include/linux/kvm_host.h), of which there are two, an active and an inactive one.
 *
 * @module
 */
import type { HvaIndex, HvaSlot } from "../hva/hva_index.ts";
import type { Memslot } from "../memslot.ts";
import type { MemslotIndex } from "../memslot_index.ts";

/** Region flag that only KVM sets: the slot is about to be deleted or moved. */
export const KVM_MEMSLOT_INVALID = 2 ** 16;

/** What KVM keeps of one slot. */
export interface MemoryRegion {
  /** Id and run of guest frames; the object that the index holds. */
  readonly slot: Memslot;
  /** The flags of the call, and `KVM_MEMSLOT_INVALID` while a delete or move is under way. */
  readonly flags: number;
  /** The hva of the first byte. */
  readonly userspaceAddr: bigint;
  /** Its pages of user memory; the object that the index by hva holds. */
  readonly hva: HvaSlot;
}

/** One set, as its readers see it. */
export interface MemslotSet {
  /** The slots by gfn. */
  readonly index: MemslotIndex;
  /** The slots by hva; null where the address space is kept without. */
  readonly hvaIndex: HvaIndex | null;
  /** Changes with each swap, and differs between the address spaces of a VM. */
  readonly generation: number;
  /** The slot of `id` (KVM's `id_to_memslot`), or null. O(1). */
  regionById(id: number): MemoryRegion | null;
}

/** One set, as the writer sees it. */
export class WritableMemslotSet implements MemslotSet {
  /** The slots by gfn. */
  readonly index: MemslotIndex;
  /** The slots by hva, or null. */
  readonly hvaIndex: HvaIndex | null;
  /** See `MemslotSet`. */
  generation: number;
  // KVM hashes ids into 128 buckets, which at 32764 slots are 128 steps on average: see id_hash.ts.
  // A Map grows, so that ids cost the same at every number of slots, and blur no comparison of gfns.
  readonly #regions = new Map<number, MemoryRegion>();

  /** Takes over the indexes, which hold no slots. */
  constructor(indexes: { index: MemslotIndex; hvaIndex: HvaIndex | null; generation: number }) {
    this.index = indexes.index;
    this.hvaIndex = indexes.hvaIndex;
    this.generation = indexes.generation;
  }

  /** See `MemslotSet`. */
  regionById(id: number): MemoryRegion | null {
    return this.#regions.get(id) ?? null;
  }

  /**
   * Takes `old` out and puts `next` in, of one id, either of which may be null
   * (`kvm_replace_memslot`). As costly as an erase and an insert of each index; O(1) where the run
   * stays the same.
   */
  replace(old: MemoryRegion | null, next: MemoryRegion | null): void {
    // KVM swaps tree nodes in place where the base stays. Here flags lie beside the memslot, which
    // is then the same object, so that its place in the indexes needs no change at all.
    if (old?.slot !== next?.slot) {
      if (old !== null) {
        this.index.erase(old.slot);
        this.hvaIndex?.erase(old.hva);
      }
      if (next !== null) {
        this.index.insert(next.slot);
        this.hvaIndex?.insert(next.hva);
      }
    }
    // Not deleted and set anew: a Map keeps what was deleted in the chain of its key until it grows,
    // so that moving one slot to and fro would take O(n).
    if (next !== null) this.#regions.set(next.slot.id, next);
    else if (old !== null) this.#regions.delete(old.slot.id);
  }
}
