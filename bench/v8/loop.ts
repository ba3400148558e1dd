/** A loop of lookups. Each import with a query string of its own is a module, and a function, of its own. */
import type { Gfn } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";

/** Looks up `steps` of the gfns from number `from` on; the sum of the ids. */
export function lookUp(
  index: MemslotIndex,
  gfns: readonly Gfn[],
  from: number,
  steps: number,
): number {
  const mask = gfns.length - 1;
  let sum = 0;
  for (let i = from; i < from + steps; i++) sum += index.find(gfns[i & mask])!.id;
  return sum;
}
