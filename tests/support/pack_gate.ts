/**
 * `deno run -A tests/support/pack_gate.ts`: packs the library, installs the tarball with npm in a
 * temporary folder, and runs the gate on it there in Deno, Node 22, Node 24 and Bun. A runtime that
 * npm cannot install here is skipped, in words. Exit code 0 unless one that runs finds a fault.
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A runtime: its name, the command that starts it, and what goes before the file to run. */
interface Runtime {
  readonly name: string;
  readonly program: readonly string[];
  readonly flags?: readonly string[];
}

const RUNTIMES: readonly Runtime[] = [
  {
    name: "Deno",
    program: [Deno.execPath()],
    flags: ["run", "-A", "--no-lock", "--node-modules-dir=manual"],
  },
  { name: "Node 22", program: ["npx", "-y", "node@22"] },
  { name: "Node 24", program: ["npx", "-y", "node@24"] },
  { name: "Bun", program: ["npx", "-y", "bun@1.4.5"] },
];

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

/** Whether the gate passed in this runtime, or the runtime cannot be installed; says which. */
async function gate(folder: string, { name, program, flags = [] }: Runtime): Promise<boolean> {
  const { success: isThere } = await run(folder, [...program, "--version"]);
  if (!isThere) {
    console.log(`${name}: skipped, as it cannot be installed here`);
    return true;
  }
  const { success, out, err } = await run(folder, [...program, ...flags, "gate.mjs"]);
  console.log(`${name}: ${success ? out : `${out}\n${err}`}`);
  return success;
}

const folder = await Deno.makeTempDir();
try {
  await prepare(folder);
  const passed: boolean[] = [];
  for (const runtime of RUNTIMES) passed.push(await gate(folder, runtime));
  Deno.exitCode = passed.every(Boolean) ? 0 : 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}
