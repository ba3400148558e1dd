import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { COMPARE } from "../../bench/cli/compare.ts";
import type { Cell, Line } from "../../bench/record/schema.ts";
import { FORMATS } from "../../bench/report/formats.ts";
import { summarize } from "../../bench/summary/summary.ts";
import { compareRuns } from "../../bench/summary/versus.ts";
import { captured } from "../support/captured.ts";
import { cell, fileOf, type Race, raceFile, raceLines } from "../support/result_model.ts";

function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  return captured(COMPARE, argv);
}

/** The same with all tables. */
function full(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  return run(...argv, "--full");
}

function raceAt(name: string, race: Partial<Race> = {}): string {
  return fileOf(name, raceLines(race));
}

/** The row of a text table that begins so, its columns apart. */
function rowOf(out: string, begin: RegExp): string[] {
  const line = out.split("\n").find((line) => begin.test(line));
  assert(line !== undefined, `no row ${begin} in\n${out}`);
  return line.trim().split(/ {2,}/);
}

const TWO = [cell({ slots: 10 }), cell()];
const SLOWER = { sorted_array: 40, rb_tree: 72, eytzinger: 10 };

Deno.test("compare --full: one file gives its tables", async () => {
  const { code, out, err } = await full(raceAt("one.jsonl"));
  assertEquals([code, err], [0, ""]);
  assertMatch(out, /rb_tree +[\d.]+ +1\.\d+ +\[1\.4\d\d, 1\.5\d\d\].*slower/);
  assertStringIncludes(out, "Checks: a row that fails one is not valid");
});

Deno.test("compare: two files of one environment, in ns and in ratios", async () => {
  const a = raceAt("a.jsonl"), b = raceAt("b.jsonl", { ns: SLOWER, seed: 2 });
  const { code, out } = await full(a, b);
  assertEquals(code, 0);
  assertStringIncludes(out, "B ran in the same environment as A");
  const [label, ns, absolute, , ratio, change] = rowOf(after(out, "rb_tree"), /^ +B/);
  assertEquals(label, "B");
  assertMatch(ns, /^7[12]\./);
  for (const measured of [absolute, change]) assertMatch(measured, /^1\.(19|20)\d$/);
  assertMatch(ratio, /^1\.(79|80)\d$/);
  assertEquals(rowOf(after(out, "rb_tree"), /^ +B/).at(-1), "slower");
  assertEquals(rowOf(after(out, "eytzinger"), /^ +B/).at(-1), "equal within 10.8 %");
});

function after(out: string, name: string): string {
  const tables = out.slice(Math.max(0, out.indexOf("Environments")));
  return tables.slice(tables.search(new RegExp(`^${name} `, "m")));
}

Deno.test("compare: a whole run that was slower is no verdict on a contender", async () => {
  const slow = { sorted_array: 42.4, rb_tree: 63.6, eytzinger: 10.6 };
  const { out } = await full(raceAt("a.jsonl"), raceAt("slow.jsonl", { ns: slow, seed: 2 }));
  const row = rowOf(after(out, "rb_tree"), /^ +B/);
  assertMatch(row[2], /^1\.0[56]\d$/);
  assertEquals(row.at(-1), "equal within 10.8 %");
});

Deno.test("compareRuns: of runs of one truth none is called different, and none fails", () => {
  const cells = [10, 128, 509, 4096, 32764].map((slots) => cell({ slots }));
  const ns = { sorted_array: 40, a: 60, b: 10, c: 44, d: 41 };
  for (let seed = 1; seed <= 10; seed++) {
    const [a, b] = [seed, 100 + seed].map((seed) =>
      summarize(raceFile({ cells, ns, luck: 0.03, seed, rounds: 8 }))
    );
    const { rows, tests } = compareRuns(a, b, { failAbove: 1.01 });
    assertEquals(tests, 25);
    const claims = rows.filter(({ verdict, fails }) =>
      fails || verdict?.kind === "faster" || verdict?.kind === "slower"
    );
    assert(claims.length <= 2, `${claims.length} of 25 at seed ${seed}`);
  }
});

