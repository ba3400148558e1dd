/** How long a race will take, by a short look at each of its cells. */
import type { Engine } from "../process/engine.ts";
import type { TrialLine } from "../record/schema.ts";
import { hasProbes, processesOf } from "../record/shard.ts";
import { groupsOf, type Plan } from "./plan.ts";
import { probeJob, runProbe, runTrial, trialJob } from "./processes.ts";
import { settlingSteps } from "./schedule.ts";

/** How to find out. */
export interface EstimateOptions {
  /** As in `ProcessOptions`. */
  readonly engines?: readonly Engine[];
  /** As in `ChildOptions`. */
  readonly patienceSeconds: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Hears how many cells are done, before each of them. */
  readonly onCell: (done: number) => void;
}

/** Seconds until the first process of a race starts. */
const START_SECONDS = 0.7;

/** Seconds of the gate for each contender. */
const GATE_SECONDS = 0.2;

/** Of this many cells one is probed; the others take as long on average. */
const PROBED_ONE_IN = 3;

/**
 * How long the race will take, in seconds: of each cell a process is run with one round, of some a
 * probe, and the rest follows from these. A contender that hangs or crashes is left out of account.
 */
export async function estimateSeconds(plan: Plan, options: EstimateOptions): Promise<number> {
  const secret = crypto.randomUUID();
  const engines = new Set(plan.cells.map(({ engine }) => engine)).size;
  let seconds = START_SECONDS + GATE_SECONDS * plan.contenders.length * engines;
  for (const [i, cell] of plan.cells.entries()) {
    options.onCell(i);
    for (const group of groupsOf(plan)) {
      const job = { ...trialJob(plan, { cell, group, process: 0, secret }), stopAfter: 1 };
      const { value: trial, seconds: tried } = await timed(() => runTrial(job, options));
      const blocks = trial.kind === "trial" ? blockSeconds(plan, trial) : 0;
      seconds += processesOf(plan, plan.shard).length * (tried + blocks);
    }
  }
  return seconds + await probesSeconds(plan, options, secret);
}

async function probesSeconds(
  plan: Plan,
  options: EstimateOptions,
  secret: string,
): Promise<number> {
  if (!hasProbes(plan.shard)) return 0;
  const cells = plan.cells.filter(({ condition }) => condition === "solo");
  const some = cells.filter((_, i) => i % PROBED_ONE_IN === 0);
  if (some.length === 0) return 0;
  let seconds = 0;
  for (const cell of some) {
    for (const group of groupsOf(plan)) {
      const job = probeJob(plan, { cell, group, secret });
      seconds += (await timed(() => runProbe(job, options))).seconds;
    }
  }
  return seconds / some.length * cells.length;
}

async function timed<T>(act: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const began = performance.now();
  const value = await act();
  return { value, seconds: (performance.now() - began) / 1000 };
}

/** Seconds of the blocks of all rounds but the first, and of what stands before each. */
function blockSeconds(plan: Plan, { blocks, entries, cell, rounds = plan.rounds }: TrialLine) {
  const ns = blocks.ns.map((ns, i) => {
    const { every, stepsPerBlock } = entries[blocks.entry[i]];
    const block = { steps: stepsPerBlock, nsPerStep: ns / stepsPerBlock, slots: cell.slots };
    const settling = settlingSteps(block) / stepsPerBlock;
    return ns * (1 + settling) * (Math.ceil(rounds / every) - 1);
  });
  return ns.reduce((sum, each) => sum + each, 0) / 1e9;
}
