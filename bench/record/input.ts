/** The bytes of a file that a user names: opened once, read once, whole and bounded. */
import { ResultFileError, systemWords } from "./result_error.ts";

/**
 * Bytes of the largest file that is read: a default race of 21 contenders writes 2 MB, and what a file
 * says takes some times its size in memory.
 */
export const LARGEST_FILE = 32 * 2 ** 20;

/** Seconds to wait for the other end of a named pipe. */
const PIPE_SECONDS = 5;

/** Bytes that a read asks for. */
const PIECE = 2 ** 18;

/**
 * All bytes of a file, a pipe or, for `-`, of standard input. `ResultFileError` where there are none to
 * read, where no other end of a pipe comes, and where there are more than `LARGEST_FILE`.
 */
export async function readInput(path: string): Promise<Uint8Array> {
  if (path === "-") return await readAll(Deno.stdin, "standard input");
  try {
    using file = await opened(path);
    return await readAll(file, path);
  } catch (error) {
    if (error instanceof ResultFileError) throw error;
    throw new ResultFileError(`Cannot read ${path}: ${systemWords(error)}`);
  }
}

async function opened(path: string): Promise<Deno.FsFile> {
  const { isDirectory, isFifo } = await Deno.stat(path);
  if (isDirectory) {
    throw new ResultFileError(`Cannot read ${path} as it must be a file: it is a folder`);
  }
  const opening = Deno.open(path);
  if (!isFifo) return await opening;
  let timer;
  const late = new Promise<never>((_, reject) => {
    const words = `Cannot read ${path} as it is a pipe: nothing writes to it within ` +
      `${PIPE_SECONDS} s`;
    timer = setTimeout(() => reject(new ResultFileError(words)), PIPE_SECONDS * 1000);
  });
  try {
    return await Promise.race([opening, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function readAll(
  input: { read(into: Uint8Array): Promise<number | null> },
  name: string,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const piece = new Uint8Array(PIECE), read = await input.read(piece);
    if (read === null) break;
    length += read;
    if (length > LARGEST_FILE) {
      throw new ResultFileError(`Cannot read ${name} as it must have at most 32 MiB: it has more`);
    }
    pieces.push(piece.subarray(0, read));
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * The bytes in UTF-8 and without a byte order mark, which says whether they are UTF-16. `ResultFileError`
 * where they begin as UTF-16 does and are none.
 */
export function asUtf8(bytes: Uint8Array, name: string): Uint8Array {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return bytes.subarray(3);
  const encoding = a === 0xff && b === 0xfe
    ? "utf-16le"
    : a === 0xfe && b === 0xff
    ? "utf-16be"
    : null;
  if (encoding === null) return bytes;
  try {
    return new TextEncoder().encode(new TextDecoder(encoding, { fatal: true }).decode(bytes));
  } catch {
    throw new ResultFileError(`Cannot read ${name} as it begins as UTF-16 does, and is none`);
  }
}
