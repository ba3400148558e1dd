/** The native programs, compiled on demand into a temporary folder. */
import { fileURLToPath } from "node:url";
import { WrongAnswer } from "../race/wrong_answer.ts";
import { NativeEntry } from "./native_entry.ts";
import { type Recipe, RECIPES } from "./recipes.ts";

/** A program cannot be compiled here, mostly as a compiler or a library is missing. */
export class NotInstalled extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "NotInstalled";
}

/** How a compiler says that a header or a library is not there. */
const MISSING_LIBRARY = /absl\S*: No such file|'absl\S*' file not found|(find|library).*-?l?absl_/;

/** The programs that can be compiled here. Disposing them removes their folder. */
export class NativePrograms implements Disposable {
  readonly programs: readonly NativeProgram[];
  /** Why the others cannot be compiled, a line each. */
  readonly missing: readonly string[];
  readonly #folder: string;

  private constructor(
    folder: string,
    programs: readonly NativeProgram[],
    missing: readonly string[],
  ) {
    this.#folder = folder;
    this.programs = programs;
    this.missing = missing;
  }

  /** Compiles all programs. `NotInstalled` where none can be. */
  static async compile(recipes: readonly Recipe[] = RECIPES): Promise<NativePrograms> {
    const folder = Deno.makeTempDirSync({ prefix: "memslots-" });
    const made = await Promise.all(
      recipes.map((recipe, i) =>
        compiled(recipe, `${folder}/program-${i}`).catch((error) => {
          if (error instanceof NotInstalled) return error.message;
          throw error;
        })
      ),
    );
    const all = new NativePrograms(
      folder,
      made.filter((program) => typeof program !== "string"),
      made.filter((why) => typeof why === "string"),
    );
    if (all.programs.length > 0) return all;
    all[Symbol.dispose]();
    throw new NotInstalled(
      "Cannot race natively as no native program can be compiled: install gcc, g++ or rustc",
    );
  }

  /** Removes what was compiled. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** A compiled program. */
export class NativeProgram {
  /** What it was made by. */
  readonly recipe: Recipe;
  /** The compiler's own words on what it is. */
  readonly compiler: string;
  readonly #path: string;

  /** Of the program at `path`. */
  constructor(recipe: Recipe, compiler: string, path: string) {
    this.recipe = recipe;
    this.compiler = compiler;
    this.#path = path;
  }

  /**
   * Runs a fresh process on a course (see course_file.ts): `rounds` blocks of each entry, in the
   * order of process number `process`. `WrongAnswer` for a wrong one. `signal` kills the process.
   */
  async race(
    course: Float64Array<ArrayBuffer>,
    { rounds, process, signal }: { rounds: number; process: number; signal?: AbortSignal },
  ): Promise<NativeEntry[]> {
    const path = `${this.#path}.course`;
    Deno.writeFileSync(path, new Uint8Array(course.buffer));
    const command = new Deno.Command(this.#path, {
      args: [path, `${rounds}`, `${process}`],
      ...signal && { signal },
    });
    const { code, out, err } = texts(await command.output());
    if (code === 2) throw new WrongAnswer(err.trim());
    if (code !== 0) {
      throw new Error(`${this.recipe.source} ended with exit code ${code}: ${err.trim()}`);
    }
    return out.trimEnd().split("\n").map((line) => NativeEntry.parse(JSON.parse(line)));
  }
}

/** `NotInstalled` where it cannot be compiled. */
async function compiled(recipe: Recipe, path: string): Promise<NativeProgram> {
  const { name, source, compiler, flags, libraries, remedy } = recipe;
  const file = fileURLToPath(new URL(source, import.meta.url));
  const told = await run(recipe, ["--version"]), version = told.out.split("\n")[0];
  if (told.code !== 0) {
    const why = told.err.trim().split("\n")[0];
    throw new NotInstalled(`Cannot race ${name} as ${compiler} does not run (${why}): ${remedy}`);
  }
  const { code, err } = await run(recipe, [...flags, "-o", path, file, ...libraries]);
  if (code === 0) return new NativeProgram(recipe, version, path);
  if (libraries.length > 0 && MISSING_LIBRARY.test(err)) {
    throw new NotInstalled(`Cannot race ${name} as ${compiler} finds no library for it: ${remedy}`);
  }
  const fault = err.split("\n").find((line) => line.includes("error")) ?? err.split("\n")[0];
  throw new NotInstalled(`Cannot race ${name} as ${version} does not compile ${source}: ${fault}`);
}

async function run({ name, compiler, remedy }: Recipe, args: string[]): Promise<Texts> {
  try {
    return texts(await new Deno.Command(compiler, { args }).output());
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new NotInstalled(`Cannot race ${name} as there is no ${compiler}: ${remedy}`);
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
