/** `deno task race`: the measured race, from its plan to its tables. */
import { fileURLToPath } from "node:url";
import { changesOf } from "../race/contenders.ts";
import { Checkout } from "../race/checkout.ts";
import { type Entrant, listAll, type Plan, planRace, shardOf } from "../race/plan.ts";
import { type RaceEnd, runRace } from "../race/race.ts";
import type { GateLine, RunLine } from "../record/schema.ts";
import { processesOf, shardWords } from "../record/shard.ts";
import { type RaceFile, readResultFile } from "../record/result_file.ts";
import { ResultWriter } from "../record/result_writer.ts";
import { isSlowerThan } from "../summary/against.ts";
import { summarize } from "../summary/summary.ts";
import { answerText } from "../report/answer_report.ts";
import { exitCodeOf } from "../report/race_report.ts";
import { clean, countWords, gfnWords, loopWords } from "../report/words.ts";
import { estimateSeconds } from "../race/estimate.ts";
import { isGuestLayout, keptGuest } from "../workloads/own_guest.ts";
import { DENO, type Engine } from "../process/engine.ts";
import { command } from "./command.ts";
import { EXIT, Stopped } from "./exit.ts";
import { duration, progressView } from "./progress.ts";
import { fileAt, pathWords, shellWord } from "./project.ts";
import { enginesOf, type Programs, withPrograms } from "./engines.ts";
import { checkTogether, RACE_OPTIONS, type RaceArguments, wishesOf } from "./race_options.ts";
import { planOf, refuseOtherRace } from "./resumed_run.ts";
import { pathOf, runLine } from "./run_line.ts";
import { type Io, untilStopped } from "./terminal.ts";

type Values = RaceArguments["values"];

/** The command. */
export const RACE = command({
  name: "race",
  summary: "The measured race; --quick for a look",
  about: "Races memslot indexes: paired, interleaved blocks in fresh processes, every answer " +
    "checked. Without options: 18 cells, all contenders, six minutes.",
  options: RACE_OPTIONS,
  examples: [
    ["race --quick", "a first look, 20 s"],
    ["race --contender my_index --workload zap*", "one contender, all range workloads"],
    ["race --quick --map boot.log --trace faults.txt", "which index for your own guest"],
    [
      "race --against HEAD --contender rb_tree --quick",
      "what an edit of rb_tree.ts since the last commit has changed",
    ],
    ["race --quick --engine deno,node,bun", "whether the ranking holds in other engines"],
    ["race --seed 1 --shard 2/3", "the second third of a race, on one of three machines"],
    ["race --resume results/local/FILE.jsonl", "the rest of a run that was stopped"],
  ],
  permissions:
    "read; write, for the result file; run deno and git; the machine's name and processor. With " +
    "--engine the command starts itself again, with permission to run the programs of these engines " +
    "only. In Node a contender can read the project and use the network, but neither write nor " +
    "start processes; in Bun, which has no permissions, it can do whatever you can",
  exits: ["wrongAnswer", "tooSlow", "notValid", "notLoaded", "unavailable", "stopped"],
  run: race,
});

async function race(args: RaceArguments, io: Io): Promise<number> {
  const { values, argv } = args;
  if (values.list) {
    io.out(listAll());
    return EXIT.fine;
  }
  checkTogether(args);
  const names = values.resume === undefined
    ? values.engine
    : readResultFile(values.resume).run.plan.cells.map(({ engine }) => engine);
  return await withPrograms([...new Set(names)], { command: "race", argv }, (programs) => {
    return raceWith(programs, args, io);
  });
}

