import { SkipList } from "../impls/skip_list.ts";
import { checkAgainstScan } from "./changes.ts";

Deno.test("SkipList keeps its invariants under random changes", () => {
  checkAgainstScan((slots) => new SkipList(slots));
});

Deno.test("SkipList answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new SkipList(slots), { originGfn: 2 ** 40, outliers: 0.1 });
  checkAgainstScan((slots) => new SkipList(slots), { slots: 900, spanGfn: 1e6, checkEvery: 97 });
});
