import { assertEquals } from "@std/assert";
import { csvOf } from "../../bench/report/csv.ts";
import { type Column, table } from "../../bench/report/table.ts";
import { interval, numeric, text } from "../../bench/report/value.ts";

/** A table of one text a row, as CSV: the fields behind the name of the column. */
function fieldsOf(...words: string[]): string[] {
  const columns: Column<string>[] = [{ fields: ["name"], value: text }];
  return csvOf(table("", { columns, rows: words })).trimEnd().split("\r\n").slice(1);
}

Deno.test("csvOf: what a spreadsheet would run is plain text, also behind blanks and controls", () => {
  const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\r=1", " =1", "\t-1", "\u200b=1", "＝1"];
  for (const field of fieldsOf(...formulas)) assertEquals(field[0], "'", field);
  assertEquals(fieldsOf("rb_tree", "a=b", "1"), ["rb_tree", "a=b", "1"]);
});

Deno.test("csvOf: quotes and commas are quoted, controls and marks of direction are blanks", () => {
  assertEquals(fieldsOf('a"b', "a,b", "a\r\nb", "\x1b[2J", "a\u202eb", "\ud800x", "a\u2028b"), [
    '"a""b"',
    '"a,b"',
    "a b",
    " [2J",
    "a b",
    " x",
    "a b",
  ]);
});

Deno.test("csvOf: numbers in full, an interval as its parts, blanks where nothing is known", () => {
  const columns: Column<number>[] = [
    { title: "ns", fields: ["ns"], value: (ns) => numeric("number", ns) },
    {
      title: "interval",
      fields: ["low", "high", "level"],
      value: (ns) => interval("ratio", { low: ns / 2, high: 2 * ns, level: 0.95 }),
    },
    { title: "shown only", value: () => text("x") },
    { fields: ["blank"], value: () => undefined },
  ];
  assertEquals(
    csvOf(table("", { columns, rows: [1 / 3, -2, NaN] })),
    "ns,low,high,level,blank\r\n" +
      "0.3333333333333333,0.16666666666666666,0.6666666666666666,0.95,\r\n" +
      "-2,-1,-4,0.95,\r\n" +
      ",,,0.95,\r\n",
  );
});
