import { CONTENDERS } from "../../bench/race/contenders.ts";
import { GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";

// The first slot begins at 0, so a cursor that stands on entry 0 from birth is caught.
const slots = Array.from({ length: 40 }, (_, i) => memslot(i, i * 8, 5));

const NO_GFNS = [-1, -Infinity, GFN_LIMIT, 2 ** 53, Infinity, NaN];
const NO_SLOTS = [
  ...[...NO_GFNS, 0.5, "8", undefined].map((baseGfn) => ({ id: 99, baseGfn, npages: 1 })),
  ...[0, -1, 0.5, NaN, 2 ** 53].map((npages) => ({ id: 99, baseGfn: 6, npages })),
  ...[null, undefined, 8, "slot", {}],
] as Memslot[];

for (const { name, create } of CONTENDERS) {
  Deno.test(`insert, erase, find: invalid calls leave ${name} as it was`, () => {
    for (const held of [[], slots.slice(0, 1), slots]) {
      const index = create(held);
      for (const slot of NO_SLOTS) {
        for (const call of ["insert", "erase"] as const) {
          const error = assertThrows(() => index[call](slot), Error);
          assert(error instanceof RangeError || error instanceof TypeError, String(error));
        }
      }
      for (const slot of held) assertThrows(() => index.insert(slot), RangeError, "overlap");
      for (const gfn of [1, 7, 9, GFN_LIMIT - 1]) {
        assertThrows(() => index.erase(memslot(0, gfn, 1)), RangeError, "must hold it");
      }
      const iter = index.iter();
      for (const gfn of NO_GFNS) {
        assertStrictEquals(index.find(gfn), null, String(gfn));
        if (Number.isNaN(gfn)) continue;
        iter.start(gfn);
        assertStrictEquals(iter.slot, (gfn < 0 ? held[0] : null) ?? null);
        assertStrictEquals(iter.isValid(Infinity), iter.slot !== null);
      }
      index.checkInvariants();
      assertEquals([...memslotsInGfnRange(index, 0, GFN_LIMIT)], held);
    }
  });

  Deno.test(`iter: a fresh cursor of ${name} shows nothing and is not valid`, () => {
    const index = create(slots);
    for (const iter of [index.iter(), create([]).iter()]) {
      assertStrictEquals(iter.slot, null);
      assert(!iter.isValid(GFN_LIMIT));
    }
    index.erase(slots[0]);
    index.insert(slots[0]);
    const iter = index.iter();
    assertStrictEquals(iter.slot, null);
    assert(!iter.isValid(GFN_LIMIT));
  });

  Deno.test(`iter: a cursor of ${name} ends in null, as often as it starts`, () => {
    const iter = create(slots).iter();
    for (const first of [0, 39, 17, 0]) {
      iter.start(first * 8);
      for (let i = first; i < slots.length; i++) {
        assertStrictEquals(iter.slot, slots[i]);
        assert(!iter.isValid(slots[i].baseGfn));
        assert(iter.isValid(slots[i].baseGfn + 1));
        iter.next();
      }
      assertStrictEquals(iter.slot, null);
      assert(!iter.isValid(GFN_LIMIT));
      iter.start(GFN_LIMIT);
      assertStrictEquals(iter.slot, null);
      assert(!iter.isValid(GFN_LIMIT));
    }
  });
}
