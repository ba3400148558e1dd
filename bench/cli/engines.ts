/**
 * `--engine` of a command: finds the programs of the engines, and runs the command with leave to start
 * just those. Its task has no leave for any of them, as which ones they are is known here only, so the
 * command starts itself again, with their paths in `MEMSLOT_PROGRAMS`, which its task allows.
 */
import { fileURLToPath } from "node:url";
import type { Source } from "../gate/load.ts";
import { DENO, type Engine } from "../process/engine.ts";
import {
  engineAt,
  EngineError,
  isEngineName,
  outputOf,
  packagesOf,
  programOf,
} from "../process/find_engine.ts";
import { EXIT, UsageError } from "./exit.ts";
import { listOf, type Value } from "./options.ts";
import { fileAt } from "./project.ts";

/** The variable with a comma before each path, as they are added to `--allow-run`. */
const PROGRAMS = "MEMSLOT_PROGRAMS";

/** The values of `--engine`: each engine once, in the order given. */
export function engineList(): Value<string[]> {
  const words = listOf({
    value: "NAME",
    parse([word], option) {
      if (isEngineName(word)) return word;
      throw new UsageError(
        `Cannot use ${word} as ${option}: there are deno, node and bun, and node@22 and the like`,
      );
    },
  });
  return { ...words, parse: (texts, option) => [...new Set(words.parse(texts, option))] };
}

/** The programs of engines besides Deno, by the names of the engines. */
export type Programs = ReadonlyMap<string, string>;

/**
 * Does `act` with the programs of the engines `names`, in this process if it may start them, else by
 * running the command again; gives the exit code. `EngineError` where one is not to be had.
 */
export async function withPrograms(
  names: readonly string[],
  { command, argv }: { readonly command: string; readonly argv: readonly string[] },
  act: (programs: Programs) => Promise<number>,
): Promise<number> {
  const others = names.filter((name) => name !== DENO), given = givenPrograms();
  const pairs = (paths: readonly string[]) => new Map(others.map((name, i) => [name, paths[i]]));
  if (others.length === 0) return await act(new Map());
  if (given.length === others.length) return await act(pairs(given));
  // Without this a path that the list cannot hold would start the command again and again.
  if (given.length > 0) {
    throw new EngineError(
      `Cannot race in ${others.join(", ")} as ${PROGRAMS} must have a path for each: it has ` +
        `${given.join(" ")}; a path with a comma cannot be one`,
    );
  }
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") {
    return await again(command, argv, await foundPrograms(others));
  }
  const paths: string[] = [];
  for (const name of others) paths.push(await programOf(name));
  return await act(pairs(paths));
}

/** The engines of these programs, with the packages that the contenders import. */
export async function enginesOf(
  programs: Programs,
  contenders: readonly Source[],
): Promise<Engine[]> {
  if (programs.size === 0) return [];
  const outside = contenders.map(({ url }) => url).filter((url) =>
    !url.startsWith(fileAt("").href)
  );
  const packages = await packagesOf(outside);
  return await Promise.all([...programs].map(([name, path]) => engineAt(name, path, packages)));
}

/** The paths that this process was started with. */
function givenPrograms(): string[] {
  const { state } = Deno.permissions.querySync({ name: "env", variable: PROGRAMS });
  const paths = state === "granted" ? Deno.env.get(PROGRAMS) ?? "" : "";
  return paths.split(",").filter((path) => path !== "");
}

/** Looks for programs in a process that may run any. */
async function foundPrograms(names: readonly string[]): Promise<string[]> {
  const script = fileURLToPath(fileAt("bench/process/find_engine.ts"));
  const { success, out, err } = await outputOf(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--no-lock", "--allow-run", script, ...names],
  });
  if (!success) throw new EngineError(err);
  return out.split("\n");
}

/** Runs the command's task with leave to start `paths`; gives its exit code. */
async function again(
  command: string,
  argv: readonly string[],
  paths: readonly string[],
): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "--config", fileURLToPath(fileAt("deno.json")), command, ...argv],
    env: { [PROGRAMS]: paths.map((path) => `,${path}`).join("") },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // A terminal sends Ctrl-C to all its processes; SIGTERM, sent to this one alone, is passed on.
  const ignore = () => {},
    pass = () => child.kill("SIGTERM"),
    isWindows = Deno.build.os === "windows";
  Deno.addSignalListener("SIGINT", ignore);
  if (!isWindows) Deno.addSignalListener("SIGTERM", pass);
  const { code, signal } = await child.status;
  Deno.removeSignalListener("SIGINT", ignore);
  if (!isWindows) Deno.removeSignalListener("SIGTERM", pass);
  return signal === null ? code : EXIT.stopped;
}
