import { NpmSortedBtree } from "../../impls/npm_sorted_btree.ts";
import { checkAgainstScan } from "../support/changes.ts";

Deno.test("NpmSortedBtree agrees with the scan under random changes", () => {
  checkAgainstScan((slots) => new NpmSortedBtree(slots));
});

Deno.test("NpmSortedBtree answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new NpmSortedBtree(slots), { originGfn: 2 ** 40, outliers: 0.1 });
  checkAgainstScan((slots) => new NpmSortedBtree(slots), {
    slots: 900,
    spanGfn: 1e6,
    checkEvery: 97,
  });
});
