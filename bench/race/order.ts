/**
 * A balanced order of `size` entries for each of `rounds` rounds: a Williams square, in which over
 * `size` rounds (twice as many where `size` is odd) each entry stands at each place, and behind
 * each other entry, equally often. `reversed` runs every round the other way about.
 */
export function balancedOrders(
  size: number,
  rounds: number,
  options: { reversed: boolean; shift: number },
): number[][] {
  const { reversed, shift } = options;
  // The zigzag 0, 1, n-1, 2, n-2, ... has every difference modulo n once.
  const zigzag = Array.from(
    { length: size },
    (_, i) => i % 2 === 1 ? (i + 1) / 2 : (size - i / 2) % size,
  );
  return Array.from({ length: rounds }, (_, round) => {
    const order = zigzag.map((entry) => (entry + round + shift) % size);
    const mirrored = size % 2 === 1 && Math.floor(round / size) % 2 === 1;
    return reversed !== mirrored ? order.reverse() : order;
  });
}
