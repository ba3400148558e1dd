/**
 * One trial: a fresh process on one cell. Takes its job from standard input; tells who has the
 * word before each block, so that the race knows who hangs, and answers with the trial's line.
 * Started by the race, never by hand.
 */
import { random } from "../workloads/random.ts";
import { LONG_FIND_SCRIPT, lookupsOf, type Script, UNIT } from "../workloads/script.ts";
import { type Course, courseOf } from "../workloads/workloads.ts";
import type { Source } from "../gate/load.ts";
import { answer, beat, readJob } from "../process/child.ts";
import { balancedOrders } from "./order.ts";
import type { Plan } from "./plan.ts";
import type { Cell, Outcome, TrialLine } from "../record/schema.ts";
import {
  check,
  checkMap,
  type EntryPlan,
  evenSteps,
  isRunning,
  makeRunner,
  runBlock,
  type Runner,
  stepsOf,
} from "./runner.ts";
import { settlingSteps } from "./settling.ts";

/** What a trial process is told. */
export interface TrialJob {
  readonly cell: Cell;
  readonly process: number;
  readonly seed: number;
  readonly rounds: number;
  /** How entries are made, warmed and run: see `Plan`. */
  readonly order: Plan["order"];
  /** To find out how long it would take: only so many of the rounds. */
  readonly stopAfter?: number;
  readonly contenders: readonly Source[];
  readonly baseline: Source;
  /** Per cent of extra work in an entry `planted`; 0 for none. */
  readonly plantPercent: number;
  /** Entries that hung or crashed an earlier attempt at this trial, and how. */
  readonly barred: Readonly<Record<string, Outcome>>;
}

/** Steps before the first block: unrolled code reached its last tier after 145 thousand. */
const WARM_STEPS = 160_000;
/** And so many ms: the engine compiles beside the race, which takes longer than fast loops do. */
const LEAST_WARM_MS = 10;
/** But no more than these: the slowest are warm after fewer calls. */
const MOST_WARM_MS = 45;
/** The baseline's block, in ns: far above the clock's own 100, far below a scheduler's tick. */
const BLOCK_NS = 500_000;
/** The block of the fastest contender lasts at least this, in ns, */
const LEAST_BLOCK_NS = 100_000;
/** unless the baseline's would then last longer than this: who is so far ahead is seen anyway. */
const MOST_BLOCK_NS = 4_000_000;
/** Where blocks are long, rounds are cut so that the baseline's take no more than this together, */
const MOST_ROUNDS_NS = 100e6;
/** but for the fewest. */
const FEWEST_LONG_ROUNDS = 8;
/** An entry this many times slower than the baseline sits out rounds, but for the fewest. */
const SLOW = 8;
const FEWEST_ROUNDS = 5;
/** And from here on its blocks are cut as well: it is not near anybody. */
const VERY_SLOW = 30;
/** So many steps are looked into before the race; the timed loop looks into all it runs. */
const CHECKED_STEPS = 4_000;
/** Of a churn script over more slots than this only so many changes are looked into. */
const MANY_SLOTS = 2_000;
const CHECKED_CHANGES = 500;

/** The same entries in every process, made in an order of the process's own, or as listed. */
function entryPlans(job: TrialJob): EntryPlan[] {
  const { baseline, plantPercent, seed, process } = job;
  const plans: EntryPlan[] = job.contenders.map((source) => {
    return { name: source.name, role: "contender", source, work: 1 };
  });
  plans.push({ name: "twin", role: "twin", source: baseline, work: 1 });
  plans.push({ name: "floor", role: "floor", source: null, work: 1 });
  if (plantPercent > 0) {
    const work = 1 + plantPercent / 100;
    plans.push({ name: "planted", role: "planted", source: baseline, work });
  }
  return job.order === "listed" ? plans : random(seed, "entries", process).shuffle(plans);
}

