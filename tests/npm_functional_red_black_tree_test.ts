import { NpmFunctionalRedBlackTree } from "../impls/npm_functional_red_black_tree.ts";
import { checkAgainstScan } from "./changes.ts";

Deno.test("NpmFunctionalRedBlackTree agrees with the scan under random changes", () => {
  checkAgainstScan((slots) => new NpmFunctionalRedBlackTree(slots));
});

Deno.test("NpmFunctionalRedBlackTree answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new NpmFunctionalRedBlackTree(slots), {
    originGfn: 2 ** 40,
    outliers: 0.1,
  });
  checkAgainstScan((slots) => new NpmFunctionalRedBlackTree(slots), {
    slots: 900,
    spanGfn: 1e6,
    checkEvery: 97,
  });
});
