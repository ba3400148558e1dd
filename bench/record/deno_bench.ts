/**
 * Files of `deno bench --json`, as if one process had raced one round: of each bench there is an
 * average, and nothing to make an interval of. What they are about stands in the names of groups
 * only, so here, and nowhere else, keys are taken out of names.
 */
import { z } from "zod";
import { benchTitle, type BenchTopic, benchTopic } from "./bench_title.ts";
import type { Line, RunLine } from "./schema.ts";
import { type ResultFile, ResultFileError } from "./result_file.ts";

const Stats = z.looseObject({ n: z.number(), avg: z.number().positive() });
const Result = z.looseObject({ ok: Stats.optional(), failed: z.unknown().optional() });
const Bench = z.looseObject({
  group: z.string().nullish(),
  name: z.string().min(1),
  baseline: z.boolean().optional(),
  results: z.array(Result).min(1),
});
const File = z.looseObject({
  version: z.literal(1),
  runtime: z.string(),
  cpu: z.string(),
  benches: z.array(Bench).min(1),
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
  steps: 10_000,
  unit: "lookup",
};

/** No such file is larger, in bytes. */
const LARGEST = 64 * 2 ** 20;

/** Whether a file begins as `deno bench --json` writes it. */
export function isDenoBench(path: string): boolean {
  const bytes = new Uint8Array(200);
  try {
    using file = Deno.openSync(path);
    const length = file.readSync(bytes) ?? 0;
    return /^\s*\{\s*"version"\s*:/.test(new TextDecoder().decode(bytes.subarray(0, length)));
  } catch {
    return false; // its reader will say why
  }
}

/** Reads a file of `deno bench --json`. `ResultFileError` in one line for what is malformed. */
export function readDenoBench(path: string): ResultFile {
  const { runtime, cpu, benches } = parse(path);
  const known = benches.flatMap((bench) => {
    const group = benchTopic(bench.group ?? "");
    return group === null ? [] : [{ bench, group }];
  });
  if (known.length === 0) {
    throw new ResultFileError(
      `Cannot read ${path} as no group is named like "${
        benchTitle(EXAMPLE)
      }": was it written by the benches of this project?`,
    );
  }
  const groups = [...Map.groupBy(known, ({ bench }) => bench.group).values()];
  const lines = groups.map((group) => trialOf(group, path));
  const left = benches.length - known.length;
  const warnings = left === 0 ? [] : [`${path}: ${left} benches of other groups are left out`];
  const baseline = known.find(({ bench }) => bench.baseline)?.bench.name ?? known[0].bench.name;
  const names = [...new Set(known.map(({ bench }) => bench.name))];
  const run = runOf(lines, { runtime, cpu, baseline, names });
  return { path, run, lines, warnings, wholeBytes: 0 };
}

function parse(path: string): z.infer<typeof File> {
  let value: unknown;
  try {
    const { size } = Deno.statSync(path);
    if (size > LARGEST) throw new RangeError(`it has ${size} bytes, more than 64 MiB`);
    value = JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    throw new ResultFileError(`Cannot read ${path}: ${(error as Error).message}`);
  }
  const parsed = File.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path: at, message }] = parsed.error.issues;
  throw new ResultFileError(
    `Cannot read ${path} as it is not as deno bench --json writes it at ${
      at.join(".")
    }: ${message}`,
  );
}

function trialOf(
  all: readonly { bench: Bench; group: BenchTopic }[],
  path: string,
): Extract<Line, { kind: "trial" }> {
  const { workload, layout, slots, originGfn, steps, unit } = all[0].group;
  const entries = all.map(({ bench: { name, results } }) => {
    const outcome = results[0].ok
      ? { kind: "ok" as const }
      : { kind: "threw" as const, words: `${name} failed in ${path}` };
    return { name, role: "contender" as const, outcome, stepsPerBlock: steps, every: 1 };
  });
  const timed = all.flatMap(({ bench: { results: [{ ok }] } }, entry) => {
    return ok ? [{ entry, ns: ok.avg }] : [];
  });
  return {
    kind: "trial",
    cell: { workload, layout, slots, originGfn, condition: "solo" },
    process: 0,
    startedAt: "",
    unit,
    entries,
    blocks: {
      round: timed.map(() => 0),
      entry: timed.map(({ entry }) => entry),
      ns: timed.map(({ ns }) => ns),
    },
    preemptions: null,
    load: null,
  };
}

/** What is not known of the environment is empty. */
function runOf(
  lines: readonly Extract<Line, { kind: "trial" }>[],
  { runtime, cpu, baseline, names }: {
    runtime: string;
    cpu: string;
    baseline: string;
    names: readonly string[];
  },
): RunLine {
  const [, deno = "", arch = "", os = ""] =
    /^Deno\/(\S+) ([^-\s]+)-[^-\s]+-([^-\s]+)/.exec(runtime) ?? [];
  return {
    kind: "run",
    schema: "",
    startedAt: "",
    host: "",
    environment: { deno, v8: "", os, arch, kernel: "", cpu, cores: 0, memoryBytes: 0 },
    plan: {
      cells: lines.map(({ cell }) => cell),
      contenders: names.map((name) => ({ name, path: "" })),
      baseline,
      processes: 1,
      rounds: 1,
      quick: true,
      plantPercent: 0,
    },
    seed: 1,
    commit: "",
    argv: [],
  };
}
