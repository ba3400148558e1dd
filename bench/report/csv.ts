/** Tables as CSV (RFC 4180): numbers in full, and nothing that a spreadsheet would run. */
import type { Table } from "./table.ts";
import { valueParts } from "./value.ts";
import { clean } from "./words.ts";

/** The columns of a table that have fields, a line of their names and a line for each row. */
export function csvOf({ columns, rows }: Table): string {
  const kept = columns.flatMap(({ fields }, i) => fields ? [{ fields, i }] : []);
  const lines = rows.map(({ values }) =>
    kept.flatMap(({ fields, i }) => {
      const value = values[i], parts = value ? valueParts(value) : [];
      return fields.map((_, at) => csvField(parts[at]));
    })
  );
  return [kept.flatMap(({ fields }) => fields.map(csvField)), ...lines]
    .map((line) => `${line.join(",")}\r\n`).join("");
}

/**
 * What makes a spreadsheet take a text for a formula, also behind blanks and as full-width letters. A
 * quote before it makes it plain text.
 */
const FORMULA = /^\s*[=+\-@＝＋－＠]/;

function csvField(field: string | number | boolean | undefined): string {
  if (field === undefined || Number.isNaN(field)) return "";
  if (typeof field !== "string") return String(field);
  const words = clean(field), plain = FORMULA.test(words) ? `'${words}` : words;
  return /[",]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