async function makeRunners(job: TrialJob, course: Course): Promise<Runner[]> {
  const runners: Runner[] = [];
  for (const plan of entryPlans(job)) {
    beat(plan.name);
    const barred = job.barred[plan.name];
    const made = await makeRunner(
      barred ? { ...plan, source: null } : plan,
      course,
      job.cell,
    );
    if (barred) made.outcome = barred;
    runners.push(made);
  }
  return runners;
}

/** Checks and warms everybody in turn, a stretch of the script at a time; as listed, one by one. */
function warmUp(runners: readonly Runner[], course: Course, order: Plan["order"]): void {
  for (const runner of runners) {
    beat(runner.name);
    const isLong = course.script.kind === "churn" && course.slots.length > MANY_SLOTS;
    if (isRunning(runner)) check(runner, course, isLong ? CHECKED_CHANGES : CHECKED_STEPS);
  }
  const spent = runners.map(() => ({ steps: 0, ms: 0 }));
  const stretch = (i: number) => Math.min(10_000, spent[i].steps + stepsOf(100, course));
  for (let isWarm = false; !isWarm;) {
    isWarm = true;
    runners.forEach((runner, i) => {
      if (!isRunning(runner) || isEnough(spent[i])) return;
      isWarm = false;
      beat(runner.name);
      do {
        const steps = evenSteps(stretch(i));
        spent[i].ms += runBlock(runner, course, 0, steps) / 1e6;
        spent[i].steps += steps;
      } while (order === "listed" && isRunning(runner) && !isEnough(spent[i]));
    });
  }
}

function isEnough({ steps, ms }: { steps: number; ms: number }): boolean {
  return ms > MOST_WARM_MS || (steps > WARM_STEPS && ms > LEAST_WARM_MS);
}

/** ns a step of each runner, roughly: the middle one of three short blocks. */
function calibrate(runners: readonly Runner[], course: Course): number[] {
  return runners.map((runner) => {
    if (!isRunning(runner)) return Infinity;
    beat(runner.name);
    let steps = 16;
    let ns = runBlock(runner, course, 0, 2);
    if (ns < LEAST_BLOCK_NS) {
      while ((ns = runBlock(runner, course, 0, steps)) < LEAST_BLOCK_NS && isRunning(runner)) {
        steps *= 2;
      }
    } else steps = 2;
    const three = [0, 0, 0].map(() => runBlock(runner, course, 0, steps) / steps);
    return isRunning(runner) ? three.sort((a, b) => a - b)[1] : Infinity;
  });
}

/** ns a step of the baseline, by its twin; of the fastest still running where that is out. */
function baselineNs(runners: readonly Runner[], nsPerStep: readonly number[]): number {
  const twin = nsPerStep[runners.findIndex(({ role }) => role === "twin")];
  return Number.isFinite(twin) ? twin : Math.min(BLOCK_NS, ...nsPerStep);
}

/** The common number of steps in a block. */
function stepsPerBlock(runners: readonly Runner[], nsPerStep: readonly number[]): number {
  const contenders = nsPerStep.filter((_, i) => runners[i].role !== "floor");
  const twin = baselineNs(runners, nsPerStep);
  const fastest = Math.min(...contenders);
  const enough = Math.max(BLOCK_NS / twin, LEAST_BLOCK_NS / fastest);
  return evenSteps(Math.min(enough, MOST_BLOCK_NS / twin));
}

/** How a runner takes part: in every how manieth round, and with how many steps. */
interface Turn {
  readonly every: number;
  readonly steps: number;
}

/** Slow entries hold up nobody: fewer rounds, and if need be a part of the block's steps. */
function turnsOf(
  runners: readonly Runner[],
  nsPerStep: readonly number[],
  { rounds, steps }: { rounds: number; steps: number },
): Turn[] {
  const twin = baselineNs(runners, nsPerStep);
  const most = Math.max(1, Math.floor(rounds / FEWEST_ROUNDS));
  return nsPerStep.map((ns) => Number.isFinite(ns) ? ns : twin).map((ns) => ({
    every: Math.min(most, Math.max(1, Math.ceil(ns / twin / SLOW))),
    steps: evenSteps(steps * Math.min(1, VERY_SLOW * twin / ns)),
  }));
}

