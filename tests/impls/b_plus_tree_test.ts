import { BPlusTree } from "../../impls/b_plus_tree.ts";
import { memslot } from "../../impls/memslot.ts";
import { assertRight } from "../support/right.ts";
import { assertThrows } from "@std/assert";

for (const fanout of [4, 8, 16, 32]) {
  Deno.test(`BPlusTree of fanout ${fanout} is right`, () => {
    assertRight((slots) => new BPlusTree(slots, { fanout }));
  });

  Deno.test(`BPlusTree of fanout ${fanout} is built with its invariants at every size`, () => {
    for (let size = 0; size < 200; size++) {
      const slots = Array.from({ length: size }, (_, i) => memslot(i, i * 3, 2));
      new BPlusTree(slots, { fanout }).checkInvariants();
    }
  });
}

Deno.test("BPlusTree refuses a fanout that it has no search for", () => {
  for (const fanout of [0, 2, 5, 64, NaN]) {
    assertThrows(() => new BPlusTree([], { fanout }), RangeError, "fanout must be 4, 8, 16 or 32");
  }
});
