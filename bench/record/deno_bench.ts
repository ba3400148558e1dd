/**
 * Files of `deno bench --json`: of each bench there is an average, and nothing to make an interval of.
 * What they are about stands in the names of groups only (bench_title.ts).
 */
import { z } from "zod";
import { benchTitle, type BenchTopic, benchTopic } from "./bench_title.ts";
import { ResultFileError } from "./result_error.ts";
import { type BenchRun, failuresOf, type ResultFile } from "./result_file.ts";
import type { Cell, Environment, TrialLine } from "./schema.ts";

const Stats = z.looseObject({ n: z.number().positive(), avg: z.number().positive() });
const Result = z.looseObject({ ok: Stats.optional(), failed: z.unknown().optional() });
const Bench = z.looseObject({
  group: z.string().nullish(),
  name: z.string().min(1).max(128),
  baseline: z.boolean().optional(),
  results: z.array(Result).min(1).max(1000),
});
const File = z.looseObject({
  version: z.literal(1),
  runtime: z.string(),
  cpu: z.string(),
  benches: z.array(Bench).min(1).max(100_000),
});

type Bench = z.infer<typeof Bench>;

/** What a table of such a file must say. */
export const DENO_BENCH_LIMITS: readonly string[] = [
  "deno bench: one process, averages, contenders one after the other. Between processes such " +
  "figures differ by up to 40 %, so there are no intervals and no verdicts: use deno task race.",
];

/** A group, to show what titles look like. */
const EXAMPLE: BenchTopic = {
  workload: "find_uniform",
  layout: "scattered",
  slots: 509,
  originGfn: 2 ** 20,
  steps: 1_000_000,
  unit: "lookup",
};

/** Whether a text begins as `deno bench --json` writes it. */
export function isDenoBench(bytes: Uint8Array): boolean {
  return /^\s*\{\s*"version"\s*:/.test(new TextDecoder().decode(bytes.subarray(0, 200)));
}

/** What a file of `deno bench --json` says. `ResultFileError` in one line for what is malformed. */
export function parseDenoBench(path: string, bytes: Uint8Array): ResultFile {
  const { runtime, cpu, benches } = parse(path, bytes);
  const known = benches.flatMap((bench): Known[] => {
    const topic = benchTopic(bench.group ?? "");
    return topic === null ? [] : [{ bench, topic }];
  });
  if (known.length === 0) {
    throw new ResultFileError(
      `Cannot read ${path} as no group is named like "${
        benchTitle(EXAMPLE)
      }": was it written by the benches of this project?`,
    );
  }
  const groups = [...Map.groupBy(known, ({ bench }) => bench.group).values()];
  const cells = groups.map(([{ topic }]) => cellOf(topic));
  const left = benches.length - known.length, warnings: string[] = [];
  if (left > 0) warnings.push(`${path}: ${left} benches of other groups are left out`);
  const trials = groups.map((group, i) => trialOf(group, cells[i], { path, warnings }));
  const baseline = known.find(({ bench }) => bench.baseline)?.bench.name ?? known[0].bench.name;
  const contenders = [...new Set(known.map(({ bench }) => bench.name))].map((name) => ({ name }));
  const run: BenchRun = {
    kind: "deno bench",
    ...{ startedAt: "", host: "", commit: "" },
    environment: environmentOf(runtime, cpu),
    plan: { cells, contenders, baseline, processes: 1, quick: true },
  };
  const failures = failuresOf(trials);
  return { path, run, trials, probes: [], gates: new Map(), failures, isWhole: true, warnings };
}

/** A bench, and what its group is about. */
interface Known {
  readonly bench: Bench;
  readonly topic: BenchTopic;
}

function parse(path: string, bytes: Uint8Array): z.infer<typeof File> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new ResultFileError(`Cannot read ${path}: ${(error as Error).message.slice(0, 200)}`);
  }
  const parsed = File.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path: at, message }] = parsed.error.issues;
  throw new ResultFileError(
    `Cannot read ${path} as it is not as deno bench --json writes it at ${
      at.join(".").slice(0, 100)
    }: ${message.slice(0, 200)}`,
  );
}

function cellOf({ workload, layout, slots, originGfn }: BenchTopic): Cell {
  return { workload, layout, slots, originGfn, condition: "solo", lastUsed: "off", engine: "deno" };
}

/** A group as a trial of one round, whose blocks are the averages. */
function trialOf(
  group: readonly Known[],
  cell: Cell,
  { path, warnings }: { path: string; warnings: string[] },
): TrialLine {
  const { steps, unit } = group[0].topic;
  const byName = Map.groupBy(group, ({ bench }) => bench.name);
  const entries: TrialLine["entries"] = [],
    blocks: TrialLine["blocks"] = { round: [], entry: [], ns: [] };
  for (const [name, benches] of byName) {
    const results = benches.flatMap(({ bench }) => bench.results);
    const timed = results.flatMap(({ ok }) => ok ? [ok] : []),
      isOk = timed.length === results.length;
    const outcome = isOk
      ? { kind: "ok" as const }
      : { kind: "threw" as const, words: `${name} failed in ${path}` };
    if (isOk) {
      blocks.round.push(0);
      blocks.entry.push(entries.length);
      blocks.ns.push(averageOf(timed));
    }
    entries.push({ name, role: "contender", outcome, stepsPerBlock: steps, every: 1 });
    if (isOk && timed.length > 1) {
      warnings.push(
        `${path}: ${name} in ${cell.workload} of ${cell.slots} slots has ${timed.length} results: ` +
          `shown is the average over their ${timed.reduce((sum, { n }) => sum + n, 0)} iterations`,
      );
    }
  }
  return {
    kind: "trial",
    ...{ cell, process: 0, attempt: 1, startedAt: "", unit, entries, blocks },
    preemptions: null,
    load: null,
  };
}

/** Each result counts by its iterations. */
function averageOf(results: readonly { n: number; avg: number }[]): number {
  const iterations = results.reduce((sum, { n }) => sum + n, 0);
  return results.reduce((sum, { n, avg }) => sum + avg * (n / iterations), 0);
}

function environmentOf(runtime: string, cpu: string): Environment {
  const [, deno = "", arch = "", os = ""] =
    /^Deno\/(\S+) ([^-\s]+)-[^-\s]+-([^-\s]+)/.exec(runtime) ?? [];
  return { deno, v8: "", os, arch, kernel: "", cpu, cores: 0, memoryBytes: 0 };
}
