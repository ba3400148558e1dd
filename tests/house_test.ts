/** What keeps the house in order: which room may import which, and that names are what they say. */
import { assert, assertEquals } from "@std/assert";
import { registeredNames } from "../bench/cli/project.ts";
import { LOOPS } from "../bench/race/loops.ts";
import * as mod from "../mod.ts";

const ROOT = new URL("../", import.meta.url);

/**
 * Every room of the house and the rooms that its files may import, besides its own. A room may only
 * name rooms above it in this list, so there is no circle.
 */
const ROOMS: readonly (readonly [room: string, mayImport: readonly string[]])[] = [
  ["contract", []],
  ["impls/radix_chunks", ["contract"]],
  ["impls/wasm_s_tree", []],
  ["contenders", ["contract", "impls/radix_chunks", "impls/wasm_s_tree"]],
  ["impls/hva", ["contract"]],
  ["impls/kvm", ["contract", "impls/hva"]],
  ["bench/traces", ["contract", "contenders", "impls/kvm"]],
  ["bench/workloads", ["contract", "contenders", "impls/hva", "impls/kvm", "bench/traces"]],
  ["bench/record", []],
  ["bench/stats", []],
  ["bench/v8", ["contract", "contenders", "bench/workloads", "bench/stats"]],
  ["bench/process", ["bench/record"]],
  [
    "bench/gate",
    ["contract", "impls/hva", "bench/workloads", "bench/record", "bench/process"],
  ],
  [
    "bench/race",
    [
      ...["contract", "contenders", "impls/kvm", "impls/hva"],
      ...["bench/workloads", "bench/gate", "bench/record", "bench/process", "bench/stats"],
    ],
  ],
  ["bench/kvm", ["contenders", "impls/kvm", "bench/workloads", "bench/gate"]],
  [
    "bench/native",
    ["contract", "bench/workloads", "bench/record", "bench/race"],
  ],
  ["bench/summary", ["bench/record", "bench/stats"]],
  ["bench/report", ["bench/record", "bench/stats", "bench/summary", "bench/native"]],
  [
    "bench/cli",
    [
      ...["impls/kvm", "impls/wasm_s_tree"],
      ...["bench/workloads", "bench/gate", "bench/race", "bench/record", "bench/process"],
      ...["bench/kvm", "bench/native", "bench/stats", "bench/summary", "bench/report"],
      ...["bench/traces"],
    ],
  ],
  ["bench", ["bench/cli", "bench/race"]],
  ["mod.ts", ["contract", "contenders", "impls/hva", "impls/kvm", "bench/race"]],
];

/** The room of a file, by its path from the root of the project. */
function roomOf(path: string): string {
  if (/^impls\/memslot(_index)?\.ts$/.test(path)) return "contract";
  if (/^impls\/[^/]+$/.test(path)) return "contenders";
  return path.includes("/") ? path.split("/").slice(0, -1).join("/") : path;
}

function* sourceFiles(folder: URL): Generator<URL> {
  for (const entry of Deno.readDirSync(folder)) {
    if (entry.isDirectory) yield* sourceFiles(new URL(`${entry.name}/`, folder));
    else if (entry.name.endsWith(".ts")) yield new URL(entry.name, folder);
  }
}

function pathOf(file: URL): string {
  return file.href.slice(ROOT.href.length);
}

/** The files that `file` imports by a relative path, from the root of the project. */
function importsOf(file: URL): string[] {
  const text = Deno.readTextFileSync(file).replace(/^\s*\*.*$/gm, "");
  const found = text.matchAll(/(?:from|import)\s*\(?\s*["`](\.[^"`$]+\.ts)(?:\?[^"`]*)?["`]/g);
  return [...found].map(([, path]) => pathOf(new URL(path, file)));
}

const FILES = [
  new URL("mod.ts", ROOT),
  ...sourceFiles(new URL("impls/", ROOT)),
  ...sourceFiles(new URL("bench/", ROOT)),
];

Deno.test("imports: each room imports only the rooms it may, and none imports tests/ or mod.ts", () => {
  const rules = new Map(ROOMS);
  const wrong = FILES.flatMap((file) => {
    const room = roomOf(pathOf(file)), mayImport = rules.get(room);
    assert(mayImport, `${pathOf(file)} stands in a room without a rule: add ${room} to ROOMS`);
    return importsOf(file)
      .filter((path) => roomOf(path) !== room && !mayImport.includes(roomOf(path)))
      .map((path) => `${pathOf(file)} imports ${path}`);
  });
  assertEquals(wrong, []);
});

Deno.test("imports: rules name rooms above only, so there is no circle between rooms", () => {
  ROOMS.forEach(([room, mayImport], i) => {
    const above = ROOMS.slice(0, i).map(([name]) => name);
    assertEquals(mayImport.filter((name) => !above.includes(name)), [], room);
  });
});

Deno.test("imports: every rule is used", () => {
  const used = new Set(FILES.flatMap((file) => {
    return importsOf(file).map((path) => `${roomOf(pathOf(file))} -> ${roomOf(path)}`);
  }));
  const unused = ROOMS.flatMap(([room, mayImport]) => {
    return mayImport.map((name) => `${room} -> ${name}`).filter((arrow) => !used.has(arrow));
  });
  assertEquals(unused, []);
});

Deno.test("imports: contenders import no other contender", () => {
  for (const { name } of mod.CONTENDERS) {
    const wrong = importsOf(new URL(`impls/${name}.ts`, ROOT))
      .filter((path) => mod.CONTENDERS.some((other) => path === `impls/${other.name}.ts`));
    assertEquals(wrong, []);
  }
});

Deno.test("impls/: whatever stands at its top is the contract or a contender", () => {
  const files = [...Deno.readDirSync(new URL("impls/", ROOT))]
    .filter(({ isFile, name }) => isFile && roomOf(`impls/${name}`) === "contenders")
    .map(({ name }) => name.replace(/\.ts$/, ""));
  assertEquals(mod.CONTENDERS.map(({ name }) => name).sort(), files.sort());
});

Deno.test("LOOPS: each is of a contender, of its own name, and a module instance of its own", async () => {
  const text = Deno.readTextFileSync(new URL("bench/race/loops.ts", ROOT));
  const names = [...text.matchAll(/\["(\w+)", \(\) => import\("\.\/replay\.ts\?for=\1"\)\]/g)]
    .map(([, name]) => name);
  assertEquals([...LOOPS.keys()], names);
  const known = mod.CONTENDERS.map(({ name }) => name);
  assertEquals(names.filter((name) => !known.includes(name)), []);
  const replays = await Promise.all([...LOOPS.values()].map(async (loop) => (await loop()).replay));
  assertEquals(new Set(replays).size, replays.length);
});

Deno.test("CONTENDERS: what the commands read of its text is what it is", () => {
  const text = Deno.readTextFileSync(new URL("bench/race/contenders.ts", ROOT));
  assertEquals(registeredNames(text), mod.CONTENDERS.map(({ name }) => name));
});

Deno.test("mod.ts: exports the class of every contender", () => {
  const classes = new Set<unknown>(Object.values(mod));
  for (const { name, create } of mod.CONTENDERS) {
    assert(classes.has(create([]).constructor), `${name} is not exported`);
  }
});