/** Races in Deno and in the engines of `programs`. */
async function raceWith(
  programs: Programs,
  { values, given, argv }: RaceArguments,
  io: Io,
): Promise<number> {
  if (values.resume !== undefined) {
    return await resume(values.resume, { values, given, argv, programs }, io);
  }
  using checkout = values.against === undefined ? null : await Checkout.of(values.against);
  const whole = planRace(await wishesOf({ values, given })), by = values["shard-by"];
  const alone = values.shard ? shardOf(whole, { ...values.shard, by }) : whole;
  const plan = checkout
    ? { ...alone, contenders: [...alone.contenders, ...checkout.counterparts(changed(alone))] }
    : alone;
  await checkGuests(plan);
  const engines = await enginesOf(programs, plan.contenders);
  if (values["dry-run"]) return await dryRun(plan, { values, engines }, io);
  const codes: number[] = [], paths: string[] = [];
  for (let number = 1; number <= values.repeat; number++) {
    const run = await runLine(plan, argv, engines);
    const path = numbered(values.out ?? defaultPath(run), { number, of: values.repeat });
    using writer = values.out === undefined
      ? await ResultWriter.createNumbered(path, run)
      : await ResultWriter.create(path, run);
    codes.push(await raceInto(writer, { plan, engines, earlier: null }, { values, io }));
    paths.push(shellWord(pathWords(writer.path)));
  }
  if (paths.length > 1) io.out(`How much runs differ: deno task compare ${paths.join(" ")}`);
  if (codes.includes(EXIT.wrongAnswer)) return EXIT.wrongAnswer;
  return codes.find((code) => code !== EXIT.fine) ?? EXIT.fine;
}

/** Guests of the user's own must be kept here, as every process reads them. */
async function checkGuests({ cells }: Plan): Promise<void> {
  for (const { layout } of cells) if (isGuestLayout(layout)) await keptGuest(layout);
}

/**
 * Goes on with a race that was stopped: on the same machine, and with the very programs that it began
 * with. Its file is locked before it is read, and stays as it is until that is sure.
 */
async function resume(
  path: string,
  { values, given, argv, programs }:
    & Pick<RaceArguments, "values" | "given" | "argv">
    & { readonly programs: Programs },
  io: Io,
): Promise<number> {
  const checkedPlan = async (file: RaceFile) => {
    const plan = planOf(file, values, given);
    const engines = await enginesOf(programs, plan.contenders);
    refuseOtherRace(file, await runLine(plan, argv, engines));
    await checkGuests(plan);
    return { plan, engines };
  };
  if (values["dry-run"]) {
    const { plan, engines } = await checkedPlan(readResultFile(path));
    return await dryRun(plan, { values, engines }, io);
  }
  const { writer, file: earlier } = await ResultWriter.resume(path);
  using _ = writer;
  return await raceInto(writer, { ...await checkedPlan(earlier), earlier }, { values, io });
}

/** Races, reports and judges by --fail-above; gives the exit code. */
async function raceInto(
  writer: ResultWriter,
  { plan, ...run }: { plan: Plan } & Pick<Run, "earlier" | "engines">,
  { values, io }: { values: Values; io: Io },
): Promise<number> {
  const { patience: patienceSeconds, quiet, "fail-above": limit } = values;
  const code = await runAndReport(plan, { writer, ...run, patienceSeconds, quiet }, io);
  if (limit === undefined || code !== EXIT.fine) return code;
  return isSlowerThan(summarize(readResultFile(writer.path)), limit) ? EXIT.tooSlow : code;
}

/** `run.jsonl` as `run-2.jsonl`, where there are several. */
function numbered(path: string, { number, of }: { number: number; of: number }): string {
  return of === 1 ? path : path.replace(/(\.jsonl)?$/, `-${number}.jsonl`);
}

/** The contenders to race against themselves: those named, or all; the baseline only if it is alone. */
function changed({ contenders, baseline }: Plan): readonly Entrant[] {
  const others = contenders.filter(({ name }) => name !== baseline);
  return others.length > 0 ? others : contenders;
}

function defaultPath({ startedAt, host }: RunLine): string {
  const time = startedAt.replaceAll(/[-:]|\.\d+/g, "");
  return fileURLToPath(fileAt(`results/local/${time}-${host}.jsonl`));
}

