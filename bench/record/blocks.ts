/** A trial's blocks, from the order in which they were taken to a row for each entry. */
import type { TrialLine } from "./schema.ts";

/** What one entry did in one process, round by round. */
export interface EntryBlocks {
  /** ns a step; null where it sat the round out. */
  readonly ns: readonly (number | null)[];
  /** Its place in the round, from 0; null where it sat out. */
  readonly places: readonly (number | null)[];
}

/** The blocks of each entry of a trial, in the order of `entries`; every row has as many rounds. */
export function blocksByEntry({ entries, blocks }: Pick<TrialLine, "entries" | "blocks">) {
  const rounds = 1 + blocks.round.reduce((most, round) => Math.max(most, round), -1);
  const row = () => new Array<number | null>(rounds).fill(null);
  const rows = entries.map(() => ({ ns: row(), places: row() }));
  const ran = new Array<number>(rounds).fill(0);
  blocks.round.forEach((round, i) => {
    const entry = blocks.entry[i];
    rows[entry].ns[round] = blocks.ns[i] / entries[entry].stepsPerBlock;
    rows[entry].places[round] = ran[round]++;
  });
  return rows satisfies EntryBlocks[];
}
