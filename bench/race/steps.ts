/** The steps of a race: its processes, and what becomes of the entries that fail in them. */
import {
  type Cell,
  cellKey,
  type Line,
  type Outcome,
  type ProbeLine,
  type TrialLine,
} from "../record/schema.ts";
import { hasProbes, processesOf } from "../record/shard.ts";
import { KINDS } from "../workloads/script.ts";
import { workloadNamed } from "../workloads/workloads.ts";
import { DENO } from "../process/engine.ts";
import { lateEntries, PILOTS } from "./pilot.ts";
import { type Group, groupsOf, isRegistered, type Plan } from "./plan.ts";
import {
  type Failed,
  probeJob,
  type ProcessOptions,
  runProbe,
  runTrial,
  trialJob,
} from "./processes.ts";
import type { Weighed } from "./probe_process.ts";
import type { Barred } from "./trial_process.ts";

/**
 * A process of the race. Memory and tiers vary little between processes: one probe of each group in a
 * cell is enough.
 */
export type Step = Probe | Trial;

/** A probe of a group. */
export interface Probe {
  readonly kind: "probe";
  readonly cell: Cell;
  readonly group: Group;
}

/** A trial of a group: number `process` of its cell. */
export interface Trial extends Omit<Probe, "kind"> {
  readonly kind: "trial";
  readonly process: number;
}

/**
 * The processes of a race. Each of a cell stands beside those of other cells, so that drift of the
 * hour touches all alike.
 */
export function processSteps(plan: Plan): Step[] {
  const { cells, shard } = plan, groups = groupsOf(plan);
  const probed = hasProbes(shard) ? cells.filter(({ condition }) => condition === "solo") : [];
  const probes = probed.flatMap((cell) => {
    return groups.map((group): Step => ({ kind: "probe", cell, group }));
  });
  const trials = processesOf(plan, shard).map((process) => {
    return cells.flatMap((cell) => {
      return groups.map((group): Step => ({ kind: "trial", cell, group, process }));
    });
  });
  return [...probes, ...trials.flat()];
}

/** Whether the entry is among those that are out. */
export function isBarred(name: string, barred: readonly Barred[]): boolean {
  return barred.some(([other]) => other === name);
}

/** The same text for a step and for its line; of another line its kind. */
export function stepKey(step: Step | Line): string {
  if (step.kind !== "trial" && step.kind !== "probe") return step.kind;
  return JSON.stringify([step.kind, step.kind === "trial" && step.process, placeKey(step)]);
}

/** The cell and the group of a step, or of its line, as one text. */
export function placeKey({ cell, group }: Step | ProbeLine | TrialLine): string {
  const outside = typeof group === "object" ? group.outside : group ?? null;
  return JSON.stringify([cellKey(cell), outside]);
}

/** The step in a few words. */
export function stepWords(step: Step, { processes }: Plan): string {
  const { cell: { workload, slots, condition, engine }, group: { outside } } = step;
  const more = [condition === "mixed" ? "mixed" : "", engine === DENO ? "" : `in ${engine}`];
  const where = [workload, slots, ...more.filter(Boolean), outside ?? ""];
  return step.kind === "probe"
    ? ["probe", ...where].join(" ").trim()
    : `${where.join(" ").trim()} ${step.process + 1}/${processes}`;
}

/** Runs steps, and remembers the entries that hung or crashed: no second process waits for them. */
export class StepRunner {
  readonly #plan: Plan;
  readonly #options: ProcessOptions;
  /** Entries that are out of the whole race. */
  readonly #refused: readonly Barred[];
  /** Entries that are out of a cell, by its key. */
  readonly #failed = new Map<string, Barred[]>();
  /** Entries that settled late in a pilot, and after how many steps, by `placeKey`. */
  readonly #late = new Map<string, Map<string, number>>();
  /** What contenders weigh, by the map that a probe has weighed them on. */
  readonly #weighed = new Map<string, Map<string, Weighed>>();
  /** Pilots that have run, so that each is run again once at most. */
  readonly #pilots = new Set<string>();
  readonly #secret = crypto.randomUUID();

  /** The entries that are `refused` run nowhere. */
  constructor(plan: Plan, options: ProcessOptions, refused: readonly Barred[]) {
    this.#plan = plan;
    this.#options = options;
    this.#refused = refused;
  }

