/** Starts the processes of a race, with leave to read what they load. */
import { foldersOf, type Source } from "../gate/load.ts";
import { type ChildOptions, type Ending, runChild } from "../process/child.ts";
import { type Engine, engineNamed } from "../process/engine.ts";
import { type Cell, ProbeLine, TrialLine } from "../record/schema.ts";
import { GUESTS_FOLDER } from "../workloads/own_guest.ts";
import type { Group, Plan } from "./plan.ts";
import type { ProbeJob, Weighed } from "./probe_process.ts";
import type { Barred, TrialJob } from "./trial_process.ts";

/** What a job takes besides the plan. */
export interface Step {
  readonly cell: Cell;
  readonly group: Group;
  /** Entries that do not run, and why. */
  readonly barred?: readonly Barred[];
  /** As in `TrialJob`. */
  readonly settlesAfter?: TrialJob["settlesAfter"];
  /** See `labelOf`; a race has one for all its processes. */
  readonly secret: string;
}

/** The job of trial number `process` of a cell. */
export function trialJob(
  { seed, rounds, plantPercent, order }: Plan,
  { group, barred = [], settlesAfter = [], ...step }: Step & { readonly process: number },
): TrialJob {
  const { outside, contenders, isFirst } = group, [baseline] = contenders;
  return {
    ...{ ...step, outside, contenders, baseline, seed, rounds, order, settlesAfter, barred },
    plantPercent: isFirst ? plantPercent : 0,
  };
}

/** The job of the probe of a cell: of the baseline once. */
export function probeJob(
  { seed }: Plan,
  { group, barred = [], weighed = [], ...step }: Step & { readonly weighed?: readonly Weighed[] },
): ProbeJob {
  const { outside, contenders: all, isFirst } = group, contenders = isFirst ? all : all.slice(1);
  return { ...step, outside, contenders, seed, barred, weighed };
}

/** A process without an answer: stopped, or an entry of it hung, crashed or harmed the others. */
export type Failed = Exclude<Ending, { readonly kind: "answered" }>;

/** How the processes of a race are run. */
export interface ProcessOptions extends Omit<ChildOptions, "engine"> {
  /** The engines of the race besides Deno. */
  readonly engines?: readonly Engine[];
}

/** Runs a trial; gives its line, or why there is none. */
export async function runTrial(
  job: TrialJob,
  { engines, ...options }: ProcessOptions,
): Promise<TrialLine | Failed> {
  const script = import.meta.resolve("./trial_process.ts"), reads = readsOf(job.contenders);
  const engine = engineNamed(job.cell.engine, engines);
  const ending = await runChild(script, job, { ...options, engine, reads });
  return ending.kind === "answered" ? TrialLine.parse(ending.value) : ending;
}

/** Runs a probe; gives its line, or why there is none. */
export async function runProbe(
  job: ProbeJob,
  { engines, ...options }: ProcessOptions,
): Promise<ProbeLine | Failed> {
  const script = import.meta.resolve("./probe_process.ts");
  const reads = readsOf(job.contenders), v8Flags = ["--allow-natives-syntax"];
  const engine = engineNamed(job.cell.engine, engines);
  const ending = await runChild(script, job, { ...options, engine, reads, v8Flags });
  return ending.kind === "answered" ? ProbeLine.parse(ending.value) : ending;
}

/** The contenders, the modules of which each entry has instances of its own, and guests. */
function readsOf(contenders: readonly Source[]): string[] {
  const own = ["./replay.ts", "./reader_index.ts", "../workloads/traces/"];
  return [
    ...own.map((path) => import.meta.resolve(path)),
    GUESTS_FOLDER.href,
    ...foldersOf(contenders),
  ];
}
