/** Reading and writing result files: JSON Lines, a line at once, nothing overwritten. */
import { cellKey, type Line, Line as LineSchema, type RunLine, SCHEMA } from "./schema.ts";

/** A file that cannot be read or written, in one line: what, where and how to mend it. */
export class ResultFileError extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "ResultFileError";
}

/** What a file holds. */
export interface ResultFile {
  readonly path: string;
  readonly run: RunLine;
  /** All lines but the first, in order. */
  readonly lines: readonly Line[];
  /** What a reader should know: a last line cut off, a run that did not end. */
  readonly warnings: readonly string[];
  /** Length of the whole lines, in bytes: what lies behind was cut off. */
  readonly wholeBytes: number;
}

/** No line is longer than this, in bytes: a trial takes some tens of thousands. */
const LONGEST_LINE = 16 * 2 ** 20;

/** Reads a whole file. Throws a `ResultFileError` with file and line for what is malformed. */
export function readResultFile(path: string): ResultFile {
  const bytes = readBytes(path);
  const warnings: string[] = [];
  const lines: Line[] = [];
  const seen = new Map<string, number>();
  let at = 0, wholeBytes = 0;
  for (let number = 1; at < bytes.length; number++) {
    const end = bytes.indexOf(10, at), stop = end === -1 ? bytes.length : end;
    const where = `${path}:${number}`;
    if (stop - at > LONGEST_LINE) {
      throw new ResultFileError(
        `Cannot read ${where} as a line must be below 16 MiB: it has ${stop - at} bytes`,
      );
    }
    const text = new TextDecoder().decode(bytes.subarray(at, stop));
    if (end === -1) {
      warnings.push(`${where} is cut off and left out: the run was killed while it wrote`);
    } else if (text.trim() !== "") {
      const line = parseLine(text, where, lines.length === 0);
      refuseSecond(line, where, { number, seen });
      lines.push(line);
      wholeBytes = stop + 1;
    }
    at = stop + 1;
  }
  const [run, ...rest] = lines;
  if (run === undefined || run.kind !== "run") {
    throw new ResultFileError(
      `Cannot read ${path} as its first line must be a whole run line: the file has ${
        bytes.length === 0 ? "no bytes" : "none"
      }`,
    );
  }
  if (!rest.some(({ kind }) => kind === "end")) {
    warnings.push(`${path} has no end line: the run was stopped (deno task race --resume ${path})`);
  }
  return { path, run, lines: rest, warnings, wholeBytes };
}

function readBytes(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw new ResultFileError(`Cannot read ${path}: ${reason(error)}`);
  }
}

function parseLine(text: string, where: string, isFirst: boolean): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ResultFileError(
      `Cannot read ${where} as each line must be JSON: ${(error as Error).message.slice(0, 100)}`,
    );
  }
  if (isFirst) refuseVersion(value, where);
  const parsed = LineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new ResultFileError(
    `Cannot read ${where} as it breaks ${SCHEMA} at ${path.join(".") || "its top"}: ${message}`,
  );
}

/** A newer minor would be the same name; another major is another format. */
function refuseVersion(value: unknown, where: string): void {
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (schema === SCHEMA) return;
  const found = typeof schema === "string" ? schema : "none";
  throw new ResultFileError(
    `Cannot read ${where} as its schema must be ${SCHEMA}: found ${found.slice(0, 60)}`,
  );
}

/** An attempt at a trial stands in a file once; a second run line would be a second race. */
function refuseSecond(
  line: Line,
  where: string,
  { number, seen }: { number: number; seen: Map<string, number> },
): void {
  const key = keyOf(line);
  if (key === null) return;
  const first = seen.get(key);
  if (first !== undefined) {
    throw new ResultFileError(
      `Cannot read ${where} as each ${line.kind} must stand once: line ${first} has it too`,
    );
  }
  seen.set(key, number);
}

function keyOf(line: Line): string | null {
  switch (line.kind) {
    case "run":
    case "end":
      return line.kind;
    case "trial":
      return JSON.stringify([line.kind, line.process, line.attempt ?? 1, cellKey(line.cell)]);
    case "probe":
      return JSON.stringify([line.kind, cellKey(line.cell)]);
    case "gate":
      return JSON.stringify([line.kind, line.name]);
  }
}

/** A file that lines are appended to, each at once and whole. One race at a time. */
export class ResultWriter implements Disposable {
  /** Where the file is. */
  readonly path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /** A new file with its first line. `ResultFileError` if one is there, or the folder is not. */
  static async create(path: string, run: RunLine): Promise<ResultWriter> {
    const folder = path.replace(/[^/]*$/, "");
    const writer = await ResultWriter.#open(path, () => {
      if (folder !== "") Deno.mkdirSync(folder, { recursive: true });
      return Deno.openSync(path, { createNew: true, write: true });
    });
    writer.append(run);
    return writer;
  }

  /** The file that was read, behind its whole lines: what was cut off is cut away. */
  static async resume({ path, wholeBytes }: ResultFile): Promise<ResultWriter> {
    const writer = await ResultWriter.#open(path, () => Deno.openSync(path, { write: true }));
    writer.#file.truncateSync(wholeBytes);
    writer.#file.seekSync(0, Deno.SeekMode.End);
    return writer;
  }

  /** Appends a line and hands it to the disk. */
  append(line: Line): void {
    const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
    try {
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
      this.#file.syncDataSync();
    } catch (error) {
      throw new ResultFileError(
        `Cannot append to ${this.path}: ${reason(error)}. What is there stays; make room and ` +
          `go on with deno task race --resume ${this.path}`,
      );
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  static async #open(path: string, open: () => Deno.FsFile): Promise<ResultWriter> {
    let file: Deno.FsFile;
    try {
      file = open();
    } catch (error) {
      throw new ResultFileError(`Cannot write ${path}: ${reason(error)}`);
    }
    if (await file.tryLock(true)) return new ResultWriter(path, file);
    file.close();
    throw new ResultFileError(
      `Cannot write ${path} as another race is writing it: wait for its end`,
    );
  }
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.AlreadyExists) {
    return "a file is there and results are never overwritten; name another, or --resume it";
  }
  if (error instanceof Deno.errors.NotFound) return "there is no such file or folder";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*/, "");
}
