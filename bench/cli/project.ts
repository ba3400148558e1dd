/**
 * The project's files as text. A file of impls/ may be half-written while one works on it, so these
 * commands import no contender: they would fail with it.
 */
import type { Source } from "../gate/load.ts";
import { UsageError } from "./usage.ts";

const ROOT = new URL("../../", import.meta.url);

/** A file of the project, by its path from the root. */
export function fileAt(path: string): URL {
  return new URL(path, ROOT);
}

/** Where contenders are registered. */
export const CONTENDERS_PATH = "bench/race/contenders.ts";

/** The names that the text of contenders.ts registers, in its order. */
export function registeredNames(text: string): string[] {
  // By their loops, which the contenders by user memory in the same file have not.
  return [...text.matchAll(/import\("\.\/replay\.ts\?for=(\w+)"\)/g)].map(([, name]) => name);
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

/** An index by its name or by a path, to `action` it. A `UsageError` where there is none. */
export function sourceOf(nameOrPath: string, action: string): Source {
  const isPath = /[/\\]|\.[jt]s$/.test(nameOrPath);
  const url = isPath
    ? new URL(nameOrPath, `file://${Deno.cwd()}/`)
    : fileAt(`impls/${nameOrPath}.ts`);
  if (exists(url) && Deno.statSync(url).isFile) {
    return { name: url.pathname.split("/").pop()!.replace(/\.[jt]s$/, ""), url: url.href };
  }
  if (isPath) throw new UsageError(`Cannot ${action} ${nameOrPath} as no file is there`);
  const names = registeredNames(Deno.readTextFileSync(fileAt(CONTENDERS_PATH)));
  throw new UsageError(
    `Cannot ${action} ${nameOrPath} as no contender has that name: there are ${
      names.join(", ")
    }, or give the path of a file`,
  );
}
