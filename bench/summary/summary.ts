/**
 * What a result file says: derived, never stored. Per cell and entry the outcome, the times and the
 * verdict; over the run its checks. Nothing here prints, and nothing knows a contender.
 */
import {
  type Cell,
  cellKey,
  type Entry,
  type Outcome,
  type ProbeLine,
  type RunLine,
  type TrialLine,
} from "../record/schema.ts";
import type { ResultFile } from "../record/result_file.ts";
import {
  cellCheck,
  cellMargin,
  checkRun,
  floorOf,
  isValidRun,
  problemsOf,
  rowChecks,
  type RunChecks,
} from "./run_checks.ts";
import { type Check, type Modes, modesOf } from "../stats/checks.ts";
import { looksOf } from "../stats/looks.ts";
import { medianOf, timed } from "../stats/quantiles.ts";
import {
  type Comparison,
  judge,
  type Judged,
  type Judgement,
  marginOfTwins,
} from "../stats/verdict.ts";
import {
  type CellTracks,
  type Lookups,
  pairTracks,
  ReportError,
  type Track,
  tracksOf,
} from "./tracks.ts";

/** How an entry's probe found it, where there was a probe. */
export type Probe = ProbeLine["entries"][number];

/** The times of one entry in one cell. Arrays have a value for each of `Summary.processes`. */
export interface Timing {
  /** The median over processes of each one's median over rounds. */
  readonly nsPerStep: number;
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
  /** Blocks timed in the middle process. */
  readonly rounds: number;
  /** Processes that timed it. */
  readonly processes: number;
  /** Steps timed in each process; 0 where it measured none. */
  readonly stepsByProcess: readonly number[];
  /** Whether it was so slow that most processes ran it in shorter blocks, or in fewer rounds. */
  readonly fewBlocks: boolean;
}

/** What came of an entry in a cell: times only where it raced to the end. */
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
  | { readonly kind: Exclude<Outcome["kind"], "ok"> | "not timed"; readonly words: string };

/** One entry of a cell. */
export interface EntrySummary {
  readonly name: string;
  readonly role: Entry["role"];
  readonly isBase: boolean;
  readonly result: EntryResult;
  readonly probe: Probe | null;
}

/** One cell: where it ran, who ran, and whether to believe it. */
export interface CellSummary {
  readonly cell: Cell;
  /** What a step is: "lookup", "range", "change". */
  readonly unit: string;
  /** Of its script; null where it looks nothing up, or the file does not say. */
  readonly lookups: Lookups | null;
  readonly entries: readonly EntrySummary[];
  /** Processes that ran it. */
  readonly processes: number;
  /** What its processes measured: to pair any two entries. */
  readonly tracks: CellTracks;
  /** The baseline against its twin here. */
  readonly check: Check;
}

/** A whole file, summarized. */
export interface Summary {
  readonly path: string;
  readonly run: RunLine;
  readonly base: string;
  /** The processes of the run, ascending: the columns of all arrays by process. */
  readonly processes: readonly number[];
  readonly cells: readonly CellSummary[];
  /** Of all comparisons together, in the order of cells and their entries. */
  readonly judgement: Judgement;
  readonly checks: RunChecks;
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
  const { run } = file, base = options.base ?? run.plan.baseline;
  const trials = file.lines.flatMap((line) => line.kind === "trial" ? [line] : []);
  const processes = [...new Set(trials.map(({ process }) => process))].sort((a, b) => a - b);
  const all = readTracks(file, trials, processes);
  checkBase(file, base, all);
  const checks = checkRun(all, { run, trials });
  const drafts = all.map((tracks) => draftCell(tracks, { file, base, checks }))
    .map((draft) => keepOf(draft, options)).filter(({ entries }) => entries.length > 0);
  if (drafts.length === 0) {
    throw new ReportError(nothingLeft(file, trials.length), { isUsage: trials.length > 0 });
  }
  const margin = marginOfTwins(checks.twins.map(({ logRatios }) => logRatios));
  const { cells, judgement } = judgeCells(drafts, margin);
  const warnings = [...file.warnings, ...gaps(file, all, processes)];
  return { path: file.path, run, base, processes, cells, judgement, checks, warnings };
}

/** Whether a contender, as a reader sees it: those who race, and the planted slow-down. */
export function isContender({ role }: { role: Entry["role"] }): boolean {
  return role === "contender" || role === "planted";
}

