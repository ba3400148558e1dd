/**
 * `deno task native`: what an index takes in JavaScript against the same design in C, against
 * Linux's red-black tree in C, and against the limit of any index.
 */
import { commit, environment, host } from "../process/environment.ts";
import { type Plan, planRace } from "../race/plan.ts";
import { markdownOf } from "../report/markdown.ts";
import { nativeBlocks } from "../report/native_tables.ts";
import { textOf } from "../report/text.ts";
import { countWords } from "../report/words.ts";
import { KINDS } from "../workloads/script.ts";
import { workloadNamed } from "../workloads/workloads.ts";
import { runPair } from "../native/pair.ts";
import { NativeProgram } from "../native/program.ts";
import type { NativePair } from "../native/native_entry.ts";
import { command } from "./command.ts";
import { EXIT, UsageError } from "./exit.ts";
import { type Arguments, choice, integer, listOf, text } from "./options.ts";
import { progressView } from "./progress.ts";
import { contenderList } from "./project.ts";
import { type Io, untilStopped } from "./terminal.ts";

/** More slots than memslots.c takes: its radix table has 16 bits for each. */
const MOST_SLOTS = 2 ** 16 - 2;

const options = {
  contender: {
    ...contenderList(),
    default: "sorted_array,rb_tree,radix_table,radix_chunks",
    help: "what races in JavaScript: those that C has as well",
  },
  workload: {
    ...listOf(text("NAME")),
    default: "find_uniform,find_serial,zap_8",
    help: "lookups or ranges",
  },
  slots: {
    ...listOf(integer(1, MOST_SLOTS)),
    default: "8,509,4096,32764",
    help: "slot counts up to 65,534, scattered from gfn 2^20",
  },
  processes: { ...integer(1, 200), default: "10", help: "fresh processes of each side a cell" },
  rounds: { ...integer(1, 10_000), default: "40", help: "blocks of each entry in a process" },
  seed: {
    ...integer(0, 2 ** 31 - 1),
    default: "1",
    help: "what layouts, scripts and orders are drawn from",
  },
  format: {
    ...choice("text", "markdown"),
    default: "text",
    help: "markdown is for a table to keep in results/reference",
  },
  quiet: { help: "no progress on standard error" },
} as const;

type Values = Arguments<typeof options>["values"];

/** The command. */
export const NATIVE = command({
  name: "native",
  summary: "Indexes against the same designs in C, and against one memory read",
  about:
    "Races contenders against the same designs in C (bench/native/memslots.c, compiled with cc), " +
    "each pair in fresh processes, one straight after the other. The limit is one memory read, " +
    "which every index has to make.",
  options,
  examples: [
    ["native", "twelve cells, some minutes"],
    ["native --slots 509 --processes 3", "three cells, for a first look"],
  ],
  permissions: "read; write, for a temporary folder; run cc, what it compiles, deno and git; the " +
    "machine's name and processor",
  exits: ["wrongAnswer", "notLoaded", "unavailable", "stopped"],
  run({ values }, io) {
    return untilStopped((signal) => raceAgainstC(values, { io, signal }));
  },
});

async function raceAgainstC(
  values: Values,
  { io, signal }: { io: Io; signal: AbortSignal },
): Promise<number> {
  const plan = planOf(values);
  using program = new NativeProgram();
  const where = await whereLines(plan, program);
  const cells = await raceBoth(plan, program, { quiet: values.quiet, signal });
  const blocks = nativeBlocks(cells, where);
  io.out(values.format === "markdown" ? markdownOf(blocks) : textOf(blocks, io));
  return EXIT.fine;
}

/** When, on what and how it ran: what a table has to say that is kept. */
async function whereLines(plan: Plan, { compiler }: NativeProgram): Promise<string[]> {
  const { cpu, cores, os, kernel, arch, deno, v8 } = environment();
  const { seed, processes, rounds } = plan;
  return [
    `${new Date().toISOString()} on ${host()}, ${cpu}, ${cores} cores, ${os} ${kernel} ${arch}`,
    `Deno ${deno}, V8 ${v8}; ${compiler}, -O3 -march=native`,
    `commit ${await commit() || "unknown"}, seed ${seed}, ` +
    `${countWords(processes, "process", "processes")} of each side, ${countWords(rounds, "round")}`,
  ];
}

function planOf(values: Values): Plan {
  const { contender, workload, slots, processes, rounds, seed } = values;
  const plan = planRace({
    contenders: contender,
    workloads: workload,
    layouts: ["scattered"],
    slots,
    processes,
    rounds,
    seed,
    key: "gfn",
    order: "balanced",
    quick: false,
    plantPercent: 0,
  });
  for (const { workload } of plan.cells) {
    if (!KINDS[workloadNamed(workload).kind].isOfChanges) continue;
    throw new UsageError(`Cannot race ${workload} against C as that has lookups and ranges only`);
  }
  return plan;
}

/** Cell by cell, and then again: drift of the hour touches all alike. */
async function raceBoth(
  plan: Plan,
  program: NativeProgram,
  { quiet, signal }: { quiet: boolean; signal: AbortSignal },
) {
  const cells = plan.cells.map((cell) => ({ cell, pairs: [] as NativePair[] }));
  const total = cells.length * plan.processes;
  const view = progressView({ quiet });
  try {
    for (let done = 0; done < total; done++) {
      const process = Math.floor(done / cells.length), { cell, pairs } = cells[done % cells.length];
      view.show({ done, total, doing: `${cell.workload} ${cell.slots}` });
      pairs.push(await runPair(plan, { cell, process }, { program, signal }));
    }
  } finally {
    view.stop();
  }
  return cells;
}
