/** Whether an entry took less time than there is: less than reading the known answers takes. */

// As it is before any contender is loaded, which might change it.
const { min } = Math;

/** Blocks of the floor that are run again at most, where all that it had may have been disturbed. */
const MOST_AGAIN = 16;

/**
 * The places of the entries that are faster than the floor, by the ns a step of their fastest blocks, and
 * the floor's own. Preemption makes blocks slower only, so an entry below the floor is one that no index
 * can be, or the floor was disturbed each time: then `again`, which gives ns a step of another block of
 * s below what is right. Of 3,960 medians of right indexes the lowest was 1.38 times the
 * floor's.
 */
export function belowFloor(
  fastest: readonly number[],
  floorAt: number,
  again: () => number,
): { readonly below: number[]; readonly floorNs: number } {
  let floorNs = fastest[floorAt];
  const below = () => fastest.flatMap((ns, i) => i !== floorAt && ns < floorNs ? [i] : []);
  for (let left = MOST_AGAIN; left > 0 && below().length > 0; left--) {
    floorNs = min(floorNs, again());
  }
  return { below: below(), floorNs };
}
