/** Tables of text: for a terminal, with columns that give way where it is narrow, and Markdown. */
import { clean } from "./words.ts";

/** How a cell or a line is to be read. */
export type Tone = "plain" | "good" | "bad" | "dim" | "bold";

/** One column of a table. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** Columns of a lower rank stay longest where there is no room for all; 0 always stays. */
  readonly rank: number;
}

/** One row: a text for each column. Text past the last column spans the rest of the line. */
export interface Row {
  readonly cells: readonly string[];
  readonly tone?: Tone;
}

/** A table, or lines of prose, under a title. */
export type Block =
  | { readonly kind: "prose"; readonly title: string; readonly lines: readonly string[] }
  | {
    readonly kind: "table";
    readonly title: string;
    readonly columns: readonly Column[];
    readonly rows: readonly Row[];
  };

/** The screen, or what stands for it. */
export interface Screen {
  readonly width: number;
  readonly color: boolean;
}

const CODES: Readonly<Record<Tone, string>> = {
  plain: "",
  good: "\x1b[32m",
  bad: "\x1b[31m",
  dim: "\x1b[2m",
  bold: "\x1b[1m",
};

const GAP = "  ";
const INDENT = "  ";
/** The last column is folded rather than that others go, down to this. */
const LEAST_LAST = 16;
/** Long names are folded behind an underscore or a word rather than that columns of rank 1 go. */
const LEAST_FIRST = 20;

/**
 * Blocks as text. Tables of the same columns have the same widths, so that the eye can go down the
 * page; the last column is folded where the screen ends.
 */
export function textOf(blocks: readonly Block[], screen: Screen): string {
  const layouts = new Map<string, Layout>();
  for (const block of blocks) {
    if (block.kind !== "table") continue;
    const key = JSON.stringify(block.columns),
      alike = blocks.filter((other) => {
        return other.kind === "table" && JSON.stringify(other.columns) === key;
      });
    if (!layouts.has(key)) layouts.set(key, layOut(alike as Table[], screen.width));
  }
  return blocks.map((block) => {
    const title = block.title === "" ? [] : fold(clean(block.title), screen.width);
    const body = block.kind === "prose"
      ? block.lines.flatMap((line) => proseOf(line, screen))
      : tableOf(block, layouts.get(JSON.stringify(block.columns))!, screen);
    return [...title.map((line) => paint(line, "bold", screen)), ...body].join("\n");
  }).join("\n\n") + "\n";
}

/** Blocks as GitHub's Markdown, every column included. */
export function markdownOf(blocks: readonly Block[]): string {
  const escape = (text: string) => clean(text).replace(/[|\\<>*_`[\]~]/g, "\\$&");
  const row = (cells: readonly string[]) => `| ${cells.map(escape).join(" | ")} |`;
  return blocks.map((block) => {
    const title = block.title === "" ? [] : [`### ${escape(block.title)}`, ""];
    if (block.kind === "prose") {
      return [...title, ...block.lines.map((line) => `- ${escape(line.trim())}`)].join("\n");
    }
    const { columns, rows } = block;
    return [
      ...title,
      row(columns.map((column) => column.title)),
      `| ${columns.map(({ align }) => align === "right" ? "---:" : ":---").join(" | ")} |`,
      ...rows.map(({ cells }) => row(columns.map((_, i) => cells[i] ?? ""))),
    ].join("\n");
  }).join("\n\n") + "\n";
}

type Table = Extract<Block, { kind: "table" }>;

/** Which columns are shown, and how wide each is. */
interface Layout {
  readonly shown: readonly number[];
  readonly widths: readonly number[];
}

