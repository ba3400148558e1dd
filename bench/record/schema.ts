/**
 * The result file, schema `memslot-race/1`: JSON Lines, one line for the run, one per trial and
 * probe as they end, one for the end. Unknown fields are kept; keys are fields, never parts of names.
 * What older files do not say is filled in when a line is read. The last field of each line, `sum`, is
 * a checksum of what stands before it (checksum.ts).
 */
import { z } from "zod";

/** The schema's name and major version, in the first line of every file. */
export const SCHEMA = "memslot-race/1";

/** Characters of the longest name. */
const LONGEST_NAME = 128;

/** Contenders of the largest race. */
const MOST_CONTENDERS = 512;

/** Entries of the largest trial: contenders, the twin, the floor and one that is planted. */
const MOST_ENTRIES = MOST_CONTENDERS + 3;

/** Cells of the largest race. */
const MOST_CELLS = 4096;

/** Processes of a cell in the largest race. */
const MOST_PROCESSES = 1000;

/** Rounds of the longest trial. */
const MOST_ROUNDS = 10_000;

/** Shards of one race. */
export const MOST_SHARDS = 256;

const name = z.string().min(1).max(LONGEST_NAME);
const count = z.int().min(0);
/** Nanoseconds of a block: at most 11 days, which is more than the longest --patience. */
const ns = z.number().min(1e-3).max(1e15);
/** Bytes or nanoseconds that a probe has found; bytes can be below 0, as a heap shrinks meanwhile. */
const quantity = z.number().min(-1e15).max(1e15);
/** From 1. */
const shardIndex = z.int().min(1).max(MOST_SHARDS);

/** Where and how a trial ran. */
export const Cell = z.looseObject({
  workload: name,
  layout: name,
  slots: z.int().min(1).max(2 ** 22),
  originGfn: z.int().min(0).max(2 ** 52),
  /** Whether each entry had its own timed loop, or all shared one. */
  condition: z.enum(["solo", "mixed"]),
  /** KVM's one-entry cache in front: of the set, of the reader, or none. */
  lastUsed: z.enum(["off", "set", "reader"]).default("off"),
  /** The shares of a mix of operations, such as `find=95,range=4,change=1`; usual ones if not said. */
  mix: name.optional(),
  /** What ran it: `deno`, or as the user named it, `node`, `bun`, `node@22`. */
  engine: name.default("deno"),
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
  /** It takes part in every `every`-th round: 1 for all but the slow. */
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
  /** The versions of the engines of a race besides Deno, by their names in its cells. */
  engines: z.record(name, z.string()).optional(),
});

/** Fields of an environment in which machines of one kind agree; `engines` besides. */
export const KIND_FIELDS = ["cpu", "cores", "os", "arch", "kernel", "deno", "v8"] as const;

/** What was planned. */
export const Plan = z.looseObject({
  cells: z.array(Cell).min(1).max(MOST_CELLS),
  contenders: z.array(z.looseObject({
    name,
    /** Where its file was: only ever compared with what is registered or what a user names. */
    path: z.string(),
    /** The contender of the same race that this one is an earlier commit of. */
    against: name.optional(),
  })).max(MOST_CONTENDERS),
  baseline: name,
  /** Processes of each cell. */
  processes: z.int().min(1).max(MOST_PROCESSES),
  /** Blocks of each entry in a process. */
  rounds: z.int().min(1).max(MOST_ROUNDS),
  /** Whether it is indicative only. */
  quick: z.boolean(),
  /** Per cent of extra work in the entry `planted`; 0 for none. */
  plantPercent: z.number().min(0),
  /** What slots were found by: guest frames or user memory. */
  key: z.enum(["gfn", "hva"]).default("gfn"),
  /** Whether each process drew a layout and a script of its own; else all shared one. */
  layoutPerProcess: z.boolean().default(false),
  /** Whether entries ran in balanced orders or always as listed. */
  order: z.enum(["balanced", "listed"]).default("balanced"),
}).superRefine(({ cells, contenders, baseline }, context) => {
  const names = contenders.map(({ name }) => name), keys = cells.map(cellKey);
  const refuse = (path: string, message: string) => {
    context.addIssue({ code: "custom", path: [path], message });
  };
  if (new Set(names).size < names.length) refuse("contenders", "each contender must stand once");
  if (new Set(keys).size < keys.length) refuse("cells", "each cell must stand once");
  if (!names.includes(baseline)) refuse("baseline", "it must be one of the contenders");
  for (const { name, against } of contenders) {
    if (against === undefined || (against !== name && names.includes(against))) continue;
    refuse("contenders", `${name} must be an earlier commit of another contender`);
  }
});

/** How a race is divided: whole cells, or pairs of processes of every cell. */
const ShardBy = z.enum(["cell", "process"]);

/** A part of a race, in a file of its own (shard.ts). */
export const Shard = z.looseObject({
  /** From 1. */
  index: shardIndex,
  /** Shards of the race, from 1. */
  of: shardIndex,
  by: ShardBy,
  /** All cells of the race, in its order; the plan has those of the shard. */
  cells: z.array(Cell).min(1).max(MOST_CELLS),
}).refine(({ index, of }) => index <= of, "index must be at most of");

/** Where and when a shard of a joined file ran. */
const JoinedShard = z.looseObject({
  /** From 1. */
  index: shardIndex,
  startedAt: z.string(),
  host: z.string(),
  environment: Environment,
});

/** What a joined file was made of. */
const Joined = z.looseObject({
  of: shardIndex,
  by: ShardBy,
  /** By index, ascending; those that are missing are left out. */
  shards: z.array(JoinedShard).min(1).max(MOST_SHARDS),
});

