/**
 * The probe: what a cell's contenders weigh, what they allocate and what the engine made of them.
 * Never timed against each other. Started by the race, never by hand.
 */
import type { Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import { random } from "../workloads/random.ts";
import { type Course, courseOf } from "../workloads/workloads.ts";
import { answer, beat, readJob } from "../process/child.ts";
import type { Create } from "../gate/golden.ts";
import type { Source } from "../gate/load.ts";
import type { Cell, Outcome, ProbeLine } from "../record/schema.ts";
import {
  createFor,
  evenSteps,
  indexed,
  isRunning,
  makeRunner,
  runBlock,
  type Runner,
  stepsOf,
} from "./runner.ts";
import { LONG_FIND_SCRIPT, type Script } from "../workloads/script.ts";
import { calibrateTiers, type TierOf } from "./tiers.ts";

/** What a probe process is told. */
export interface ProbeJob {
  readonly cell: Cell;
  readonly seed: number;
  readonly contenders: readonly Source[];
  readonly barred: Readonly<Record<string, Outcome>>;
}

type ProbeEntry = ProbeLine["entries"][number];

/** What a runner goes through before it is looked at, as before a trial. */
const WARM: Effort = { steps: 160_000, leastMs: 20, mostMs: 60 };
/** And between two weighings. */
const BETWEEN: Effort = { steps: 40_000, leastMs: 5, mostMs: 40 };
/** Live bytes may grow by so much a step, and in all, before it is a leak. */
const LEAK_BYTES_PER_STEP = 4;
const LEAK_BYTES = 128 * 1024;
/** Steps between two looks at the heap: what they allocate stays below a young collection. */
const SAMPLE_STEPS = 256;
const SAMPLES = 15;
/** No more looks after this, however few: one of a setup of all slots can take seconds. */
const LOOKING_MS = 1000;
/** Slots on the scales at once, so that what else comes and goes on the heap is little. */
const LEAST_WEIGHED = 8192;
/** How often. */
const WEIGHINGS = 3;
/** More slots are not built from shuffled order by structures that shift arrays. */
const SHUFFLED_MOST = 1000;

function gc(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

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
  gc();
  gc(); // the buffers of arrays that the first one found dead are freed beside it: this waits for that
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external + wasmBytes();
}

/** A first question, whatever the key. */
function ask(index: MemslotIndex): void {
  index.iter().start(0);
}

/**
 * Bytes a slot beyond the slot objects, the middle of several looks: the engine's own work, such as
 * code it has just compiled, comes and goes meanwhile.
 */
function liveBytesPerSlot(create: Create, slots: readonly Memslot[]): number {
  return middle(Array.from({ length: WEIGHINGS }, () => weigh(create, slots)));
}

/** One look; of a few slots many indexes are weighed together. */
function weigh(create: Create, slots: readonly Memslot[]): number {
  const copies = Math.ceil(LEAST_WEIGHED / slots.length);
  const before = liveBytes();
  const indexes = Array.from({ length: copies }, () => create(slots));
  // Some are built at the first question.
  for (const index of indexes) ask(index);
  return (liveBytes() - before) / (copies * indexes[0].size);
}

const FLOOR = { name: "floor", role: "floor", source: null, work: 1 } as const;

interface Effort {
  readonly steps: number;
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Runs so long; gives the steps done. */
function run(runner: Runner, course: Course, { steps, leastMs, mostMs }: Effort): number {
  let done = 0, ms = 0;
  while (isRunning(runner) && ms < mostMs && (done < steps || ms < leastMs)) {
    const stretch = evenSteps(Math.min(10_000, done + stepsOf(100, course)));
    ms += runBlock(runner, course, 0, stretch) / 1e6;
    done += stretch;
  }
  return done;
}

/** Bytes allocated a step beyond what the look itself does: the middle of several looks. */
function allocatedBytes(runner: Runner, floor: Runner, course: Course): number {
  const steps = stepsOf(SAMPLE_STEPS, course);
  const look = (who: Runner) => {
    const before = Deno.memoryUsage().heapUsed;
    runBlock(who, course, 0, steps);
    return (Deno.memoryUsage().heapUsed - before) / steps;
  };
  const looks = (who: Runner) => {
    const bytes: number[] = [], until = performance.now() + LOOKING_MS;
    do bytes.push(look(who)); while (bytes.length < SAMPLES && performance.now() < until);
    return middle(bytes);
  };
  return Math.max(0, looks(runner) - looks(floor));
}

function middle(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

/** ns a slot to build from all slots at once, and by inserting them in a random order. */
function buildNs(create: Create, slots: readonly Memslot[], seed: number) {
  const times = (build: () => unknown) => {
    const runs: number[] = [];
    for (let spent = 0; runs.length < 5 || (spent < 20 && runs.length < 200);) {
      const began = performance.now();
      build();
      const ms = performance.now() - began;
      spent += ms;
      runs.push(ms * 1e6 / slots.length);
    }
    return middle(runs);
  };
  const shuffled = random(seed, "shuffle").shuffle(slots.slice());
  return {
    buildNsPerSlotSorted: times(() => create(slots)),
    ...slots.length <= SHUFFLED_MOST && {
      buildNsPerSlotShuffled: times(() => {
        const index = create([]);
        for (const slot of shuffled) index.insert(slot);
        ask(index);
      }),
    },
  };
}

/**
 * The tiers of the loop and of what it calls once they are warm, and how often one of them was
 * thrown back after that.
 */
async function tiersOf(runner: Runner, course: Course, tierOf: TierOf) {
  const functions = await timedFunctions(runner, course.script);
  const look = () => functions.map(tierOf);
  const [loopTier, indexTier] = look();
  let deopts = 0, before = look();
  const steps = stepsOf(SAMPLE_STEPS, course), until = performance.now() + LOOKING_MS;
  for (let i = 0; i < 64 && performance.now() < until; i++) {
    runBlock(runner, course, 0, steps);
    const now = look();
    deopts += now.filter((tier, k) => tier === "unoptimised" && before[k] !== tier).length;
    before = now;
  }
  return { loopTier, indexTier, deopts };
}

async function timedFunctions({ name, index }: Runner, { kind }: Script) {
  const loops = await import(`./replay.ts?for=${name}`);
  switch (kind) {
    case "find":
      return [loops.replayFind, index.find];
    case "serial":
      return [loops.replaySerial, index.find];
    case "range":
      return [loops.replayRange, index.iter().start];
    case "churn":
      return [loops.replayChurn, index.insert];
    case "calls":
      return [loops.replayCalls, index.insert];
  }
}

async function probeOne(
  source: Source,
  { job, course, tierOf }: { job: ProbeJob; course: Course; tierOf: TierOf | null },
): Promise<ProbeEntry> {
  const { name } = source;
  const plan = { name, role: "contender", source, work: 1 } as const;
  const runner = await makeRunner(plan, course, job.cell);
  if (!isRunning(runner)) return { name, outcome: runner.outcome };
  run(runner, course, WARM);
  if (!isRunning(runner)) return { name, outcome: runner.outcome };
  const create = await createFor(source, name, job.cell);
  const slots = indexed(course, job.cell);
  const floor = await makeRunner(FLOOR, course, job.cell);
  run(floor, course, WARM);
  const tiers = tierOf === null ? {} : await tiersOf(runner, course, tierOf);
  const allocatedBytesPerStep = allocatedBytes(runner, floor, course);
  const leak = leakOf(runner, course);
  if (leak !== null) return { name, outcome: leak };
  return {
    name,
    outcome: runner.outcome,
    liveBytesPerSlot: liveBytesPerSlot(create, slots),
    allocatedBytesPerStep,
    ...buildNs(create, slots, job.seed),
    ...tiers,
  };
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

async function probe(job: ProbeJob): Promise<ProbeLine> {
  const course = await courseOf(job.cell, job.seed, { findLength: LONG_FIND_SCRIPT });
  if (course === null) throw new RangeError(`Cannot run ${job.cell.workload} there`);
  const tierOf = calibrateTiers();
  const entries: ProbeEntry[] = [];
  for (const source of job.contenders) {
    beat(source.name);
    const barred = job.barred[source.name];
    entries.push(
      barred
        ? { name: source.name, outcome: barred }
        : await probeOne(source, { job, course, tierOf }),
    );
  }
  return { kind: "probe", cell: job.cell, entries };
}

if (import.meta.main) answer(await probe(await readJob()));
