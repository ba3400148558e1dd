/**
 * One trial: a fresh process on one cell. It says which entry it is about to call, so that the race
 * knows which one hangs, and answers with the trial's line. Started by `runTrial`, never by hand.
 *
 * Once an index that is not registered is loaded, nothing is awaited up to the answer, so none of its
 * timers or promises runs; and what decides over times uses own copies and plain loops, as that
 * index may have changed the objects of the language, for a moment or for good (see realm.ts).
 */
import type { Source } from "../gate/load.ts";
import { type Desk, takeJob } from "../process/job.ts";
import { collect, preemptions, rounded } from "../process/own.ts";
import type { Realm } from "../process/realm.ts";
import { SYSTEM } from "../process/system.ts";
import type { Cell, Outcome, TrialLine } from "../record/schema.ts";
import { medianOf } from "../stats/quantiles.ts";
import { random } from "../workloads/random.ts";
import { KINDS, LONG_FIND_SCRIPT, lookupsOf, loopOf, type Script } from "../workloads/script.ts";
import { GUEST_CHANGES, GUEST_TRACE } from "../workloads/own_guest.ts";
import { RECORDED } from "../workloads/layouts.ts";
import { type Course, courseOf } from "../workloads/workloads.ts";
import { belowFloor } from "./below_floor.ts";
import { balancedOrders, listedOrders } from "./order.ts";
import type { Plan } from "./plan.ts";
import {
  check,
  checkMap,
  type EntryPlan,
  frozen,
  isRunning,
  labelOf,
  loadEntry,
  makeRunner,
  realmOf,
  runBlock,
  type Runner,
  type Stretch,
} from "./runner.ts";
import {
  type Calibrated,
  checkedSteps,
  type Effort,
  fastestPerStep,
  isEnough,
  LEAST_BLOCK_NS,
  type Schedule,
  scheduleOf,
  stepsOf,
  stretchSteps,
  warmUpOf,
  wholeLoops,
} from "./schedule.ts";

/** What a trial process is told. */
export interface TrialJob {
  readonly cell: Cell;
  /** The trial's number in its cell, from 0. */
  readonly process: number;
  /** What layouts, scripts and orders are drawn from. */
  readonly seed: number;
  /** Blocks of each entry; fewer where blocks are long. */
  readonly rounds: number;
  /** How entries are made, warmed and run: see `Plan`. */
  readonly order: Plan["order"];
  /** Rounds to run, where it is only to be found out how long all would take. */
  readonly stopAfter?: number;
  readonly contenders: readonly Source[];
  readonly baseline: Source;
  /** The contender among them that is not registered, which no other one stands beside; or null. */
  readonly outside: string | null;
  /** What no index is to know; see `labelOf`. */
  readonly secret: string;
  /** Per cent of extra work in an entry `planted`; 0 for none. */
  readonly plantPercent: number;
  /** Steps after which an entry settled in a pilot, where that was late. */
  readonly settlesAfter: readonly (readonly [name: string, steps: number])[];
  /** Entries that do not run, and why: they hung or crashed before, or the gate refused them. */
  readonly barred: readonly Barred[];
}

/** An entry that does not run, and why. */
export type Barred = readonly [name: string, why: Outcome];

/** Steps that the first stretch of the warm-up makes, and each one more than the one before. */
const STRETCH = 100;

/** What the parts of a trial share. */
interface Trial {
  readonly job: TrialJob;
  readonly course: Course;
  /** Says which entry is about to be called. */
  readonly beat: (entry: string) => void;
}

async function runTrial({ job, beat, blame, answer }: Desk<TrialJob>): Promise<never> {
  const startedAt = new Date().toISOString(), { cell, process, outside } = job;
  const findLength = LONG_FIND_SCRIPT, draw = process;
  const drawn = await courseOf(cell, job.seed, { findLength, draw });
  if (drawn === null) throw new RangeError(`Cannot run ${cell.workload} there`);
  const course = frozen(drawn), trial: Trial = { job, course, beat };
  const load = SYSTEM.load();
  const plans = entryPlans(job), orders = ordersOf(job, plans.length);
  const efforts = plans.map(({ name }) =>
    warmUpOf(job.settlesAfter.find(([late]) => late === name)?.[1] ?? null)
  );
  const { runners, realm } = await makeRunners(plans, trial);
  const refuseChanges = () => {
    const changed = realm?.changed() ?? null;
    if (changed !== null) blame(outside!, `${outside} changes ${changed}, which all entries share`);
  };
  refuseChanges();
  warmUp(runners, { ...trial, efforts });
  const isRecording = cell.layout === RECORDED ||
    [GUEST_TRACE, GUEST_CHANGES].includes(cell.workload);
  const passSteps = isRecording ? course.script.length : null;
  const slots = course.slots.length;
  const schedule = scheduleOf(calibrate(runners, trial), { planned: job.rounds, slots, passSteps });
  const before = preemptions();
  const blocks = race(runners, { ...trial, orders, schedule }), after = preemptions();
  checkMaps(runners, trial);
  refuseChanges();
  refuseBelowFloor(runners, { ...trial, schedule, blocks });
  return answer(
    {
      kind: "trial",
      cell,
      process,
      attempt: 1,
      ...outside !== null && { group: outside },
      startedAt,
      unit: KINDS[course.script.kind].unit,
      ...lookupFields(course.script),
      entries: runners.map(({ name, role, outcome }, i) => {
        return { name, role, outcome, stepsPerBlock: schedule.blocks[i], every: 1 };
      }),
      blocks,
      rounds: schedule.rounds,
      preemptions: after - before,
      load,
    } satisfies TrialLine,
  );
}

