/** `deno task check-index PATH|NAME`: the gate alone, for one index, and its word at length. */
import { LONGEST, type Tally } from "../gate/differential.ts";
import { FIXED_HISTORIES } from "../gate/fixed.ts";
import type { Source } from "../gate/load.ts";
import { isPath } from "../gate/source.ts";
import type { GateJob, GateWord } from "../gate/gate_process.ts";
import { runGate, type Told } from "../gate/run_gate.ts";
import type { ChildOptions } from "../process/child.ts";
import { DENO, type Engine, engineNamed } from "../process/engine.ts";
import { clean } from "../report/words.ts";
import { command } from "./command.ts";
import { engineList, enginesOf, type Programs, withPrograms } from "./engines.ts";
import { EXIT, NotLoadedError, Stopped } from "./exit.ts";
import { anySeed, integer } from "./options.ts";
import { type ProgressView, progressView } from "./progress.ts";
import { fileAt, projectWords, shellWord, sourceNamed } from "./project.ts";
import { type Io, untilStopped } from "./terminal.ts";

/** The command. */
export const CHECK_INDEX = command({
  name: "check-index",
  summary: "The gate alone, for one index",
  about:
    "Checks an index against KVM's golden table and the contract of impls/memslot_index.ts, in " +
    "fixed histories and in random ones. " +
    "NAME is a contender, PATH any file that exports one index class.",
  operands: { words: "PATH|NAME", least: 1, most: 1 },
  options: {
    seed: {
      ...integer(0),
      help: "repeats the histories of the run that printed it",
      otherwise: "a new one each time",
    },
    histories: { ...integer(1), default: "1000", help: "how many random histories" },
    patience: {
      ...integer(1),
      value: "SECONDS",
      default: "10",
      help: "how long a history may take",
    },
    engine: {
      ...engineList(),
      default: DENO,
      help: "what runs the gate: deno, node, bun, node@22, ...: programs on the PATH, else npm's",
    },
    quiet: { help: "no progress on standard error" },
  },
  examples: [
    ["check-index my_index", "the contender impls/my_index.ts"],
    ["check-index ../mine.ts --seed 7", "a file, with the histories of seed 7"],
  ],
  permissions:
    "read; run deno, for type check and gate. With --engine the command starts itself again, " +
    "with permission to run the programs of these engines only",
  exits: ["wrongAnswer", "notLoaded", "unavailable", "stopped"],
  run({ operands: [asked], values, argv }, io) {
    return withPrograms(values.engine, { command: "check-index", argv }, (programs) => {
      return checkIn(programs, asked, { values, io });
    });
  },
});

/** Checks an index in the engines of `values.engine`. */
function checkIn(
  programs: Programs,
  asked: string,
  { values, io }: { values: Values; io: Io },
): Promise<number> {
  const effort = { ...values, seed: values.seed ?? anySeed() };
  const view = progressView({ quiet: values.quiet, silentMs: SILENT_MS });
  return untilStopped((signal) => checkIndex(asked, effort, { io, signal, view, programs }))
    .finally(() => view.stop());
}

type Values = Omit<Effort, "seed"> & {
  readonly seed: number | undefined;
  readonly engine: readonly string[];
  readonly quiet: boolean;
};

/** How the gate is run. */
interface Effort {
  readonly seed: number;
  readonly histories: number;
  /** Seconds that a history may take. */
  readonly patience: number;
  /** The engines to check it in, by name. */
  readonly engine: readonly string[];
}

/** Where a check speaks, and what ends it. */
interface Surroundings {
  readonly io: Io;
  readonly signal: AbortSignal;
  readonly view: ProgressView;
  /** Of the engines besides Deno. */
  readonly programs: Programs;
}

/** Where standard error is no terminal, a check that lasts less shows no progress. */
const SILENT_MS = 10_000;

async function checkIndex(asked: string, effort: Effort, around: Surroundings): Promise<number> {
  const { io, signal, view, programs } = around, source = sourceNamed(asked, "check");
  await checkTypes(asked, source, signal);
  const engines = await enginesOf(programs, [source]);
  for (const name of effort.engine) {
    const engine = engineNamed(name, engines),
      where = engine === null ? "" : ` in ${engine.version}`;
    const { outcome, tally } = await gate(source, effort, { ...around, engine });
    if (outcome.kind !== "ok") {
      if (tally === null) throw new NotLoadedError(outcome.words);
      view.stop();
      io.out(clean(`${outcome.kind}${where}: ${source.name}, ${outcome.words}`));
      io.out(`again with: deno task check-index ${againWords(asked, name, effort)}`);
      return EXIT.wrongAnswer;
    }
    if (engine === null && !isPath(asked)) await checkProject(asked, signal);
    view.stop();
    io.out(praise(clean(`${source.name}${where}`), tally!, effort));
  }
  return EXIT.fine;
}

