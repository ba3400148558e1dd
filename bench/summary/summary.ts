/**
 * What a result file says: derived, never stored. Per cell and entry the outcome, the times and the
 * verdict; over the run its checks. Nothing here prints, and nothing knows a contender.
 */
import type { Cell, Entry } from "../record/schema.ts";
import type { ResultFile, Run } from "../record/result_file.ts";
import { type Check, type FailedCheck, failedOf, type Modes, modesOf } from "../stats/checks.ts";
import { type Estimate, signInterval } from "../stats/intervals.ts";
import { looksOf } from "../stats/looks.ts";
import { medianOf, timed } from "../stats/quantiles.ts";
import { together } from "../stats/together.ts";
import {
  type Comparison,
  judge,
  type Judged,
  type Judgement,
  marginOfTwins,
} from "../stats/verdict.ts";
import {
  type CellLines,
  type Failure,
  type FileLines,
  fileLines,
  type Probe,
} from "./file_lines.ts";
import type { Machine } from "./machines.ts";
import { ReportError } from "./report_error.ts";
import {
  cellCheck,
  cellMargin,
  checkRun,
  isValidRun,
  rowChecks,
  type RunChecks,
  trackOf,
} from "./run_checks.ts";
import { type CellTracks, type Lookups, pairTracks, type Track, type Tracks } from "./tracks.ts";

/** The times of one entry in one cell. Arrays have a value for each of `Summary.processes`. */
export interface Timing {
  /** The median over processes of each one's median over rounds. */
  readonly nsPerStep: number;
  /** The same with its interval over processes. */
  readonly nsEstimate: Estimate;
  /** Each process's median over its rounds; NaN where it measured none. */
  readonly nsByProcess: readonly number[];
  /** ln(entry / base); NaN where a process measured none. */
  readonly logRatios: readonly number[];
  /** ln(entry / floor); NaN where a process measured none. */
  readonly floorLogRatios: readonly number[];
  /** The ratio to the base where nothing disturbs them; NaN if not known. */
  readonly undisturbedRatio: number;
  /** The ratio to the floor: what loop and cursor cost by themselves; NaN if not known. */
  readonly timesFloor: number;
  /** Blocks timed in the middle process, from 1. */
  readonly rounds: number;
  /** Processes that timed it, from 1. */
  readonly processes: number;
  /** Steps timed in each process; 0 where it measured none. */
  readonly stepsByProcess: readonly number[];
  /** Whether it was so slow that most processes ran it in shorter blocks, or in fewer rounds. */
  readonly fewBlocks: boolean;
}

/** What came of an entry in a cell: times only where it failed nowhere in the run. */
export type EntryResult =
  | {
    readonly kind: "timed";
    readonly timing: Timing;
    /** Against the base; null for the base itself, the twin, the floor, and where no base ran. */
    readonly judged: Judged | null;
    /** Whether to believe the row. */
    readonly checks: readonly Check[];
    /** The two speeds that its processes ran at, where there are two; null otherwise. */
    readonly modes: Modes | null;
  }
  | Failure
  | { readonly kind: "not timed"; readonly words: string; readonly foundIn: null };

/** One entry of a cell. */
export interface EntrySummary {
  readonly name: string;
  readonly role: Entry["role"];
  /** Whether ratios are to it. */
  readonly isBase: boolean;
  readonly result: EntryResult;
  /** What its probe measured; null where it has none, or failed anywhere in the run. */
  readonly probe: Probe | null;
}

/** One cell: where it ran, its entries, and whether to believe it. */
export interface CellSummary {
  readonly cell: Cell;
  /** What a step is: "lookup", "range", "change", "step". */
  readonly unit: string;
  /** Of its script; null where it looks nothing up, or the file does not say. */
  readonly lookups: Lookups | null;
  /** In the order of the plan. */
  readonly entries: readonly EntrySummary[];
  /** The same by name. */
  readonly byName: ReadonlyMap<string, EntrySummary>;
  /** Processes that ran it, from 0. */
  readonly processes: number;
  /** Where it ran: one machine, or several of one kind that share its processes. */
  readonly machines: readonly Machine[];
  /** What its processes measured: to pair any two entries. */
  readonly tracks: CellTracks;
  /** The baseline against its twin here. */
  readonly check: Check;
}

/** A whole file, summarized. */
export interface Summary {
  readonly path: string;
  readonly run: Run;
  /** The entry that ratios are to. */
  readonly base: string;
  /** The processes of the run, ascending: the columns of all arrays by process. */
  readonly processes: readonly number[];
  readonly cells: readonly CellSummary[];
  /** Of all comparisons together, in the order of cells and their entries. */
  readonly judgement: Judgement;
  readonly checks: RunChecks;
  /** What a reader must know of the file, whole sentences. */
  readonly warnings: readonly string[];
}

/** What to summarize of a file. */
export interface SummaryOptions {
  /** The entry that ratios are to, instead of the run's baseline. */
  readonly base?: string;
  /** Cells and contenders to keep; claims are corrected for the number of these alone. */
  readonly keep?: (cell: Cell, contender: string) => boolean;
}