/** The same entries in every process, in an order of the process's own, or as listed. */
function entryPlans(job: TrialJob): EntryPlan[] {
  const { baseline, plantPercent, seed, process, order } = job;
  const plan = (name: string, role: EntryPlan["role"], source: Source | null, work = 1) => {
    return { name, role, source, work, label: labelOf(name, job) };
  };
  const plans = [
    ...job.contenders.map((source) => plan(source.name, "contender", source)),
    plan("twin", "twin", baseline),
    plan("floor", "floor", null),
    ...plantPercent > 0 ? [plan("planted", "planted", baseline, 1 + plantPercent / 100)] : [],
  ];
  return order === "listed" ? plans : random(seed, "entries", process).shuffle(plans);
}

/** The order of each round, of as many rounds as there may be. */
function ordersOf({ order, process, rounds }: TrialJob, size: number): number[][] {
  return (order === "listed" ? listedOrders : balancedOrders)({ size, rounds, process });
}

/** The entries, and the shared objects as they were before the outside one's code was loaded. */
async function makeRunners(
  plans: readonly EntryPlan[],
  trial: Trial,
): Promise<{ runners: Runner[]; realm: Realm | null }> {
  const { outside } = trial.job, runners = new Array<Runner>(plans.length);
  for (const [i, plan] of plans.entries()) {
    if (plan.name !== outside) runners[i] = await makeEntry(plan, trial);
  }
  const last = plans.findIndex(({ name }) => name === outside);
  if (last === -1) return { runners, realm: null };
  const realm = realmOf(runners);
  // Last, so that what the others run is there before it.
  runners[last] = await makeEntry(plans[last], trial);
  return { runners, realm };
}

async function makeEntry(plan: EntryPlan, { job, course, beat }: Trial): Promise<Runner> {
  beat(plan.name);
  const barred = job.barred.find(([name]) => name === plan.name);
  const loaded = await loadEntry(barred ? { ...plan, source: null } : plan, job.cell);
  return makeRunner(barred ? { ...loaded, outcome: barred[1] } : loaded, course);
}

/** Checks and warms all entries in turn, a stretch of the script at a time; as listed, one by one. */
function warmUp(
  runners: readonly Runner[],
  { job, course, beat, efforts }: Trial & { readonly efforts: readonly Effort[] },
): void {
  const { isOfChanges } = KINDS[course.script.kind];
  for (let i = 0; i < runners.length; i++) {
    beat(runners[i].name);
    if (isRunning(runners[i])) {
      check(runners[i], course, checkedSteps(isOfChanges));
    }
  }
  const first = stepsOf(STRETCH, course), loop = loopOf(course.script);
  const spent = Array.from({ length: runners.length }, () => ({ steps: 0, ms: 0 }));
  const isCold = (i: number) => isRunning(runners[i]) && !isEnough(spent[i], efforts[i]);
  for (let isWarm = false; !isWarm;) {
    isWarm = true;
    for (let i = 0; i < runners.length; i++) {
      if (!isCold(i)) continue;
      isWarm = false;
      beat(runners[i].name);
      do {
        const steps = stretchSteps(spent[i].steps, first, loop);
        spent[i].ms += runBlock(runners[i], course, { start: 0, steps }) / 1e6;
        spent[i].steps += steps;
      } while (job.order === "listed" && isCold(i));
    }
  }
}

/** ns a step of each entry, roughly. */
function calibrate(runners: readonly Runner[], { course, beat }: Trial): Calibrated[] {
  const calibrated: Calibrated[] = [];
  for (let i = 0; i < runners.length; i++) {
    beat(runners[i].name);
    calibrated[i] = { role: runners[i].role, nsPerStep: roughNs(runners[i], course) };
  }
  return calibrated;
}

