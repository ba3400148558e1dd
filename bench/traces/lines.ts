/**
 * Whole lines of a file, as they come: of files of any size, of pipes and of standard input, plain
 * or gzipped.
 */
import { createGunzip } from "node:zlib";
import { Readable } from "node:stream";
import { TraceError } from "./trace_error.ts";

/** Something to read once. */
export interface Source {
  /** As messages name it: a path, or `standard input`. */
  readonly name: string;
  /** Its bytes; a piece is valid until the next one is asked for. */
  open(): AsyncIterable<Uint8Array>;
}

/**
 * Bytes of a line at most. Lines of logs have some hundred; JSON of KVM's 32,764 slots may be one line
 * of 3 MiB.
 */
export const LONGEST_LINE = 2 ** 22;

/** Bytes that a read asks for: enough that its cost is nothing beside that of the lines. */
const READ_BYTES = 2 ** 18;

const LINE_FEED = 10;

/** A file by its path; `-` is standard input. */
export function fileSource(path: string): Source {
  const name = path === "-" ? "standard input" : path;
  return { name, open: () => path === "-" ? pieces(Deno.stdin, name) : filePieces(path) };
}

/** Bytes that are there. */
export function bytesSource(name: string, bytes: Uint8Array): Source {
  return {
    name,
    open: async function* () {
      for (let at = 0; at < bytes.length; at += READ_BYTES) {
        yield bytes.subarray(at, at + READ_BYTES);
      }
    },
  };
}

async function* filePieces(path: string): AsyncGenerator<Uint8Array> {
  // Not `using`: a race's processes load this file in Node 22, too, which does not know it.
  let file: Deno.FsFile | null = null;
  try {
    file = await Deno.open(path);
    yield* pieces(file, path);
  } catch (error) {
    throw error instanceof TraceError ? error : new TraceError(
      `Cannot read ${path} as it must be a file that can be read: ${systemWords(error)}`,
    );
  } finally {
    file?.close();
  }
}

interface Input {
  read(into: Uint8Array): Promise<number | null>;
}

async function* pieces(input: Input, name: string): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const length = await input.read(buffer).catch((error) => {
      throw new TraceError(`Cannot read ${name} as reading failed: ${systemWords(error)}`);
    });
    if (length === null) return;
    yield buffer.subarray(0, length);
  }
}

function systemWords(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is none";
  return error instanceof Error ? error.message : String(error);
}

/** Where reading stands: whoever takes the lines counts them here, so that errors can name one. */
export interface Place {
  /** As messages name the file. */
  readonly name: string;
  /** Lines taken so far. */
  line: number;
}

/**
 * The lines of a source in pieces: each is of whole lines and is valid until the next one is asked
 * for; only the last may end without a line feed. The byte order mark of UTF-8 is left out, and gzip
 * is unpacked. `TraceError` for what is not text, with the line where that is known.
 */
export async function* wholeLines(source: Source, place: Place): AsyncGenerator<Uint8Array> {
  const packed = await peeked(source.open());
  refuseOtherFormats(packed.head, place.name);
  const plain = startsWith(packed.head, GZIP) ? await peeked(unpacked(packed.all, place)) : packed;
  refuseOtherFormats(plain.head, place.name);
  let rest: Uint8Array = new Uint8Array();
  let isFirst = true;
  for await (const piece of plain.all) {
    const whole = isFirst && startsWith(piece, UTF8_MARK)
      ? piece.subarray(UTF8_MARK.length)
      : piece;
    isFirst = false;
    checkText(whole, place);
    const bytes = rest.length === 0 ? whole : joined(rest, whole);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) yield bytes.subarray(0, end);
    rest = bytes.slice(end);
    if (rest.length > LONGEST_LINE) {
      throw new TraceError(
        `Cannot read ${place.name} as a line has at most 4 MiB: line ${place.line + 1} has more`,
      );
    }
  }
  if (rest.length > 0) yield rest;
}

const GZIP = [0x1f, 0x8b], UTF8_MARK = [0xef, 0xbb, 0xbf];

/** What a file begins with that is no text, and what to do about it. */
const OTHER_FORMATS: readonly (readonly [magic: readonly number[], words: string])[] = [
  [[0xff, 0xfe], "UTF-16: convert it with iconv -f UTF-16 -t UTF-8"],
  [[0xfe, 0xff], "UTF-16: convert it with iconv -f UTF-16 -t UTF-8"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz: unpack it with xz -d"],
  [[0x28, 0xb5, 0x2f, 0xfd], "zstd: unpack it with zstd -d"],
  [[0x42, 0x5a, 0x68], "bzip2: unpack it with bunzip2"],
  [[0x50, 0x4b, 0x03, 0x04], "zip: unpack it"],
  [[0x17, 0x08, 0x44], "trace-cmd's trace.dat: give what trace-cmd report prints"],
  [[0x50, 0x45, 0x52, 0x46, 0x49, 0x4c, 0x45], "perf's perf.data: give what perf script prints"],
];

function refuseOtherFormats(head: Uint8Array, name: string): void {
  const found = OTHER_FORMATS.find(([magic]) => startsWith(head, magic));
  if (found === undefined) return;
  throw new TraceError(
    `Cannot read ${name} as it must be text, or text in gzip: it is ${found[1]}`,
  );
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
}

function checkText(bytes: Uint8Array, { name, line }: Place): void {
  const nul = bytes.indexOf(0);
  if (nul === -1) return;
  let lines = line + 1;
  for (let at = 0; at < nul; at++) if (bytes[at] === LINE_FEED) lines++;
  throw new TraceError(
    `Cannot read ${name} as it must be text, or text in gzip: line ${lines} has a zero byte`,
  );
}

/** The longest of the magics above, and a byte order mark. */
const HEAD_BYTES = 8;

/** The first bytes of a source, and the source from its beginning, the head as one piece. */
async function peeked(source: AsyncIterable<Uint8Array>) {
  const pieces = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < HEAD_BYTES) {
    const { done, value } = await pieces.next();
    if (done) break;
    head = joined(head, value);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      yield* { [Symbol.asyncIterator]: () => pieces };
    } finally {
      await pieces.return?.();
    }
  }
  return { head, all: all() };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/**
 * Unpacks gzip, of several members too, which `DecompressionStream` refuses (`cat a.gz b.gz`, pigz).
 */
async function* unpacked(
  packed: AsyncIterable<Uint8Array>,
  place: Place,
): AsyncGenerator<Uint8Array> {
  // A piece is valid until the next one is asked for, and the unpacker reads ahead.
  async function* copies() {
    for await (const piece of packed) yield piece.slice();
  }
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  const input = Readable.from(copies(), { objectMode: false });
  input.on("error", (error) => gunzip.destroy(error));
  try {
    for await (const piece of input.pipe(gunzip)) yield piece;
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const words = error instanceof Error ? error.message : String(error);
    throw new TraceError(
      `Cannot read ${place.name} as its gzip data must be whole: behind line ${place.line} it is ` +
        `damaged or cut (${words})`,
    );
  } finally {
    input.destroy();
  }
}
