import { memslot } from "../../impls/memslot.ts";
import { RbTree } from "../../impls/rb_tree.ts";

Deno.test("RbTree is built with its invariants at every size", () => {
  for (let size = 0; size < 130; size++) {
    new RbTree(Array.from({ length: size }, (_, i) => memslot(i, i * 3, 2))).checkInvariants();
  }
});