/** ns a step: the median of three blocks that are just long enough. Infinity where it is out. */
function roughNs(runner: Runner, course: Course): number {
  if (!isRunning(runner)) return Infinity;
  const run = (steps: number) => runBlock(runner, course, { start: 0, steps });
  const loop = loopOf(course.script);
  let steps = loop;
  if (run(steps) < LEAST_BLOCK_NS) {
    for (steps = wholeLoops(16, loop); isRunning(runner) && run(steps) < LEAST_BLOCK_NS;) {
      steps *= 2;
    }
  }
  const blocks = [run(steps), run(steps), run(steps)];
  return isRunning(runner) ? medianOf(blocks) / steps : Infinity;
}

interface Rounds extends Trial {
  /** For each round, the entries by their places. */
  readonly orders: readonly (readonly number[])[];
  readonly schedule: Schedule;
}

/** Runs all rounds; gives the times of the blocks, in ns, in the order in which they were taken. */
function race(
  runners: readonly Runner[],
  { job, course, beat, orders, schedule }: Rounds,
): TrialLine["blocks"] {
  const { steps, blocks: lengths, settling } = schedule,
    rounds = Math.min(schedule.rounds, job.stopAfter ?? Infinity);
  const column = () => new Array<number>(rounds * runners.length).fill(0);
  const blocks = { round: column(), entry: column(), ns: column() };
  let taken = 0, start = 0;
  collect({ type: "major" });
  for (let round = 0; round < rounds; round++) {
    // Outside the timed region, so that no block pays for what another one has left.
    collect({ type: "minor" });
    // Untimed: the first block after a collection takes up to 15 % longer, whoever runs it.
    const last = orders[round][runners.length - 1];
    if (isRunning(runners[last])) {
      beat(runners[last].name);
      runBlock(runners[last], course, { start, steps: lengths[last] });
    }
    for (let place = 0; place < runners.length; place++) {
      const entry = orders[round][place], runner = runners[entry];
      if (!isRunning(runner)) continue;
      beat(runner.name);
      const block = { start, steps: lengths[entry] };
      settle(runner, course, { start, steps: settling[entry] });
      const ns = isRunning(runner) ? runBlock(runner, course, block) : 0;
      if (ns === 0) continue;
      blocks.round[taken] = round;
      blocks.entry[taken] = entry;
      blocks.ns[taken++] = rounded(ns);
    }
    start = (start + steps) % (course.script.length & ~1);
  }
  for (const all of [blocks.round, blocks.entry, blocks.ns]) all.length = taken;
  return blocks;
}

/**
 * Untimed, the steps that stand before `start` in the script; see `settlingSteps`. A log that is longer
 * than that needs none, and cannot be cut.
 */
function settle(runner: Runner, course: Course, { start, steps: wanted }: Stretch): void {
  const { script } = course, length = script.length & ~1, loop = loopOf(script);
  const steps = wholeLoops(wanted, loop);
  if (steps > 2 * wanted && loop > 2) return;
  runBlock(runner, course, { start: (start + length - steps % length) % length, steps });
}

function checkMaps(runners: readonly Runner[], { course, beat }: Trial): void {
  for (let i = 0; i < runners.length; i++) {
    if (!isRunning(runners[i])) continue;
    beat(runners[i].name);
    checkMap(runners[i], course);
  }
}

/** The floor reads the known answers and does nothing else, so no index is faster: a lower time is none. */
function refuseBelowFloor(
  runners: readonly Runner[],
  { course, schedule, blocks }: Trial & { schedule: Schedule; blocks: TrialLine["blocks"] },
): void {
  const floorAt = runners.findIndex(({ role }) => role === "floor");
  const steps = schedule.blocks[floorAt], fastest = fastestPerStep(blocks, schedule.blocks);
  const { below, floorNs } = belowFloor(fastest, floorAt, () => {
    return runBlock(runners[floorAt], course, { start: 0, steps }) / steps;
  });
  for (const i of below.filter((i) => isRunning(runners[i]))) {
    const { name } = runners[i], { unit } = KINDS[course.script.kind];
    const words = `${name} takes ${fastest[i].toPrecision(3)} ns per ${unit}, the floor ` +
      `${floorNs.toPrecision(3)}: no index is faster than the known answers`;
    runners[i].outcome = { kind: "wrong", words };
  }
}

function lookupFields(script: Script): Pick<TrialLine, "lookups"> {
  if (!("answers" in script)) return {};
  return { lookups: { ...lookupsOf(script) } };
}

if (import.meta.main) await runTrial(takeJob());
