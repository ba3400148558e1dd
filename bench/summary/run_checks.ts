/** Whether a run may be believed: row by row, and the twin of the baseline over all cells. */
import type { Cell, Entry } from "../record/schema.ts";
import type { ResultFile } from "../record/result_file.ts";
import {
  type Check,
  checkLateChange,
  checkOrder,
  checkPreempted,
  checkSettled,
  checkTwin,
  disturbedShare,
  orderInfluence,
} from "../stats/checks.ts";
import { mapEstimate, signInterval } from "../stats/intervals.ts";
import { medianOf } from "../stats/quantiles.ts";
import { judge, sureShift } from "../stats/verdict.ts";
import { machineOf } from "./machines.ts";
import { type CellTracks, pairTracks, sideBySide, type Track, type Tracks } from "./tracks.ts";

/** The baseline against its twin in one cell. */
export interface TwinCell {
  readonly cell: Cell;
  /** ln(twin / baseline), one for each process that measured it. */
  readonly logRatios: readonly number[];
}

/** The checks of a run over all its cells. */
export interface RunChecks {
  /** The twin against the baseline in the median cell of each process. */
  readonly twin: Check;
  readonly twins: readonly TwinCell[];
  /** The median over cells of |twin / baseline - 1|; NaN if not known. */
  readonly twinOff: number;
  /** Cells in which twin and baseline would be called different, by the rules for contenders. */
  readonly twinsCalledDifferent: number;
  /** The highest load average at which a trial began, for its cores; null where no system tells. */
  readonly mostLoad: number | null;
  /** Of the machine that had that load. */
  readonly cores: number;
  /** How often the kernel took the processor away in the middle trial; null where not known. */
  readonly preemptions: number | null;
  /** Trials that were so noisy that they were run again. */
  readonly repeated: number;
}

/** The checks of one cell: what its twin says of the differences that can be claimed there. */
export function cellCheck(tracks: CellTracks, baseline: string): Check {
  return checkTwin(twinLogRatios(tracks, baseline).filter(Number.isFinite));
}

/** What a claim in a cell must exceed, ratio - 1: what its own twin surely differs by. */
export function cellMargin(tracks: CellTracks, baseline: string): number {
  return Math.expm1(sureShift(twinLogRatios(tracks, baseline).filter(Number.isFinite)));
}

/**
 * The checks of one row: the entry against the base of its ratios. Those of the base itself are whether
 * it had settled, which concerns every row of its cell. Two that ran in different processes are compared
 * by way of the baseline, so each is checked against that.
 */
export function rowChecks(
  name: string,
  tracks: CellTracks,
  { base, baseline }: { readonly base: string; readonly baseline: string },
): Check[] {
  const isChained = tracks.byProcess.some((row) => {
    const entry = row?.get(name), other = row?.get(base);
    return entry && other && sideBySide(entry, other) === null;
  });
  if (isChained) {
    return [name, base].flatMap((each) => rowChecks(each, tracks, { base: baseline, baseline }));
  }
  const rows = tracks.byProcess.flatMap((row) => {
    const entry = row?.get(name), other = row?.get(base);
    const side = entry && other ? sideBySide(entry, other) : null;
    if (!row || !side) return [];
    const entries = entry?.guest?.entries ?? row.size;
    return [{ entry: side.entry, other: side.base, entries }];
  });
  const settled = (of: string) =>
    checkSettled(of, tracks.byProcess.flatMap((row) => row?.get(of)?.settling ?? []));
  if (name === base) return [settled(base)];
  const influences = (place: (entries: number) => number) =>
    rows.map(({ entry, other, entries }) => orderInfluence(entry, other, place(entries)));
  const pairs = rows.flatMap(({ entry, other }) => pairTracks(entry, other) ?? []);
  const logRatios = pairs.map(({ logRatio }) => logRatio);
  const estimate = pairs.length === 0 ? null : mapEstimate(signInterval(logRatios), Math.exp);
  const undisturbed = pairs.map(({ undisturbedLogRatio }) => undisturbedLogRatio);
  return [
    // The base beside which it ran: a guest has one of its own.
    checkSettled(base, rows.map(({ other }) => other.settling)),
    settled(name),
    checkLateChange(
      undisturbed.length === 0 ? NaN : Math.exp(medianOf(undisturbed)),
      estimate,
    ),
    checkOrder(influences(() => 0), influences((entries) => entries >> 1)),
    checkPreempted(rows.map(({ entry, other }) => disturbedShare(entry.blocks, other.blocks))),
  ];
}

/** The checks over all cells, and what else to know of the machine. */
export function checkRun(all: readonly CellTracks[], { run, trials }: ResultFile): RunChecks {
  const { baseline } = run.plan;
  const rows = all.map((tracks) => twinLogRatios(tracks, baseline));
  const twins = all.map(({ cell }, i) => ({ cell, logRatios: rows[i].filter(Number.isFinite) }))
    .filter(({ logRatios }) => logRatios.length > 0);
  const offs = twins.map(({ logRatios }) => Math.abs(Math.expm1(medianOf(logRatios))));
  const loads = trials.flatMap((trial) => {
    const { load } = trial, { environment: { cores } } = machineOf(run, trial);
    return load === null ? [] : [{ load, cores }];
  });
  const most = loads.toSorted((a, b) => b.load / b.cores - a.load / a.cores)[0];
  const switches = trials.flatMap(({ preemptions }) => preemptions === null ? [] : [preemptions]);
  return {
    // One cell alone has its own margin; a shift in the median of several is a fault of the harness.
    twin: rows.length === 1 ? { kind: "not known", name: "A/A" } : checkTwin(middles(rows)),
    twins,
    twinOff: offs.length === 0 ? NaN : medianOf(offs),
    twinsCalledDifferent: calledDifferent(twins),
    mostLoad: most?.load ?? null,
    cores: most?.cores ?? run.environment.cores,
    preemptions: switches.length === 0 ? null : medianOf(switches),
    repeated: trials.filter(({ attempt }) => attempt > 1).length,
  };
}

/** Whether anything of a run can be claimed. */
export function isValidRun({ twin }: RunChecks): boolean {
  return twin.kind !== "failed";
}

function calledDifferent(twins: readonly TwinCell[]): number {
  return judge(twins.map(({ logRatios }) => ({ logRatios, problems: [] }))).differences;
}

function twinLogRatios({ byProcess }: CellTracks, baseline: string): number[] {
  return byProcess.map((row) =>
    row ? pairTracks(trackOf(row, "twin"), row.get(baseline))?.logRatio ?? NaN : NaN
  );
}

/** For each process the median over cells; processes without any are left out. */
function middles(rows: readonly (readonly number[])[]): number[] {
  const [first = []] = rows;
  return first.map((_, p) => rows.map((row) => row[p]).filter(Number.isFinite))
    .filter((column) => column.length > 0).map(medianOf);
}

/** The track of the one entry in that role, if a process has it. */
export function trackOf(row: Tracks, role: Entry["role"]): Track | undefined {
  for (const track of row.values()) if (track.entry.role === role) return track;
}
