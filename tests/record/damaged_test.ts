/**
 * Damaged, forged and contradicting files of results: each is refused in one line, or read as what it
 * says, and no table then shows what is no number.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { COMPARE } from "../../bench/cli/compare.ts";
import { withSum } from "../../bench/record/checksum.ts";
import { readResultFile } from "../../bench/record/result_file.ts";
import type { Line } from "../../bench/record/schema.ts";
import { random } from "../../bench/workloads/random.ts";
import { captured } from "../support/captured.ts";
import { cell, fileOf, raceLines, textOf } from "../support/result_model.ts";

const REFERENCE = Deno.readFileSync(
  new URL("../../results/reference/2026-11-22-epyc-2cores.jsonl", import.meta.url),
);

// deno-lint-ignore no-explicit-any -- it is changed in ways that no type allows
type Any = any;

const OK = { kind: "ok" } as const;
const LINES: readonly Line[] = raceLines({
  ...{ processes: 6, rounds: 6, cells: [cell(), cell({ workload: "move_find", slots: 10 })] },
  more: [
    { kind: "gate", engine: "deno", isLoaded: true, name: "eytzinger", outcome: OK },
    {
      kind: "probe",
      cell: cell(),
      entries: [{ name: "sorted_array", outcome: OK, liveBytesPerSlot: 77 }],
    },
  ],
});
const RESULT = textOf(LINES);

/** What `deno bench --json` writes of two groups. */
const BENCH = JSON.stringify(
  {
    version: 1,
    runtime: "Deno/2.9.6 x86_64-unknown-linux-gnu",
    cpu: "Model CPU",
    benches: [10, 509].flatMap((slots) =>
      ["sorted_array", "rb_tree"].map((name, i) => ({
        group: `find_uniform: scattered, ${slots} slots from gfn 2^20 (an iter is 10,000 lookups)`,
        name,
        baseline: i === 0,
        results: [{ ok: { n: 100, min: 1e5, max: 2e5, avg: 1e5 * (i + 1) } }],
      }))
    ),
  },
  null,
  2,
);

const { int } = random(1, "damage");
const pick = <T>(all: readonly T[]): T => all[int(0, all.length - 1)];

/** What stands where something else should. */
const ODD: readonly unknown[] = [
  ...[null, true, "", "x", "NaN", [], {}, [[[[]]]], -1, 0, -0, 0.5, 1e21, 1e308, 5e-324],
  ...[2 ** 32, 2 ** 53, "\x1b[2J", "a\nb", "\u202e", "\0", "constructor", "__proto__", "=1+1"],
  ...["z".repeat(5000), "sorted_array", "twin", "floor", "wrong", "mixed"],
];

/** One place of `value` has another content, or is not there, or stands twice. */
function mutated(value: unknown): Any {
  const copy = structuredClone(value), places: (readonly [Any, string])[] = [];
  const collect = (part: Any) => {
    for (const key of Object.keys(part ?? {})) {
      places.push([part, key]);
      if (typeof part[key] === "object") collect(part[key]);
    }
  };
  collect(copy);
  const [part, key] = pick(places), how = int(0, 9);
  if (how === 0) Array.isArray(part) ? part.splice(Number(key), 1) : delete part[key];
  else if (how === 1 && Array.isArray(part)) part.push(part[Number(key)]);
  else if (how <= 4 && typeof part[key] === "number") part[key] *= pick([0.5, 2, 1e6, 1e15, -1]);
  else part[key] = pick(ODD);
  return copy;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[int(0, copy.length - 1)] ^= 1 << int(0, 7);
  return copy;
}

const cut = (bytes: Uint8Array) => bytes.slice(0, int(0, bytes.length - 1));

/** Lines of a text in another order, twice, or left out. */
function relined(text: string): string {
  const lines = text.trimEnd().split("\n"), a = int(0, lines.length - 1), b = int(0, a);
  if (int(0, 2) === 0) [lines[a], lines[b]] = [lines[b], lines[a]];
  else if (int(0, 1) === 0) lines.splice(a, 0, lines[b]);
  else lines.splice(b, int(1, 4));
  return lines.map((line) => `${line}\n`).join("");
}

/** Some lines changed, with checksums that fit, or without checksums. */
function forged(): string {
  const lines: unknown[] = [...LINES], isSummed = int(0, 3) > 0;
  for (let left = int(1, 2); left > 0; left--) {
    const at = int(0, lines.length - 1);
    lines[at] = mutated(lines[at]);
  }
  const texts = lines.map((line) => JSON.stringify(line));
  return texts.map((text) => `${isSummed ? withSum(text) : text}\n`).join("");
}

/** Texts of other forms. */
const FORMS: readonly (string | Uint8Array)[] = [
  ...["", "\n", " ", "null\n", "[]\n", "{}\n", "NaN\n", "\0".repeat(999), '{"kind":"run"}\n'],
  ...["[".repeat(1e5), `{"a":`.repeat(1e5), `"${"x".repeat(1e6)}"\n`, "\ufeff", "\x1f\x8b\x08\0"],
  RESULT.replaceAll("\n", "\r\n"),
  RESULT.replaceAll("\n", "\r"),
  RESULT.replaceAll("\n", "\n\n"),
  RESULT.replace("memslot-race/1", "memslot-race/2"),
  RESULT + RESULT,
  RESULT + BENCH,
  BENCH + RESULT,
  BENCH + BENCH,
  BENCH.replace('"version": 1', '"version": 2'),
  Uint8Array.of(0xff, 0xfe),
  Uint8Array.of(0xfe, 0xff, 0xd8, 0),
];

