/** Tables as a reader sees them, for tests. */
import type { Block } from "../../bench/report/table.ts";
import { valueWords } from "../../bench/report/value.ts";

/** The words of all rows of a table, each value with its mark; blanks are empty. */
export function rowWords(block: Block): string[][] {
  if (block.kind !== "table") return [];
  const shown = block.columns.flatMap(({ title }, i) => title === undefined ? [] : [i]);
  return block.rows.map(({ values }) =>
    shown.map((i) => {
      const value = values[i];
      return value ? `${valueWords(value)} ${value.mark ?? ""}`.trimEnd() : "";
    })
  );
}
