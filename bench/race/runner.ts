/** The entries of a trial or a probe: made, checked, and run a block at a time. */
import { AddressSpace } from "../../impls/kvm/address_space.ts";
import { WritableMemslotSet } from "../../impls/kvm/memslot_set.ts";
import { GFN_LIMIT, type Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import { loadCreate, loadCreateHva, type Source } from "../gate/load.ts";
import { thrownWords } from "../gate/words.ts";
import { now } from "../process/own.ts";
import { Realm } from "../process/realm.ts";
import type { Cell, Entry, Outcome } from "../record/schema.ts";
import { creationsOf, userSlots } from "../workloads/memslot_perf.ts";
import { type Held, KINDS, loopOf, type Script } from "../workloads/script.ts";
import { type Course, type Key, workloadNamed } from "../workloads/workloads.ts";
import { Floor } from "./floor.ts";
import { checkReplay, floorOf, type Subject, wrongAnswer } from "./kinds.ts";
import { ALL_RIGHT, type Replay } from "./replay.ts";
import { wholeLoops } from "./schedule.ts";
import { WrongAnswer } from "./wrong_answer.ts";

/** An entry as a process is told to make it. */
export interface EntryPlan {
  readonly name: string;
  readonly role: Entry["role"];
  /** What it is made from; null for the floor. */
  readonly source: Source | null;
  /** Steps run for each step that is counted: 1, and more for the planted slow-down. */
  readonly work: number;
  /** Tells its module instances from those of others; see `labelOf`. */
  readonly label: string;
}

/** An entry with its modules: its own instances, which no other entry has taught V8 anything. */
export interface Loaded {
  readonly plan: EntryPlan;
  readonly replay: Replay;
  /** Makes its indexes; null for the floor, and where it could not be loaded. */
  readonly maker: Maker | null;
  readonly outcome: Outcome;
}

/** Makes indexes of one class, by guest frames or by user memory. */
export interface Maker {
  /** Over the slots of a guest. */
  over(slots: readonly Memslot[]): Subject;
  /** Empty, and filled one by one in the order of `slots`. */
  filled(slots: readonly Memslot[]): Subject;
}

/** An entry under way. */
export interface Runner {
  readonly name: string;
  readonly role: Entry["role"];
  readonly index: Subject;
  /** The map of the VM over two such indexes, for scripts of calls; else null. */
  readonly space: AddressSpace | null;
  readonly replay: Replay;
  /** As in `EntryPlan`. */
  readonly work: number;
  /** Stops being `ok` at the first wrong answer, and the entry runs no more. */
  outcome: Outcome;
}

const OK: Outcome = { kind: "ok" };

/**
 * The query string of an entry's modules. `secret`, which is another one in every race, keeps the
 * code of an index from importing the very modules that another entry runs in. The entry `outside`,
 * of a file that is not registered, is not to know it: it would see it in its own stack.
 */
export function labelOf(
  name: string,
  { secret, outside }: { secret: string; outside: string | null },
): string {
  return encodeURIComponent(name === outside ? name : `${name}-${secret}`);
}

/** Loads the modules of an entry; one that cannot be loaded is out. */
export async function loadEntry(plan: EntryPlan, cell: Cell): Promise<Loaded> {
  const { name, source, label } = plan;
  // Under `mixed` all entries share one loop.
  const loop = cell.condition === "solo" ? label : "shared";
  const { replay }: typeof import("./replay.ts") = await import(`./replay.ts?for=${loop}`);
  if (source === null) return { plan, replay, maker: null, outcome: OK };
  try {
    return { plan, replay, maker: await loadMaker(plan, source, cell), outcome: OK };
  } catch (error) {
    return { plan, replay, maker: null, outcome: failure(name, error) };
  }
}

async function loadMaker(plan: EntryPlan, source: Source, cell: Cell): Promise<Maker> {
  if (keyOf(cell) === "gfn") return makerOf(await loadCached(plan, source, cell), (slots) => slots);
  return makerOf(await loadCreateHva(source, plan.label), userSlots);
}

/** Of slots that `heldOf` makes of a guest's; each index gets an array of its own. */
function makerOf<S extends Held>(
  create: (slots: readonly S[]) => Subject & { insert(slot: S): void },
  heldOf: (slots: readonly Memslot[]) => readonly S[],
): Maker {
  return {
    over: (slots) => create(heldOf(slots).slice()),
    filled(slots) {
      const index = create([]);
      for (const slot of heldOf(slots)) index.insert(slot);
      return index;
    },
  };
}

/** The class with KVM's one-entry cache in front, if there is to be one. */
async function loadCached({ label }: EntryPlan, source: Source, { lastUsed }: Cell) {
  const create = await loadCreate(source, label);
  if (lastUsed === "off") return create;
  const { LastUsedSlot, LastUsedReader }: typeof import("../../impls/kvm/last_used.ts") =
    await import(`../../impls/kvm/last_used.ts?as=${label}`);
  if (lastUsed === "set") return (slots: readonly Memslot[]) => new LastUsedSlot(create(slots));
  const { ReaderIndex }: typeof import("./reader_index.ts") = await import(
    `./reader_index.ts?as=${label}`
  );
  return (slots: readonly Memslot[]) => new ReaderIndex(create(slots), LastUsedReader);
}

/** The runner of a loaded entry on `course`; one that throws is out before it begins. */
export function makeRunner(loaded: Loaded, { slots, script }: Course): Runner {
  const { plan: { name, role, work }, replay, maker, outcome } = loaded;
  // Only the floor itself reads the known answers.
  const floor = role === "floor" ? floorOf(script, slots.length) : new Floor(slots.length);
  const runner: Runner = { name, role, work, replay, outcome, index: floor, space: null };
  if (maker === null) return runner;
  try {
    if (script.kind !== "calls") return { ...runner, index: maker.over(slots) };
    const space = spaceOf(maker, slots);
    return { ...runner, index: space.index, space };
  } catch (error) {
    return { ...runner, outcome: failure(name, error) };
  }
}

/** Steps of a script, round and round. */
export interface Stretch {
  /** The first one. */
  readonly start: number;
  /** How many: whole loops of the script. */
  readonly steps: number;
}

function keyOf({ workload }: Cell): Key {
  return workloadNamed(workload).key ?? "gfn";
}

/** The map of a VM; calls are of its memory by guest frames. */
function spaceOf(maker: Maker, slots: readonly Memslot[]): AddressSpace {
  const create = (slots: readonly Memslot[]) => maker.over(slots) as MemslotIndex;
  const space = new AddressSpace(create, { maxGfn: GFN_LIMIT });
  for (const region of creationsOf(slots)) space.setMemoryRegion(region);
  return space;
}

/**
 * The course with its slots frozen: all entries hold the same objects, as they are compared by
 * identity, and no index may change what another one holds.
 */
export function frozen(course: Course): Course {
  const { slots, script } = course;
  for (const slot of slots) Object.freeze(slot);
  const changes = script.kind === "mix" ? script.changes : script;
  if ("after" in changes) { for (const slot of changes.after) Object.freeze(slot); }
  if (script.kind === "log") { for (const slot of script.slots) Object.freeze(slot); }
  return course;
}

/** The language's objects and the classes that an index could import and change. */
export function realmOf(runners: readonly (Runner | undefined)[]): Realm {
  const classes = new Map<string, object>([AddressSpace, WritableMemslotSet, WrongAnswer].map(
    ({ name, prototype }) => [`${name}.prototype`, prototype],
  ));
  for (const runner of runners) {
    if (runner === undefined) continue;
    const { name, index } = runner, iter = index.iter();
    classes.set(`the index of ${name}`, Object.getPrototypeOf(index));
    classes.set(`the cursor of ${name}`, Object.getPrototypeOf(iter));
  }
  return new Realm(classes);
}

/** Whether it still takes part. */
export function isRunning(runner: Runner): boolean {
  return runner.outcome.kind === "ok";
}

/** Before the race: the first `most` steps of the script, untimed. */
export function check(runner: Runner, { script }: Course, most: number): void {
  const { name, index, replay } = runner;
  if (index instanceof Floor || script.kind === "calls") return;
  attempt(runner, () => checkReplay(name, index, script, replay, most));
}

/** Whether the map is as it was at the start: closed loops of changes leave it so. */
export function checkMap(runner: Runner, { script, slots }: Course): void {
  const { index, space, name } = runner;
  if (index instanceof Floor || !KINDS[script.kind].isOfChanges) return;
  attempt(runner, () => {
    const iter = (space?.index ?? index as MemslotIndex).iter();
    // Calls make slots of their own; changes hand in the course's.
    const isRight = space === null ? isIdentical : isAlike;
    let right = 0;
    for (iter.start(0); iter.isValid(GFN_LIMIT); iter.next()) {
      if (right === slots.length || !isRight(iter.slot, slots[right])) break;
      right++;
    }
    if (right === slots.length && !iter.isValid(GFN_LIMIT)) return;
    throw new WrongAnswer(
      `${name} ends with another map than it began with: the first ${right} slots are the same`,
    );
  });
}

function isIdentical(slot: Memslot, other: Memslot): boolean {
  return slot === other;
}

function isAlike(slot: Memslot, other: Memslot): boolean {
  return slot.id === other.id && slot.baseGfn === other.baseGfn && slot.npages === other.npages;
}

/** Runs a stretch of the script and gives its ns; on a wrong answer the runner is out, and it is 0. */
export function runBlock(runner: Runner, { script }: Course, { start, steps }: Stretch): number {
  const worked = runner.work === 1 ? steps : wholeLoops(steps * runner.work, loopOf(script));
  let ns = 0;
  attempt(runner, () => {
    const began = now();
    const wrong = runSteps(runner, script, { start, steps: worked });
    ns = (now() - began) * 1e6;
    if (wrong === ALL_RIGHT) return;
    ns = 0;
    throw wrongAnswer(runner.name, runner.index, script, wrong);
  });
  return ns;
}

/** The first wrong step of the stretch, or `ALL_RIGHT`. */
function runSteps(runner: Runner, script: Script, { start, steps }: Stretch): number {
  const { index, space, replay } = runner, subject = space ?? index;
  const floor = index instanceof Floor ? index : null;
  // Nothing is known ahead of calls: their floor is the empty loop.
  if (floor !== null && script.kind === "calls") return ALL_RIGHT;
  for (let from = start, left = steps; left > 0; from = 0) {
    const to = from + left < script.length ? from + left : script.length;
    floor?.seek(from);
    const wrong = replay(subject, script, from, to);
    if (wrong !== ALL_RIGHT) return wrong;
    left -= to - from;
  }
  return ALL_RIGHT;
}

function attempt(runner: Runner, act: () => void): void {
  try {
    act();
  } catch (error) {
    runner.outcome = failure(runner.name, error);
  }
}

function failure(name: string, error: unknown): Outcome {
  if (isWrongAnswer(error)) return { kind: "wrong", words: error.message };
  return { kind: "threw", words: `${name} threw ${thrownWords(error)}` };
}

/** Throws nothing, as `instanceof` does of a proxy that was revoked. */
function isWrongAnswer(error: unknown): error is WrongAnswer {
  try {
    return error instanceof WrongAnswer;
  } catch {
    return false;
  }
}
