/** The formats that a comparison can be given in: one is added here, as a row, and nowhere else. */
import { benchfmtOf } from "./benchfmt.ts";
import type { Answer } from "../summary/answer.ts";
import { csvOf } from "./csv.ts";
import { jsonOf } from "./json.ts";
import type { Labelled } from "./labelled.ts";
import { markdownOf } from "./markdown.ts";
import type { Block, Table } from "./table.ts";
import { type Screen, textOf } from "./text.ts";

/** A way to write a report, by what it is made from. */
export type Format =
  & {
    /** Its name for `--format`. */
    readonly name: string;
    /** What it is, in a few words of `--help`. */
    readonly summary: string;
  }
  & (
    /** Tables and prose, with everything that a reader must know. */
    | {
      readonly takes: "blocks";
      readonly render: (blocks: readonly Block[], screen: Screen) => string;
    }
    /** One table: the grid that was asked for, else every statistic of every entry. */
    | { readonly takes: "table"; readonly render: (table: Table) => string }
    | { readonly takes: "files"; readonly render: (files: readonly Labelled[]) => string }
    | { readonly takes: "answers"; readonly render: (answers: readonly Answer[]) => string }
  );

/** All formats; the first is the default. */
export const FORMATS: readonly Format[] = [
  { name: "text", summary: "for a terminal", takes: "blocks", render: textOf },
  { name: "markdown", summary: "for GitHub", takes: "blocks", render: markdownOf },
  { name: "csv", summary: "every statistic in full", takes: "table", render: csvOf },
  { name: "benchfmt", summary: "for benchstat", takes: "files", render: benchfmtOf },
  { name: "json", summary: "the answer, see --schema", takes: "answers", render: jsonOf },
];

/** The format of that name. `RangeError` if there is none. */
export function formatNamed(name: string): Format {
  const found = FORMATS.find((format) => format.name === name);
  if (found) return found;
  throw new RangeError(`Cannot write ${name}: there are ${FORMATS.map(({ name }) => name)}`);
}
