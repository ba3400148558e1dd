/** Which index is meant: a contender by its name, or a file of the user's by its path. */
import { parse, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { systemWords } from "../record/result_error.ts";
import type { Source } from "./load.ts";

/** A word that names no index that can be tried; its message is one line. */
export class SourceError extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "SourceError";
}

/** Names that a contender cannot have: each race has entries, or a timed loop, so named. */
export const RESERVED: readonly string[] = ["twin", "floor", "planted", "shared"];

/** Whether the word is the path of a file, not a name. */
export function isPath(word: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(word);
}

/**
 * The index that `word` means: one of the names `known`, or the path of a file, relative to the
 * current folder. `SourceError`, which says that it cannot `action` it, where there is none.
 */
export function sourceOf(
  word: string,
  { known, action }: { known: readonly string[]; action: string },
): Source {
  if (isPath(word)) return sourceAt(word, action);
  if (known.includes(word)) {
    const folder = word.startsWith("hva_") ? "impls/hva" : "impls";
    return { name: word, url: new URL(`../../${folder}/${word}.ts`, import.meta.url).href };
  }
  throw new SourceError(
    `Cannot ${action} ${word} as no contender has that name: there are ${known.join(", ")}, ` +
      "or give the path of a file",
  );
}

function sourceAt(path: string, action: string): Source {
  const place = resolve(path), { name } = parse(place);
  const why = whyNoFile(place) ?? (RESERVED.includes(name) ? "that name is reserved" : null);
  if (why === null) return { name, url: pathToFileURL(place).href };
  throw new SourceError(`Cannot ${action} ${path} as ${why}`);
}

function whyNoFile(path: string): string | null {
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    if (isFile) return null;
    return isDirectory ? "it is a folder: give the file in it" : "it is no ordinary file";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "no file is there";
    return systemWords(error);
  }
}
