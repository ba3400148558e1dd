/** The race: gate, then probes and trials in fresh processes, each appended to the file at once. */
import type { GateJob } from "../gate/gate_process.ts";
import type { Source } from "../gate/load.ts";
import { runGate } from "../gate/run_gate.ts";
import { type Cell, cellKey, type GateLine, type Line, type TrialLine } from "../record/schema.ts";
import type { ResultFile } from "../record/result_file.ts";
import type { ResultWriter } from "../record/result_writer.ts";
import { lateEntries, noiseOf, PILOTS, trialsToRepeat } from "./pilot.ts";
import type { Plan } from "./plan.ts";
import { isDecided } from "./stopping.ts";
import { probeJob, runProbe, runTrial, trialJob } from "./processes.ts";
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

/** Gates that run side by side: nothing is timed there, and more would not leave a processor. */
const GATES_AT_ONCE = 2;

/** A process of the race. Memory and tiers vary little between processes: one probe a cell. */
type Step =
  | { readonly kind: "probe"; readonly cell: Cell }
  | { readonly kind: "trial"; readonly cell: Cell; readonly process: number };

/**
 * Runs what `plan` says and `earlier` lacks. A contender that answers wrong, throws, hangs or crashes
 * is noted, and the others go on.
 */
export async function runRace(plan: Plan, options: RaceOptions): Promise<RaceEnd> {
  const { writer, earlier, signal, onProgress } = options;
  const done = new Set([...earlier?.trials ?? [], ...earlier?.probes ?? []].map(stepKey));
  const all = stepsOf(plan), steps = all.filter((step) => !done.has(stepKey(step)));
  const gates = gatedBy(plan).length, total = gates + all.length;
  const words = await allWords(plan, options, (i, { name }) => {
    onProgress({ done: i, total, doing: `gate ${name}` });
  });
  if (words === null) return "stopped";
  const refused = words.filter(({ outcome }) => outcome.kind !== "ok");
  if (isNothingLeft(plan, refused)) return "refused";
  const runner = new StepRunner(plan, options, refused.map(({ name, outcome }) => [name, outcome]));
  const trials = earlier?.trials.slice() ?? [];
  const stopped = new Set<string>();
  for (const [i, step] of steps.entries()) {
    const key = cellKey(step.cell);
    if (step.kind === "trial" && !stopped.has(key)) {
      const own = trials.filter((trial) => cellKey(trial.cell) === key);
      if (own.length === step.process && isDecided(own, plan)) stopped.add(key);
    }
    if (stopped.has(key)) continue;
    onProgress({ done: total - steps.length + i, total, doing: stepWords(step, plan) });
    const line = await runner.run(step);
    if (line === null || signal.aborted) return "stopped";
    writer.append(line);
    if (line.kind === "trial") trials.push(line);
  }
  const isWhole = earlier?.isWhole ?? false;
  if (!isWhole && !await runAgain(trials, runner, { plan, options, total })) {
    return "stopped";
  }
  if (!isWhole) writer.append({ kind: "end", endedAt: new Date().toISOString() });
  onProgress({ done: total, total, doing: "done" });
  return "whole";
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
  const first = trials.filter((trial) => !repeated.has(stepKey(trial)));
  for (const trial of plan.quick ? [] : trialsToRepeat(first, ({ cell }) => cellKey(cell))) {
    onProgress({ done: total - 1, total, doing: `${stepWords(trial, plan)}, again for its noise` });
    const line = await runner.run({ kind: "trial", cell: trial.cell, process: trial.process });
    if (line === null || signal.aborted) return false;
    if (line.kind !== "trial" || !(noiseOf(line) < noiseOf(trial))) continue;
    writer.append({ ...line, attempt: 2 });
  }
  return true;
}

/** Every process of a cell stands beside another cell's: drift of the hour touches all alike. */
function stepsOf({ cells, processes }: Plan): Step[] {
  const probes = cells
    .filter(({ condition }) => condition === "solo")
    .map((cell): Step => ({ kind: "probe", cell }));
  const trials = Array.from({ length: processes }, (_, process) => {
    return cells.map((cell): Step => ({ kind: "trial", cell, process }));
  });
  return [...probes, ...trials.flat()];
}

function stepKey(step: Step | Line): string {
  if (step.kind === "trial") return `trial ${step.process} ${cellKey(step.cell)}`;
  return step.kind === "probe" ? `probe ${cellKey(step.cell)}` : step.kind;
}