const times = (count: number, make: () => string | Uint8Array) =>
  Array.from({ length: count }, make);

const DAMAGED: readonly (string | Uint8Array)[] = [
  ...FORMS,
  ...times(80, () => flipped(bytesOf(RESULT))),
  ...times(60, () => cut(bytesOf(RESULT))),
  ...times(100, () => relined(RESULT)),
  ...times(300, forged),
  ...times(120, () => JSON.stringify(mutated(JSON.parse(BENCH)))),
  ...times(40, () => flipped(bytesOf(BENCH))),
  ...times(20, () => cut(bytesOf(BENCH))),
  ...times(8, () => flipped(REFERENCE)),
  ...times(8, () => cut(REFERENCE)),
];

/** What steers a terminal, turns a line or has no width. */
const CONTROL = /(?![\r\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

Deno.test(`compare: ${DAMAGED.length} damaged files are refused in one line or read as what they say`, async () => {
  const formats = ["text", "markdown", "csv", "benchfmt", "json"];
  let refused = 0;
  for (const [i, content] of DAMAGED.entries()) {
    const path = fileOf("damaged.jsonl", content), began = performance.now();
    const argv = [path, "--format", formats[i % formats.length], ...i % 2 ? ["--full"] : []];
    const { code, out, err } = await captured(COMPARE, argv);
    const what = `${i}: ${argv.slice(1)}, ${code}: ${err.slice(0, 300)}`;
    assert(performance.now() - began < 10_000, what);
    assert(!CONTROL.test(out + err), what);
    // A changed file may name a contender NaN: that is a word of it.
    const words = typeof content === "string" ? out.replaceAll(/\bNaN\b/g, "") : out;
    assert(!/\bNaN\b|Infinity|∞|\bundefined\b|\[object/.test(words), what);
    assert([0, 1, 2].includes(code), what);
    if (code !== 1) continue;
    refused++;
    assertMatch(err, /^Cannot (read|summarize|take) [^\n]{1,900}\n$/, what);
    assertEquals(out, "", what);
  }
  assert(refused > 400 && refused < DAMAGED.length - 100, `${refused} are refused`);
});

Deno.test("readResultFile: of damaged lines none is read that was not written", () => {
  const written = new Set(readResultFile(fileOf("whole.jsonl", RESULT)).lines.map(textOfLine));
  for (let i = 0; i < 200; i++) {
    const content = pick([flipped, cut])(bytesOf(int(0, 1) === 0 ? RESULT : relined(RESULT)));
    try {
      const { lines } = readResultFile(fileOf("damaged.jsonl", content));
      assert(lines.every((line) => written.has(textOfLine(line))));
    } catch (error) {
      assertMatch((error as Error).message, /^Cannot read /);
    }
  }
});

const textOfLine = (line: Line) => JSON.stringify(line);

/** Lines that are well formed, each by itself, and cannot be of one race. */
const CONTRADICTIONS: readonly (readonly [string, (lines: Any[]) => void, RegExp])[] = [
  ["a baseline that does not race", ([run]) => run.plan.baseline = "zz", /one of the contenders/],
  [
    "a contender planned twice",
    ([run]) => run.plan.contenders.push(run.plan.contenders[1]),
    /each contender must stand once/,
  ],
  ["a cell planned twice", ([run]) => run.plan.cells.push(cell()), /each cell must stand once/],
  [
    "a contender that is an earlier commit of itself",
    ([run]) => run.plan.contenders[1].against = "rb_tree",
    /an earlier commit of another/,
  ],
  ["a trial of another cell", ([, trial]) => trial.cell = cell({ slots: 77 }), /of a cell of find/],
  ["a trial past the last", ([, trial]) => trial.process = 99, /of process 99, counted from 0/],
  ["more rounds than planned", ([, trial]) => trial.rounds = 500, /of 500 rounds/],
  ["an unplanned contender", ([, trial]) => trial.entries[1].name = "x", /of the contender x/],
  ["a group of no contender", ([, trial]) => trial.group = "x", /of the contender x/],
  ["a gate line of no contender", (lines) => lines.at(-3).name = "x", /of the contender x/],
  ["a gate line of another engine", (lines) => lines.at(-3).engine = "x", /of the engine x/],
  ["a probe of another cell", (lines) => lines.at(-2).cell.slots = 7, /of a cell of find_uniform/],
  ["a probe of another contender", (lines) => lines.at(-2).entries[0].name = "x", /contender x/],
  ["a trial behind the end", (lines) => lines.push(lines.splice(1, 1)[0]), /follows the end/],
  ["a block of 20 days", ([, trial]) => trial.blocks.ns[0] = 1.8e15, /at blocks.ns.0/],
  ["a block of no time", ([, trial]) => trial.blocks.ns[0] = 1e-300, /at blocks.ns.0/],
  ["1e300 bytes a slot", (lines) => lines.at(-2).entries[0].liveBytesPerSlot = 1e300, /liveBytes/],
];

for (const [what, change, words] of CONTRADICTIONS) {
  Deno.test(`compare: a file with ${what} is refused in one line`, async () => {
    const lines = structuredClone(LINES) as Any[];
    change(lines);
    const { code, err } = await captured(COMPARE, [fileOf("contradicting.jsonl", lines)]);
    assertEquals(code, 1, err);
    assertMatch(err, /^Cannot read [^\n]+\n$/);
    assertMatch(err, words);
  });
}
