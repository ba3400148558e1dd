/** Result files as they are read: damaged, contradicting, unusual and old ones. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { ResultFileError } from "../../bench/record/result_error.ts";
import { parseResultFile, readResultFile } from "../../bench/record/result_file.ts";
import { jsonSchema, type Line, type TrialLine } from "../../bench/record/schema.ts";
import { random } from "../../bench/workloads/random.ts";
import { cell, raceLines, textOf } from "../support/result_model.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const many = <T>(count: number, of: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => of(i));
const parse = (text: string) => parseResultFile("f.jsonl", bytesOf(text));

/** What is said of a file that is refused: one line, and nothing that a terminal must not be sent. */
function refusal(text: string | Uint8Array): string {
  const bytes = typeof text === "string" ? bytesOf(text) : text;
  const error = assertThrows(() => parseResultFile("f.jsonl", bytes), ResultFileError);
  assert(error.message.length < 600 && !error.message.includes("\n"), error.message);
  return error.message;
}

const LINES = raceLines({ processes: 2, rounds: 4 });
const [RUN, TRIAL] = LINES;
const OLD = LINES.map((line) => `${JSON.stringify(line)}\n`).join("");
const REFERENCE = fileURLToPath(
  new URL("../../results/reference/2026-11-22-epyc-2cores.jsonl", import.meta.url),
);

/** The text of a race of one process whose trial is changed. */
function withTrial(change: (trial: TrialLine) => object): string {
  assert(TRIAL.kind === "trial");
  return textOf([RUN, { ...TRIAL, ...change(TRIAL) } as Line]);
}

Deno.test("parseResultFile: what older files do not say is filled in", () => {
  const { run, trials } = readResultFile(REFERENCE);
  assertEquals([run.plan.key, run.plan.order, run.plan.layoutPerProcess], [
    "gfn",
    "balanced",
    false,
  ]);
  assert(trials.every(({ cell, attempt }) => cell.lastUsed === "off" && attempt === 1));
  assertEquals(run.code, {});
});

Deno.test("parseResultFile: files of before there were checksums are read, with one warning", () => {
  const { warnings, trials } = parse(OLD);
  assertEquals([warnings.length, trials.length], [1, 2]);
  assertMatch(warnings[0], /has no checksums/);
  assertEquals(parse(textOf(LINES)).warnings, []);
});

Deno.test("parseResultFile: every single bit that flips is found, or cuts off the last line", () => {
  const text = textOf(LINES), whole = bytesOf(text), { int } = random(1, "flips");
  const last = text.lastIndexOf("\n", text.length - 2) + 1;
  let refused = 0, cut = 0;
  const places = new Set([whole.length - 1, last, text.indexOf('"sum"'), text.indexOf("\n")]);
  while (places.size < 400) places.add(int(0, whole.length - 1));
  for (const place of places) {
    const bytes = whole.slice();
    bytes[place] ^= 1 << int(0, 7);
    try {
      const { warnings } = parseResultFile("f.jsonl", bytes);
      // Its line feed is no longer one.
      assertEquals(place, whole.length - 1);
      assert(warnings.some((words) => words.includes("cut off")));
      cut++;
    } catch (error) {
      assert(error instanceof ResultFileError, String(error));
      refused++;
    }
  }
  assertEquals([refused, cut], [399, 1]);
});

Deno.test("parseResultFile: a file cut anywhere is read up to its last whole line", () => {
  const whole = bytesOf(textOf(LINES)), { int } = random(1, "cuts");
  for (let i = 0; i < 200; i++) {
    const length = int(0, whole.length - 2), bytes = whole.subarray(0, length);
    const ends = bytes.filter((byte) => byte === 10).length;
    if (ends === 0 && !isJson(bytes)) {
      assertMatch(refusal(bytes), /must be a whole run line|must be UTF-8/);
      continue;
    }
    const { trials, warnings, wholeBytes } = parseResultFile("f.jsonl", bytes);
    assert(trials.length >= Math.min(2, ends - 1));
    assert(wholeBytes <= length && warnings.some((words) => words.includes("no end line")));
  }
});

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}