/**
 * Summarizes a result file. `ReportError` where nothing is left of it, or the base is not there.
 */
export function summarize(file: ResultFile, options: SummaryOptions = {}): Summary {
  const { run, path } = file, base = options.base ?? run.plan.baseline;
  const lines = fileLines(file), { processes } = lines;
  checkBase(file, base, lines);
  const checks = checkRun(lines.cells.map(({ tracks }) => tracks), file);
  const context: Context = { file, base, checks, failures: lines.failures, options };
  const drafts = lines.cells.map((cell) => draftCell(cell, context))
    .filter(({ entries }) => entries.length > 0);
  if (drafts.length === 0) throw nothingLeft(file);
  const margin = marginOfTwins(checks.twins.map(({ logRatios }) => logRatios));
  const { cells, judgement } = judgeCells(drafts, margin);
  const warnings = [...file.warnings, ...gaps(file, lines)];
  return { path, run, base, processes, cells, judgement, checks, warnings };
}

/** Whether a contender, as a reader sees it: those that race, and the planted slow-down. */
export function isContender({ role }: { role: Entry["role"] }): boolean {
  return role === "contender" || role === "planted";
}

/** The times of an entry, if it has any. */
export function timingOf(entry: EntrySummary | undefined): Timing | null {
  return entry?.result.kind === "timed" ? entry.result.timing : null;
}

/** What is said of an entry against the base; null where nothing is. */
export function judgedOf({ result }: EntrySummary): Judged | null {
  return result.kind === "timed" ? result.judged : null;
}

/** The checks that void a row; none where it is valid, or has no times. */
export function problemsOf(entry: EntrySummary | undefined): FailedCheck[] {
  return entry?.result.kind === "timed" ? failedOf(entry.result.checks) : [];
}

/** The base must have begun a trial. Where it failed, no entry has a ratio. */
function checkBase({ path, run }: ResultFile, base: string, { cells }: FileLines): void {
  const raced = cells.filter(({ roles }) => roles.size > 0);
  if (raced.length === 0 || raced.some(({ roles }) => roles.has(base))) return;
  const names = run.plan.contenders.map(({ name }) => name).join(", ");
  throw new ReportError(
    `Cannot take ${base} as base as ${path} has no entry of that name: there are ${names}`,
    { isUsage: true },
  );
}

function nothingLeft({ path, trials: { length: trials } }: ResultFile): ReportError {
  const why = trials === 0
    ? "it has no trials: the race has just begun"
    : `the filters leave nothing of its ${trials} trials`;
  return new ReportError(`Cannot summarize ${path} as ${why}`, { isUsage: trials > 0 });
}

/** What the entries of all cells have in common. */
interface Context {
  readonly file: ResultFile;
  readonly base: string;
  readonly checks: RunChecks;
  readonly failures: ReadonlyMap<string, Failure>;
  readonly options: SummaryOptions;
}

/** An entry before it is judged. */
interface Draft {
  readonly entry: EntrySummary;
  /** Its log-ratios and what voids them; null where there is nothing to judge. */
  readonly comparison: Comparison | null;
}

interface CellDraft extends Omit<CellSummary, "entries" | "byName"> {
  readonly entries: readonly Draft[];
}

function draftCell(lines: CellLines, context: Context): CellDraft {
  const { tracks, machines, roles } = lines, { file: { run }, options: { keep } } = context;
  const { cell, unit, lookups, byProcess } = tracks;
  const margin = cellMargin(tracks, run.plan.baseline), looks = looksAt(tracks, run);
  const beside = byProcess.map((row) => row && besideOf(row, context.base));
  const planned = run.plan.contenders.map(({ name }) => name).filter((name) => roles.has(name));
  const names = [...new Set([...planned, ...[...roles.keys()].sort()])];
  return {
    ...{ cell, unit, lookups, tracks, machines },
    entries: names.filter((name) => !keep || keep(cell, name))
      .map((name) => draftEntry(name, lines, { context, margin, looks, beside })),
    processes: byProcess.filter((row) => row !== null).length,
    check: cellCheck(tracks, run.plan.baseline),
  };
}

function draftEntry(
  name: string,
  { tracks, roles, probes }: CellLines,
  { context: { file, base, checks, failures }, margin, looks, beside }: {
    context: Context;
    margin: number;
    looks: readonly number[];
    beside: readonly (Beside | null)[];
  },
): Draft {
  const role = roles.get(name)!, isBase = name === base;
  const failure = failures.get(name), timing = failure ? null : timingIn(name, tracks, beside);
  if (timing === null) {
    const words = `${name} was never timed`;
    const result = failure ?? { kind: "not timed" as const, words, foundIn: null };
    return { entry: { name, role, isBase, result, probe: null }, comparison: null };
  }
  // A run that is not valid voids each of its rows, by that one reason.
  const { baseline } = file.run.plan;
  const own = isValidRun(checks) ? rowChecks(name, tracks, { base, baseline }) : [checks.twin];
  const logRatios = timing.logRatios.filter(Number.isFinite), modes = modesOf(logRatios);
  const result = { kind: "timed" as const, timing, judged: null, checks: own, modes };
  const entry = { name, role, isBase, result, probe: probes.get(name) ?? null };
  const isJudged = isContender(entry) && !isBase && logRatios.length > 0;
  const comparison = isJudged ? { logRatios, problems: failedOf(own), margin, looks } : null;
  return { entry, comparison };
}

