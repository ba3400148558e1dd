/** Digests of the files that a race runs, to tell whether a later run of it is of the same programs. */
import type { Source } from "../gate/load.ts";

const ROOT = new URL("../../", import.meta.url).href;

/** What the processes of a race begin with, from this folder, and what decides over their packages. */
const HARNESS: readonly string[] = [
  "./trial_process.ts",
  "./probe_process.ts",
  "../gate/gate_process.ts",
  "../../deno.json",
  "../../deno.lock",
];

/** Hexadecimal digits of a digest that are kept: 64 bits. */
const DIGITS = 16;

/**
 * The digests of all files of the contenders and of the processes that run them, with what they import
 * by relative paths, by their paths from the project's folder. `Error` where one cannot be read.
 */
export async function codeOf(contenders: readonly Source[]): Promise<Record<string, string>> {
  const begin = HARNESS.map((path) => new URL(path, import.meta.url).href);
  const digests = new Map<string, string>();
  const pending = [...begin, ...contenders.map(({ url }) => url)];
  for (let url = pending.pop(); url !== undefined; url = pending.pop()) {
    const path = url.replace(ROOT, "");
    if (digests.has(path)) continue;
    const bytes = await Deno.readFile(new URL(url));
    digests.set(path, await digestOf(bytes));
    if (url.endsWith("s")) pending.push(...importsOf(new TextDecoder().decode(bytes), url));
  }
  return Object.fromEntries([...digests].sort(([a], [b]) => a < b ? -1 : 1));
}

/** The files that differ between two runs, in words; empty where none does. */
export function changedCode(
  was: Readonly<Record<string, string>>,
  is: Readonly<Record<string, string>>,
): string[] {
  const paths = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  return paths.filter((path) => was[path] !== is[path]);
}

/** What a text of TypeScript or JavaScript imports by a relative path, but no types, queries left out. */
function importsOf(text: string, url: string): string[] {
  const running = text.replace(/\bimport\s+type\b[^;]*;|\btypeof\s+import\([^)]*\)/g, "");
  const found = running.matchAll(
    /(?:\bfrom|\bimport)\s*\(?\s*(["'`])(\.\.?\/[^"'`$?\s]+)[^"'`]*\1/g,
  );
  return [...found].map(([, , path]) => new URL(path, url)).filter(isThere).map(({ href }) => href);
}

/** Examples in comments import what need not be there. */
function isThere(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toHex().slice(0, DIGITS);
}
