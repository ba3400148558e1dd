import { NpmFlattenIntervalTree } from "../impls/npm_flatten_interval_tree.ts";
import { checkAgainstScan } from "./changes.ts";

Deno.test("NpmFlattenIntervalTree agrees with the scan under random changes", () => {
  checkAgainstScan((slots) => new NpmFlattenIntervalTree(slots));
});

Deno.test("NpmFlattenIntervalTree answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new NpmFlattenIntervalTree(slots), {
    originGfn: 2 ** 40,
    outliers: 0.1,
  });
  checkAgainstScan((slots) => new NpmFlattenIntervalTree(slots), {
    slots: 900,
    spanGfn: 1e6,
    checkEvery: 97,
  });
});
