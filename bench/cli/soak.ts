/** `deno task soak`: a million random operations for each contender, against a model. */
import { type ChildOptions, runChild } from "../process/child.ts";
import { foldersOf } from "../gate/load.ts";
import { ACTIONS } from "../gate/player.ts";
import type { SoakJob, SoakWord } from "../gate/soak_process.ts";
import { clean } from "../report/words.ts";
import { command } from "./command.ts";
import { EXIT, NotLoadedError, Stopped } from "./exit.ts";
import { anySeed, integer } from "./options.ts";
import { contenderList, contenderNames, shellWord, sourceNamed } from "./project.ts";
import { type Io, untilStopped } from "./terminal.ts";

/** The command. */
export const SOAK = command({
  name: "soak",
  summary: "A million random operations for each contender, against a model",
  about: "Random insertions, erasures, moves, finds and ranges on 0 to thousands of slots, each " +
    "answer compared with a model's; every 2,048 operations the structure is checked and " +
    "every boundary looked up.",
  options: {
    operations: { ...integer(1), default: "1000000", help: "operations for each contender" },
    contender: { ...contenderList(), help: "only these; may be given again", otherwise: "all" },
    seed: {
      ...integer(0),
      help: "repeats the run that printed it",
      otherwise: "a new one each time",
    },
    patience: {
      ...integer(1),
      value: "SECONDS",
      default: "60",
      help: "how long 16,384 operations may take",
    },
  },
  examples: [
    ["soak", "all contenders, some minutes"],
    ["soak --contender rb_tree,./mine.ts", "a contender and a file"],
  ],
  permissions: "read; run deno, a process for each contender",
  exits: ["wrongAnswer", "notLoaded", "stopped"],
  run({ values }, io) {
    const { contender = ["all"] } = values;
    const names = contender.flatMap((name) => name === "all" ? contenderNames() : [name]);
    const effort = { ...values, seed: values.seed ?? anySeed() };
    return untilStopped((signal) => soakAll(names, effort, { io, signal }));
  },
});

/** How much is tried. */
interface Effort {
  readonly seed: number;
  readonly operations: number;
  /** Seconds that 16,384 operations may take. */
  readonly patience: number;
}

async function soakAll(
  names: readonly string[],
  { seed, operations, patience }: Effort,
  { io, signal }: { io: Io; signal: AbortSignal },
): Promise<number> {
  const all = names.map((word) => ({ word, source: sourceNamed(word, "soak") }));
  let code: number = EXIT.fine;
  io.out(`seed ${seed}, ${number(operations)} operations each`);
  for (const { word, source } of all) {
    const job = { source, seed, operations };
    const { isRight, line } = await soakOne(job, { patienceSeconds: patience, signal });
    io.out(line.split("\n").map(clean).join("\n"));
    if (isRight) continue;
    code = EXIT.wrongAnswer;
    io.out(
      `again with: deno task soak --contender ${shellWord(word)} --seed ${seed} ` +
        `--operations ${operations}`,
    );
  }
  return code;
}

interface Line {
  readonly isRight: boolean;
  readonly line: string;
}

async function soakOne(job: SoakJob, options: ChildOptions): Promise<Line> {
  const { name } = job.source, script = import.meta.resolve("../gate/soak_process.ts");
  const ending = await runChild(script, job, { ...options, reads: foldersOf([job.source]) });
  if (ending.kind === "answered") return lineOf(name, ending.value as SoakWord);
  if (ending.kind === "stopped") throw new Stopped(`Stopped in the soak of ${name}`);
  const { words } = ending;
  if (/Cannot use/.test(words)) throw new NotLoadedError(words.slice(words.indexOf("Cannot use")));
  return { isRight: false, line: `${name}: ${ending.kind}: ${words}` };
}

function lineOf(name: string, { tally, seconds, fault }: SoakWord): Line {
  const { actions, histories, slots } = tally, counts = ACTIONS.map((each) => actions[each] ?? 0);
  const done = counts.reduce((sum, count) => sum + count, 0);
  const kinds = ACTIONS.map((each, i) => `${each} ${number(counts[i])}`).join(", ");
  const line = [
    `${name}: ${number(done)} operations (${kinds}) in ${number(histories)} histories`,
    `on up to ${number(slots)} slots`,
    `${seconds.toFixed(1)} s`,
    fault === null ? "no fault" : `a fault at the last:\n${fault.kind}: ${fault.words}`,
  ].join(", ");
  return { isRight: fault === null, line };
}

function number(n: number): string {
  return n.toLocaleString("en-US");
}
