import { memslot } from "../../impls/memslot.ts";
import { RbTree } from "../../impls/rb_tree.ts";
import { checkAgainstScan } from "../support/changes.ts";

Deno.test("RbTree keeps its invariants under random changes", () => {
  checkAgainstScan((slots) => new RbTree(slots));
});

Deno.test("RbTree answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new RbTree(slots), { originGfn: 2 ** 40, outliers: 0.1 });
  checkAgainstScan((slots) => new RbTree(slots), { slots: 900, spanGfn: 1e6, checkEvery: 97 });
});

Deno.test("RbTree is built with its invariants at every size", () => {
  for (let size = 0; size < 130; size++) {
    new RbTree(Array.from({ length: size }, (_, i) => memslot(i, i * 3, 2))).checkInvariants();
  }
});
