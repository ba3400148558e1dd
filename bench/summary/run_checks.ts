/** Whether a run may be believed: cell by cell, and over all cells together. */
import { type Cell, cellKey, type RunLine, type TrialLine } from "../record/schema.ts";
import {
  type Check,
  checkOrder,
  checkPreempted,
  checkSteady,
  checkTwin,
  driftOf,
  orderEffect,
  preemptedShare,
  problemsOf,
} from "../stats/checks.ts";
import { pairedProcess } from "../stats/paired.ts";
import { medianOf } from "../stats/quantiles.ts";
import { judge } from "../stats/verdict.ts";
import type { CellTracks, Track } from "./tracks.ts";

/** The baseline against its twin in one cell. */
export interface TwinCell {
  readonly cell: Cell;
  /** One for each process that measured it. */
  readonly logRatios: readonly number[];
}

/** The checks of a run over all its cells. */
export interface RunChecks {
  /** Where one of these failed, nothing in the whole run can be claimed. */
  readonly pooled: readonly Check[];
  readonly twins: readonly TwinCell[];
  /** The median over cells of |twin / baseline - 1|; NaN if not known. */
  readonly twinOff: number;
  /** Cells in which twin and baseline would be called different, by the rules for contenders. */
  readonly twinsCalledDifferent: number;
  /** The highest load average at which a trial began; null where the system does not tell. */
  readonly mostLoad: number | null;
  readonly cores: number;
  /** How often the kernel took the processor away in the middle trial; null where not known. */
  readonly preemptions: number | null;
}

/** The checks of one cell, whoever the base is: A/A, order effect, preempted blocks. */
export function cellChecks(tracks: CellTracks, baseline: string): Check[] {
  if (!tracks.byProcess.some(Boolean)) return [];
  return [
    checkTwin(twinLogRatios(tracks, baseline).filter(Number.isFinite)),
    checkOrder(perProcess(tracks, orderOf).filter(Number.isFinite)),
    checkPreempted(perProcess(tracks, preemptedOf)),
  ];
}

/** Whether the entry had settled against the base; the base itself, against the floor. */
export function steadyCheck(name: string, tracks: CellTracks, base: string): Check {
  return checkSteady(perProcess(tracks, (row) => {
    const entry = row.get(name), other = name === base ? floorOf(row) : row.get(base);
    return entry && other ? driftOf(entry.blocks, other.blocks) : NaN;
  }));
}

/** What about the base voids a whole cell. */
export function problemsOfBase(tracks: CellTracks, base: string): string[] {
  const check = steadyCheck(base, tracks, base);
  return check.kind === "failed" ? [`base: ${check.words}`] : [];
}

/** The checks over all cells, and what else to know of the machine. */
export function checkRun(
  all: readonly CellTracks[],
  { run, trials }: { run: RunLine; trials: readonly TrialLine[] },
): RunChecks {
  const { baseline } = run.plan;
  const rows = all.map((tracks) => twinLogRatios(tracks, baseline));
  const twins = all.map(({ cell }, i) => ({ cell, logRatios: rows[i].filter(Number.isFinite) }))
    .filter(({ logRatios }) => logRatios.length > 0);
  const offs = twins.map(({ logRatios }) => Math.abs(Math.expm1(medianOf(logRatios))));
  const loads = trials.flatMap(({ load }) => load === null ? [] : [load]);
  const switches = trials.flatMap(({ preemptions }) => preemptions === null ? [] : [preemptions]);
  return {
    pooled: all.length === 1 ? [] : [
      checkTwin(middles(rows)),
      checkOrder(middles(all.map((tracks) => perProcess(tracks, orderOf)))),
      checkPreempted(all.flatMap((tracks) => perProcess(tracks, preemptedOf))),
    ],
    twins,
    twinOff: offs.length === 0 ? NaN : medianOf(offs),
    twinsCalledDifferent: calledDifferent(twins),
    mostLoad: loads.length === 0 ? null : Math.max(...loads),
    cores: run.environment.cores,
    preemptions: switches.length === 0 ? null : medianOf(switches),
  };
}

/** Whether anything of a run can be claimed. */
export function isValidRun({ pooled }: RunChecks): boolean {
  return problemsOf(pooled).length === 0;
}

function calledDifferent(twins: readonly TwinCell[]): number {
  const { judged } = judge(twins.map(({ logRatios }) => ({ logRatios, problems: [] })));
  return judged.filter(({ verdict: { kind } }) => kind === "faster" || kind === "slower").length;
}

function twinLogRatios(tracks: CellTracks, baseline: string): number[] {
  return perProcess(tracks, (row) => {
    const twin = [...row.values()].find(({ entry }) => entry.role === "twin");
    const base = row.get(baseline);
    if (!twin || !base) return NaN;
    const paired = pairedProcess(twin.blocks, base.blocks);
    return paired.kind === "measured" ? paired.logRatio : NaN;
  });
}

/** For each process the median over cells; processes without any are left out. */
function middles(rows: readonly (readonly number[])[]): number[] {
  const processes = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: processes }, (_, p) => rows.map((row) => row[p]))
    .map((column) => column.filter(Number.isFinite))
    .filter((column) => column.length > 0).map(medianOf);
}

type Row = ReadonlyMap<string, Track>;

function perProcess({ byProcess }: CellTracks, of: (row: Row) => number): number[] {
  return byProcess.map((row) => row === null ? NaN : of(row));
}

function orderOf(row: Row): number {
  const tracks = [...row.values()];
  return orderEffect(tracks.map(({ blocks }) => blocks), tracks.map(({ positions }) => positions));
}

function preemptedOf(row: Row): number {
  return preemptedShare([...row.values()].map(({ blocks }) => blocks));
}

function floorOf(row: Row): Track | undefined {
  return [...row.values()].find(({ entry }) => entry.role === "floor");
}

/** The cells in which a check failed or nothing was known, for the words of a table. */
export function failedCells(
  cells: readonly { cell: Cell; checks: readonly Check[] }[],
  name: Check["name"],
): Cell[] {
  const failed = cells.filter(({ checks }) => {
    return checks.some((check) => check.name === name && check.kind === "failed");
  });
  return [...new Map(failed.map(({ cell }) => [cellKey(cell), cell])).values()];
}
