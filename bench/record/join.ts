/**
 * Joining the shards of a race into one file. The lines keep the order of the undivided race: gates as
 * contenders are listed, probes, trials process by process, trials that were run again. The same shards,
 * named in any order, give the same bytes.
 */
import { ResultFileError } from "./result_error.ts";
import type { RaceFile } from "./result_file.ts";
import {
  type Cell,
  cellKey,
  type Environment,
  type GateLine,
  KIND_FIELDS,
  type Line,
  type RunLine,
  type Shard,
} from "./schema.ts";
import { cellsOfShard, hasProbes, processesOf, shardWords } from "./shard.ts";

/** How to join. */
export interface JoinOptions {
  /** Whether shards may be missing. */
  readonly isPartial: boolean;
  /** The numbers of processes at which a cell of a race may end (stats/looks.ts). */
  readonly looksOf: (processes: number, contenders: number) => readonly number[];
}

/** A shard, read. */
interface ShardFile {
  readonly path: string;
  readonly run: RunLine;
  readonly shard: Shard;
  /** All lines but the first. */
  readonly lines: readonly Line[];
}

/** Names that a message lists: cells, files. */
const MOST_NAMED = 5;

/**
 * The lines of one file of all shards. `ResultFileError`, in one line, where the files are not the shards
 * of one race, each whole and given once.
 */
export function joinShards(
  files: readonly RaceFile[],
  { isPartial, looksOf }: JoinOptions,
): Line[] {
  const shards = files.map(shardOf).sort((a, b) => a.shard.index - b.shard.index);
  for (const shard of shards) {
    refuseOtherRace(shards[0], shard);
    refuseOtherLines(shard, looksOf);
    if (shard.shard.by === "process") refuseOtherKind(shards[0], shard);
  }
  shards.slice(1).forEach((shard, i) => refuseTwice(shards[i], shard));
  if (!isPartial) refuseMissing(shards);
  const first = runLineOf(shards), place = placesOf(first);
  const lines = shards.flatMap(({ shard: { index }, lines }) => {
    return lines.map((line) =>
      line.kind === "trial" || line.kind === "probe" ? { ...line, shard: index } : line
    );
  });
  const probes = lines.filter((line) => line.kind === "probe");
  const trials = lines.filter((line) => line.kind === "trial");
  const ends = lines.flatMap((line) => line.kind === "end" ? line.endedAt : []);
  return [
    first,
    ...gatesOf(first, lines),
    ...probes.sort((a, b) => place(a) - place(b)),
    ...trials.sort((a, b) => {
      return a.attempt - b.attempt || a.process - b.process || place(a) - place(b);
    }),
    { kind: "end", endedAt: ends.sort().at(-1)! },
  ];
}

/** `ResultFileError` where the file is no shard, or none that has ended. */
function shardOf({ path, lines: [run, ...lines], isWhole }: RaceFile): ShardFile {
  if (run.kind !== "run" || run.shard === undefined) {
    const found = run.kind === "run" && run.joined ? "it was joined already" : "it is a whole race";
    throw refusal(path, `it must be a shard (race --shard I/N): ${found}`);
  }
  if (!isWhole) {
    throw refusal(
      path,
      `shard ${
        shardWords(run.shard)
      } must have ended: complete it with deno task race --resume ${path}`,
    );
  }
  return { path, run, shard: run.shard, lines };
}

/** Refuses a shard of another race than the first one is of, or by other programs. */
function refuseOtherRace(first: ShardFile, other: ShardFile): void {
  const differing = Object.entries(raceFields(first)).find(([field, value]) => {
    return value !== raceFields(other)[field];
  });
  const same = `as all shards must be of one race, and ${first.path} differs in`;
  if (differing !== undefined) {
    const [field, value] = differing, found = raceFields(other)[field];
    const words = [value, found].every((text) => text.length <= 60) ? `: ${value}, ${found}` : "";
    throw new ResultFileError(`Cannot join ${other.path} ${same} its ${field}${words}`);
  }
  const paths = [...new Set([first, other].flatMap(({ run: { code } }) => Object.keys(code)))];
  const changed = paths.filter((path) => first.run.code[path] !== other.run.code[path]).sort();
  if (changed.length === 0) return;
  throw new ResultFileError(`Cannot join ${other.path} ${same} its programs: ${listed(changed)}`);
}

