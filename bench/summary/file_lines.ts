/** What the lines of a file say, found by cell, process and entry: each line is looked at once. */
import {
  type Cell,
  cellKey,
  type Entry,
  type Outcome,
  type ProbeLine,
  type TrialLine,
} from "../record/schema.ts";
import type { ResultFile } from "../record/result_file.ts";
import { ReportError } from "./report_error.ts";
import { type Machine, machinesOf } from "./machines.ts";
import { type CellTracks, joinTracks, tracksOf } from "./tracks.ts";

/** How an entry's probe found it, where there was a probe. */
export type Probe = ProbeLine["entries"][number];

/** Why an entry has no number anywhere in the run. */
export interface Failure {
  readonly kind: Exclude<Outcome["kind"], "ok">;
  /** What it did, in words. */
  readonly words: string;
  /** Where it was found out; null for the gate. */
  readonly foundIn: Cell | null;
}

/** A file by what its lines speak of. */
export interface FileLines {
  /** The processes of the run, ascending. */
  readonly processes: readonly number[];
  readonly cells: readonly CellLines[];
  /** By entry, those of the gate included: the first failure in the order of the file. */
  readonly failures: ReadonlyMap<string, Failure>;
}

/** What a file says of one cell. */
export interface CellLines {
  readonly tracks: CellTracks;
  /** Where it ran: one machine, or several of one kind that share its processes. */
  readonly machines: readonly Machine[];
  /** The roles of all entries that began it, by name, and of those that the gate kept out. */
  readonly roles: ReadonlyMap<string, Entry["role"]>;
  readonly probes: ReadonlyMap<string, Probe>;
}

/**
 * More processes than a race takes. Exact tests over many more would take minutes, so a file with them
 * is refused.
 */
const MOST_PROCESSES = 200;

/** A cell's lines as they are found. */
interface Found {
  readonly cell: Cell;
  /** By process, and in it by the guest that raced apart there: "" for the other entries. */
  readonly trials: Map<number, Map<string, TrialLine>>;
  readonly roles: Map<string, Entry["role"]>;
  readonly probes: Map<string, Probe>;
}

/** Reads all lines of a file. `ReportError` for what contradicts itself. */
export function fileLines(file: ResultFile): FileLines {
  const cells = new Map<string, Found>();
  const failures = new Map([...file.failures].map(([name, { outcome, cell }]) => {
    return [name, { kind: outcome.kind, words: outcome.words, foundIn: cell }] as const;
  }));
  const of = (cell: Cell): Found => {
    const key = cellKey(cell), known = cells.get(key);
    if (known) return known;
    const found = { cell, trials: new Map(), roles: new Map(), probes: new Map() };
    cells.set(key, found);
    return found;
  };
  for (const cell of file.run.plan.cells) of(cell);
  for (const { cell, entries } of file.probes) {
    const { probes } = of(cell);
    for (const entry of entries) probes.set(entry.name, entry);
  }
  for (const trial of file.trials) {
    const { trials, roles } = of(trial.cell);
    const groups = trials.get(trial.process) ?? new Map<string, TrialLine>();
    trials.set(trial.process, groups.set(trial.group ?? "", trial));
    for (const { name, role } of trial.entries) roles.set(name, role);
  }
  const all = [...cells.values()];
  const processes = [...new Set(all.flatMap(({ trials }) => [...trials.keys()]))]
    .sort((a, b) => a - b);
  checkProcesses(file, processes.length);
  return {
    processes,
    failures,
    cells: all.map((found) => ({
      tracks: cellTracks(found, { file, processes, failures }),
      machines: machinesOf(file.run, trialsOf(found)),
      roles: withGated(found.roles, failures),
      probes: found.probes,
    })),
  };
}

function cellTracks(
  found: Found,
  { file, processes, failures }: {
    file: ResultFile;
    processes: readonly number[];
    failures: ReadonlyMap<string, Failure>;
  },
): CellTracks {
  const { cell, trials } = found, all = trialsOf(found);
  const isOut = (name: string) => failures.has(name);
  return {
    cell,
    unit: all[0]?.unit ?? "step",
    lookups: all.find(({ lookups }) => lookups)?.lookups ?? null,
    byProcess: processes.map((process) => {
      const groups = [...trials.get(process) ?? []].map(([name, trial]) => {
        return [name, tracksOf(trial, file.path, { isOut })] as const;
      });
      const home = groups.find(([name]) => name === "") ?? groups[0];
      if (home === undefined) return null;
      return joinTracks(home[1], groups.filter((one) => one !== home), file.run.plan.baseline);
    }),
  };
}

function trialsOf({ trials }: Found): TrialLine[] {
  return [...trials.values()].flatMap((groups) => [...groups.values()]);
}

/** Entries that the gate kept out have a row in every cell that was raced. */
function withGated(
  roles: ReadonlyMap<string, Entry["role"]>,
  failures: ReadonlyMap<string, Failure>,
): ReadonlyMap<string, Entry["role"]> {
  if (roles.size === 0) return roles;
  const gated = [...failures].filter(([, { foundIn }]) => foundIn === null);
  return new Map([...gated.map(([name]) => [name, "contender"] as const), ...roles]);
}

function checkProcesses({ path }: ResultFile, processes: number): void {
  if (processes <= MOST_PROCESSES) return;
  throw new ReportError(
    `Cannot summarize ${path} as a race has at most ${MOST_PROCESSES} processes: its trials are of ` +
      `${processes}`,
  );
}
