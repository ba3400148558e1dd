import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { AddressSpace, type AddressSpaceOptions } from "../../../impls/kvm/address_space.ts";
import { hvaSlot } from "../../../impls/hva/hva_index.ts";
import { LinearScan } from "../../../impls/linear_scan.ts";
import { KvmError, type UserspaceMemoryRegion } from "../../../impls/kvm/memory_region.ts";
import type { Memslot } from "../../../impls/memslot.ts";
import { memslotsInGfnRange } from "../../../impls/memslot_index.ts";
import { SortedArray } from "../../../impls/sorted_array.ts";
import { HVA, MEMFD_ROWS, MEMFD_SETUP, region, ROWS, SETUP } from "../../support/region_rows.ts";

/** Two of a kind each: the checks must not depend on the index below. */
const INDEXES = {
  LinearScan: (slots: readonly Memslot[]) => new LinearScan(slots),
  SortedArray: (slots: readonly Memslot[]) => new SortedArray(slots),
};

/** What the call answers: "ok", or the code. */
function answer(vm: AddressSpace, call: UserspaceMemoryRegion): string {
  try {
    vm.setMemoryRegion(call);
    return "ok";
  } catch (error) {
    if (error instanceof KvmError) return error.code;
    throw error;
  }
}

/** The map as readers see it. */
function mapOf(vm: AddressSpace): Memslot[] {
  return [...memslotsInGfnRange(vm.index, 0, 2 ** 52)];
}

/** A VM after `SETUP`. */
function vmOf(
  create: (slots: readonly Memslot[]) => LinearScan | SortedArray,
  options?: AddressSpaceOptions,
) {
  const vm = new AddressSpace(create, options);
  for (const call of SETUP) vm.setMemoryRegion(call);
  return vm;
}

for (const [kind, create] of Object.entries(INDEXES)) {
  for (const [what, call, expected] of ROWS) {
    Deno.test(`AddressSpace.setMemoryRegion: ${what} (${expected}, ${kind})`, () => {
      const vm = vmOf(create);
      const before = mapOf(vm), generation = vm.generation;
      assertEquals(answer(vm, call), expected);
      if (expected !== "ok") {
        assertEquals(mapOf(vm), before);
        assertEquals(vm.generation, generation);
      }
      for (const slot of mapOf(vm)) assertStrictEquals(vm.slotById(slot.id), slot);
      vm.index.checkInvariants();
    });
  }
}

for (const [what, call, expected] of MEMFD_ROWS) {
  Deno.test(`AddressSpace.setMemoryRegion: guest_memfd: ${what} (${expected})`, () => {
    const vm = new AddressSpace(INDEXES.SortedArray);
    for (const set of MEMFD_SETUP) vm.setMemoryRegion(set);
    const before = mapOf(vm);
    assertEquals(answer(vm, call), expected);
    if (expected !== "ok") assertEquals(mapOf(vm), before);
  });
}

Deno.test("AddressSpace: readonlyGuestMemfd takes 0x6 as Linux 6.8 does, and never 0x5", () => {
  const vm = new AddressSpace(INDEXES.SortedArray, { readonlyGuestMemfd: true });
  assertEquals(answer(vm, region({ flags: 6 }, { guestMemfdOffset: 0n })), "ok");
  for (const flags of [5, 7]) {
    assertEquals(answer(vm, region({ slot: 2, flags }, { guestMemfdOffset: 0n })), "EINVAL");
  }
});

Deno.test("AddressSpace.setMemoryRegion: an overlap beats the largest gfn", () => {
  const vm = new AddressSpace(INDEXES.SortedArray, { maxGfn: 0x110 });
  vm.setMemoryRegion(region({ slot: 1, gfn: 0x100, npages: 16 }));
  assertEquals(answer(vm, region({ slot: 2, gfn: 0x10f, npages: 2 })), "EEXIST");
  assertEquals(answer(vm, region({ slot: 2, gfn: 0x110, npages: 2 })), "EINVAL");
});

Deno.test("AddressSpace.setMemoryRegion: a delete frees the id and the place", () => {
  const vm = vmOf(INDEXES.LinearScan);
  vm.setMemoryRegion(region({ slot: 2, npages: 0 }));
  assertEquals(vm.slotById(2), null);
  assertEquals(mapOf(vm).map((slot) => slot.id), [1, 3]);
  vm.setMemoryRegion(region({ slot: 2, flags: 2, gfn: 0x118, npages: 8 }, { userspaceAddr: 0n }));
  assertEquals(vm.slotById(2), { id: 2, baseGfn: 0x118, npages: 8 });
  assertEquals(vm.activeSet().regionById(2)?.flags, 2);
});

Deno.test("AddressSpace.setMemoryRegion: a move takes the new place and keeps the id", () => {
  const vm = vmOf(INDEXES.SortedArray);
  vm.setMemoryRegion(region({ slot: 1, flags: 0, gfn: 0x108, npages: 16 }));
  assertEquals(vm.index.find(0x107), null);
  assertStrictEquals(vm.index.find(0x108), vm.slotById(1));
  assertEquals(vm.activeSet().regionById(1), {
    slot: { id: 1, baseGfn: 0x108, npages: 16 },
    flags: 0,
    userspaceAddr: HVA,
    hva: hvaSlot({ id: 1, baseGfn: 0x108, npages: 16 }, HVA),
  });
});

