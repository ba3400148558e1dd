/**
 * The engines that can run a child process: this Deno, and programs of Node and Bun. A child of Deno
 * may read what it needs and nothing else. One of Node may also read the project and use the network, but
 * cannot write or start processes. Bun has no permissions: a child of Bun may do whatever the user may.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The engine that is always there: the one that runs the race. */
export const DENO = "deno";

/** A program of Node or Bun. */
export interface Engine {
  /** As the user names it: `node`, `bun`, `node@22`. */
  readonly name: string;
  readonly kind: "node" | "bun";
  /** The path of the program. */
  readonly program: string;
  /** `Node 24.21.0, V8 13.6.233.17`. */
  readonly version: string;
  /** The folders of the packages that its processes may import, by name. */
  readonly packages: Readonly<Record<string, string>>;
}

/** The engine of that name, null for Deno. `Error` where `engines` lack it. */
export function engineNamed(name: string, engines: readonly Engine[] = []): Engine | null {
  if (name === DENO) return null;
  const found = engines.find((engine) => engine.name === name);
  if (found !== undefined) return found;
  throw new Error(`Cannot run a process in ${name} as its program was not looked for`);
}

/** What a process is to run, and with which rights. */
export interface Script {
  /** The `file:` address of its module. */
  readonly url: string;
  /** `file:` addresses of files and folders that it may read. */
  readonly reads: readonly string[];
  /** More flags for V8. */
  readonly v8Flags: readonly string[];
}

/** A program with its arguments and what it finds in its environment. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The command that runs a script; in this Deno where `engine` is null. */
export function commandOf(engine: Engine | null, script: Script): Command {
  if (engine === null) return denoCommand(script);
  const env = { NO_COLOR: "1", MEMSLOT_PACKAGES: JSON.stringify(engine.packages) };
  const args = engine.kind === "node" ? nodeArgs(engine, script) : bunArgs(script);
  return { program: engine.program, args, env };
}

function denoCommand({ url, reads, v8Flags }: Script): Command {
  return {
    program: Deno.execPath(),
    args: [
      "run",
      // Without a lock, as a file of the user's may import what deno.lock does not have.
      ...["--no-prompt", "--no-remote", "--no-lock", "--no-check", "--no-code-cache"],
      "--allow-sys=loadavg",
      `--allow-read=${reads.flatMap(bothPaths).map(readable)}`,
      `--v8-flags=${["--expose-gc", ...v8Flags]}`,
      url,
    ],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  };
}

/** A path as it is named, and as it is behind symbolic links: Deno checks the permission for either. */
function bothPaths(url: string): string[] {
  const path = fileURLToPath(url);
  try {
    return [...new Set([path, Deno.realPathSync(path)])];
  } catch {
    return [path];
  }
}

/** The path to allow; a comma would begin another one, so it is the folder above a name with commas. */
function readable(path: string): string {
  const comma = path.indexOf(",");
  return comma === -1 ? path : dirname(path.slice(0, comma));
}

/** Loads packages and the bytes of files as Deno does. */
const LOADER = new URL("./loader.ts", import.meta.url);

/** Node checks the permission to read for static imports, too: of the harness, and of the packages. */
const HARNESS = new URL("../", import.meta.url);

function nodeArgs({ packages }: Engine, { url, reads, v8Flags }: Script): string[] {
  const paths = [HARNESS.href, url, ...reads].flatMap(bothPaths);
  return [
    ...["--experimental-strip-types", "--disable-warning=ExperimentalWarning"],
    "--disable-warning=SecurityWarning",
    ...["--permission", "--allow-worker"],
    ...[...paths, ...Object.values(packages)].map((path) => `--allow-fs-read=${path}`),
    ...["--expose-gc", ...v8Flags],
    `--import=${LOADER.href}`,
    fileURLToPath(url),
  ];
}

/** Bun has flags for JavaScriptCore by environment only, and none is needed. */
function bunArgs({ url }: Script): string[] {
  return [
    ...["--no-install", "--no-env-file", "--expose-gc"],
    `--preload=${fileURLToPath(LOADER)}`,
    fileURLToPath(url),
  ];
}
