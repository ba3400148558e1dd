/**
 * Are numbers slower that V8 keeps as doubles, though they are integers? A field that has once held a
 * double is a boxed double in all objects of its class, and an array of doubles hands out doubles.
 * Decided: `memslot` passes its numbers through `smallInteger`, and scripts have gfns in small integers
 * below 2^31 (`inCallersNumbers` in bench/workloads/script.ts).
 */
import type { Gfn } from "../../impls/memslot.ts";
import { experiment } from "./experiment.ts";
import { lookups } from "./lookups.ts";

interface Bounds {
  readonly base: Gfn;
  readonly end: Gfn;
}

await experiment({
  question: "Are integers slower that V8 keeps as doubles?",
  unit: "lookup",
  async comparisons(seed) {
    const { slots, ends, gfns } = await lookups(509, seed), mask = gfns.length - 1;
    const integers = slots.map(({ baseGfn }, i): Bounds => ({ base: baseGfn, end: ends[i] | 0 }));
    // The first makes the fields of this class doubles, as another order of names is another class.
    const doubles = [{ end: 0.5, base: 0.5 }];
    slots.forEach(({ baseGfn }, i) => doubles.push({ end: ends[i], base: baseGfn }));
    doubles.shift();
    const doubleGfns = [0.5, ...gfns].slice(1), table = new Uint16Array(1024).map((_, i) => i);
    return [
      {
        on: "fields of 509 objects, searched",
        base: {
          words: "small integers",
          run(from, steps) {
            let sum = 0;
            for (let i = from; i < from + steps; i++) {
              const gfn = gfns[i & mask];
              let low = 0, high = integers.length;
              while (low < high) {
                const middle = (low + high) >> 1;
                if (integers[middle].end <= gfn) low = middle + 1;
                else high = middle;
              }
              sum += low;
            }
            return sum;
          },
        },
        other: {
          words: "doubles",
          run(from, steps) {
            let sum = 0;
            for (let i = from; i < from + steps; i++) {
              const gfn = gfns[i & mask];
              let low = 0, high = doubles.length;
              while (low < high) {
                const middle = (low + high) >> 1;
                if (doubles[middle].end <= gfn) low = middle + 1;
                else high = middle;
              }
              sum += low;
            }
            return sum;
          },
        },
      },
      {
        on: "gfns, shifted to an entry of a table",
        base: {
          words: "small integers",
          run(from, steps) {
            let sum = 0;
            for (let i = from; i < from + steps; i++) {
              sum += table[(gfns[i & mask] >>> 10) & 1023];
            }
            return sum;
          },
        },
        other: {
          words: "doubles",
          run(from, steps) {
            let sum = 0;
            for (let i = from; i < from + steps; i++) {
              sum += table[(doubleGfns[i & mask] >>> 10) & 1023];
            }
            return sum;
          },
        },
      },
    ];
  },
});
