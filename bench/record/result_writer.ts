/** Writing result files: a line at once, nothing overwritten, one race at a time. */
import { dirname } from "node:path";
import { withSum } from "./checksum.ts";
import { ResultFileError, systemWords } from "./result_error.ts";
import { type RaceFile, readResultFile } from "./result_file.ts";
import type { Line, RunLine } from "./schema.ts";

/** Names that are tried where races begin in the same second. */
const MOST_NAMES = 100;

/** A file that lines are appended to, each at once and whole. */
export class ResultWriter implements Disposable {
  /** Where the file is. */
  readonly path: string;
  readonly #file: Deno.FsFile;
  #isOpen = true;
  /** Makes the file end with a whole line, before the first line is appended; null once it does. */
  #prepare: (() => void) | null;

  private constructor(path: string, file: Deno.FsFile, prepare: (() => void) | null = null) {
    this.path = path;
    this.#file = file;
    this.#prepare = prepare;
  }

  /**
   * A new file with its first line; an empty file that is there is taken. `ResultFileError` where
   * another one is there, or the file cannot be written: then none is left behind.
   */
  static async create(path: string, run: RunLine): Promise<ResultWriter> {
    const file = await newFile(path);
    if (file === null) {
      throw new ResultFileError(
        `Cannot write ${path} as a file is there and results are never overwritten: name another, ` +
          `or --resume it`,
      );
    }
    return ResultWriter.#begin(path, file, run);
  }

  /** The same, with a number behind the name where races have begun in the same second. */
  static async createNumbered(path: string, run: RunLine): Promise<ResultWriter> {
    for (let number = 1; number <= MOST_NAMES; number++) {
      const named = number === 1 ? path : path.replace(/(\.jsonl)?$/, `-${number}.jsonl`);
      const file = await newFile(named);
      if (file !== null) return ResultWriter.#begin(named, file, run);
    }
    throw new ResultFileError(`Cannot write ${path} as it is there, and ${MOST_NAMES} beside it`);
  }

  /**
   * The file of a race that was stopped, to go on with, and what it holds. It is locked before it is
   * read, and is as it was until the first line is appended.
   */
  static async resume(path: string): Promise<{ writer: ResultWriter; file: RaceFile }> {
    let opened: Deno.FsFile | null;
    try {
      if (!Deno.statSync(path).isFile) {
        throw new ResultFileError(`Cannot resume ${path} as it must be a file`);
      }
      opened = await locked(Deno.openSync(path, { read: true, write: true }));
    } catch (error) {
      throw failure("resume", path, error);
    }
    if (opened === null) {
      throw new ResultFileError(
        `Cannot resume ${path} as another race is writing it: wait for its end`,
      );
    }
    try {
      const file = readResultFile(path, opened), place = opened;
      const prepare = () => {
        place.truncateSync(file.wholeBytes);
        place.seekSync(0, Deno.SeekMode.End);
        if (file.lacksLineFeed) writeAll(place, "\n");
      };
      return { writer: new ResultWriter(path, opened, prepare), file };
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  /** Appends a line with its checksum and hands it to the disk. */
  append(line: Line): void {
    try {
      this.#prepare?.();
      this.#prepare = null;
      writeAll(this.#file, `${withSum(JSON.stringify(line))}\n`);
    } catch (error) {
      throw new ResultFileError(
        `Cannot append to ${this.path}: ${
          systemWords(error)
        }. What is there stays; make room and ` +
          `go on with deno task race --resume ${this.path}`,
      );
    }
  }

  static #begin(path: string, file: Deno.FsFile, run: RunLine): ResultWriter {
    try {
      writeAll(file, `${withSum(JSON.stringify(run))}\n`);
      return new ResultWriter(path, file);
    } catch (error) {
      file.close();
      Deno.removeSync(path);
      throw failure("write", path, error);
    }
  }

  /** Closes the file, once: on Windows nothing else reads it before. */
  [Symbol.dispose](): void {
    if (this.#isOpen) this.#file.close();
    this.#isOpen = false;
  }
}

/** A new or an empty file, locked; null where there is one with something in it, or another race. */
async function newFile(path: string): Promise<Deno.FsFile | null> {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    return await locked(Deno.openSync(path, { createNew: true, write: true }));
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw failure("write", path, error);
  }
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile || size > 0) return null;
    const file = await locked(Deno.openSync(path, { write: true }));
    if (file === null || file.statSync().size === 0) return file;
    file.close(); // another race has begun in it
    return null;
  } catch (error) {
    // What is there already may be a file where a folder is needed.
    throw failure("write", path, error);
  }
}

/** The file, locked; closed, and null, where another race writes it. */
async function locked(file: Deno.FsFile): Promise<Deno.FsFile | null> {
  if (await file.tryLock(true)) return file;
  file.close();
  return null;
}

function failure(action: string, path: string, error: unknown): ResultFileError {
  if (error instanceof ResultFileError) return error;
  return new ResultFileError(`Cannot ${action} ${path}: ${systemWords(error)}`);
}

function writeAll(file: Deno.FsFile, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncDataSync();
}