function stepWords(step: Step, { processes }: Plan): string {
  const { workload, slots, condition } = step.cell;
  const where = `${workload} ${slots}${condition === "mixed" ? " mixed" : ""}`;
  return step.kind === "probe" ? `probe ${where}` : `${where} ${step.process + 1}/${processes}`;
}

/** By user memory no file of a user's races: the tests are the gate, and each trial's own check. */
function gatedBy({ key, contenders }: Plan): readonly Source[] {
  return key === "gfn" ? contenders : [];
}

function isNothingLeft({ baseline, contenders }: Plan, refused: readonly GateLine[]): boolean {
  const isOut = (name: string) => refused.some((word) => word.name === name);
  const rivals = contenders.filter(({ name }) => name !== baseline);
  return isOut(baseline) || (rivals.length > 0 && rivals.every(({ name }) => isOut(name)));
}

/** The gate's words on all; those that an earlier run has not had are found out and written down. */
async function allWords(
  plan: Plan,
  options: RaceOptions,
  onGate: (done: number, source: Source) => void,
): Promise<GateLine[] | null> {
  const { earlier, writer, onRefused } = options;
  const words = [...earlier?.gates.values() ?? []];
  words.forEach(report);
  const left = gatedBy(plan).filter(({ name }) => !words.some((word) => word.name === name));
  const running: ReturnType<typeof runGate>[] = [];
  for (const [i, source] of left.entries()) {
    onGate(words.length, source);
    for (const next of left.slice(running.length, i + GATES_AT_ONCE)) {
      const job: GateJob = { contender: next, seed: plan.seed, histories: GATE_HISTORIES };
      running.push(runGate(job, options));
    }
    const told = await running[i];
    if (told === null) return null;
    const { name, outcome, tally } = told;
    const word: GateLine = { kind: "gate", name, outcome, isLoaded: tally !== null };
    writer.append(word);
    words.push(word);
    report(word);
  }
  return words;

  function report(word: GateLine): void {
    if (word.outcome.kind !== "ok") onRefused(word);
  }
}

class StepRunner {
  readonly #plan: Plan;
  readonly #options: RaceOptions;
  /** Entries that are out of the whole race. */
  readonly #refused: readonly Barred[];
  /** Entries that hung or crashed in a cell, by its key: no second process waits for them. */
  readonly #failed = new Map<string, Barred[]>();
  /** Entries that settled late in a pilot, and after how many steps, by the cell's key. */
  readonly #late = new Map<string, Map<string, number>>();
  /** Pilots that have run, so that each is run again once at most. */
  readonly #pilots = new Set<string>();
  readonly #secret = crypto.randomUUID();

  constructor(plan: Plan, options: RaceOptions, refused: readonly Barred[]) {
    this.#plan = plan;
    this.#options = options;
    this.#refused = refused;
  }

  /** The line of a step; null if the race was stopped. */
  async run(step: Step): Promise<Line | null> {
    const key = cellKey(step.cell), failed = this.#failed.get(key) ?? [];
    this.#failed.set(key, failed);
    for (;;) {
      const barred = [...this.#refused, ...failed];
      const line = await this.#runOnce(step, barred);
      if (line.kind === "stopped") return null;
      if (line.kind === "trial" && this.#learns(key, line)) continue;
      if (line.kind === "trial" || line.kind === "probe") return line;
      const { entry, kind, words } = line;
      if (["", "floor"].includes(entry) || barred.some(([name]) => name === entry)) {
        throw new Error(`Cannot run ${stepWords(step, this.#plan)}: ${words}`);
      }
      failed.push([entry, { kind, words }]);
    }
  }

  /** Whether a pilot has shown an entry that settles late: then it is run again, warmer. */
  #learns(key: string, trial: TrialLine): boolean {
    if (trial.process >= PILOTS) return false;
    const known = this.#late.get(key) ?? new Map<string, number>();
    this.#late.set(key, known);
    const late = lateEntries(trial).filter(([name]) => !known.has(name));
    for (const [name, steps] of late) known.set(name, steps);
    const pilot = `${trial.process} ${key}`, isFirst = !this.#pilots.has(pilot);
    this.#pilots.add(pilot);
    return late.length > 0 && isFirst;
  }

  #runOnce(step: Step, barred: readonly Barred[]) {
    const { cell } = step, told = { cell, barred, secret: this.#secret };
    if (step.kind === "probe") return runProbe(probeJob(this.#plan, told), this.#options);
    const settlesAfter = [...this.#late.get(cellKey(cell)) ?? []];
    const job = trialJob(this.#plan, { ...told, settlesAfter, process: step.process });
    return runTrial(job, this.#options);
  }
}
