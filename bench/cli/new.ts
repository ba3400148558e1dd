/**
 * `deno task new NAME`: a new index that works from the start, as it is a copy of another one, and
 * takes part in everything: gate, tests, `deno bench` and race.
 */
import { RESERVED } from "../gate/source.ts";
import { command } from "./command.ts";
import { EXIT, FileError, UsageError } from "./exit.ts";
import { text } from "./options.ts";
import { CONTENDERS_PATH, exists, fileAt, registeredNames, writeWhole } from "./project.ts";
import type { Io } from "./terminal.ts";

/** The command. */
export const NEW = command({
  name: "new",
  summary: "A new index: a copy of another one, registered",
  about: `Writes impls/NAME.ts, a copy of the contender --from, and registers it in ` +
    `${CONTENDERS_PATH}, loops.ts beside it, mod.ts and the exports of deno.json. NAME is in snake_case; the class is called the same in PascalCase.`,
  operands: { words: "NAME", least: 1, most: 1 },
  options: {
    from: { ...text("NAME"), default: "sorted_array", help: "the contender to copy" },
  },
  examples: [
    ["new interval_list", "class IntervalList, a copy of sorted_array"],
    ["new my_tree --from rb_tree", "a copy of another contender"],
  ],
  permissions: "read; write the checkout; run deno, for its formatter",
  exits: [],
  run({ operands: [name], values: { from } }, io) {
    return addIndex(name, from, io);
  },
});

async function addIndex(name: string, from: string, io: Io): Promise<number> {
  const contenders = await Deno.readTextFile(fileAt(CONTENDERS_PATH));
  checkFrom(from, contenders);
  checkName(name, contenders);
  const original = await Deno.readTextFile(fileAt(`impls/${from}.ts`));
  await checkClass(name, original);
  const listing = await registered(from, name);
  await writeAll(
    { path: `impls/${name}.ts`, text: await formatted(copyOf(original, from, name)) },
    listing,
  );
  io.out(`Wrote impls/${name}.ts: class ${pascalCase(name)}, a copy of ${from} to rewrite
Registered it in ${listing.map(({ path }) => path).join(", ")}

Next:
  deno task check-index ${name}
  deno task race --contender ${name} --quick
  deno bench`);
  return EXIT.fine;
}

/** Where the loops of `deno bench` stand. */
const LOOPS_PATH = "bench/race/loops.ts";

/** The longest name: tables have a column for it. */
const LONGEST_NAME = 32;

function checkName(name: string, contenders: string): void {
  const because = whyNot(name, contenders);
  if (because) throw new UsageError(`Cannot add ${JSON.stringify(name)} as ${because}`);
}

function whyNot(name: string, contenders: string): string | null {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) {
    return "its name must be in snake_case, like interval_list";
  }
  if (name.length > LONGEST_NAME) return `its name must have ${LONGEST_NAME} letters at most`;
  if (RESERVED.includes(name)) return "that name is reserved: choose another one";
  if (/(^|_)(test|bench)$/.test(name)) {
    return `deno would take ${name}.ts for tests or benches: choose another name`;
  }
  if (registeredNames(contenders).includes(name)) return "a contender has that name already";
  if (exists(fileAt(`impls/${name}.ts`))) return `impls/${name}.ts is there already`;
  return null;
}

function checkFrom(from: string, contenders: string): void {
  const names = registeredNames(contenders);
  if (names.includes(from)) return;
  throw new UsageError(
    `Cannot copy ${JSON.stringify(from)} as no contender has that name: there are ${
      names.join(", ")
    }`,
  );
}

/** The new class must not hide, or meet, another name of the files it will be in. */
async function checkClass(name: string, original: string): Promise<void> {
  const wanted = pascalCase(name);
  const declared = new RegExp(
    `(class|interface|type|const|function|import|[{,]) ?(type )?${wanted}(Iter)?\\b`,
  );
  const texts = [original];
  for (const folder of ["impls/", "bench/race/", "bench/workloads/"]) {
    for await (const entry of Deno.readDir(fileAt(folder))) {
      if (!entry.name.endsWith(".ts")) continue;
      texts.push(await Deno.readTextFile(fileAt(folder + entry.name)));
    }
  }
  if (!(wanted in globalThis) && !texts.some((text) => declared.test(text))) return;
  throw new UsageError(
    `Cannot add ${JSON.stringify(name)} as its class would be ${wanted}, which is taken: ` +
      "choose another name",
  );
}

/** `interval_list` to `IntervalList`. */
function pascalCase(name: string): string {
  return name.split("_").map((word) => word[0].toUpperCase() + word.slice(1)).join("");
}

