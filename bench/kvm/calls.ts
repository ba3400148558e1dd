/**
 * Random calls of `KVM_SET_USER_MEMORY_REGION`: small ids, sizes and gfns that often meet, and each of
 * KVM's rules broken, alone and two at a time.
 *
 * @module
 */
import {
  addressSpaceId,
  hexBytes,
  KVM_MEM_READONLY,
  PAGE_SIZE,
  type RegionLimits,
  slotId,
  type UserspaceMemoryRegion,
} from "../../impls/kvm/memory_region.ts";
import type { Random } from "../workloads/random.ts";

/** Slots begin below this gfn, so that they meet. */
const WINDOW_GFNS = 48;

/** Draws a call that keeps KVM's rules, or in one of three breaks one or two of them. */
export function randomRegion(random: Random, limits: RegionLimits): UserspaceMemoryRegion {
  const { int } = random, id = randomId(random, limits.maxSlots);
  const gfn = int(0, 1) === 0 ? homeGfn(id) : int(0, WINDOW_GFNS - 1);
  const fine = regionOf(id, { gfn, log: int(0, 1), deletes: int(0, 3) === 0 });
  const faults = random.shuffle(faultsOf(limits)), roll = int(0, 8);
  const broken = faults.slice(0, roll < 6 ? 0 : roll < 8 ? 1 : 2);
  return broken.reduce((region, fault) => ({ ...region, ...fault(region) }), fine);
}

/** A call in words. */
export function describeRegion(region: UserspaceMemoryRegion): string {
  const { slot, flags, guestPhysAddr, memorySize, userspaceAddr } = region;
  const space = addressSpaceId(slot) === 0 ? "" : ` of address space ${addressSpaceId(slot)}`;
  return `slot ${slotId(slot)}${space}: flags 0x${flags.toString(16)}, gpa ${
    hexBytes(guestPhysAddr)
  }, size ${hexBytes(memorySize)}, hva ${hexBytes(userspaceAddr)}`;
}

/** Most often one of eight, so that calls meet; at times the last two or any below the cap. */
function randomId({ int }: Random, maxSlots: number): number {
  const roll = int(0, 14);
  if (roll === 0) return int(0, maxSlots - 1);
  return roll < 3 ? maxSlots - int(1, 2) : int(0, 7);
}

/** The usual place of a slot: calls that leave it there change flags only, or nothing. */
function homeGfn(id: number): number {
  return 6 * id % WINDOW_GFNS;
}

/** Size, hva and READONLY follow from the id, so that a second call of an id breaks no rule. */
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

/** What breaks a rule, in the order of KVM's checks; some break it for some calls only. */
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
    // The last place of user memory: breaks a rule only for a slot that lies elsewhere.
    ({ memorySize }) => ({ userspaceAddr: maxUserspaceAddr - memorySize % 2n ** 30n }),
    ({ memorySize }) => ({ userspaceAddr: maxUserspaceAddr - memorySize % 2n ** 30n + PAGE_SIZE }),
    ({ slot }) => slotOf(slotId(slot), addressSpaces),
    ({ slot }) => slotOf(slotId(slot), 2 ** 16 - 1),
    () => ({ guestPhysAddr: 2n ** 64n - PAGE_SIZE }),
    ({ memorySize }) => ({ guestPhysAddr: 2n ** 64n - memorySize % 2n ** 30n - PAGE_SIZE }),
    () => ({ memorySize: 2n ** 31n * PAGE_SIZE, userspaceAddr: 0n }),
    // With one page less the size is allowed: this one must end past the last gfn, as the kernel would
    // spend 16 GiB on tables for it.
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
