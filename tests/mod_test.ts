/** The library as its users see it: exports, what each loads, and that it can be published. */
import { assert, assertEquals } from "@std/assert";
import { pathToFileURL } from "node:url";
import config from "../deno.json" with { type: "json" };
import { runDeno } from "./support/project_copy.ts";

const ROOT = new URL("../", import.meta.url);
const EXPORTS: Readonly<Record<string, string>> = config.exports;

Deno.test("exports: every file of impls/ but parts of a contender has a path of its own", () => {
  const files = ["impls/", "impls/kvm/", "impls/hva/"].flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, ROOT))].filter(({ isFile }) => isFile)
      .map(({ name }) => [`./${name.replace(/\.ts$/, "")}`, `./${folder}${name}`])
  );
  const { ".": main, ...others } = EXPORTS;
  assertEquals(main, "./mod.ts");
  assertEquals(Object.entries(others).sort(), files.sort());
});

Deno.test("exports: each can be imported from anywhere, without the project's import map", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const lines = Object.values(EXPORTS).map((path) => `await import("${new URL(path, ROOT)}");`);
    await Deno.writeTextFile(`${folder}/all.ts`, `${lines.join("\n")}\nconsole.log("fine");\n`);
    const flags = ["run", "--no-config", "--no-lock", "--no-check", "--no-prompt"];
    const { code, out, err } = await runDeno(pathToFileURL(`${folder}/`), [...flags, "all.ts"]);
    assertEquals([code, out], [0, "fine\n"], err);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("exports: only a contender made of an npm package loads one", async () => {
  const { out } = await runDeno(ROOT, ["info", "--json", "mod.ts"]);
  const modules: readonly Module[] = JSON.parse(out).modules;
  const byAddress = new Map(modules.map((module) => [module.specifier, module]));
  const loads = Object.entries(EXPORTS).filter(([, path]) => path !== "./mod.ts")
    .map(([name, path]) => [name, loadsNpm(new URL(path, ROOT).href, byAddress)] as const);
  assertEquals(loads, loads.map(([name]) => [name, name.startsWith("./npm_")] as const));
  assert(loads.length > 20);
});

/** A module as `deno info --json` has it. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly code?: { readonly specifier: string } }[];
}

/** Whether a module imports a package of npm, itself or by what it imports. */
function loadsNpm(address: string, modules: ReadonlyMap<string, Module>): boolean {
  const found = modules.get(address);
  assert(found, `${address} is not part of mod.ts`);
  return (found.dependencies ?? []).some(({ code }) => {
    if (code === undefined) return false;
    return code.specifier.startsWith("npm:") || loadsNpm(code.specifier, modules);
  });
}

Deno.test("deno publish --dry-run: succeeds, and holds the library alone", async () => {
  const { code, err, out } = await runDeno(ROOT, [
    "publish",
    "--dry-run",
    "--allow-dirty",
    "--no-check",
  ]);
  assertEquals(code, 0, err);
  const files = [...(out + err).matchAll(/file:\/\/\S+\//g)].length;
  assert(files > 0);
  assert(!/\/(tests|results|bench\/(?!race\/contenders\.ts))/.test(out + err), out + err);
});
