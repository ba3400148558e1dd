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
  /** Of a guest, an entry that raced apart from the others: how it is compared with them. */
  readonly guest?: Guest;
}

/** The baseline twice: a guest ran beside the one, all other entries beside the other. */
export interface Guest {
  /** In the guest's own process. */
  readonly own: Track;
  /** In the process of the others. */
  readonly home: Track;
  /** Entries of the guest's own process. */
  readonly entries: number;
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

/**
 * The rounds in which both entries had settled, compared; null where a process measured none. A guest
 * and another entry are compared by way of the baseline, which ran beside both.
 */
export function pairTracks(
  entry: Track | undefined,
  base: Track | undefined,
): PairedProcess | null {
  if (!entry || !base) return null;
  const side = sideBySide(entry, base);
  if (side === null) {
    const { home } = (entry.guest ?? base.guest)!;
    return chained(pairTracks(entry, home), pairTracks(home, base));
  }
  const from = Math.max(side.entry.settling.fromRound, side.base.settling.fromRound);
  return pairedProcess(side.entry.blocks, side.base.blocks, { from });
}

/** The tracks of the two that ran in one process; null where there are none. */
export function sideBySide(entry: Track, base: Track): { entry: Track; base: Track } | null {
  if (entry.guest === base.guest || entry.guest?.own === base || base.guest?.own === entry) {
    return { entry, base };
  }
  if (base === entry.guest?.home) return { entry, base: entry.guest.own };
  return entry === base.guest?.home ? { entry: base.guest.own, base } : null;
}

function chained(a: PairedProcess | null, b: PairedProcess | null): PairedProcess | null {
  return a && b && {
    rounds: Math.min(a.rounds, b.rounds),
    logRatio: a.logRatio + b.logRatio,
    undisturbedLogRatio: a.undisturbedLogRatio + b.undisturbedLogRatio,
  };
}

/** The entries of a process with those of `apart`, where the guests ran by these names. */
export function joinTracks(
  tracks: Tracks,
  apart: readonly (readonly [name: string, tracks: Tracks])[],
  baseline: string,
): Tracks {
  const joined = new Map(tracks), home = tracks.get(baseline);
  for (const [name, others] of apart) {
    const guest = others.get(name), own = others.get(baseline), entries = others.size;
    if (guest && own && home) joined.set(name, { ...guest, guest: { own, home, entries } });
  }
  return joined;
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