function readTracks(
  { path, run, lines }: ResultFile,
  trials: readonly TrialLine[],
  processes: readonly number[],
): CellTracks[] {
  const cells = new Map<string, { cell: Cell; trials: TrialLine[] }>();
  for (const cell of run.plan.cells) cells.set(cellKey(cell), { cell, trials: [] });
  for (const trial of trials) {
    const key = cellKey(trial.cell);
    const known = cells.get(key) ?? { cell: trial.cell, trials: [] };
    known.trials.push(trial);
    cells.set(key, known);
  }
  return [...cells.values()].map(({ cell, trials }) => ({
    cell,
    unit: trials[0]?.unit ?? "step",
    lookups: trials[0]?.lookups ?? null,
    byProcess: processes.map((process) => {
      // The last one: a trial that was run again for its noise replaces the first.
      const trial = trials.findLast((trial) => trial.process === process);
      // The run's own line is the first.
      return trial ? tracksOf(trial, `${path}:${lines.indexOf(trial) + 2}`) : null;
    }),
  }));
}

function checkBase({ path, run }: ResultFile, base: string, all: readonly CellTracks[]): void {
  const tracks = all.flatMap(({ byProcess }) => byProcess.flatMap((row) => row ? [row] : []));
  if (tracks.length === 0 || tracks.some((row) => row.has(base))) return;
  const names = run.plan.contenders.map(({ name }) => name).join(", ");
  throw new ReportError(
    `Cannot take ${base} as base as ${path} has no entry of that name: there are ${names}`,
    { isUsage: true },
  );
}

function nothingLeft({ path }: ResultFile, trials: number): string {
  if (trials === 0) return `Cannot summarize ${path} as it has no trials: the race has just begun`;
  return `Cannot summarize ${path} as the filters leave nothing of its ${trials} trials`;
}

/** An entry before it is judged. */
interface Draft {
  readonly entry: EntrySummary;
  /** Its log-ratios and what voids them; null where there is nothing to judge. */
  readonly comparison: Comparison | null;
}

interface CellDraft extends Omit<CellSummary, "entries"> {
  readonly entries: readonly Draft[];
}

function draftCell(
  tracks: CellTracks,
  { file, base, checks }: { file: ResultFile; base: string; checks: RunChecks },
): CellDraft {
  const { cell, unit, lookups, byProcess } = tracks;
  const { baseline } = file.run.plan, margin = cellMargin(tracks, baseline);
  const looks = looksAt(tracks, file.run);
  const entries = namesOf(tracks, file).map(({ name, role }): Draft => {
    const failed = failureOf(name, tracks, file);
    const shared = { name, role, isBase: name === base, probe: probeOf(name, cell, file) };
    if (failed) return { entry: { ...shared, result: failed }, comparison: null };
    const timing = timingOf(name, tracks, base);
    if (timing === null) {
      const result = { kind: "not timed" as const, words: `${name} was never timed` };
      return { entry: { ...shared, result }, comparison: null };
    }
    // A run that is not valid voids each of its rows, by that one reason.
    const own = isValidRun(checks) ? rowChecks(name, tracks, base) : [checks.twin];
    const logRatios = timing.logRatios.filter(Number.isFinite), modes = modesOf(logRatios);
    const entry: EntrySummary = {
      ...shared,
      result: { kind: "timed", timing, judged: null, checks: own, modes },
    };
    if (!isContender(entry) || entry.isBase || logRatios.length === 0) {
      return { entry, comparison: null };
    }
    return { entry, comparison: { logRatios, problems: problemsOf(own), margin, looks } };
  });
  const ran = byProcess.filter((row) => row !== null).length;
  const check = cellCheck(tracks, baseline);
  return { cell, unit, lookups, entries, processes: ran, tracks, check };
}

/** The looks that the race had at a cell, up to the processes that ran it. */
export function looksAt({ byProcess }: CellTracks, { plan }: RunLine): number[] {
  const ran = byProcess.filter((row) => row !== null).length;
  const all = plan.layoutPerProcess ? looksOf(plan.processes, plan.contenders.length) : [ran];
  return [...new Set([...all.filter((look) => look < ran), ran])];
}

/** All entries of a cell in the plan's order, those that the gate kept out of it included. */
function namesOf(
  { byProcess }: CellTracks,
  { run, lines }: ResultFile,
): { name: string; role: Entry["role"] }[] {
  const roles = new Map<string, Entry["role"]>();
  for (const row of byProcess) {
    for (const [name, { entry }] of row ?? []) roles.set(name, entry.role);
  }
  if (roles.size === 0) return [];
  for (const line of lines) {
    if (line.kind !== "gate" || line.outcome.kind === "ok" || roles.has(line.name)) continue;
    roles.set(line.name, "contender");
  }
  const planned = run.plan.contenders.map(({ name }) => name).filter((name) => roles.has(name));
  return [...new Set([...planned, ...[...roles.keys()].sort()])].map((name) => {
    return { name, role: roles.get(name)! };
  });
}

