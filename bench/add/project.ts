/**
 * The project's files as text. A file of impls/ may be half-written while one works on it, so these
 * commands import no contender: they would fail with it.
 */

const ROOT = new URL("../../", import.meta.url);

/** A file of the project, by its path from the root. */
export function fileAt(path: string): URL {
  return new URL(path, ROOT);
}

/** Where contenders are registered. */
export const CONTENDERS_PATH = "bench/race/contenders.ts";

/** The names that the text of contenders.ts registers, in its order. */
export function registeredNames(text: string): string[] {
  return [...text.matchAll(/^\s*name: "(\w+)",$/gm)].map(([, name]) => name);
}

/** Whether there is a file or folder. */
export function exists(file: URL): boolean {
  try {
    Deno.lstatSync(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
