import { CONTENDERS } from "../../bench/race/contenders.ts";
import { GFN_LIMIT, memslot } from "../../impls/memslot.ts";
import { assert, assertStrictEquals } from "@std/assert";

// The first slot begins at 0, so a cursor that stands on entry 0 from birth is caught.
const slots = Array.from({ length: 40 }, (_, i) => memslot(i, i * 8, 5));

for (const { name, create } of CONTENDERS) {
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
