/** The keys of a result, and how the command line chooses among them. */
import { globPattern } from "../record/glob.ts";
import type { Cell } from "../record/schema.ts";
import { gfnWords, workloadWords } from "./words.ts";
import { ReportError } from "../summary/report_error.ts";

/** What a result can be told from another by. */
export const KEYS = [
  "workload",
  "layout",
  "slots",
  "origin",
  "condition",
  "last-used",
  "engine",
  "contender",
  "file",
] as const;

/** One of `KEYS`. */
export type Key = typeof KEYS[number];

/** The values of all keys of one result. */
export type Keyed = Readonly<Record<Key, string>>;

/** The keys of a contender in a cell of a file. */
export function keyed(cell: Cell, contender: string, file: string): Keyed {
  const { layout, slots, originGfn, condition, lastUsed, engine } = cell;
  return {
    workload: workloadWords(cell),
    layout,
    slots: String(slots),
    origin: gfnWords(originGfn),
    condition,
    "last-used": lastUsed,
    engine,
    contender,
    file,
  };
}

/** A key by its name. `ReportError` for another word. */
export function keyOf(word: string): Key {
  for (const key of KEYS) if (key === word) return key;
  throw new ReportError(
    `Cannot use ${word || "an empty word"} as a key: there are ${KEYS.join(", ")}`,
    { isUsage: true },
  );
}

/**
 * Filters as `--filter` takes them, `workload=zap*,move`: of one key any may match, of several keys
 * each must. `*` is any text, `?` any character. `ReportError` for another form.
 */
export function keepOf(filters: readonly string[]): (cell: Cell, contender: string) => boolean {
  const globs = Map.groupBy(
    filters.flatMap((filter) => {
      const found = /^([a-z-]+)=(.+)$/.exec(filter);
      if (!found) {
        throw new ReportError(
          `Cannot filter by ${filter} as a filter is KEY=GLOB, such as workload=zap*`,
          { isUsage: true },
        );
      }
      const key = keyOf(found[1]);
      if (key === "file") {
        throw new ReportError("Cannot filter by file: name just the files to compare", {
          isUsage: true,
        });
      }
      return found[2].split(",").map((glob) => ({ key, pattern: globPattern(glob) }));
    }),
    ({ key }) => key,
  );
  return (cell, contender) => {
    const values = keyed(cell, contender, "");
    return [...globs].every(([key, patterns]) => {
      const texts = [values[key]];
      if (key === "origin") texts.push(String(cell.originGfn));
      if (key === "workload") texts.push(cell.workload);
      return patterns.some(({ pattern }) => texts.some((text) => pattern.test(text)));
    });
  };
}
