import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { CONTENDERS } from "../../bench/race/contenders.ts";
import { checkMemslots, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { memslotsInGfnRange } from "../../impls/memslot_index.ts";

/** A slot that its factory would refuse. */
const bad = (id: number, baseGfn: number, npages: number): Memslot => ({ id, baseGfn, npages });

const BAD_LISTS: readonly (readonly [string, readonly Memslot[], string])[] = [
  ["overlapping", [bad(6, 1, 31), bad(7, 31, 1)], "slot 7 starts at 0x1f, slot 6 ends at 0x20"],
  ["unsorted", [bad(1, 100, 1), bad(2, 50, 1)], "slot 2 [0x32, 0x33) comes after slot 1"],
  ["duplicate", [bad(1, 5, 1), bad(2, 5, 1)], "slot 2 starts at 0x5, slot 1 ends at 0x6"],
  ["with an id twice", [bad(1, 5, 1), bad(1, 9, 1)], "slot 1 [0x9, 0xa) is the second of its id"],
  ["zero-sized", [bad(1, 5, 0)], "npages must be an integer in [1"],
  ["fractional", [bad(1, 5.5, 1)], "found 5.5"],
  ["fractional in size", [bad(1, 5, 1.5)], "found 1.5"],
  ["negative", [bad(1, -1, 1)], "found -1"],
  ["with a negative id", [bad(-1, 1, 1)], "id must be an integer"],
  ["too large", [bad(1, GFN_LIMIT - 1, 2)], "must end by 2^52"],
  ["beyond 2^52", [bad(1, GFN_LIMIT, 1)], "baseGfn must be an integer"],
  ["not a number", [bad(1, NaN, 1)], "found NaN"],
];

for (const [what, slots, words] of BAD_LISTS) {
  Deno.test(`checkMemslots: slots ${what} are a RangeError that says so`, () => {
    assertThrows(() => checkMemslots(slots), RangeError, words);
  });
}

Deno.test("memslot: refuses what checkMemslots does, in the words of its own action", () => {
  assertThrows(() => memslot(1, 5, 0), RangeError, "Cannot create memslot as npages");
  assertThrows(() => memslot(1, GFN_LIMIT - 1, 2), RangeError, "Cannot create memslot");
  assertThrows(() => memslot(0.5, 1, 1), RangeError, "id");
  assertThrows(() => memslot("1" as unknown as number, 1, 1), TypeError, "found string");
  assertEquals(memslot(1, GFN_LIMIT - 1, 1).baseGfn, GFN_LIMIT - 1);
});

Deno.test("checkMemslots: what is no slot is a TypeError", () => {
  assertThrows(() => checkMemslots([null as unknown as Memslot]), TypeError, "found null");
  assertThrows(() => checkMemslots([{ id: 1 } as Memslot]), TypeError, "baseGfn must be a number");
});

Deno.test("memslotsInGfnRange: start >= end is a RangeError at the call", () => {
  const index = CONTENDERS[0].create([memslot(1, 0, 10)]);
  assertThrows(() => memslotsInGfnRange(index, 5, 5), RangeError, "found [0x5, 0x5)");
  assertThrows(() => memslotsInGfnRange(index, 6, 5), RangeError, "start must be below its end");
  assertThrows(() => memslotsInGfnRange(index, NaN, 5), RangeError, "found [NaN, 0x5)");
});

for (const { name, create } of CONTENDERS) {
  Deno.test(`${name}: bad slots are refused when it is created`, () => {
    for (const [, slots] of BAD_LISTS) assertThrows(() => create(slots), RangeError);
  });

  Deno.test(`${name}: a change that cannot be made throws and leaves the index intact`, () => {
    const slots = [memslot(1, 10, 10), memslot(2, 30, 10), memslot(3, 2 ** 40, 5)];
    const index = create(slots);
    const expectIntact = () => {
      index.checkInvariants();
      assertEquals(index.size, 3);
      assertEquals([...memslotsInGfnRange(index, 0, GFN_LIMIT)], slots);
      for (const slot of slots) assertStrictEquals(index.find(slot.baseGfn), slot);
    };
    const refuse = (act: () => void, words: string) => {
      assertThrows(act, RangeError, words);
      expectIntact();
    };
    refuse(() => index.erase(memslot(9, 20, 10)), "Cannot erase slot 9 [0x14, 0x1e)");
    refuse(() => index.erase(memslot(1, 11, 9)), "no slot begins at 0xb");
    refuse(() => index.erase(memslot(1, 2 ** 41, 9)), "Cannot erase");
    refuse(() => index.insert(memslot(9, 10, 10)), "it meets slot 1 [0xa, 0x14)");
    refuse(() => index.insert(memslot(9, 19, 5)), "it meets slot 1");
    refuse(() => index.insert(memslot(9, 25, 6)), "it meets slot 2");
    refuse(() => index.insert(memslot(9, 5, 100)), "it meets slot");
    refuse(() => index.insert(memslot(9, 2 ** 40 + 4, 1)), "it meets slot 3");
    refuse(() => index.insert(bad(9, 21, 0)), "npages");
    refuse(() => index.insert(bad(9, 21.5, 1)), "baseGfn");
    assertThrows(() => create([]).erase(slots[0]), RangeError, "Cannot erase");
  });

  Deno.test(`${name}: erase finds the slot by its base alone`, () => {
    const index = create([memslot(1, 10, 10), memslot(2, 20, 10)]);
    index.erase(memslot(77, 20, 1));
    assertEquals([...memslotsInGfnRange(index, 0, GFN_LIMIT)].map((slot) => slot.id), [1]);
  });
}
