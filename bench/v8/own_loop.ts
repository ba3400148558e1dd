/**
 * Is a loop slower that has seen several classes? A call site keeps the classes it has seen: with one
 * V8 inlines the method, from the fifth on it looks the method up at each call. Decided: each contender
 * has its own instance of the timed loops (bench/race/replay.ts), and contenders share no base class.
 */
import { BPlusTree } from "../../impls/b_plus_tree.ts";
import { BranchFreeArray } from "../../impls/branch_free_array.ts";
import { RadixTable } from "../../impls/radix_table.ts";
import { RbTree } from "../../impls/rb_tree.ts";
import { SortedArray } from "../../impls/sorted_array.ts";
import { experiment, type Way } from "./experiment.ts";
import { lookups } from "./lookups.ts";

type Loop = typeof import("./loop.ts");

await experiment({
  question: "Is a loop of lookups slower that has seen several classes?",
  unit: "lookup",
  async comparisons(seed) {
    const { slots, gfns } = await lookups(509, seed), index = new RadixTable(slots);
    const wayOf = (words: string, { lookUp }: Loop): Way => {
      return { words, run: (from, steps) => lookUp(index, gfns, from, steps) };
    };
    const own = await import("./loop.ts?for=own"), two = await import("./loop.ts?for=two");
    const five = await import("./loop.ts?for=five");
    const others = [SortedArray, RbTree, BranchFreeArray, BPlusTree].map((type) => new type(slots));
    for (let i = 0; i < 100; i++) {
      two.lookUp(others[0], gfns, 0, 500);
      for (const other of others) five.lookUp(other, gfns, 0, 500);
    }
    const base = wayOf("one class", own);
    return [
      { on: "radix_table, 509 slots", base, other: wayOf("two classes", two) },
      { on: "radix_table, 509 slots", base, other: wayOf("five classes", five) },
    ];
  },
});