/** Why an entry has no times here: once wrong, anywhere in the cell, and it has none at all. */
function failureOf(
  name: string,
  { cell, byProcess }: CellTracks,
  { lines }: ResultFile,
): Exclude<EntryResult, { kind: "timed" }> | null {
  const outcomes: (Outcome | undefined)[] = [
    ...lines.map((line) => line.kind === "gate" && line.name === name ? line.outcome : undefined),
    ...byProcess.map((row) => row?.get(name)?.entry.outcome),
    ...lines.flatMap((line) =>
      line.kind === "probe" && cellKey(line.cell) === cellKey(cell)
        ? line.entries.map((entry) => entry.name === name ? entry.outcome : undefined)
        : []
    ),
  ];
  for (const outcome of outcomes) {
    if (outcome && outcome.kind !== "ok") return { kind: outcome.kind, words: outcome.words };
  }
  return null;
}

function probeOf(name: string, cell: Cell, { lines }: ResultFile): Probe | null {
  for (const line of lines) {
    if (line.kind !== "probe" || cellKey(line.cell) !== cellKey(cell)) continue;
    return line.entries.find((entry) => entry.name === name) ?? null;
  }
  return null;
}

function timingOf(name: string, { byProcess }: CellTracks, base: string): Timing | null {
  const counts = byProcess.map((row) => timed(row?.get(name)?.blocks ?? []).length);
  const nsByProcess = byProcess.map((row) => {
    const track = row?.get(name);
    const blocks = timed(track?.blocks.slice(track.settling.fromRound) ?? []);
    return blocks.length === 0 ? NaN : medianOf(blocks);
  });
  const known = nsByProcess.filter(Number.isFinite);
  if (known.length === 0) return null;
  const pairs = byProcess.map((row) => pairTracks(row?.get(name), row?.get(base)));
  const undisturbed = pairs.flatMap((pair) => pair ? [pair.undisturbedLogRatio] : []);
  const floorLogRatios = byProcess.map((row) => {
    return pairTracks(row?.get(name), floorOf(row))?.logRatio ?? NaN;
  });
  return {
    nsPerStep: medianOf(known),
    nsByProcess,
    logRatios: pairs.map((pair) => pair?.logRatio ?? NaN),
    floorLogRatios,
    undisturbedRatio: middleRatio(undisturbed),
    timesFloor: middleRatio(floorLogRatios.filter(Number.isFinite)),
    rounds: medianOf(counts.filter((count) => count > 0)),
    processes: known.length,
    stepsByProcess: byProcess.map((row, p) => {
      return counts[p] * (row?.get(name)?.entry.stepsPerBlock ?? 0);
    }),
    fewBlocks: 2 * byProcess.filter((row) => row !== null && isSlow(row, name)).length >
      known.length,
  };
}

function middleRatio(logRatios: readonly number[]): number {
  return logRatios.length === 0 ? NaN : Math.exp(medianOf(logRatios));
}

/** Whether an entry took less part than others: in fewer rounds, or in shorter blocks. */
function isSlow(row: ReadonlyMap<string, Track>, name: string): boolean {
  const entry = row.get(name)?.entry;
  const most = Math.max(...[...row.values()].map(({ entry }) => entry.stepsPerBlock));
  return entry !== undefined && (entry.every > 1 || entry.stepsPerBlock < most);
}

function keepOf(draft: CellDraft, { keep }: SummaryOptions): CellDraft {
  if (!keep) return draft;
  return { ...draft, entries: draft.entries.filter(({ entry }) => keep(draft.cell, entry.name)) };
}

/** Judges all comparisons of the table together, and puts each beside its entry. */
function judgeCells(
  drafts: readonly CellDraft[],
  margin: number,
): { cells: CellSummary[]; judgement: Judgement } {
  const comparisons = drafts.flatMap(({ entries }) =>
    entries.flatMap(({ comparison }) => comparison ? [comparison] : [])
  );
  const judgement = judge(comparisons, { margin });
  let at = 0;
  const judgedEntry = ({ entry, comparison }: Draft): EntrySummary => {
    if (comparison === null || entry.result.kind !== "timed") return entry;
    return { ...entry, result: { ...entry.result, judged: judgement.judged[at++] } };
  };
  const cells = drafts.map((draft) => ({ ...draft, entries: draft.entries.map(judgedEntry) }));
  return { cells, judgement };
}

/** What a partial file lacks. */
function gaps(
  { run, lines }: ResultFile,
  all: readonly CellTracks[],
  processes: readonly number[],
): string[] {
  // A race that came to its end has what it needed: a cell that was decided early stopped there.
  if (lines.some(({ kind }) => kind === "end")) return [];
  const planned = run.plan.processes * all.length;
  const found = all.reduce((sum, { byProcess }) => sum + byProcess.filter(Boolean).length, 0);
  if (found >= planned) return [];
  const empty = all.filter(({ byProcess }) => !byProcess.some(Boolean)).length;
  return [
    `${found} of ${planned} trials are there, ${processes.length} of ${run.plan.processes} ` +
    `processes begun` + (empty > 0 ? `; ${empty} of ${all.length} cells have none` : ""),
  ];
}
