import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ChunkDirectory } from "../../impls/radix_chunks/chunk_directory.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import { fitHints } from "../../impls/radix_chunks/chunk_hints.ts";
import { endGfn, type Gfn, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { type MemslotIndex, memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { RadixChunks } from "../../impls/radix_chunks.ts";
import { SortedArray } from "../../impls/sorted_array.ts";
import { layOut, layoutNamed } from "../../bench/workloads/layouts.ts";
import { random as workloadRandom } from "../../bench/workloads/random.ts";

const SEED = Number(Deno.env.get("SEED") ?? 20211104);

/** The smallest chunks and nodes make every split, spill and merge happen within a few slots. */
const SHAPES = [
  { chunkLimit: 2, nodeLimit: 2 },
  { chunkLimit: 3, nodeLimit: 5 },
  { chunkLimit: 8, nodeLimit: 3 },
  {},
];

/** Where bases are drawn from: each a way to get many slots where tables are few. */
const LAYOUTS: Record<string, (random: () => number) => Gfn> = {
  "scattered": (random) => below(random, 2 ** 16),
  "beyond 32 bits": (random) => 2 ** 40 + below(random, 2 ** 34),
  "one far off": (random) => random() < 0.02 ? 2 ** 51 : 2 ** 20 + below(random, 2 ** 12),
  "log-uniform": (random) => Math.floor(2 ** (51 * random())),
  "doubling": (random) => 2 ** below(random, 51) + below(random, 8),
  "two clusters": (random) => (random() < 0.5 ? 0 : 2 ** 50) + below(random, 2 ** 10),
  "nested clusters": (random) => {
    let gfn = 0;
    for (let bit = 2; bit < 50; bit += 4) if (random() < 0.5) gfn += 2 ** bit;
    return gfn + below(random, 4);
  },
  "at the very top": (random) => GFN_LIMIT - 1 - below(random, 2 ** 11),
};

for (const [layout, draw] of Object.entries(LAYOUTS)) {
  Deno.test(`RadixChunks agrees with LinearScan after each change: ${layout}`, () => {
    const random = seeded(SEED);
    for (const shape of SHAPES) {
      const index = new RadixChunks([], shape), oracle = new LinearScan();
      const held: Memslot[] = [];
      for (let change = 0; change < 600; change++) {
        // Waves: up to some 150 slots, and down to none.
        const grow = random() < (Math.floor(change / 150) % 2 === 0 ? 0.95 : 0.15);
        if (grow || held.length === 0) {
          const baseGfn = draw(random), longest = random() < 0.05 ? 2 ** 30 : 6;
          const npages = Math.min(1 + below(random, longest), GFN_LIMIT - baseGfn);
          const slot = memslot(change, baseGfn, npages);
          if (sameOutcome(index, oracle, (each) => each.insert(slot))) held.push(slot);
        } else {
          const at = below(random, held.length), slot = held[at];
          held[at] = held[held.length - 1];
          held.pop();
          sameOutcome(index, oracle, (each) => each.erase(slot));
        }
        index.checkInvariants();
        assertEquals(index.size, held.length);
        assertSameAnswers(index, oracle, [draw(random), ...edges(held, random)]);
      }
    }
  });
}

Deno.test("RadixChunks agrees with SortedArray over 20,000 changes at full size", () => {
  const random = seeded(SEED);
  for (const draw of Object.values(LAYOUTS)) {
    const index = new RadixChunks(), oracle = new SortedArray();
    const held: Memslot[] = [];
    for (let change = 0; change < 2500; change++) {
      if (held.length === 0 || random() < 0.7) {
        const slot = memslot(change, Math.floor(draw(random) / 2), 1 + below(random, 3));
        if (sameOutcome(index, oracle, (each) => each.insert(slot))) held.push(slot);
      } else {
        const at = below(random, held.length), slot = held[at];
        held[at] = held[held.length - 1];
        held.pop();
        sameOutcome(index, oracle, (each) => each.erase(slot));
      }
      if (change % 100 === 0) index.checkInvariants();
      assertSameAnswers(index, oracle, [Math.floor(draw(random) / 2), ...edges(held, random)]);
    }
    for (const slot of held) index.erase(slot);
    index.checkInvariants();
    assertEquals(index.size, 0);
  }
});

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

Deno.test("RadixChunks keeps within 48 bytes a slot from 509 slots up, on the way up and down", () => {
  const random = seeded(SEED);
  for (const draw of Object.values(LAYOUTS)) {
    const slots = distinct(() => Math.floor(draw(random) / 2), 3000, random);
    const index = new RadixChunks();
    const check = () => {
      if (index.size >= 509) assert(index.bytes <= 48 * index.size, `${index.bytes / index.size}`);
    };
    for (const slot of slots) {
      index.insert(slot);
      check();
    }
    for (const slot of shuffled(slots, random)) {
      index.erase(slot);
      check();
    }
    assert(index.bytes < 4096);
  }
});

Deno.test("RadixChunks is not packed anew for each slot that goes and comes again", () => {
  const makeArray = globalThis.Float64Array;
  let made = 0;
  class CountedArray extends makeArray {
    constructor(...args: ConstructorParameters<typeof Float64Array>) {
      super(...args);
      made++;
    }
  }
  try {
    for (let count = 1; count < 700; count++) {
      const slots = Array.from({ length: count }, (_, i) => memslot(i, 3 * i, 1 + i % 3));
      const index = new RadixChunks(slots);
      globalThis.Float64Array = CountedArray as unknown as typeof makeArray;
      made = 0;
      for (let i = 0; i < 20; i++) {
        const slot = slots[(i * 31) % count];
        index.erase(slot);
        index.insert(slot);
      }
      globalThis.Float64Array = makeArray;
      // A new pool is at least five arrays.
      assert(made <= 10, `${made} arrays for 20 slots, ${count} in all`);
    }
  } finally {
    globalThis.Float64Array = makeArray;
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
  const index = new RadixChunks(slots, { chunkLimit: 3 }), oracle = new LinearScan(slots);
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

Deno.test("RadixChunks is as before a change that throws", () => {
  const slots = Array.from({ length: 100 }, (_, i) => memslot(i, 10 * i, 5));
  const index = new RadixChunks(slots, { chunkLimit: 4 });
  for (let gfn = 0; gfn < 995; gfn++) {
    assertThrows(() => index.insert(memslot(1000, gfn, 10)), RangeError, "must not overlap");
    if (gfn % 10 !== 0) assertThrows(() => index.erase(memslot(0, gfn, 1)), RangeError);
  }
  index.checkInvariants();
  assertEquals([...memslotsInGfnRange(index, 0, GFN_LIMIT)], slots);
});

Deno.test("RadixChunks iter is not valid before its first start, and may start again", () => {
  const slots = Array.from({ length: 70 }, (_, i) => memslot(i, 4 * i, 2));
  const iter = new RadixChunks(slots).iter();
  assertStrictEquals(iter.isValid(GFN_LIMIT), false);
  assertStrictEquals(iter.slot, null);
  for (const from of [69, 0, 35, 24, 25]) {
    iter.start(4 * from + 1);
    for (const slot of slots.slice(from)) {
      assert(iter.isValid(GFN_LIMIT));
      assertStrictEquals(iter.slot, slot);
      iter.next();
    }
    assertStrictEquals(iter.isValid(GFN_LIMIT), false);
    assertStrictEquals(iter.slot, null);
  }
});

Deno.test("RadixChunks asks its hints for all but a few slots, however they are laid out", () => {
  for (const layout of ["scattered", "outlier", "clustered", "doubling", "nested"]) {
    const options = { originGfn: 0, random: workloadRandom(SEED, layout) };
    const slots = layOut(layoutNamed(layout), 3000, options);
    // As one long chunk, so that an entry is the slot's number, and one more.
    const chunks = {
      bases: Float64Array.of(0, ...slots.map((slot) => slot.baseGfn)),
      ends: Float64Array.of(0, ...slots.map(endGfn)),
      first: Int32Array.of(1),
      last: Int32Array.of(1 + slots.length),
      next: Int32Array.of(-1),
      head: 0,
      size: slots.length,
    };
    const most = layout === "outlier" ? slots.length - 2 : slots.length - 1;
    const zone = { startGfn: slots[0].baseGfn, endGfn: endGfn(slots[most]) };
    const { hints, setsPerGfn } = fitHints(chunks, zone);
    const led = slots.filter(({ baseGfn }, i) => {
      const hint = hints[(baseGfn * setsPerGfn) & (hints.length - 1)];
      return hint <= i + 1 && i + 1 <= hint + 2;
    });
    assert(led.length > 0.6 * slots.length, `${layout}, seed ${SEED}: ${led.length}`);
  }
});

Deno.test("RadixChunks.find is right whatever a set's hint was before", () => {
  // One set, as every slot is as far from the next as all sets together: each find leaves a hint
  // that is wrong for the next, through splits, merges and chunks that are used again.
  const random = seeded(SEED), held = new Map<number, Memslot>();
  const index = new RadixChunks([], { chunkLimit: 4 });
  for (let change = 0; change < 4000; change++) {
    const at = below(random, 200), slot = held.get(at);
    if (slot === undefined) {
      held.set(at, memslot(change, at * 2 ** 40, 1 + below(random, 2 ** 40)));
      index.insert(held.get(at)!);
    } else {
      index.erase(slot);
      held.delete(at);
    }
    for (let ask = 0; ask < 8; ask++) {
      const near = below(random, 200), gfn = near * 2 ** 40 + below(random, 2 ** 40);
      const there = held.get(near);
      const wanted = there !== undefined && gfn < endGfn(there) ? there : null;
      assertStrictEquals(index.find(gfn), wanted, `seed ${SEED}, change ${change}`);
    }
  }
  index.checkInvariants();
});

Deno.test("ChunkDirectory finds the chunk of a gfn as its bounds come, move and go", () => {
  const random = seeded(SEED);
  for (const draw of Object.values(LAYOUTS)) {
    const options = { capacity: 400, startGfn: 0, endGfn: GFN_LIMIT, nodeLimit: 4 };
    const directory = new ChunkDirectory(Float64Array.of(-Infinity), options);
    for (let change = 0; change < 1200; change++) {
      const gfn = draw(random), chunk = directory.find(gfn), next = directory.next[chunk];
      const inside = gfn > (directory.upper[directory.previous[chunk]] ?? -1);
      if (inside && !directory.isFull && random() < 0.6) directory.add(chunk, gfn);
      else if (next >= 0 && inside && random() < 0.5) directory.moveUpper(chunk, gfn);
      else if (chunk !== directory.head) directory.remove(chunk);
      if (directory.isStale) directory.rebuild(0, GFN_LIMIT);
      if (change % 10 === 0) directory.checkInvariants();
      const found = directory.find(gfn);
      assert(gfn < directory.upper[found]);
      assert(found === directory.head || gfn >= directory.upper[directory.previous[found]]);
    }
  }
});

/** Does the same to both; both succeed, and so it returns true, or both throw the same. */
function sameOutcome(
  index: MemslotIndex,
  oracle: MemslotIndex,
  change: (each: MemslotIndex) => void,
): boolean {
  const [found, wanted] = [index, oracle].map((each) => {
    try {
      change(each);
      return null;
    } catch (error) {
      assert(error instanceof RangeError, `seed ${SEED}: ${error}`);
      return error.message;
    }
  });
  assertEquals(found, wanted, `seed ${SEED}`);
  return wanted === null;
}

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

/** The gfns at and around both ends of one slot. */
function edges(held: readonly Memslot[], random: () => number): Gfn[] {
  if (held.length === 0) return [0, GFN_LIMIT - 1];
  const { baseGfn, npages } = held[below(random, held.length)];
  return [Math.max(baseGfn - 1, 0), baseGfn, baseGfn + npages - 1, baseGfn + npages];
}

function distinct(draw: () => Gfn, count: number, random: () => number): Memslot[] {
  const bases = new Set<Gfn>();
  for (let tries = 0; bases.size < count && tries < 3 * count; tries++) bases.add(draw());
  return shuffled([...bases].map((baseGfn, id) => memslot(id, baseGfn, 1)), random);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = items.slice(), order: T[] = [];
  while (left.length > 0) order.push(...left.splice(below(random, left.length), 1));
  return order;
}

function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
