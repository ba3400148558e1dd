/**
 * The map of a guest's memory as its recording says: calls applied in order through `AddressSpace`,
 * with the kernel's answers, or slots as they are listed.
 */
import { AddressSpace, type MemslotChange } from "../../impls/kvm/address_space.ts";
import {
  addressSpaceId,
  isGuestMemfd,
  KvmError,
  PAGE_SIZE,
  slotId,
  type UserspaceMemoryRegion,
} from "../../impls/kvm/memory_region.ts";
import type { MemoryRegion } from "../../impls/kvm/memslot_set.ts";
import { type Gfn, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { type MemslotIndex, memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { SortedArray } from "../../impls/sorted_array.ts";
import type { LoggedCall } from "./events.ts";
import { TraceError } from "./trace_error.ts";

/** A call that the kernel refused, or, where the log has no answers, that its rules refuse. */
export interface Refusal {
  /** Where it stands in its file, from 1. */
  readonly line: number;
  /** The kernel's answer: 17, 22, ...; by the rules where `isByRules`. */
  readonly errno: number;
  /** The log does not say what the kernel answered: its rules do. */
  readonly isByRules: boolean;
  /** What the kernel's rules say, where that is something else; empty otherwise. */
  readonly otherwise: string;
}

/** What a call did to the index of an address space: as `WritableMemslotSet.replace` tells it. */
export interface SlotChange {
  /** The slot that was erased, first; null where one was created. */
  readonly erased: Memslot | null;
  /** The slot that was inserted then; null where one was deleted. */
  readonly inserted: Memslot | null;
}

/** The most refusals that are kept; all are counted. */
const KEPT_REFUSALS = 5;

const ERRNO = { EEXIST: 17, EINVAL: 22 } as const;

/** The widest limits any host has: a recording is of another machine than this one. */
const LIMITS = {
  maxSlots: 2 ** 16 - 1,
  addressSpaces: 16,
  maxGfn: GFN_LIMIT,
  maxUserspaceAddr: 2n ** 64n - PAGE_SIZE,
  readonlyGuestMemfd: true,
};

/** The map as far as its recording has been read. */
export class GuestMap {
  readonly #space = new AddressSpace((slots) => new SortedArray(slots), LIMITS);
  /** The slots of a list; null where the map is made of calls. */
  #listed: SortedArray | null = null;
  #index: MemslotIndex = this.#space.index;
  readonly #isMidway: boolean;

  /** What the calls that were taken did, how often; `nothing` where the slot was so already. */
  readonly changes: Record<MemslotChange | "nothing", number> = {
    create: 0,
    delete: 0,
    move: 0,
    flags: 0,
    nothing: 0,
  };
  /** Calls that were refused. */
  refusedCalls = 0;
  /** The first of them. */
  readonly refusals: Refusal[] = [];
  /** Deletions of slots that were there before the log began. */
  assumedDeletions = 0;

  /** `isMidway` for a log that begins when there are slots already, which it may delete. */
  constructor({ isMidway = false }: { isMidway?: boolean } = {}) {
    this.#isMidway = isMidway;
  }

  /** How many slots address space 0 has. */
  get size(): number {
    return this.#index.size;
  }

  /** Whether anything has said how the memory lies. */
  get isKnown(): boolean {
    const { create, nothing } = this.changes;
    return this.#listed !== null || create + nothing > 0;
  }

  /** The slot of address space 0 that holds `gfn`, or null. */
  find(gfn: Gfn): Memslot | null {
    return this.#index.find(gfn);
  }

  /** The slots of an address space, ascending. */
  slots(addressSpace = 0): Memslot[] {
    const index = addressSpace === 0 ? this.#index : this.#space.activeSet(addressSpace).index;
    return [...memslotsInGfnRange(index, 0, GFN_LIMIT)];
  }

  /** Adds a slot of a list; its id is its place there. */
  addSlot(baseGfn: Gfn, endGfn: Gfn): void {
    this.#listed ??= new SortedArray([]);
    this.#index = this.#listed;
    this.#listed.insert(memslot(this.#listed.size, baseGfn, endGfn - baseGfn));
  }

  /**
   * Does what the kernel did, and gives what the index of address space 0 saw of it: null for nothing.
   * `TraceError`, with the line of `name`, where the kernel took a call that its rules refuse: the log
   * lacks something or is of several guests.
   */
  apply(call: LoggedCall, name: string): SlotChange | null {
    const { region, ret } = call, old = this.#oldOf(region), refusal = this.#refusalOf(region);
    if (ret === 0 && refusal !== null) return this.#accept(call, refusal, name);
    if (refusal === null && ret !== null && ret !== 0) {
      // The kernel had another reason than the map: take the change back.
      this.#space.setMemoryRegion(
        old === null ? { ...region, memorySize: 0n } : regionOf(old, region),
      );
    }
    this.#index = this.#space.index;
    if (refusal !== null || (ret !== 0 && ret !== null)) return this.#refuse(call, refusal);
    this.changes[changeOf(region, old)]++;
    const erased = old?.slot ?? null, inserted = this.#oldOf(region)?.slot ?? null;
    return addressSpaceId(region.slot) === 0 && erased !== inserted ? { erased, inserted } : null;
  }

  #oldOf({ slot }: UserspaceMemoryRegion): MemoryRegion | null {
    const space = addressSpaceId(slot);
    if (space >= LIMITS.addressSpaces) return null;
    return this.#space.activeSet(space).regionById(slotId(slot));
  }

  #refusalOf(region: UserspaceMemoryRegion): KvmError | null {
    try {
      this.#space.setMemoryRegion(region);
      return null;
    } catch (error) {
      if (error instanceof KvmError) return error;
      throw error;
    }
  }

  /** The kernel took what the rules refuse. */
  #accept({ region, line }: LoggedCall, refusal: KvmError, name: string): null {
    if (this.#isMidway && region.memorySize === 0n && this.#oldOf(region) === null) {
      this.assumedDeletions++;
      return null;
    }
    throw new TraceError(
      `Cannot follow ${name} as each call that the kernel took must keep its rules: line ${line} ` +
        `was taken although ${refusal.code}, ${refusal.message.replace(/^Cannot set /, "")}`,
    );
  }

  #refuse({ line, ret }: LoggedCall, refusal: KvmError | null): null {
    this.refusedCalls++;
    if (this.refusals.length === KEPT_REFUSALS) return null;
    const byRules = refusal === null ? 0 : ERRNO[refusal.code],
      errno = ret === null ? byRules : -ret;
    const otherwise = errno === byRules ? "" : refusal?.code ?? "taken";
    this.refusals.push({ line, errno, isByRules: ret === null, otherwise });
    return null;
  }
}

/** The call that makes the slot as it was. */
function regionOf(old: MemoryRegion, { slot }: UserspaceMemoryRegion): UserspaceMemoryRegion {
  const { flags, userspaceAddr, slot: { baseGfn, npages } } = old;
  const guestPhysAddr = BigInt(baseGfn) * PAGE_SIZE, memorySize = BigInt(npages) * PAGE_SIZE;
  const region = { slot, flags, guestPhysAddr, memorySize, userspaceAddr };
  return isGuestMemfd(flags) ? { ...region, guestMemfdOffset: 0n } : region;
}

/** What a call does to the slot that has its id. */
function changeOf(
  { memorySize, guestPhysAddr, flags }: UserspaceMemoryRegion,
  old: MemoryRegion | null,
): MemslotChange | "nothing" {
  if (memorySize === 0n) return "delete";
  if (old === null) return "create";
  if (BigInt(old.slot.baseGfn) * PAGE_SIZE !== guestPhysAddr) return "move";
  return old.flags === flags ? "nothing" : "flags";
}
