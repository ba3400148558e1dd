import { LastUsedSlot } from "../impls/last_used_slot.ts";
import { memslot } from "../impls/memslot.ts";
import { checkAgainstScan } from "./changes.ts";
import { assertStrictEquals } from "@std/assert";

Deno.test("LastUsedSlot agrees with the scan under random changes", () => {
  checkAgainstScan((slots) => new LastUsedSlot(slots));
  checkAgainstScan((slots) => new LastUsedSlot(slots), { slots: 4, spanGfn: 20 });
});

Deno.test("LastUsedSlot forgets a slot that is erased, and finds the one in its place", () => {
  const before = memslot(0, 8, 8), after = memslot(0, 10, 2);
  const index = new LastUsedSlot([before]);
  assertStrictEquals(index.find(10), before);
  index.erase(before);
  assertStrictEquals(index.find(10), null);
  index.insert(after);
  assertStrictEquals(index.find(8), null);
  assertStrictEquals(index.find(10), after);
});
