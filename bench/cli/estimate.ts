import { runChild } from "../race/child.ts";
import type { Plan } from "../race/plan.ts";
import { type Cell, TrialLine } from "../race/record.ts";
import type { TrialJob } from "../race/trial_process.ts";

/** How to find out. */
export interface EstimateOptions {
  readonly patienceSeconds: number;
  readonly signal: AbortSignal;
  readonly onCell: (done: number) => void;
}

/** What the start of the command takes, and the gate for each contender, in seconds. */
const START_SECONDS = 0.7, GATE_SECONDS = 0.2;

/**
 * How long the race will take, in seconds: one process of each cell is run with one round, and the
 * rest follows from the blocks it took. A contender that hangs or crashes is left out of account.
 */
export async function estimateSeconds(plan: Plan, options: EstimateOptions): Promise<number> {
  let seconds = START_SECONDS + GATE_SECONDS * plan.contenders.length;
  for (const [i, cell] of plan.cells.entries()) {
    options.onCell(i);
    const began = performance.now();
    const trial = await tryCell(plan, cell, options);
    const tried = (performance.now() - began) / 1000;
    // A probe warms and weighs each contender as a trial does, and builds it some times over.
    const probe = cell.condition === "solo" ? PROBE_OF_TRIAL * tried : 0;
    seconds += probe + plan.processes * (tried + (trial ? blockSeconds(plan, trial) : 0));
  }
  return seconds;
}

/** What a probe takes beside a trial of one round. */
const PROBE_OF_TRIAL = 2;

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
  const ending = await runChild("./trial_process.ts", job, options);
  return ending.kind === "answered" ? TrialLine.parse(JSON.parse(ending.line)) : null;
}

/** The blocks of all rounds but the first. */
function blockSeconds({ rounds }: Plan, { blocks, entries }: TrialLine): number {
  const ns = blocks.ns.map((ns, i) => {
    return ns * (Math.ceil(rounds / entries[blocks.entry[i]].every) - 1);
  });
  return ns.reduce((sum, each) => sum + each, 0) / 1e9;
}
