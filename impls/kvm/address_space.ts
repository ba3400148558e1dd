/**
 * KVM's map of guest memory over any index: `KVM_SET_USER_MEMORY_REGION` with the kernel's checks,
 * in the kernel's order, and with its two sets (virt/kvm/kvm_main.c, Linux 6.12; agreed with a live
 * 6.18, see bench/kvm).
 *
 * Every change is made on the inactive set, the sets swap, and the change is replayed on the one
 * that has just retired. So a reader that took the active set keeps a map that stands still until
 * the grace period after the swap is over; here that is until `onSwap` returns.
 *
 * | change | swaps | what the active set shows in between |
 * |---|---|---|
 * | create | 1 | |
 * | delete | 2 | the slot, marked `KVM_MEMSLOT_INVALID` |
 * | move | 2 | the slot at its old place, marked `KVM_MEMSLOT_INVALID` |
 * | flags only | 1 | |
 *
 * @module
 */
import { type HvaIndex, type HvaSlot, hvaSlot } from "../hva/hva_index.ts";
import { describe, endGfn, type Gfn, GFN_LIMIT, hex, type Memslot, memslot } from "../memslot.ts";
import type { MemslotIndex } from "../memslot_index.ts";
import {
  addressSpaceId,
  cannotSet,
  checkRegion,
  hexBytes,
  isGuestMemfd,
  KVM_MEM_READONLY,
  KvmError,
  PAGE_SIZE,
  type RegionLimits,
  slotId,
  type UserspaceMemoryRegion,
} from "./memory_region.ts";
import {
  KVM_MEMSLOT_INVALID,
  type MemoryRegion,
  type MemslotSet,
  WritableMemslotSet,
} from "./memslot_set.ts";

/** What a call made of the map (KVM's `enum kvm_mr_change`). */
export type MemslotChange = "create" | "delete" | "move" | "flags";

/** One swap of the two sets, at the moment of its grace period. */
export interface MemslotSwap {
  /** The change that swaps. */
  readonly change: MemslotChange;
  /** The address space of which the sets are. */
  readonly addressSpace: number;
  /** The set that new readers get. */
  readonly active: MemslotSet;
  /** The set that earlier readers may still hold; it changes once `onSwap` returns. */
  readonly retired: MemslotSet;
}

/** The limits of the VM, x86's where not given, and who watches. */
export interface AddressSpaceOptions {
  /** Ids are below this: 1 to 65536, by default 32764 (`KVM_USER_MEM_SLOTS`). */
  readonly maxSlots?: number;
  /** As_ids are below this: 1 to 65536, by default 1; x86 with SMM has 2. */
  readonly addressSpaces?: number;
  /** Slots end by this gfn: 1 to 2 ** 52, by default 2 ** 40 (52 bits of physical address). */
  readonly maxGfn?: Gfn;
  /**
   * User memory ends by this address: by default 2n ** 47n - 4096n, x86-64 with four levels of
   * page tables.
   */
  readonly maxUserspaceAddr?: bigint;
  /**
   * Whether `KVM_MEM_READONLY` goes with `KVM_MEM_GUEST_MEMFD`, as in Linux 6.8; by default it does
   * not, as since 6.9.
   */
  readonly readonlyGuestMemfd?: boolean;
  /** Makes an empty index by hva, called as often as `create`; without it there is none. */
  readonly createHva?: (slots: readonly HvaSlot[]) => HvaIndex;
  /**
   * Called once for each swap, before the retired set changes: the grace period. What it throws
   * reaches the caller of `setMemoryRegion` after the change is complete.
   */
  readonly onSwap?: (swap: MemslotSwap) => void;
}

/**
 * The memslots of one VM.
 *
 * ```ts
 * import { AddressSpace } from "./address_space.ts";
 * import { SortedArray } from "../sorted_array.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const vm = new AddressSpace((slots) => new SortedArray(slots));
 * vm.setMemoryRegion({
 *   slot: 0,
 *   flags: 0,
 *   guestPhysAddr: 0x100000n,
 *   memorySize: 0x200000n,
 *   userspaceAddr: 0x7f0000000000n,
 * });
 * assertEquals(vm.index.find(0x2ff), { id: 0, baseGfn: 0x100, npages: 0x200 });
 * ```
 */
export class AddressSpace {
  readonly #limits: RegionLimits;
  readonly #pairs: readonly SetPair[];
  readonly #onSwap: ((swap: MemslotSwap) => void) | undefined;
  #changing = false;

