import { layOut, layoutNamed } from "../../bench/workloads/layouts.ts";
import { random } from "../../bench/workloads/random.ts";
import { LearnedIndex } from "../../impls/learned_index.ts";
import { type Memslot, memslot } from "../../impls/memslot.ts";
import { assert, assertStrictEquals } from "@std/assert";

Deno.test("LearnedIndex answers on every layout, with lines of as few slots as they need", () => {
  for (
    const name of ["scattered", "dimms", "contiguous", "outlier", "clustered", "doubling", "nested"]
  ) {
    for (const nslots of [10, 509, 32764]) {
      for (const originGfn of [0, 2 ** 40]) {
        const slots = layOut(layoutNamed(name), nslots, { originGfn, random: random(1, name) });
        const index = new LearnedIndex(slots);
        index.checkInvariants();
        assert(index.lines <= 3 + nslots / 12, `${index.lines} lines, ${name} of ${nslots}`);
      }
    }
  }
});

Deno.test("LearnedIndex draws one line through equal slots, wherever they lie and begin", () => {
  for (const [base, npages] of [[0, 1], [2 ** 51, 1], [5, 2 ** 37], [2 ** 20, 3]]) {
    const slots = Array.from({ length: 5000 }, (_, i) => memslot(i, base + i * npages, npages));
    const index = new LearnedIndex(slots);
    assertStrictEquals(index.lines, 1);
    for (const slot of slots) {
      assertStrictEquals(index.find(slot.baseGfn), slot);
      assertStrictEquals(index.find(slot.baseGfn + npages - 1), slot);
    }
  }
});

Deno.test("LearnedIndex finds where all its lines begin in one bucket", () => {
  // Growing gaps at 2^51 with one slot at 0: the fractions that differ are beyond the table.
  const slots: Memslot[] = [memslot(0, 0, 1)];
  for (let i = 1; i < 4000; i++) slots.push(memslot(i, 2 ** 51 + i ** 3, 2));
  const index = new LearnedIndex(slots);
  assert(index.lines > 10);
  index.checkInvariants();
  for (let i = 1; i < 4000; i++) {
    assertStrictEquals(index.find(2 ** 51 + i ** 3 + 1), slots[i]);
    if (i > 1) assertStrictEquals(index.find(2 ** 51 + i ** 3 + 2), null);
  }
});
