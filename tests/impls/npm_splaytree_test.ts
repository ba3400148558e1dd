import { NpmSplaytree } from "../../impls/npm_splaytree.ts";
import { checkAgainstScan } from "../support/changes.ts";

Deno.test("NpmSplaytree agrees with the scan under random changes", () => {
  checkAgainstScan((slots) => new NpmSplaytree(slots));
});

Deno.test("NpmSplaytree answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new NpmSplaytree(slots), { originGfn: 2 ** 40, outliers: 0.1 });
  checkAgainstScan((slots) => new NpmSplaytree(slots), {
    slots: 900,
    spanGfn: 1e6,
    checkEvery: 97,
  });
});