  /** The line of a step; null if the race was stopped. */
  async run(step: Step): Promise<Line | null> {
    const key = cellKey(step.cell), failed = this.#failed.get(key) ?? [];
    this.#failed.set(key, failed);
    for (;;) {
      const barred = [...this.#refused, ...failed], { outside, isFirst } = step.group;
      const out = barred.find(([name]) => name === outside);
      if (out !== undefined && !isFirst) return lineWithout(step, out);
      const result = await this.#runOnce(step, barred);
      if (result.kind === "stopped") return null;
      const fault = this.#faultOf(result, step.group);
      if (fault === null && result.kind === "trial" && this.#learns(result)) continue;
      if (fault === null) return result as Line;
      const [name, { words }] = fault;
      if (["", "floor"].includes(name) || isBarred(name, barred)) {
        throw new Error(`Cannot run ${stepWords(step, this.#plan)}: ${words}`);
      }
      failed.push(fault);
    }
  }

  /** Whether a pilot has shown an entry that settles late: then it is run again, warmer. */
  #learns(trial: TrialLine): boolean {
    const pilots = processesOf(this.#plan, this.#plan.shard).slice(0, PILOTS);
    if (!pilots.includes(trial.process)) return false;
    const key = placeKey(trial), known = this.#late.get(key) ?? new Map<string, number>();
    this.#late.set(key, known);
    const late = lateEntries(trial).filter(([name]) => !known.has(name));
    for (const [name, steps] of late) known.set(name, steps);
    const pilot = stepKey(trial), isFirst = !this.#pilots.has(pilot);
    this.#pilots.add(pilot);
    return late.length > 0 && isFirst;
  }

  #runOnce(step: Step, barred: readonly Barred[]) {
    const { cell, group } = step, told = { cell, group, barred, secret: this.#secret };
    if (step.kind === "probe") return this.#probe(step, told);
    const settlesAfter = [...this.#late.get(placeKey(step)) ?? []];
    const job = trialJob(this.#plan, { ...told, settlesAfter, process: step.process });
    return runTrial(job, this.#options);
  }

  /** Runs a probe, which weighs what none on the same map has weighed before. */
  async #probe({ cell }: Probe, told: Parameters<typeof probeJob>[1]) {
    const map = cellKey({ ...cell, workload: "", mix: undefined });
    const known = this.#weighed.get(map) ?? new Map<string, Weighed>();
    this.#weighed.set(map, known);
    const job = probeJob(this.#plan, { ...told, weighed: [...known.values()] });
    const result = await runProbe(job, this.#options);
    if (result.kind !== "probe") return result;
    for (const { name, liveBytesPerSlot, ...entry } of result.entries) {
      const { buildNsPerSlotSorted, buildNsPerSlotShuffled } = entry;
      if (liveBytesPerSlot === undefined) continue;
      known.set(name, { name, liveBytesPerSlot, buildNsPerSlotSorted, buildNsPerSlotShuffled });
    }
    return result;
  }

  /**
   * The entry at fault where a process gave no line, or one in which a file of a user's has others
   * fail: in a process of its own whatever goes wrong is its doing, as the baseline races elsewhere.
   */
  #faultOf(result: Line | Failed, { outside, contenders: [baseline] }: Group): Fault | null {
    const isAlone = outside !== null && isRegistered(baseline, this.#plan.key);
    const beside = (entry: string, words: string) => {
      return entry === outside ? words : `${words}, beside ${outside}`;
    };
    if (result.kind === "stuck" || result.kind === "crashed" || result.kind === "threw") {
      const { entry, kind, words } = result;
      return isAlone ? [outside, { kind, words: beside(entry, words) }] : [entry, { kind, words }];
    }
    if (!isAlone || result.kind !== "trial") return null;
    const harmed = result.entries.find(({ name, outcome }) => {
      return name !== outside && outcome.kind !== "ok";
    });
    if (harmed === undefined || harmed.outcome.kind === "ok") return null;
    return [outside, { kind: "threw", words: beside(harmed.name, harmed.outcome.words) }];
  }
}

/** An entry that is out, and what it did. */
type Fault = readonly [name: string, Failure];

type Failure = Exclude<Outcome, { kind: "ok" }>;

/** The line of a process that is not run, as the one contender of its group is out. */
function lineWithout(step: Step, [name, outcome]: Barred): Line {
  const { cell, group: { outside } } = step, group = outside!;
  if (step.kind === "probe") return { kind: "probe", cell, group, entries: [{ name, outcome }] };
  return {
    kind: "trial",
    cell,
    process: step.process,
    attempt: 1,
    group,
    startedAt: new Date().toISOString(),
    unit: KINDS[workloadNamed(cell.workload).kind].unit,
    entries: [{ name, role: "contender", outcome, stepsPerBlock: 1, every: 1 }],
    blocks: { round: [], entry: [], ns: [] },
    preemptions: null,
    load: null,
  };
}