function againWords(asked: string, engine: string, { seed, histories }: Effort): string {
  return `${shellWord(asked)} --seed ${seed} --histories ${histories}` +
    (engine === DENO ? "" : ` --engine ${engine}`);
}

function praise(name: string, tally: Tally, { seed }: Effort): string {
  const number = (n: number) => n.toLocaleString("en-US");
  return `ok: ${name} answers as KVM does and keeps the contract of impls/memslot_index.ts
  fixed histories: KVM's golden table, and each call that the contract forbids
  random histories: ${number(tally.histories)} of up to ${LONGEST} actions, ${
    number(tally.steps)
  } calls in all, on up to ${number(tally.slots)} slots
  changes and questions came in any order, and every boundary was asked at the end
  seed ${seed}`;
}

/** Throws the first thing that deno finds wrong with the file, in a line. */
async function checkTypes(asked: string, { url }: Source, signal: AbortSignal): Promise<void> {
  const complaint = await denoComplains(["check", "--quiet", "--no-lock", url], signal);
  if (complaint === null) return;
  const lines = complaint.split("\n").map((line) => line.trim());
  const what = lines.find((line) => /error/i.test(line)) ?? lines[0];
  const where = lines.find((line) => /^at file:/.test(line))?.replace(/^at /, "") ?? "";
  throw new NotLoadedError(
    `Cannot check ${asked} as deno check refuses it: ${
      projectWords([what.replace(/^error: /, ""), where].filter((part) => part !== "").join(" "))
    }`,
  );
}

/** Throws what keeps the race from loading the list of contenders that this one stands in. */
async function checkProject(asked: string, signal: AbortSignal): Promise<void> {
  const list = ["run", "--quiet", "--no-prompt", "--no-lock", fileAt("bench/main.ts").href];
  const complaint = await denoComplains([...list, "race", "--list"], signal);
  if (complaint === null) return;
  throw new NotLoadedError(`The index is right, but no race can load ${asked}: ${complaint}`);
}

/** What deno writes to standard error where it fails; null where it does not. */
async function denoComplains(args: string[], signal: AbortSignal): Promise<string | null> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: fileAt("."),
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
    signal,
  }).output();
  return success ? null : new TextDecoder().decode(stderr);
}

/** Where a gate runs. */
interface GatePlace extends Surroundings {
  /** Null for Deno. */
  readonly engine: Engine | null;
}

async function gate(source: Source, effort: Effort, around: GatePlace): Promise<GateWord> {
  const { seed, histories, patience } = effort, { signal, view, engine } = around;
  const job: GateJob = { contender: source, seed, histories };
  const total = FIXED_HISTORIES.length + histories;
  let begun = 0;
  const onBeat = () => view.show({ done: Math.min(begun++, total), total, doing: "histories" });
  const word = await told(job, { patienceSeconds: patience, signal, onBeat, engine });
  const { kind } = word.outcome;
  return kind === "stuck" || kind === "crashed" ? await retell(job, word, around) : word;
}

/** The longest history of each attempt to tell what an index hangs or crashes at. */
const RETELL_LONGEST = [2, 6, 20, LONGEST];
const RETELL_HISTORIES = 300;
/** Each of its calls takes less than this. */
const RETELL_SECONDS = 3;

/** Tries again, shorter histories first, with each call told before it is made. */
async function retell(
  job: GateJob,
  word: GateWord,
  { signal, view, engine }: GatePlace,
): Promise<GateWord> {
  const { kind } = word.outcome, { name } = job.contender, total = RETELL_LONGEST.length;
  for (const [done, longest] of RETELL_LONGEST.entries()) {
    view.show({ done, total, doing: `the call: histories of up to ${longest} actions` });
    const small = { ...job, histories: RETELL_HISTORIES, longest, tells: true };
    const again = await told(small, { patienceSeconds: RETELL_SECONDS, signal, engine });
    const { asked = name } = again;
    if (again.outcome.kind === kind && !["", name].includes(asked)) return again;
  }
  return word;
}

async function told(job: GateJob, options: ChildOptions): Promise<Told> {
  const word = await runGate(job, options);
  if (word === null) throw new Stopped(`Stopped before ${job.contender.name} was tried`);
  const { outcome, asked = "" } = word;
  if (outcome.kind === "ok") return word;
  return { ...word, outcome: { ...outcome, words: plainWords(asked, outcome.words) } };
}

/** The entry is what was asked: that ended the process, not the process of that. */
function plainWords(asked: string, words: string): string {
  return words.replace(`the process of ${asked} ended with`, `${asked} ended the process with`);
}