/**
 * The first line: what was planned, where, and from which code. In a joined file host and environment
 * have the values of all machines.
 */
export const RunLine = z.looseObject({
  kind: z.literal("run"),
  schema: z.string(),
  startedAt: z.string(),
  host: z.string(),
  environment: Environment,
  plan: Plan,
  seed: z.int(),
  /** The commit of the code, with `+` behind it where files had changed; empty if unknown. */
  commit: z.string(),
  /** Digests of the files that the race ran, by their paths; empty in files of before it was kept. */
  code: z.record(z.string(), z.string()).default({}),
  argv: z.array(z.string()),
  /** Of a file that is a part of a race. */
  shard: Shard.optional(),
  /** Of a file that was joined from shards. */
  joined: Joined.optional(),
});

/** Raw blocks in the order taken: parallel arrays; `entry` counts into the trial's entries. */
const Blocks = z.looseObject({
  round: z.array(count.max(MOST_ROUNDS - 1)),
  entry: z.array(count),
  ns: z.array(ns),
});

/** One fresh process on one cell. */
export const TrialLine = z.looseObject({
  kind: z.literal("trial"),
  cell: Cell,
  process: count.max(MOST_PROCESSES - 1),
  /** 2 where it was run again for its noise: it replaces the first. */
  attempt: z.int().min(1).max(9).default(1),
  /** The contender of a user's file that raced here, beside the baseline alone; none for the others. */
  group: name.optional(),
  /** In a joined file, the index of its shard. */
  shard: shardIndex.optional(),
  startedAt: z.string(),
  unit: name,
  /** Of the whole script, where it looks slots up; the cache is `last_used_slot`, raced or not. */
  lookups: z.looseObject({
    all: count,
    found: count,
    cacheHitShare: z.number().min(0).max(1),
  }).optional(),
  entries: z.array(Entry).min(1).max(MOST_ENTRIES),
  blocks: Blocks,
  /** Rounds it had: fewer than planned where blocks are long. */
  rounds: z.int().min(1).max(MOST_ROUNDS).optional(),
  /** Times the kernel took the processor away while blocks ran; null where it does not tell. */
  preemptions: count.nullable(),
  /** The load average of the last minute when it began; null where the system does not tell. */
  load: z.number().min(0).nullable(),
}).superRefine((trial, context) => {
  const message = contradictionOf(trial);
  if (message !== null) context.addIssue({ code: "custom", path: ["blocks"], message });
});

/** The parts of a trial that must agree. */
interface Timed {
  readonly entries: readonly z.infer<typeof Entry>[];
  readonly blocks: z.infer<typeof Blocks>;
  readonly rounds?: number | undefined;
}

/** In what the blocks of a trial contradict its entries or one another; null if they do not. */
function contradictionOf({ entries, blocks: { round, entry, ns }, rounds }: Timed): string | null {
  if (round.length !== entry.length || round.length !== ns.length) {
    return "round, entry and ns must be of one length";
  }
  if (new Set(entries.map(({ name }) => name)).size < entries.length) {
    return "each entry must stand once";
  }
  const last = round.reduce((most, each) => Math.max(most, each), -1);
  if (rounds !== undefined && last >= rounds) {
    return `a block is of round ${last} of ${rounds}, counted from 0`;
  }
  const counts = new Array<number>(entries.length).fill(0), taken = new Set<number>();
  for (let i = 0; i < round.length; i++) {
    const at = entry[i];
    if (at >= entries.length) {
      return `a block is of entry ${at} of ${entries.length}, counted from 0`;
    }
    const place = round[i] * MOST_ENTRIES + at;
    if (taken.has(place)) return `${entries[at].name} has two blocks in round ${round[i]}`;
    taken.add(place);
    counts[at]++;
  }
  for (const [i, { name, every, outcome }] of entries.entries()) {
    const planned = Math.ceil((last + 1) / every);
    if (outcome.kind === "ok" && counts[i] > 0 && counts[i] !== planned) {
      return `${name} has ${counts[i]} blocks and must have ${planned} in ${last + 1} rounds`;
    }
  }
  return null;
}

/** What a probe process, never timed, found out about one entry. */
const ProbeEntry = z.looseObject({
  name,
  outcome: Outcome,
  /** On the heap and outside it, after collection, beyond the slot objects. */
  liveBytesPerSlot: quantity.optional(),
  allocatedBytesPerStep: quantity.optional(),
  buildNsPerSlotSorted: quantity.optional(),
  buildNsPerSlotShuffled: quantity.optional(),
  loopTier: z.string().optional(),
  indexTier: z.string().optional(),
  deopts: count.optional(),
});

/** One probe process on one cell. */
export const ProbeLine = z.looseObject({
  kind: z.literal("probe"),
  cell: Cell,
  /** As in a trial. */
  group: name.optional(),
  /** As in a trial. */
  shard: shardIndex.optional(),
  entries: z.array(ProbeEntry).max(MOST_ENTRIES),
});

/** The gate's word on a contender that may not race, or raced only in part. */
export const GateLine = z.looseObject({
  kind: z.literal("gate"),
  name,
  /** As in `Cell`. */
  engine: name.default("deno"),
  outcome: Outcome,
  /** False where its file gave no index. */
  isLoaded: z.boolean().default(true),
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
/** What was planned. */
export type Plan = z.infer<typeof Plan>;
/** The first line of a file. */
export type RunLine = z.infer<typeof RunLine>;
/** A part of a race. */
export type Shard = z.infer<typeof Shard>;
/** What a joined file was made of. */
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
  const { workload, layout, slots, originGfn, condition, lastUsed, mix, engine } = cell;
  return JSON.stringify([workload, layout, slots, originGfn, condition, lastUsed, mix, engine]);
}
