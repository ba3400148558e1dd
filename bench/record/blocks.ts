/** A trial's blocks, from the order in which they were taken to a row for each entry. */
import type { TrialLine } from "./schema.ts";

/** What one entry did in one process, round by round. */
export interface EntryBlocks {
  /** ns a step; null where it sat the round out. */
  readonly ns: readonly (number | null)[];
  /** Its place in the round, from 0; null where it sat out. */
  readonly places: readonly (number | null)[];
}

/**
 * The blocks of each entry of a trial, in the order of `entries`; every row has as many rounds. Rounds
 * are counted anew, and entries without blocks share a row, so no number in a file is a length.
 */
export function blocksByEntry(
  { entries, blocks }: Pick<TrialLine, "entries" | "blocks">,
): EntryBlocks[] {
  const numbers = [...new Set(blocks.round)].sort((a, b) => a - b);
  const rounds = new Map(numbers.map((number, round) => [number, round]));
  const row = () => new Array<number | null>(numbers.length).fill(null);
  const none = { ns: row(), places: row() }, timed = new Set(blocks.entry);
  const rows = entries.map((_, i) => timed.has(i) ? { ns: row(), places: row() } : none);
  const ran = new Array<number>(numbers.length).fill(0);
  blocks.round.forEach((number, i) => {
    const entry = blocks.entry[i], round = rounds.get(number)!;
    rows[entry].ns[round] = blocks.ns[i] / entries[entry].stepsPerBlock;
    rows[entry].places[round] = ran[round]++;
  });
  return rows;
}
