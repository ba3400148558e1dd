/** `deno task anonymize`: recordings without what tells whose they are. */
import { dirname } from "node:path";
import { Disguise, linesOf } from "../traces/disguise.ts";
import { fileSource } from "../traces/lines.ts";
import { inOrder } from "../traces/order.ts";
import { type OpenFile, openFile } from "../traces/readers.ts";
import { command } from "./command.ts";
import { systemWords } from "../record/result_error.ts";
import { EXIT, FileError } from "./exit.ts";
import { text } from "./options.ts";
import { checkStandardInput, exists, pathWords } from "./project.ts";

const options = {
  out: { ...text("FOLDER"), default: ".", help: "where the files are written" },
} as const;

/** The command. */
export const ANONYMIZE = command({
  name: "anonymize",
  summary: "Recordings that can be shared",
  about:
    "Writes maps and traces with guest and user addresses moved, slot ids numbered anew, times " +
    "from 0, and nothing else of the files. Sizes, distances, alignment, order and the kernel's " +
    "answers stay, so that an index is as slow on the copy as on the original.",
  operands: { words: "FILE...", least: 1, most: 1000 },
  options,
  examples: [
    ["anonymize --out shared boot.log trace.txt", "writes shared/map-1.log, shared/trace-2.txt"],
  ],
  permissions: "read, write (the folder)",
  exits: [],
  async run({ values: { out }, operands }, io) {
    checkStandardInput(operands);
    const files: OpenFile[] = [];
    for (const path of operands) files.push(await openFile(fileSource(path)));
    const targets = new Map(files.map((file, i) => [file, targetOf(file, out, i + 1)]));
    try {
      for (const target of targets.values()) target.begin();
      await write(files, targets);
      for (const target of targets.values()) target.finish();
    } finally {
      for (const target of targets.values()) target.discard();
    }
    for (const { path } of targets.values()) io.out(pathWords(path));
    return EXIT.fine;
  },
});

function targetOf({ form }: OpenFile, folder: string, number: number): Target {
  const name = form.holds === "map" ? `map-${number}.log` : `trace-${number}.txt`;
  return new Target(`${folder.replace(/\/+$/, "")}/${name}`);
}

/** A file that is written beside its place until it is whole. */
class Target {
  readonly #part: string;
  #file: Deno.FsFile | null = null;

  readonly path: string;

  constructor(path: string) {
    this.path = path;
    this.#part = `${path}.part-${Deno.pid}`;
  }

  begin(): void {
    this.#attempt(() => {
      if (exists(this.path)) throw new Error("it exists; move it, or use --out");
      Deno.mkdirSync(dirname(this.path), { recursive: true });
      this.#file = Deno.openSync(this.#part, { write: true, createNew: true });
    });
  }

  write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#attempt(() => {
      for (let at = 0; at < bytes.length;) at += this.#file!.writeSync(bytes.subarray(at));
    });
  }

  finish(): void {
    this.#close();
    this.#attempt(() => Deno.renameSync(this.#part, this.path));
  }

  /** Removes what is not finished. */
  discard(): void {
    this.#close();
    if (exists(this.#part)) Deno.removeSync(this.#part);
  }

  #close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      throw new FileError(`Cannot write ${pathWords(this.path)}: ${systemWords(error)}`);
    }
  }
}

async function write(
  files: readonly OpenFile[],
  targets: ReadonlyMap<OpenFile, Target>,
): Promise<void> {
  const { pieces, isJoined } = await inOrder(files), disguise = new Disguise();
  // Files of one clock go on having one.
  const starts = new Map<OpenFile | null, number>();
  for await (const piece of pieces) {
    const clock = isJoined ? null : piece.file;
    const start = starts.get(clock) ?? piece.batch.times[piece.from];
    if (!Number.isNaN(start)) starts.set(clock, start);
    targets.get(piece.file)!.write(linesOf(piece, disguise, start));
  }
}
