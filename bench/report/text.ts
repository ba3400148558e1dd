/** Reports as text for a terminal: columns give way or are folded where it is narrow. */
import { type Block, Notes, type Prose, type Row, type Table, type Tone } from "./table.ts";
import { isNumeric, type Value, valueWords } from "./value.ts";
import { clean } from "./words.ts";

/** The screen, or what stands for it. */
export interface Screen {
  /** In columns of a letter. */
  readonly width: number;
  /** Whether it shows colours. */
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

/** Prose is folded here even where the screen is wider: longer lines are hard to read. */
const WIDEST_PROSE = 100;

/** The last column is folded rather than that others go, down to this. */
const LEAST_LAST = 16;

/** Names of the first column are folded rather than that columns of `NEEDED_RANK` go, down to this. */
const LEAST_FIRST = 20;
const NEEDED_RANK = 2;

/** Where nothing else helps, every column of texts is folded, down to this. */
const LEAST_FOLDED = 10;

/** A word longer than this is cut: no name needs it, and no screen can show a line of a megabyte. */
const LONGEST_WORD = 200;

/** Blocks as text. Tables of the same columns have the same widths, so that the eye can go down the page. */
export function textOf(blocks: readonly Block[], screen: Screen): string {
  const notes = new Notes();
  const tables = blocks.map((block) => block.kind === "table" ? textTable(block, notes) : null);
  const alike = Map.groupBy(tables.filter((table) => table !== null), ({ key }) => key);
  const layouts = new Map([...alike].map(([key, tables]) => [key, layOut(tables, screen.width)]));
  return blocks.map((block, i) => {
    const title = block.title === "" ? [] : fold(plain(block.title), screen.width);
    const body = block.kind === "prose"
      ? linesOf(block, notes).flatMap((line) => proseLines(line, screen))
      : tableLines(tables[i]!, layouts.get(tables[i]!.key)!, screen);
    return [...title.map((line) => paint(line, "bold", screen)), ...body].join("\n");
  }).join("\n\n") + "\n";
}

/** The lines of a block of prose, those of the notes first where it has them. */
export function linesOf({ lines, hasNotes }: Prose, notes: Notes): readonly string[] {
  return hasNotes ? [...notes.lines(), ...lines] : lines;
}

/** A table whose values are words. */
interface TextTable {
  readonly columns: Table["columns"];
  readonly rows: readonly { readonly words: readonly string[]; readonly tone: Tone }[];
  /** The same for tables of the same columns. */
  readonly key: string;
}

function textTable({ columns, rows }: Table, notes: Notes): TextTable {
  const shown = columns.flatMap(({ title }, i) => title === undefined ? [] : [i]);
  const isMarked = columns.map((_, i) => rows.some(({ values }) => values[i]?.mark !== undefined));
  const kept = shown.map((i) => columns[i]);
  return {
    columns: kept,
    rows: rows.map(({ values, tone }: Row) => ({
      words: shown.map((i) => wordsIn(values[i], { notes, isMarked: isMarked[i] })),
      tone,
    })),
    key: JSON.stringify(kept),
  };
}

/** A value with its mark or the number of its note; numbers without a mark stand above those with one. */
function wordsIn(
  value: Value | undefined,
  { notes, isMarked }: { notes: Notes; isMarked: boolean },
): string {
  if (value === undefined) return "";
  const words = plain(valueWords(value));
  if (value.mark !== undefined) return `${words} ${value.mark}`;
  if (value.note !== undefined) return `${words} ${notes.mark(value.note)}`;
  return isMarked && isNumeric(value) ? `${words}  ` : words;
}

/** Which columns are shown, and how wide each is. */
interface Layout {
  readonly shown: readonly number[];
  readonly widths: readonly number[];
}

/** The columns that there is room for, by these steps until they fit. */
function layOut(tables: readonly TextTable[], width: number): Layout {
  const [{ columns }] = tables, last = columns.length - 1;
  const widths = naturalWidths(tables);
  const isUsed = (i: number) =>
    tables.some(({ rows }) => rows.some(({ words }) => words[i] !== ""));
  let shown = columns.map((_, i) => i).filter((i) => rankOf(columns[i]) === 0 || isUsed(i));
  // The last column can be folded at no loss, so it counts as narrow.
  const needed = (least = LEAST_LAST) =>
    shown.reduce((sum, i) => {
      return sum + (i === last ? Math.min(widths[i], least) : widths[i]) + GAP.length;
    }, -GAP.length);
  while (needed() > width) {
    const highest = shown.reduce((most, i) => Math.max(most, rankOf(columns[i])), 0);
    if (highest <= NEEDED_RANK && widths[0] > LEAST_FIRST) widths[0] = LEAST_FIRST;
    else if (highest === 0) break;
    else shown = shown.filter((i) => rankOf(columns[i]) !== highest);
  }
  const foldable = shown.filter((i) => i !== last && columns[i].align !== "right");
  const room = foldable.reduce((sum, i) => sum + Math.max(0, widths[i] - LEAST_FOLDED), 0);
  // A table that is wider than the screen in any case is not folded for nothing.
  for (let over = needed(LEAST_FOLDED) - width; over > 0 && over <= room; over--) {
    widths[foldable.reduce((widest, i) => widths[i] > widths[widest] ? i : widest)]--;
  }
  const others = shown.filter((i) => i !== last).reduce((sum, i) => sum + widths[i] + 2, 0);
  widths[last] = Math.min(widths[last], Math.max(LEAST_FOLDED, width - others));
  return { shown, widths };
}

function rankOf({ rank = 0 }: Table["columns"][number]): number {
  return rank;
}

/** The widths that no column has to be folded for. */
function naturalWidths(tables: readonly TextTable[]): number[] {
  const widths = tables[0].columns.map(({ title }) => Math.max(...titleLines(title).map(lengthOf)));
  for (const { rows } of tables) {
    for (const { words } of rows) {
      words.forEach((word, i) => widths[i] = Math.max(widths[i], lengthOf(word)));
    }
  }
  return widths;
}

/** A title of two words stands in two lines where the column is narrow; "\n" says where. */
function titleLines(title = ""): string[] {
  return title.split("\n").map(plain);
}

function tableLines({ columns, rows }: TextTable, layout: Layout, screen: Screen): string[] {
  const titles = columns.map(({ title }) => titleLines(title));
  const height = Math.max(...layout.shown.map((i) => titles[i].length));
  // Titles stand on the rows, so the shorter ones begin lower.
  const heads = titles.map((lines) => [...Array(height).fill("").slice(lines.length), ...lines]);
  return [
    ...stacked(heads, columns, layout).map((line) => paint(line, "dim", screen)),
    ...rows.flatMap(({ words, tone }) => {
      const folded = words.map((word, i) => foldValue(word, layout.widths[i], i === 0));
      return stacked(folded, columns, layout).map((line) => paint(line, tone, screen));
    }),
  ];
}

/** Values of several lines each, side by side. */
function stacked(
  values: readonly (readonly string[])[],
  columns: Table["columns"],
  { shown, widths }: Layout,
): string[] {
  const height = Math.max(...shown.map((i) => values[i].length));
  return Array.from({ length: height }, (_, line) =>
    shown.map((i) => {
      const words = values[i][line] ?? "";
      const room = " ".repeat(Math.max(0, widths[i] - lengthOf(words)));
      return columns[i].align === "right" ? room + words : words + room;
    }).join(GAP).trimEnd());
}

/** A value in lines: between words, else behind underscores; the rest of a name is indented. */
function foldValue(words: string, width: number, isName: boolean): string[] {
  if (lengthOf(words) <= width) return [words];
  const [first, ...rest] = fold(words, width).flatMap((line) => foldName(line, width));
  return [first, ...rest.map((line) => isName ? INDENT + line.trimStart() : line)];
}

/** `npm_functional_` and `red_black_tree`. */
function foldName(name: string, width: number): string[] {
  if (lengthOf(name) <= width) return [name];
  return packed(name.split(/(?<=_)/), width, "");
}

/** A line of prose; where it is folded, the rest is indented. */
function proseLines(line: string, { width }: Screen): string[] {
  const [first, ...rest] = fold(plain(line.trim()), Math.min(width, WIDEST_PROSE) - INDENT.length);
  return [first, ...rest.map((text) => INDENT + text)];
}

/** Breaks between words, but not before a per cent sign, a mark or a note's number; long words stay whole. */
export function fold(text: string, width: number): string[] {
  return packed(text.split(/ (?!%|\(\d+\)|[~=?!],?(?: |$))/), width, " ");
}

/** Pieces joined as long as the line has room for the next one. */
function packed(pieces: readonly string[], width: number, between: string): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const piece of pieces) {
    const longer: string = line === null ? piece : line + between + piece;
    if (line === null || line === "" || lengthOf(longer) <= width) {
      line = line === "" ? piece : longer;
    } else {
      lines.push(line);
      line = piece;
    }
  }
  return [...lines, line ?? ""];
}

/** Text fit for a terminal, without words of a length that no name has. */
function plain(text: string): string {
  return clean(text).replace(
    /\S{201,}/gu,
    (word) => `${[...word].slice(0, LONGEST_WORD).join("")}…`,
  );
}

/** Columns of a terminal, as far as names and numbers go: code points. */
function lengthOf(text: string): number {
  return [...text].length;
}

function paint(line: string, tone: Tone, { color }: Screen): string {
  return color && CODES[tone] !== "" && line !== "" ? `${CODES[tone]}${line}\x1b[0m` : line;
}
