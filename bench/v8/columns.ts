/**
 * Is a search faster over bounds in a typed array than over the fields of the slots? An object is a
 * pointer away, and lies anywhere. Decided: own contenders keep bounds in Float64Arrays beside the
 * slots, and read a slot only to hand it out.
 */
import type { Comparison } from "./experiment.ts";
import { experiment } from "./experiment.ts";
import { firstAbove, lookups } from "./lookups.ts";

await experiment({
  question: "Is a binary search faster over a Float64Array than over fields of slots?",
  unit: "lookup",
  comparisons: (seed) => Promise.all([compared(509, seed), compared(32_764, seed)]),
});

async function compared(count: number, seed: number): Promise<Comparison> {
  const { slots, ends, gfns } = await lookups(count, seed), mask = gfns.length - 1;
  return {
    on: `${count} slots`,
    base: {
      words: "fields of slots",
      run(from, steps) {
        let sum = 0;
        for (let i = from; i < from + steps; i++) {
          const gfn = gfns[i & mask];
          let low = 0, high = slots.length;
          while (low < high) {
            const middle = (low + high) >> 1, slot = slots[middle];
            if (slot.baseGfn + slot.npages <= gfn) low = middle + 1;
            else high = middle;
          }
          sum += low;
        }
        return sum;
      },
    },
    other: {
      words: "Float64Array",
      run(from, steps) {
        let sum = 0;
        for (let i = from; i < from + steps; i++) {
          sum += firstAbove(ends, slots.length, gfns[i & mask]);
        }
        return sum;
      },
    },
  };
}
