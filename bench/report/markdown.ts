/** Reports as GitHub's Markdown, every column of a table included. */
import { type Block, Notes, type Table } from "./table.ts";
import { linesOf } from "./text.ts";
import { type Value, valueWords } from "./value.ts";
import { clean } from "./words.ts";

/** Blocks as Markdown. */
export function markdownOf(blocks: readonly Block[]): string {
  const notes = new Notes();
  return blocks.map((block) => {
    const title = block.title === "" ? [] : [`### ${escape(block.title)}`, ""];
    const body = block.kind === "table"
      ? tableLines(block, notes)
      : linesOf(block, notes).map((line) => `- ${escape(line.trim())}`);
    return [...title, ...body].join("\n");
  }).join("\n\n") + "\n";
}

function tableLines({ columns, rows }: Table, notes: Notes): string[] {
  const shown = columns.flatMap(({ title }, i) => title === undefined ? [] : [i]);
  const line = (words: readonly string[]) => `| ${words.join(" | ")} |`;
  return [
    line(shown.map((i) => escape(columns[i].title!.replaceAll("\n", " ").trim()))),
    line(shown.map((i) => columns[i].align === "right" ? "---:" : ":---")),
    ...rows.map(({ values }) => line(shown.map((i) => escape(wordsOf(values[i], notes))))),
  ];
}

function wordsOf(value: Value | undefined, notes: Notes): string {
  if (value === undefined) return "";
  const behind = value.mark ?? (value.note === undefined ? "" : notes.mark(value.note));
  return `${valueWords(value)} ${behind}`.trimEnd();
}

function escape(text: string): string {
  return clean(text).replace(/[|\\<>*_`[\]~]/g, "\\$&");
}
