/**
 * `deno task soak`: a million random operations for each contender, against the oracle.
 *
 * @module
 */
import { runChild } from "../process/child.ts";
import { list, UsageError } from "./usage.ts";
import { anySeed, type Arguments, runCommand, wholeNumber } from "./command.ts";
import { CONTENDERS_PATH, fileAt, registeredNames, sourceOf } from "./project.ts";
import type { SoakJob, SoakWord } from "../gate/soak_process.ts";

const USAGE = `deno task soak [--operations 1000000] [--contender NAME|PATH]... [--seed S]
                [--patience SECONDS]

Random insertions, erasures, moves, finds and ranges on 0 to thousands of slots, each answer compared
with linear_scan's; every 2,048 operations the structure is checked and every boundary asked.
  --operations N          so many for each contender
  --contender NAME|PATH   only this one; may be given again
  --seed S                repeats the run that printed S
  --patience SECONDS      so long 16,384 operations may take (60)
Exit codes: 0 nothing wrong, 1 no index to try, 2 wrong, 64 usage.`;

/** Runs the command with its arguments; gives the exit code. */
export function main(args: string[]): Promise<number> {
  const options = {
    operations: { type: "string" },
    contender: { type: "string", multiple: true },
    seed: { type: "string" },
    patience: { type: "string" },
  } as const;
  return runCommand({ usage: USAGE, options, run: soakAll }, args);
}

async function soakAll(args: Arguments): Promise<number> {
  if (args.positionals.length > 0) {
    throw new UsageError(`Cannot read arguments as ${args.positionals[0]} is no option`);
  }
  const operations = wholeNumber(args, "operations", { least: 1, fallback: 1_000_000 });
  const seed = wholeNumber(args, "seed", { least: 0, fallback: anySeed() });
  const patienceSeconds = wholeNumber(args, "patience", { least: 1, fallback: 60 });
  const names = list(args.values.contender as string[] | undefined) ??
    registeredNames(await Deno.readTextFile(fileAt(CONTENDERS_PATH)));
  const sources = names.map((name) => sourceOf(name, "soak"));
  let code = 0;
  console.log(`seed ${seed}, ${number(operations)} operations each`);
  for (const source of sources) {
    const word = await soakOne({ source, seed, operations }, patienceSeconds);
    console.log(word.line);
    if (word.isRight) continue;
    code = 2;
    console.log(
      `again with: deno task soak --contender ${names[sources.indexOf(source)]} --seed ${seed} ` +
        `--operations ${operations}`,
    );
  }
  return code;
}

interface Line {
  readonly isRight: boolean;
  readonly line: string;
}

async function soakOne(job: SoakJob, patienceSeconds: number): Promise<Line> {
  const { name } = job.source, signal = new AbortController().signal;
  const script = import.meta.resolve("../gate/soak_process.ts");
  const ending = await runChild(script, job, { patienceSeconds, signal });
  if (ending.kind === "answered") return lineOf(name, JSON.parse(ending.line));
  const words = ending.kind === "stopped" ? "its process was stopped" : ending.words;
  if (/Cannot use/.test(words)) throw new Error(words.slice(words.indexOf("Cannot use")));
  return { isRight: false, line: `${name}: ${ending.kind}: ${words.replace(/: *$/, "")}` };
}

function lineOf(name: string, { counts, seconds, fault }: SoakWord): Line {
  const { insert, erase, move, find, range, sweeps, mostSlots } = counts;
  const done = insert + erase + move + find + range;
  const line = [
    `${name}: ${number(done)} operations (insert ${number(insert)}, erase ${number(erase)}`,
    `move ${number(move)}, find ${number(find)}, range ${number(range)}) on 0 to ${
      number(mostSlots)
    } slots`,
    `${number(sweeps)} sweeps in ${seconds.toFixed(1)} s`,
    fault === null ? "no fault" : `a fault at the last:\n${fault.kind}: ${fault.words}`,
  ].join(", ");
  return { isRight: fault === null, line };
}

function number(n: number): string {
  return n.toLocaleString("en-US");
}

if (import.meta.main) Deno.exit(await main(Deno.args));