Deno.test("compare: another machine gives ratios only, and says which fields differ", async () => {
  const there = { host: "there", cpu: "Other CPU", seed: 2 };
  const { out } = await full(raceAt("a.jsonl"), raceAt("there.jsonl", { ...there, ns: SLOWER }));
  assertStringIncludes(out, "only ratios to sorted_array are compared");
  assertMatch(out, /They differ in host\s+\(track, there\)/);
  assertStringIncludes(out, "cpu (Model CPU, Other CPU)");
  assert(!out.includes("ns A"));
  const row = rowOf(after(out, "rb_tree"), /^ +B/);
  assertEquals([row.length, row.at(-1)], [6, "no verdict"]);
});

Deno.test("compare: five files at once", async () => {
  const paths = [1, 2, 3, 4, 5].map((seed) => raceAt(`five${seed}.jsonl`, { seed, cells: TWO }));
  const { code, out } = await full(...paths);
  assertEquals(code, 0);
  for (const label of ["B", "C", "D", "E"]) {
    assertEquals(out.match(new RegExp(`^ +${label} .*`, "gm"))?.length, 6);
  }
});

Deno.test("compare: --fail-above ends with 3 beyond the limit, and not below it", async () => {
  const a = raceAt("a.jsonl"), b = raceAt("b.jsonl", { ns: SLOWER, seed: 2 });
  const { code, err } = await run(a, b, "--fail-above", "1.05");
  assertEquals(code, 3);
  assertMatch(err, /^B fails: rb_tree in find_uniform.* takes 1\.\d+ times A's, beyond 1\.05\n$/);
  assertEquals((await run(a, b, "--fail-above", "1.25")).code, 0);
  assertEquals((await run(a, b, "--fail-above=1.05", "--filter", "contender=eytzinger")).code, 0);
  assertEquals((await run(b, a, "--fail-above", "1.05")).code, 0);
});

Deno.test("compare: --fail-above says when so few processes can show nothing", async () => {
  const few = { processes: 3, quick: true };
  const a = raceAt("fa.jsonl", few), b = raceAt("fb.jsonl", { ...few, ns: SLOWER, seed: 2 });
  const { code, err } = await run(a, b, "--fail-above", "1.05");
  assertEquals(code, 0);
  assertMatch(err, /^warning: B can hardly fail.*too few processes/);
});

Deno.test("compare: 2 for a wrong answer, 4 for a run that is not valid", async () => {
  const outcomes = { rb_tree: { kind: "wrong" as const, words: "rb_tree gave null" } };
  const wrong = await full(raceAt("wrong.jsonl", { outcomes }));
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.out, "WRONG (1)");
  assertStringIncludes(wrong.out, "(1) rb_tree gave null");
  assertEquals((await full(raceAt("invalid.jsonl", { twin: 1.05, cells: TWO }))).code, 4);
});

Deno.test("compare: --row, --col and --filter make a grid of known numbers", async () => {
  const ns = {
    sorted_array: 40,
    rb_tree: ({ slots }: { slots: number }) => slots === 10 ? 20 : 80,
  };
  const cells = [...TWO, cell({ workload: "zap_8" })];
  const path = raceAt("grid.jsonl", { ns, cells });
  const grid = await run(
    path,
    "--row",
    "slots",
    "--col",
    "contender",
    "--filter",
    "workload=find*",
  );
  assertEquals(grid.code, 0);
  assertMatch(rowOf(grid.out, /^10 /)[2], /^0\.(499|50\d)$/);
  assertMatch(rowOf(grid.out, /^509 /)[2], /^(1\.99\d|2\.00\d)$/);
  assert(!grid.out.includes("warning"));
  const hidden = await run(path, "--row", "slots", "--col", "contender");
  assertStringIncludes(hidden.out, "warning: workload varies (find_uniform, zap_8)");
  assertMatch(rowOf(hidden.out, /^509 /)[2], /^(1\.99\d|2\.00\d) \*$/);
});

