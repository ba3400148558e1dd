/** The options of `deno task race`, what of them goes together, and the race that they wish for. */
import { CONTENDERS, HVA_CONTENDERS } from "../race/contenders.ts";
import type { RacedGuest } from "../race/guest_cells.ts";
import type { Wishes } from "../race/plan.ts";
import { MOST_SHARDS } from "../record/schema.ts";
import { DENO } from "../process/engine.ts";
import { readGuest } from "../traces/guest.ts";
import { fileSource } from "../traces/lines.ts";
import { USUAL_MIX } from "../workloads/mix.ts";
import { keepGuest } from "../workloads/own_guest.ts";
import { engineList } from "./engines.ts";
import { UsageError } from "./exit.ts";
import { MAP_OPTIONS } from "./map_options.ts";
import { type Arguments, choice, decimal, integer, listOf, part, text } from "./options.ts";
import { checkStandardInput, contenderList } from "./project.ts";
import { shares } from "./shares.ts";

const names = listOf(text("NAME"));

/** The options. */
export const RACE_OPTIONS = {
  contender: {
    ...contenderList(),
    help: "what races against the baseline: names of contenders, files, or all",
    otherwise: "all; with --quick those of deno bench",
  },
  workload: {
    ...names,
    help: "workloads to race: find_uniform, zap_8, move, zap*, ... (see --list)",
  },
  mix: {
    ...shares,
    help: "races the workload mix: find, miss, range and change interleaved in these shares",
    otherwise: USUAL_MIX,
  },
  layout: {
    ...names,
    help: "layouts of the memory: scattered, contiguous, pc, dimms, ... (see --list)",
  },
  slots: { ...listOf(integer(1, 2 ** 22)), help: "slot counts" },
  origin: {
    ...listOf(integer(0, 2 ** 51)),
    value: "GFN,...",
    help: "first guest frame numbers (gfns) of the memory: 0, 2^20, 2^40",
    otherwise: "2^20",
  },
  map: {
    ...text("FILE"),
    help: "the memory map of your own guest: a log, the monitor's answer or a list (see trace)",
  },
  trace: { ...listOf(text("FILE")), help: "with --map: the accesses of the guest (see trace)" },
  ...MAP_OPTIONS,
  jit: {
    ...choice("solo", "mixed", "both"),
    default: "solo",
    help:
      "solo: each contender has its own timed loop; mixed: all share one; both: both, and the difference",
  },
  "last-used": {
    ...choice("off", "set", "reader", "all"),
    default: "off",
    help:
      "puts KVM's one-entry cache in front of each index: that of the set, that of a reader, or each",
  },
  engine: {
    ...engineList(),
    default: DENO,
    help:
      "engines that run the processes: deno, node, bun, node@22, ...; each is a program on the PATH, else an npm package",
  },
  key: {
    ...choice("gfn", "hva"),
    default: "gfn",
    help: "indexes slots by guest frame number (gfn), or by host virtual address (hva)",
  },
  order: {
    ...choice("balanced", "listed"),
    default: "balanced",
    help:
      "balanced: another random order each round, so that each entry stands everywhere equally often; listed: a fixed order, to measure order effects",
  },
  base: { ...text("NAME|FILE"), help: "the baseline", otherwise: "sorted_array" },
  quick: {
    help: "3 processes, fewer cells, the contenders of deno bench: indicative only, no " +
      "significance verdicts",
  },
  processes: {
    ...integer(1, 200),
    help: "fresh processes a cell",
    otherwise: "10; with --quick 3",
  },
  rounds: { ...integer(1, 10_000), help: "blocks of each contender in a process", otherwise: "24" },
  seed: {
    ...integer(0, 2 ** 31 - 1),
    default: "1",
    help: "seed of layouts, scripts and orders",
  },
  shard: {
    ...part(MOST_SHARDS),
    help: "races part I of N of the plan; deno task join joins the parts; needs --seed",
  },
  "shard-by": {
    ...choice("cell", "process"),
    default: "cell",
    help: "what a shard has: whole cells, from any machines; or pairs of processes of each cell, " +
      "from machines of one kind",
  },
  plant: {
    ...decimal("PERCENT", { min: 0, max: 1000, what: "a percentage in [0, 1000]" }),
    default: "0",
    help: "adds a copy of the baseline slowed by PERCENT, to check that the run can detect it",
  },
  against: {
    ...text("REF|FOLDER"),
    help:
      "races each contender against its version in another commit or folder: shows what an edit changed",
  },
  "fail-above": {
    ...decimal("RATIO", { min: 1, max: 1000, what: "a ratio of at least 1, such as 1.05" }),
    help:
      "with --against: exit code 3 if a contender is slower than its other version by more than RATIO",
  },
  repeat: {
    ...integer(1, 50),
    default: "1",
    help:
      "races N times, each run into its own file, so that compare can tell how much runs differ",
  },
  out: { ...text("FILE"), help: "the result file", otherwise: "results/local/TIME-HOST.jsonl" },
  resume: { ...text("FILE"), help: "completes a run that was stopped" },
  patience: {
    ...integer(1, 86_400),
    value: "SECONDS",
    default: "30",
    help: "ends a contender that makes no progress for this long",
  },
  "dry-run": { help: "prints the cells, the number of processes and an estimate of the time" },
  list: { help: "lists contenders, how each makes a change, workloads and layouts" },
  quiet: { help: "no progress on standard error" },
} as const;

