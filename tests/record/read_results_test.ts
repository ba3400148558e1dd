/** What a user names: read once, whatever it is. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { benchTitle } from "../../bench/record/bench_title.ts";
import { readResults } from "../../bench/record/read_results.ts";
import { ResultFileError } from "../../bench/record/result_error.ts";
import { fileOf, raceLines, textOf } from "../support/result_model.ts";

/** Windows has no named pipes among its files, and no devices. */
const BY_PIPE = { ignore: Deno.build.os === "windows" };

/** A pipe into which `text` is written. */
async function throughPipe<T>(text: string, read: (path: string) => Promise<T>): Promise<T> {
  const path = `${fileOf("pipe", "")}-${crypto.randomUUID()}`;
  assert((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
  const writing = Deno.writeTextFile(path, text);
  const result = await read(path);
  await writing;
  return result;
}

const TOPIC = {
  workload: "find_serial",
  layout: "scattered",
  slots: 509,
  originGfn: 2 ** 40,
  steps: 10_000,
  unit: "serial lookup",
};

const ok = (avg: number, n = 10) => ({ ok: { n, min: avg, max: avg, avg, p75: avg, p99: avg } });

function benchText(
  benches: readonly (readonly [name: string, results: readonly object[]])[],
): string {
  return JSON.stringify({
    version: 1,
    runtime: "Deno/2.9.6 x86_64-unknown-linux-gnu",
    cpu: "Model CPU",
    benches: benches.map(([name, results]) => ({
      origin: "file:///find_bench.ts",
      group: benchTitle(TOPIC),
      name,
      baseline: name === "sorted_array",
      results,
    })),
  });
}

Deno.test(
  "readResults: a file, and a pipe, which has its first 200 bytes once only",
  BY_PIPE,
  async () => {
    const text = textOf(raceLines({ processes: 1 })), bench = benchText([["rb_tree", [ok(4e5)]]]);
    for (const [content, kind] of [[text, "race"], [bench, "deno bench"]] as const) {
      assertEquals((await readResults(fileOf("a.jsonl", content))).run.kind, kind);
      assertEquals((await throughPipe(content, readResults)).run.kind, kind);
    }
  },
);

Deno.test(
  "readResults: what is no file to read is refused in one line within seconds",
  BY_PIPE,
  async () => {
    const pipe = `${fileOf("pipe", "")}-alone`;
    assert((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
    const began = performance.now();
    for (
      const [path, words] of [
        ["/dev/zero", /at most 32 MiB: it has more/],
        ["/dev/null", /the file has no bytes/],
        ["/dev", /must be a file: it is a folder/],
        ["/no/such/file", /there is no such file/],
        [pipe, /nothing writes to it within 5 s/],
      ] as const
    ) {
      const error = await assertRejects(() => readResults(path), ResultFileError);
      assertMatch(error.message, words);
    }
    assert(performance.now() - began < 20_000);
    // Lets the opening that was given up end.
    await Deno.writeTextFile(pipe, "");
  },
);

Deno.test("readResults: a file of deno bench says where memory begins, and claims nothing", async () => {
  const path = fileOf(
    "bench.json",
    benchText([["sorted_array", [ok(4e5)]], ["rb_tree", [ok(6e5)]]]),
  );
  const { run, trials, warnings } = await readResults(path);
  const { cell, unit, entries, blocks } = trials[0];
  assertEquals([cell.originGfn, unit, warnings], [2 ** 40, "serial lookup", []]);
  assertEquals([entries.length, blocks.ns], [2, [4e5, 6e5]]);
  assertEquals([run.plan.baseline, run.plan.quick, "seed" in run], ["sorted_array", true, false]);
});

Deno.test("readResults: several results of one bench are averaged by their iterations, and said", async () => {
  const path = fileOf(
    "twice.json",
    benchText([["a", [ok(100, 30), ok(200, 10)]], ["a", [ok(300, 10)]]]),
  );
  const { trials, warnings } = await readResults(path);
  assertEquals(trials[0].blocks.ns, [160]);
  assertMatch(warnings.join(), /a in find_serial of 509 slots has 3 results: .* over their 50 it/);
  const failed = fileOf("failed.json", benchText([["a", [ok(100), { failed: {} }]]]));
  const { failures } = await readResults(failed);
  assertEquals(failures.get("a")?.outcome.kind, "threw");
});

Deno.test("readResults: files that deno bench did not write are refused in one line", async () => {
  const other = benchText([["a", [ok(1)]]]).replace(benchTitle(TOPIC), "my group");
  for (
    const [text, words] of [
      ['{"version": 1', /JSON/],
      ['{"version": 2, "benches": []}', /at version/],
      [benchText([]), /at benches/],
      [benchText([["a", []]]), /at benches.0.results/],
      [benchText([["a", [ok(-1)]]]), /at benches.0.results.0.ok.avg/],
      [benchText([["x".repeat(999), [ok(1)]]]), /at benches.0.name/],
      [other, /no group is named like/],
    ] as const
  ) {
    const error = await assertRejects(() => readResults(fileOf("b.json", text)), ResultFileError);
    assertMatch(error.message, words);
    assert(!error.message.includes("\n"));
  }
});
