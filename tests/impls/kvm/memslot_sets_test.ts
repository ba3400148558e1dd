import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { AddressSpace, type MemslotSwap } from "../../../impls/kvm/address_space.ts";
import { memslotsInHvaRange } from "../../../impls/hva/hva_index.ts";
import { HvaIntervalTree } from "../../../impls/hva/hva_interval_tree.ts";
import { HvaLinearScan } from "../../../impls/hva/hva_linear_scan.ts";
import { HvaSortedArray } from "../../../impls/hva/hva_sorted_array.ts";
import { LinearScan } from "../../../impls/linear_scan.ts";
import { KvmError, type UserspaceMemoryRegion } from "../../../impls/kvm/memory_region.ts";
import { endGfn, type Memslot } from "../../../impls/memslot.ts";
import type { MemslotIndex, MemslotIter } from "../../../impls/memslot_index.ts";
import { memslotsInGfnRange } from "../../../impls/memslot_index.ts";
import { KVM_MEMSLOT_INVALID, type MemslotSet } from "../../../impls/kvm/memslot_set.ts";
import { RbTree } from "../../../impls/rb_tree.ts";
import { SortedArray } from "../../../impls/sorted_array.ts";
import { region, SETUP } from "../../support/region_rows.ts";

const INDEXES: Record<string, (slots: readonly Memslot[]) => MemslotIndex> = {
  LinearScan: (slots) => new LinearScan(slots),
  SortedArray: (slots) => new SortedArray(slots),
  RbTree: (slots) => new RbTree(slots),
};
const SEED = Number(Deno.env.get("SEED") ?? 1);

/** A set in the test's words: `1@100` where slot 1 lies at gfn 0x100, `1@100!` where invalid. */
function wordsOf(set: MemslotSet): string {
  const word = ({ id, baseGfn }: Memslot) => {
    const { flags } = set.regionById(id)!;
    return `${id}@${baseGfn.toString(16)}${flags >= KVM_MEMSLOT_INVALID ? "!" : ""}`;
  };
  return [...memslotsInGfnRange(set.index, 0, 2 ** 52)].map(word).join(" ");
}

/** Each of four changes of `SETUP`, and what is seen: active | retired, at each swap. */
const CHANGES: readonly (readonly [string, UserspaceMemoryRegion, string[]])[] = [
  ["create", region({ slot: 4, gfn: 0x118 }), ["1@100 4@118 2@120 3@130 | 1@100 2@120 3@130"]],
  ["flags", region({ slot: 1, npages: 16 }), ["1@100 2@120 3@130 | 1@100 2@120 3@130"]],
  ["delete", region({ slot: 2, npages: 0 }), [
    "1@100 2@120! 3@130 | 1@100 2@120 3@130",
    "1@100 3@130 | 1@100 2@120! 3@130",
  ]],
  ["move", region({ slot: 1, gfn: 0x108, npages: 16 }), [
    "1@100! 2@120 3@130 | 1@100 2@120 3@130",
    "1@108 2@120 3@130 | 1@100! 2@120 3@130",
  ]],
];

for (const [kind, create] of Object.entries(INDEXES)) {
  for (const [change, call, expected] of CHANGES) {
    Deno.test(`AddressSpace: a ${change} swaps the sets as KVM does (${kind})`, () => {
      const seen: string[] = [], generations: number[] = [];
      const vm = new AddressSpace(create, {
        onSwap(swap) {
          assertStrictEquals(swap.active.index, vm.index);
          generations.push(swap.active.generation - swap.retired.generation);
          seen.push(`${wordsOf(swap.active)} | ${wordsOf(swap.retired)}`);
          kinds.add(swap.change);
        },
      });
      const kinds = new Set<string>();
      for (const set of SETUP) vm.setMemoryRegion(set);
      seen.length = 0;
      kinds.clear();
      const before = vm.generation, index = vm.index;
      vm.setMemoryRegion(call);
      assertEquals(seen, expected);
      assertEquals([...kinds], [change]);
      assertEquals(new Set(generations), new Set([1]));
      assertEquals(vm.generation, before + expected.length);
      if (expected.length === 1) assert(vm.index !== index);
      else assertStrictEquals(vm.index, index);
    });
  }
}

