/**
 * Is a search faster whose steps are no branches? A branch that goes either way at random is predicted
 * wrongly every second time. Decided: branch_free_array, and the searches of radix_chunks and
 * eytzinger add comparisons; sorted_array keeps the branches, as what VMMs have.
 */
import type { Gfn } from "../../impls/memslot.ts";
import { type Comparison, experiment } from "./experiment.ts";
import { firstAbove, lookups } from "./lookups.ts";

await experiment({
  question: "Is a binary search faster without branches?",
  unit: "lookup",
  async comparisons(seed) {
    const { ends, gfns } = await lookups(509, seed);
    return [
      compared("509 slots, random gfns", { ends, gfns, distinct: gfns.length }),
      compared("509 slots, the same 16 gfns", { ends, gfns, distinct: 16 }),
    ];
  },
});

function compared(
  on: string,
  { ends, gfns, distinct }: { ends: Float64Array; gfns: readonly Gfn[]; distinct: number },
): Comparison {
  const mask = distinct - 1;
  return {
    on,
    base: {
      words: "branches",
      run(from, steps) {
        let sum = 0;
        for (let i = from; i < from + steps; i++) sum += firstAbove(ends, 511, gfns[i & mask]);
        return sum;
      },
    },
    other: {
      words: "added comparisons",
      run(from, steps) {
        let sum = 0;
        for (let i = from; i < from + steps; i++) sum += added(ends, gfns[i & mask]);
        return sum;
      },
    },
  };
}

/** The first of 512 ends that is above gfn. */
function added(ends: Float64Array, gfn: Gfn): number {
  let at = +(ends[255] <= gfn) << 8;
  at += +(ends[at + 127] <= gfn) << 7;
  at += +(ends[at + 63] <= gfn) << 6;
  at += +(ends[at + 31] <= gfn) << 5;
  at += +(ends[at + 15] <= gfn) << 4;
  at += +(ends[at + 7] <= gfn) << 3;
  at += +(ends[at + 3] <= gfn) << 2;
  at += +(ends[at + 1] <= gfn) << 1;
  return at + +(ends[at] <= gfn);
}
