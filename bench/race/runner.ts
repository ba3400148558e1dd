import { AddressSpace } from "../../impls/kvm/address_space.ts";
import { describe, GFN_LIMIT, type Memslot } from "../../impls/memslot.ts";
import { type MemslotIndex, memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { creationsOf, userSlots } from "../workloads/memslot_perf.ts";
import { type Course, type Key, workloadNamed } from "../workloads/workloads.ts";
import { loadCreate, type Source } from "../gate/load.ts";
import { Floor, floorOf } from "./floor.ts";
import type { Create } from "../gate/golden.ts";
import type { Cell, Entry, Outcome } from "../record/schema.ts";
import { ALL_RIGHT, type Replay } from "./replay.ts";
import { checkReplay, WrongAnswer, wrongAnswer } from "./wrong_answer.ts";

/** An entry of a trial under way: a contender, the twin, the floor. */
export interface Runner {
  readonly name: string;
  readonly role: Entry["role"];
  readonly index: MemslotIndex;
  /** The map of the VM over two such indexes, for scripts of calls. */
  readonly space: AddressSpace | null;
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
export async function makeRunner(plan: EntryPlan, course: Course, cell: Cell): Promise<Runner> {
  const { name, role, work, source } = plan;
  const floor = floorOf(course.script, course.slots.length);
  const replay = await loopFor(name, cell.condition);
  const runner = { name, role, work, replay, outcome: OK, index: floor, space: null };
  if (source === null) return runner;
  try {
    const create = await createFor(source, name, cell);
    if (course.script.kind !== "calls") return { ...runner, index: create(indexed(course, cell)) };
    const space = spaceOf(create, course);
    return { ...runner, index: space.index, space };
  } catch (error) {
    return { ...runner, outcome: failure(name, error) };
  }
}

/** Makes an index for `cell`, of the module instances of the entry `name`. */
export async function createFor(source: Source, name: string, cell: Cell): Promise<Create> {
  return await cached(await loadCreate(source, name, keyOf(cell)), name, cell.lastUsed);
}

/** What an index holds: the slots, or under the key of user memory the same ones there. */
export function indexed({ slots }: Course, cell: Cell): readonly Memslot[] {
  return keyOf(cell) === "gfn" ? slots : userSlots(slots) as unknown as readonly Memslot[];
}

function keyOf({ workload }: Cell): Key {
  return workloadNamed(workload).key ?? "gfn";
}

function spaceOf(create: Create, { slots }: Course): AddressSpace {
  const space = new AddressSpace(create, { maxGfn: GFN_LIMIT });
  for (const region of creationsOf(slots)) space.setMemoryRegion(region);
  return space;
}

/** With one of KVM's caches in front, of a module instance of the entry's own. */
async function cached(create: Create, name: string, lastUsed: Cell["lastUsed"]): Promise<Create> {
  if (lastUsed === undefined || lastUsed === "off") return create;
  const { LastUsedSlot, LastUsedReader }: typeof import("../../impls/kvm/last_used.ts") =
    await import(
      `../../impls/kvm/last_used.ts?as=${name}`
    );
  if (lastUsed === "set") return (slots) => new LastUsedSlot(create(slots));
  const { ReaderIndex }: typeof import("./reader_index.ts") = await import(
    `./reader_index.ts?as=${name}`
  );
  return (slots) => new ReaderIndex(create(slots), LastUsedReader);
}

/** Whether it still takes part. */
export function isRunning(runner: Runner): boolean {
  return runner.outcome.kind === "ok";
}

/** Before the race: the first `most` steps of the script, untimed. */
export function check(runner: Runner, course: Course, most: number): void {
  if (runner.index instanceof Floor || course.script.kind === "calls") return;
  attempt(runner, () => {
    checkReplay(runner.name, runner.index, course.script, runner.replay, most);
  });
}

/** Whether the map is as it was at the start: closed loops of changes leave it so. */
export function checkMap(runner: Runner, { script, slots }: Course): void {
  const { index, space, name } = runner;
  if (index instanceof Floor || (script.kind !== "churn" && space === null)) return;
  attempt(runner, () => {
    const held = [...memslotsInGfnRange(space?.index ?? index, 0, GFN_LIMIT)];
    // Calls make slots of their own; changes hand in the course's.
    const isSame = (slot: Memslot, i: number) => {
      return space === null ? slot === slots[i] : describe(slot) === describe(slots[i]);
    };
    if (held.length === slots.length && held.every(isSame)) return;
    throw new WrongAnswer(`${name} ends with another map than it began with: ${held.length} slots`);
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
    if (wrong === ALL_RIGHT || course.script.kind === "calls") return;
    ns = 0;
    throw wrongAnswer(runner.name, runner.index, course.script, wrong);
  });
  return ns;
}

function runSteps(runner: Runner, course: Course, start: number, steps: number): number {
  const { script } = course, { index, space, replay } = runner;
  const subject = space ?? index;
  let from = start, left = evenSteps(steps * runner.work);
  while (left > 0) {
    const to = Math.min(script.length, from + left);
    if (index instanceof Floor) index.seek(from);
    const wrong = index instanceof Floor && script.kind === "calls"
      ? ALL_RIGHT // nothing is known ahead of calls: the floor is the empty loop
      : replay(subject, script, from, to);
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

/** About so much work in steps, an even number: of a script whose steps are many calls, few steps. */
export function stepsOf(steps: number, { script }: Course): number {
  const calls = script.kind === "calls" ? script.calls.length / script.length : 1;
  return evenSteps(steps / calls);
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
