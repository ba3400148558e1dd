/** Result files of races that never ran, with a truth to hit. */
import type { Cell, Entry, Line, Outcome, RunLine, TrialLine } from "../../bench/record/schema.ts";
import { withSum } from "../../bench/record/checksum.ts";
import { type RaceRun, type ResultFile, resultFile } from "../../bench/record/result_file.ts";
import { normal, seeded, skewed } from "./stats_model.ts";

/** A cell of `find_uniform` on scattered slots, but for what is said. */
export function cell(fields: Partial<Cell> = {}): Cell {
  return {
    workload: "find_uniform",
    layout: "scattered",
    slots: 509,
    originGfn: 2 ** 20,
    condition: "solo",
    lastUsed: "off",
    engine: "deno",
    ...fields,
  };
}

/** What a made-up race is like. */
export interface Race {
  readonly cells: readonly Cell[];
  /** The true ns a step of each contender, in a cell; the twin is as the first. */
  readonly ns: Readonly<Record<string, number | ((cell: Cell) => number)>>;
  readonly processes: number;
  readonly rounds: number;
  readonly host: string;
  readonly cpu: string;
  /** Standard deviation of the luck of a process, in logs. */
  readonly luck: number;
  /** The twin's true ratio to the baseline. */
  readonly twin: number;
  readonly quick: boolean;
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** Lines behind the trials, before the end. */
  readonly more: readonly Line[];
  readonly seed: number;
}

const DEFAULTS: Race = {
  cells: [cell()],
  ns: { sorted_array: 40, rb_tree: 60, eytzinger: 10 },
  processes: 8,
  rounds: 20,
  host: "track",
  cpu: "Model CPU",
  luck: 0.002,
  twin: 1,
  quick: false,
  outcomes: {},
  more: [],
  seed: 1,
};

/** The lines of a race; the first of `ns` is its baseline. */
export function raceLines(race: Partial<Race> = {}): Line[] {
  const all = { ...DEFAULTS, ...race };
  const trials = all.cells.flatMap((cell) =>
    Array.from({ length: all.processes }, (_, process) => trialLine(all, cell, process))
  );
  return [runLine(all), ...trials, ...all.more, { kind: "end", endedAt: "2026-01-01T00:05:00Z" }];
}

/** The same lines, with one more contender in the plan of the first. */
export function withPlanned([run, ...lines]: readonly Line[], name: string): Line[] {
  if (run.kind !== "run") throw new TypeError("The first line must be that of the run");
  const contenders = [...run.plan.contenders, { name, path: `impls/${name}.ts` }];
  return [{ ...run, plan: { ...run.plan, contenders } }, ...lines];
}

function runLine({ cells, ns, processes, rounds, quick, host, cpu, seed }: Race): RunLine {
  const names = Object.keys(ns);
  return {
    kind: "run",
    schema: "memslot-race/1",
    startedAt: "2026-01-01T00:00:00Z",
    host,
    environment: {
      deno: "2.9.6",
      v8: "15.0",
      os: "linux",
      arch: "x86_64",
      kernel: "6.1",
      cpu,
      cores: 4,
      memoryBytes: 2 ** 33,
    },
    plan: {
      cells: [...cells],
      contenders: names.map((name) => ({ name, path: `impls/${name}.ts` })),
      baseline: names[0],
      processes,
      rounds,
      quick,
      plantPercent: 0,
      key: "gfn",
      layoutPerProcess: false,
      order: "balanced",
    },
    seed,
    commit: "0123abc",
    code: {},
    argv: [],
  };
}

function trialLine(race: Race, cell: Cell, process: number): TrialLine {
  const { ns, rounds, luck, twin, outcomes, seed } = race;
  const random = seeded(seed * 1000 + process * 50 + cell.slots);
  const nsOf = (name: string) => {
    const truth = ns[name];
    return (typeof truth === "number" ? truth : truth(cell)) * Math.exp(luck * normal(random));
  };
  const [baseline, ...others] = Object.keys(ns), stepsPerBlock = 1000;
  const base = nsOf(baseline);
  const rows: [string, Entry["role"], number][] = [
    [baseline, "contender", base],
    ...others.map((name): [string, "contender", number] => [name, "contender", nsOf(name)]),
    ["twin", "twin", base * twin * Math.exp(luck * normal(random))],
    ["floor", "floor", 2],
  ];
  const entries = rows.map(([name, role]): Entry => {
    return {
      name,
      role,
      stepsPerBlock,
      every: 1,
      outcome: Object.hasOwn(outcomes, name) ? outcomes[name] : { kind: "ok" },
    };
  });
  const blocks: TrialLine["blocks"] = { round: [], entry: [], ns: [] };
  for (let round = 0; round < rounds; round++) {
    const common = Math.exp(0.05 * normal(random));
    for (let place = 0; place < rows.length; place++) {
      const entry = (place + round) % rows.length;
      if (entries[entry].outcome.kind !== "ok") continue;
      blocks.round.push(round);
      blocks.entry.push(entry);
      const noise = Math.exp(luck * skewed(random));
      blocks.ns.push(rows[entry][2] * stepsPerBlock * common * noise);
    }
  }
  const startedAt = "2026-01-01T00:00:01Z";
  return {
    kind: "trial",
    cell,
    process,
    attempt: 1,
    startedAt,
    unit: unitOf(cell),
    entries,
    blocks,
    preemptions: 3,
    load: 1,
  };
}

/** What a step of a workload is, as the workloads have it. */
function unitOf({ workload }: Cell): string {
  if (/^find|^perf_map/.test(workload)) return "lookup";
  if (/^move|^recreate/.test(workload)) return "change";
  return workload.startsWith("perf_") ? "step" : "range";
}

/** The folder of this test process's files. */
const FOLDER = Deno.makeTempDirSync({ prefix: "memslot-race-" });
globalThis.addEventListener("unload", () => Deno.removeSync(FOLDER, { recursive: true }));

/** The text of a file with these lines. */
export function textOf(lines: readonly Line[]): string {
  return lines.map((line) => `${withSum(JSON.stringify(line))}\n`).join("");
}

/** Writes a file of that name, of a text, of bytes or of lines, and gives its path. */
export function fileOf(name: string, content: string | Uint8Array | readonly Line[]): string {
  const path = `${FOLDER}/${name}`;
  if (content instanceof Uint8Array) Deno.writeFileSync(path, content);
  else if (typeof content === "string") Deno.writeTextFileSync(path, content);
  else Deno.writeTextFileSync(path, textOf(content));
  return path;
}

/** A race as if read from its file, with the lines that it was made of. */
export interface RaceFile extends ResultFile {
  readonly run: RaceRun;
  readonly first: Line;
  /** All but the first. */
  readonly lines: readonly Line[];
}

/** A race as if read from its file. */
export function raceFile(race: Partial<Race> = {}, name = "race.jsonl"): RaceFile {
  const [first, ...lines] = raceLines(race);
  return { ...resultFile(name, [first, ...lines]), first, lines };
}

/** The same file with other lines behind the first. */
export function withLines({ path, run, first }: RaceFile, lines: readonly Line[]): RaceFile {
  return { ...resultFile(path, [first, ...lines]), run, first, lines };
}
