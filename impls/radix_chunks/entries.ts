/**
 * What a new ChunkPool of `radix_chunks` is filled from: the slots of an array, or those of pools that
 * it replaces.
 */
import { endGfn, type Memslot } from "../memslot.ts";
import type { Chunks } from "./hints.ts";

/** Slots in order with their bounds: writes the next ones to entries [from, to). */
export type Entries = (
  bounds: Float64Array,
  slotAt: (Memslot | null)[],
  from: number,
  to: number,
) => void;

/** The arrays of a ChunkPool: chunk 0 is before the first chunk and after the last one. */
interface LinkedChunks extends Chunks {
  /** Entry e has slotAt[e]. */
  readonly slotAt: readonly (Memslot | null)[];
  /** The chunk after each one. */
  readonly next: Uint16Array;
}

/** The slots of an array. */
export function entriesOfSlots(slots: readonly Memslot[]): Entries {
  let i = 0;
  return (bounds, slotAt, from, to) => {
    for (let at = from; at < to; at++, i++) {
      bounds[2 * at] = slots[i].baseGfn;
      bounds[2 * at + 1] = endGfn(slots[i]);
      slotAt[at] = slots[i];
    }
  };
}

/**
 * The slots of pools in order, as the pools are now, at least one. Reads no slot: to read 37,000 of them,
 * far apart in memory, takes longer than all else in a new pool.
 */
export function entriesOfPools(pools: readonly LinkedChunks[]): Entries {
  const [first, ...rest] = pools.map(arraysOf);
  let pool = first, chunk = 0, i = pool.last[0];
  return (bounds, slotAt, from, to) => {
    for (let at = from; at < to; at++, i++) {
      while (i === pool.last[chunk]) {
        chunk = pool.next[chunk];
        if (chunk === 0) {
          pool = rest.shift()!;
          chunk = pool.next[0];
        }
        i = pool.first[chunk];
      }
      bounds[2 * at] = pool.bounds[2 * i];
      bounds[2 * at + 1] = pool.bounds[2 * i + 1];
      slotAt[at] = pool.slotAt[i];
    }
  };
}

/** The arrays as they are now: a pool that is packed anew replaces its own. */
function arraysOf({ bounds, slotAt, first, last, next }: LinkedChunks): LinkedChunks {
  return { bounds, slotAt, first, last, next };
}
