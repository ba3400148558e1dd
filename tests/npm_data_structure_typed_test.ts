import { NpmDataStructureTyped } from "../impls/npm_data_structure_typed.ts";
import { checkAgainstScan } from "./changes.ts";

Deno.test("NpmDataStructureTyped agrees with the scan under random changes", () => {
  checkAgainstScan((slots) => new NpmDataStructureTyped(slots));
});

Deno.test("NpmDataStructureTyped answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new NpmDataStructureTyped(slots), {
    originGfn: 2 ** 40,
    outliers: 0.1,
  });
  checkAgainstScan((slots) => new NpmDataStructureTyped(slots), {
    slots: 900,
    spanGfn: 1e6,
    checkEvery: 97,
  });
});
