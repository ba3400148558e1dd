/** Result files of races: what their lines say, read and checked. */
import { checkedSum } from "./checksum.ts";
import { asUtf8, LARGEST_FILE } from "./input.ts";
import { Planned } from "./planned.ts";
import { ResultFileError, systemWords } from "./result_error.ts";
import {
  type Cell,
  cellKey,
  type Environment,
  type GateLine,
  type Line,
  Line as LineSchema,
  type Outcome,
  type Plan,
  type ProbeLine,
  type RunLine,
  SCHEMA,
  type TrialLine,
} from "./schema.ts";

/** What a file of results is of. */
export type Run = RaceRun | BenchRun;

/** What both kinds of runs tell. Of a text that is not known it is empty, of a number 0. */
interface SharedRun {
  /** In UTC. */
  readonly startedAt: string;
  readonly host: string;
  readonly environment: Environment;
  /** As in `RunLine`. */
  readonly commit: string;
}

/** A run of `deno task race`: its first line. */
export interface RaceRun extends SharedRun {
  readonly kind: "race";
  readonly plan: Plan;
  /** What layouts, scripts and orders were drawn from. */
  readonly seed: number;
  /** As in `RunLine`. */
  readonly code: RunLine["code"];
  readonly argv: readonly string[];
  /** As in `RunLine`. */
  readonly shard?: RunLine["shard"];
  /** As in `RunLine`. */
  readonly joined?: RunLine["joined"];
}

/** A file of `deno bench --json`: averages of one process. */
export interface BenchRun extends SharedRun {
  readonly kind: "deno bench";
  /** What `Plan` has of the same names. */
  readonly plan: {
    readonly cells: readonly Cell[];
    readonly contenders: readonly { readonly name: string; readonly against?: undefined }[];
    readonly baseline: string;
    readonly processes: 1;
    readonly quick: true;
  };
}

/** What a file holds, whatever wrote it: read, checked and indexed once. */
export interface ResultFile {
  /** Where it was. */
  readonly path: string;
  readonly run: Run;
  /** One of each process in each cell: of those run again the last. In the order of the file. */
  readonly trials: readonly TrialLine[];
  readonly probes: readonly ProbeLine[];
  /** By contender and engine. */
  readonly gates: ReadonlyMap<string, GateLine>;
  /** By contender its first failure in the order of the file, also of trials that were run again. */
  readonly failures: ReadonlyMap<string, Failure>;
  /** Whether the run ended by itself. */
  readonly isWhole: boolean;
  /** What a reader should know: a last line cut off, a run that did not end. */
  readonly warnings: readonly string[];
}

/** What a contender did, so that nothing of it is timed. */
export interface Failure {
  readonly outcome: Exclude<Outcome, { kind: "ok" }>;
  /** Where it was found out; null for the gate. */
  readonly cell: Cell | null;
}

/** A file of a race, and what a writer needs to go on with it. */
export interface RaceFile extends ResultFile {
  readonly run: RaceRun;
  /** All lines, in the order of the file. */
  readonly lines: readonly Line[];
  /** Length of the whole lines, in bytes: what lies behind was cut off. */
  readonly wholeBytes: number;
  /** Whether the last line lacks its line feed, which is all that was cut off. */
  readonly lacksLineFeed: boolean;
}

/** The first line of a file, and the lines behind it: as tests write them, too. */
export function resultFile(
  path: string,
  [first, ...lines]: readonly Line[],
  warnings: readonly string[] = [],
): ResultFile & { readonly run: RaceRun } {
  if (first?.kind !== "run") throw noRunLine(path, "another");
  const { kind: _, schema: __, ...run } = first;
  const trials = new Map<string, TrialLine>(), gates = new Map<string, GateLine>();
  for (const line of lines) {
    if (line.kind === "gate") gates.set(JSON.stringify([line.name, line.engine]), line);
    if (line.kind !== "trial") continue;
    const { attempt: _, ...key } = keyFields(line);
    trials.set(JSON.stringify(key), line);
  }
  return {
    path,
    run: { ...run, kind: "race" },
    trials: [...trials.values()],
    probes: lines.filter((line) => line.kind === "probe"),
    gates,
    failures: failuresOf(lines),
    isWhole: lines.some(({ kind }) => kind === "end"),
    warnings,
  };
}

/** By contender the first failure that lines tell of. */
export function failuresOf(lines: readonly Line[]): Map<string, Failure> {
  const failures = new Map<string, Failure>();
  for (const line of lines) {
    if (line.kind === "run" || line.kind === "end") continue;
    const told = line.kind === "gate" ? [line] : line.entries;
    const cell = line.kind === "gate" ? null : line.cell;
    for (const { name, outcome } of told) {
      if (outcome.kind !== "ok" && !failures.has(name)) failures.set(name, { outcome, cell });
    }
  }
  return failures;
}