Deno.test("AddressSpace: a call that changes nothing or fails swaps nothing", () => {
  const vm = new AddressSpace(INDEXES.SortedArray);
  for (const set of SETUP) vm.setMemoryRegion(set);
  const before = vm.generation, index = vm.index;
  vm.setMemoryRegion(SETUP[0]);
  assertThrows(() => vm.setMemoryRegion(region({ slot: 9 })), KvmError);
  assertThrows(() => vm.setMemoryRegion(region({ slot: 9, npages: 0 })), KvmError);
  assertEquals(vm.generation, before);
  assertStrictEquals(vm.index, index);
});

Deno.test("AddressSpace: both sets hold the same slots once a change is over", () => {
  const sets: MemslotSwap[] = [];
  const vm = new AddressSpace(INDEXES.RbTree, { onSwap: (swap) => sets.push(swap) });
  for (const set of SETUP) vm.setMemoryRegion(set);
  for (const [, call] of CHANGES) {
    vm.setMemoryRegion(call);
    const { active, retired } = sets.at(-1)!;
    assertEquals(wordsOf(active), wordsOf(retired));
    for (const { index } of [active, retired]) index.checkInvariants();
    for (const slot of memslotsInGfnRange(active.index, 0, 2 ** 52)) {
      assertStrictEquals(retired.index.find(slot.baseGfn), slot);
      assertStrictEquals(retired.regionById(slot.id), active.regionById(slot.id));
    }
  }
});

Deno.test("AddressSpace: generations differ between address spaces", () => {
  const generations: number[] = [];
  const onSwap = ({ active }: MemslotSwap) => generations.push(active.generation);
  const vm = new AddressSpace(INDEXES.LinearScan, { addressSpaces: 2, onSwap });
  vm.setMemoryRegion(region({ slot: 1 }));
  vm.setMemoryRegion(region({ slot: 0x1_0001 }));
  vm.setMemoryRegion(region({ slot: 0x1_0001, npages: 0 }));
  assertEquals(generations, [2, 3, 5, 7]);
  assertEquals([vm.generation, vm.activeSet(1).generation], [2, 7]);
});

Deno.test("AddressSpace: onSwap reads only, and what it throws leaves the change complete", () => {
  let onSwap = () => {};
  const vm = new AddressSpace(INDEXES.SortedArray, { onSwap: () => onSwap() });
  for (const set of SETUP) vm.setMemoryRegion(set);
  onSwap = () => vm.setMemoryRegion(region({ slot: 9, gfn: 0 }));
  assertThrows(() => vm.setMemoryRegion(CHANGES[3][1]), Error, "another change is under way");
  onSwap = () => {};
  assertEquals(wordsOf(vm.activeSet()), "1@108 2@120 3@130");
  vm.setMemoryRegion(region({ slot: 9, gfn: 0 }));
  vm.setMemoryRegion(region({ slot: 9, npages: 0 }));
  assertEquals(wordsOf(vm.activeSet()), "1@108 2@120 3@130");
});

/** An index that tells before and after each of its changes: the steps between the swaps. */
class Watched implements MemslotIndex {
  readonly #inner: MemslotIndex;
  readonly #onStep: () => void;

  constructor(inner: MemslotIndex, onStep: () => void) {
    this.#inner = inner;
    this.#onStep = onStep;
  }

  get size(): number {
    return this.#inner.size;
  }

  insert(slot: Memslot): void {
    this.#onStep();
    this.#inner.insert(slot);
    this.#onStep();
  }

  erase(slot: Memslot): void {
    this.#onStep();
    this.#inner.erase(slot);
    this.#onStep();
  }

  find(gfn: number): Memslot | null {
    return this.#inner.find(gfn);
  }

  iter(): MemslotIter {
    return this.#inner.iter();
  }

  checkInvariants(): void {
    this.#inner.checkInvariants();
  }
}

/** Walks the set that was active when it began, a slot a step, against what that set held then. */
class Reader {
  readonly #set: MemslotSet;
  readonly #iter: MemslotIter;
  readonly #held: readonly Memslot[];
  readonly #words: string;
  #at = 0;

  constructor(set: MemslotSet) {
    this.#set = set;
    this.#held = [...memslotsInGfnRange(set.index, 0, 2 ** 52)];
    this.#words = wordsOf(set);
    this.#iter = set.index.iter();
    this.#iter.start(0);
  }

