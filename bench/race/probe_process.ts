/**
 * The probe: what a cell's contenders weigh, what they allocate and what V8 made of them. Entries are
 * never timed against each other. Started by `runProbe`, never by hand.
 */
import type { Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import type { Source } from "../gate/load.ts";
import { type Desk, takeJob } from "../process/job.ts";
import { collect, memoryUsage, now, rounded } from "../process/own.ts";
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
  realmOf,
  runBlock,
  type Runner,
} from "./runner.ts";
import { type Effort, isEnough, stepsOf, stretchSteps } from "./schedule.ts";
import { calibrateTiers, type Tier, type TierOf } from "./tiers.ts";
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
  /** What contenders weigh, from an earlier probe on the same map: they are not weighed again. */
  readonly weighed: readonly Weighed[];
}

type ProbeEntry = ProbeLine["entries"][number];

/** What an index weighs and takes to be built: of its map alone, not of a workload. */
type Weight = Pick<
  ProbeEntry,
  "liveBytesPerSlot" | "buildNsPerSlotSorted" | "buildNsPerSlotShuffled"
>;

/** What a contender weighs, by its name. */
export type Weighed = Weight & Pick<ProbeEntry, "name">;

/**
 * Whether the engine tells what lives. Bun's collector takes what the stack seems to point to for alive,
 * so an index just dropped may count or not: radix_chunks of 32,764 slots, 39 bytes a slot in V8, was
 * weighed as 5.6 there.
 */
const TELLS_MEMORY = !IS_BUN;

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
const LOOKING_MS = 200;

/** Slots that are weighed at once, at least: what else comes and goes on the heap is little then. */
const LEAST_WEIGHED = 8192;

/** Times that indexes are weighed, each between two looks at the heap without them. */
const WEIGHINGS = 2;

/** Slots up to which an index is built in shuffled order: some shift an array at each insertion. */
const SHUFFLED_MOST = 1000;

// As they are before any contender is loaded, which might change them.
const { ceil, max, min } = Math, { construct } = Reflect;

/** WebAssembly's memories, which `external` leaves out; those that a module makes itself escape. */
const memories: WeakRef<WebAssembly.Memory>[] = [];
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(target, args, newTarget) {
    const memory = construct(target, args, newTarget);
    memories[memories.length] = new WeakRef(memory);
    return memory;
  },
});

function wasmBytes(): number {
  let bytes = 0;
  for (let i = 0; i < memories.length; i++) bytes += memories[i].deref()?.buffer.byteLength ?? 0;
  return bytes;
}

/** Bytes held, on the heap and outside it, after collection. */
function liveBytes(): number {
  collect();
  collect(); // buffers that the first one found dead are freed on another thread: this waits for it
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external + wasmBytes();
}

/** Asks a first question: some indexes are built at that. */
function ask(index: Subject): void {
  index.iter().start(0);
}

/**
 * Bytes a slot beyond the slot objects, of indexes weighed several times, each between two looks at the
 * heap without them: V8's own work, such as code that it has just compiled, comes and goes meanwhile.
 * Of a few slots many indexes are weighed together.
 */
function weighings(maker: Maker, slots: readonly Memslot[]): number[] {
  const copies = ceil(LEAST_WEIGHED / slots.length), bytes: number[] = [];
  for (let without = liveBytes(); bytes.length < 2 * WEIGHINGS;) {
    const held = heldBytes(maker, slots, copies);
    bytes[bytes.length] = (held - without) / (copies * slots.length);
    without = liveBytes();
    bytes[bytes.length] = (held - without) / (copies * slots.length);
  }
  return bytes;
}

