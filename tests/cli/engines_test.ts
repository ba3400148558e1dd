import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { engineList } from "../../bench/cli/engines.ts";
import { UsageError } from "../../bench/cli/exit.ts";
import { readResultFile } from "../../bench/record/result_file.ts";
import { installedEngine } from "../support/engines.ts";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

/** Runs a command with these rights, as its task would; nothing but the programs of `path` is found. */
async function run(args: readonly string[], { rights = ["-A"], env = {} } = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...rights, "--no-check", MAIN, ...args],
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("engineList: each engine once, and no word that names none", () => {
  const parse = (text: string) => engineList().parse([text], "--engine");
  assertEquals(parse("deno,node@22,bun,deno"), ["deno", "node@22", "bun"]);
  const { message } = assertThrows(() => parse("deno,v8"), UsageError);
  assertMatch(message, /^Cannot use v8 as --engine: there are deno, node and bun/);
});

Deno.test("race: without the program of an engine it says so in one line, and does not begin", async () => {
  for (const args of [["race", "--quick", "--quiet"], ["check-index", "rb_tree", "--quiet"]]) {
    const env = { PATH: "/nowhere" };
    const { code, out, err } = await run([...args, "--engine=deno,bun"], { env });
    assertEquals([code, out], [69, ""]);
    assertMatch(err, /^Cannot race in bun as its program must be on the PATH, or npx [^\n]+\n$/);
  }
});

Deno.test("race: without leave to run anything it looks for programs in a process that may", async () => {
  const rights = ["--allow-read", `--allow-run=${Deno.execPath()}`];
  const env = { PATH: "/nowhere" };
  const { code, err } = await run(["race", "--quick", "--engine=node"], { rights, env });
  assertEquals(code, 69);
  // Deno answers to the name of Node where the PATH has none.
  assertMatch(err, /Cannot race in node as its program must be on the PATH, .*: it is Deno; npx: /);
});

const found = (await Promise.all([installedEngine("node"), installedEngine("bun")]))
  .filter((engine) => engine !== null);

Deno.test({
  name: "race: the same trials in every engine, all right, memory and tiers where it tells them",
  ignore: found.length === 0,
  async fn() {
    const folder = await Deno.makeTempDir(), path = `${folder}/run.jsonl`;
    const names = ["deno", ...found.map(({ name }) => name)];
    try {
      const { code, out, err } = await run([
        ...["race", "--workload=find_uniform", "--slots=10", "--processes=1", "--rounds=4"],
        ...["--contender=rb_tree", "--quiet", `--engine=${names}`, `--out=${path}`],
      ], { env: { MEMSLOT_PROGRAMS: found.map(({ program }) => `,${program}`).join("") } });
      assertEquals(code, 0, err);
      const { trials, probes, gates, run: { environment } } = readResultFile(path);
      assertEquals(trials.map(({ cell }) => cell.engine), names);
      assert(trials.every(({ entries }) => entries.every(({ outcome }) => outcome.kind === "ok")));
      assertEquals([...gates.values()].map(({ engine }) => engine), names.flatMap((n) => [n, n]));
      assertEquals(Object.keys(environment.engines!), names.slice(1));
      for (const { cell: { engine }, entries: [{ liveBytesPerSlot, loopTier }] } of probes) {
        assertEquals(loopTier === undefined, engine === "bun");
        assertEquals(liveBytesPerSlot === undefined, engine === "bun");
        assert(!(liveBytesPerSlot! < 8), `${engine} ${liveBytesPerSlot}`);
      }
      for (const name of names.slice(1)) {
        assertMatch(out, new RegExp(`ranking of deno.* in ${name}`));
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
