/**
 * Finds the programs of Node and Bun: those on the PATH, else npm's packages `node` and `bun`, which npx
 * installs in its own cache. By itself, `deno run --allow-run find_engine.ts node bun` prints the paths
 * of the programs, a line each; the exit code is 69 where one is missing.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { DENO, type Engine } from "./engine.ts";

/** An engine that is not there, or too old; its message is one line. */
export class EngineError extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "EngineError";
}

type Kind = Engine["kind"];

/** What npx installs where no version is asked for: pinned, as a race is to be repeatable. */
const NPM_VERSIONS: Readonly<Record<Kind, string>> = { node: "24.21.0", bun: "1.4.5" };

/** The oldest that can run a race: Node strips types and has `module.registerHooks` from there on. */
const OLDEST: Readonly<Record<Kind, readonly [major: number, minor: number]>> = {
  node: [22, 15],
  bun: [1, 2],
};

/** `node`, `bun`, or one of them with a version: `node@22`. */
const NAME = /^(node|bun)(?:@(\d+(?:\.\d+){0,2}))?$/;

/** Whether a word names an engine, the one that is always there included. */
export function isEngineName(word: string): boolean {
  return word === DENO || NAME.test(word);
}

/** What a program says of itself. */
interface Told {
  /** The path of the program itself. */
  readonly path: string;
  /** Its version numbers by what they are of. */
  readonly versions: Readonly<Record<string, string>>;
}

const TELL = "console.log(JSON.stringify({ path: process.execPath, versions: process.versions }))";

/** What a program prints, without colours and blanks around it. */
export async function outputOf(program: string, options: Deno.CommandOptions) {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    ...options,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const words = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { success, out: words(stdout), err: words(stderr) };
}

/** What the program of a command says of itself; in words, why it cannot run a race as `name`. */
async function ask(name: string, [program, ...args]: readonly string[]): Promise<Told | string> {
  try {
    const { success, out, err } = await outputOf(program, { args: [...args, "-e", TELL] });
    if (success) {
      const told: Told = JSON.parse(out.split("\n").at(-1)!);
      return whyNot(name, told) ?? told;
    }
    const lines = err.split("\n").map((line) => line.replace(/^npm error /, "").trim());
    return lines.filter((line) => line !== "").slice(0, 2).join(", ") || "it fails";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "no such program is on the PATH";
    return (error as Error).message.split("\n")[0];
  }
}

/** Of an engine's name: what it is, and the version that is wanted, if any. */
function partsOf(name: string): { readonly kind: Kind; readonly wanted: string | undefined } {
  const [, kind, wanted] = NAME.exec(name)!;
  return { kind: kind as Kind, wanted };
}

/** Why the program cannot run a race as the engine `name`; null if it can. */
export function whyNot(name: string, { versions }: Pick<Told, "versions">): string | null {
  const { kind, wanted } = partsOf(name);
  // Where the PATH has no `node`, Deno answers to the name. Bun tells a version of Node, too.
  if (versions.deno !== undefined) return "it is Deno";
  if ((versions.bun === undefined ? "node" : "bun") !== kind) return `it is not ${kind}`;
  const found = versions[kind];
  if (wanted !== undefined && !`${found}.`.startsWith(`${wanted}.`)) return `it is ${found}`;
  const [major, minor] = found.split(".").map(Number), [oldest, atLeast] = OLDEST[kind];
  if (major > oldest || (major === oldest && minor >= atLeast)) return null;
  return `it is ${found}, and a race needs ${oldest}.${atLeast}`;
}

/**
 * The path of the program of an engine. `EngineError` where neither the PATH nor npm has it; what npx
 * has not installed yet is installed only if it `mayInstall`.
 */
export async function programOf(name: string, { mayInstall = true } = {}): Promise<string> {
  const { kind, wanted } = partsOf(name);
  const spec = `${kind}@${wanted ?? NPM_VERSIONS[kind]}`;
  const npx = ["npx", mayInstall ? "--yes" : "--no", `--package=${spec}`, "--", kind];
  const whys: string[] = [];
  for (const command of [[kind], npx]) {
    const told = await ask(name, command);
    if (typeof told !== "string") return told.path;
    whys.push(`${command[0]}: ${told}`);
  }
  throw new EngineError(
    `Cannot race in ${name} as its program must be on the PATH, or npx be able to install ` +
      `${spec}: ${whys.join("; ")}. Install it, or leave ${name} out of --engine`,
  );
}

/** The engine `name` by the path of its program. `EngineError` where that is something else. */
export async function engineAt(
  name: string,
  program: string,
  packages: Engine["packages"],
): Promise<Engine> {
  const told = await ask(name, [program]);
  if (typeof told === "string") {
    throw new EngineError(`Cannot race in ${name} by ${program}: ${told}`);
  }
  const { versions } = told;
  return versions.bun === undefined
    ? { name, kind: "node", program, packages, version: `Node ${versions.node}, V8 ${versions.v8}` }
    : { name, kind: "bun", program, packages, version: `Bun ${versions.bun}` };
}

/** What imports the packages of the project: the contenders, and the processes of a race. */
const PROJECT = ["../../mod.ts", "../race/trial_process.ts"].map((path) =>
  import.meta.resolve(path)
);

/**
 * The folders of the project's packages and of those that `urls` import, in Deno's cache, by name.
 * `EngineError` where Deno does not tell them.
 */
export async function packagesOf(urls: readonly string[]): Promise<Record<string, string>> {
  const folders: Record<string, string> = {};
  for (const url of [...PROJECT, ...urls]) {
    for (const { name, localPath } of await packagesIn(url)) {
      if (localPath === undefined) {
        throw new EngineError(
          `Cannot race in other engines as Deno does not tell where ${name} is`,
        );
      }
      folders[name] ??= localPath;
    }
  }
  return folders;
}

async function packagesIn(url: string): Promise<Package[]> {
  const { out, err } = await outputOf(Deno.execPath(), {
    // Of the project, whatever the user's own folder has: a package.json there would stand for it.
    args: ["info", "--quiet", "--json", "--no-lock", "--config", CONFIG, NO_MODULES, url],
    cwd: dirname(CONFIG),
  });
  if (out === "") throw new EngineError(`Cannot race in other engines: ${err.split("\n")[0]}`);
  const { npmPackages = {} }: { npmPackages?: Record<string, Package> } = JSON.parse(out);
  return Object.values(npmPackages);
}

const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** Packages are taken from Deno's cache, not from a node_modules folder. */
const NO_MODULES = "--node-modules-dir=none";

interface Package {
  readonly name: string;
  readonly localPath?: string;
}

if (import.meta.main) {
  try {
    for (const name of Deno.args) console.log(await programOf(name));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    console.error(error.message);
    Deno.exit(69);
  }
}