/** A race with caches and without, twice as fast with, whose cells say what they look up. */
function raceWithCaches(name: string): string {
  const cells = [cell(), cell({ lastUsed: "set" }), cell({ lastUsed: "reader" })];
  const ns = ({ lastUsed }: Cell) => lastUsed === "off" ? 40 : 20;
  const lookups = { all: 250_000, found: 187_864, cacheHitShare: 0.6125 };
  const lines = raceLines({ cells, ns: { sorted_array: ns, rb_tree: ns }, luck: 0 });
  return fileOf(name, lines.map((line) => line.kind === "trial" ? { ...line, lookups } : line));
}

Deno.test("compare: last_used_slot has a table of its own, with the share it answers", async () => {
  const { out } = await full(raceWithCaches("caches.jsonl"));
  const table = out.slice(out.indexOf("last_used_slot, ns with"), out.indexOf("Fastest:"));
  assertEquals(table.trimEnd(), LAST_USED_TABLE);
  assertMatch(out, /509 slots from gfn 2\^20, solo, last_used_slot of the\s+reader: ns a lookup/);
});

const LAST_USED_TABLE = `\
last_used_slot, ns with the cache / without: find_uniform, scattered, 509 slots from gfn 2^20, solo.
187,864 of 250,000 lookups hit a slot, 61.3 % of all are answered by the cache
                           ns    ns
contender     cache   without  with  ratio  interval        level
sorted_array  set        40.2  20.1  0.500  [0.490, 0.510]  95 %   faster with it
              reader           20.1  0.500  [0.490, 0.510]  95 %   faster with it
rb_tree       set        40.2  20.1  0.500  [0.490, 0.510]  95 %   faster with it
              reader           20.1  0.500  [0.490, 0.510]  95 %   faster with it`;

Deno.test("compare: what stands behind a cache is filtered, keyed and exported as such", async () => {
  const path = raceWithCaches("caches.jsonl");
  const grid = await run(path, "--row", "contender", "--col", "last-used");
  assertMatch(grid.out, /off +set +reader/);
  assert(!grid.out.includes("warning"));
  const one = await run(path, "--filter", "last-used=set", "--format", "csv");
  const [names, ...records] = one.out.trimEnd().split("\r\n").map((line) => line.split(","));
  assertEquals(new Set(records.map((row) => row[names.indexOf("last_used")])), new Set(["set"]));
  assertMatch((await run(path, "--format", "benchfmt")).out, /\/last_used=reader\t/);
});

Deno.test("compare: --base takes another contender as base", async () => {
  const { out } = await full(raceAt("a.jsonl"), "--base", "rb_tree");
  assertMatch(out, /^rb_tree +[\d.]+ +1 .*baseline$/m);
  assertMatch(out, /^sorted_array +[\d.]+ +0\.66\d/m);
});

Deno.test("compare: --format markdown is a table of GitHub's", async () => {
  const { out } = await run(raceAt("a.jsonl"), "--format", "markdown");
  assertMatch(out, /^\| contender \| ns \|/m);
  assertMatch(out, /^\| :--- \| ---: \|/m);
  assertMatch(out, /^\| rb\\_tree \| [\d.]+ \| 1\.\d+ \|/m);
});

Deno.test("compare: --format csv has a row for each file, cell and entry, and as many fields", async () => {
  const path = raceAt("csv.jsonl", { cells: TWO });
  const { out } = await run(path, path, "--format", "csv");
  const rows = out.trimEnd().split("\r\n").map((line) => line.split(","));
  assertEquals(rows.length, 1 + 2 * 2 * 5);
  assertEquals(new Set(rows.map((row) => row.length)).size, 1);
  const [names, ...records] = rows, at = (name: string) => names.indexOf(name);
  const [found] = records.filter((row) => row[at("contender")] === "rb_tree");
  assertMatch(found[at("ratio")], /^1\.(49|50)/);
  assertEquals(found[at("verdict")], "slower");
});