  /**
   * `create` makes an empty index; it is called twice for each address space. Throws a `RangeError`
   * for an option out of range, a `TypeError` for an address that is no bigint.
   */
  constructor(
    create: (slots: readonly Memslot[]) => MemslotIndex,
    options: AddressSpaceOptions = {},
  ) {
    const { maxSlots = 32764, addressSpaces = 1, maxGfn = 2 ** 40, onSwap } = options;
    const maxUserspaceAddr = options.maxUserspaceAddr ?? 2n ** 47n - PAGE_SIZE;
    const { readonlyGuestMemfd = false } = options;
    checkOption("maxSlots", maxSlots, 2 ** 16);
    checkOption("addressSpaces", addressSpaces, 2 ** 16);
    checkOption("maxGfn", maxGfn, GFN_LIMIT);
    if (typeof maxUserspaceAddr !== "bigint") {
      throw new TypeError(
        `Cannot create address space as maxUserspaceAddr must be a bigint: found ${typeof maxUserspaceAddr}`,
      );
    }
    this.#limits = { maxSlots, addressSpaces, maxGfn, maxUserspaceAddr, readonlyGuestMemfd };
    this.#onSwap = onSwap;
    const emptySet = (generation: number) =>
      new WritableMemslotSet({
        index: create([]),
        hvaIndex: options.createHva?.([]) ?? null,
        generation,
      });
    this.#pairs = Array.from({ length: addressSpaces }, (_, id) => ({
      id,
      active: emptySet(id),
      inactive: emptySet(id),
    }));
  }

  /** The active index of address space 0. Another object after each swap. */
  get index(): MemslotIndex {
    return this.#pairs[0].active.index;
  }

  /** The generation of address space 0: 0 at first, more by `addressSpaces` after each swap. */
  get generation(): number {
    return this.#pairs[0].active.generation;
  }

  /** The active set of an address space. `RangeError` if the VM has no such address space. */
  activeSet(addressSpace = 0): MemslotSet {
    const pair = this.#pairs[addressSpace];
    if (pair === undefined) {
      throw new RangeError(
        `Cannot take active set as the VM has address spaces below ${this.#pairs.length} only: ` +
          `found ${addressSpace}`,
      );
    }
    return pair.active;
  }

  /**
   * The slot of `id` (KVM's `id_to_memslot`), or null. Bits 16-31 of `id` are the address space, as
   * in the ioctl. O(1).
   */
  slotById(id: number): Memslot | null {
    return this.#pairs[addressSpaceId(id)]?.active.regionById(slotId(id))?.slot ?? null;
  }

  /**
   * Creates, deletes (`memorySize` 0) or moves a slot, or changes its flags; KVM's
   * `KVM_SET_USER_MEMORY_REGION`, and `KVM_SET_USER_MEMORY_REGION2` where the region has a
   * `guestMemfdOffset`. A call that changes nothing is fine. Costs a query of the index,
   * and two changes of it: one for each set.
   *
   * Throws a `KvmError` where KVM fails; a `TypeError` for a wrong shape; a `RangeError` for a
   * number that the ioctl cannot carry. A failed call changes nothing.
   */
  setMemoryRegion(region: UserspaceMemoryRegion): void {
    if (this.#changing) {
      throw new Error("Cannot set memory region as another change is under way: onSwap reads only");
    }
    checkRegion(region, this.#limits);
    const pair = this.#pairs[addressSpaceId(region.slot)];
    this.#changing = true;
    try {
      this.#change(pair, region);
    } finally {
      this.#changing = false;
    }
  }

  #change(pair: SetPair, region: UserspaceMemoryRegion): void {
    const old = pair.active.regionById(slotId(region.slot));
    if (region.memorySize === 0n) {
      if (old === null) throw refusal(region, "a slot must exist to be deleted: none does");
      return this.#invalidateThenReplace(pair, { change: "delete", old, next: null });
    }
    if (old !== null) checkSame(region, old);
    const baseGfn = Number(region.guestPhysAddr / PAGE_SIZE);
    if (old !== null && old.slot.baseGfn === baseGfn) {
      if (old.flags === region.flags) return;
      return this.#replace(pair, { change: "flags", old, next: { ...old, flags: region.flags } });
    }
    const slot = memslot(slotId(region.slot), baseGfn, Number(region.memorySize / PAGE_SIZE));
    this.#checkPlace(region, slot);
    const { flags, userspaceAddr } = region;
    const next = { slot, flags, userspaceAddr, hva: hvaSlot(slot, userspaceAddr) };
    if (old === null) this.#replace(pair, { change: "create", old, next });
    else this.#invalidateThenReplace(pair, { change: "move", old, next });
  }

  /** `kvm_check_memslot_overlap`, then x86's `kvm_arch_prepare_memory_region`. */
  #checkPlace(region: UserspaceMemoryRegion, slot: Memslot): void {
    const { active } = this.#pairs[addressSpaceId(region.slot)];
    const iter = active.index.iter(), end = endGfn(slot);
    const run = () => `[${hex(slot.baseGfn)}, ${hex(end)})`;
    for (iter.start(slot.baseGfn); iter.isValid(end); iter.next()) {
      if (iter.slot.id === slot.id) continue; // its own old place
      const reason = `slots must not overlap: ${run()} meets ${describe(iter.slot)}`;
      throw new KvmError("EEXIST", cannotSet(region, reason));
    }
    if (end > this.#limits.maxGfn) {
      throw refusal(region, `slots must end by gfn ${hex(this.#limits.maxGfn)}: found ${run()}`);
    }
  }

  /** Delete and move: the slot is first shown as invalid, so that nobody begins to use it. */
  #invalidateThenReplace(pair: SetPair, step: Step & { old: MemoryRegion }): void {
    const { old } = step;
    const shown = { ...old, flags: old.flags + KVM_MEMSLOT_INVALID };
    pair.inactive.replace(old, shown);
    // The set that retires still shows `old`: it takes the change proper without ever having seen
    // the invalid slot, as in kvm_invalidate_memslot.
    this.#swap(pair, { ...step, rest: () => this.#replace(pair, { ...step, shown }) });
  }

  /** The change proper: on the inactive set, which holds `old`, and again on the one that retires. */
  #replace(pair: SetPair, step: Step): void {
    const { old, next, shown = old } = step;
    pair.inactive.replace(old, next);
    this.#swap(pair, { ...step, rest: () => pair.inactive.replace(shown, next) });
  }

  /** `kvm_swap_active_memslots`, the grace period, then the rest of the change, come what may. */
  #swap(pair: SetPair, { change, rest }: { change: MemslotChange; rest: () => void }): void {
    const { active: retired, inactive: active } = pair;
    active.generation = retired.generation + this.#pairs.length;
    pair.active = active;
    pair.inactive = retired;
    try {
      this.#onSwap?.({ change, addressSpace: pair.id, active, retired });
    } finally {
      rest();
    }
  }
}

