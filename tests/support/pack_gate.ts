/**
 * `deno run -A tests/support/pack_gate.ts`: packs the library, installs the tarball with npm in a
 * temporary folder, and runs the gate on it there in Deno, Node 22, Node 24 and Bun. A runtime that
 * npm cannot install here is skipped, in words. Exit code 0 unless one that runs finds a fault.
 */
import { fileURLToPath } from "node:url";
import { engineAt, EngineError, programOf } from "../../bench/process/find_engine.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The engines besides Deno, as `race --engine` names them. */
const ENGINES: readonly string[] = ["node@22", "node@24.21.0", "bun"];

/** Runs a command in `folder`: whether it succeeded, and what it printed. */
async function run(folder: string, [file, ...args]: readonly string[]) {
  const { success, stdout, stderr } = await new Deno.Command(file, { args, cwd: folder })
    .output();
  const words = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { success, out: words(stdout), err: words(stderr) };
}

/** Runs a command that has to succeed. */
async function must(folder: string, command: readonly string[]): Promise<void> {
  const { success, out, err } = await run(folder, command);
  if (!success) throw new Error(`Cannot run ${command.join(" ")}: ${out}\n${err}`);
}

/** A folder with the package installed, and the gate beside it. */
async function prepare(folder: string): Promise<void> {
  const deno = Deno.execPath();
  await must(ROOT, [deno, "pack", "--allow-dirty", "-o", `${folder}/race.tgz`]);
  await must(ROOT, [
    ...[deno, "bundle", "-q", "--packages", "bundle", "-o", `${folder}/gate.mjs`],
    "tests/support/pack_gate_entry.ts",
  ]);
  await Deno.writeTextFile(`${folder}/package.json`, `{ "private": true, "type": "module" }\n`);
  await must(folder, ["npm", "install", "--no-audit", "--no-fund", "./race.tgz"]);
}

/** Runs the gate by a program; says what it found, and gives whether it passed. */
async function gate(folder: string, name: string, command: readonly string[]): Promise<boolean> {
  const { success, out, err } = await run(folder, [...command, "gate.mjs"]);
  console.log(`${name}: ${success ? out : `${out}\n${err}`}`);
  return success;
}

/** Whether the gate passed in an engine, or the engine cannot be installed. */
async function gateIn(folder: string, name: string): Promise<boolean> {
  let program: string;
  try {
    program = await programOf(name);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    console.log(`${name}: skipped, as it cannot be installed here`);
    return true;
  }
  const { version } = await engineAt(name, program, {});
  return await gate(folder, version, [program]);
}

const folder = await Deno.makeTempDir();
try {
  await prepare(folder);
  const passed: boolean[] = [];
  const flags = ["run", "-A", "--no-lock", "--node-modules-dir=manual"];
  passed.push(await gate(folder, `Deno ${Deno.version.deno}`, [Deno.execPath(), ...flags]));
  for (const name of ENGINES) passed.push(await gateIn(folder, name));
  Deno.exitCode = passed.every(Boolean) ? 0 : 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}