function describePlan(plan: Plan): string {
  const { cells, contenders, shard } = plan, processes = processesOf(plan, shard).length;
  return [
    `${shard ? `shard ${shardWords(shard)}: ` : ""}${countWords(cells.length, "cell")}, ${
      countWords(processes, "process", "processes")
    } each, ${countWords(contenders.length, "contender")}:`,
    ...cells.map((cell) => {
      const { workload, layout, slots, originGfn } = cell;
      const mix = cell.mix === undefined ? "" : ` ${cell.mix}`;
      return `  ${workload.padEnd(16)} ${layout.padEnd(10)} ${
        String(slots).padStart(7)
      } slots  origin ${gfnWords(originGfn).padEnd(5)} ${loopWords(cell)}${mix}`;
    }),
    `contenders: ${contenders.map(({ name }) => name).join(", ")}`,
  ].map(clean).map((line) => line.trimEnd()).join("\n");
}

/** Says what would be raced, and how long it would take by one short look at each cell. */
async function dryRun(
  plan: Plan,
  { values: { quiet, patience }, engines }: { values: Values; engines: readonly Engine[] },
  io: Io,
): Promise<number> {
  io.out(describePlan(plan));
  const view = progressView({ quiet });
  const total = plan.cells.length;
  let seconds: number;
  try {
    seconds = await untilStopped((signal) =>
      estimateSeconds(plan, {
        engines,
        patienceSeconds: patience,
        signal,
        onCell(done) {
          signal.throwIfAborted();
          view.show({ done, total, doing: `trying ${plan.cells[done].workload}` });
        },
      })
    );
  } finally {
    view.stop();
  }
  io.out(`about ${duration(seconds)}`);
  return EXIT.fine;
}

interface Run {
  readonly writer: ResultWriter;
  readonly earlier: RaceFile | null;
  /** The engines of the plan's cells besides Deno. */
  readonly engines: readonly Engine[];
  readonly patienceSeconds: number;
  readonly quiet: boolean;
}

async function runAndReport(plan: Plan, run: Run, io: Io): Promise<number> {
  const { writer, earlier, engines, patienceSeconds, quiet } = run;
  const view = progressView({ quiet }), refused: GateLine[] = [];
  let end: RaceEnd;
  try {
    end = await untilStopped((signal) =>
      runRace(plan, {
        writer,
        ...earlier && { earlier },
        engines,
        patienceSeconds,
        signal,
        onProgress: (progress) => view.show(progress),
        onRefused(word) {
          refused.push(word);
          view.stop();
          io.err(refusalWords(word));
        },
      })
    );
  } finally {
    view.stop();
    writer[Symbol.dispose]();
  }
  if (end === "stopped") throw stoppedAt(writer.path, plan);
  const code = end === "whole" ? report(writer.path, io) : EXIT.wrongAnswer;
  if (end === "refused") io.err("Nothing is raced as the gate has left nothing to compare");
  return refused.some(({ isLoaded }) => isLoaded === false) ? EXIT.notLoaded : code;
}

function refusalWords({ name, engine, outcome }: GateLine): string {
  const where = engine === DENO ? "" : ` (in ${engine})`;
  return clean(
    `${name} does not race: ${"words" in outcome ? outcome.words : outcome.kind}${where}`,
  );
}

function stoppedAt(path: string, { contenders }: Plan): Stopped {
  const trials = readResultFile(path).trials.length;
  const words = pathWords(path);
  // A resumed race takes no path from its file: the user names each file that is not registered.
  const files = contenders.filter((entrant) => !pathOf(entrant).startsWith("impls/"))
    .map(({ url }) => `--contender=${pathWords(fileURLToPath(url))}`);
  return new Stopped(
    `Stopped; ${trials} trials are in ${words}. ` +
      `To complete it: deno task race ${
        ["--resume", words, ...files].map((word) => shellWord(word)).join(" ")
      }`,
  );
}

function report(path: string, io: Io): number {
  const summary = summarize(readResultFile(path));
  io.out(answerText(summary, { file: shellWord(pathWords(path)), changesOf }, io));
  return exitCodeOf(summary);
}