function layOut(tables: readonly Table[], width: number): Layout {
  const { columns } = tables[0], last = columns.length - 1;
  const widths = columns.map(({ title }, i) => {
    const texts = tables.flatMap(({ rows }) => rows.map(({ cells }) => cells[i] ?? ""));
    return Math.max(...[...titleLines(title), ...texts].map(lengthOf));
  });
  const isUsed = (i: number) => tables.some(({ rows }) => rows.some(({ cells }) => cells[i]));
  let shown = columns.map((_, i) => i).filter((i) => columns[i].rank === 0 || isUsed(i));
  const needed = () => {
    const most = (i: number) => i === last ? Math.min(widths[i], LEAST_LAST) : widths[i];
    return shown.reduce((sum, i) => sum + most(i) + GAP.length, -GAP.length);
  };
  while (needed() > width) {
    const least = Math.max(...shown.map((i) => columns[i].rank));
    if (least <= 1 && widths[0] > LEAST_FIRST) {
      widths[0] = LEAST_FIRST;
      continue;
    }
    if (least === 0) break;
    shown = shown.filter((i) => columns[i].rank !== least);
  }
  const others = shown.filter((i) => i !== last).reduce((sum, i) => sum + widths[i] + 2, 0);
  widths[last] = Math.min(widths[last], Math.max(LEAST_LAST, width - others));
  return { shown, widths };
}

/** A title of two words stands in two lines where the column is narrow; "\n" says where. */
function titleLines(title: string): string[] {
  return title.split("\n");
}

function tableOf({ columns, rows }: Table, layout: Layout, screen: Screen): string[] {
  const height = Math.max(...layout.shown.map((i) => titleLines(columns[i].title).length));
  const head = Array.from({ length: height }, (_, line) => {
    const cells = columns.map(({ title }) => {
      const lines = titleLines(title);
      return lines[line - (height - lines.length)] ?? "";
    });
    return paint(lineOf(cells, columns, layout), "dim", screen);
  });
  return [
    ...head,
    ...rows.flatMap(({ cells, tone }) => {
      const last = columns.length - 1;
      const names = foldName(clean(cells[0]), layout.widths[0]);
      const folds = last === 0 ? names : fold(clean(cells[last] ?? ""), layout.widths[last]);
      return Array.from({ length: Math.max(names.length, folds.length) }, (_, i) => {
        const line = columns.map((_, at) => {
          if (at === 0) return names[i] ?? "";
          return at === last ? folds[i] ?? "" : i === 0 ? cells[at] ?? "" : "";
        });
        return paint(lineOf(line, columns, layout), tone ?? "plain", screen);
      });
    }),
  ];
}

/** `npm_functional_` and `  red_black_tree`; words apart as well. */
function foldName(name: string, width: number): string[] {
  const lines = [""];
  for (const part of name.match(/[^_ ]*[_ ]|[^_ ]+$/g) ?? []) {
    const line = lines[lines.length - 1];
    if (lengthOf(line + part) <= width || line.trim() === "") lines[lines.length - 1] += part;
    else lines.push(INDENT + part);
  }
  return lines;
}

function lineOf(cells: readonly string[], columns: readonly Column[], layout: Layout): string {
  return layout.shown.map((i) => {
    const text = clean(cells[i]), room = " ".repeat(Math.max(0, layout.widths[i] - lengthOf(text)));
    return columns[i].align === "right" ? room + text : text + room;
  }).join(GAP).trimEnd();
}

/** A line of prose; where it is folded, the rest is indented. */
function proseOf(line: string, { width }: Screen): string[] {
  const [first, ...rest] = fold(clean(line.trim()), Math.min(width, 100) - INDENT.length);
  return [first, ...rest.map((text) => INDENT + text)];
}

/** Breaks between words, but not before a per cent sign or a mark; a word longer than the line stays whole. */
export function fold(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(/ (?!%|[~=?!],?(?: |$))/)) {
    const line = lines[lines.length - 1];
    if (line === "") lines[lines.length - 1] = word;
    else if (lengthOf(line) + 1 + lengthOf(word) <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** Columns of a terminal, as far as names and numbers go: code points. */
function lengthOf(text: string): number {
  return [...text].length;
}

function paint(line: string, tone: Tone, { color }: Screen): string {
  return color && CODES[tone] !== "" && line !== "" ? `${CODES[tone]}${line}\x1b[0m` : line;
}
