import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CHECK_INDEX } from "../../bench/cli/check_index.ts";
import { RACE } from "../../bench/cli/race.ts";
import { SOAK } from "../../bench/cli/soak.ts";
import { isPath } from "../../bench/gate/source.ts";
import { shellWord } from "../../bench/cli/project.ts";
import { captured } from "../support/captured.ts";
import { inFolder } from "../support/folder.ts";
import { ProjectCopy, runDeno } from "../support/project_copy.ts";

/** What begins a query in an address; no file on Windows has it in its name. */
const QUERY = Deno.build.os === "windows" ? "&" : "?";

/** A result file. */
const OUT = `o #${QUERY}.jsonl`;

/** Names with all that means something else in an address, a list, a shell or an object. */
const NAMES = [
  ...["x#1.ts", `q${QUERY}a.js`, "b%20c.mjs", "d e.mts", "f,g.ts", "ü'.ts"],
  ...["__proto__.ts", "constructor.js", "toString.ts", "hasOwnProperty.ts"],
];

Deno.test("paths: from where the user stands, with any letters, in a project of any name", async () => {
  await using project = await ProjectCopy.make("a b#c%20d?é,f'");
  const folder = new URL("user/", project.root);
  await Deno.mkdir(folder);
  for (const name of NAMES) {
    await Deno.writeTextFile(
      new URL(encodeURIComponent(name), folder),
      `import { SortedArray } from "../impls/sorted_array.ts";\nexport class Mine extends SortedArray {}\n`,
    );
  }
  const task = (...args: string[]) => runDeno(folder, ["task", "-q", ...args]);
  const each = NAMES.flatMap((name) => ["--contender", name]);
  const some = ["--contender", "__proto__.ts,x#1.ts", "--contender", "f,g.ts"];
  const [checked, soaked, raced] = await Promise.all([
    task("check-index", `q${QUERY}a.js`, "--histories", "10"),
    task("soak", ...each, "--operations", "50"),
    task(
      "race",
      ...some,
      "--workload=find_uniform",
      "--slots=9",
      "--processes=1",
      "--rounds=8",
      `--out=${OUT}`,
      "--quiet",
    ),
  ]);
  assertStringIncludes(checked.out, `ok: q${QUERY}a answers`);
  assertEquals([soaked.code, soaked.err], [0, ""]);
  assertEquals(raced.code, 0, raced.err);
  for (const name of NAMES) {
    const bare = name.replace(/\.\w+$/, "");
    assertStringIncludes(soaked.out, `\n${bare}: 50 operations`);
  }
  assertStringIncludes(raced.out, `\nAll tables: deno task compare ${shellWord(OUT)} --full\n`);
  const compared = await task("compare", OUT, "--full");
  for (const name of ["__proto__", "x#1", "f,g"]) {
    assertMatch(compared.out, new RegExp(`^${name} +[\\d.]+ +[\\d.]+ `, "m"));
  }
  assertEquals([compared.code, compared.err], [0, ""]);
  assertStringIncludes(compared.out, `\n${OUT}: `);
});

Deno.test("paths: a folder, a device or a reserved name is no index, and a path by its ending", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/folder.ts`);
    await Deno.writeTextFile(`${folder}/floor.ts`, "export {}");
    const rows: readonly (readonly [string, string])[] = [
      [`${folder}/folder.ts`, "it is a folder"],
      [`${folder}/`, "it is a folder"],
      ["/dev/null", "it is no ordinary file"],
      [`${folder}/floor.ts`, "that name is reserved"],
      [`${folder}/nix.mjs`, "no file is there"],
    ];
    for (const [word, why] of rows) {
      const runs = [
        await captured(CHECK_INDEX, [word]),
        await captured(SOAK, ["--contender", word]),
        await captured(RACE, ["--contender", word, "--dry-run"]),
      ];
      for (const { code, out, err } of runs) {
        assertEquals([code, out], [64, ""]);
        assertMatch(err, /^Cannot \w+ /);
        assertStringIncludes(err, ` ${word} as ${why}`);
      }
    }
  });
});

Deno.test({
  name: "paths: a race runs through a symbolic link to the project, with a file behind one",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using project = await ProjectCopy.make("real");
    const folder = new URL("../", project.root);
    const imported = new URL("impls/eytzinger.ts", project.root).href;
    await Deno.mkdir(new URL("files/", folder));
    await Deno.writeTextFile(
      new URL("files/mine.js", folder),
      `export { Eytzinger as Mine } from "${imported}";`,
    );
    await Deno.symlink("real", new URL("link", folder));
    await Deno.symlink("files", new URL("other", folder));
    const { code, out, err } = await runDeno(folder, [
      ...["run", "-A", "--no-check", "link/bench/main.ts", "race", "--contender=other/mine.js"],
      ...["--workload=find_uniform", "--slots=9", "--processes=1", "--rounds=2", "--quiet"],
      "--out=run.jsonl",
    ]);
    assert([0, 4].includes(code), err);
    assertEquals(err, "");
    assertMatch(out, /mine/);
  },
});

Deno.test("isPath: by a slash or the ending of a module", () => {
  for (const word of ["a.ts", "a.js", "a.mts", "a.mjs", "./a", "a/b", "constructor.ts"]) {
    assertEquals(isPath(word), true, word);
  }
  for (const word of ["a", "rb_tree", "ts", "constructor", ""]) assertEquals(isPath(word), false);
});

Deno.test("shellWord: on Windows, as cmd and PowerShell both take it", () => {
  const windows = { os: "windows" };
  assertEquals(shellWord("C:\\race\\run-1.jsonl", windows), "C:\\race\\run-1.jsonl");
  assertEquals(shellWord("C:\\My races\\ä'.jsonl", windows), `"C:\\My races\\ä'.jsonl"`);
  for (const word of ["a;b", "*", "~", "#x", "", "a&b", "a^b"]) {
    assertEquals(shellWord(word, windows), `"${word}"`);
  }
});

Deno.test("shellWord: quotes what a shell would take apart", () => {
  assertEquals(shellWord("a/b-1.2_x@y"), "a/b-1.2_x@y");
  assertEquals(shellWord("a b"), "'a b'");
  assertEquals(shellWord("it's"), `'it'\\''s'`);
  for (const word of ["$HOME", "a;b", "*", "~", "#x", "", "a\nb"]) {
    assertMatch(shellWord(word), /^'[^']*'$/);
  }
});
