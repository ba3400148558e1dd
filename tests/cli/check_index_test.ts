import { assert, assertEquals, assertMatch } from "@std/assert";
import { CHECK_INDEX } from "../../bench/cli/check_index.ts";
import type { Command } from "../../bench/cli/command.ts";
import type { Options } from "../../bench/cli/options.ts";
import { SOAK } from "../../bench/cli/soak.ts";
import { captured } from "../support/captured.ts";
import { ProjectCopy, type Ran } from "../support/project_copy.ts";

const ROOT = new URL("../../", import.meta.url);

/**
 * Runs a command on `text`, written to a file: JavaScript, which deno does not check
 * for types, as that takes a second each time, unless it begins with `// ts`.
 */
async function runOn<O extends Options>(
  text: string,
  command: Command<O>,
  ...args: string[]
): Promise<Ran> {
  const file = await Deno.makeTempFile({ suffix: text.startsWith("// ts") ? ".ts" : ".js" });
  try {
    await Deno.writeTextFile(file, text);
    const index = "contender" in command.options ? ["--contender", file] : [file];
    return await captured(command, [...index, ...args]);
  } finally {
    await Deno.remove(file);
  }
}

function checkText(text: string, ...args: string[]): Promise<Ran> {
  return runOn(text, CHECK_INDEX, ...args);
}

/** A linear scan with this instead of some methods. */
function scanWith(methods: string): string {
  return `import { LinearScan } from "${new URL("impls/linear_scan.ts", ROOT)}";
export class Mine extends LinearScan {
  ${methods}
}
`;
}

Deno.test("check-index: a wrong answer is told with a short history, and its seed", async () => {
  const text = scanWith(`  find(gfn) {
    return this.size > 3 && gfn === 5 ? null : super.find(gfn);
  }`);
  const { code, out } = await checkText(text, "--seed", "7");
  assertEquals(code, 2);
  assertMatch(out, /^wrong: \w+, after (creating it with|inserting) (\d+ slots, )?slot 1 /);
  assertMatch(out, /, find\(0x5\) should give slot \d+ but gave nothing\n/);
  assertMatch(out, /--seed 7 --histories 1000\n$/);
});

Deno.test("check-index: who throws, hangs or ends the process is told apart", async () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    [
      `erase(slot) { throw new Error("not\\nyet " + slot.id); }`,
      /^threw: \w+, after .*slot 1 .*, erasing .*slot 1 .* threw Error: not yet 1\nagain/,
    ],
    [
      `find(gfn) { Array.prototype.mine = gfn; return super.find(gfn); }`,
      /^wrong: \w+, it changes Array\.prototype\.mine, which all code of a process shares\nagain/,
    ],
    [
      `find(gfn) { while (this.size === 1); return super.find(gfn); }`,
      /^stuck: \w+, after .*slot 1 .*, find\(0x\w+\) did not come back in \d s\nagain with/,
    ],
    [
      `find(gfn) { if (this.size === 1) Deno.exit(0); return super.find(gfn); }`,
      /^crashed: \w+, after .*slot 1 .*, find\(0x\w+\) ended the process with exit code 0\nagain/,
    ],
  ];
  for (const [method, words] of rows) {
    const patience = method.includes("while") ? ["--patience", "2"] : [];
    const args = ["--quiet", "--histories", "20", ...patience];
    const { code, out, err } = await checkText(scanWith(method), ...args);
    assertEquals([code, err], [2, ""]);
    assertMatch(out, words);
  }
});

Deno.test("check-index: a file without an index is refused in a line that says why", async () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ["export class A { find( }", /deno check refuses it: .*file:.*\.js:1:\d+$/],
    ["// ts\nexport const a: string = 1;", /refuses it: TS2322 .* file:.*\.ts:2:14$/],
    ["export const a = 1;", /must export one class .*: found no such class$/],
    ["export class A { find() {} iter() {} insert() {} }", /: found A without erase and check/],
    [scanWith("") + "export class Two extends Mine {}", /: found 2 of them, Mine and Two$/],
    [scanWith("") + 'throw new Error("top");', /throws on import: Error: top$/],
  ];
  for (const [text, words] of rows) {
    const { code, out, err } = await checkText(text);
    assertEquals([code, out], [66, ""]);
    assertMatch(err.trimEnd(), words);
    assertEquals(err.trimEnd().split("\n").length, 1);
  }
});

Deno.test("check-index: what is not there, or not understood, is bad usage", async () => {
  const rows: readonly (readonly [string[], RegExp])[] = [
    [["./nowhere.ts"], /no file is there/],
    [["nobody"], /no contender has that name: there are linear_scan, /],
    [["sorted_array", "--seed", "x"], /Cannot use --seed x as it must be an integer/],
    [["sorted_array", "--histories", "0"], /Cannot use --histories 0/],
    [[], /PATH\|NAME must be given: found none/],
  ];
  for (const [args, words] of rows) {
    const { code, err } = await captured(CHECK_INDEX, args);
    assertEquals(code, 64);
    assertMatch(err, words);
  }
});

Deno.test("soak: counts what it does, and the same seed does the same", async () => {
  const [first, second] = await Promise.all([1, 2].map(() => {
    return runOn(scanWith(""), SOAK, "--operations", "5000", "--seed", "3");
  }));
  assertEquals(first.code, 0, first.err);
  const counts = /: 5,000 operations \((.*)\) in 1 histories/;
  const kinds = counts.exec(first.out)![1].matchAll(/([\d,]+)(, |$)/g);
  assertEquals([...kinds].reduce((sum, [, n]) => sum + Number(n.replaceAll(",", "")), 0), 5000);
  assertEquals(counts.exec(second.out)?.[0], counts.exec(first.out)?.[0]);
});

Deno.test("soak: a fault is told with a short history that is valid", async () => {
  const text = scanWith(`  find(gfn) {
    const slot = super.find(gfn);
    return slot !== null && this.size > 8 && slot.npages === 1 ? null : slot;
  }`);
  const { code, out } = await runOn(text, SOAK, "--operations", "100000", "--seed", "3");
  assertEquals(code, 2);
  assertMatch(
    out,
    /\nwrong: after .*9 slots.*, find\(0x\w+\) should give slot \d+ but gave nothing\n/,
  );
  assertMatch(out, /\nagain with: deno task soak --contender \S+ --seed 3 --operations 100000\n$/);
});

Deno.test("check-index: an index that no race can load is not ok, and what is wrong is a line", async () => {
  await using project = await ProjectCopy.make();
  const path = new URL("impls/rb_tree.ts", project.root), text = await Deno.readTextFile(path);
  const commands = [["race", "--list"], ["race"], ["check-index", "rb_tree", "--histories", "10"]];
  const expectRefused = async (words: RegExp) => {
    const runs = await Promise.all(commands.map((args) => project.deno("task", "-q", ...args)));
    for (const { code, out, err } of runs) {
      assertEquals([code, out], [66, ""]);
      assertMatch(err, words);
      assertEquals(err.trimEnd().split("\n").length, 1);
    }
  };
  await Deno.writeTextFile(path, text.replace("export class RbTree ", "export class Renamed "));
  await expectRefused(/^(Cannot load|The index is right, but).*'RbTree' at bench\/\w+\/\w+\.ts:/);
  await Deno.remove(path);
  await expectRefused(/^Cannot (load|check) .*impls\/rb_tree\.ts/);
  const { code, err } = await project.deno("task", "-q", "check-index", "nobody");
  assertEquals(code, 64);
  assertMatch(err, /there are linear_scan, /);
  assert(!err.includes(" rb_tree,"), "one that is not there is not among those that are");
});
