import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { captured } from "../support/captured.ts";
import { runDeno } from "../support/project_copy.ts";
import { COMMANDS } from "../../bench/main.ts";

const ROOT = new URL("../../", import.meta.url);

/** Runs the command line without any permission: what needs none is done before others are asked. */
function main(...argv: string[]) {
  return runDeno(ROOT, ["run", "--no-check", "--no-prompt", "bench/main.ts", ...argv]);
}

Deno.test("main: --help lists every command, and what is no command is bad usage", async () => {
  const { code, out, err } = await main("--help");
  assertEquals([code, err], [0, ""]);
  for (const name of COMMANDS.keys()) assertMatch(out, new RegExp(`^  ${name} +\\w`, "m"));
  const words = [[], ["nothing"], ["constructor"], ["toString"], ["__proto__"], ["race\x1b[2J"]];
  for (const argv of words) {
    const { code, out, err } = await main(...argv);
    assertEquals([code, out], [64, ""]);
    assertMatch(err, /^Cannot run [^\p{Cc}]* as there are race, compare, .*--help\)\n$/u);
  }
});

Deno.test("COMMANDS: each has the name it is found by, and its task and summary in deno.json", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  for (const [name, load] of COMMANDS) {
    const command = await load(), task = tasks[name];
    assertEquals(command.name, name);
    assertEquals(task.description, command.summary);
    assert(task.command.endsWith(` bench/main.ts ${name}`), task.command);
    assert(!/ -A| --allow-all/.test(task.command), task.command);
  }
});

Deno.test("COMMANDS: the help of each fits 80 and 60 columns, and asks for no permission", async () => {
  for (const [name, load] of COMMANDS) {
    const command = await load();
    for (const width of [60, 80]) {
      const { code, out, err } = await captured(command, ["--help"], { width });
      assertEquals([code, err], [0, ""]);
      assertStringIncludes(out, `Usage: deno task ${name} `);
      for (const line of out.split("\n")) assert(line.length <= width, line);
      assert(command.examples.length > 0);
    }
  }
  const before = await Deno.readTextFile(new URL("impls/wasm_s_tree/code.ts", ROOT));
  const { code, out } = await main("wat", "-h");
  assertEquals(code, 0);
  assertStringIncludes(out, "Permissions: write impls/wasm_s_tree.");
  assertEquals(await Deno.readTextFile(new URL("impls/wasm_s_tree/code.ts", ROOT)), before);
});
