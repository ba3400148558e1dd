/** In which order the entries of a trial run, round by round. */

/** Names one order: the trial, and its numbers of entries and rounds. */
export interface OrderOptions {
  /** Entries of the trial. */
  readonly size: number;
  readonly rounds: number;
  /** The trial's number, from 0: another order in each process. */
  readonly process: number;
}

/** In each round the entries as they are listed. */
export function listedOrders({ size, rounds }: OrderOptions): number[][] {
  return Array.from({ length: rounds }, () => Array.from({ length: size }, (_, i) => i));
}

/**
 * A balanced order for each round: a Williams square, in which over `size` rounds (twice as many
 * where `size` is odd) each entry stands at each place, and behind each other entry, equally often.
 * Odd processes run every round the other way about, and each pair of processes begins elsewhere in
 * the square.
 */
export function balancedOrders({ size, rounds, process }: OrderOptions): number[][] {
  const isReversed = process % 2 === 1, shift = process >> 1;
  // The zigzag 0, 1, n-1, 2, n-2, ... has every difference modulo n once.
  const zigzag = Array.from(
    { length: size },
    (_, i) => i % 2 === 1 ? (i + 1) / 2 : (size - i / 2) % size,
  );
  return Array.from({ length: rounds }, (_, round) => {
    const order = zigzag.map((entry) => (entry + round + shift) % size);
    const isMirrored = size % 2 === 1 && Math.floor(round / size) % 2 === 1;
    return isReversed !== isMirrored ? order.reverse() : order;
  });
}
