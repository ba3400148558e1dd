import { groupsOf, type Plan } from "../race/plan.ts";
import { runTrial, trialJob } from "../race/processes.ts";
import type { TrialJob } from "../race/trial_process.ts";
import type { Cell, TrialLine } from "../record/schema.ts";
import { WrongAnswer } from "../race/wrong_answer.ts";
import { LONG_FIND_SCRIPT } from "../workloads/script.ts";
import { courseOf } from "../workloads/workloads.ts";
import { courseNumbers } from "./course_file.ts";
import type { NativeProgram } from "./program.ts";
import type { NativePair } from "./native_entry.ts";

/** The race was stopped. */
export class Stopped extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "Stopped";
}

/** What to run it with. */
export interface PairOptions {
  readonly program: NativeProgram;
  /** Ends the race. */
  readonly signal: AbortSignal;
}

/** How long a trial may be silent. */
const PATIENCE_SECONDS = 30;

/**
 * A fresh process of each side on the same course, the one straight after the other; who goes first
 * changes from process to process. `WrongAnswer` for a wrong one on either side.
 */
export async function runPair(
  plan: Plan,
  { cell, process }: { cell: Cell; process: number },
  { program, signal }: PairOptions,
): Promise<NativePair> {
  const course = await courseOf(cell, plan.seed, {
    findLength: LONG_FIND_SCRIPT,
    draw: process,
  });
  if (course === null) throw new RangeError(`Cannot run ${cell.workload} on ${cell.slots} slots`);
  const numbers = courseNumbers(course);
  const runNative = async () => {
    const options = { rounds: plan.rounds, process, signal };
    const entries = await program.race(numbers, options).catch((error) => error);
    if (signal.aborted) throw new Stopped("Stopped");
    if (entries instanceof Error) throw entries;
    return entries;
  };
  const early = process % 2 === 1 ? await runNative() : null;
  const [group] = groupsOf(plan);
  const job = trialJob(plan, { cell, group, process, secret: crypto.randomUUID() });
  const javaScript = await trialOf(job, signal);
  return { javaScript, native: early ?? await runNative() };
}

async function trialOf(job: TrialJob, signal: AbortSignal): Promise<TrialLine> {
  const trial = await runTrial(job, { patienceSeconds: PATIENCE_SECONDS, signal });
  if (trial.kind === "stopped") throw new Stopped("Stopped");
  if (trial.kind !== "trial") throw new Error(trial.words);
  for (const { outcome } of trial.entries) {
    if (outcome.kind === "wrong") throw new WrongAnswer(outcome.words);
    if (outcome.kind !== "ok") throw new Error(outcome.words);
  }
  return trial;
}
