/**
 * `deno task check-index PATH|NAME`: the gate alone, for one index, and its word at length.
 *
 * @module
 */
import { runChild } from "../process/child.ts";
import type { Tally } from "../gate/differential.ts";
import type { Source } from "../gate/load.ts";
import { type GateJob, type GateWord, LONGEST } from "../gate/gate_process.ts";
import { GOLDEN_FINDS, GOLDEN_ORIGINS, GOLDEN_RANGES } from "../gate/golden.ts";
import { anySeed, type Arguments, onlyPositional, runCommand, wholeNumber } from "./command.ts";
import { fileAt, sourceOf } from "./project.ts";

const USAGE = `deno task check-index PATH|NAME [--seed S] [--histories N] [--patience SECONDS]

Tries an index against KVM's golden table and, in random histories, against linear_scan. NAME is a
contender, PATH any file that exports one index class.
  --seed S            repeats the histories of the run that printed S
  --histories N       so many of them (1000)
  --patience SECONDS  so long a history may take (10)
Exit codes: 0 nothing wrong, 1 no index to try, 2 wrong, 64 usage.`;

/** Runs the command with its arguments; gives the exit code. */
export function main(args: string[]): Promise<number> {
  const options = {
    seed: { type: "string" },
    histories: { type: "string" },
    patience: { type: "string" },
  } as const;
  return runCommand({ usage: USAGE, options, run: checkIndex }, args);
}

/** How the gate is run. */
interface Effort {
  readonly seed: number;
  readonly histories: number;
  readonly patienceSeconds: number;
}

async function checkIndex(args: Arguments): Promise<number> {
  const asked = onlyPositional(args, "PATH or NAME");
  const effort: Effort = {
    seed: wholeNumber(args, "seed", { least: 0, fallback: anySeed() }),
    histories: wholeNumber(args, "histories", { least: 1, fallback: 1000 }),
    patienceSeconds: wholeNumber(args, "patience", { least: 1, fallback: 10 }),
  };
  const source = sourceOf(asked, "check");
  await checkTypes(asked, source);
  const { outcome, tally } = await gate(source, effort);
  if (outcome.kind === "ok") {
    console.log(praise(source.name, tally!, effort));
    return 0;
  }
  if (tally === null) throw new Error(outcome.words);
  console.log(`${outcome.kind}: ${source.name}, ${outcome.words}
again with: deno task check-index ${asked} --seed ${effort.seed} --histories ${effort.histories}`);
  return 2;
}

function praise(name: string, tally: Tally, { seed }: Effort): string {
  const number = (n: number) => n.toLocaleString("en-US");
  return `ok: ${name} answers as KVM and linear_scan do
  golden table: ${GOLDEN_RANGES.length} ranges and ${GOLDEN_FINDS.length} finds at ${GOLDEN_ORIGINS.length} origins from 0 up to 2^52
  random histories: ${number(tally.histories)} of up to ${LONGEST} operations, ${
    number(tally.steps)
  } changes and questions in all,
    on 0 to ${number(tally.slots)} slots, at origins 0, 2^20, by 2^31 and 2^32, 2^40 and up to 2^52
  after each change the whole map was read, after each history every boundary asked
  seed ${seed}`;
}

/** Throws the first thing that deno finds wrong with the file, in a line. */
async function checkTypes(asked: string, { url }: Source): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", url],
    cwd: fileAt("."),
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const lines = new TextDecoder().decode(stderr).split("\n").map((line) => line.trim());
  const what = lines.find((line) => /error/i.test(line)) ?? lines[0];
  const where = lines.find((line) => /^at file:/.test(line))?.replace(/^at /, "") ?? "";
  throw new Error(
    `Cannot check ${asked} as deno check refuses it: ${
      [what.replace(/^error: /, ""), where].filter((part) => part !== "").join(" ")
    }`,
  );
}

async function gate(source: Source, effort: Effort): Promise<GateWord> {
  const { seed, histories, patienceSeconds } = effort;
  const job: GateJob = { contenders: [source], seed, histories };
  const word = await runGate(source, job, patienceSeconds);
  const { kind } = word.outcome;
  return kind === "stuck" || kind === "crashed" ? await retell(source, job, word) : word;
}

/** The longest history of each attempt to tell what an index hangs or crashes at. */
const RETELL_LONGEST = [2, 6, 20, LONGEST];
const RETELL_HISTORIES = 300;
/** Each of its calls takes less than this. */
const RETELL_SECONDS = 3;

/** Tries again, shorter histories first, with each call told before it is made. */
async function retell(source: Source, job: GateJob, word: GateWord): Promise<GateWord> {
  for (const longest of RETELL_LONGEST) {
    const small = { ...job, histories: RETELL_HISTORIES, longest, tells: true };
    const told = await runGate(source, small, RETELL_SECONDS);
    const { kind } = word.outcome, { asked = source.name } = told;
    if (told.outcome.kind === kind && !["", source.name].includes(asked)) return told;
  }
  return word;
}

/** The gate's word, and what the index was asked last where it did not come back. */
interface Told extends GateWord {
  readonly asked?: string;
}

async function runGate(source: Source, job: GateJob, patienceSeconds: number): Promise<Told> {
  const signal = new AbortController().signal, { name } = source;
  const ending = await runChild(import.meta.resolve("../gate/gate_process.ts"), job, {
    patienceSeconds,
    signal,
  });
  switch (ending.kind) {
    case "answered":
      return JSON.parse(ending.line)[0];
    case "stuck":
    case "crashed":
      return {
        name,
        asked: ending.entry,
        outcome: { kind: ending.kind, words: plainWords(ending) },
        tally: { histories: 0, steps: 0, slots: 0 },
      };
    case "stopped":
      throw new Error(`Cannot check ${name} as its process was stopped`);
  }
}

/** The entry is what was asked: that ended the process, not the process of that. */
function plainWords({ entry, words }: { entry: string; words: string }): string {
  return words
    .replace(`the process of ${entry} ended with`, `${entry} ended the process with`)
    .replace(/: *$/, "");
}

if (import.meta.main) Deno.exit(await main(Deno.args));