function listedOrders(size: number, rounds: number): number[][] {
  const order = Array.from({ length: size }, (_, i) => i);
  return Array.from({ length: rounds }, () => order);
}

/** As many as planned, but for blocks so long that fewer must do. */
function roundsOf(planned: number, blockNs: number): number {
  return Math.min(planned, Math.max(FEWEST_LONG_ROUNDS, Math.floor(MOST_ROUNDS_NS / blockNs)));
}

function race(job: TrialJob, runners: readonly Runner[], course: Course) {
  const nsPerStep = calibrate(runners, course);
  const steps = stepsPerBlock(runners, nsPerStep);
  const rounds = roundsOf(job.rounds, steps * baselineNs(runners, nsPerStep));
  const turns = turnsOf(runners, nsPerStep, { rounds, steps });
  const blocks = { round: [] as number[], entry: [] as number[], ns: [] as number[] };
  const orders = job.order === "listed"
    ? listedOrders(runners.length, rounds)
    : balancedOrders(runners.length, rounds, {
      reversed: job.process % 2 === 1,
      shift: job.process >> 1,
    });
  collectGarbage("major");
  let start = 0;
  orders.slice(0, job.stopAfter).forEach((order, round) => {
    collectGarbage("minor");
    for (const entry of order) {
      const runner = runners[entry], turn = turns[entry];
      if (!isRunning(runner) || round % turn.every !== 0) continue;
      beat(runner.name);
      settle(runner, course, { start, steps: turn.steps });
      const ns = isRunning(runner) ? runBlock(runner, course, start, turn.steps) : 0;
      if (ns === 0) continue;
      blocks.round.push(round);
      blocks.entry.push(entry);
      blocks.ns.push(Math.round(ns));
    }
    start = (start + steps) % (course.script.length & ~1);
  });
  return { turns, blocks, rounds };
}

/** Untimed, what stands before the block in the script; see settling.ts. */
function settle(runner: Runner, course: Course, block: { start: number; steps: number }): void {
  const { script, slots } = course;
  const steps = evenSteps(settlingSteps(block.steps, slots.length));
  const length = script.length & ~1;
  runBlock(runner, course, (block.start + length - steps % length) % length, steps);
}

/** Collects outside the timed region, so that no block pays for what another left. */
function collectGarbage(type: "major" | "minor"): void {
  (globalThis as { gc?: (options: { type: string }) => void }).gc?.({ type });
}

/** How often the kernel has taken the processor away so far; null where it does not tell. */
function preemptions(): number | null {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    const found = /nonvoluntary_ctxt_switches:\s+(\d+)/.exec(status);
    return found ? Number(found[1]) : null;
  } catch {
    return null;
  }
}

function lookupFields(script: Script): Pick<TrialLine, "lookups"> {
  if (script.kind !== "find" && script.kind !== "serial") return {};
  return { lookups: { ...lookupsOf(script) } };
}

async function trial(job: TrialJob): Promise<TrialLine> {
  const startedAt = new Date().toISOString();
  const course = await courseOf(job.cell, job.seed, { findLength: LONG_FIND_SCRIPT });
  if (course === null) throw new RangeError(`Cannot run ${job.cell.workload} there`);
  const load = Deno.build.os === "windows" ? null : Deno.loadavg()[0];
  const runners = await makeRunners(job, course);
  warmUp(runners, course, job.order);
  const before = preemptions();
  const { turns, blocks, rounds } = race(job, runners, course);
  const after = preemptions();
  for (const runner of runners) if (isRunning(runner)) checkMap(runner, course);
  return {
    kind: "trial",
    cell: job.cell,
    process: job.process,
    startedAt,
    unit: UNIT[course.script.kind],
    ...lookupFields(course.script),
    entries: runners.map(({ name, role, outcome }, i) => {
      return { name, role, outcome, stepsPerBlock: turns[i].steps, every: turns[i].every };
    }),
    blocks,
    rounds,
    preemptions: before === null || after === null ? null : after - before,
    load,
  };
}

if (import.meta.main) answer(await trial(await readJob()));
