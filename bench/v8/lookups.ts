/** What experiments look up: slots of the race's layout `scattered`, and gfns in them. */
import { endGfn, type Gfn, type Memslot } from "../../impls/memslot.ts";
import { courseOf } from "../workloads/workloads.ts";

/** Slots and lookups, all of which hit. */
export interface Lookups {
  readonly slots: readonly Memslot[];
  /** The ends of the slots, Infinity up to the next power of two. */
  readonly ends: Float64Array;
  /** So many that no branch predictor learns them, a power of two. */
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
