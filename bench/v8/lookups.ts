/** What experiments look up: slots of the race's layout `scattered`, and gfns in them. */
import { endGfn, type Gfn, type Memslot } from "../../impls/memslot.ts";
import { courseOf } from "../workloads/workloads.ts";

/** Slots and lookups, all of which hit. */
export interface Lookups {
  readonly slots: readonly Memslot[];
  /** The ends of the slots, Infinity up to the next power of two. */
  readonly ends: Float64Array;
  /** More gfns than a branch predictor can learn; `i & (gfns.length - 1)` is an index of one. */
  readonly gfns: readonly Gfn[];
}

/** Lookups among `count` slots, drawn from `seed`. */
export async function lookups(count: number, seed: number): Promise<Lookups> {
  const place = { workload: "find_uniform", layout: "scattered", slots: count, originGfn: 2 ** 20 };
  const { slots, script } = (await courseOf(place, seed, { findLength: 2 ** 16 }))!;
  if (script.kind !== "find") throw new TypeError("Cannot look up other than gfns");
  const ends = new Float64Array(2 ** Math.ceil(Math.log2(count + 1))).fill(Infinity);
  ends.set(slots.map(endGfn));
  return { slots, ends, gfns: script.gfns };
}

/** The first of `count` ascending ends that is above gfn, or `count`: a binary search with branches. */
export function firstAbove(ends: Float64Array, count: number, gfn: Gfn): number {
  let low = 0, high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] <= gfn) low = middle + 1;
    else high = middle;
  }
  return low;
}