Deno.test("parseResultFile: a last line that lacks only its line feed is whole", () => {
  const file = parse(textOf(LINES).trimEnd());
  assertEquals([file.isWhole, file.lacksLineFeed, file.warnings], [true, true, []]);
});

Deno.test("parseResultFile: a byte order mark of UTF-8 or UTF-16 says how to read", () => {
  const text = textOf(LINES);
  const wide = (isLittle: boolean) => {
    const bytes = new Uint8Array(2 * text.length + 2), view = new DataView(bytes.buffer);
    [0xfeff, ...[...text].map((letter) => letter.charCodeAt(0))]
      .forEach((code, i) => view.setUint16(2 * i, code, isLittle));
    return bytes;
  };
  for (const bytes of [bytesOf(`\ufeff${text}`), wide(true), wide(false)]) {
    const { trials, isWhole } = parseResultFile("f.jsonl", bytes);
    assertEquals([trials.length, isWhole], [2, true]);
  }
  assertMatch(refusal(Uint8Array.of(0xff, 0xfe, 0, 0xd8)), /begins as UTF-16 does, and is none/);
  assertMatch(
    refusal(Uint8Array.of(...bytesOf('{"kind":"'), 0xff, ...bytesOf('"}\n'))),
    /be UTF-8/,
  );
});

/** Trials that contradict themselves or are beyond every bound, and what is said of them. */
const TRIALS: readonly (readonly [string, (trial: TrialLine) => object, RegExp])[] = [
  ["an entry twice in a round", ({ blocks }) => ({
    blocks: { ...blocks, round: blocks.round.map(() => 0) },
  }), /sorted_array has two blocks in round 0|has two blocks in round 0/],
  ["columns of different lengths", ({ blocks }) => ({
    blocks: { ...blocks, ns: blocks.ns.slice(1) },
  }), /must be of one length/],
  ["an entry of fewer blocks than the others", ({ blocks: { round, entry, ns } }) => ({
    blocks: { round: round.slice(0, -1), entry: entry.slice(0, -1), ns: ns.slice(0, -1) },
  }), /has 3 blocks and must have 4 in 4 rounds/],
  ["an entry that is not there", ({ blocks }) => ({
    blocks: { ...blocks, entry: blocks.entry.map((entry) => entry + 77) },
  }), /of entry 77 of 5|of entry \d+ of 5/],
  ["an entry of one name twice", ({ entries }) => ({
    entries: [...entries, entries[0]],
  }), /each entry must stand once/],
  ["a round beyond its rounds", () => ({ rounds: 2 }), /of round 3 of 2/],
  ["round 999,999", ({ blocks }) => ({
    blocks: { ...blocks, round: blocks.round.map((round) => round * 333_333) },
  }), /at blocks.round/],
  ["process 2^53 - 1", () => ({ process: 2 ** 53 - 1 }), /at process/],
  ["process 1000", () => ({ process: 1000 }), /at process/],
  ["a negative process", () => ({ process: -1 }), /at process/],
  ["600 entries", ({ entries: [first] }) => ({
    entries: many(600, (i) => ({ ...first, name: `e${i}` })),
  }), /at entries/],
  ["a name of 200 letters", ({ entries: [first, ...others] }) => ({
    entries: [{ ...first, name: "x".repeat(200) }, ...others],
  }), /at entries.0.name/],
  [
    "a time of nothing",
    ({ blocks }) => ({ blocks: { ...blocks, ns: blocks.ns.map(() => 0) } }),
    /ns/,
  ],
  [
    "a time of null",
    ({ blocks }) => ({ blocks: { ...blocks, ns: blocks.ns.map(() => null) } }),
    /ns/,
  ],
  ["half a step in a block", ({ entries }) => ({
    entries: entries.map((entry) => ({ ...entry, stepsPerBlock: 0.5 })),
  }), /stepsPerBlock/],
  ["an unknown outcome", ({ entries }) => ({
    entries: entries.map((entry) => ({ ...entry, outcome: { kind: "fine" } })),
  }), /outcome/],
  ["slots beyond every layout", () => ({ cell: { ...cell(), slots: 2 ** 40 } }), /cell.slots/],
  ["half a gfn", () => ({ cell: { ...cell(), originGfn: 0.5 } }), /originGfn/],
];

