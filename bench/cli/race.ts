import { commit, environment, host } from "../process/environment.ts";
import { changesOf } from "../race/contenders.ts";
import { listAll, type Plan, PlanError, planRace, type Wishes } from "../race/plan.ts";
import { runRace } from "../race/race.ts";
import { type Cell, type RunLine, SCHEMA } from "../record/schema.ts";
import { readResultFile, type ResultFile, ResultWriter } from "../record/result_file.ts";
import { summarize } from "../summary/summary.ts";
import { exitCodeOf, raceTable } from "../report/race_tables.ts";
import { gfnWords, loopWords } from "../report/words.ts";
import { estimateSeconds } from "../race/estimate.ts";
import { duration, progressView } from "./progress.ts";
import { EXIT, integer, list, parseOptions, UsageError } from "./usage.ts";

/** What `deno task race --help` prints. */
const HELP = `deno task race [options]

Races memslot indexes: paired, interleaved blocks in fresh processes, each answer checked.

  --contender NAME|FILE  who races beside the baseline (repeat, or a list with commas; all)
  --workload NAME        what is asked (find_uniform, zap_8, move, ...)
  --layout NAME          how the memory lies (scattered, contiguous, pc, dimms, ...)
  --slots N              slot counts
  --origin GFN           where the memory begins: 0, 2^20, 2^40
  --jit solo|mixed|both  a timed loop for each, one shared by all, or both and the difference
  --last-used off|set|reader|all  KVM's one-entry cache in front of each: of the set, of a reader
  --key gfn|hva          slots by guest frame, or by user memory
  --order balanced|listed  entries in balanced orders, or always as listed: what does order do?
  --base NAME            the baseline (sorted_array)
  --quick                3 processes, few cells, the contenders of deno bench: a look, no claims
  --processes N          fresh processes a cell (10)
  --rounds N             blocks a contender and process (24)
  --seed N               what layouts, scripts and orders are drawn from (1)
  --plant PERCENT        adds the baseline with so much more work: what would be found?
  --out FILE             the result file (results/local/TIME-HOST.jsonl)
  --resume FILE          completes a run that was stopped
  --patience SECONDS     how long a contender may take to answer (30)
  --dry-run              says which cells, how many processes and how long
  --list                 lists contenders, how they take a change, workloads and layouts
  --quiet                no progress on standard error

Exit codes: 0 fine, 1 harness error, 2 wrong answer, 4 the run is not valid, 64 usage, 130 stopped.`;

