import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../bench/native/main.ts";
import { NativeProgram, NoCompiler } from "../bench/native/program.ts";
import type { TrialLine } from "../bench/race/record.ts";
import { nativeBlocks } from "../bench/report/native_table.ts";

const ROWS = ["sorted_array", "rb_tree", "radix_table", "radix_chunks", "floor", "touch"];

Deno.test("nativeBlocks: pairs the medians of two processes, over all pairs", () => {
  const cell = {
    workload: "find_uniform",
    layout: "scattered",
    slots: 8,
    originGfn: 0,
    condition: "solo" as const,
  };
  const pairs = [1, 2, 3].map((process) => {
    const native = [["rb_tree", 10], ["floor", 1], ["touch", 2]].map(([name, ns]) => {
      return { name: `${name}`, stepsPerBlock: 10, ns: [Number(ns) * process * 10, 1e6, 1] };
    });
    return { javaScript: trialOf(process, { rb_tree: 40, radix: 5, twin: 9, floor: 2 }), native };
  });
  const [, table] = nativeBlocks([{ cell, pairs }], "here");
  assert(table.kind === "table");
  // The machine gets slower from process to process, and the ratios do not show it.
  assertEquals(table.rows.map(({ cells }) => cells), [
    ["radix", "10.0", "", "", "", "0.500", "[0.500, 0.500]", "5.000", "2.500"],
    [
      "rb_tree",
      "80.0",
      "20.0",
      "4.000",
      "[4.000, 4.000]",
      "4.000",
      "[4.000, 4.000]",
      "40.0",
      "20.0",
    ],
    ["floor", "4.00", "2.00", "2.000", "[2.000, 2.000]", "", "", "2.000", "1.000"],
    ["touch", "", "4.00", "", "", "", "", "2.000", "1.000"],
  ]);

  function trialOf(process: number, nsPerStep: Record<string, number>): TrialLine {
    const entries = Object.keys(nsPerStep);
    return {
      kind: "trial",
      cell,
      process,
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
    ]
  ) {
    const { code, lines } = await captured([arg]);
    assertEquals(code, 64);
    assertEquals(lines.length, 1);
    assertStringIncludes(lines[0], why);
  }
});

Deno.test("native: where there is no compiler it says so in one line, exit code 4", async () => {
  const script = new URL("../bench/native/main.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script],
    env: { PATH: "/nonexistent", NO_COLOR: "1" },
  });
  const { code, stderr } = await command.output();
  assertEquals(code, 4);
  assertEquals(
    new TextDecoder().decode(stderr),
    "Cannot race against C as there is no cc: install gcc or clang\n",
  );
});

/** Runs the command here, and gives what it would have printed. */
async function captured(args: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const { log, error } = console;
  console.log = console.error = (line: string) => lines.push(line);
  try {
    return { code: await main(args), lines };
  } finally {
    console.log = log;
    console.error = error;
  }
}

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

Deno.test({
  name: `native: prints a row for each contender and limit${
    REASON === null ? "" : ` (ignored as ${REASON})`
  }`,
  ignore: REASON !== null,
  async fn() {
    const args = ["--slots=10", "--processes=1", "--rounds=4", "--quiet"];
    const { code, lines } = await captured(args), text = lines.join("\n");
    assertEquals(code, 0, text);
    for (const name of ROWS) {
      assertEquals(text.match(new RegExp(`^${name} +\\d`, "gm"))?.length, 3, text);
    }
  },
});