for (const [what, change, words] of TRIALS) {
  Deno.test(`parseResultFile: a trial with ${what} is refused in one line`, () => {
    assertMatch(refusal(withTrial(change)), words);
  });
}

/** Plans beyond every bound. */
const PLANS: readonly (readonly [string, object, RegExp])[] = [
  ["processes 1e8", { processes: 1e8 }, /plan.processes/],
  ["processes 2^53 - 1", { processes: 2 ** 53 - 1 }, /plan.processes/],
  ["rounds 1e6", { rounds: 1e6 }, /plan.rounds/],
  ["600 contenders", { contenders: many(600, (i) => ({ name: `c${i}`, path: "" })) }, /contenders/],
  ["5,000 cells", { cells: many(5000, (i) => cell({ slots: i + 1 })) }, /plan.cells/],
  ["no cells", { cells: [] }, /plan.cells/],
];

for (const [what, fields, words] of PLANS) {
  Deno.test(`parseResultFile: a plan with ${what} is refused in one line`, () => {
    assert(RUN.kind === "run");
    const run = { ...RUN, plan: { ...RUN.plan, ...fields } };
    assertMatch(refusal(textOf([run as Line])), words);
  });
}

Deno.test("parseResultFile: lines twice, of another schema, or with a checksum beside those without", () => {
  assertMatch(
    refusal(textOf([...LINES, LINES[1]])),
    /each trial must stand once: line 2 has it too/,
  );
  assertMatch(refusal(textOf([RUN, RUN])), /each run must stand once/);
  assertMatch(refusal(textOf(LINES.slice(1))), /schema must be memslot-race\/1/);
  assertMatch(refusal(""), /the file has no bytes/);
  assertMatch(refusal(textOf([RUN]) + OLD.split("\n")[1] + "\n"), /have a checksum or none/);
  assertMatch(refusal(`${textOf([RUN])}${"x".repeat(5 * 2 ** 20)}\n`), /below 4 MiB/);
  assertMatch(refusal(textOf([RUN]) + "\n".repeat(2 ** 19)), /at most 65536 lines/);
});

Deno.test("parseResultFile: bytes at random, and lines of random edits, are refused in one line", () => {
  const { int, unit } = random(1, "edits"), text = OLD;
  let read = 0;
  for (let i = 0; i < 300; i++) {
    const from = int(0, text.length - 1), to = Math.min(text.length, from + int(1, 40));
    const put = unit() < 0.5 ? "" : String.fromCharCode(...many(int(1, 20), () => int(1, 0xd7ff)));
    const bytes = bytesOf(text.slice(0, from) + put + text.slice(to));
    try {
      // Without checksums some edits are another file that is well formed.
      parseResultFile("f.jsonl", bytes);
      read++;
    } catch (error) {
      assert(error instanceof ResultFileError, String(error));
      assert(!/\n/.test(error.message) && error.message.length < 600);
    }
  }
  assert(read < 100, `${read} of 300`);
  for (let i = 0; i < 100; i++) refusal(Uint8Array.from(many(int(1, 999), () => int(0, 255))));
});

Deno.test("jsonSchema: is made from the validator, with the defaults that reading fills in", () => {
  const text = JSON.stringify(jsonSchema());
  assertMatch(text, /"lastUsed":\{[^}]*"default":"off"/);
  assertMatch(text, /"memslot|"trial"/);
});
