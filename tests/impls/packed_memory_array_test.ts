import { memslot } from "../../impls/memslot.ts";
import { PackedMemoryArray } from "../../impls/packed_memory_array.ts";
import { assertRight } from "../support/right.ts";
import { assert } from "@std/assert";

for (const segmentLimit of [4, 5, 8, 16, 31]) {
  const create = (slots: readonly ReturnType<typeof memslot>[]) =>
    new PackedMemoryArray(slots, { segmentLimit });

  Deno.test(`PackedMemoryArray of ${segmentLimit} slots a segment is right`, () => {
    assertRight(create);
  });

  Deno.test(`PackedMemoryArray of ${segmentLimit} slots a segment takes all slots in one place`, () => {
    // The worst for a packed-memory array: below all others, behind all others, into one hole.
    const places = [(i: number) => 9000 - i * 3, (i: number) => i * 3, (i: number) => 5e5 - i * 3];
    for (const place of places) {
      const index = create([memslot(3000, 1e6, 1), memslot(3001, 1e6 + 1, 1)]);
      for (let i = 0; i < 3000; i++) {
        index.insert(memslot(i, place(i), 2));
        if (i % 61 === 0) index.checkInvariants();
      }
      for (let i = 0; i < 3000; i++) {
        index.erase(memslot(i, place(i), 2));
        if (i % 61 === 0 || i > 2950) index.checkInvariants();
      }
    }
  });
}

Deno.test("PackedMemoryArray finds among more blocks of segments than 64, and past them", () => {
  const slots = Array.from({ length: 20_000 }, (_, i) => memslot(i, i * 3 + 1, 2));
  const index = new PackedMemoryArray(slots, { segmentLimit: 4 });
  index.checkInvariants();
  for (let gfn = 0; gfn < 60_010; gfn++) {
    const expected = gfn % 3 === 0 || gfn > 60_000 ? null : slots[Math.floor(gfn / 3)];
    if (index.find(gfn) !== expected) throw new Error(`find(${gfn}) is wrong`);
  }
  const iter = index.iter();
  iter.start(60_000);
  assert(!iter.isValid(Infinity));
});

Deno.test("PackedMemoryArray holds at most 48 bytes a slot, at any size and after any change", () => {
  let index = new PackedMemoryArray();
  for (let i = 0; i < 6000; i++) {
    index.insert(memslot(i, (i * 2_654_435_761 % 2 ** 32) * 2, 1));
    if (i > 500) assert(index.bytes <= 48 * index.size, `${index.bytes} for ${index.size}`);
  }
  for (let i = 0; i < 5500; i++) {
    index.erase(memslot(i, (i * 2_654_435_761 % 2 ** 32) * 2, 1));
    assert(index.bytes <= 48 * index.size, `${index.bytes} for ${index.size}`);
  }
  for (let size = 500; size < 1500; size++) {
    index = new PackedMemoryArray(Array.from({ length: size }, (_, i) => memslot(i, i * 3, 2)));
    assert(index.bytes <= 48 * size, `${index.bytes} for ${size}`);
  }
});
