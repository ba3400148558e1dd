/** The indexes of another commit, for `race --against`: read by git into a temporary folder. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PlanError } from "./cells.ts";
import type { Entrant } from "./plan.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A folder with the impls/ of another commit; goes away with `using` if it was made here. */
export class Checkout implements Disposable {
  /** What the user named: a git revision, or a folder. */
  readonly ref: string;
  readonly #folder: string;
  readonly #isOurs: boolean;

  private constructor(ref: string, folder: string, isOurs: boolean) {
    this.ref = ref;
    this.#folder = folder;
    this.#isOurs = isOurs;
  }

  /** The checkout of a git revision, or of a folder that has an impls/. `PlanError` for neither. */
  static async of(ref: string): Promise<Checkout> {
    if (isFolder(`${resolve(ref)}/impls`)) return new Checkout(ref, resolve(ref), false);
    const commit = await git("rev-parse", "--verify", "--quiet", `${ref}^{commit}`);
    if (commit === null) {
      throw new PlanError(
        `Cannot race against ${ref} as it must be a git revision or a folder with an impls/`,
      );
    }
    const folder = await Deno.makeTempDir({ prefix: "memslot-race-" });
    const checkout = new Checkout(ref, folder, true);
    try {
      await checkout.#fill(commit.trim());
    } catch (error) {
      checkout[Symbol.dispose]();
      throw error;
    }
    return checkout;
  }

  /** The counterparts of `entrants` that the checkout has, named `NAME@REF`. `PlanError` for none. */
  counterparts(entrants: readonly Entrant[]): Entrant[] {
    const found = entrants.flatMap(({ name }): Entrant[] => {
      const path = `${this.#folder}/impls/${name}.ts`;
      if (!isFile(path)) return [];
      return [{ name: `${name}@${this.ref}`, url: pathToFileURL(path).href, against: name }];
    });
    if (found.length > 0) return found;
    const names = entrants.map(({ name }) => name).join(", ");
    throw new PlanError(`Cannot race against ${this.ref} as its impls/ has none of ${names}`);
  }

  /** Removes the folder, if it is not the user's. */
  [Symbol.dispose](): void {
    if (this.#isOurs) Deno.removeSync(this.#folder, { recursive: true });
  }

  async #fill(commit: string): Promise<void> {
    const list = await git("ls-tree", "-r", "-z", "--name-only", commit, "impls/");
    const paths = (list ?? "").split("\0").filter((path) => path.endsWith(".ts"));
    if (paths.length === 0) {
      throw new PlanError(`Cannot race against ${this.ref} as it has no impls/`);
    }
    for (const path of paths) {
      const text = await git("show", `${commit}:${path}`);
      if (text === null) {
        throw new PlanError(`Cannot race against ${this.ref}: git show ${path} failed`);
      }
      const place = join(this.#folder, path);
      await Deno.mkdir(dirname(place), { recursive: true });
      await Deno.writeTextFile(place, text);
    }
  }
}

/** What git prints; null where it fails. */
async function git(...args: string[]): Promise<string | null> {
  try {
    const command = new Deno.Command("git", { args, cwd: ROOT, stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch {
    return null;
  }
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory ?? false;
}

function isFile(path: string): boolean {
  return statOf(path)?.isFile ?? false;
}

function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch {
    return null;
  }
}
