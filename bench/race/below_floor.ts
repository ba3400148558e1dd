/** Finds entries that are faster than reading the known answers, which no index can be. */

// As it is before any contender is loaded, which might change it.
const { min } = Math;

/** Blocks of the floor that are run again at most, where all that it had may have been disturbed. */
const MOST_AGAIN = 16;

/**
 * The places of the entries that are faster than the floor, by the ns a step of their fastest blocks, and
 * the floor's own. Preemption makes blocks slower only, so an entry below the floor is one that no index
 * can be, or the floor was disturbed in all its blocks: then `again` runs another block of the floor and
 * gives its ns a step, at most `MOST_AGAIN` times, until no entry is below it. Of 3,960 right entries the
 * lowest fastest block was 1.41 times the floor's.
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