function heldBytes(maker: Maker, slots: readonly Memslot[], copies: number): number {
  const indexes: Subject[] = [];
  while (indexes.length < copies) indexes[indexes.length] = maker.over(slots);
  for (let i = 0; i < copies; i++) ask(indexes[i]);
  const bytes = liveBytes();
  return indexes.length === copies ? bytes : 0;
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

/** Bytes allocated a step, looked at several times; the look itself allocates some. */
function allocations(runner: Runner, course: Course): number[] {
  const steps = stepsOf(SAMPLE_STEPS, course), until = now() + LOOKING_MS, bytes: number[] = [];
  do {
    const before = memoryUsage().heapUsed;
    runBlock(runner, course, { start: 0, steps });
    bytes[bytes.length] = (memoryUsage().heapUsed - before) / steps;
  } while (bytes.length < SAMPLES && now() < until);
  return bytes;
}

/** ns a slot that `build` takes, timed several times. */
function buildTimes(slots: number, build: () => unknown): number[] {
  const ns: number[] = [];
  for (let spent = 0; ns.length < 5 || (spent < 20 && ns.length < 200);) {
    const began = now();
    build();
    const ms = now() - began;
    spent += ms;
    ns[ns.length] = ms * 1e6 / slots;
  }
  return ns;
}

/** What is looked at to tell the tiers of the loop and of what it calls. */
interface Watched {
  readonly loop: unknown;
  readonly timed: unknown;
  readonly tierOf: TierOf;
}

/** The tiers of the loop and of what it calls once they are warm, and how often one fell back. */
function tiersOf(runner: Runner, course: Course, { loop, timed, tierOf }: Watched) {
  const loopTier = tierOf(loop), indexTier = tierOf(timed);
  let deopts = 0, ofLoop = tierOf(loop), ofIndex = tierOf(timed);
  const steps = stepsOf(SAMPLE_STEPS, course), until = now() + LOOKING_MS;
  const fell = (is: Tier, was: Tier) => is === "unoptimised" && is !== was ? 1 : 0;
  for (let i = 0; i < 64 && now() < until; i++) {
    runBlock(runner, course, { start: 0, steps });
    const loopNow = tierOf(loop), indexNow = tierOf(timed);
    deopts += fell(loopNow, ofLoop) + fell(indexNow, ofIndex);
    ofLoop = loopNow;
    ofIndex = indexNow;
  }
  return { loopTier, indexTier, deopts };
}

/** What the probes of a process share. */
interface Probe {
  readonly job: ProbeJob;
  readonly course: Course;
  /** Warm: what a look at it allocates is the look's own. */
  readonly floor: Runner;
  /** Null where this V8 does not tell. */
  readonly tierOf: TierOf | null;
  /** Says which entry is about to be called. */
  readonly beat: Desk<ProbeJob>["beat"];
  readonly blame: Desk<ProbeJob>["blame"];
}

/**
 * Probes an entry. Once the file of one that is not registered is loaded, nothing is awaited, and what is
 * measured goes into numbers by plain loops; what they say is made out when it can no longer act, and
 * has changed nothing that all share.
 */
async function probeOne(
  source: Source,
  probe: Probe & { readonly weight: Weight | null },
): Promise<ProbeEntry> {
  const { name } = source, { job, course, floor, beat, weight } = probe, { cell } = job;
  const label = labelOf(name, job), { loop, timed } = raceKindOf(course.script);
  const loops: typeof import("./replay.ts") = await import(`./replay.ts?for=${label}`);
  const realm = name === job.outside ? realmOf([floor]) : null;
  const refuseChanges = () => {
    const changed = realm?.changed() ?? null;
    if (changed !== null) probe.blame(name, `${name} changes ${changed}, which all entries share`);
  };
  const loaded = await loadEntry({ name, role: "contender", source, work: 1, label }, cell);
  beat(name);
  const runner = makeRunner(loaded, course), { maker } = loaded;
  run(runner, course, WARM);
  if (maker === null || !isRunning(runner)) {
    refuseChanges();
    return { name, outcome: runner.outcome };
  }
  const watched = { loop: loops[loop], timed: timed(runner.index as MemslotIndex) };
  const raw = measure(runner, maker, { ...probe, watched, weight });
  refuseChanges();
  return entryOf(runner, raw, weight);
}

/** What is measured of an entry, before anything is made of it. */
interface Raw {
  readonly tiers: Pick<ProbeEntry, "loopTier" | "indexTier" | "deopts">;
  /** Bytes a step, of the entry and of the floor. */
  readonly allocated: readonly [entry: readonly number[], floor: readonly number[]];
  /** What it leaks; nothing behind it is measured then. */
  readonly leak: Outcome | null;
  /** Bytes a slot; empty where the engine does not tell, and, as what follows, where known before. */
  readonly live: readonly number[];
  /** ns a slot. */
  readonly sorted: readonly number[];
  /** ns a slot; null where slots are too many. */
  readonly shuffled: readonly number[] | null;
}

function measure(
  runner: Runner,
  maker: Maker,
  { job, course, floor, tierOf, beat, watched, weight }: Probe & {
    readonly watched: Omit<Watched, "tierOf">;
    readonly weight: Weight | null;
  },
): Raw {
  const { name } = runner, { slots } = course, { length } = slots;
  const shuffledSlots = random(job.seed, "shuffle").shuffle(slots.slice());
  beat(name);
  const tiers = tierOf === null ? {} : tiersOf(runner, course, { ...watched, tierOf });
  beat(name);
  const allocated = [allocations(runner, course), allocations(floor, course)] as const;
  beat(name);
  const leak = leakOf(runner, course), none = { tiers, allocated, leak };
  if (leak !== null || weight !== null) return { ...none, live: [], sorted: [], shuffled: null };
  beat(name);
  const live = TELLS_MEMORY ? weighings(maker, slots) : [];
  beat(name);
  const sorted = buildTimes(length, () => maker.over(slots));
  const shuffled = length <= SHUFFLED_MOST
    ? buildTimes(length, () => ask(maker.filled(shuffledSlots)))
    : null;
  return { ...none, live, sorted, shuffled };
}

/** `weight` is null where it is in `raw`. */
function entryOf({ name, outcome }: Runner, raw: Raw, weight: Weight | null): ProbeEntry {
  const { tiers, allocated: [entry, floor], leak } = raw;
  if (leak !== null) return { name, outcome: leak };
  if (outcome.kind !== "ok") return { name, outcome };
  return {
    name,
    outcome,
    ...weight ?? weightOf(raw),
    ...TELLS_MEMORY && { allocatedBytesPerStep: max(0, medianOf(entry) - medianOf(floor)) },
    ...tiers,
  };
}

function weightOf({ live, sorted, shuffled }: Raw): Weight {
  return {
    ...live.length > 0 && { liveBytesPerSlot: medianOf(live) },
    buildNsPerSlotSorted: medianOf(sorted),
    ...shuffled !== null && { buildNsPerSlotShuffled: medianOf(shuffled) },
  };
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
  if (!TELLS_MEMORY) return null;
  let before = liveBytes(), least = Infinity;
  for (let pass = 0; pass < 2; pass++) {
    const steps = run(runner, course, BETWEEN), after = liveBytes(), growth = after - before;
    if (growth < LEAK_BYTES || growth / steps < LEAK_BYTES_PER_STEP) return null;
    least = min(least, growth / steps);
    before = after;
  }
  const words = `${runner.name} keeps ${rounded(least)} more bytes with every step`;
  return { kind: "leaked", words };
}

async function probe({ job, beat, blame }: Desk<ProbeJob>): Promise<ProbeLine> {
  const drawn = await courseOf(job.cell, job.seed, { findLength: LONG_FIND_SCRIPT });
  if (drawn === null) throw new RangeError(`Cannot run ${job.cell.workload} there`);
  const course = frozen(drawn), floor = await warmFloor(course, job);
  const common: Probe = { job, course, floor, tierOf: calibrateTiers(), beat, blame };
  const barred = new Map(job.barred), entries: ProbeEntry[] = [];
  for (const source of job.contenders) {
    const { name } = source, outcome = barred.get(name);
    beat(name);
    const weight = job.weighed.find((known) => known.name === name) ?? null;
    entries.push(outcome ? { name, outcome } : await probeOne(source, { ...common, weight }));
  }
  const { cell, outside } = job;
  return { kind: "probe", cell, ...outside !== null && { group: outside }, entries };
}

if (import.meta.main) {
  const desk = takeJob<ProbeJob>();
  desk.answer(await probe(desk));
}
