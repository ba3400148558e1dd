import { PageTable } from "../../impls/page_table.ts";
import { assertRight } from "../support/right.ts";
import { assertThrows } from "@std/assert";

for (const bits of [1, 2, 4, 7, 10]) {
  Deno.test(`PageTable of ${bits} bits a level is right`, () => {
    assertRight((slots) => new PageTable(slots, { bits }));
  });
}

Deno.test("PageTable refuses bits that are no table's", () => {
  for (const bits of [0, 11, 2.5, NaN]) {
    assertThrows(() => new PageTable([], { bits }), RangeError, "bits must be an integer");
  }
});
