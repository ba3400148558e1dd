import { MapleTree } from "../../impls/maple_tree.ts";
import { memslot } from "../../impls/memslot.ts";
import { random } from "../../bench/workloads/random.ts";
import { assertRight } from "../support/right.ts";
import { assertEquals, assertThrows } from "@std/assert";

for (const fanout of [8, 16]) {
  Deno.test(`MapleTree of fanout ${fanout} is right`, () => {
    assertRight((slots) => new MapleTree(slots, { fanout }));
  });

  Deno.test(`MapleTree of fanout ${fanout} is built with its invariants at every size`, () => {
    for (let size = 0; size < 200; size++) {
      for (const npages of [1, 2, 3]) { // 3: no gaps
        const slots = Array.from({ length: size }, (_, i) => memslot(i, i * 3, npages));
        new MapleTree(slots, { fanout }).checkInvariants();
      }
    }
  });

  Deno.test(`MapleTree of fanout ${fanout} makes and takes gaps between leaves without any`, () => {
    // Full leaves without gaps: a slot erased at the end of one becomes a gap of the next, which is
    // full. Every slot of many sizes in turn, as where leaves end is the tree's own affair.
    for (let size = 1; size < 120; size++) {
      const slots = Array.from({ length: size }, (_, i) => memslot(i, i, 1));
      const tree = new MapleTree([], { fanout });
      for (const slot of slots.toReversed()) tree.insert(slot);
      for (const slot of slots) {
        tree.erase(slot);
        tree.checkInvariants();
        tree.insert(slot);
        tree.checkInvariants();
      }
    }
  });

  Deno.test(`MapleTree of fanout ${fanout} keeps its invariants as it is emptied from an end`, () => {
    const slots = Array.from({ length: 3000 }, (_, i) => memslot(i, i * 3, 1 + i % 3));
    const shuffled = random(7, "maple_tree").shuffle(slots.slice());
    for (const order of [slots, slots.toReversed()]) {
      const tree = new MapleTree([], { fanout });
      for (const slot of shuffled) tree.insert(slot);
      order.forEach((slot, i) => {
        tree.erase(slot);
        if (i % 16 === 0) tree.checkInvariants();
      });
      tree.checkInvariants();
      assertEquals(tree.size, 0);
    }
  });
}

Deno.test("MapleTree refuses a fanout that is none of its nodes'", () => {
  for (const fanout of [0, 4, 10, 32, NaN]) {
    assertThrows(() => new MapleTree([], { fanout }), RangeError, "fanout must be 8 or 16");
  }
});
