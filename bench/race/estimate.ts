import { runChild } from "../process/child.ts";
import type { Plan } from "./plan.ts";
import type { ProbeJob } from "./probe_process.ts";
import { type Cell, TrialLine } from "../record/schema.ts";
import { settlingSteps } from "./settling.ts";
import type { TrialJob } from "./trial_process.ts";

/** How to find out. */
export interface EstimateOptions {
  readonly patienceSeconds: number;
  readonly signal: AbortSignal;
  readonly onCell: (done: number) => void;
}

/** What the start of the command takes, and the gate for each contender, in seconds. */
const START_SECONDS = 0.7, GATE_SECONDS = 0.2;

/**
 * How long the race will take, in seconds: of each cell a process is run with one round, of some a
 * probe, and the rest follows from these. A contender that hangs or crashes is left out of account.
 */
export async function estimateSeconds(plan: Plan, options: EstimateOptions): Promise<number> {
  let seconds = START_SECONDS + GATE_SECONDS * plan.contenders.length;
  for (const [i, cell] of plan.cells.entries()) {
    options.onCell(i);
    const { value: trial, seconds: tried } = await timed(() => tryCell(plan, cell, options));
    seconds += plan.processes * (tried + (trial ? blockSeconds(plan, trial) : 0));
  }
  return seconds + await probesSeconds(plan, options);
}

/** Every third cell is probed to see; the others will take as long on average. */
async function probesSeconds(plan: Plan, options: EstimateOptions): Promise<number> {
  const cells = plan.cells.filter(({ condition }) => condition === "solo");
  const some = cells.filter((_, i) => i % 3 === 0);
  let seconds = 0;
  for (const cell of some) {
    const job: ProbeJob = { cell, seed: plan.seed, contenders: plan.contenders, barred: {} };
    const v8Flags = ["--allow-natives-syntax"];
    const run = () =>
      runChild(import.meta.resolve("./probe_process.ts"), job, { ...options, v8Flags });
    seconds += (await timed(run)).seconds;
  }
  return some.length === 0 ? 0 : seconds / some.length * cells.length;
}

async function timed<T>(act: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const began = performance.now();
  const value = await act();
  return { value, seconds: (performance.now() - began) / 1000 };
}

async function tryCell(plan: Plan, cell: Cell, options: EstimateOptions) {
  const { contenders, seed, rounds, plantPercent, order } = plan;
  const job: TrialJob = {
    cell,
    process: 0,
    seed,
    rounds,
    stopAfter: 1,
    contenders,
    baseline: contenders[0],
    plantPercent,
    order,
    barred: {},
  };
  const ending = await runChild(import.meta.resolve("./trial_process.ts"), job, options);
  return ending.kind === "answered" ? TrialLine.parse(JSON.parse(ending.line)) : null;
}

/** The blocks of all rounds but the first, and what stands before each. */
function blockSeconds(plan: Plan, { blocks, entries, cell, rounds = plan.rounds }: TrialLine) {
  const ns = blocks.ns.map((ns, i) => {
    const { every, stepsPerBlock } = entries[blocks.entry[i]];
    const settling = settlingSteps(stepsPerBlock, cell.slots) / stepsPerBlock;
    return ns * (1 + settling) * (Math.ceil(rounds / every) - 1);
  });
  return ns.reduce((sum, each) => sum + each, 0) / 1e9;
}
