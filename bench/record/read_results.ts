/** Any file of results that a user names, by what it begins with. */
import { isDenoBench, parseDenoBench } from "./deno_bench.ts";
import { asUtf8, readInput } from "./input.ts";
import { parseResultFile, type ResultFile } from "./result_file.ts";

/**
 * Reads a file of `deno task race` or of `deno bench --json`; `-` is standard input. `ResultFileError`
 * in one line for what is malformed.
 */
export async function readResults(path: string): Promise<ResultFile> {
  const bytes = await readInput(path), name = path === "-" ? "standard input" : path;
  const text = asUtf8(bytes, name);
  return isDenoBench(text) ? parseDenoBench(name, text) : parseResultFile(name, bytes);
}