Deno.test("AddressSpace.setMemoryRegion: new flags leave the memslot where and what it is", () => {
  const vm = vmOf(INDEXES.SortedArray);
  const before = vm.slotById(1);
  vm.setMemoryRegion(region({ slot: 1, flags: 0, npages: 16 }));
  assertStrictEquals(vm.slotById(1), before);
  assertEquals(vm.activeSet().regionById(1)?.flags, 0);
});

Deno.test("AddressSpace.setMemoryRegion: address spaces share neither gfns nor ids", () => {
  const vm = vmOf(INDEXES.SortedArray, { addressSpaces: 2 });
  assertEquals(answer(vm, region({ slot: 0x1_0001, gfn: 0x108, npages: 4 })), "ok");
  assertEquals(answer(vm, region({ slot: 0x1_0002, gfn: 0x10b })), "EEXIST");
  assertEquals(answer(vm, region({ slot: 0x2_0001, gfn: 0 })), "EINVAL");
  assertEquals(vm.slotById(0x1_0001), { id: 1, baseGfn: 0x108, npages: 4 });
  assertEquals(vm.slotById(1), { id: 1, baseGfn: 0x100, npages: 16 });
  assertEquals(vm.slotById(0x2_0001), null);
  assertStrictEquals(vm.activeSet(1).index.find(0x108), vm.slotById(0x1_0001));
  assertEquals(vm.index.size, 3);
});

Deno.test("AddressSpace.setMemoryRegion: a refusal names the slot, the reason and what was found", () => {
  const vm = vmOf(INDEXES.SortedArray, { addressSpaces: 2 });
  const messageOf = (call: UserspaceMemoryRegion) =>
    assertThrows(() => vm.setMemoryRegion(call), KvmError).message;
  assertEquals(
    messageOf(region({ slot: 9, gfn: 0x12f, npages: 2 })),
    "Cannot set slot 9 as slots must not overlap: [0x12f, 0x131) meets slot 2 [0x120, 0x130)",
  );
  assertEquals(
    messageOf(region({ slot: 0x1_0009, npages: 0 })),
    "Cannot set slot 9 of address space 1 as a slot must exist to be deleted: none does",
  );
  assertEquals(
    messageOf(region({ flags: 1, npages: 17 })),
    "Cannot set slot 1 as a slot must keep its size: it has 16 pages, found 17; delete it first",
  );
});

Deno.test("AddressSpace.setMemoryRegion: what is no region is a TypeError", () => {
  const vm = vmOf(INDEXES.LinearScan);
  const wrong: unknown[] = [
    null,
    undefined,
    7,
    {},
    { ...region(), slot: "1" },
    { ...region(), slot: 1n },
    { ...region(), flags: undefined },
    { ...region(), guestPhysAddr: 0x1000 },
    { ...region(), memorySize: 4096 },
    { ...region(), userspaceAddr: null },
  ];
  for (const call of wrong) {
    assertThrows(() => vm.setMemoryRegion(call as UserspaceMemoryRegion), TypeError);
  }
  assertEquals(vm.index.size, 3);
});

Deno.test("AddressSpace.setMemoryRegion: what the ioctl's fields cannot carry is a RangeError", () => {
  const vm = vmOf(INDEXES.LinearScan);
  const wrong: Partial<UserspaceMemoryRegion>[] = [
    { slot: -1 },
    { slot: 1.5 },
    { slot: 2 ** 32 },
    { slot: NaN },
    { flags: -1 },
    { flags: 2 ** 32 },
    { guestPhysAddr: -4096n },
    { memorySize: 2n ** 64n },
    { userspaceAddr: -1n },
  ];
  for (const fields of wrong) {
    assertThrows(() => vm.setMemoryRegion(region({}, fields)), RangeError);
  }
  assertEquals(vm.index.size, 3);
});

Deno.test("AddressSpace: an option out of range is a RangeError", () => {
  const wrong: AddressSpaceOptions[] = [
    { maxSlots: 0 },
    { maxSlots: 65537 },
    { addressSpaces: 0.5 },
    { maxGfn: 2 ** 53 },
  ];
  for (const options of wrong) {
    assertThrows(() => new AddressSpace(INDEXES.LinearScan, options), RangeError);
  }
  const maxUserspaceAddr = 4096 as unknown as bigint;
  assertThrows(() => new AddressSpace(INDEXES.LinearScan, { maxUserspaceAddr }), TypeError);
  assertThrows(() => vmOf(INDEXES.LinearScan).activeSet(1), RangeError, "address spaces below 1");
});

Deno.test("KvmError: an Error with a name and a code", () => {
  const error = new KvmError("EEXIST", "Cannot set slot 1");
  assert(error instanceof Error);
  assertEquals([error.name, error.code, error.message], [
    "KvmError",
    "EEXIST",
    "Cannot set slot 1",
  ]);
});