/** What all shards of a race have in common, as texts. */
function raceFields({ run, shard }: ShardFile): Readonly<Record<string, string>> {
  const { contenders, cells: _, processes, ...plan } = run.plan;
  return {
    "number of shards": `${shard.of} by ${shard.by}`,
    seed: String(run.seed),
    commit: run.commit,
    contenders: contenders.map(({ name, path }) => `${name} ${path}`).join(", "),
    cells: shard.cells.map(cellKey).join(" "),
    processes: String(processes),
    plan: JSON.stringify(plan, Object.keys(plan).sort()),
  };
}

/** Refuses a shard with cells or processes of another one, and one from which lines were taken. */
function refuseOtherLines(
  { path, run, shard, lines }: ShardFile,
  looksOf: JoinOptions["looksOf"],
): void {
  const cells = cellsOfShard(shard).map(cellKey), planned = run.plan.cells.map(cellKey);
  if (cells.join() !== planned.join()) {
    throw refusal(
      path,
      `its plan must have the cells of shard ${shardWords(shard)}: it has others`,
    );
  }
  const own = lines.filter((line) => line.kind === "trial" || line.kind === "probe");
  const trials = own.filter((line) => line.kind === "trial");
  const wanted = processesOf(run.plan, shard);
  const foreign = own.find((line) => {
    const isPlanned = line.kind === "trial" ? wanted.includes(line.process) : hasProbes(shard);
    return !isPlanned || !cells.includes(cellKey(line.cell));
  });
  if (foreign !== undefined) {
    const process = foreign.kind === "trial" ? ` process ${foreign.process}` : "";
    throw refusal(
      path,
      `shard ${shardWords(shard)} must have its own lines only: it has ${
        wordsOf(foreign.cell)
      }${process}`,
    );
  }
  // A cell that was decided early lacks its last processes. A shard by process decides nothing.
  const { processes, contenders } = run.plan;
  const ends = shard.by === "cell" ? looksOf(processes, contenders.length) : [wanted.length];
  for (const cell of run.plan.cells) {
    const key = cellKey(cell), ofCell = trials.filter((trial) => cellKey(trial.cell) === key);
    const found = new Set(ofCell.map(({ process }) => process));
    const isFirst = wanted.slice(0, found.size).every((n) => found.has(n));
    // A file of a user's races apart, in as many processes as the others.
    const isOfAll = [...Map.groupBy(ofCell, ({ group }) => group).values()]
      .every((group) => new Set(group.map(({ process }) => process)).size === found.size);
    if (isFirst && isOfAll && ends.includes(found.size)) continue;
    throw refusal(
      path,
      `${wordsOf(cell)} must have its first ${ends.join(" or ")} processes: lines were taken out`,
    );
  }
}

/** Refuses processes of a cell from machines of several kinds, whose times cannot stand in one cell. */
function refuseOtherKind(first: ShardFile, { path, run: { environment } }: ShardFile): void {
  const was = first.run.environment;
  const words = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value);
  const field = [...KIND_FIELDS, "engines" as const]
    .find((field) => words(environment[field]) !== words(was[field]));
  if (field === undefined) return;
  throw refusal(
    path,
    `shards by process must be of one kind of machine, and the ${field} of ${first.path} is ` +
      `${words(was[field])}, its own ${words(environment[field])}: race the shards by cell`,
  );
}

function refuseTwice(a: ShardFile, b: ShardFile): void {
  if (a.shard.index !== b.shard.index) return;
  throw refusal(b.path, `each shard must be given once: ${a.path} is ${shardWords(a.shard)} too`);
}

