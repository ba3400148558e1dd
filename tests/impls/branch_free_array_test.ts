import { BranchFreeArray } from "../../impls/branch_free_array.ts";
import { memslot } from "../../impls/memslot.ts";

Deno.test("BranchFreeArray finds among more slots than it has steps written out", () => {
  const slots = Array.from({ length: 70_000 }, (_, i) => memslot(i, i * 3 + 1, 2));
  const index = new BranchFreeArray(slots);
  index.checkInvariants();
  for (let gfn = 0; gfn < 210_003; gfn++) {
    const expected = gfn % 3 === 0 || gfn > 210_000 ? null : slots[Math.floor(gfn / 3)];
    if (index.find(gfn) !== expected) throw new Error(`find(${gfn}) is wrong`);
  }
});
