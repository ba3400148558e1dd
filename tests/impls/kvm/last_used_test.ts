import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { AddressSpace } from "../../../impls/kvm/address_space.ts";
import { LastUsedReader, LastUsedSlot } from "../../../impls/kvm/last_used.ts";
import { LinearScan } from "../../../impls/linear_scan.ts";
import { type Memslot, memslot } from "../../../impls/memslot.ts";
import type { MemslotSet } from "../../../impls/kvm/memslot_set.ts";
import { RbTree } from "../../../impls/rb_tree.ts";
import { SortedArray } from "../../../impls/sorted_array.ts";
import { assertRight } from "../../support/right.ts";
import { region } from "../../support/region_rows.ts";

/** A scan that notes what it is asked for. */
class Asked extends LinearScan {
  readonly gfns: number[] = [];

  override find(gfn: number): Memslot | null {
    this.gfns.push(gfn);
    return super.find(gfn);
  }
}

const [A, B] = [memslot(0, 10, 10), memslot(1, 30, 10)];

/** Gfns asked one after the other, and those that must reach the index. */
const STREAM = [10, 19, 20, 15, 30, 9, 39, 29, 10, 30];
const SEARCHED = [10, 20, 30, 9, 29, 10, 30];

Deno.test("LastUsedSlot.find: hits are remembered, misses neither remembered nor forgetting", () => {
  const index = new Asked([A, B]), cached = new LastUsedSlot(index);
  for (const gfn of STREAM) assertStrictEquals(cached.find(gfn), new LinearScan([A, B]).find(gfn));
  assertEquals(index.gfns, SEARCHED);
});

Deno.test("LastUsedSlot.erase: a slot that is gone is not found", () => {
  const cached = new LastUsedSlot(new LinearScan([A, B]));
  assertStrictEquals(cached.find(12), A);
  cached.erase(memslot(7, 10, 1)); // the slot that begins there, as any index
  assertEquals(cached.find(12), null);
  const smaller = memslot(3, 12, 1);
  cached.insert(smaller);
  assertStrictEquals(cached.find(12), smaller);
  assertEquals(cached.find(13), null);
});

Deno.test("LastUsedSlot.erase: a failed one forgets nothing", () => {
  const index = new Asked([A]), cached = new LastUsedSlot(index);
  cached.find(10);
  assertThrows(() => cached.erase(B), RangeError);
  assertStrictEquals(cached.find(11), A);
  assertEquals(index.gfns, [10]);
});

for (const Index of [LinearScan, SortedArray, RbTree]) {
  Deno.test(`LastUsedSlot: as right as the index behind it (${Index.name})`, () => {
    assertRight((slots) => new LastUsedSlot(new Index(slots)));
  });
}

Deno.test("LastUsedSlot: each of the two sets remembers for itself", () => {
  const indexes: Asked[] = [];
  const vm = new AddressSpace(() => {
    indexes.push(new Asked());
    return new LastUsedSlot(indexes.at(-1)!);
  });
  vm.setMemoryRegion(region({ slot: 1, gfn: 10, npages: 10 }));
  for (const gfn of [10, 11, 12]) vm.index.find(gfn);
  vm.setMemoryRegion(region({ slot: 2, gfn: 30, npages: 10 }));
  for (const gfn of [13, 14]) vm.index.find(gfn);
  assertEquals(indexes.map(({ gfns }) => gfns), [[13], [10]]);
});

Deno.test("LastUsedReader.find: hits are remembered, misses neither remembered nor forgetting", () => {
  const index = new Asked([A, B]);
  const reader = new LastUsedReader(() => setOf(index, 0));
  for (const gfn of STREAM) assertStrictEquals(reader.find(gfn), new LinearScan([A, B]).find(gfn));
  assertEquals(index.gfns, SEARCHED);
});

Deno.test("LastUsedReader.find: another generation is another map", () => {
  const [old, young] = [new Asked([A]), new Asked([memslot(0, 10, 1)])];
  let set = setOf(old, 4);
  const reader = new LastUsedReader(() => set);
  assertStrictEquals(reader.find(15), A);
  set = setOf(young, 5);
  assertEquals(reader.find(15), null);
  assertEquals([old.gfns, young.gfns], [[15], [15]]);
});

Deno.test("LastUsedReader.find: another set of the same generation is another map", () => {
  const here = memslot(0, 10, 10), there = memslot(0, 10, 10);
  const sets = [here, there].map((slot) => setOf(new LinearScan([slot]), 7));
  let set = sets[0];
  const reader = new LastUsedReader(() => set);
  for (const at of [0, 1, 1, 0]) {
    set = sets[at];
    assertStrictEquals(reader.find(12), [here, there][at]);
  }
});

Deno.test("LastUsedReader.find: two VMs at one generation are told apart", () => {
  const vms = [0, 1].map(() => new AddressSpace((slots) => new SortedArray(slots)));
  vms.forEach((vm, i) => vm.setMemoryRegion(region({ slot: 1, gfn: 10, npages: 10 + i })));
  let vm = vms[0];
  const reader = new LastUsedReader(() => vm.activeSet());
  assertEquals(vms[0].generation, vms[1].generation);
  for (vm of [...vms, ...vms]) assertStrictEquals(reader.find(12), vm.slotById(1));
});

Deno.test("LastUsedReader.find: readers do not disturb one another, nor the cache of the set", () => {
  const index = new Asked([A, B]), cached = new LastUsedSlot(index);
  const readers = [0, 1].map(() => new LastUsedReader(() => setOf(index, 0)));
  cached.find(10);
  for (const gfn of [12, 13]) readers[0].find(gfn);
  for (const gfn of [32, 33]) readers[1].find(gfn);
  readers[0].find(14);
  cached.find(15);
  assertEquals(index.gfns, [10, 12, 32]);
});

Deno.test("LastUsedReader.find: no map of an AddressSpace is ever stale", () => {
  const vm = new AddressSpace((slots) => new SortedArray(slots), {
    onSwap: () => check(),
  });
  const reader = new LastUsedReader(() => vm.activeSet());
  const check = () => {
    for (let gfn = 0; gfn < 40; gfn++) assertStrictEquals(reader.find(gfn), vm.index.find(gfn));
  };
  vm.setMemoryRegion(region({ slot: 1, gfn: 10, npages: 10 }));
  vm.setMemoryRegion(region({ slot: 1, gfn: 15, npages: 10 }));
  vm.setMemoryRegion(region({ slot: 1, gfn: 15, npages: 10, flags: 1 }));
  vm.setMemoryRegion(region({ slot: 1, npages: 0 }));
  check();
});

function setOf(index: LinearScan, generation: number): MemslotSet {
  return { index, hvaIndex: null, generation, regionById: () => null };
}
