/** A trial's line, turned from the order in which blocks were taken into a row for each entry. */
import { blocksByEntry } from "../record/blocks.ts";
import type { Cell, Entry, TrialLine } from "../record/schema.ts";
import type { Positions } from "../stats/checks.ts";
import { pairedProcess } from "../stats/paired.ts";
import type { Blocks } from "../stats/quantiles.ts";
import { type Settling, settlings } from "../stats/regimes.ts";

/** What one entry did in one process. */
export interface Track {
  readonly entry: Entry;
  /** ns a step, round by round; null where it sat the round out. */
  readonly blocks: Blocks;
  /** Its place in each round, from 0. */
  readonly positions: Positions;
  /** When it reached its last speed: ratios are of the rounds from then on. */
  readonly settling: Settling;
}

/** What the script of a cell looks up, and what KVM's one-entry cache would answer of it. */
export type Lookups = NonNullable<TrialLine["lookups"]>;

/** A cell's trials, one a process, read into tracks. */
export interface CellTracks {
  readonly cell: Cell;
  readonly unit: string;
  /** Of its script; null where it looks nothing up, or the file does not say. */
  readonly lookups: Lookups | null;
  /** For each of the run's processes; null where it did not run this cell. */
  readonly byProcess: readonly (ReadonlyMap<string, Track> | null)[];
}

/** A file that is well formed and makes no sense, or has not what was asked of it; in one line. */
export class ReportError extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "ReportError";
  /** Whether another command line would mend it. */
  readonly isUsage: boolean;

  /** With the words that will be printed. */
  constructor(message: string, { isUsage = false }: { isUsage?: boolean } = {}) {
    super(message);
    this.isUsage = isUsage;
  }
}

/** The rounds in which both entries had settled, compared; null where a process measured none. */
export function pairTracks(entry: Track | undefined, base: Track | undefined) {
  if (!entry || !base || base.entry.outcome.kind !== "ok") return null;
  const from = Math.max(entry.settling.fromRound, base.settling.fromRound);
  const paired = pairedProcess(entry.blocks, base.blocks, { from });
  return paired.kind === "measured" ? paired : null;
}

/** More rounds than any race has: what lies beyond was not written by one. */
const MOST_ROUNDS = 1_000_000;

/**
 * The tracks of a trial by entry. `ReportError`, with the file and line that `where` gives, where its
 * blocks name an entry it does not have.
 */
export function tracksOf(trial: TrialLine, where: string): Map<string, Track> {
  const { entries, blocks } = trial;
  const rounds = 1 + blocks.round.reduce((most, round) => Math.max(most, round), -1);
  checkTrial(trial, { rounds, where });
  const rows = blocksByEntry(trial);
  const settled = settlings(rows.map(({ ns }) => ns));
  return new Map(entries.map((entry, i) => {
    const settling = settled[i];
    return [entry.name, { entry, blocks: rows[i].ns, positions: rows[i].places, settling }];
  }));
}

function checkTrial(
  { entries, blocks }: TrialLine,
  { rounds, where }: { rounds: number; where: string },
): void {
  const stray = blocks.entry.find((entry) => entry >= entries.length);
  const names = new Set(entries.map(({ name }) => name));
  const why = stray !== undefined
    ? `it has ${entries.length} entries: a block is of entry ${stray}, counted from 0`
    : rounds > MOST_ROUNDS
    ? `a block is of round ${rounds - 1}`
    : names.size < entries.length
    ? "each of its entries must stand once"
    : null;
  if (why !== null) throw new ReportError(`Cannot summarize ${where} as ${why}`);
}
