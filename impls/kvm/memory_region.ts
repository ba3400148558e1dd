/**
 * The argument of `KVM_SET_USER_MEMORY_REGION` and of `KVM_SET_USER_MEMORY_REGION2`, and the checks of
 * it that need no look at the map (`check_memory_region_flags` and the head of
 * `__kvm_set_memory_region`, virt/kvm/kvm_main.c, Linux 6.12).
 *
 * @module
 */

/** Bytes of a page of guest memory: a gfn is an address divided by it. */
export const PAGE_SIZE = 4096n;

/** One past the largest u64. Named once: V8 does not fold a bigint's power into a constant. */
const U64_LIMIT = 2n ** 64n;

/** Region flag: KVM keeps a bitmap of the pages that the guest writes. */
export const KVM_MEM_LOG_DIRTY_PAGES = 1;

/** Region flag: a guest write exits to the VMM, as for a ROM. */
export const KVM_MEM_READONLY = 2;

/**
 * Region flag of `KVM_SET_USER_MEMORY_REGION2`: the guest's private pages live in a guest_memfd
 * (confidential guests: SNP, TDX).
 */
export const KVM_MEM_GUEST_MEMFD = 4;

/** At most this many pages in a slot: the kernel counts them in an int. */
export const KVM_MEM_MAX_NR_PAGES = 2 ** 31 - 1;

/** The error numbers with which KVM refuses a memory region. */
export type KvmErrorCode = "EEXIST" | "EINVAL";

/** A memory region that KVM refuses; the map is as it was before the call. */
export class KvmError extends Error {
  /** The name of the class. */
  override readonly name = "KvmError";
  /** The errno, by name: "EEXIST" for an overlap, "EINVAL" for every other refusal. */
  readonly code: KvmErrorCode;