/** Bytes of the longest line: a trial of 10,000 rounds and 21 entries takes 3 MB. */
const LONGEST_LINE = 4 * 2 ** 20;

/** Lines of the longest file. */
const MOST_LINES = 2 ** 16;

/**
 * Reads a file of a race that is one. `ResultFileError` as `parseResultFile`. Where the file is `locked`, it is
 * read by what has locked it: on Windows a lock keeps all others from reading.
 */
export function readResultFile(path: string, locked?: Deno.FsFile): RaceFile {
  let bytes: Uint8Array;
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) throw new ResultFileError(`Cannot read ${path} as it must be a file`);
    if (size > LARGEST_FILE) {
      throw new ResultFileError(`Cannot read ${path} as it must have at most 32 MiB: it has more`);
    }
    bytes = locked ? bytesOf(locked, size) : Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof ResultFileError) throw error;
    throw new ResultFileError(`Cannot read ${path}: ${systemWords(error)}`);
  }
  return parseResultFile(path, bytes);
}

function bytesOf(file: Deno.FsFile, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (let read: number | null = 1; read && at < size; at += read ?? 0) {
    read = file.readSync(bytes.subarray(at));
  }
  return bytes.subarray(0, at);
}

/**
 * What the bytes of a file say. `ResultFileError` with file and line for what is malformed, damaged or
 * contradicts itself; only a last line that was cut off is left out, with a warning.
 */
export function parseResultFile(path: string, raw: Uint8Array): RaceFile {
  const bytes = asUtf8(raw, path), warnings: string[] = [], lines: Line[] = [];
  const seen = new Map<string, number>(), sums = { with: 0, without: 0 };
  let wholeBytes = raw.length - bytes.length, lacksLineFeed = false;
  let planned: Planned | null = null;
  for (const { text, where, number, stop, isWhole } of linesOf(bytes, path)) {
    if (number > MOST_LINES) {
      throw new ResultFileError(`Cannot read ${where} as a file has at most ${MOST_LINES} lines`);
    }
    if (text.trim() === "") continue;
    const line = isWhole
      ? parseLine(text, where, lines.length === 0, sums)
      : cutOff(text, where, sums);
    if (line === null) {
      warnings.push(`${where} is cut off and left out: the run was killed while it wrote`);
      break;
    }
    refuseSecond(line, where, { number, seen });
    if (line.kind === "run") planned = new Planned(line.plan);
    const foreign = planned?.foreignIn(line) ?? null;
    if (foreign !== null) {
      throw new ResultFileError(
        `Cannot read ${where} as its ${line.kind} must be of the plan in line 1: it is of ${foreign}`,
      );
    }
    if (lines.at(-1)?.kind === "end") {
      throw new ResultFileError(
        `Cannot read ${where} as nothing follows the end: it is a ${line.kind}`,
      );
    }
    lines.push(line);
    lacksLineFeed = !isWhole;
    wholeBytes = raw.length - bytes.length + stop;
  }
  if (lines[0]?.kind !== "run") throw noRunLine(path, bytes.length === 0 ? "no bytes" : "none");
  const file = resultFile(path, lines);
  if (sums.with === 0) {
    warnings.push(
      `${path} has no checksums, as those written before they were kept: damage may go unseen`,
    );
  }
  refuseUnknownShards(file, lines);
  warnings.push(...missingShards(file));
  if (!file.isWhole) {
    warnings.push(`${path} has no end line: the run was stopped (deno task race --resume ${path})`);
  }
  return { ...file, lines, warnings, wholeBytes, lacksLineFeed };
}

/** In a joined file each trial and probe is of a shard that the first line has. */
function refuseUnknownShards(
  { path, run: { joined } }: ReturnType<typeof resultFile>,
  lines: readonly Line[],
): void {
  const known = new Set(joined?.shards.map(({ index }) => index));
  const other = lines.filter((line) => line.kind === "trial" || line.kind === "probe")
    .find(({ shard }) => joined ? !known.has(shard ?? 0) : shard !== undefined);
  if (other === undefined) return;
  throw new ResultFileError(
    `Cannot read ${path} as each ${other.kind} must be of a shard that its first line names: one ` +
      `of ${other.cell.workload} is of ${other.shard ?? "none"}`,
  );
}

