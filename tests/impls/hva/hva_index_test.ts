import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type HvaIndex,
  type HvaSlot,
  hvaSlot,
  memslotsInHvaRange,
} from "../../../impls/hva/hva_index.ts";
import { HvaIntervalTree } from "../../../impls/hva/hva_interval_tree.ts";
import { HvaLinearScan } from "../../../impls/hva/hva_linear_scan.ts";
import { HvaSortedArray } from "../../../impls/hva/hva_sorted_array.ts";
import { memslot } from "../../../impls/memslot.ts";
import { random as randomOf } from "../../../bench/workloads/random.ts";

const INDEXES = { HvaLinearScan, HvaSortedArray, HvaIntervalTree };
const SEED = Number(Deno.env.get("SEED") ?? 1);
/** A million in the long run: STEPS=1000000 deno test -A tests/impls/hva/hva_index_test.ts */
const STEPS = Number(Deno.env.get("STEPS") ?? 4000);

let ids = 0;

/** A slot at pages [startPage, lastPage] of user memory. */
function at(startPage: number, lastPage: number): HvaSlot {
  const slot = memslot(ids++, 0, lastPage - startPage + 1);
  return hvaSlot(slot, BigInt(startPage) << 12n);
}

/** What the cursor hands out for the pages [startPage, lastPage]. */
function query(index: HvaIndex, startPage: number, lastPage: number): HvaSlot[] {
  const found = [], iter = index.iter();
  for (iter.start(startPage); iter.isValid(lastPage); iter.next()) found.push(iter.slot);
  return found;
}

/** A long slot, two that nest in it, one twice at the same place, one apart. */
const [A, B, C, D, E] = [at(10, 99), at(20, 29), at(40, 40), at(40, 40), at(120, 139)];

/** Pages [start, last] and the slots with a page among them. */
const GOLDEN: readonly (readonly [number, number, readonly HvaSlot[]])[] = [
  [0, 9, []],
  [0, 10, [A]],
  [10, 10, [A]],
  [15, 19, [A]],
  [15, 20, [A, B]],
  [29, 29, [A, B]],
  [29, 30, [A, B]],
  [30, 39, [A]],
  [30, 40, [A, C, D]],
  [40, 40, [A, C, D]],
  [41, 41, [A]],
  [99, 99, [A]],
  [99, 100, [A]],
  [100, 119, []],
  [100, 120, [E]],
  [139, 139, [E]],
  [140, 2 ** 52 - 1, []],
  [0, 2 ** 52 - 1, [A, B, C, D, E]],
];

for (const [name, Index] of Object.entries(INDEXES)) {
  for (const origin of [0, 0x7f00_0000_0, 2 ** 31 - 60, 2 ** 52 - 200]) {
    Deno.test(`${name}.iter: the golden table at page ${origin}`, () => {
      const moved = new Map([A, B, C, D, E].map((slot) => [
        slot,
        hvaSlot(slot.slot, BigInt(slot.startPage + origin) << 12n),
      ]));
      const built = new Index([...moved.values()]), grown = new Index();
      for (const slot of [A, E, B, C, D]) grown.insert(moved.get(slot)!);
      for (const index of [built, grown]) {
        for (const [start, last, expected] of GOLDEN) {
          if (origin + last >= 2 ** 52) continue;
          const found = query(index, origin + start, origin + last);
          assertEquals(found, expected.map((slot) => moved.get(slot)!), `[${start}, ${last}]`);
        }
      }
    });
  }

  Deno.test(`${name}.iter: an empty index has nothing`, () => {
    assertEquals(query(new Index(), 0, 2 ** 52 - 1), []);
    assertStrictEquals(new Index().iter().slot, null);
  });

  Deno.test(`${name}.iter: slots of one start come in the order of insertion`, () => {
    const index = new Index(), slots = [5, 1, 4, 1, 3].map((npages) => at(100, 99 + npages));
    for (const slot of slots) index.insert(slot);
    assertEquals(query(index, 100, 100), slots);
    index.erase(slots[2]);
    assertEquals(query(index, 102, 102), [slots[0], slots[4]]);
    index.insert(slots[2]);
    assertEquals(query(index, 100, 100), [0, 1, 3, 4, 2].map((i) => slots[i]));
  });

  Deno.test(`${name}.iter: one cursor serves many ranges`, () => {
    const index = new Index([A, B, C, D, E]), iter = index.iter();
    for (const [start, last, expected] of [...GOLDEN, ...GOLDEN.toReversed()]) {
      const found = [];
      for (iter.start(start); iter.isValid(last); iter.next()) found.push(iter.slot);
      assertEquals(found, expected);
    }
  });

  Deno.test(`${name}: a slot that spans all user memory hides none`, () => {
    const index = new Index(Array.from({ length: 100 }, (_, i) => at(1000 + 2 * i, 1000 + 2 * i)));
    const all = at(0, 2 ** 40);
    index.insert(all);
    assertEquals(query(index, 1050, 1053).map((slot) => slot.startPage), [0, 1050, 1052]);
    index.erase(all);
    assertEquals(query(index, 1050, 1053).map((slot) => slot.startPage), [1050, 1052]);
    index.checkInvariants();
  });

  Deno.test(`${name}: the last page below 2^64 is a page like any other`, () => {
    const top = hvaSlot(memslot(0, 0, 1), 2n ** 64n - 4096n);
    const index = new Index([top]);
    assertEquals([...memslotsInHvaRange(index, 2n ** 64n - 1n, 2n ** 64n - 1n)], [top]);
    assertEquals([...memslotsInHvaRange(index, 0n, 2n ** 64n - 4097n)], []);
  });

  Deno.test(`${name}: erase of what is not there is a RangeError, and changes nothing`, () => {
    const index = new Index([A, B, C, E]);
    for (const slot of [D, at(10, 99), at(500, 501)]) {
      assertThrows(() => index.erase(slot), RangeError, "the index must hold it");
    }
    assertEquals(query(index, 0, 1000), [A, B, C, E]);
    assertThrows(() => new Index().erase(A), RangeError);
  });

  Deno.test(`${name}: what is no slot, or is there twice, is refused`, () => {
    // deno-lint-ignore no-explicit-any
    const wrong: any[] = [null, 7, {}, memslot(0, 0, 1), { ...A, lastPage: 9 }];
    for (const slot of wrong) {
      assertThrows(() => new Index().insert(slot), TypeError, "hvaSlot()");
      assertThrows(() => new Index([slot]), TypeError, "hvaSlot()");
    }
    assertThrows(() => new Index([A, B, A]), RangeError, "once only");
  });

  Deno.test(`${name}: random changes and ranges agree with the predicate (SEED=${SEED})`, () => {
    for (const spread of [60, 4000]) playRandom(new Index(), { spread, most: 60, steps: STEPS });
    playRandom(new Index(), { spread: 40_000, most: 700, steps: STEPS });
  });

  Deno.test(`${name}: built from slots and grown by them is the same`, () => {
    const random = randomOf(SEED, "hva").unit;
    for (let size = 0; size < 70; size++) {
      const slots = Array.from({ length: size }, () => randomSlot(random, 100));
      const index = new Index(slots);
      index.checkInvariants();
      assertEquals(index.size, size);
      assertEquals(
        query(index, 0, 2 ** 40),
        byStart(slots),
      );
    }
  });
}

