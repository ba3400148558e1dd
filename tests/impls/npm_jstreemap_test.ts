import { NpmJstreemap } from "../../impls/npm_jstreemap.ts";
import { checkAgainstScan } from "../support/changes.ts";

Deno.test("NpmJstreemap agrees with the scan under random changes", () => {
  checkAgainstScan((slots) => new NpmJstreemap(slots));
});

Deno.test("NpmJstreemap answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new NpmJstreemap(slots), { originGfn: 2 ** 40, outliers: 0.1 });
  checkAgainstScan((slots) => new NpmJstreemap(slots), {
    slots: 900,
    spanGfn: 1e6,
    checkEvery: 97,
  });
});
