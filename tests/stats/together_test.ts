import { assertEquals } from "@std/assert";
import { benjaminiHochberg } from "../../bench/stats/multiple.ts";
import { together } from "../../bench/stats/together.ts";

const rows = [0.001, null, 0.2, undefined, 0.002].map((pValue) => ({ pValue }));

Deno.test("together: each item gets its own outcome, also behind items without a test", () => {
  const { of, tests, count } = together(rows, ({ pValue }) => pValue, benjaminiHochberg);
  assertEquals([tests, count], [3, 2]);
  const rejected = rows.map((row) => of(row)?.isRejected);
  assertEquals(rejected, [true, undefined, false, undefined, true]);
});

Deno.test("together: an item that was not among those judged has no outcome", () => {
  const { of } = together(rows, ({ pValue }) => pValue, benjaminiHochberg);
  assertEquals(of({ pValue: 0.001 }), undefined);
  assertEquals(together([], () => 1, benjaminiHochberg).tests, 0);
});
