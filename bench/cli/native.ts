/**
 * `deno task native`: what an index takes in JavaScript against the same design in C, against
 * Linux's red-black tree in C, and against the limit of any index.
 *
 * Exit codes: 0 fine, 1 the harness failed, 2 a wrong answer, 4 no C compiler, 64 wrong arguments,
 * 130 stopped.
 *
 * @module
 */
import { progressView } from "./progress.ts";
import { screen } from "./race.ts";
import { EXIT, integer, list, parseOptions, UsageError } from "./usage.ts";
import { commit, environment, host } from "../process/environment.ts";
import { type Plan, PlanError, planRace } from "../race/plan.ts";
import { WrongAnswer } from "../race/wrong_answer.ts";
import { markdownOf, textOf } from "../report/table.ts";
import { nativeBlocks } from "../report/native_tables.ts";
import { countWords } from "../report/words.ts";
import { workloadNamed } from "../workloads/workloads.ts";
import { runPair, Stopped } from "../native/pair.ts";
import { NativeProgram, NoCompiler } from "../native/program.ts";
import type { NativePair } from "../native/native_entry.ts";

const HELP = `deno task native [options]

Races contenders against the same designs in C (bench/native/memslots.c, compiled on the spot).

  --contender NAME,...  who races in JavaScript (those that are there in C: sorted_array, rb_tree,
                        radix_table, radix_chunks)
  --workload NAME,...   lookups or ranges (find_uniform, find_serial, zap_8)
  --slots N,...         slot counts up to 65,534, scattered from gfn 2^20 (8, 509, 4096, 32764)
  --processes N         fresh processes of each side a cell (10)
  --rounds N            blocks an entry and process (40)
  --seed N              what layouts, scripts and orders are drawn from (1)
  --format FORMAT       text (default) or markdown, for a table to keep in results/reference
  --quiet               no progress on standard error

Exit codes: 0 fine, 1 harness error, 2 wrong answer, 4 no C compiler, 64 usage, 130 stopped.`;

const OPTIONS = {
  contender: { type: "string", multiple: true },
  workload: { type: "string", multiple: true },
  slots: { type: "string", multiple: true },
  processes: { type: "string", default: "10" },
  rounds: { type: "string", default: "40" },
  seed: { type: "string", default: "1" },
  format: { type: "string", default: "text" },
  quiet: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** The contenders that memslots.c has as well. */
const IN_C = ["sorted_array", "rb_tree", "radix_table", "radix_chunks"];
/** More slots than memslots.c takes: its radix table has 16 bits for each. */
const MOST_SLOTS = 2 ** 16 - 2;

/** What stops a race. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Runs the command with its arguments; gives the exit code. */
export async function main(args: string[]): Promise<number> {
  try {
    const options = parseOptions({ args, options: OPTIONS, strict: true }).values;
    if (options.help) {
      console.log(HELP);
      return EXIT.fine;
    }
    const isMarkdown = isMarkdownIn(options), plan = planOf(options);
    using program = new NativeProgram();
    const where = await whereLines(plan, program);
    const blocks = nativeBlocks(await raceBoth(plan, program, options), where);
    console.log((isMarkdown ? markdownOf(blocks) : textOf(blocks, screen())).trimEnd());
    return EXIT.fine;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  if (!(error instanceof Error)) throw error;
  if (error instanceof NoCompiler) {
    console.error(`Cannot race against C as ${error.message}`);
    return EXIT.notValid;
  }
  console.error(error.message);
  if (error instanceof WrongAnswer) return EXIT.wrongAnswer;
  if (error instanceof Stopped) return EXIT.interrupted;
  const isUsage = error instanceof UsageError || error instanceof PlanError;
  return isUsage ? EXIT.usage : EXIT.harnessError;
}

function isMarkdownIn({ format }: Options): boolean {
  if (format === "text" || format === "markdown") return format === "markdown";
  throw new UsageError(`Cannot use ${format} as --format: there are text, markdown`);
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

function planOf(options: Options): Plan {
  const { contender, workload, slots, processes, rounds, seed } = options;
  const counts = list(slots) ?? ["8", "509", "4096", "32764"];
  const plan = planRace({
    contenders: list(contender) ?? IN_C,
    workloads: list(workload) ?? ["find_uniform", "find_serial", "zap_8"],
    layouts: ["scattered"],
    slots: counts.map((text) => integer("--slots", text, { min: 1, max: MOST_SLOTS })),
    processes: integer("--processes", processes, { min: 1, max: 200 }),
    rounds: integer("--rounds", rounds, { min: 1, max: 10_000 }),
    seed: integer("--seed", seed, { min: 0, max: 2 ** 31 - 1 }),
    key: "gfn",
    order: "balanced",
    quick: false,
    plantPercent: 0,
  });
  for (const { workload } of plan.cells) {
    const { kind } = workloadNamed(workload);
    if (kind === "find" || kind === "serial" || kind === "range") continue;
    throw new UsageError(`Cannot race ${workload} against C as that has lookups and ranges only`);
  }
  return plan;
}

type Options = ReturnType<typeof parseOptions<{ options: typeof OPTIONS }>>["values"];

/** Cell by cell, and then again: drift of the hour touches all alike. */
async function raceBoth(plan: Plan, program: NativeProgram, options: Options) {
  const cells = plan.cells.map((cell) => ({ cell, pairs: [] as NativePair[] }));
  const total = cells.length * plan.processes;
  const view = progressView({ quiet: options.quiet === true });
  const stop = new AbortController(), onInterrupt = () => stop.abort();
  for (const signal of SIGNALS) Deno.addSignalListener(signal, onInterrupt);
  try {
    for (let done = 0; done < total; done++) {
      const process = Math.floor(done / cells.length), { cell, pairs } = cells[done % cells.length];
      view.show({ done, total, doing: `${cell.workload} ${cell.slots}` });
      pairs.push(await runPair(plan, { cell, process }, { program, signal: stop.signal }));
    }
  } finally {
    view.stop();
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, onInterrupt);
  }
  return cells;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
