/**
 * The result file, schema `memslot-race/1`: JSON Lines, one line for the run, one per trial and
 * probe as they end, one for the end. Unknown fields are kept; keys are fields, never parts of names.
 */
import { z } from "zod";

/** The schema's name and major version, in the first line of every file. */
export const SCHEMA = "memslot-race/1";

const name = z.string().min(1);
const count = z.int().min(0);
const ns = z.number().positive();

/** Where and how a trial ran. */
export const Cell = z.looseObject({
  workload: name,
  layout: name,
  slots: z.int().min(1),
  originGfn: z.number().min(0).max(2 ** 52),
  /** Whether each entry had its own timed loop, or all shared one. */
  condition: z.enum(["solo", "mixed"]),
  /** KVM's one-entry cache in front: of the set, of the reader, or none. */
  lastUsed: z.enum(["off", "set", "reader"]).optional(),
});

/** What came of an entry in a trial: times only where it is `ok`. */
export const Outcome = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("ok") }),
  z.looseObject({
    kind: z.enum(["wrong", "threw", "stuck", "leaked", "crashed"]),
    words: z.string(),
  }),
]);

const Role = z.enum(["contender", "twin", "floor", "planted"]);

const Entry = z.looseObject({
  name,
  role: Role,
  outcome: Outcome,
  /** Lookups, ranges or changes in each of its blocks: the same for all but the very slow. */
  stepsPerBlock: z.int().min(1),
  /** It takes part in one of so many rounds: 1 for all but the slow. */
  every: z.int().min(1),
});

const Environment = z.looseObject({
  deno: z.string(),
  v8: z.string(),
  os: z.string(),
  arch: z.string(),
  kernel: z.string(),
  cpu: z.string(),
  cores: count,
  memoryBytes: count,
});

/** The first line: what was planned, where, and from which code. */
export const RunLine = z.looseObject({
  kind: z.literal("run"),
  schema: z.string(),
  startedAt: z.string(),
  host: z.string(),
  environment: Environment,
  plan: z.looseObject({
    cells: z.array(Cell).min(1),
    contenders: z.array(z.looseObject({
      name,
      path: z.string(),
      /** The contender of the same race that this one is an earlier commit of. */
      against: name.optional(),
    })),
    baseline: name,
    processes: z.int().min(1),
    rounds: z.int().min(1),
    quick: z.boolean(),
    /** Per cent of extra work in the entry `planted`; 0 for none. */
    plantPercent: z.number().min(0),
    /** What slots were found by: guest frames, unless it says `hva`. */
    key: z.enum(["gfn", "hva"]).optional(),
    /** Whether each process drew a layout and a script of its own; all shared one if not said. */
    layoutPerProcess: z.boolean().optional(),
    /** Balanced, unless it says that entries ran as listed. */
    order: z.enum(["balanced", "listed"]).optional(),
  }),
  seed: z.int(),
  /** The commit of the code, with `+` behind it where files had changed; empty if unknown. */
  commit: z.string(),
  argv: z.array(z.string()),
});

/** One fresh process on one cell. */
export const TrialLine = z.looseObject({
  kind: z.literal("trial"),
  cell: Cell,
  process: count,
  /** 2 where it was run again for its noise: it replaces the first. 1 if not said. */
  attempt: z.int().min(1).max(9).optional(),
  startedAt: z.string(),
  unit: z.string(),
  /** Of the whole script, where it looks slots up; the cache is `last_used_slot`, raced or not. */
  lookups: z.looseObject({
    all: count,
    found: count,
    cacheHitShare: z.number().min(0).max(1),
  }).optional(),
  entries: z.array(Entry).min(1),
  /** Raw blocks in the order taken: parallel arrays; `entry` counts into `entries`. */
  blocks: z.looseObject({
    round: z.array(count),
    entry: z.array(count),
    ns: z.array(ns),
  }).refine(
    ({ round, entry, ns }) => round.length === entry.length && round.length === ns.length,
    "round, entry and ns must be of one length",
  ),
  /** Rounds it had: fewer than planned where blocks are long. */
  rounds: z.int().min(1).optional(),
  /** Times the kernel took the processor away while blocks ran; null where it does not tell. */
  preemptions: count.nullable(),
  /** The load average of the last minute when it began; null where the system does not tell. */
  load: z.number().nullable(),
});

/** What a probe process, never timed, found out about one entry. */
const ProbeEntry = z.looseObject({
  name,
  outcome: Outcome,
  /** On the heap and outside it, after collection, beyond the slot objects. */
  liveBytesPerSlot: z.number().optional(),
  allocatedBytesPerStep: z.number().optional(),
  buildNsPerSlotSorted: z.number().optional(),
  buildNsPerSlotShuffled: z.number().optional(),
  loopTier: z.string().optional(),
  indexTier: z.string().optional(),
  deopts: count.optional(),
});

/** One probe process on one cell. */
export const ProbeLine = z.looseObject({
  kind: z.literal("probe"),
  cell: Cell,
  entries: z.array(ProbeEntry),
});

/** The gate's word on a contender that may not race, or raced only in part. */
export const GateLine = z.looseObject({
  kind: z.literal("gate"),
  name,
  outcome: Outcome,
  /** False where its file gave no index. */
  isLoaded: z.boolean().optional(),
});

/** The last line of a run that ended by itself. */
export const EndLine = z.looseObject({
  kind: z.literal("end"),
  endedAt: z.string(),
});

/** Any line of a result file. */
export const Line = z.discriminatedUnion("kind", [
  RunLine,
  TrialLine,
  ProbeLine,
  GateLine,
  EndLine,
]);

/** Where and how a trial ran. */
export type Cell = z.infer<typeof Cell>;
/** What came of an entry in a trial. */
export type Outcome = z.infer<typeof Outcome>;
/** An entry of a trial. */
export type Entry = z.infer<typeof Entry>;
/** The first line of a file. */
export type RunLine = z.infer<typeof RunLine>;
/** One process on one cell. */
export type TrialLine = z.infer<typeof TrialLine>;
/** One probe process on one cell. */
export type ProbeLine = z.infer<typeof ProbeLine>;
/** The gate's word on a contender. */
export type GateLine = z.infer<typeof GateLine>;
/** Any line of a result file. */
export type Line = z.infer<typeof Line>;
/** What ran where. */
export type Environment = z.infer<typeof Environment>;

/** The JSON Schema of a line, made from the validator. */
export function jsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(Line, { reused: "ref", io: "input" });
}

/** A cell's fields as one string: for maps, never taken apart again. */
export function cellKey(cell: Cell): string {
  const { workload, layout, slots, originGfn, condition, lastUsed = "off" } = cell;
  return JSON.stringify([workload, layout, slots, originGfn, condition, lastUsed]);
}
