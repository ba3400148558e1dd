/** Texts of a file in every format: none steers a terminal, turns a line or becomes a formula. */
import { assert, assertEquals } from "@std/assert";
import { COMPARE } from "../../bench/cli/compare.ts";
import type { Line } from "../../bench/record/schema.ts";
import { prose, table } from "../../bench/report/table.ts";
import { textOf } from "../../bench/report/text.ts";
import { text } from "../../bench/report/value.ts";
import { captured } from "../support/captured.ts";
import { cell, fileOf, raceLines, withPlanned } from "../support/result_model.ts";

const HOSTILE = [
  "\x1b[2J\x1b]0;title\x07",
  "a\u202eb\u2066c",
  "zero\u200bwidth\u00ad\ufeff",
  "\ud800lone",
  "\r=1+1",
  " =HYPERLINK(1)",
  "x\u2028y\u0085z",
  "<b>|*_`[",
  "constructor",
  "__proto__",
  "n".repeat(128),
];

/** A race whose contenders, machine and words are hostile, of a format that a reader asks for. */
function hostileRace(): string {
  const ns = Object.fromEntries([
    ["sorted_array", 40],
    ...HOSTILE.map((name, i) => [name, 41 + i]),
  ]);
  const words = HOSTILE.slice(0, 8).join(" ");
  const lines = raceLines({
    ns: Object.assign(Object.create(null), ns),
    cells: [cell(), cell({ slots: 10, layout: HOSTILE[0], workload: HOSTILE[1] })],
    processes: 6,
    rounds: 8,
    host: HOSTILE[0],
    cpu: HOSTILE[4],
    more: [{
      kind: "gate",
      engine: "deno",
      isLoaded: true,
      name: "lost\x1b[2J",
      outcome: { kind: "wrong", words },
    }],
  });
  const [run, ...rest] = withPlanned(lines, "lost\x1b[2J");
  assert(run.kind === "run");
  const environment = { ...run.environment, arch: "constructor", os: HOSTILE[1] };
  const hostile: Line = { ...run, commit: HOSTILE[2], environment };
  return fileOf("hostile.jsonl", [hostile, ...rest]);
}

const path = hostileRace();
const COMMANDS: readonly (readonly string[])[] = [
  [path],
  [path, "--full"],
  [path, path],
  [path, path, "--full"],
  ...["markdown", "csv", "benchfmt", "json"].map((format) => [path, "--format", format]),
  [path, "--col", "contender"],
  [path, "--col", "contender", "--format", "csv"],
];

Deno.test("compare: no format carries control characters, marks of direction or lone surrogates", async () => {
  for (const argv of COMMANDS) {
    const { code, out, err } = await captured(COMPARE, argv);
    assertEquals(code, 2, err);
    for (const words of [out, err]) {
      const found = /(?![\r\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.exec(words);
      assertEquals(found, null, `${argv.slice(1)}: ${JSON.stringify(found?.input.slice(0, 80))}`);
    }
    if (argv.includes("csv")) {
      assert(!/(^|,)"?\s*[=+@]/m.test(out), "a formula");
      assert(!/\r(?!\n)/.test(out), "a bare CR");
    }
  }
});

Deno.test("textOf: a word of 100,000 letters is cut, in tables and in prose", () => {
  const long = "n".repeat(100_000);
  const columns = [{ title: "name", value: () => text(long) }];
  const blocks = [table(long, { columns, rows: [1] }), prose("", [long])];
  for (const line of textOf(blocks, { width: 80, color: false }).split("\n")) {
    assert(line.length <= 201, `${line.length}`);
  }
});