Deno.test("compare: --format benchfmt is the Go benchmark format, a line for each process", async () => {
  const { out } = await run(raceAt("go.jsonl", { cells: TWO }), "--format", "benchfmt");
  const benchmark = /^Benchmark[^a-z\s]\S*\t[1-9]\d*(\t\d+(\.\d+)?(e[+-]\d+)? \S+)+$/;
  const config = /^[a-z][^A-Z\s]*: \S.*$/, unit = /^Unit \S+ \S+=\S+$/;
  const lines = out.trimEnd().split("\n").filter((line) => line !== "");
  for (const line of lines) {
    assert([benchmark, config, unit].some((form) => form.test(line)), line);
  }
  assertEquals(lines.filter((line) => benchmark.test(line)).length, 2 * 3 * 8);
  assertStringIncludes(
    out,
    "BenchmarkFindUniform/layout=scattered/slots=509/origin=1048576/contender=rb_tree/" +
      "condition=solo/last_used=off\t20000\t",
  );
  assertStringIncludes(out, "goarch: amd64\n");
});

const BENCH = {
  version: 1,
  runtime: "Deno/2.9.6 x86_64-unknown-linux-gnu",
  cpu: "Model CPU",
  benches: [["sorted_array", 400_000], ["rb_tree", 600_000]].map(([name, avg]) => ({
    origin: "file:///find_bench.ts",
    group: "find_uniform: scattered, 509 slots (an iter is 10,000 lookups)",
    name,
    baseline: name === "sorted_array",
    results: [{ ok: { n: 10, min: avg, max: avg, avg, p75: avg, p99: avg } }],
  })),
};

Deno.test("compare: reads deno bench --json, without verdicts, and says why", async () => {
  const path = fileOf("bench.json", JSON.stringify(BENCH, null, 2));
  const { code, out } = await full(path);
  assertEquals(code, 0);
  assertEquals(rowOf(out, /^rb_tree/), ["rb_tree", "60.0", "1.500"]);
  assertStringIncludes(out, "there are no intervals and no verdicts");
  const both = await full(raceAt("a.jsonl"), path);
  assertEquals(both.code, 0);
  assertEquals(rowOf(after(both.out, "rb_tree"), /^ +B/).slice(-2), ["-", "no verdict"]);
});

const run1 = JSON.stringify(raceLines()[0]);
const trial = JSON.stringify(raceLines()[1]);

const MALFORMED: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ["empty", "", /empty\.jsonl.*the file has no bytes/],
  ["binary", Uint8Array.from({ length: 999 }, (_, i) => i * 7), /binary\.jsonl:1 /],
  ["version", `${run1.replace("race/1", "race/9")}\n`, /version\.jsonl:1 .*found memslot-race\/9/],
  ["fields", `${run1}\n{"kind":"trial"}\n`, /fields\.jsonl:2 .*at cell/],
  ["nan", `${run1}\n${trial.replace(/"load":1/, '"load":NaN')}\n`, /nan\.jsonl:2 .*JSON/],
  ["twice", `${run1}\n${trial}\n${trial}\n`, /twice\.jsonl:3 .*line 2 has it too/],
  [
    "stray",
    `${run1}\n${trial.replace(/"entry":\[\d+/, '"entry":[77')}\n`,
    /stray\.jsonl:2 .*of entry 77/,
  ],
  ["none", `${run1}\n`, /none\.jsonl.*no trials/],
];

