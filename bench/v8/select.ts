/**
 * Is a masked index faster than a conditional where it cannot be predicted whether a gfn is in a slot?
 * Entry 0 has no slot, and the mask turns the index into 0. Decided: `find` of flat_pool and chunk_pool
 * in impls/radix_chunks.
 */
import { memslot } from "../../impls/memslot.ts";
import { random } from "../workloads/random.ts";
import { type Comparison, experiment } from "./experiment.ts";

/** Slots of half a run of 1,024 gfns each, from run 1 on; entry 0 has none. */
const RUN = 1024, SLOTS = 512;
const ends = Float64Array.from({ length: SLOTS }, (_, i) => i === 0 ? 0 : i * RUN + RUN / 2);
const slots = Array.from(ends, (_, i) => i === 0 ? null : memslot(i, i * RUN, RUN / 2));

await experiment({
  question: "Is a masked index faster than a conditional?",
  unit: "lookup",
  comparisons: (seed) => [
    compared("every second lookup hits", { seed, most: RUN - 1 }),
    compared("every lookup hits", { seed, most: RUN / 2 - 1 }),
  ],
});

function compared(on: string, { seed, most }: { seed: number; most: number }): Comparison {
  const { int } = random(seed, on);
  const gfns = Array.from({ length: 2 ** 16 }, () => (int(1, SLOTS - 1) * RUN + int(0, most)) | 0);
  const answers = gfns.map((gfn) => gfn % RUN < RUN / 2 ? slots[gfn >> 10] : null);
  const mask = gfns.length - 1;
  return {
    on,
    base: {
      words: "conditional",
      run(from, steps) {
        let right = 0;
        for (let i = from; i < from + steps; i++) {
          const gfn = gfns[i & mask], at = gfn >>> 10;
          right += +((gfn < ends[at] ? slots[at] : null) === answers[i & mask]);
        }
        return right;
      },
    },
    other: {
      words: "masked index",
      run(from, steps) {
        let right = 0;
        for (let i = from; i < from + steps; i++) {
          const gfn = gfns[i & mask], at = gfn >>> 10;
          right += +(slots[at & -(+(gfn < ends[at]))] === answers[i & mask]);
        }
        return right;
      },
    },
  };
}
