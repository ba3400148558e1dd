import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { NATIVE } from "../../bench/cli/native.ts";
import { NativePrograms, NotInstalled } from "../../bench/native/program.ts";
import type { TrialLine } from "../../bench/record/schema.ts";
import { textOf } from "../../bench/report/text.ts";
import { captured } from "../support/captured.ts";
import { rowWords } from "../support/table_words.ts";
import { nativeBlocks } from "../../bench/report/native_tables.ts";

const CONTENDERS = ["sorted_array", "rb_tree", "radix_table", "radix_chunks"];
const PEERS = ["std::map", "absl::btree_map", "BTreeMap", "sorted Vec"];

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
    const entries = (all: Record<string, number>) =>
      Object.entries(all).map(([name, ns]) => {
        return { name, stepsPerBlock: 10, ns: [ns * process * 10, 1e6, 1] };
      });
    return {
      javaScript: trialOf(process, { rb_tree: 40, radix: 5, twin: 9, floor: 2 }),
      designs: entries({ rb_tree: 10, radix: 4, floor: 1, touch: 2 }),
      peers: entries({ "std::map": 20, BTreeMap: 10 }),
    };
  });
  const words = { where: ["here"], champion: "radix" };
  const blocks = nativeBlocks([{ cell, pairs }], words), [, , ns, ratios, table] = blocks;
  assert(ns.kind === "table" && ratios.kind === "table" && table.kind === "table");
  assertEquals(table.title, "find_uniform, scattered, 8 slots from gfn 0: ns a lookup");
  // The machine gets slower from process to process, and the ratios do not show it.
  const four = ["4.000", "[4.000, 4.000]"], half = ["0.500", "[0.500, 0.500]"];
  assertEquals(rowWords(table), [
    ["radix", "10.0", "8.00", "1.250", "[1.250, 1.250]", ...half, "2.500", "2.000"],
    ["rb_tree", "80.0", "20.0", ...four, ...four, "20.0", "5.000"],
    ["BTreeMap", "", "20.0", "", "", "", "", "", "5.000"],
    ["std::map", "", "40.0", "", "", "", "", "", "10.0"],
    ["floor (no index)", "4.00", "2.00", "2.000", "[2.000, 2.000]", "", "", "1.000", ""],
    ["touch (one read)", "", "4.00", "", "", "", "", "", ""],
  ]);

  const place = ["find_uniform", "scattered", "8"];
  assertEquals(rowWords(ns), [[
    ...place,
    ...["10.0", "[5.00, 15.0]", "8.00", "[4.00, 12.0]"],
    ...["40.0", "[20.0, 60.0]", "20.0", "[10.0, 30.0]"],
  ]]);
  assertEquals(ns.columns.map(({ title }) => title).slice(3), [
    ...["JS", "interval", "its form\nin C", "interval", "std::\nmap", "interval"],
    ...["BTreeMap", "interval"],
  ]);
  assertEquals(rowWords(ratios), [[
    ...place,
    ...["1.250", "[1.250, 1.250]", "0.250", "[0.250, 0.250]", ...half],
  ]]);

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
      ["--slots=70000", "it must be an integer in [1, 36864]"],
      ["--workload=mix", "native programs have lookups, ranges and changes only"],
      ["--layout=nowhere", "no layout has that name"],
      ["--workload=zap_8 --slots=3", "it needs 8"],
      ["--contender=nobody", "no contender has that name"],
      ["--what", "Unknown option"],
      ["--format=csv", "Cannot use csv as --format: there are text, markdown"],
    ]
  ) {
    const { code, err } = await captured(NATIVE, arg.split(" "));
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
    "Cannot race natively as no native program can be compiled: install gcc, g++ or rustc\n",
  );
});

/** What cannot be compiled, a line each; null if nothing can. */
async function missingOf(): Promise<readonly string[] | null> {
  try {
    using native = await NativePrograms.compile();
    return native.missing;
  } catch (error) {
    if (error instanceof NotInstalled) return null;
    throw error;
  }
}

const MISSING = await missingOf();

const IGNORED = MISSING?.length === 0 ? "" : " (ignored as a native program is missing)";

Deno.test({
  name: "native: races JavaScript, C, C++ and Rust, and prints tables to keep" + IGNORED,
  ignore: IGNORED !== "",
  async fn() {
    const few = ["--slots=10", "--processes=1", "--rounds=4", "--quiet", "--format=markdown"];
    const what = ["--layout=nested", "--workload=find_uniform,move_find"];
    const { code, out, err } = await captured(NATIVE, [...few, ...what]);
    assertEquals(code, 0, err);
    const head =
      /^- [\d-]+T[\d:.]+Z on .+\n- Deno .+\n- commit (\w+\+?), seed 1, 1 process of each/;
    assert(head.test(out), out);
    const [ns, ratios, finds, moves] = out.split("\n\n").filter((part) => part.startsWith("|"))
      .map((part) => part.trimEnd().split("\n"));
    assertStringIncludes(ns[0], "| workload | layout | slots | JS | interval | its form in C |");
    assertStringIncludes(ns[2], "| find\\_uniform | nested | 10 |");
    assertStringIncludes(ns[3], "| move\\_find | nested | 10 |");
    assertStringIncludes(ratios[0], "| absl:: btree\\_map | interval |");
    assertStringIncludes(finds[0], "| JS / C's rb\\_tree | interval | JS / touch |");
    const namesOf = ([, , ...rows]: string[]) =>
      rows.map((row) => row.split(" | ")[0].slice(2).replaceAll("\\", ""));
    const limits = ["floor (no index)", "touch (one read)"];
    assertEquals(namesOf(finds).toSorted(), [...CONTENDERS, ...PEERS, ...limits].toSorted());
    assertEquals(namesOf(moves).toSorted(), [...CONTENDERS, ...PEERS, limits[0]].toSorted());
    for (const table of [ns, ratios, finds, moves]) {
      assertEquals(new Set(table.map((row) => row.split("|").length)).size, 1, out);
    }
  },
});
