/**
 * Is a remembered entry faster than a search? The hint is verified with two comparisons, which are
 * predicted, so the answer does not wait for a search. Decided: radix_chunks has hints over a directory
 * that is searched where a hint is wrong.
 */
import type { Gfn } from "../../impls/memslot.ts";
import { type Comparison, experiment } from "./experiment.ts";
import { lookups } from "./lookups.ts";

await experiment({
  question: "Is a remembered entry faster than a search without branches?",
  unit: "lookup",
  comparisons: (seed) => Promise.all([compared(509, seed), compared(32_764, seed)]),
});

async function compared(count: number, seed: number): Promise<Comparison> {
  const { slots, ends, gfns } = await lookups(count, seed), mask = gfns.length - 1;
  const stride = (slots.at(-1)!.baseGfn - slots[0].baseGfn) / count;
  const shift = Math.floor(Math.log2(stride)), half = ends.length >> 1;
  const hints = new Uint16Array(4 * ends.length), sets = hints.length - 1;
  return {
    on: `${count} slots`,
    base: {
      words: "search",
      run(from, steps) {
        let sum = 0;
        for (let i = from; i < from + steps; i++) sum += search(ends, half, gfns[i & mask]);
        return sum;
      },
    },
    other: {
      words: "hint, verified",
      run(from, steps) {
        let sum = 0;
        for (let i = from; i < from + steps; i++) {
          const gfn = gfns[i & mask], set = (gfn >>> shift) & sets;
          let at = hints[set];
          at += +(ends[at] <= gfn);
          if (!(gfn < ends[at] && (at === 0 || ends[at - 1] <= gfn))) {
            at = search(ends, half, gfn);
            hints[set] = at;
          }
          sum += at;
        }
        return sum;
      },
    },
  };
}

/** The first of twice `half` ends, a power of two, that is above gfn. */
function search(ends: Float64Array, half: number, gfn: Gfn): number {
  let at = 0;
  for (; half > 0; half >>= 1) at += half & -(+(ends[at + half - 1] <= gfn));
  return at;
}