/** What the user has typed. */
export type RaceArguments = Arguments<typeof RACE_OPTIONS>;

/** The values and which of them the user gave. */
type Given = Pick<RaceArguments, "values" | "given">;

/** Refuses options that only mean something with others. */
export function checkTogether({ values, given }: Given): void {
  if (given.has("fail-above") && values.against === undefined) {
    throw new UsageError("Cannot use --fail-above without --against: it is of a change");
  }
  if (values.resume === undefined) checkShard({ values, given });
}

/** All shards of a race must draw the same layouts, and must be of the same programs. */
function checkShard({ values: { shard, against }, given }: Given): void {
  if (shard === undefined) {
    if (!given.has("shard-by")) return;
    throw new UsageError("Cannot use --shard-by without --shard: it is of a part of a race");
  }
  if (!given.has("seed")) {
    throw new UsageError(
      "Cannot use --shard without --seed: all shards must draw the same layouts and orders",
    );
  }
  if (against !== undefined) {
    throw new UsageError(
      "Cannot use --shard with --against: another commit's files have no digests to join by",
    );
  }
}

/** What to race, as the options say. */
export async function wishesOf({ values, given }: Given): Promise<Wishes> {
  const { key, order, quick, seed, plant, jit, contender, base } = values;
  const all = (key === "gfn" ? CONTENDERS : HVA_CONTENDERS).map(({ name }) => name);
  const cache = values["last-used"];
  return {
    contenders: contender?.flatMap((name) => name === "all" ? all : [name]),
    guest: await guestOf({ values, given }),
    workloads: values.workload,
    mix: values.mix,
    layouts: values.layout,
    slots: values.slots,
    origins: values.origin,
    engines: values.engine,
    conditions: jit === "both" ? ["solo", "mixed"] : [jit],
    lastUsed: cache === "all" ? ["off", "set", "reader"] : [cache],
    baseline: base,
    processes: values.processes,
    rounds: values.rounds,
    plantPercent: plant,
    ...{ key, order, quick, seed },
  };
}

/** The guest of --map and --trace, kept for the processes of the race; undefined without. */
async function guestOf(
  { values: { map: path, trace = [], at, midway: isMidway }, given }: Given,
): Promise<RacedGuest | undefined> {
  if (path === undefined) {
    const other = ["trace", "at", "midway"].find((name) => given.has(name));
    if (other === undefined) return undefined;
    throw new UsageError(`Cannot use --${other} without --map: it is of a guest's map`);
  }
  checkStandardInput([path, ...trace]);
  const guest = await readGuest(fileSource(path), trace.map(fileSource), { at, isMidway });
  return { ...guest, layout: await keepGuest(guest, path === "-" ? "stdin" : path) };
}