const OPTIONS = {
  contender: { type: "string", multiple: true },
  workload: { type: "string", multiple: true },
  layout: { type: "string", multiple: true },
  slots: { type: "string", multiple: true },
  origin: { type: "string", multiple: true },
  jit: { type: "string", default: "solo" },
  "last-used": { type: "string", default: "off" },
  key: { type: "string", default: "gfn" },
  order: { type: "string", default: "balanced" },
  base: { type: "string" },
  quick: { type: "boolean", default: false },
  processes: { type: "string" },
  rounds: { type: "string" },
  seed: { type: "string", default: "1" },
  plant: { type: "string", default: "0" },
  out: { type: "string" },
  resume: { type: "string" },
  patience: { type: "string", default: "30" },
  "dry-run": { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  quiet: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Options = ReturnType<typeof readOptions>;

function readOptions(args: string[]) {
  return parseOptions({ args, options: OPTIONS, strict: true, allowPositionals: false }).values;
}

/** `deno task race`; gives the exit code. */
export async function raceCommand(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) return print(HELP);
  if (options.list) return print(listAll());
  const earlier = options.resume === undefined ? null : readResultFile(options.resume);
  const plan = earlier ? planOf(earlier, args) : planned(options);
  if (options["dry-run"]) return await dryRun(plan, options);
  const patienceSeconds = patienceOf(options.patience);
  const run = await runLine(plan, args);
  if (earlier) refuseOtherMachine(earlier, run);
  using writer = earlier
    ? await ResultWriter.resume(earlier)
    : await ResultWriter.create(options.out ?? defaultPath(run), run);
  return await runAndReport(plan, { writer, earlier, patienceSeconds, quiet: options.quiet });
}

function print(text: string): number {
  console.log(text);
  return EXIT.fine;
}

function planned(options: Options): Plan {
  const { seed, plant, quick, processes, rounds, slots, origin, jit } = options;
  const count = (name: "processes" | "rounds" | "slots", text: string, max: number) => {
    return integer(`--${name}`, text, { min: 1, max });
  };
  const wishes: { -readonly [K in keyof Wishes]: Wishes[K] } = {
    quick,
    seed: integer("--seed", seed, { min: 0, max: 2 ** 31 - 1 }),
    plantPercent: percentOf(plant),
    conditions: conditionsOf(jit),
    lastUsed: oneOrAll("--last-used", options["last-used"], ["off", "set", "reader"]),
    key: oneOf("--key", options.key, ["gfn", "hva"]),
    order: oneOf("--order", options.order, ["balanced", "listed"]),
  };
  const assign = <K extends keyof Wishes>(key: K, value: Wishes[K] | undefined) => {
    if (value !== undefined) wishes[key] = value;
  };
  assign("contenders", list(options.contender));
  assign("workloads", list(options.workload));
  assign("layouts", list(options.layout));
  assign("slots", list(slots)?.map((text) => count("slots", text, 2 ** 22)));
  assign(
    "origins",
    list(origin)?.map((text) => integer("--origin", text, { min: 0, max: 2 ** 51 })),
  );
  assign("baseline", options.base);
  if (processes !== undefined) wishes.processes = count("processes", processes, 200);
  if (rounds !== undefined) wishes.rounds = count("rounds", rounds, 10_000);
  return planRace(wishes);
}

function percentOf(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1000) return value;
  throw new UsageError(`Cannot use --plant ${text} as it must be a percentage in [0, 1000]`);
}

function conditionsOf(jit: string): Cell["condition"][] {
  if (jit === "both") return ["solo", "mixed"];
  if (jit === "solo" || jit === "mixed") return [jit];
  throw new UsageError(`Cannot use --jit ${jit} as it must be solo, mixed or both`);
}

function oneOrAll<T extends string>(option: string, text: string, all: readonly T[]): T[] {
  return text === "all" ? [...all] : [oneOf(option, text, all)];
}

function oneOf<T extends string>(option: string, text: string, all: readonly T[]): T {
  const found = all.find((value) => value === text);
  if (found !== undefined) return found;
  throw new UsageError(`Cannot use ${option} ${text} as it must be one of ${all.join(", ")}`);
}

/** The plan of a run that was stopped; nothing but how it is shown may be asked of it anew. */
function planOf({ path, run }: ResultFile, args: readonly string[]): Plan {
  const free = ["--resume", "--quiet", "--patience", "--dry-run"];
  const other = args.find((arg) => arg.startsWith("--") && !free.includes(arg.split("=")[0]));
  if (other) {
    throw new UsageError(`Cannot use ${other} with --resume as the plan is that of ${path}`);
  }
  const { cells, contenders, baseline, processes, rounds, quick, plantPercent } = run.plan;
  const root = new URL("../../", import.meta.url);
  return {
    cells,
    contenders: contenders.map(({ name, path }) => ({ name, url: new URL(path, root).href })),
    baseline,
    processes,
    rounds,
    quick,
    plantPercent,
    seed: run.seed,
    key: run.plan.key ?? "gfn",
    order: run.plan.order ?? "balanced",
  };
}

function refuseOtherMachine({ path, run }: ResultFile, now: RunLine): void {
  const was = { ...run.environment, host: run.host, commit: run.commit };
  const is = { ...now.environment, host: now.host, commit: now.commit };
  const differing = (Object.keys(was) as (keyof typeof was)[]).filter((key) =>
    was[key] !== is[key]
  );
  if (differing.length === 0) return;
  throw new PlanError(
    `Cannot resume ${path} as it must be the same machine and code: ${
      differing.map((key) => `${key} was ${was[key]}, is ${is[key]}`).join("; ")
    }. Start a new race`,
  );
}

