import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("../../bench/v8/", import.meta.url);
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** The files that are experiments: all but what they import. */
const EXPERIMENTS = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => !["experiment.ts", "lookups.ts", "loop.ts"].includes(name)).sort();

async function runTiny(path: string): Promise<{ code: number; out: string; err: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--no-check", `--config=${CONFIG}`, path, "--tiny"],
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

for (const name of EXPERIMENTS) {
  Deno.test(`${name}: both ways give the same answers, and their ratios are printed`, async () => {
    const { code, out, err } = await runTiny(fileURLToPath(new URL(name, FOLDER)));
    assertEquals(code, 0, err);
    const [question, version, ...lines] = out.trimEnd().split("\n");
    assert(question.endsWith("?"), question);
    assertStringIncludes(version, `V8 ${Deno.version.v8}`);
    assert(lines.length >= 2, out);
    for (const line of lines) {
      assertMatch(line, /^ {2}.+: .+ \/ .+: \d+\.\d\d \[\d+\.\d\d, \d+\.\d\d\], \S+ \/ \S+ ns$/);
    }
  });
}

Deno.test("experiment: ends with exit code 1 where the two ways differ in their answers", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "memslots-" });
  try {
    const path = `${folder}/differs.ts`, module = new URL("experiment.ts", FOLDER).href;
    const way = (words: string, sum: number) => `{ words: "${words}", run: () => ${sum} }`;
    Deno.writeTextFileSync(
      path,
      `import { experiment } from "${module}";
      await experiment({
        question: "?",
        unit: "step",
        comparisons: () => [{ on: "it", base: ${way("one", 1)}, other: ${way("two", 2)} }],
      });`,
    );
    const { code, err } = await runTiny(path);
    assertEquals(code, 1);
    assertStringIncludes(err, "Cannot compare two with one as their answers differ: 1,2");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
