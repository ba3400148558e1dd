import { memslot } from "../../impls/memslot.ts";
import { RadixTable } from "../../impls/radix_table.ts";
import { assertStrictEquals } from "@std/assert";

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
