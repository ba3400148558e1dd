import { memslot } from "../../impls/memslot.ts";
import { RadixTable } from "../../impls/radix_table.ts";
import { checkAgainstScan } from "../support/changes.ts";
import { assertStrictEquals } from "@std/assert";

Deno.test("RadixTable keeps its invariants under random changes", () => {
  checkAgainstScan((slots) => new RadixTable(slots));
});

Deno.test("RadixTable answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new RadixTable(slots), { originGfn: 2 ** 40, outliers: 0.1 });
  checkAgainstScan((slots) => new RadixTable(slots), { slots: 900, spanGfn: 1e6, checkEvery: 97 });
});

Deno.test("RadixTable finds where one slot at 2^51 leaves all others in one bucket", () => {
  const slots = Array.from({ length: 5000 }, (_, i) => memslot(i, i * 4 + 1, 2));
  const far = memslot(5000, 2 ** 51, 1);
  const index = new RadixTable([...slots, far]);
  index.checkInvariants();
  for (let gfn = 0; gfn < 20_000; gfn++) {
    const isIn = gfn % 4 === 1 || gfn % 4 === 2;
    assertStrictEquals(index.find(gfn), isIn ? slots[Math.floor(gfn / 4)] : null);
  }
  assertStrictEquals(index.find(2 ** 51), far);
  assertStrictEquals(index.find(2 ** 51 + 1), null);
});