function byStart(slots: readonly HvaSlot[]): HvaSlot[] {
  return slots.toSorted((a, b) => a.startPage - b.startPage);
}

/** Mostly short ones, at times one that covers much. */
function randomSlot(random: () => number, spread: number): HvaSlot {
  const startPage = Math.floor(random() * spread);
  const most = random() < 0.1 ? spread : 8;
  return at(startPage, startPage + Math.floor(random() * most));
}

/**
 * Inserts, erases and queries `index`, which is empty, each answer compared by identity with the
 * predicate over an array, and its invariants checked after each change (each hundredth of a long run).
 */
function playRandom(
  index: HvaIndex,
  { spread, most, steps }: { spread: number; most: number; steps: number },
): void {
  const random = randomOf(SEED, "hva", spread).unit;
  const held: HvaSlot[] = []; // ascending by start
  for (let step = 0; step < steps; step++) {
    const dice = random();
    if (dice < 0.25 && held.length < most) {
      const slot = randomSlot(random, spread);
      const later = held.findIndex((other) => other.startPage > slot.startPage);
      held.splice(later === -1 ? held.length : later, 0, slot);
      index.insert(slot);
    } else if (dice < 0.45 && held.length > 0) {
      index.erase(held.splice(Math.floor(random() * held.length), 1)[0]);
    }
    if (steps <= 10_000 || step % 100 === 0) index.checkInvariants();
    const startPage = Math.floor(random() * spread * 1.1);
    const lastPage = startPage + Math.floor(random() ** 3 * spread);
    const found = query(index, startPage, lastPage);
    const expected = held.filter((slot) =>
      slot.startPage <= lastPage && slot.lastPage >= startPage
    );
    assert(
      found.length === expected.length && found.every((slot, i) => slot === expected[i]),
      `SEED=${SEED}, step ${step}: pages [${startPage}, ${lastPage}]`,
    );
    assertStrictEquals(index.size, held.length);
  }
}

Deno.test("hvaSlot: pages of a slot, the last one inclusive", () => {
  const slot = memslot(3, 0x100, 16);
  assertEquals(hvaSlot(slot, 0x7f00_0000_0000n), {
    slot,
    startPage: 0x7f00_0000_0,
    lastPage: 0x7f00_0000_f,
  });
});

Deno.test("hvaSlot: what is no place in user memory is refused", () => {
  const slot = memslot(3, 0x100, 16);
  assertThrows(() => hvaSlot(slot, 1n), RangeError, "slot 3");
  assertThrows(() => hvaSlot(slot, -4096n), RangeError);
  assertThrows(() => hvaSlot(slot, 2n ** 64n - 4096n), RangeError);
  assertThrows(() => hvaSlot(slot, 4096 as unknown as bigint), TypeError);
  assertThrows(() => hvaSlot(null as unknown as HvaSlot["slot"], 0n), TypeError);
});

Deno.test("memslotsInHvaRange: a wrong range is an error at the call", () => {
  const index = new HvaLinearScan();
  assertThrows(() => memslotsInHvaRange(index, 2n, 1n), RangeError, "[2, 1]");
  assertThrows(() => memslotsInHvaRange(index, -1n, 1n), RangeError);
  assertThrows(() => memslotsInHvaRange(index, 0n, 2n ** 64n), RangeError);
  assertThrows(() => memslotsInHvaRange(index, 0 as unknown as bigint, 1n), TypeError);
  assertEquals([...memslotsInHvaRange(index, 1n, 1n)], []);
});
