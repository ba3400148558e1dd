import { GFN_LIMIT } from "../../impls/memslot.ts";
import { type MemslotIndex, memslotsInGfnRange } from "../../impls/memslot_index.ts";
import type { Course } from "../workloads/workloads.ts";
import { loadCreate, type Source } from "./entries.ts";
import { Floor } from "./floor.ts";
import type { Cell, Entry, Outcome } from "./record.ts";
import { ALL_RIGHT, type Replay } from "./replay.ts";
import { checkReplay, WrongAnswer, wrongAnswer } from "./wrong_answer.ts";

/** An entry of a trial under way: a contender, the twin, the floor. */
export interface Runner {
  readonly name: string;
  readonly role: Entry["role"];
  readonly index: MemslotIndex;
  readonly replay: Replay;
  /** More than 1 for the planted slow-down: so many steps are run for each that is counted. */
  readonly work: number;
  /** Stops being `ok` at the first wrong answer, and the runner is out. */
  outcome: Outcome;
}

/** An entry as a trial is told to make it. */
export interface EntryPlan {
  readonly name: string;
  readonly role: Entry["role"];
  /** What it is made from; none for the floor. */
  readonly source: Source | null;
  readonly work: number;
}

/** Makes the runner of `plan` on `course`; one that throws is out before it begins. */
export async function makeRunner(
  plan: EntryPlan,
  course: Course,
  condition: Cell["condition"],
): Promise<Runner> {
  const { name, role, work, source } = plan;
  const floor = new Floor(course.script, course.slots.length);
  const runner = { name, role, work, replay: await loopFor(name, condition), outcome: OK };
  if (source === null) return { ...runner, index: floor };
  try {
    const create = await loadCreate(source, name);
    return { ...runner, index: create(course.slots) };
  } catch (error) {
    return { ...runner, index: floor, outcome: failure(name, error) };
  }
}

/** Whether it still takes part. */
export function isRunning(runner: Runner): boolean {
  return runner.outcome.kind === "ok";
}

/** The gate: the script once, untimed; at most `most` steps of a churn script. */
export function check(runner: Runner, course: Course, most: number): void {
  if (runner.index instanceof Floor) return;
  attempt(runner, () => {
    checkReplay(runner.name, runner.index, course.script, runner.replay, most);
  });
}

/** Whether the map is as it was at the start: closed loops of changes leave it so. */
export function checkMap(runner: Runner, course: Course): void {
  if (runner.index instanceof Floor) return;
  attempt(runner, () => {
    let at = 0;
    for (const slot of memslotsInGfnRange(runner.index, 0, GFN_LIMIT)) {
      if (slot !== course.slots[at++]) break;
    }
    if (at === course.slots.length) return;
    throw new WrongAnswer(`${runner.name} has lost slot ${at} of the map in the end`);
  });
}

/**
 * Runs `steps` steps of the script from `start` on, round and round, and gives their ns. On a wrong
 * answer the runner is out, and the time given is 0.
 */
export function runBlock(runner: Runner, course: Course, start: number, steps: number): number {
  let ns = 0;
  attempt(runner, () => {
    const began = performance.now();
    const wrong = runSteps(runner, course, start, steps);
    ns = (performance.now() - began) * 1e6;
    if (wrong === ALL_RIGHT) return;
    ns = 0;
    throw wrongAnswer(runner.name, runner.index, course.script, wrong);
  });
  return ns;
}

function runSteps(runner: Runner, course: Course, start: number, steps: number): number {
  const { script } = course, { index, replay } = runner;
  let from = start, left = evenSteps(steps * runner.work);
  while (left > 0) {
    const to = Math.min(script.length, from + left);
    if (index instanceof Floor) index.seek(from);
    const wrong = replay(index, script, from, to);
    if (wrong !== ALL_RIGHT) return wrong;
    left -= to - from;
    from = to === script.length ? 0 : to;
  }
  return ALL_RIGHT;
}

/** The nearest even number from 2 up: a churn script is cut between its closed loops. */
export function evenSteps(steps: number): number {
  return Math.max(2, 2 * Math.round(steps / 2));
}

const OK: Outcome = { kind: "ok" };

function attempt(runner: Runner, act: () => void): void {
  try {
    act();
  } catch (error) {
    runner.outcome = failure(runner.name, error);
  }
}

function failure(name: string, error: unknown): Outcome {
  if (error instanceof WrongAnswer) return { kind: "wrong", words: error.message };
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: "threw", words: `${name} threw ${words}` };
}

/** A timed loop of its own under `solo`; under `mixed` the one that all entries share. */
async function loopFor(name: string, condition: Cell["condition"]): Promise<Replay> {
  const module = await import(`./replay.ts?for=${condition === "solo" ? name : "everybody"}`);
  return module.replay;
}