async function runLine(plan: Plan, argv: string[]): Promise<RunLine> {
  const { cells, contenders, baseline, processes, rounds, quick, plantPercent, seed, key, order } =
    plan;
  const root = new URL("../../", import.meta.url).href;
  return {
    kind: "run",
    schema: SCHEMA,
    startedAt: new Date().toISOString(),
    host: host(),
    environment: environment(),
    plan: {
      cells: [...cells],
      contenders: contenders.map(({ name, url }) => ({ name, path: url.replace(root, "") })),
      baseline,
      processes,
      rounds,
      quick,
      plantPercent,
      key,
      order,
    },
    seed,
    commit: await commit(),
    argv: withoutPlace(argv),
  };
}

/** Where the file lies on this machine is no part of what was asked. */
function withoutPlace(argv: readonly string[]): string[] {
  return argv.filter((arg, i) => !arg.startsWith("--out") && argv[i - 1] !== "--out");
}

function defaultPath({ startedAt, host }: RunLine): string {
  const time = startedAt.replaceAll(/[-:]|\.\d+/g, "");
  return `results/local/${time}-${host}.jsonl`;
}

function describePlan(plan: Plan): string {
  const { cells, contenders, processes } = plan;
  return [
    `${cells.length} cells, ${processes} processes each, ${contenders.length} contenders:`,
    ...cells.map((cell) => {
      const { workload, layout, slots, originGfn } = cell;
      return `  ${workload.padEnd(16)} ${layout.padEnd(10)} ${
        String(slots).padStart(7)
      } slots  origin ${gfnWords(originGfn).padEnd(5)} ${loopWords(cell)}`;
    }),
    `contenders: ${contenders.map(({ name }) => name).join(", ")}`,
  ].join("\n");
}

/** Says what would be raced, and how long it would take by one short look at each cell. */
async function dryRun(plan: Plan, { quiet, patience }: Options): Promise<number> {
  console.log(describePlan(plan));
  const view = progressView({ quiet });
  const total = plan.cells.length;
  const seconds = await estimateSeconds(plan, {
    patienceSeconds: patienceOf(patience),
    signal: new AbortController().signal,
    onCell: (done) => view.show({ done, total, doing: `trying ${plan.cells[done].workload}` }),
  });
  view.stop();
  console.log(`about ${duration(seconds)}`);
  return EXIT.fine;
}

function patienceOf(text: string): number {
  return integer("--patience", text, { min: 1, max: 86_400 });
}

interface Run {
  readonly writer: ResultWriter;
  readonly earlier: ResultFile | null;
  readonly patienceSeconds: number;
  readonly quiet: boolean;
}

async function runAndReport(plan: Plan, run: Run): Promise<number> {
  const { writer, earlier, patienceSeconds, quiet } = run;
  const view = progressView({ quiet });
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  Deno.addSignalListener("SIGINT", onInterrupt);
  Deno.addSignalListener("SIGTERM", onInterrupt);
  try {
    const isWhole = await runRace(plan, {
      writer,
      ...earlier && { earlier },
      patienceSeconds,
      signal: stop.signal,
      onProgress: (progress) => view.show(progress),
    });
    view.stop();
    if (!isWhole) return stopped(writer.path);
  } finally {
    view.stop();
    Deno.removeSignalListener("SIGINT", onInterrupt);
    Deno.removeSignalListener("SIGTERM", onInterrupt);
  }
  return report(writer.path);
}

/** The width of the terminal, or a page's where there is none. */
export function screen(): { width: number; color: boolean } {
  const isTerminal = Deno.stdout.isTerminal();
  const width = isTerminal ? Deno.consoleSize().columns : 100;
  return { width, color: isTerminal && !Deno.noColor };
}

function stopped(path: string): number {
  const trials = readResultFile(path).lines.filter(({ kind }) => kind === "trial").length;
  console.error(`Stopped; ${trials} trials are in ${path}`);
  console.error(`To complete it: deno task race --resume ${path}`);
  return EXIT.interrupted;
}

function report(path: string): number {
  const summary = summarize(readResultFile(path));
  console.log(raceTable(summary, screen(), changesOf));
  console.log(`Again: deno task compare ${path}`);
  return exitCodeOf(summary);
}
