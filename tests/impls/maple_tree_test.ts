import { MapleTree } from "../../impls/maple_tree.ts";
import { memslot } from "../../impls/memslot.ts";
import { checkAgainstScan, mulberry32 } from "../support/changes.ts";
import { assertEquals, assertThrows } from "@std/assert";

for (const fanout of [8, 16]) {
  Deno.test(`MapleTree of fanout ${fanout} keeps its invariants under random changes`, () => {
    checkAgainstScan((slots) => new MapleTree(slots, { fanout }));
    checkAgainstScan((slots) => new MapleTree(slots, { fanout }), {
      originGfn: 2 ** 40,
      outliers: 0.1,
    });
    checkAgainstScan((slots) => new MapleTree(slots, { fanout }), {
      slots: 900,
      spanGfn: 1e6,
      checkEvery: 97,
    });
  });

  Deno.test(`MapleTree of fanout ${fanout} keeps its invariants where slots leave few gaps`, () => {
    checkAgainstScan((slots) => new MapleTree(slots, { fanout }), { slots: 400, spanGfn: 400 });
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
    const random = mulberry32(7);
    const shuffled = slots.map((slot) => ({ slot, key: random() })).sort((a, b) => a.key - b.key);
    for (const order of [slots, slots.toReversed()]) {
      const tree = new MapleTree([], { fanout });
      for (const { slot } of shuffled) tree.insert(slot);
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
