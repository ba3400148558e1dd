import { NpmBintreesRbTree } from "../../impls/npm_bintrees_rb_tree.ts";
import { checkAgainstScan } from "../support/changes.ts";

Deno.test("NpmBintreesRbTree agrees with the scan under random changes", () => {
  checkAgainstScan((slots) => new NpmBintreesRbTree(slots));
});

Deno.test("NpmBintreesRbTree answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new NpmBintreesRbTree(slots), { originGfn: 2 ** 40, outliers: 0.1 });
  checkAgainstScan((slots) => new NpmBintreesRbTree(slots), {
    slots: 900,
    spanGfn: 1e6,
    checkEvery: 97,
  });
});
