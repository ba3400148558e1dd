/** Random changes and queries, each checked against `LinearScan`: the oracle of every index. */
import { LinearScan } from "../../impls/linear_scan.ts";
import { type Memslot, memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import { assertEquals, assertThrows } from "@std/assert";

/** What a run of random changes looks like. */
export interface Changes {
  seed?: number;
  steps?: number;
  /** The number of slots hovers below this. */
  slots?: number;
  /** Bases lie in [originGfn, originGfn + spanGfn), but for one in `outliers`. */
  originGfn?: number;
  spanGfn?: number;
  /** How often, of 1, a slot goes anywhere in [0, 2^52). */
  outliers?: number;
  /** Steps from one checkInvariants to the next. */
  checkEvery?: number;
}

/** Applies random changes to `create([...])` and to the oracle, and compares all answers. */
export function checkAgainstScan(
  create: (slots: readonly Memslot[]) => MemslotIndex,
  changes: Changes = {},
): void {
  const { seed = Number(Deno.env.get("SEED") ?? 1), steps = 4000, slots = 40 } = changes;
  const { originGfn = 0, spanGfn = 600, outliers = 0, checkEvery = 1 } = changes;
  const random = mulberry32(seed);
  const below = (n: number) => Math.floor(random() * n);
  const anyGfn = () => random() < outliers ? below(2 ** 52 - 64) : originGfn + below(spanGfn);
  const maxPages = Math.max(1, Math.floor(spanGfn / slots));
  const held: Memslot[] = [];
  const oracle = new LinearScan();
  let nextId = 0;
  const fresh = () => memslot(nextId++, anyGfn(), 1 + below(maxPages));
  while (held.length < slots / 2) add(fresh());
  let index = create(ascending());
  let iter = index.iter();
  try {
    for (let step = 0; step < steps; step++) {
      change();
      if (step % checkEvery === 0) index.checkInvariants();
      assertEquals(index.size, held.length);
      iter = index.iter();
      for (let i = 0; i < 4; i++) query();
    }
  } catch (error) {
    throw new Error(`With SEED=${seed}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }

  function ascending(): Memslot[] {
    return held.toSorted((a, b) => a.baseGfn - b.baseGfn);
  }

  function add(slot: Memslot): boolean {
    try {
      oracle.insert(slot);
    } catch {
      return false;
    }
    held.push(slot);
    return true;
  }

  function change(): void {
    const kind = below(100);
    // Grows in one half of the run and shrinks in the other, down to nothing.
    const growing = below(slots) >= held.length;
    if (kind === 0) index = create(ascending());
    else if (kind < 5) drain();
    else if (kind < 35) move();
    else if (growing) insert(fresh());
    else erase(below(held.length));
  }

  function insert(slot: Memslot): void {
    if (add(slot)) index.insert(slot);
    else assertThrows(() => index.insert(slot), RangeError, "must not overlap");
  }

  function erase(at: number): void {
    if (held.length === 0) return;
    const slot = held[at];
    held[at] = held[held.length - 1];
    held.pop();
    oracle.erase(slot);
    index.erase(slot);
    assertThrows(() => index.erase(slot), RangeError, "must hold it");
    const inside = memslot(slot.id, slot.baseGfn + below(slot.npages), 1);
    if (oracle.find(inside.baseGfn) === null) {
      assertThrows(() => index.erase(inside), RangeError, "must hold it");
    }
  }

  function move(): void {
    if (held.length === 0) return;
    const at = below(held.length), slot = held[at];
    if (slot.npages > 1) {
      const inside = memslot(slot.id, slot.baseGfn + 1, 1);
      assertThrows(() => index.erase(inside), RangeError, "must hold it");
    }
    erase(at);
    insert(memslot(slot.id, anyGfn(), slot.npages));
  }

  function drain(): void {
    if (below(8) !== 0) return;
    while (held.length > 0) erase(below(held.length));
    index.checkInvariants();
  }

  function query(): void {
    const near = held.length > 0 && below(2) === 0 ? held[below(held.length)] : null;
    const gfn = near === null ? anyGfn() : Math.max(0, near.baseGfn - 1 + below(near.npages + 3));
    if (index.find(gfn) !== oracle.find(gfn)) throw new Error(`find(${gfn}) is wrong`);
    // Half of the ranges reach far, some are empty or inverted.
    const end = below(2) === 0 ? anyGfn() : gfn - 2 + below(maxPages * 4);
    const expected = oracle.iter();
    expected.start(gfn);
    for (iter.start(gfn); iter.isValid(end); iter.next()) {
      if (iter.slot !== expected.slot) throw new Error(`[${gfn}, ${end}) is wrong`);
      expected.next();
    }
    if (expected.isValid(end)) throw new Error(`[${gfn}, ${end}) stops too early`);
  }
}

/** Numbers in [0, 1), the same for the same seed. */
export function mulberry32(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
