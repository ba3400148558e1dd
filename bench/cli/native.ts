/**
 * `deno task native`: what an index takes in JavaScript against the same design in C, against Linux's
 * red-black tree in C, against maps of C++ and Rust, and against the limit of any index.
 */
import { commit, environment, host } from "../process/environment.ts";
import { type Plan, planRace } from "../race/plan.ts";
import { markdownOf } from "../report/markdown.ts";
import { nativeBlocks } from "../report/native_tables.ts";
import { textOf } from "../report/text.ts";
import { countWords } from "../report/words.ts";
import { WORKLOADS } from "../workloads/workloads.ts";
import { nativeSides, runPair } from "../native/pair.ts";
import { NativePrograms } from "../native/program.ts";
import type { NativePair } from "../native/native_entry.ts";
import { command } from "./command.ts";
import { EXIT, UsageError } from "./exit.ts";
import { type Arguments, choice, integer, listOf, text } from "./options.ts";
import { progressView } from "./progress.ts";
import { contenderList } from "./project.ts";
import { type Io, untilStopped } from "./terminal.ts";

/** Upper limit of the slots: `radix_chunks` has another form above, which memslots.c has not. */
const MOST_SLOTS = 36_864;

const options = {
  contender: {
    ...contenderList(),
    default: "sorted_array,rb_tree,radix_table,radix_chunks",
    help: "what races in JavaScript; the last one is compared with the native maps",
  },
  workload: {
    ...listOf(text("NAME")),
    default: "find_uniform,find_serial,zap_8,zap_128,move_find",
    help: "lookups, ranges and changes",
  },
  layout: {
    ...listOf(text("NAME")),
    default: "scattered",
    help: "layouts of `race --list`, such as clustered,nested",
  },
  slots: {
    ...listOf(integer(1, MOST_SLOTS)),
    default: "10,509,4096,32764",
    help: "slot counts up to 36,864, from gfn 2^20",
  },
  processes: { ...integer(1, 200), default: "10", help: "fresh processes of each side a cell" },
  rounds: { ...integer(1, 10_000), default: "40", help: "blocks of each entry in a process" },
  seed: {
    ...integer(0, 2 ** 31 - 1),
    default: "1",
    help: "seed of layouts, scripts and orders",
  },
  format: {
    ...choice("text", "markdown"),
    default: "text",
    help: "markdown is for a table to keep in results/reference",
  },
  quiet: { help: "no progress on standard error" },
} as const;

type Asked = Arguments<typeof options>;

/** The command. */
export const NATIVE = command({
  name: "native",
  summary: "Indexes against their designs in C, and against maps of C++ and Rust",
  about:
    "Races contenders against the same designs in C, and against std::map, absl::btree_map, and " +
    "Rust's BTreeMap and sorted Vec (bench/native, compiled with cc, c++ and rustc), each in fresh " +
    "processes, one straight after the other. What cannot be compiled is named and left out. The " +
    "limit of lookups and ranges is one memory read, which every index has to make.",
  options,
  examples: [
    ["native", "nineteen cells, a quarter of an hour"],
    ["native --slots 509 --processes 3", "five cells, for a first look"],
    ["native --layout clustered,nested", "wide layouts"],
  ],
  permissions: "read; write, for a temporary folder; run cc, c++, rustc, what they compile, deno " +
    "and git; the machine's name and processor",
  exits: ["wrongAnswer", "notLoaded", "unavailable", "stopped"],
  run(asked, io) {
    return untilStopped((signal) => raceNatively(asked, { io, signal }));
  },
});

async function raceNatively(
  asked: Asked,
  { io, signal }: { io: Io; signal: AbortSignal },
): Promise<number> {
  const plan = planOf(asked), { values } = asked;
  using native = await NativePrograms.compile();
  const where = await whereLines(plan, native);
  const cells = await raceAll(plan, native, { quiet: values.quiet, signal });
  const blocks = nativeBlocks(cells, { where, champion: plan.contenders.at(-1)!.name });
  io.out(values.format === "markdown" ? markdownOf(blocks) : textOf(blocks, io));
  return EXIT.fine;
}

/** When, on what and how it ran: what a table has to say that is kept. */
async function whereLines(plan: Plan, { programs, missing }: NativePrograms): Promise<string[]> {
  const { cpu, cores, os, kernel, arch, deno, v8 } = environment();
  const { seed, processes, rounds } = plan;
  const compilers = new Set(programs.map(({ compiler }) => compiler));
  return [
    `${new Date().toISOString()} on ${host()}, ${cpu}, ${cores} cores, ${os} ${kernel} ${arch}`,
    `Deno ${deno}, V8 ${v8}; ${[...compilers].join("; ")}; highest optimization, native processor`,
    `commit ${await commit() || "unknown"}, seed ${seed}, ` +
    `${countWords(processes, "process", "processes")} of each side, ${countWords(rounds, "round")}`,
    ...missing,
  ];
}

function planOf({ values, given }: Asked): Plan {
  const { contender, workload, layout, slots, processes, rounds, seed } = values;
  const plans = workload.flatMap((word) => {
    const least = WORKLOADS.find(({ name }) => name === word)?.least ?? 1;
    const isLeftOut = !(given.has("workload") && given.has("slots")); // what has too few slots
    const counts = slots.filter((count) => !isLeftOut || count >= least);
    if (counts.length === 0) return [];
    return planRace({
      contenders: contender,
      workloads: [word],
      layouts: layout,
      slots: counts,
      processes,
      rounds,
      seed,
      key: "gfn",
      order: "balanced",
      quick: false,
      plantPercent: 0,
    });
  });
  const cells = plans.flatMap(({ cells }) => cells);
  for (const { workload } of cells) {
    if (nativeSides(workload).length > 0) continue;
    throw new UsageError(
      `Cannot race ${workload} natively as native programs have lookups, ranges and changes only`,
    );
  }
  return { ...plans[0], cells };
}

/** Cell by cell, and then again: drift of the hour touches all alike. */
async function raceAll(
  plan: Plan,
  { programs }: NativePrograms,
  { quiet, signal }: { quiet: boolean; signal: AbortSignal },
) {
  const cells = plan.cells.map((cell) => ({ cell, pairs: [] as NativePair[] }));
  const total = cells.length * plan.processes;
  const view = progressView({ quiet });
  try {
    for (let done = 0; done < total; done++) {
      const process = Math.floor(done / cells.length), { cell, pairs } = cells[done % cells.length];
      view.show({ done, total, doing: `${cell.workload} ${cell.layout} ${cell.slots}` });
      pairs.push(await runPair(plan, { cell, process }, { programs, signal }));
    }
  } finally {
    view.stop();
  }
  return cells;
}
