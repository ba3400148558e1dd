import { assertEquals } from "@std/assert";
import { CopiedArray } from "../../impls/copied_array.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import { type Memslot, memslot } from "../../impls/memslot.ts";
import type { MemslotIter } from "../../impls/memslot_index.ts";
import { random } from "../../bench/workloads/random.ts";
import { SEED } from "../support/right.ts";

function walk(iter: MemslotIter, startGfn: number, endGfn: number): Memslot[] {
  const found: Memslot[] = [];
  for (iter.start(startGfn); iter.isValid(endGfn); iter.next()) found.push(iter.slot);
  return found;
}

Deno.test(`CopiedArray.iter: a cursor goes on over what it was taken of, whatever changes (SEED=${SEED})`, () => {
  const { int } = random(SEED, "copied_array"), below = (n: number) => int(0, n - 1);
  const held = new Map(Array.from({ length: 20 }, (_, i) => [i * 4, memslot(i, i * 4, 3)]));
  const ascending = () => [...held.values()].sort((a, b) => a.baseGfn - b.baseGfn);
  const index = new CopiedArray(ascending());
  const readers: { iter: MemslotIter; oracle: LinearScan; under: Memslot | null }[] = [];
  for (let change = 0; change < 200; change++) {
    const iter = index.iter();
    iter.start(below(80));
    readers.push({ iter, oracle: new LinearScan(ascending()), under: iter.slot });
    const base = below(20) * 4, slot = held.get(base) ?? memslot(100 + change, base, 3);
    if (held.delete(base)) index.erase(slot);
    else {
      held.set(base, slot);
      index.insert(slot);
    }
    for (const { iter, under } of readers.slice(-9)) assertEquals(iter.slot, under);
  }
  for (const { iter, oracle } of readers) {
    // From where it stood on, and started again.
    const rest = iter.slot === null ? [] : walk(oracle.iter(), iter.slot.baseGfn, 80);
    const found: Memslot[] = [];
    for (; iter.isValid(80); iter.next()) found.push(iter.slot);
    assertEquals(found, rest);
    const start = below(80);
    assertEquals(walk(iter, start, start + 20), walk(oracle.iter(), start, start + 20));
  }
});
