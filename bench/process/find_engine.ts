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

/** What the program of a command says of itself; in words, why nothing can be said. */
async function ask([program, ...args]: readonly string[]): Promise<Told | string> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args: [...args, "-e", TELL],
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
    if (success) return JSON.parse(out.split("\n").at(-1)!);
    const lines = err.split("\n").map((line) => line.replace(/^npm error /, "").trim());
    return lines.filter((line) => line !== "").slice(0, 2).join(", ") || "it fails";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "no such program is on the PATH";
    return (error as Error).message.split("\n")[0];
  }
}

/** Why the program cannot run a race as the engine `name`; null if it can. */
function whyNot(name: string, { versions }: Told): string | null {
  const [, kind, wanted] = NAME.exec(name) as unknown as [string, Kind, string | undefined];
  const found = kind === "bun"
    ? versions.bun
    : versions.bun === undefined
    ? versions.node
    : undefined;
  // Where the PATH has no `node`, Deno answers to the name.
  if (versions.deno !== undefined) return "it is Deno";
  if (found === undefined) return `it is not ${kind}`;
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
  const [, kind, wanted] = NAME.exec(name) as unknown as [string, Kind, string | undefined];
  const spec = `${kind}@${wanted ?? NPM_VERSIONS[kind]}`;
  const npx = ["npx", mayInstall ? "--yes" : "--no", `--package=${spec}`, "--", kind];
  const whys: string[] = [];
  for (const command of [[kind], npx]) {
    const told = await ask(command), why = typeof told === "string" ? told : whyNot(name, told);
    if (typeof told !== "string" && why === null) return told.path;
    whys.push(`${command[0]}: ${why}`);
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
  const told = await ask([program]), why = typeof told === "string" ? told : whyNot(name, told);
  if (typeof told === "string" || why !== null) {
    throw new EngineError(`Cannot race in ${name} by ${program}: ${why}`);
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
      if (localPath !== undefined) folders[name] ??= localPath;
      else {throw new EngineError(
          `Cannot race in other engines as Deno does not tell where ${name} is`,
        );}
    }
  }
  return folders;
}

async function packagesIn(url: string): Promise<Package[]> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    // Of the project, whatever the user's own folder has: a package.json there would stand for it.
    args: ["info", "--quiet", "--json", "--no-lock", "--config", CONFIG, NO_MODULES, url],
    env: { NO_COLOR: "1" },
    cwd: dirname(CONFIG),
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
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
