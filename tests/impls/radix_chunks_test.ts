import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { LinearScan } from "../../impls/linear_scan.ts";
import { chooseSets, setOf } from "../../impls/radix_chunks/hints.ts";
import { endGfn, type Gfn, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { type MemslotIndex, memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { RadixChunks } from "../../impls/radix_chunks.ts";
import { SortedArray } from "../../impls/sorted_array.ts";
import { layOut, layoutNamed } from "../../bench/workloads/layouts.ts";
import { PLACES } from "../../bench/gate/ground.ts";
import { type Random, random } from "../../bench/workloads/random.ts";
import { assertRight } from "../support/right.ts";

const SEED = Number(Deno.env.get("SEED") ?? 20211104);

/** Low limits make every change of form, split, gift and merge happen within a few slots. */
const SHAPES = [
  { flat: 0, chunk: 4, pool: 5000 },
  { flat: 3, chunk: 5, pool: 12 },
  { flat: 0, chunk: 4, pool: 3 },
  { flat: 0, chunk: 8, pool: 5000 },
  {},
];

for (const shape of SHAPES) {
  Deno.test(`RadixChunks with ${JSON.stringify(shape)} is right`, () => {
    assertRight((slots) => new RadixChunks(slots, shape), 200);
  });
}

Deno.test("RadixChunks built from slots holds what RadixChunks grown slot by slot holds", () => {
  for (const count of [0, 1, 2, 25, 26, 29, 30, 31, 32, 33, 500, 3000]) {
    const slots = Array.from({ length: count }, (_, i) => memslot(i, 3 * i, 1 + i % 3));
    const built = new RadixChunks(slots), ascending = new RadixChunks();
    const descending = new RadixChunks();
    for (const slot of slots) ascending.insert(slot);
    for (const slot of slots.toReversed()) descending.insert(slot);
    for (const index of [built, ascending, descending]) {
      index.checkInvariants();
      assertEquals([...memslotsInGfnRange(index, 0, GFN_LIMIT)], slots);
    }
  }
});

Deno.test("RadixChunks is right where one pool becomes several, and one again", () => {
  const slots = Array.from({ length: 80_000 }, (_, i) => memslot(i, 3 * i, 2));
  const index = new RadixChunks();
  const check = (from: number, to: number) => {
    index.checkInvariants();
    assertEquals(index.size, to - from);
    for (const i of [from, (from + to) >> 1, to - 1]) {
      assertStrictEquals(index.find(slots[i].baseGfn + 1), slots[i]);
      assertEquals(index.find(slots[i].baseGfn + 2), null);
    }
    let at = from;
    for (const slot of memslotsInGfnRange(index, 0, GFN_LIMIT)) {
      assertStrictEquals(slot, slots[at++]);
    }
    assertEquals(at, to);
  };
  slots.forEach((slot, i) => {
    index.insert(slot);
    if ([36_863, 36_864, 36_865, 79_999].includes(i)) check(0, i + 1);
  });
  slots.slice(0, 79_000).forEach((slot, i) => {
    index.erase(slot);
    if ([40_000, 61_567, 61_568, 78_999].includes(i)) check(i + 1, 80_000);
  });
});

Deno.test("RadixChunks keeps within 48 bytes a slot from 509 slots up, on the way up and down", () => {
  const draws = random(SEED, "radix_chunks");
  for (const draw of PLACES.values()) {
    const slots = distinct(() => Math.floor(draw(draws) / 2), 3000, draws);
    const index = new RadixChunks();
    const check = () => {
      if (index.size >= 509) assert(index.bytes <= 48 * index.size, `${index.bytes / index.size}`);
    };
    for (const slot of slots) {
      index.insert(slot);
      check();
    }
    for (const slot of draws.shuffle(slots.slice())) {
      index.erase(slot);
      check();
    }
    assert(index.bytes < 4096);
  }
});

Deno.test("RadixChunks is not packed anew for each slot that goes and comes again", () => {
  for (let count = 1; count < 700; count++) {
    const slots = Array.from({ length: count }, (_, i) => memslot(i, 3 * i, 1 + i % 3));
    const index = new RadixChunks(slots);
    const made = arraysMadeBy(() => {
      for (let i = 0; i < 20; i++) {
        const slot = slots[(i * 31) % count];
        index.erase(slot);
        index.insert(slot);
      }
    });
    // A new pool is at least four arrays.
    assert(made <= 8, `${made} arrays for 20 slots, ${count} in all`);
  }
});

Deno.test("RadixChunks grows to 509 slots and shrinks to none with few new pools", () => {
  const draws = random(SEED, "growth");
  const ascending = Array.from({ length: 509 }, (_, i) => memslot(i, 3 * i, 1 + i % 3));
  for (const slots of [ascending, ascending.toReversed(), draws.shuffle(ascending.slice())]) {
    const index = new RadixChunks();
    const grown = arraysMadeBy(() => slots.forEach((slot) => index.insert(slot)));
    const shrunk = arraysMadeBy(() => slots.forEach((slot) => index.erase(slot)));
    // At most six arrays a pool, those for its hints included, and two for the form of few slots.
    assert(grown <= 30 && shrunk <= 30, `${grown} and ${shrunk} arrays, seed ${SEED}`);
  }
});

Deno.test("RadixChunks finds its way after all but ten of many one-page slots are erased", () => {
  const slots = Array.from({ length: 20_000 }, (_, i) => memslot(i, 2 * i, 1));
  const index = new RadixChunks(slots);
  const kept = slots.filter((slot) => slot.id % 2000 === 7);
  for (const slot of slots) if (!kept.includes(slot)) index.erase(slot);
  index.checkInvariants();
  assertEquals([...memslotsInGfnRange(index, 0, GFN_LIMIT)], kept);
  for (const slot of kept) assertStrictEquals(index.find(slot.baseGfn), slot);
});

Deno.test("RadixChunks lets a slot grow over the bound that an erased neighbour left", () => {
  const slots = Array.from({ length: 60 }, (_, i) => memslot(i, 10 * i, 10));
  const index = new RadixChunks(slots, { flat: 0, chunk: 4 }), oracle = new LinearScan(slots);
  for (let at = 0; at + 1 < slots.length; at += 2) {
    // Two neighbours make way for one slot as long as both, whichever side of a bound they lay.
    const wide = memslot(100 + at, 10 * at, 20);
    for (const each of [index, oracle]) {
      each.erase(slots[at]);
      each.erase(slots[at + 1]);
      each.insert(wide);
    }
    index.checkInvariants();
    assertSameAnswers(index, oracle, [10 * at, 10 * at + 9, 10 * at + 10, 10 * at + 19]);
  }
});

Deno.test("RadixChunks asks its hints for all but a few slots, however they are laid out", () => {
  for (const layout of ["scattered", "outlier", "clustered", "doubling", "nested"]) {
    const options = { originGfn: 0, random: random(SEED, layout) };
    const slots = layOut(layoutNamed(layout), 3000, options);
    // As one long chunk, so that an entry is the slot's number, and one more.
    const bounds = Float64Array.of(0, 0, ...slots.flatMap((slot) => [slot.baseGfn, endGfn(slot)]));
    const first = Uint16Array.of(1), last = Uint16Array.of(1 + slots.length);
    const { count, shift, setsPerGfn } = chooseSets({ bounds, first, last });
    const setFor = (gfn: Gfn) => setOf(gfn, shift, setsPerGfn) & (count - 1);
    const leader = new Map<number, number>();
    slots.forEach(({ baseGfn }, i) => {
      if (!leader.has(setFor(baseGfn))) leader.set(setFor(baseGfn), i);
    });
    const led = slots.filter(({ baseGfn }, i) => i - leader.get(setFor(baseGfn))! <= 2);
    assert(led.length > 0.6 * slots.length, `${layout}, seed ${SEED}: ${led.length}`);
  }
});

Deno.test("RadixChunks.find is right whatever a set's hint was before", () => {
  // One set, as every slot is as far from the next as all sets together: each find leaves a hint
  // that is wrong for the next, through splits, merges and chunks that are used again.
  const { int } = random(SEED, "hints"), held = new Map<number, Memslot>();
  const index = new RadixChunks([], { flat: 0, chunk: 4 });
  for (let change = 0; change < 4000; change++) {
    const at = int(0, 199), slot = held.get(at);
    if (slot === undefined) {
      held.set(at, memslot(change, at * 2 ** 40, int(1, 2 ** 40)));
      index.insert(held.get(at)!);
    } else {
      index.erase(slot);
      held.delete(at);
    }
    for (let ask = 0; ask < 8; ask++) {
      const near = int(0, 199), gfn = near * 2 ** 40 + int(0, 2 ** 40 - 1);
      const there = held.get(near);
      const wanted = there !== undefined && gfn < endGfn(there) ? there : null;
      assertStrictEquals(index.find(gfn), wanted, `seed ${SEED}, change ${change}`);
    }
  }
  index.checkInvariants();
});

Deno.test("RadixChunks keeps its invariants with more chunks than a block of the directory has", () => {
  const draws = random(SEED, "blocks"), held: Memslot[] = [];
  const index = new RadixChunks([], { chunk: 4 }), oracle = new SortedArray();
  for (let change = 0; change < 6000; change++) {
    const grows = draws.unit() < (change < 3000 ? 0.8 : 0.3) || held.length === 0;
    const slot = grows ? memslot(change, draws.int(0, 2 ** 20) * 4, draws.int(1, 4)) : held.pop()!;
    if (grows && oracle.find(slot.baseGfn) !== null) continue;
    for (const each of [index, oracle]) grows ? each.insert(slot) : each.erase(slot);
    if (grows) held.splice(draws.int(0, held.length), 0, slot);
    if (change % 50 === 0) index.checkInvariants();
    assertSameAnswers(index, oracle, [slot.baseGfn, draws.int(0, 2 ** 22)]);
  }
});

function assertSameAnswers(index: MemslotIndex, oracle: MemslotIndex, gfns: readonly Gfn[]): void {
  const iter = index.iter(), wanted = oracle.iter();
  for (const gfn of gfns) {
    assertStrictEquals(index.find(gfn), oracle.find(gfn));
    const end = gfn + 2 ** (gfn % 50);
    iter.start(gfn);
    for (wanted.start(gfn); wanted.isValid(end); wanted.next(), iter.next()) {
      assert(iter.isValid(end), `seed ${SEED}`);
      assertStrictEquals(iter.slot, wanted.slot);
    }
    assertStrictEquals(iter.isValid(end), false);
    assertStrictEquals(iter.slot, wanted.slot);
  }
}

function distinct(draw: () => Gfn, count: number, { shuffle }: Random): Memslot[] {
  const bases = new Set<Gfn>();
  for (let tries = 0; bases.size < count && tries < 3 * count; tries++) bases.add(draw());
  return shuffle([...bases].map((baseGfn, id) => memslot(id, baseGfn, 1)));
}

/** How many Float64Arrays are made while `run` runs. */
function arraysMadeBy(run: () => void): number {
  const makeArray = globalThis.Float64Array;
  let made = 0;
  class CountedArray extends makeArray {
    constructor(...args: ConstructorParameters<typeof Float64Array>) {
      super(...args);
      made++;
    }
  }
  try {
    globalThis.Float64Array = CountedArray as unknown as typeof makeArray;
    run();
  } finally {
    globalThis.Float64Array = makeArray;
  }
  return made;
}
