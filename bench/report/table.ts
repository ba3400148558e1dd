/** What a report consists of: tables, whose columns know their own values, and prose. */
import type { Value } from "./value.ts";

/** How a row is to be read. */
export type Tone = "plain" | "good" | "bad" | "dim" | "bold";

/**
 * A column: a record that makes its own value of a row. Adding one to a list of columns adds it to the
 * table in every format.
 */
export interface Column<Row> {
  /** Its title in a table, `\n` where a narrow one breaks; without one it stands in CSV only. */
  readonly title?: string;
  /** Where its values stand; left unless said. */
  readonly align?: "left" | "right";
  /** Columns of a lower rank stay longest where there is no room for all; 0, as unless said, always. */
  readonly rank?: number;
  /** What CSV calls the parts of its values, in order; without them it stands in no CSV. */
  readonly fields?: readonly string[];
  /** The value of a row; blank if undefined. */
  readonly value: (row: Row) => Value | undefined;
}

/** A row of a table: a value, or a blank, for each column. */
export interface Row {
  readonly values: readonly (Value | undefined)[];
  readonly tone: Tone;
}

/** Rows under the titles of their columns. */
export interface Table {
  readonly kind: "table";
  readonly title: string;
  readonly columns: readonly Omit<Column<never>, "value">[];
  readonly rows: readonly Row[];
}

/** Lines under a title. */
export interface Prose {
  readonly kind: "prose";
  readonly title: string;
  readonly lines: readonly string[];
  /** Whether the notes of the tables before it stand on top of its lines. */
  readonly hasNotes?: boolean;
}

/** A part of a report. */
export type Block = Table | Prose;

/** A table of `rows` in `columns`. */
export function table<R>(
  title: string,
  { columns, rows, tone = () => "plain" }: {
    columns: readonly Column<R>[];
    rows: readonly R[];
    tone?: (row: R) => Tone;
  },
): Table {
  return {
    kind: "table",
    title,
    columns: columns.map(({ value: _, ...column }) => column),
    rows: rows.map((row) => ({
      values: columns.map(({ value }) => value(row)),
      tone: tone(row),
    })),
  };
}

/** Lines of prose. */
export function prose(title: string, lines: readonly string[]): Prose {
  return { kind: "prose", title, lines };
}

/** Long sentences of short values, each once, by number. */
export class Notes {
  readonly #numbers = new Map<string, number>();

  /** The mark that stands for `note`: `(1)`. */
  mark(note: string): string {
    if (!this.#numbers.has(note)) this.#numbers.set(note, this.#numbers.size + 1);
    return `(${this.#numbers.get(note)})`;
  }

  /** All of them, a line each. */
  lines(): string[] {
    return [...this.#numbers].map(([note, number]) => `(${number}) ${note}`);
  }
}
