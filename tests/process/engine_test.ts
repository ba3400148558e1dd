import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { runChild } from "../../bench/process/child.ts";
import { commandOf, type Engine } from "../../bench/process/engine.ts";
import { engineAt, EngineError, isEngineName, whyNot } from "../../bench/process/find_engine.ts";
import { installedEngine } from "../support/engines.ts";

const SCRIPT = import.meta.resolve("../support/scripted_child.ts");

/** An engine that is not asked for its program. */
function engine(kind: Engine["kind"]): Engine {
  return { name: kind, kind, program: `/opt/${kind}`, version: "1.0", packages: { zod: "/zod" } };
}

const JOB = {
  url: "file:///project/job.ts",
  reads: ["file:///project/impls/"],
  v8Flags: ["--max"],
};

Deno.test("commandOf: Node may read what is named, and neither write nor start a process", () => {
  const { program, args, env } = commandOf(engine("node"), JOB);
  assertEquals(program, "/opt/node");
  for (const arg of ["--permission", "--allow-fs-read=/project/impls/", "--expose-gc", "--max"]) {
    assert(args.includes(arg), arg);
  }
  assertEquals(args.filter((arg) => /allow-(fs-write|child|addons|net|wasi)/.test(arg)), []);
  assertEquals(args.at(-1), "/project/job.ts");
  assertEquals(env.MEMSLOT_PACKAGES, '{"zod":"/zod"}');
});

Deno.test("commandOf: Bun installs no package, reads no .env file, and takes no flags for V8", () => {
  const { args } = commandOf(engine("bun"), JOB);
  assert(args.includes("--no-install") && args.includes("--no-env-file"));
  assert(!args.includes("--max"));
});

Deno.test("isEngineName: deno, node and bun, the latter two with a version if need be", () => {
  for (const name of ["deno", "node", "bun", "node@22", "bun@1.4.5"]) {
    assert(isEngineName(name), name);
  }
  for (const name of ["", "Node", "deno@2", "node@", "node@lts", "qjs"]) {
    assert(!isEngineName(name), name);
  }
});

Deno.test("whyNot: another engine, another version and an old one cannot run a race", () => {
  const why = (name: string, versions: Record<string, string>) => whyNot(name, { versions });
  const bun = { node: "24.3.0", bun: "1.3.0" };
  assertEquals(why("node", { node: "24.1.0", deno: "2.9.6" }), "it is Deno");
  assertEquals([why("node", bun), why("bun", { node: "24.1.0" })], [
    "it is not node",
    "it is not bun",
  ]);
  assertEquals(why("node@22", { node: "24.1.0" }), "it is 24.1.0");
  assertEquals(why("node", { node: "20.1.0" }), "it is 20.1.0, and a race needs 22.15");
  assertEquals([why("node", { node: "22.15.0" }), why("bun", bun), why("bun@1", bun)], [
    null,
    null,
    null,
  ]);
});

Deno.test("engineAt: a program that is missing is told in one line", async () => {
  const error = await assertRejects(() => engineAt("node", "/nowhere/node", {}), EngineError);
  assertMatch(error.message, /^Cannot race in node by \/nowhere\/node: no such program/);
});

const [NODE, BUN] = await Promise.all([installedEngine("node"), installedEngine("bun")]);

for (const [kind, found] of [["node", NODE], ["bun", BUN]] as const) {
  const run = (text: string) =>
    runChild(SCRIPT, text, {
      patienceSeconds: 20,
      signal: new AbortController().signal,
      engine: found,
    });

  Deno.test({
    name: `runChild: a process of ${kind} answers, and one that throws has crashed`,
    ignore: found === null,
    async fn() {
      const answer = await run(`console.log("noise"); desk.beat("one"); desk.answer({ ü: 1 })`);
      assertEquals(answer, { kind: "answered", value: { ü: 1 } });
      const { kind, words } = await run(`desk.beat("one"); throw new RangeError("too tall")`) as {
        kind: string;
        words: string;
      };
      assertEquals(kind, "crashed");
      assertMatch(words, /^the process of one ended with exit code 1: .*/);
    },
  });

  Deno.test({
    name:
      `loader: ${kind} imports packages and bytes, and each query string is a module of its own`,
    ignore: found === null,
    async fn() {
      const root = import.meta.resolve("../../");
      const ending = await run(`
        const { guestAccesses } = await import("${root}bench/workloads/recorded.ts");
        const { GUEST_SLOTS } = await import("${root}bench/workloads/guests.ts");
        const recorded = await guestAccesses(GUEST_SLOTS);
        const { instanceOf } = await import("${root}bench/process/system.ts");
        const load = (label) => import(instanceOf("${root}impls/sorted_array.ts", "as=" + label));
        const { SortedArray } = await load("one"), other = await load("two");
        const { NpmSortedBtree } = await import("${root}impls/npm_sorted_btree.ts");
        const { NpmBintreesRbTree } = await import("${root}impls/npm_bintrees_rb_tree.ts");
        desk.answer([
          recorded.length, SortedArray === other.SortedArray,
          new NpmSortedBtree([]).size, new NpmBintreesRbTree([]).size,
        ]);`);
      assertEquals(ending, { kind: "answered", value: [250_000, false, 0, 0] });
    },
  });
}

Deno.test({
  name: "runChild: a process of Node cannot write, start a process or read foreign files",
  ignore: NODE === null,
  async fn() {
    const options = { patienceSeconds: 20, signal: new AbortController().signal, engine: NODE };
    const ending = await runChild(
      SCRIPT,
      `const { getBuiltinModule } = process, codes = [];
       const fs = getBuiltinModule("node:fs"), child = getBuiltinModule("node:child_process");
       const acts = [
         () => fs.writeFileSync("x.txt", "x"), () => child.execSync("true"), () => fs.readFileSync("/etc/passwd"),
       ];
       for (const act of acts) try { act(); codes.push("done"); } catch (error) { codes.push(error.code); }
       desk.answer(codes);`,
      options,
    );
    assertEquals(ending, { kind: "answered", value: new Array(3).fill("ERR_ACCESS_DENIED") });
  },
});
