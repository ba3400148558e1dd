import { fileURLToPath } from "node:url";
import { WrongAnswer } from "../race/wrong_answer.ts";
import { NativeEntry } from "./native_entry.ts";

/** There is no C compiler. */
export class NoCompiler extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "NoCompiler";
}

const SOURCE = fileURLToPath(new URL("./memslots.c", import.meta.url));
const FLAGS = ["-std=gnu11", "-O3", "-march=native", "-Wall"];

/** memslots.c, compiled into a folder of its own, which goes with it. */
export class NativeProgram implements Disposable {
  /** The compiler's own words on what it is. */
  readonly compiler: string;
  readonly #folder: string;

  /** `NoCompiler` where there is none, `Error` where it fails. */
  constructor() {
    this.compiler = compile(["--version"]).out.split("\n")[0];
    this.#folder = Deno.makeTempDirSync({ prefix: "memslots-" });
    const { code, err } = compile([...FLAGS, "-o", `${this.#folder}/memslots`, SOURCE]);
    if (code === 0) return;
    this[Symbol.dispose]();
    throw new Error(`Cannot compile ${SOURCE} with ${this.compiler}: ${err.split("\n")[0]}`);
  }

  /**
   * Runs a fresh process on a course (see course_file.ts): `rounds` blocks of each entry, in the
   * order of process number `process`. `WrongAnswer` for a wrong one. `signal` kills the process.
   */
  async race(
    course: Float64Array<ArrayBuffer>,
    { rounds, process, signal }: { rounds: number; process: number; signal?: AbortSignal },
  ): Promise<NativeEntry[]> {
    const path = `${this.#folder}/course`;
    Deno.writeFileSync(path, new Uint8Array(course.buffer));
    const command = new Deno.Command(`${this.#folder}/memslots`, {
      args: [path, `${rounds}`, `${process}`],
      ...signal && { signal },
    });
    const { code, out, err } = texts(await command.output());
    if (code === 2) throw new WrongAnswer(err.trim());
    if (code !== 0) throw new Error(`memslots.c ended with exit code ${code}: ${err.trim()}`);
    return out.trimEnd().split("\n").map((line) => NativeEntry.parse(JSON.parse(line)));
  }

  /** Removes what was compiled. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

function compile(args: string[]): Texts {
  try {
    return texts(new Deno.Command("cc", { args }).outputSync());
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new NoCompiler("Cannot race against C as there is no cc: install gcc or clang");
  }
}

interface Texts {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function texts({ code, stdout, stderr }: Deno.CommandOutput): Texts {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}