/** The text of the new index: an invitation on top, and class and cursor under its own name. */
function copyOf(original: string, from: string, name: string): string {
  const [oldClass, newClass] = [pascalCase(from), pascalCase(name)];
  const [, oldHead = "", rest = original] = /^\/\*\*\n([^]*?) \*\/\n([^]*)$/.exec(original) ?? [];
  const head = `/**
 * A copy of ${from} to start from. Rewrite it, this comment first: what the structure is, what its
 * operations cost, how many bytes a slot takes, who uses it. What must hold is said in
 * memslot_index.ts, and \`deno task check-index ${name}\` tries it.
 *
 * What ${from} says of itself:
 *
`;
  return `${head}${oldHead} */\n` + rest
    .replace(
      /^\/\*\*(?:(?!\*\/)[^])*\*\/\n(?=export class )/m,
      "/** See the head of the file. */\n",
    )
    .replace(new RegExp(`\\b${oldClass}(?=(Iter)?\\b)`, "g"), newClass);
}

/** What a change costs the original, as its row has it. */
function changesLine(text: string, from: string): string {
  return new RegExp(`name: "${from}",[^}]*?\n( +changes: "[^"]+",\n)`).exec(text)?.[1] ?? "";
}

/** The texts of the files that list contenders, by path, each with one contender more. */
async function registered(from: string, name: string): Promise<NewFile[]> {
  const className = pascalCase(name);
  const contenders = await Deno.readTextFile(fileAt(CONTENDERS_PATH));
  const row = `  {
    name: "${name}",
    summary: "a copy of ${from}, to be rewritten",
${changesLine(contenders, from)}    create: (slots) => new ${className}(slots),
  },
`;
  const sorted = (line: string) => (found: string) =>
    `${[...found.trimEnd().split("\n"), line].sort(byPath).join("\n")}\n`;
  const edits: readonly Edit[] = [
    {
      path: CONTENDERS_PATH,
      what: "imports of contenders",
      place: /(?:^import \{ \w+ \} from "\.\.\/\.\.\/impls\/\w+\.ts";\n)+/m,
      edit: sorted(`import { ${className} } from "../../impls/${name}.ts";`),
    },
    {
      path: CONTENDERS_PATH,
      what: "list CONTENDERS",
      place: /^export const CONTENDERS[^=]*= \[\n[^]*?(?=^\];$)/m,
      edit: (found) => found + row,
    },
    {
      path: LOOPS_PATH,
      what: "map LOOPS",
      place: /^export const LOOPS[^=]*=[^=]*= new Map\(\[\n[^]*?(?=^\]\);$)/m,
      edit: (found) => `${found}  ["${name}", () => import("./replay.ts?for=${name}")],\n`,
    },
    {
      path: "mod.ts",
      what: "exports of contenders",
      place: /(?:^export \{ \w+ \} from "\.\/impls\/\w+\.ts";\n)+/m,
      edit: sorted(`export { ${className} } from "./impls/${name}.ts";`),
    },
    {
      path: "deno.json",
      what: "exports of contenders",
      place: /(?:^ {4}"\.\/\w+": "\.\/impls\/\w+\.ts",\n)+/m,
      edit: sorted(`    "./${name}": "./impls/${name}.ts",`),
    },
  ];
  const texts = new Map<string, string>();
  for (const { path, what, place, edit } of edits) {
    const text = texts.get(path) ?? await Deno.readTextFile(fileAt(path));
    if (!place.test(text)) {
      throw new FileError(
        `Cannot register ${name} as the ${what} was not found in ${path}: ` +
          "restore the file (git checkout)",
      );
    }
    texts.set(path, text.replace(place, edit));
  }
  return await Promise.all(
    [...texts].map(async ([path, text]) => {
      return { path, text: await formatted(text, path.split(".").at(-1)) };
    }),
  );
}

/** A place in a file's text, and what becomes of it. */
interface Edit {
  readonly path: string;
  /** What stands there, in words. */
  readonly what: string;
  readonly place: RegExp;
  readonly edit: (found: string) => string;
}

/** Lines of imports in the order of their files. */
function byPath(a: string, b: string): number {
  const path = (line: string) => line.split('"')[1];
  return path(a) < path(b) ? -1 : 1;
}

/** As `deno fmt` would have it: another name may need another break of a line. */
async function formatted(text: string, ext = "ts"): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", ext, "-"],
    cwd: fileAt("."),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text)).then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (success) return decode(stdout);
  throw new FileError(
    `Cannot format the new text as deno fmt failed: ${decode(stderr).split("\n")[0]}`,
  );
}

interface NewFile {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

/** Writes the new file and those that list it, or none of them. */
async function writeAll(added: NewFile, listing: readonly NewFile[]): Promise<void> {
  const before = await Promise.all(listing.map(({ path }) => Deno.readTextFile(fileAt(path))));
  await writeWhole(fileAt(added.path), added.text);
  try {
    for (const { path, text } of listing) await writeWhole(fileAt(path), text);
  } catch (error) {
    await Deno.remove(fileAt(added.path));
    for (const [i, { path }] of listing.entries()) await writeWhole(fileAt(path), before[i]);
    throw error;
  }
}
