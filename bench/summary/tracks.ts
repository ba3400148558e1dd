/** A trial's line, turned from the order in which blocks were taken into a row for each entry. */
import { blocksByEntry } from "../record/blocks.ts";
import type { Cell, Entry, TrialLine } from "../record/schema.ts";
import type { Positions } from "../stats/checks.ts";
import { type PairedProcess, pairedProcess } from "../stats/paired.ts";
import type { Blocks } from "../stats/quantiles.ts";
import { type Settling, settlings } from "../stats/regimes.ts";
import { ReportError } from "./report_error.ts";

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

/** The tracks of a process by the names of entries, without those that failed anywhere in the run. */
export type Tracks = ReadonlyMap<string, Track>;

/** What the script of a cell looks up, and what KVM's one-entry cache would answer of it. */
export type Lookups = NonNullable<TrialLine["lookups"]>;

/** A cell's trials, one a process, read into tracks. */
export interface CellTracks {
  readonly cell: Cell;
  /** What a step is: "lookup", "range", "change", "step". */
  readonly unit: string;
  /** Of its script; null where it looks nothing up, or the file does not say. */
  readonly lookups: Lookups | null;
  /** For each of the run's processes; null where it did not run this cell. */
  readonly byProcess: readonly (Tracks | null)[];
}

/** The rounds in which both entries had settled, compared; null where a process measured none. */
export function pairTracks(
  entry: Track | undefined,
  base: Track | undefined,
): PairedProcess | null {
  if (!entry || !base) return null;
  const from = Math.max(entry.settling.fromRound, base.settling.fromRound);
  return pairedProcess(entry.blocks, base.blocks, { from });
}

/**
 * Of the places that entries and rounds make, at least this share must hold a block: a race fills far
 * more, and a file of few blocks must not make a reader keep millions of empty places.
 */
const LEAST_FILLED = 1 / 16;

/**
 * The tracks of a trial by entry, without those that `isOut`. `ReportError`, with the file's path, where its
 * blocks are of few entries in many rounds.
 */
export function tracksOf(
  trial: TrialLine,
  path: string,
  { isOut = () => false }: { isOut?: (name: string) => boolean } = {},
): Map<string, Track> {
  const { entries } = trial;
  checkTrial(trial, path);
  const rows = blocksByEntry(trial);
  const kept = entries.flatMap(({ name }, i) => isOut(name) ? [] : [i]);
  const settled = settlings(kept.map((i) => rows[i].ns));
  return new Map(kept.map((i, at) => {
    const { ns, places } = rows[i];
    const track = { entry: entries[i], blocks: ns, positions: places, settling: settled[at] };
    return [entries[i].name, track];
  }));
}

function checkTrial({ cell, process, blocks }: TrialLine, path: string): void {
  const places = new Set(blocks.entry).size * new Set(blocks.round).size;
  if (blocks.round.length >= LEAST_FILLED * places) return;
  throw new ReportError(
    `Cannot summarize ${path} as its rounds must hold most entries: ${blocks.round.length} blocks of ` +
      `process ${process} on ${cell.workload} are of ${places}`,
  );
}