  step(): void {
    assertEquals(wordsOf(this.#set), this.#words);
    assertStrictEquals(this.#iter.slot, this.#held[this.#at] ?? null);
    if (!this.#iter.isValid(2 ** 52)) return;
    const { slot } = this.#iter;
    assertStrictEquals(this.#set.index.find(endGfn(slot) - 1), slot);
    this.#iter.next();
    this.#at++;
  }

  finish(): void {
    for (let left = this.#held.length - this.#at; left >= 0; left--) this.step();
  }
}

/** A VM that begins a reader at each step of each change; all end when their grace period does. */
class Readers {
  readonly vm: AddressSpace;
  #ofActive: Reader[] = [];
  begun = 0;

  constructor(create: (slots: readonly Memslot[]) => MemslotIndex) {
    this.vm = new AddressSpace((slots) => new Watched(create(slots), () => this.step()), {
      onSwap: () => this.#swap(),
    });
  }

  step(): void {
    for (const reader of this.#ofActive) reader.step();
    this.#ofActive.push(new Reader(this.vm.activeSet()));
    this.begun++;
  }

  /** Readers of the retired set go on to their end beside new ones of the active set. */
  #swap(): void {
    const ofRetired = this.#ofActive;
    this.#ofActive = [];
    for (const reader of ofRetired) {
      this.step();
      reader.step();
    }
    for (const reader of ofRetired) reader.finish();
  }
}

for (const [kind, create] of Object.entries(INDEXES)) {
  Deno.test(`AddressSpace: readers of either set are unharmed at every step (${kind})`, () => {
    const call = fc.record({ slot: fc.nat(5), gfn: fc.nat(30), log: fc.nat(1), deletes: fc.nat(2) })
      .map(({ slot, gfn, log, deletes }) =>
        region({ slot, gfn, flags: log, npages: deletes === 0 ? 0 : 1 + slot })
      );
    const unharmed = fc.property(fc.array(call, { minLength: 5, maxLength: 20 }), (calls) => {
      const readers = new Readers(create);
      for (const region of calls) {
        try {
          readers.vm.setMemoryRegion(region);
        } catch (error) {
          if (!(error instanceof KvmError)) throw error;
        }
        readers.step();
      }
      return readers.begun > calls.length;
    });
    fc.assert(unharmed, { seed: SEED, numRuns: 60 });
  });
}

for (const Hva of [HvaLinearScan, HvaSortedArray, HvaIntervalTree]) {
  Deno.test(`AddressSpace: the index by hva follows every change, in both sets (${Hva.name})`, () => {
    const call = fc.record({ slot: fc.nat(5), gfn: fc.nat(30), deletes: fc.nat(2) })
      .map(({ slot, gfn, deletes }) =>
        region({ slot, gfn, npages: deletes === 0 ? 0 : 1 + slot }, {
          userspaceAddr: BigInt(slot % 4) * 4096n, // where slots overlap, and some begin alike
        })
      );
    const follows = fc.property(fc.array(call, { maxLength: 20 }), (calls) => {
      const vm = new AddressSpace(INDEXES.SortedArray, {
        createHva: (slots) => new Hva(slots),
        onSwap: ({ active, retired }) => [active, retired].forEach(checkHva),
      });
      for (const region of calls) {
        try {
          vm.setMemoryRegion(region);
        } catch (error) {
          if (!(error instanceof KvmError)) throw error;
        }
        checkHva(vm.activeSet());
      }
    });
    fc.assert(follows, { seed: SEED, numRuns: 60 });
  });
}

/** Fails unless the slots by hva are those by gfn, each at its region's place. */
function checkHva(set: MemslotSet): void {
  const { index, hvaIndex } = set;
  hvaIndex!.checkInvariants();
  const byHva = [...memslotsInHvaRange(hvaIndex!, 0n, 2n ** 64n - 1n)];
  for (const hva of byHva) assertStrictEquals(set.regionById(hva.slot.id)?.hva, hva);
  const ids = [...memslotsInGfnRange(index, 0, 2 ** 52)].map(({ id }) => id);
  assertEquals(byHva.map(({ slot }) => slot.id).sort(), ids.sort());
}

Deno.test("AddressSpace: without createHva there is no index by hva", () => {
  assertEquals(new AddressSpace(INDEXES.SortedArray).activeSet().hvaIndex, null);
});
