/** The race: gate, then probes and trials in fresh processes, each appended to the file at once. */
import type { GateJob } from "../gate/gate_process.ts";
import type { Source } from "../gate/load.ts";
import { runGate } from "../gate/run_gate.ts";
import type { ResultFile } from "../record/result_file.ts";
import type { ResultWriter } from "../record/result_writer.ts";
import { cellKey, type GateLine, type TrialLine } from "../record/schema.ts";
import { DENO, type Engine, engineNamed } from "../process/engine.ts";
import { noiseOf, trialsToRepeat } from "./pilot.ts";
import type { Plan } from "./plan.ts";
import {
  isBarred,
  placeKey,
  processSteps,
  type Step,
  stepKey,
  StepRunner,
  stepWords,
  type Trial,
} from "./steps.ts";
import { isDecided } from "./stopping.ts";
import type { Barred } from "./trial_process.ts";

/** How far a race is. */
export interface Progress {
  /** Steps done, of `total`: gates, probes and trials. */
  readonly done: number;
  readonly total: number;
  /** What is under way, in a few words. */
  readonly doing: string;
}

/** How to run it. */
export interface RaceOptions {
  readonly writer: ResultWriter;
  /** What an earlier run of the same plan has left, to be completed. */
  readonly earlier?: ResultFile;
  /** The engines of the plan's cells besides Deno. */
  readonly engines?: readonly Engine[];
  /** As in `ChildOptions`. */
  readonly patienceSeconds: number;
  /** Ends the race between or within processes. */
  readonly signal: AbortSignal;
  /** Hears of each step before it is made. */
  readonly onProgress: (progress: Progress) => void;
  /** Hears of each contender that does not race, as soon as that is known. */
  readonly onRefused: (word: GateLine) => void;
}

/**
 * How a race ended: `whole`; `stopped` by its signal; `refused`, where the gate has left nothing to
 * compare, as it refused the baseline or everything else.
 */
export type RaceEnd = "whole" | "stopped" | "refused";

/** Histories that the gate tries on each contender: some tenths of a second. */
const GATE_HISTORIES = 250;

/** Gates that run side by side: nothing is timed in them, and two cores have no use for a third. */
const GATES_AT_ONCE = 2;

/**
 * Runs what `plan` says and `earlier` lacks. A contender that answers wrong, throws, hangs or crashes
 * is noted, and the others go on.
 */
export async function runRace(plan: Plan, options: RaceOptions): Promise<RaceEnd> {
  const { writer, earlier, signal, onProgress } = options;
  const all = processSteps(plan), total = gatedBy(plan).length + all.length;
  const words = await allWords(plan, options, (done, { source: { name }, engine }) => {
    const where = engine === DENO ? "" : ` in ${engine}`;
    onProgress({ done, total, doing: `gate ${name}${where}` });
  });
  if (words === null) return "stopped";
  // What the gate refuses in one engine races in none, as rankings are compared across engines.
  const refused = words.flatMap(({ name, outcome }): Barred[] => {
    return outcome.kind === "ok" ? [] : [[name, outcome]];
  });
  if (isNothingLeft(plan, refused)) return "refused";
  const runner = new StepRunner(plan, options, refused);
  const done = new Set([...earlier?.trials ?? [], ...earlier?.probes ?? []].map(stepKey));
  const steps = all.filter((step) => !done.has(stepKey(step)));
  const trials = earlier?.trials.slice() ?? [];
  const stopped = new Set<string>();
  for (const [i, step] of steps.entries()) {
    const key = cellKey(step.cell);
    if (!stopped.has(key) && isOver(step, trials, plan)) stopped.add(key);
    if (stopped.has(key)) continue;
    onProgress({ done: total - steps.length + i, total, doing: stepWords(step, plan) });
    const line = await runner.run(step);
    if (line === null || signal.aborted) return "stopped";
    writer.append(line);
    if (line.kind === "trial") trials.push(line);
  }
  if (!earlier?.isWhole) {
    if (!await runAgain(trials, runner, { plan, options, total })) return "stopped";
    writer.append({ kind: "end", endedAt: new Date().toISOString() });
  }
  onProgress({ done: total, total, doing: "done" });
  return "whole";
}

