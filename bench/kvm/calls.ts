/**
 * Random calls of set-memory-region as fast-check arbitraries: small ids, sizes and gfns that meet
 * one another often, and every rule of KVM's broken alone and two at a time.
 *
 * @module
 */
import fc from "fast-check";
import {
  addressSpaceId,
  hexBytes,
  KVM_MEM_READONLY,
  PAGE_SIZE,
  type RegionLimits,
  slotId,
  type UserspaceMemoryRegion,
} from "../../impls/kvm/memory_region.ts";

/** Gfns below this are where slots meet. */
const WINDOW_GFNS = 48;

/** A call that is fine by itself, but for up to two of the faults below. */
export function memoryRegions(limits: RegionLimits): fc.Arbitrary<UserspaceMemoryRegion> {
  const faults = faultsOf(limits);
  return fc.record({
    id: ids(limits.maxSlots),
    gfn: fc.option(fc.nat(WINDOW_GFNS - 1), { freq: 2 }),
    log: fc.nat(1),
    deletes: fc.oneof(
      { arbitrary: fc.constant(false), weight: 3 },
      { arbitrary: fc.constant(true), weight: 1 },
    ),
    broken: fc.oneof(
      { withCrossShrink: true },
      { arbitrary: fc.constant<Fault[]>([]), weight: 6 },
      { arbitrary: fc.subarray(faults, { minLength: 1, maxLength: 1 }), weight: 2 },
      { arbitrary: fc.subarray(faults, { minLength: 2, maxLength: 2 }), weight: 1 },
    ),
  }).map(({ id, gfn, log, deletes, broken }) => {
    const fine = regionOf(id, { gfn: gfn ?? homeGfn(id), log, deletes });
    return broken.reduce((region, fault) => ({ ...region, ...fault(region) }), fine);
  });
}

/** A call in words. */
export function describeRegion(region: UserspaceMemoryRegion): string {
  const { slot, flags, guestPhysAddr, memorySize, userspaceAddr } = region;
  const space = addressSpaceId(slot) === 0 ? "" : ` of address space ${addressSpaceId(slot)}`;
  return `slot ${slotId(slot)}${space}: flags 0x${flags.toString(16)}, gpa ${
    hexBytes(guestPhysAddr)
  }, size ${hexBytes(memorySize)}, hva ${hexBytes(userspaceAddr)}`;
}

/** Mostly a handful, so that calls meet; at times any up to the cap. */
function ids(maxSlots: number): fc.Arbitrary<number> {
  return fc.oneof(
    { arbitrary: fc.nat(7), weight: 12 },
    { arbitrary: fc.constantFrom(maxSlots - 2, maxSlots - 1), weight: 2 },
    { arbitrary: fc.nat(maxSlots - 1), weight: 1 },
  );
}

/** Where a slot likes to be: calls that leave it there change flags only, or nothing. */
function homeGfn(id: number): number {
  return 6 * id % WINDOW_GFNS;
}

/** Size, hva and READONLY follow from the id: what is fine for a slot stays fine. */
function regionOf(
  id: number,
  { gfn, log, deletes }: { gfn: number; log: number; deletes: boolean },
): UserspaceMemoryRegion {
  return {
    slot: id,
    flags: log + (id % 3 === 0 ? KVM_MEM_READONLY : 0),
    guestPhysAddr: BigInt(gfn) * PAGE_SIZE,
    memorySize: deletes ? 0n : BigInt(1 + id % 5) * PAGE_SIZE,
    userspaceAddr: 0x7f00_0000_0000n + BigInt(id) * 0x10_0000n,
  };
}

type Fault = (region: UserspaceMemoryRegion) => Partial<UserspaceMemoryRegion>;

/** What can be wrong with a call, in the order of KVM's checks; some are wrong at times only. */
function faultsOf({ maxSlots, addressSpaces, maxGfn, maxUserspaceAddr }: RegionLimits): Fault[] {
  const topAddr = BigInt(maxGfn) * PAGE_SIZE;
  const slotOf = (id: number, space: number) => ({ slot: id + space * 2 ** 16 });
  return [
    ({ flags }) => ({ flags: flags % 4 + 4 }),
    ({ flags }) => ({ flags: flags % 4 + 2 ** 31 }),
    ({ slot }) => slotOf(maxSlots, addressSpaceId(slot)),
    ({ slot }) => slotOf(2 ** 16 - 1, addressSpaceId(slot)),
    ({ memorySize }) => ({ memorySize: memorySize + 1n }),
    ({ memorySize }) => ({ memorySize: memorySize + PAGE_SIZE / 2n }),
    ({ guestPhysAddr }) => ({ guestPhysAddr: guestPhysAddr + 1n }),
    ({ guestPhysAddr }) => ({ guestPhysAddr: guestPhysAddr + PAGE_SIZE / 2n }),
    ({ userspaceAddr }) => ({ userspaceAddr: userspaceAddr + 8n }),
    () => ({ userspaceAddr: 2n ** 63n }),
    // The last place of user memory: fine, but for a slot that lies elsewhere.
    ({ memorySize }) => ({ userspaceAddr: maxUserspaceAddr - memorySize % 2n ** 30n }),
    ({ memorySize }) => ({ userspaceAddr: maxUserspaceAddr - memorySize % 2n ** 30n + PAGE_SIZE }),
    ({ slot }) => slotOf(slotId(slot), addressSpaces),
    ({ slot }) => slotOf(slotId(slot), 2 ** 16 - 1),
    () => ({ guestPhysAddr: 2n ** 64n - PAGE_SIZE }),
    ({ memorySize }) => ({ guestPhysAddr: 2n ** 64n - memorySize % 2n ** 30n - PAGE_SIZE }),
    () => ({ memorySize: 2n ** 31n * PAGE_SIZE, userspaceAddr: 0n }),
    // One page less is refused for where it ends: the kernel would spend 16 GiB on tables for it.
    () => ({
      memorySize: (2n ** 31n - 1n) * PAGE_SIZE,
      userspaceAddr: 0n,
      guestPhysAddr: topAddr - PAGE_SIZE,
    }),
    ({ userspaceAddr }) => ({ userspaceAddr: userspaceAddr + PAGE_SIZE }),
    ({ memorySize }) => ({ memorySize: memorySize + PAGE_SIZE }),
    ({ flags }) => ({ flags: flags % 4 < KVM_MEM_READONLY ? flags + 2 : flags - 2 }),
    ({ memorySize }) => ({ guestPhysAddr: topAddr - memorySize % 2n ** 30n }),
    ({ memorySize }) => ({ guestPhysAddr: topAddr - memorySize % 2n ** 30n + PAGE_SIZE }),
    () => ({ guestPhysAddr: topAddr }),
  ];
}
