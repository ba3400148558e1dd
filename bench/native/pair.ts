import { balancedOrders } from "../race/order.ts";
import { groupsOf, type Plan } from "../race/plan.ts";
import { runTrial, trialJob } from "../race/processes.ts";
import type { TrialJob } from "../race/trial_process.ts";
import type { Cell, TrialLine } from "../record/schema.ts";
import { WrongAnswer } from "../race/wrong_answer.ts";
import { KINDS, LONG_FIND_SCRIPT } from "../workloads/script.ts";
import { courseOf, workloadNamed } from "../workloads/workloads.ts";
import { courseNumbers, isNativeKind } from "./course_file.ts";
import type { NativeProgram } from "./program.ts";
import type { Recipe } from "./recipes.ts";
import type { NativeEntry, NativePair } from "./native_entry.ts";

/** The race was stopped. */
export class Stopped extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "Stopped";
}

/** What to run it with. */
export interface PairOptions {
  readonly programs: readonly NativeProgram[];
  /** Ends the race. */
  readonly signal: AbortSignal;
}

/** How long a trial may be silent. */
const PATIENCE_SECONDS = 30;

/** What native programs can race of a workload: designs answer questions, peers take changes too. */
export function nativeSides(workload: string): readonly Recipe["holds"][] {
  const { kind, key } = workloadNamed(workload);
  if (!isNativeKind(kind) || key === "hva") return [];
  return KINDS[kind].isOfChanges ? ["peers"] : ["designs", "peers"];
}

/**
 * A fresh process of JavaScript and of each native program on the same course, one straight after the
 * other; their order changes from process to process as that of a trial's entries does. `WrongAnswer`
 * for a wrong one on either side.
 */
export async function runPair(
  plan: Plan,
  { cell, process }: { cell: Cell; process: number },
  { programs, signal }: PairOptions,
): Promise<NativePair> {
  const course = await courseOf(cell, plan.seed, {
    findLength: LONG_FIND_SCRIPT,
    draw: process,
  });
  if (course === null) throw new RangeError(`Cannot run ${cell.workload} on ${cell.slots} slots`);
  const numbers = courseNumbers(course), sides = nativeSides(cell.workload);
  const native = programs.filter(({ recipe }) => sides.includes(recipe.holds));
  const [order] = balancedOrders({ size: native.length + 1, rounds: 1, process });
  const entries = { designs: [] as NativeEntry[], peers: [] as NativeEntry[] };
  let javaScript: TrialLine | null = null;
  for (const place of order) {
    if (place === native.length) {
      javaScript = await javaScriptTrial(plan, { cell, process }, signal);
    } else {
      const program = native[place], options = { rounds: plan.rounds, process, signal };
      entries[program.recipe.holds].push(...await raceNative(program, numbers, options));
    }
  }
  return { javaScript: javaScript!, ...entries };
}

async function raceNative(
  program: NativeProgram,
  numbers: Float64Array<ArrayBuffer>,
  options: { rounds: number; process: number; signal: AbortSignal },
): Promise<NativeEntry[]> {
  try {
    return await program.race(numbers, options);
  } catch (error) {
    throw options.signal.aborted ? new Stopped("Stopped") : error;
  }
}

async function javaScriptTrial(
  plan: Plan,
  { cell, process }: { cell: Cell; process: number },
  signal: AbortSignal,
): Promise<TrialLine> {
  const [group] = groupsOf(plan);
  const job: TrialJob = trialJob(plan, { cell, group, process, secret: crypto.randomUUID() });
  const trial = await runTrial(job, { patienceSeconds: PATIENCE_SECONDS, signal });
  if (trial.kind === "stopped") throw new Stopped("Stopped");
  if (trial.kind !== "trial") throw new Error(trial.words);
  for (const { outcome } of trial.entries) {
    if (outcome.kind === "wrong") throw new WrongAnswer(outcome.words);
    if (outcome.kind !== "ok") throw new Error(outcome.words);
  }
  return trial;
}
