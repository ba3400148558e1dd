/**
 * The probe: what a cell's contenders weigh, what they allocate and what V8 made of them. Entries are
 * never timed against each other. Started by `runProbe`, never by hand.
 */
import type { Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import type { Source } from "../gate/load.ts";
import { type Desk, takeJob } from "../process/job.ts";
import { collect, memoryUsage, now } from "../process/own.ts";
import { IS_BUN } from "../process/system.ts";
import type { Cell, Outcome, ProbeLine } from "../record/schema.ts";
import { medianOf } from "../stats/quantiles.ts";
import { random } from "../workloads/random.ts";
import { LONG_FIND_SCRIPT, loopOf } from "../workloads/script.ts";
import { type Course, courseOf } from "../workloads/workloads.ts";
import { raceKindOf, type Subject } from "./kinds.ts";
import {
  frozen,
  isRunning,
  labelOf,
  loadEntry,
  type Maker,
  makeRunner,
  runBlock,
  type Runner,
} from "./runner.ts";
import { type Effort, isEnough, stepsOf, stretchSteps } from "./schedule.ts";
import { calibrateTiers, type TierOf } from "./tiers.ts";
import type { Barred } from "./trial_process.ts";

/** What a probe process is told. */
export interface ProbeJob {
  readonly cell: Cell;
  /** What layouts and scripts are drawn from. */
  readonly seed: number;
  readonly contenders: readonly Source[];
  /** As in `TrialJob`. */
  readonly outside: string | null;
  /** As in `TrialJob`. */
  readonly secret: string;
  /** As in `TrialJob`. */
  readonly barred: readonly Barred[];
}

type ProbeEntry = ProbeLine["entries"][number];

/** The warm-up before an entry is looked at: that of a trial, with time for the last tier. */
const WARM: Effort = { steps: 160_000, leastMs: 20, mostMs: 60 };

/** What runs between two weighings for leaks. */
const BETWEEN: Effort = { steps: 40_000, leastMs: 5, mostMs: 40 };

/** Bytes that live memory may grow by with each step before it is a leak. */
const LEAK_BYTES_PER_STEP = 4;

/** Bytes that live memory must have grown by in all before it is a leak. */
const LEAK_BYTES = 128 * 1024;

/** Steps between two looks at the heap: what they allocate stays below a young collection. */
const SAMPLE_STEPS = 256;

/** Looks at the heap, of which the median counts. */
const SAMPLES = 15;

/** ms after which no further look is taken: one of a setup of all slots can take seconds. */
const LOOKING_MS = 1000;

/** Slots that are weighed at once, at least: what else comes and goes on the heap is little then. */
const LEAST_WEIGHED = 8192;

/** Weighings, of which the median counts. */
const WEIGHINGS = 3;

/** Slots up to which an index is built in shuffled order: some shift an array at each insertion. */
const SHUFFLED_MOST = 1000;

/** WebAssembly's memories, which `external` leaves out; those that a module makes itself escape. */
const memories = new Set<WeakRef<WebAssembly.Memory>>();
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(target, args, newTarget) {
    const memory = Reflect.construct(target, args, newTarget);
    memories.add(new WeakRef(memory));
    return memory;
  },
});

function wasmBytes(): number {
  let bytes = 0;
  for (const ref of memories) {
    const memory = ref.deref();
    if (memory) bytes += memory.buffer.byteLength;
    else memories.delete(ref);
  }
  return bytes;
}

/** Bytes held, on the heap and outside it, after collection. */
function liveBytes(): number {
  collect();
  collect(); // buffers that the first one found dead are freed on another thread: this waits for it
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external + (IS_BUN ? 0 : wasmBytes());
}

/** Asks a first question: some indexes are built at that. */
function ask(index: Subject): void {
  index.iter().start(0);
}

/**
 * Bytes a slot beyond the slot objects, the median of several weighings: V8's own work, such as code
 * that it has just compiled, comes and goes meanwhile.
 */
function liveBytesPerSlot(maker: Maker, slots: readonly Memslot[]): number {
  return medianOf(Array.from({ length: WEIGHINGS }, () => weigh(maker, slots)));
}

/** One weighing; of a few slots many indexes are weighed together. */
function weigh(maker: Maker, slots: readonly Memslot[]): number {
  const copies = Math.ceil(LEAST_WEIGHED / slots.length);
  const before = liveBytes();
  const indexes = Array.from({ length: copies }, () => maker.over(slots));
  for (const index of indexes) ask(index);
  return (liveBytes() - before) / (copies * indexes[0].size);
}

/** Runs for this long; gives the steps done. */
function run(runner: Runner, course: Course, effort: Effort): number {
  const done = { steps: 0, ms: 0 }, first = stepsOf(100, course), loop = loopOf(course.script);
  while (isRunning(runner) && !isEnough(done, effort)) {
    const steps = stretchSteps(done.steps, first, loop);
    done.ms += runBlock(runner, course, { start: 0, steps }) / 1e6;
    done.steps += steps;
  }
  return done.steps;
}

/** Bytes allocated a step beyond what the look itself does: the median of several looks. */
function allocatedBytes(runner: Runner, floor: Runner, course: Course): number {
  const steps = stepsOf(SAMPLE_STEPS, course);
  const look = (each: Runner) => {
    const before = memoryUsage().heapUsed;
    runBlock(each, course, { start: 0, steps });
    return (memoryUsage().heapUsed - before) / steps;
  };
  const looks = (each: Runner) => {
    const bytes: number[] = [], until = now() + LOOKING_MS;
    do bytes.push(look(each)); while (bytes.length < SAMPLES && now() < until);
    return medianOf(bytes);
  };
  return Math.max(0, looks(runner) - looks(floor));
}

