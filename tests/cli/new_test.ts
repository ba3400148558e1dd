import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ProjectCopy, type Ran, runDeno } from "../support/project_copy.ts";

/** The files that list contenders. */
const LISTS = ["bench/race/contenders.ts", "bench/race/loops.ts", "mod.ts", "deno.json"];

const ROOT = new URL("../../", import.meta.url);

Deno.test("new: the copy of sorted_array passes format, lint, types and house", async () => {
  await using project = await ProjectCopy.make();
  const made = await project.deno("task", "-q", "new", "interval_list");
  assertEquals([made.code, made.err], [0, ""]);
  assertMatch(made.out, /^Wrote impls\/interval_list\.ts: class IntervalList/);
  assertMatch(made.out, /deno task check-index interval_list\n.*\n {2}deno bench\n$/);
  const text = await project.read("impls/interval_list.ts");
  assertStringIncludes(text, "export class IntervalList implements MemslotIndex");
  assertStringIncludes(text, "class IntervalListIter implements MemslotIter");

  const files = ["impls/interval_list.ts", ...LISTS];
  const runs = await Promise.all([
    project.deno("fmt", "--check", ...files),
    project.deno("lint", ...files.filter((file) => file.endsWith(".ts"))),
    project.deno("check", "mod.ts"),
    project.deno("test", "--no-check", "--allow-read", "tests/house_test.ts"),
  ]);
  for (const { code, out, err } of runs) assertEquals(code, 0, out + err);
  const { exports } = JSON.parse(await project.read("deno.json"));
  assertEquals(exports["./interval_list"], "./impls/interval_list.ts");
});

Deno.test("new: names that lines have to break for stay well formatted", async () => {
  await using project = await ProjectCopy.make();
  const name = "an_index_of_quite_a_long_name_ab";
  const made = await project.deno("task", "-q", "new", name, "--from", "rb_tree");
  assertEquals([made.code, made.err], [0, ""]);
  const files = [`impls/${name}.ts`, ...LISTS];
  const { code, err } = await project.deno("fmt", "--check", ...files);
  assertEquals(code, 0, err);
  const row = new RegExp(`name: "${name}",\n.*\n +changes: "in place",\n`); // as rb_tree's
  assertMatch(await project.read("bench/race/contenders.ts"), row);
});

Deno.test("new: nothing is overwritten, and bad names change nothing", async () => {
  await using project = await ProjectCopy.make();
  const before = await project.read("bench/race/contenders.ts");
  await Deno.writeTextFile(new URL("impls/mine.ts", project.root), "// mine\n");
  const bad: readonly (readonly [string[], RegExp])[] = [
    [[], /as NAME must be given: found none/],
    [["a", "b"], /as NAME must be given: found a b/],
    [["IntervalList"], /must be in snake_case/],
    [["../outside"], /must be in snake_case/],
    [["a_very_very_very_long_name_for_an_index"], /32 letters at most/],
    [["twin"], /reserved/],
    [["memslot"], /impls\/memslot\.ts is there already/],
    [["my_test"], /deno would take my_test\.ts for tests/],
    [["sorted_array"], /a contender has that name already/],
    [["mine"], /impls\/mine\.ts is there already/],
    [["map"], /its class would be Map, which is taken/],
    [["memslot_iter"], /its class would be MemslotIter, which is taken/],
    [["other", "--from", "nobody"], /no contender has that name: there are linear_scan, /],
    [["other", "--size", "3"], /Unknown option '--size'/],
  ];
  // In one process of the copy, whose files the command edits.
  const { code, out, err } = await project.deno(
    "eval",
    `import { NEW } from "./bench/cli/new.ts";
    import { captured } from "./tests/support/captured.ts";
    for (const args of ${JSON.stringify(bad.map(([args]) => args))}) {
      console.log(JSON.stringify(await captured(NEW, args)));
    }`,
  );
  assertEquals([code, err], [0, ""]);
  const runs: Ran[] = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(runs.length, bad.length);
  for (const [i, { code, out, err }] of runs.entries()) {
    assertEquals([code, out], [64, ""]);
    assertMatch(err, bad[i][1]);
    assertEquals(err.trim().split("\n").length, 1);
  }
  assertEquals(await project.read("bench/race/contenders.ts"), before);
  assertEquals(await project.read("impls/mine.ts"), "// mine\n");
  assertEquals([...Deno.readDirSync(new URL("bench/race/", project.root))].length, countRace());
});

function countRace(): number {
  return [...Deno.readDirSync(new URL("bench/race/", ROOT))].length;
}

Deno.test("new: a list of contenders that it does not know is left alone", async () => {
  await using project = await ProjectCopy.make();
  const path = new URL("bench/race/contenders.ts", project.root);
  const text = (await project.read("bench/race/contenders.ts")).replace(
    "export const CONTENDERS",
    "export const  CONTENDERS",
  );
  await Deno.writeTextFile(path, text);
  const { code, err } = await project.deno("task", "-q", "new", "mine");
  assertEquals(code, 1);
  assertMatch(err, /^Cannot register mine as the list CONTENDERS was not found in .*\n$/);
  assertEquals(await project.read("bench/race/contenders.ts"), text);
  assert(
    ![...Deno.readDirSync(new URL("impls/", project.root))].some(({ name }) => {
      return name.includes("mine");
    }),
  );
});

/** The commands of the README's box under this heading; null where there is none. */
function commandsUnder(heading: string): string[] | null {
  let readme: string;
  try {
    readme = Deno.readTextFileSync(new URL("README.md", ROOT));
  } catch {
    return null;
  }
  const section = readme.split(`\n${heading}\n`)[1]?.split("\n## ")[0];
  const box = section && /```(?:sh|console)\n([^]*?)```/.exec(section)?.[1];
  if (!box) return null;
  return box.split("\n")
    .map((line) => line.replace(/^\$ /, "").replace(/\s+#.*$/, "").trim())
    .filter((line) => line.startsWith("deno task "));
}

const commands = commandsUnder("## Add an index");

Deno.test({
  name: commands === null
    ? "README: (no commands under the heading Add an index)"
    : "README: the commands of Add an index work",
  ignore: commands === null,
  async fn() {
    await using project = await ProjectCopy.make();
    for (const command of commands ?? []) {
      const args = command.split(/\s+/).slice(2);
      // A whole race is another test's; here that it knows the new index.
      if (args[0] === "race") args.push("--dry-run", "--workload", "find_uniform", "--slots", "10");
      if (args[0] === "check-index") args.push("--histories", "100");
      const { code, out, err } = await runDeno(project.root, ["task", "-q", ...args]);
      assertEquals(code, 0, `${command}: ${out}${err}`);
      if (args[0] === "check-index") assertMatch(out, /^ok: my_index answers/);
    }
  },
});
