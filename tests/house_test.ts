import { assert, assertEquals } from "@std/assert";
import { registeredNames } from "../bench/add/project.ts";
import * as mod from "../mod.ts";

const ROOT = new URL("../", import.meta.url);

/** Files of impls/ that are no index of memslots by gfn. */
const NOT_CONTENDERS = [
  "memslot",
  "memslot_index",
  "memslot_set",
  "memory_region",
  "address_space",
  "chunk_directory",
  "chunk_hints",
  "hva_index",
  "id_hash",
  "last_used",
  "hva_interval_tree",
  "hva_linear_scan",
  "hva_sorted_array",
  "separator_tree",
  "wasm_s_tree_code",
  "wasm_s_tree_wat",
];

function* sourceFiles(folder: URL): Generator<URL> {
  for (const entry of Deno.readDirSync(folder)) {
    if (entry.isDirectory) yield* sourceFiles(new URL(`${entry.name}/`, folder));
    else if (entry.name.endsWith(".ts")) yield new URL(entry.name, folder);
  }
}

/** The files that `file` imports by a relative path, from the root of the project. */
function importsOf(file: URL): string[] {
  const text = Deno.readTextFileSync(file);
  const found = text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found].map(([, path]) => {
    return new URL(path.split("?")[0], file).href.slice(ROOT.href.length);
  });
}

/** What the files below `folder` must not import. */
function expectNone(folder: string, forbidden: RegExp): void {
  let seen = 0;
  for (const file of sourceFiles(new URL(folder, ROOT))) {
    seen++;
    const wrong = importsOf(file).filter((path) => forbidden.test(path));
    assertEquals(wrong, [], `${file.pathname} must not import ${wrong}`);
  }
  assert(seen > 0);
}

Deno.test("imports: impls/ knows nothing of bench/, tests/ or mod.ts", () => {
  expectNone("impls/", /^(bench|tests|mod\.ts)/);
});

Deno.test("imports: contenders import no other contender", () => {
  for (const { name } of mod.CONTENDERS) {
    const wrong = importsOf(new URL(`impls/${name}.ts`, ROOT))
      .filter((path) => mod.CONTENDERS.some((other) => path === `impls/${other.name}.ts`));
    assertEquals(wrong, []);
  }
});

Deno.test("imports: bench/ knows nothing of tests/ or mod.ts", () => {
  expectNone("bench/", /^(tests|mod\.ts)/);
});

Deno.test("imports: workloads know nothing of race/ or report/", () => {
  expectNone("bench/workloads/", /^bench\/(race|report)/);
});

Deno.test("imports: the race knows nothing of its reports", () => {
  expectNone("bench/race/", /^bench\/report/);
});

Deno.test("imports: report/ knows records and numbers, not contenders", () => {
  expectNone("bench/report/", /^(impls|bench\/race\/contenders)/);
});

Deno.test("CONTENDERS: their names are the files of impls/", () => {
  const files = [...Deno.readDirSync(new URL("impls/", ROOT))]
    .map((entry) => entry.name.replace(/\.ts$/, ""))
    .filter((name) => !NOT_CONTENDERS.includes(name));
  assertEquals(mod.CONTENDERS.map(({ name }) => name).sort(), files.sort());
});

Deno.test("CONTENDERS: each imports the loop of its own name, as a literal", async () => {
  const text = Deno.readTextFileSync(new URL("bench/race/contenders.ts", ROOT));
  const loops = [...text.matchAll(/import\("\.\/replay\.ts\?for=(\w+)"\)/g)].map(([, name]) =>
    name
  );
  assertEquals(loops, mod.CONTENDERS.map(({ name }) => name));
  assertEquals(registeredNames(text), loops, "what soak runs and new knows");
  const replays = await Promise.all(mod.CONTENDERS.map(async ({ loop }) => (await loop()).replay));
  assertEquals(new Set(replays).size, replays.length);
});

Deno.test("mod.ts: exports the class of every contender", () => {
  const classes = new Set<unknown>(Object.values(mod));
  for (const { name, create } of mod.CONTENDERS) {
    assert(classes.has(create([]).constructor), `${name} is not exported`);
  }
});