/** The two sets of one address space. */
interface SetPair {
  readonly id: number;
  active: WritableMemslotSet;
  inactive: WritableMemslotSet;
}

/** From `old` to `next`; `shown` is what the active set shows of `old`, where that differs. */
interface Step {
  readonly change: MemslotChange;
  readonly old: MemoryRegion | null;
  readonly next: MemoryRegion | null;
  readonly shown?: MemoryRegion;
}

/**
 * What must not change of a slot: its place in user memory, its size, and whether it is a ROM. One
 * with a guest_memfd must not change at all: it can only be deleted.
 */
function checkSame(region: UserspaceMemoryRegion, old: MemoryRegion): void {
  // Linux before 6.19 and its stable trees let a call without the flag take the file away, by
  // mistake: a use after free (commit 9935df5333aa).
  if (isGuestMemfd(region.flags) || isGuestMemfd(old.flags)) {
    throw refusal(region, "a slot exists, and one with a guest_memfd can only be deleted");
  }
  const npages = Number(region.memorySize / PAGE_SIZE);
  if (region.userspaceAddr !== old.userspaceAddr) {
    const addresses = `it has ${hexBytes(old.userspaceAddr)}, found ${
      hexBytes(region.userspaceAddr)
    }`;
    throw refusal(region, `a slot must keep its userspaceAddr: ${addresses}`);
  }
  if (npages !== old.slot.npages) {
    const sizes = `it has ${old.slot.npages} pages, found ${npages}`;
    throw refusal(region, `a slot must keep its size: ${sizes}; delete it first`);
  }
  if ((region.flags & KVM_MEM_READONLY) !== (old.flags & KVM_MEM_READONLY)) {
    const kind = (flags: number) => (flags & KVM_MEM_READONLY ? "readonly" : "writable");
    throw refusal(
      region,
      `a slot must stay readonly or writable: it is ${kind(old.flags)}, found ${
        kind(region.flags)
      }`,
    );
  }
}

function refusal(region: UserspaceMemoryRegion, reason: string): KvmError {
  return new KvmError("EINVAL", cannotSet(region, reason));
}

function checkOption(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(
      `Cannot create address space as ${name} must be an integer in [1, ${max}]: found ${value}`,
    );
  }
}
