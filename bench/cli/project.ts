/**
 * The project's files, and the user's. A file of impls/ may be half-written while one works on it, so
 * the list of contenders is read as text here: to import it would fail with that file.
 */
import { relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Source } from "../gate/load.ts";
import { isPath, sourceOf } from "../gate/source.ts";
import { systemWords } from "../record/result_error.ts";
import { FileError, NotLoadedError, UsageError } from "./exit.ts";
import { listOf, text, type Value } from "./options.ts";

const ROOT = new URL("../../", import.meta.url);

/** Where contenders are registered. */
export const CONTENDERS_PATH = "bench/race/contenders.ts";

/** A file of the project, by its path from the root. */
export function fileAt(path: string): URL {
  return new URL(path, ROOT);
}

/**
 * Goes to the folder in which the user called `deno task`, which itself goes to the project's:
 * relative paths are meant from there.
 */
export function standWithUser(): void {
  const mayRead = Deno.permissions.querySync({ name: "read" }).state === "granted";
  const env = { name: "env", variable: "INIT_CWD" } as const;
  if (!mayRead || Deno.permissions.querySync(env).state !== "granted") return;
  const folder = Deno.env.get("INIT_CWD");
  // Elsewhere it is another tool's word, npm's, on where that was called.
  if (folder === undefined || relative(fileURLToPath(ROOT), process.cwd()) !== "") return;
  try {
    process.chdir(folder);
  } catch {
    // It is gone: paths are meant from the project then.
  }
}

/** A path for the user: relative where the file lies below the current folder. */
export function pathWords(path: string): string {
  const words = relative(process.cwd(), path);
  return words.startsWith("..") ? path : words;
}

/**
 * A word as the shells of a system take it: quoted where it has to be. cmd knows no single quotes, and
 * names on Windows hold no double ones.
 */
export function shellWord(word: string, { os }: { os: string } = Deno.build): string {
  if (os === "windows") return /^[\w@+=:,./\\-]+$/.test(word) ? word : `"${word}"`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The names that the text of contenders.ts registers, in its order. */
export function registeredNames(text: string): string[] {
  // By their `create`, which the contenders by user memory in the same file have not.
  return [...text.matchAll(/name: "(\w+)",[^{}]*?\bcreate: /g)].map(([, name]) => name);
}

/** The names of all contenders, read from the project's list. */
export function contenderNames(): string[] {
  return registeredNames(Deno.readTextFileSync(fileAt(CONTENDERS_PATH)));
}

/**
 * An index by its name or by a path, to `action` it. `SourceError` where there is none,
 * `NotLoadedError` where its file is registered and is not there.
 */
export function sourceNamed(word: string, action: string): Source {
  const isThere = (name: string) => exists(fileAt(`impls/${name}.ts`));
  if (isPath(word) || isThere(word)) return sourceOf(word, { known: [word], action });
  const names = contenderNames();
  if (!names.includes(word)) return sourceOf(word, { known: names.filter(isThere), action });
  throw new NotLoadedError(
    `Cannot ${action} ${word} as ${CONTENDERS_PATH} has it and impls/${word}.ts is not there: ` +
      `restore the file, or remove its lines`,
  );
}

/** Words of deno's, with the project's files by their paths from its root. */
export function projectWords(words: string): string {
  return words.replaceAll(ROOT.href, "");
}

/** Names and paths with commas between them; a path that has commas itself stands alone. */
export function contenderList(): Value<string[]> {
  const plain = listOf(text("NAME|FILE"));
  return {
    ...plain,
    parse(texts, option) {
      return texts.flatMap((text) => {
        return isPath(text) && exists(text) ? [text] : plain.parse([text], option);
      });
    },
  };
}

/** Writes a file whole or not at all: beside it first, then in its place. `FileError`. */
export async function writeWhole(path: string | URL, content: string): Promise<void> {
  const place = path instanceof URL ? fileURLToPath(path) : path,
    part = `${place}.part-${Deno.pid}`;
  try {
    await Deno.writeTextFile(part, content, { createNew: true });
    await Deno.rename(part, place);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw new FileError(`Cannot write ${place}: ${systemWords(error)}`);
  }
}

/** `UsageError` if standard input, `-`, is to be read more than once. */
export function checkStandardInput(paths: readonly string[]): void {
  if (paths.filter((path) => path === "-").length <= 1) return;
  throw new UsageError("Cannot read standard input twice: - may be given once");
}

/** Whether there is a file or folder. */
export function exists(file: string | URL): boolean {
  try {
    Deno.lstatSync(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