/** The looks that the race had at a cell, up to the processes that ran it. */
export function looksAt({ byProcess }: CellTracks, { plan }: Run): number[] {
  const ran = byProcess.filter((row) => row !== null).length;
  const all = "layoutPerProcess" in plan && plan.layoutPerProcess
    ? looksOf(plan.processes, plan.contenders.length)
    : [ran];
  return [...new Set([...all.filter((look) => look < ran), ran])];
}

/** All looks at any of the cells, ascending: a claim over these cells counts each as a chance to stop. */
export function looksOver(cells: readonly Pick<CellSummary, "tracks">[], run: Run): number[] {
  return [...new Set(cells.flatMap(({ tracks }) => looksAt(tracks, run)))].sort((a, b) => a - b);
}

/** What the entries of a process are compared with. */
interface Beside {
  readonly base: Track | undefined;
  readonly floor: Track | undefined;
  /** The longest blocks of the process, in steps. */
  readonly mostSteps: number;
}

function besideOf(row: Tracks, base: string): Beside {
  const mostSteps = [...row.values()]
    .reduce((most, { entry }) => Math.max(most, entry.stepsPerBlock), 0);
  return { base: row.get(base), floor: trackOf(row, "floor"), mostSteps };
}

function timingIn(
  name: string,
  { byProcess }: CellTracks,
  beside: readonly (Beside | null)[],
): Timing | null {
  const own = byProcess.map((row) => row?.get(name));
  const counts = own.map((track) => timed(track?.blocks ?? []).length);
  const nsByProcess = own.map((track) => {
    const blocks = timed(track?.blocks.slice(track.settling.fromRound) ?? []);
    return blocks.length === 0 ? NaN : medianOf(blocks);
  });
  const known = nsByProcess.filter(Number.isFinite);
  if (known.length === 0) return null;
  const pairs = own.map((track, p) => pairTracks(track, beside[p]?.base));
  const floors = own.map((track, p) => pairTracks(track, beside[p]?.floor)?.logRatio ?? NaN);
  const nsEstimate = signInterval(known);
  return {
    nsPerStep: nsEstimate.point,
    nsEstimate,
    nsByProcess,
    logRatios: pairs.map((pair) => pair?.logRatio ?? NaN),
    floorLogRatios: floors,
    undisturbedRatio: middleRatio(pairs.map((pair) => pair?.undisturbedLogRatio ?? NaN)),
    timesFloor: middleRatio(floors),
    rounds: medianOf(counts.filter((count) => count > 0)),
    processes: known.length,
    stepsByProcess: own.map((track, p) => counts[p] * (track?.entry.stepsPerBlock ?? 0)),
    fewBlocks: 2 * own.filter((track, p) =>
          track !== undefined &&
          (track.entry.every > 1 ||
            track.entry.stepsPerBlock <
              (track.guest?.own.entry.stepsPerBlock ?? beside[p]!.mostSteps))
        ).length > known.length,
  };
}

function middleRatio(logRatios: readonly number[]): number {
  const known = logRatios.filter(Number.isFinite);
  return known.length === 0 ? NaN : Math.exp(medianOf(known));
}

/** Judges all comparisons of the table together, and puts each beside its entry. */
function judgeCells(
  drafts: readonly CellDraft[],
  margin: number,
): { cells: CellSummary[]; judgement: Judgement } {
  const judgement = together(
    drafts.flatMap(({ entries }) => entries),
    ({ comparison }) => comparison,
    (comparisons) => judge(comparisons, { margin }),
  );
  const judgedEntry = (draft: Draft): EntrySummary => {
    const { entry } = draft, { result } = entry, judged = judgement.of(draft) ?? null;
    return result.kind === "timed" ? { ...entry, result: { ...result, judged } } : entry;
  };
  const cells = drafts.map((draft) => {
    const entries = draft.entries.map(judgedEntry);
    return { ...draft, entries, byName: new Map(entries.map((entry) => [entry.name, entry])) };
  });
  return { cells, judgement };
}

/** What a partial file lacks. */
function gaps({ run: { plan }, isWhole }: ResultFile, { cells, processes }: FileLines): string[] {
  // A race that came to its end has what it needed: a cell that was decided early stopped there.
  if (isWhole) return [];
  const counts = cells.map(({ tracks }) => tracks.byProcess.filter(Boolean).length);
  const planned = plan.processes * cells.length, found = counts.reduce((sum, n) => sum + n, 0);
  if (found >= planned) return [];
  const empty = counts.filter((count) => count === 0).length;
  return [
    `${found} of ${planned} trials are there, ${processes.length} of ${plan.processes} ` +
    `processes begun` + (empty > 0 ? `; ${empty} of ${cells.length} cells have none` : ""),
  ];
}
