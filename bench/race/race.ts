/** The race: gate, then probes and trials in fresh processes, each appended to the file at once. */
import { runChild } from "../process/child.ts";
import type { Source } from "../gate/load.ts";
import type { GateJob } from "../gate/gate_process.ts";
import type { Plan } from "./plan.ts";
import type { ProbeJob } from "./probe_process.ts";
import { type Cell, cellKey, type GateLine, Line, type Outcome } from "../record/schema.ts";
import type { ResultFile, ResultWriter } from "../record/result_file.ts";
import type { TrialJob } from "./trial_process.ts";

/** A step of the race, for whoever shows how far it is. */
export interface Progress {
  /** Steps done, of all. */
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
  readonly patienceSeconds: number;
  /** Ends the race between or within processes. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Histories the gate tries on each contender: a fifth of a second. */
const GATE_HISTORIES = 250;

/** Live bytes, allocations and tiers vary little from process to process: one probe a cell. */
type Step =
  | { readonly kind: "probe"; readonly cell: Cell }
  | { readonly kind: "trial"; readonly cell: Cell; readonly process: number };

/**
 * Runs what `plan` says and `earlier` lacks; true if it came to its end, false if stopped. A
 * contender that answers wrong, throws, hangs or crashes is noted and the others go on.
 */
export async function runRace(plan: Plan, options: RaceOptions): Promise<boolean> {
  const { writer, earlier, signal, onProgress } = options;
  const done = new Set(earlier?.lines.map(stepKey));
  const steps = stepsOf(plan).filter((step) => !done.has(stepKey(step)));
  const total = stepsOf(plan).length + 1;
  const report = (doing: string, ahead: number) => {
    onProgress({ done: total - ahead, total, doing });
  };
  report("gate", steps.length + 1);
  const words = await allWords(plan, options);
  if (words === null) return false;
  const barred = Object.fromEntries(
    words.filter(({ outcome }) => outcome.kind !== "ok").map((
      { name, outcome },
    ) => [name, outcome]),
  );
  const runner = new StepRunner(plan, options, barred);
  for (let i = 0; i < steps.length; i++) {
    report(stepWords(steps[i], plan), steps.length - i);
    const line = await runner.run(steps[i]);
    if (line === null || signal.aborted) return false;
    writer.append(line);
  }
  if (!done.has("end")) writer.append({ kind: "end", endedAt: new Date().toISOString() });
  report("done", 0);
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

type Word = Pick<GateLine, "name" | "outcome">;

/** The gate's words on all; those that an earlier run has not had are found out and written down. */
async function allWords(plan: Plan, options: RaceOptions): Promise<Word[] | null> {
  // By user memory nobody from outside races; the tests are their gate, and each trial's own check.
  const contenders = plan.key === "gfn" ? plan.contenders : [];
  const known = options.earlier?.lines.filter((line) => line.kind === "gate") ?? [];
  const left = contenders.filter(({ name }) => !known.some((word) => word.name === name));
  const words = await gate(left, plan.seed, options);
  if (words === null) return null;
  for (const { name, outcome } of words) options.writer.append({ kind: "gate", name, outcome });
  return [...known, ...words];
}

/** The gate's words on these; who hangs or crashes it is noted and the rest tried again. */
async function gate(
  contenders: readonly Source[],
  seed: number,
  options: RaceOptions,
): Promise<Word[] | null> {
  const words: Word[] = [];
  let left = contenders;
  while (left.length > 0) {
    const job: GateJob = { contenders: left, seed, histories: GATE_HISTORIES };
    const ending = await runChild(import.meta.resolve("../gate/gate_process.ts"), job, options);
    if (ending.kind === "stopped") return null;
    if (ending.kind === "answered") return [...words, ...JSON.parse(ending.line)];
    // Those before it had their word, but it went down with the process: they are quick.
    words.push({ name: ending.entry, outcome: { kind: ending.kind, words: ending.words } });
    const next = left.filter(({ name }) => name !== ending.entry);
    if (next.length === left.length) throw new Error(`Cannot run the gate: ${ending.words}`);
    left = next;
  }
  return words;
}

class StepRunner {
  readonly #plan: Plan;
  readonly #options: RaceOptions;
  /** Who is out for the whole race. */
  readonly #barred: Readonly<Record<string, Outcome>>;
  /** Who hung or crashed in a cell, by the cell's key: no second process waits for them. */
  readonly #barredIn = new Map<string, Record<string, Outcome>>();

  constructor(plan: Plan, options: RaceOptions, barred: Readonly<Record<string, Outcome>>) {
    this.#plan = plan;
    this.#options = options;
    this.#barred = barred;
  }

  /** The line of a step; null if the race was stopped. */
  async run(step: Step): Promise<Line | null> {
    const key = cellKey(step.cell);
    for (;;) {
      const barredHere = this.#barredIn.get(key) ?? {};
      const barred = { ...this.#barred, ...barredHere };
      const ending = await this.#runOnce(step, barred);
      if (ending.kind === "stopped") return null;
      if (ending.kind === "answered") return Line.parse(JSON.parse(ending.line));
      const { entry, kind, words } = ending;
      if (barred[entry] !== undefined || entry === "" || entry === "floor") {
        throw new Error(`Cannot run ${stepWords(step, this.#plan)}: ${words}`);
      }
      this.#barredIn.set(key, { ...barredHere, [entry]: { kind, words } });
    }
  }

  #runOnce(step: Step, barred: Readonly<Record<string, Outcome>>) {
    const { contenders, seed, rounds, plantPercent, order } = this.#plan;
    const baseline = contenders[0];
    if (step.kind === "probe") {
      const job: ProbeJob = { cell: step.cell, seed, contenders, barred };
      const v8Flags = ["--allow-natives-syntax"];
      return runChild(import.meta.resolve("./probe_process.ts"), job, {
        ...this.#options,
        v8Flags,
      });
    }
    const { cell, process } = step;
    const job: TrialJob = {
      cell,
      process,
      seed,
      rounds,
      contenders,
      baseline,
      plantPercent,
      order,
      barred,
    };
    return runChild(import.meta.resolve("./trial_process.ts"), job, this.#options);
  }
}
