import { PageTable } from "../../impls/page_table.ts";
import { checkAgainstScan } from "../support/changes.ts";
import { assertThrows } from "@std/assert";

for (const bits of [1, 2, 4, 7, 10]) {
  Deno.test(`PageTable of ${bits} bits a level keeps its invariants under random changes`, () => {
    checkAgainstScan((slots) => new PageTable(slots, { bits }), { steps: 2000 });
    checkAgainstScan((slots) => new PageTable(slots, { bits }), {
      originGfn: 2 ** 40 - 300,
      outliers: 0.1,
      steps: 2000,
    });
    checkAgainstScan((slots) => new PageTable(slots, { bits }), {
      slots: 900,
      spanGfn: 1e6,
      checkEvery: 97,
    });
  });
}

Deno.test("PageTable refuses bits that are no table's", () => {
  for (const bits of [0, 11, 2.5, NaN]) {
    assertThrows(() => new PageTable([], { bits }), RangeError, "bits must be an integer");
  }
});
