import { NpmBinarySearchBounds } from "../impls/npm_binary_search_bounds.ts";
import { checkAgainstScan } from "./changes.ts";

Deno.test("NpmBinarySearchBounds agrees with the scan under random changes", () => {
  checkAgainstScan((slots) => new NpmBinarySearchBounds(slots));
});

Deno.test("NpmBinarySearchBounds answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new NpmBinarySearchBounds(slots), {
    originGfn: 2 ** 40,
    outliers: 0.1,
  });
  checkAgainstScan((slots) => new NpmBinarySearchBounds(slots), {
    slots: 900,
    spanGfn: 1e6,
    checkEvery: 97,
  });
});