for (const [name, content, words] of MALFORMED) {
  Deno.test(`compare: a malformed file (${name}) is one line and exit code 1`, async () => {
    const { code, out, err } = await full(fileOf(`${name}.jsonl`, content));
    assertEquals([code, out], [1, ""]);
    assertMatch(err, words);
    // deno-lint-ignore no-control-regex -- what a terminal must not be sent
    assertMatch(err, /^[^\x00-\x1f\x7f]+\n$/);
  });
}

Deno.test("compare: a line of 5 MB is said in one line, and a file of 100 MB", async () => {
  const { code, err } = await run(
    fileOf("long.jsonl", `${run1}\n{"kind":"${"x".repeat(5e6)}"}\n`),
  );
  assertEquals(code, 1);
  assertMatch(err, /^Cannot read .*long\.jsonl:2 as a line must be below 4 MiB.*\n$/);
  assert(err.length < 300);
  const large = await run(fileOf("large.jsonl", `${run1}\n${"\n".repeat(100e6)}`));
  assertMatch(
    large.err,
    /^Cannot read .*large\.jsonl as it must have at most 32 MiB: it has more\n$/,
  );
});

Deno.test("compare: a last line cut off is left out and reported", async () => {
  const whole = raceLines({ processes: 4 }).slice(0, -1);
  const text = whole.map((line: Line) => `${JSON.stringify(line)}\n`).join("");
  const { code, out } = await full(fileOf("cut.jsonl", text + '{"kind":"trial","cel'));
  assertEquals(code, 0);
  assertMatch(out, /warning: .*cut\.jsonl:6 is cut\s+off/);
});

Deno.test("compare: two mixes are two workloads in each format, and a filter knows both names", async () => {
  const cells = ["find=50,change=50", "find=90,change=10"].map((mix) =>
    cell({ workload: "mix", mix })
  );
  const path = fileOf("mixes.jsonl", raceLines({ cells }));
  for (const format of ["csv", "benchfmt", "markdown"]) {
    const { out } = await run(path, "--format", format);
    // In benchfmt = stands between a key and its value.
    const text = format === "benchfmt" ? out.replaceAll(/(find|change)_/g, "$1=") : out;
    for (const { mix } of cells) assertStringIncludes(text, mix!, format);
  }
  for (const [glob, count] of [["mix", 2], ["mix of find=90*", 1], ["mi?", 2]] as const) {
    const { out } = await run(path, "--format", "benchfmt", "--filter", `workload=${glob}`);
    assertEquals(new Set(out.match(/mix=\S+?(?=\/)/g)).size, count, glob);
  }
});

const USAGE: readonly (readonly [readonly string[], string])[] = [
  [["-", "a.jsonl", "-"], "Cannot read standard input twice"],
  [[], "no file is named"],
  [["a.jsonl", "--frob"], "--frob"],
  [["a.jsonl", "--format", "xml"], `there are ${FORMATS.map(({ name }) => name).join(", ")}`],
  [["a.jsonl", "--row", "colour"], "Cannot use colour as a key"],
  [["a.jsonl", "--filter", "zap"], "a filter is KEY=GLOB"],
  [["a.jsonl", "--fail-above", "1.05"], "needs a second file"],
  [["a.jsonl", "b.jsonl", "--fail-above", "fast"], "a ratio of at least 1"],
  [["a.jsonl", "--row", "slots", "--col", "slots"], "slots twice"],
  [["a.jsonl", "--row", "slots", "--format", "benchfmt"], "leave out --row"],
];

for (const [argv, words] of USAGE) {
  Deno.test(`compare ${argv.join(" ")}: is bad usage, in one line`, async () => {
    const { code, out, err } = await full(...argv);
    assertEquals([code, out], [64, ""]);
    assertStringIncludes(err, words);
    assertEquals(err.trimEnd().split("\n").length, 1);
  });
}

