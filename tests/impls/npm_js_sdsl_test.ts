import { NpmJsSdsl } from "../../impls/npm_js_sdsl.ts";
import { checkAgainstScan } from "../support/changes.ts";

Deno.test("NpmJsSdsl agrees with the scan under random changes", () => {
  checkAgainstScan((slots) => new NpmJsSdsl(slots));
});

Deno.test("NpmJsSdsl answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new NpmJsSdsl(slots), { originGfn: 2 ** 40, outliers: 0.1 });
  checkAgainstScan((slots) => new NpmJsSdsl(slots), { slots: 900, spanGfn: 1e6, checkEvery: 97 });
});
