/** A copy of the project in a temporary folder, for tests of commands that write into it. */
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = new URL("../../", import.meta.url);

/** What came of a command. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Removes itself at the end of the block (`await using`). */
export class ProjectCopy implements AsyncDisposable {
  /** The copy's root, ending in a slash. */
  readonly root: URL;

  private constructor(root: URL) {
    this.root = root;
  }

  /** Copies what the commands need, the test of the house and `captured` into a folder of that name. */
  static async make(name = "project"): Promise<ProjectCopy> {
    const root = pathToFileURL(`${await Deno.makeTempDir()}/${name}/`);
    await Deno.mkdir(root);
    for (const path of ["deno.json", "deno.lock", "mod.ts", "impls/", "bench/"]) {
      await copy(new URL(path, ROOT), new URL(path, root));
    }
    await Deno.mkdir(new URL("tests/support/", root), { recursive: true });
    for (const path of ["support/std_assert.ts", "support/captured.ts", "house_test.ts"]) {
      await copy(new URL(`tests/${path}`, ROOT), new URL(`tests/${path}`, root));
    }
    return new ProjectCopy(root);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(new URL("../", this.root), { recursive: true });
  }

  /** Runs deno in the copy. */
  deno(...args: string[]): Promise<Ran> {
    return runDeno(this.root, args);
  }

  /** A file of the copy. */
  read(path: string): Promise<string> {
    return Deno.readTextFile(new URL(path, this.root));
  }
}

/** Runs deno in a folder, as a user who stands there does. */
export async function runDeno(cwd: URL, args: readonly string[]): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    // Inherited, it would be where the user called the tests.
    env: { NO_COLOR: "1", INIT_CWD: fileURLToPath(cwd) },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), err: decode(stderr) };
}

async function copy(from: URL, to: URL): Promise<void> {
  if (!from.pathname.endsWith("/")) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const path = isDirectory ? `${name}/` : name;
    await copy(new URL(path, from), new URL(path, to));
  }
}