Deno.test("compare: filters and bases that the file does not have are bad usage", async () => {
  const path = raceAt("a.jsonl");
  assertEquals((await run(path, "--filter", "workload=nothing")).code, 64);
  assertEquals((await run(path, "--base", "b_tree")).code, 64);
  assertEquals((await run(path.replace("a.jsonl", "missing.jsonl"))).code, 1);
});

Deno.test("compare: --schema prints the JSON Schema, --help the options", async () => {
  assertEquals(typeof JSON.parse((await run("--schema")).out), "object");
  assertStringIncludes((await run("--help")).out, "--fail-above");
});

Deno.test("compare: a reader that has gone is no error, and the exit code is the command's", async () => {
  const a = raceAt("pipe_a.jsonl"), b = raceAt("pipe_b.jsonl", { ns: SLOWER, seed: 2 });
  const main = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));
  const rows = [[0, [a, b]], [3, [a, b, "--fail-above=1.05"]], [0, ["--help"]]] as const;
  for (const [expected, argv] of rows) {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-read", "--no-check", main, "compare", ...argv],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    await process.stdout.cancel();
    const err = await new Response(process.stderr).text();
    assertEquals((await process.status).code, expected);
    assertMatch(err, expected === 3 ? /^B fails: [^\n]*\n$/ : /^$/);
  }
});

Deno.test("compare: one file is answered on one screen, with all that is needed to read on", async () => {
  const path = raceAt("answer.jsonl", { cells: [...TWO, cell({ workload: "zap_8" })] });
  const { code, out, err } = await run(path);
  assertEquals([code, err], [0, ""]);
  assert(out.trimEnd().split("\n").length < 24, out);
  assertMatch(out, /^lookups +10 +eytzinger +0\.2\d\d +sure, sorted_array \+\d+ %$/m);
  assertMatch(out, /^Believe it: identical twins differ by 0(\.\d)? %; no check failed\.$/m);
  assertMatch(out, /^All tables: deno task compare \S+answer\.jsonl --full$/m);
});

Deno.test("compare: two files say what changed first, and then the largest changes", async () => {
  const a = raceAt("first.jsonl", { cells: TWO });
  const { out } = await run(a, raceAt("second.jsonl", { cells: TWO, ns: SLOWER, seed: 2 }));
  assertStringIncludes(out, "B against A, same environment: of 6 rows 2 slower");
  assertMatch(out, /the geometric mean of time over A's is 1\.0\d\d/);
  assertMatch(out, /^rb_tree +1\.(19|20)\d +\[1\.\d+, 1\.\d+\] +slower +find_uniform at/m);
  assert(out.split("\n").length < 24);
});

Deno.test("compare --format json: the answer, by the schema that --schema prints", async () => {
  const path = raceAt("json.jsonl", { cells: TWO });
  const [answer] = JSON.parse((await run(path, "--format", "json")).out);
  assertEquals([answer.base, answer.processes, answer.failed], ["sorted_array", 8, []]);
  assertEquals(answer.fastest[0].name, "eytzinger");
  const schema = JSON.parse((await run("--format", "json", "--schema")).out);
  assertEquals(Object.keys(schema.items.properties).sort(), Object.keys(answer).sort());
  assertEquals(JSON.parse((await run("--schema")).out).items, undefined);
});

Deno.test("compare: - is standard input, a path like any other to what follows", async () => {
  const path = raceAt("stdin.jsonl"),
    main = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--no-check", main, "compare", "-", path, "--format", "csv"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = process.output();
  await new Blob([await Deno.readFile(path)]).stream().pipeTo(process.stdin);
  const { code, stdout, stderr } = await output;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals(code, 0, text(stderr));
  const rows = text(stdout).trimEnd().split("\r\n").slice(1);
  const [piped, named] = ["A,standard input,", `B,${path},`].map((begin) => {
    return rows.filter((row) => row.startsWith(begin)).length;
  });
  assert(piped > 0);
  assertEquals([piped, named], [rows.length / 2, rows.length / 2]);
});