/** Whether a cell needs none of the processes from `step`, its next one, on. */
function isOver(step: Step, trials: readonly TrialLine[], plan: Plan): boolean {
  // A shard by process knows a part of the cell only, so it decides nothing.
  if (step.kind !== "trial" || plan.shard?.by === "process") return false;
  const own = trials.filter(({ cell }) => cellKey(cell) === cellKey(step.cell));
  const isNext = own.every(({ process }) => process < step.process);
  return isNext && isDecided(own, plan);
}

/** Runs the noisy trials again and appends those that came out quieter; false if stopped. */
async function runAgain(
  trials: readonly TrialLine[],
  runner: StepRunner,
  { plan, options, total }: { plan: Plan; options: RaceOptions; total: number },
): Promise<boolean> {
  const { writer, signal, onProgress } = options;
  const repeated = new Set(
    trials.filter(({ attempt }) => attempt > 1).map((trial) => stepKey(trial)),
  );
  const steps = new Map(processSteps(plan).map((step) => [stepKey(step), step]));
  const first = trials.filter((trial) => !repeated.has(stepKey(trial)));
  for (const trial of plan.quick ? [] : trialsToRepeat(first, placeKey)) {
    const step = steps.get(stepKey(trial)) as Trial;
    onProgress({ done: total - 1, total, doing: `${stepWords(step, plan)}, again for its noise` });
    const line = await runner.run(step);
    if (line === null || signal.aborted) return false;
    if (line.kind !== "trial" || !(noiseOf(line) < noiseOf(trial))) continue;
    writer.append({ ...line, attempt: 2 });
  }
  return true;
}

/** A contender, and the engine in which the gate tries it. */
interface Gated {
  readonly source: Source;
  /** As in `Cell`. */
  readonly engine: string;
}

/**
 * Each contender in each engine of the plan. By user memory there is no gate: the tests are, and each
 * trial's own check.
 */
function gatedBy({ key, contenders, cells }: Plan): Gated[] {
  if (key !== "gfn") return [];
  const engines = [...new Set(cells.map(({ engine }) => engine))];
  return engines.flatMap((engine) => contenders.map((source) => ({ source, engine })));
}

function isNothingLeft({ contenders: [baseline, ...rivals] }: Plan, refused: readonly Barred[]) {
  const isOut = ({ name }: Source) => isBarred(name, refused);
  return isOut(baseline) || (rivals.length > 0 && rivals.every(isOut));
}

/** The gate's words on all; those that an earlier run has not had are found out and written down. */
async function allWords(
  plan: Plan,
  options: RaceOptions,
  onGate: (done: number, gated: Gated) => void,
): Promise<GateLine[] | null> {
  const { earlier, writer, onRefused } = options;
  const words = [...earlier?.gates.values() ?? []];
  words.forEach(report);
  const left = gatedBy(plan).filter(({ source: { name }, engine }) =>
    !words.some((word) => word.name === name && word.engine === engine)
  );
  const running: ReturnType<typeof runGate>[] = [];
  for (const [i, gated] of left.entries()) {
    onGate(words.length, gated);
    for (const next of left.slice(running.length, i + GATES_AT_ONCE)) {
      const { source: contender, engine } = next;
      const job: GateJob = { contender, seed: plan.seed, histories: GATE_HISTORIES };
      running.push(runGate(job, { ...options, engine: engineNamed(engine, options.engines) }));
    }
    const told = await running[i];
    if (told === null) return null;
    const { name, outcome, tally } = told;
    const isLoaded = tally !== null, { engine } = gated;
    const word: GateLine = { kind: "gate", name, engine, outcome, isLoaded };
    writer.append(word);
    words.push(word);
    report(word);
  }
  return words;

  function report(word: GateLine): void {
    if (word.outcome.kind !== "ok") onRefused(word);
  }
}
