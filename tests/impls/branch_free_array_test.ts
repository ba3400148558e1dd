import { BranchFreeArray } from "../../impls/branch_free_array.ts";
import { memslot } from "../../impls/memslot.ts";
import { checkAgainstScan } from "../support/changes.ts";

Deno.test("BranchFreeArray keeps its invariants under random changes", () => {
  checkAgainstScan((slots) => new BranchFreeArray(slots));
});

Deno.test("BranchFreeArray answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new BranchFreeArray(slots), { originGfn: 2 ** 40, outliers: 0.1 });
  checkAgainstScan((slots) => new BranchFreeArray(slots), {
    slots: 900,
    spanGfn: 1e6,
    checkEvery: 97,
  });
});

Deno.test("BranchFreeArray finds among more slots than it has steps written out", () => {
  const slots = Array.from({ length: 70_000 }, (_, i) => memslot(i, i * 3 + 1, 2));
  const index = new BranchFreeArray(slots);
  index.checkInvariants();
  for (let gfn = 0; gfn < 210_003; gfn++) {
    const expected = gfn % 3 === 0 || gfn > 210_000 ? null : slots[Math.floor(gfn / 3)];
    if (index.find(gfn) !== expected) throw new Error(`find(${gfn}) is wrong`);
  }
});
