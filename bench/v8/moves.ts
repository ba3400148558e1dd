/**
 * Is `copyWithin` or `splice` faster than a loop that moves entries by one? Both have a fixed cost a
 * call. Decided: radix_chunks moves few entries, in loops; sorted_array has `copyWithin` for its numbers and a loop for its slots.
 */
import { type Memslot, memslot } from "../../impls/memslot.ts";
import { type Comparison, experiment } from "./experiment.ts";

const ENTRIES = 509;

await experiment({
  question: "Is copyWithin or splice faster than a loop?",
  unit: "move there and back",
  comparisons: () => [ofNumbers(8), ofNumbers(250), ofSlots(8), ofSlots(250)],
});

/** Opens a gap below `count` numbers, and closes it. */
function ofNumbers(count: number): Comparison {
  const numbers = Float64Array.from({ length: ENTRIES }, (_, i) => i);
  const sum = (at: number) => numbers[at] + numbers[at + 1];
  return {
    on: `${count} numbers`,
    base: {
      words: "loop",
      run(from, steps) {
        let total = 0;
        for (let step = from; step < from + steps; step++) {
          const at = step % (ENTRIES - count - 1), end = at + count;
          for (let i = end; i > at; i--) numbers[i] = numbers[i - 1];
          for (let i = at; i < end; i++) numbers[i] = numbers[i + 1];
          numbers[end] = end;
          total += sum(at);
        }
        return total;
      },
    },
    other: {
      words: "copyWithin",
      run(from, steps) {
        let total = 0;
        for (let step = from; step < from + steps; step++) {
          const at = step % (ENTRIES - count - 1), end = at + count;
          numbers.copyWithin(at + 1, at, end);
          numbers.copyWithin(at, at + 1, end + 1);
          numbers[end] = end;
          total += sum(at);
        }
        return total;
      },
    },
  };
}

/** Takes a slot out, and puts it in `count` entries before and again where it was. */
function ofSlots(count: number): Comparison {
  const make = () => Array.from({ length: ENTRIES }, (_, i): Memslot => memslot(i, 2 * i, 1));
  const looped = make(), spliced = make();
  return {
    on: `a slot moved by ${count} in an array of ${ENTRIES}`,
    base: {
      words: "loop",
      run(from, steps) {
        let total = 0;
        for (let step = from; step < from + steps; step++) {
          const at = step % (ENTRIES - count), end = at + count, slot = looped[end];
          for (let i = end; i > at; i--) looped[i] = looped[i - 1];
          looped[at] = slot;
          total += looped[at].id;
          for (let i = at; i < end; i++) looped[i] = looped[i + 1];
          looped[end] = slot;
        }
        return total;
      },
    },
    other: {
      words: "splice",
      run(from, steps) {
        let total = 0;
        for (let step = from; step < from + steps; step++) {
          const at = step % (ENTRIES - count), end = at + count;
          const [slot] = spliced.splice(end, 1);
          spliced.splice(at, 0, slot);
          total += spliced[at].id;
          spliced.splice(at, 1);
          spliced.splice(end, 0, slot);
        }
        return total;
      },
    },
  };
}
