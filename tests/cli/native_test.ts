import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { NATIVE } from "../../bench/cli/native.ts";
import { NativeProgram, NoCompiler } from "../../bench/native/program.ts";
import type { TrialLine } from "../../bench/record/schema.ts";
import { textOf } from "../../bench/report/text.ts";
import { captured } from "../support/captured.ts";
import { rowWords } from "../support/table_words.ts";
import { nativeBlocks } from "../../bench/report/native_tables.ts";

const ROWS = ["sorted_array", "rb_tree", "radix_table", "radix_chunks", "floor", "touch"];

Deno.test("nativeBlocks: pairs the medians of two processes, over all pairs", () => {
  const cell = {
    workload: "find_uniform",
    layout: "scattered",
    slots: 8,
    originGfn: 0,
    condition: "solo" as const,
    lastUsed: "off" as const,
    engine: "deno",
  };
  const pairs = [1, 2, 3].map((process) => {
    const native = [["rb_tree", 10], ["floor", 1], ["touch", 2]].map(([name, ns]) => {
      return { name: `${name}`, stepsPerBlock: 10, ns: [Number(ns) * process * 10, 1e6, 1] };
    });
    return { javaScript: trialOf(process, { rb_tree: 40, radix: 5, twin: 9, floor: 2 }), native };
  });
  const blocks = nativeBlocks([{ cell, pairs }], ["here"]), [, , table] = blocks;
  assert(table.kind === "table");
  assertEquals(table.title, "find_uniform, scattered, 8 slots from gfn 0: ns a lookup");
  // The machine gets slower from process to process, and the ratios do not show it.
  const four = ["4.000", "[4.000, 4.000]"], half = ["0.500", "[0.500, 0.500]"];
  assertEquals(rowWords(table), [
    ["radix", "10.0", "", "", "", ...half, "2.500", ""],
    ["rb_tree", "80.0", "20.0", ...four, ...four, "20.0", "5.000"],
    ["floor (no index)", "4.00", "2.00", "2.000", "[2.000, 2.000]", "", "", "1.000", ""],
    ["touch (one read)", "", "4.00", "", "", "", "", "", ""],
  ]);

  for (const width of [80, 100]) {
    for (const line of textOf(blocks, { width, color: false }).split("\n")) {
      assert(line.length <= width, line);
    }
  }

  function trialOf(process: number, nsPerStep: Record<string, number>): TrialLine {
    const entries = Object.keys(nsPerStep);
    return {
      kind: "trial",
      cell,
      process,
      attempt: 1,
      startedAt: "",
      unit: "lookup",
      entries: entries.map((name) => {
        const role = name === "twin" || name === "floor" ? name : "contender";
        return { name, role, outcome: { kind: "ok" }, stepsPerBlock: 10, every: 1 };
      }),
      blocks: {
        round: entries.map(() => 0),
        entry: entries.map((_, i) => i),
        ns: entries.map((name) => nsPerStep[name] * process * 10),
      },
      preemptions: null,
      load: null,
    };
  }
});

Deno.test("native: wrong arguments are told in one line, exit code 64", async () => {
  for (
    const [arg, why] of [
      ["--slots=70000", "it must be an integer in [1, 65534]"],
      ["--workload=move", "that has lookups and ranges only"],
      ["--contender=nobody", "no contender has that name"],
      ["--what", "Unknown option"],
      ["--format=csv", "Cannot use csv as --format: there are text, markdown"],
    ]
  ) {
    const { code, err } = await captured(NATIVE, [arg]);
    assertEquals(code, 64);
    assertEquals(err.trimEnd().split("\n").length, 1);
    assertStringIncludes(err, why);
  }
});

Deno.test("native: where there is no compiler it says so in one line, exit code 69", async () => {
  const script = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, "native"],
    env: { PATH: "/nonexistent", NO_COLOR: "1" },
  });
  const { code, stderr } = await command.output();
  assertEquals(code, 69);
  assertEquals(
    new TextDecoder().decode(stderr),
    "Cannot race against C as there is no cc: install gcc or clang\n",
  );
});

/** Why the command cannot run, or null. */
function reasonOf(): string | null {
  try {
    using _program = new NativeProgram();
    return null;
  } catch (error) {
    if (error instanceof NoCompiler) return error.message;
    throw error;
  }
}

const REASON = reasonOf();

/** A test of a whole race of ten slots, where there is a compiler. */
function raced(name: string, args: string[], test: (text: string) => void): void {
  const ignored = REASON === null ? "" : ` (ignored as ${REASON})`;
  Deno.test({
    name: `native: ${name}${ignored}`,
    ignore: REASON !== null,
    async fn() {
      const few = ["--slots=10", "--processes=1", "--rounds=4", "--quiet"];
      const { code, out, err } = await captured(NATIVE, [...few, ...args]);
      assertEquals(code, 0, err);
      test(out);
    },
  });
}

raced("prints a row for each contender and limit, and what the columns mean", [], (text) => {
  for (const name of ROWS) {
    assertEquals(text.match(new RegExp(`^${name}( \\(.*\\))? +\\d`, "gm"))?.length, 3, text);
  }
  for (const column of ["JS / C", "JS / C's rb_tree", "touch", "floor"]) {
    assertEquals(text.match(new RegExp(`^${column}: `, "gm"))?.length, 1, text);
  }
});

const MARKDOWN = ["--format=markdown", "--workload=find_uniform"];

raced(
  "--format markdown prints a table to keep: its columns, and when and on what",
  MARKDOWN,
  (text) => {
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    assertEquals(rows.length, 2 + ROWS.length, text);
    assertEquals(new Set(rows.map((row) => row.split("|").length)).size, 1, text);
    assertStringIncludes(rows[0], "| JS / C's rb\\_tree | interval | JS / touch | C / touch |");
    const head =
      /^- [\d-]+T[\d:.]+Z on .+\n- Deno .+\n- commit (\w+\+?), seed 1, 1 process of each/;
    assert(head.test(text), text);
  },
);