/** ns a slot to build from all slots at once, and by inserting them in a random order. */
function buildNs(maker: Maker, slots: readonly Memslot[], seed: number) {
  const times = (build: () => unknown) => {
    const runs: number[] = [];
    for (let spent = 0; runs.length < 5 || (spent < 20 && runs.length < 200);) {
      const began = now();
      build();
      const ms = now() - began;
      spent += ms;
      runs.push(ms * 1e6 / slots.length);
    }
    return medianOf(runs);
  };
  const shuffled = random(seed, "shuffle").shuffle(slots.slice());
  return {
    buildNsPerSlotSorted: times(() => maker.over(slots)),
    ...slots.length <= SHUFFLED_MOST && {
      buildNsPerSlotShuffled: times(() => ask(maker.filled(shuffled))),
    },
  };
}

/** The tiers of the loop and of what it calls once they are warm, and how often one fell back. */
async function tiersOf(
  runner: Runner,
  course: Course,
  { tierOf, label }: { tierOf: TierOf; label: string },
) {
  const { loop, timed } = raceKindOf(course.script);
  const loops: typeof import("./replay.ts") = await import(`./replay.ts?for=${label}`);
  const functions = [loops[loop], timed(runner.index as MemslotIndex)];
  const look = () => functions.map(tierOf);
  const [loopTier, indexTier] = look();
  let deopts = 0, before = look();
  const steps = stepsOf(SAMPLE_STEPS, course), until = now() + LOOKING_MS;
  for (let i = 0; i < 64 && now() < until; i++) {
    runBlock(runner, course, { start: 0, steps });
    const now = look();
    deopts += now.filter((tier, k) => tier === "unoptimised" && before[k] !== tier).length;
    before = now;
  }
  return { loopTier, indexTier, deopts };
}

/** What the probes of a process share. */
interface Probe {
  readonly job: ProbeJob;
  readonly course: Course;
  /** Null where this V8 does not tell. */
  readonly tierOf: TierOf | null;
  /** Says which entry is about to be called. */
  readonly beat: (entry: string) => void;
}

async function probeOne(source: Source, { job, course, tierOf, beat }: Probe): Promise<ProbeEntry> {
  const { name } = source, { cell, seed } = job, label = labelOf(name, job);
  const loaded = await loadEntry({ name, role: "contender", source, work: 1, label }, cell);
  beat(name);
  const runner = makeRunner(loaded, course), { maker } = loaded;
  run(runner, course, WARM);
  if (maker === null || !isRunning(runner)) return { name, outcome: runner.outcome };
  const floor = await warmFloor(course, job);
  beat(name);
  const tiers = tierOf === null ? {} : await tiersOf(runner, course, { tierOf, label });
  beat(name);
  const allocated = IS_BUN ? {} : { allocatedBytesPerStep: allocatedBytes(runner, floor, course) };
  beat(name);
  const leak = leakOf(runner, course), { slots } = course;
  if (leak !== null) return { name, outcome: leak };
  beat(name);
  const bytes = liveBytesPerSlot(maker, slots);
  beat(name);
  const build = buildNs(maker, slots, seed), { outcome } = runner;
  return { name, outcome, liveBytesPerSlot: bytes, ...allocated, ...build, ...tiers };
}

async function warmFloor(course: Course, job: ProbeJob): Promise<Runner> {
  const name = "floor", label = labelOf(name, job);
  const plan = { name, role: "floor", source: null, work: 1, label } as const;
  const floor = makeRunner(await loadEntry(plan, job.cell), course);
  run(floor, course, WARM);
  return floor;
}

/** Whether live bytes grow with the steps: twice, so that a buffer that doubled is no leak. */
function leakOf(runner: Runner, course: Course): Outcome | null {
  const weighed = [liveBytes()];
  let steps = 0;
  for (let pass = 0; pass < 2; pass++) {
    steps = run(runner, course, BETWEEN);
    weighed.push(liveBytes());
  }
  const growth = Math.min(weighed[1] - weighed[0], weighed[2] - weighed[1]);
  if (growth < LEAK_BYTES || growth / steps < LEAK_BYTES_PER_STEP) return null;
  const each = Math.round(growth / steps);
  return { kind: "leaked", words: `${runner.name} keeps ${each} more bytes with every step` };
}

async function probe({ job, beat }: Desk<ProbeJob>): Promise<ProbeLine> {
  const course = await courseOf(job.cell, job.seed, { findLength: LONG_FIND_SCRIPT });
  if (course === null) throw new RangeError(`Cannot run ${job.cell.workload} there`);
  const common: Probe = { job, course: frozen(course), tierOf: calibrateTiers(), beat };
  const barred = new Map(job.barred), entries: ProbeEntry[] = [];
  for (const source of job.contenders) {
    const { name } = source, outcome = barred.get(name);
    beat(name);
    entries.push(outcome ? { name, outcome } : await probeOne(source, common));
  }
  const { cell, outside } = job;
  return { kind: "probe", cell, ...outside !== null && { group: outside }, entries };
}

if (import.meta.main) {
  const desk = takeJob<ProbeJob>();
  desk.answer(await probe(desk));
}