  /** `message` says what was attempted and what was found. */
  constructor(code: KvmErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The argument of `KVM_SET_USER_MEMORY_REGION`, `struct kvm_userspace_memory_region`; with
 * `guestMemfdOffset` that of `KVM_SET_USER_MEMORY_REGION2` (Linux 6.8 on).
 */
export interface UserspaceMemoryRegion {
  /** Slot id in bits 0-15, address space in bits 16-31. */
  readonly slot: number;
  /**
   * Any of `KVM_MEM_LOG_DIRTY_PAGES` (1) and `KVM_MEM_READONLY` (2); with `guestMemfdOffset` also
   * `KVM_MEM_GUEST_MEMFD` (4), which goes with neither.
   */
  readonly flags: number;
  /** Where the guest sees the region, in bytes. */
  readonly guestPhysAddr: bigint;
  /** In bytes; 0 deletes the slot. */
  readonly memorySize: bigint;
  /** Where the VMM sees the region (the hva), in bytes. */
  readonly userspaceAddr: bigint;
  /**
   * Where the slot begins in its guest_memfd, in bytes; only `KVM_MEM_GUEST_MEMFD` makes KVM look at
   * it. The file itself is not modelled.
   */
  readonly guestMemfdOffset?: bigint;
}

/** What KVM takes from the machine and the VM, not from the call. */
export interface RegionLimits {
  /** `KVM_USER_MEM_SLOTS`: ids are below it. */
  readonly maxSlots: number;
  /** The VM's address spaces: an as_id is below it. */
  readonly addressSpaces: number;
  /** One past the largest gfn that the MMU maps. */
  readonly maxGfn: number;
  /** The largest address at which user memory may end, in bytes. */
  readonly maxUserspaceAddr: bigint;
  /** Whether `KVM_MEM_READONLY` goes with `KVM_MEM_GUEST_MEMFD`: in Linux 6.8, not since 6.9. */
  readonly readonlyGuestMemfd: boolean;
}

/** The slot id inside its address space: bits 0-15. */
export function slotId(slot: number): number {
  return slot % 2 ** 16;
}

/** The address space: bits 16-31. */
export function addressSpaceId(slot: number): number {
  return Math.floor(slot / 2 ** 16);
}

/** An address or a size in an error message. */
export function hexBytes(bytes: bigint): string {
  return `0x${bytes.toString(16)}`;
}

/** The message of a refusal: the slot that was to be set, then the reason. */
export function cannotSet(region: UserspaceMemoryRegion, reason: string): string {
  const space = addressSpaceId(region.slot);
  const where = space === 0 ? "" : ` of address space ${space}`;
  return `Cannot set slot ${slotId(region.slot)}${where} as ${reason}`;
}

/**
 * Throws what KVM answers to `region` whatever the map holds, in the kernel's order; before that a
 * `TypeError` for a wrong shape and a `RangeError` for a number that the ioctl's u32 and u64 fields
 * cannot carry.
 */
export function checkRegion(region: UserspaceMemoryRegion, limits: RegionLimits): void {
  checkShape(region);
  const { slot, flags, guestPhysAddr, memorySize, userspaceAddr } = region;
  const refuse = (reason: string) => new KvmError("EINVAL", cannotSet(region, reason));
  const refusedFlags = flagRefusal(region, limits);
  if (refusedFlags !== null) throw refuse(`${refusedFlags}: found 0x${flags.toString(16)}`);
  if (slotId(slot) >= limits.maxSlots) {
    throw refuse(`ids must be below ${limits.maxSlots}: found ${slotId(slot)}`);
  }
  if (memorySize % PAGE_SIZE !== 0n) {
    throw refuse(`memorySize must be whole pages: found ${hexBytes(memorySize)}`);
  }
  if (guestPhysAddr % PAGE_SIZE !== 0n) {
    throw refuse(`guestPhysAddr must be page aligned: found ${hexBytes(guestPhysAddr)}`);
  }
  if (userspaceAddr % PAGE_SIZE !== 0n) {
    throw refuse(`userspaceAddr must be page aligned: found ${hexBytes(userspaceAddr)}`);
  }
  if (userspaceAddr + memorySize > limits.maxUserspaceAddr) {
    throw refuse(
      `user memory must end by ${hexBytes(limits.maxUserspaceAddr)}: it is [${
        hexBytes(userspaceAddr)
      }, ${hexBytes(userspaceAddr + memorySize)})`,
    );
  }
  const offset = region.guestMemfdOffset;
  if (offset !== undefined && isGuestMemfd(flags)) {
    if (offset % PAGE_SIZE !== 0n || offset + memorySize >= U64_LIMIT) {
      throw refuse(
        `guestMemfdOffset must be page aligned and must not wrap at 2^64: found ${
          hexBytes(offset)
        } + ${hexBytes(memorySize)}`,
      );
    }
  }
  if (addressSpaceId(slot) >= limits.addressSpaces) {
    throw refuse(
      `the VM has address spaces below ${limits.addressSpaces} only: found ${addressSpaceId(slot)}`,
    );
  }
  if (guestPhysAddr + memorySize >= U64_LIMIT) {
    throw refuse(
      `the guest range must not wrap at 2^64: found ${hexBytes(guestPhysAddr)} + ${
        hexBytes(memorySize)
      }`,
    );
  }
  if (memorySize / PAGE_SIZE > KVM_MEM_MAX_NR_PAGES) {
    throw refuse(
      `a slot holds at most ${KVM_MEM_MAX_NR_PAGES} pages: found ${memorySize / PAGE_SIZE}`,
    );
  }
}

/** Whether flags hold `KVM_MEM_GUEST_MEMFD`. */
export function isGuestMemfd(flags: number): boolean {
  return (flags & KVM_MEM_GUEST_MEMFD) !== 0;
}

/** The rule that the flags break; null for none. */
function flagRefusal(
  { flags, guestMemfdOffset }: UserspaceMemoryRegion,
  { readonlyGuestMemfd }: RegionLimits,
): string | null {
  const known = KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY;
  if (guestMemfdOffset === undefined) {
    return flags > known
      ? "flags of KVM_SET_USER_MEMORY_REGION may hold 0x1 and 0x2 only, and 0x4 needs " +
        "guestMemfdOffset"
      : null;
  }
  if (flags > (known | KVM_MEM_GUEST_MEMFD)) return "flags may hold 0x1, 0x2 and 0x4 only";
  // Writes to a ROM are emulated MMIO, which private memory cannot have; nor can it be logged.
  const others = readonlyGuestMemfd ? KVM_MEM_LOG_DIRTY_PAGES : known;
  return isGuestMemfd(flags) && (flags & others) !== 0
    ? "flags must not hold 0x4 beside 0x1 or, since Linux 6.9, 0x2"
    : null;
}

function checkShape(region: UserspaceMemoryRegion): void {
  if (typeof region !== "object" || region === null) {
    throw new TypeError(
      `Cannot set memory region as it must be an object: found ${
        region === null ? region : typeof region
      }`,
    );
  }
  checkU32("slot", region.slot);
  checkU32("flags", region.flags);
  checkU64("guestPhysAddr", region.guestPhysAddr);
  checkU64("memorySize", region.memorySize);
  checkU64("userspaceAddr", region.userspaceAddr);
  if (region.guestMemfdOffset !== undefined) {
    checkU64("guestMemfdOffset", region.guestMemfdOffset);
  }
}

function checkU32(name: string, value: number): void {
  if (typeof value !== "number") {
    throw new TypeError(
      `Cannot set memory region as ${name} must be a number: found ${typeof value}`,
    );
  }
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) {
    throw new RangeError(
      `Cannot set memory region as ${name} must be an integer in [0, 2^32): found ${value}`,
    );
  }
}

function checkU64(name: string, value: bigint): void {
  if (typeof value !== "bigint") {
    throw new TypeError(
      `Cannot set memory region as ${name} must be a bigint: found ${typeof value}`,
    );
  }
  if (value < 0n || value >= U64_LIMIT) {
    throw new RangeError(
      `Cannot set memory region as ${name} must be in [0, 2^64): found ${value}`,
    );
  }
}