function refuseMissing(shards: readonly ShardFile[]): void {
  const [{ shard: any }] = shards;
  const missing = Array.from({ length: any.of }, (_, i) => ({ ...any, index: i + 1 }))
    .filter(({ index }) => !shards.some(({ shard }) => shard.index === index));
  if (missing.length === 0) return;
  const cells = any.by === "cell" ? missing.flatMap(cellsOfShard).map(wordsOf) : [];
  throw new ResultFileError(
    `Cannot join as all ${any.of} shards must be given: missing ${
      missing.length === 1 ? "is" : "are"
    } ${listed(missing.map(shardWords))}${cells.length > 0 ? ` with ${listed(cells)}` : ""}. ` +
      `Race them, or join without them by --partial`,
  );
}

/** The first line of all: the plan of the whole race, and where each shard ran. */
function runLineOf(shards: readonly ShardFile[]): RunLine {
  const [{ run: { shard: _, ...run }, shard: { of, by, cells } }] = shards;
  const runs = shards.map(({ run }) => run);
  return {
    ...run,
    startedAt: runs.map(({ startedAt }) => startedAt).sort()[0],
    host: together(runs.map(({ host }) => host)),
    environment: joinedEnvironment(runs.map(({ environment }) => environment)),
    plan: { ...run.plan, cells },
    argv: withoutShard(run.argv),
    joined: {
      of,
      by,
      shards: shards.map(({ shard: { index }, run: { startedAt, host, environment } }) => {
        return { index, startedAt, host, environment };
      }),
    },
  };
}

/** Each field with the values of all machines; a number in which they differ is not known. */
function joinedEnvironment(all: readonly Environment[]): Environment {
  const fields = Object.keys(all[0]).map((field) => {
    const values = all.map((environment) => environment[field]);
    const isNumber = values.every((value) => typeof value === "number");
    if (new Set(values.map((value) => JSON.stringify(value))).size === 1) return [field, values[0]];
    if (field === "engines") return [field, joinedVersions(all.map(({ engines = {} }) => engines))];
    return [field, isNumber ? 0 : together(values.map(String))];
  });
  return Object.fromEntries(fields);
}

function joinedVersions(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const names = [...new Set(all.flatMap((engines) => Object.keys(engines)))];
  return Object.fromEntries(names.map((name) => {
    return [name, together(all.flatMap((engines) => engines[name] ?? []))];
  }));
}

/** Each value once, in the order of the shards. */
function together(values: readonly string[]): string {
  return [...new Set(values)].join(" + ");
}

/** One word on each contender in each engine: the first that is not ok, if there is one. */
function gatesOf({ plan: { contenders, cells } }: RunLine, lines: readonly Line[]): GateLine[] {
  const gates = lines.filter((line) => line.kind === "gate");
  return [...new Set(cells.map(({ engine }) => engine))].flatMap((engine) =>
    contenders.flatMap(({ name }) => {
      const own = gates.filter((gate) => gate.name === name && gate.engine === engine);
      return own.find(({ outcome }) => outcome.kind !== "ok") ?? own[0] ?? [];
    })
  );
}

/** The place of a probe or a trial in its round of the race: by cell, and in it by group. */
function placesOf({ plan: { cells, contenders } }: RunLine) {
  const places = new Map(cells.map((cell, i) => [cellKey(cell), i]));
  const groups = ["", ...contenders.map(({ name }) => name)];
  return ({ cell, group = "" }: { readonly cell: Cell; readonly group?: string | undefined }) => {
    return places.get(cellKey(cell))! * groups.length + groups.indexOf(group);
  };
}

/** What was asked for, as if of the whole race. */
function withoutShard(argv: readonly string[]): string[] {
  const isOf = (word = "") => word === "--shard" || word === "--shard-by";
  return argv.filter((word, i) => {
    return !isOf(word) && !isOf(argv[i - 1]) && !/^--shard(-by)?=/.test(word);
  });
}

function wordsOf({ workload, layout, slots }: Cell): string {
  return `${workload} on ${layout} at ${slots} slots`;
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function refusal(path: string, why: string): ResultFileError {
  return new ResultFileError(`Cannot join ${path} as ${why}`);
}