function missingShards(
  { path, run: { joined, plan }, trials }: ReturnType<typeof resultFile>,
): string[] {
  if (joined === undefined || joined.shards.length === joined.of) return [];
  const found = new Set(joined.shards.map(({ index }) => index));
  const missing = Array.from({ length: joined.of }, (_, i) => i + 1).filter((i) => !found.has(i));
  const cells = new Set(trials.map(({ cell }) => cellKey(cell))).size;
  return [
    `${path} lacks ${missing.length === 1 ? "shard" : "shards"} ${missing.join(", ")} of ` +
    `${joined.of}: ${cells} of ${plan.cells.length} cells have trials`,
  ];
}

function noRunLine(path: string, found: string): ResultFileError {
  return new ResultFileError(
    `Cannot read ${path} as its first line must be a whole run line: the file has ${found}`,
  );
}

interface TextLine {
  readonly text: string;
  /** As messages name it: `run.jsonl:3`. */
  readonly where: string;
  /** From 1. */
  readonly number: number;
  /** Bytes of the file up to its end. */
  readonly stop: number;
  /** Whether a line feed ends it. */
  readonly isWhole: boolean;
}

function* linesOf(bytes: Uint8Array, path: string): Generator<TextLine> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let number = 1, at = 0; at < bytes.length; number++) {
    const feed = bytes.indexOf(10, at), end = feed === -1 ? bytes.length : feed;
    const where = `${path}:${number}`, stop = feed === -1 ? end : end + 1;
    if (end - at > LONGEST_LINE) {
      throw new ResultFileError(
        `Cannot read ${where} as a line must be below 4 MiB: it has ${end - at} bytes`,
      );
    }
    let text: string;
    try {
      text = decoder.decode(bytes.subarray(at, end));
    } catch {
      if (feed !== -1) throw new ResultFileError(`Cannot read ${where} as it must be UTF-8`);
      text = "{"; // cut off within a character
    }
    yield { text, where, number, stop, isWhole: feed !== -1 };
    at = stop;
  }
}

interface Sums {
  with: number;
  without: number;
}

/** A last line without a line feed: whole where it is JSON, else null. */
function cutOff(text: string, where: string, sums: Sums): Line | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return parseLine(text, where, false, sums);
}

function parseLine(text: string, where: string, isFirst: boolean, sums: Sums): Line {
  const { json, isRight } = checkedSum(text.trimEnd());
  if (isRight === false) {
    throw new ResultFileError(
      `Cannot read ${where} as its checksum is that of another line: the file was damaged or edited`,
    );
  }
  sums[isRight === null ? "without" : "with"]++;
  if (sums.with > 0 && sums.without > 0) {
    throw new ResultFileError(
      `Cannot read ${where} as all lines of a file have a checksum or none: it is the first that ` +
        `differs`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new ResultFileError(
      `Cannot read ${where} as each line must be JSON: ${(error as Error).message.slice(0, 100)}`,
    );
  }
  if (isFirst) refuseVersion(value, where);
  const parsed = LineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new ResultFileError(
    `Cannot read ${where} as it breaks ${SCHEMA} at ${path.join(".").slice(0, 100) || "its top"}: ${
      message.slice(0, 200)
    }`,
  );
}

/** A newer minor would be the same name; another major is another format. */
function refuseVersion(value: unknown, where: string): void {
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (schema === SCHEMA) return;
  const found = typeof schema === "string" ? schema : "none";
  throw new ResultFileError(
    `Cannot read ${where} as its schema must be ${SCHEMA}: found ${found.slice(0, 60)}`,
  );
}

/** A trial stands in a file once; a second run line would be a second race. */
function refuseSecond(
  line: Line,
  where: string,
  { number, seen }: { number: number; seen: Map<string, number> },
): void {
  const key = JSON.stringify(keyFields(line)), first = seen.get(key);
  if (first !== undefined) {
    throw new ResultFileError(
      `Cannot read ${where} as each ${line.kind} must stand once: line ${first} has it too`,
    );
  }
  seen.set(key, number);
}

function placeOf({ cell, group }: ProbeLine | TrialLine) {
  return { cell: cellKey(cell), ...group !== undefined && { group } };
}

/** What tells a line from all others. */
function keyFields(line: Line): Readonly<Record<string, unknown>> & { readonly attempt?: number } {
  const { kind } = line;
  switch (kind) {
    case "run":
    case "end":
      return { kind };
    case "trial":
      return { kind, process: line.process, attempt: line.attempt, ...placeOf(line) };
    case "probe":
      return { kind, ...placeOf(line) };
    case "gate":
      return { kind, name: line.name, engine: line.engine };
  }
}
