/**
 * Radix chunks: slots in order in chunks of up to 30, and hints, a table of where gfns were found,
 * which lead to them in one step. Dynamic, and no layout makes it slow.
 *
 * It has three forms, by size, each in a file of radix_chunks/ with its invariants and sources:
 *
 *      slots           form         find and start                       insert and erase
 *      up to 14        flat_pool    two rounds of comparisons            up to 14 moves
 *      up to 36,864    chunk_pool   a hint; O(log n) if it is wrong      up to 29 moves
 *      more            pool_list    the same, after a search of pools    the same
 *
 * Find and start O(1) if a hint is right, which most are on any layout, else O(log n); next O(1);
 * insert and erase the same and up to 29 moves, 8 on average, and when the set has grown or shrunk by
 * some percent a new pool of up to 36,864 slots, which bounds the longest change of a set of any size.
 * 28 to 48 bytes a slot from 509 slots up.
 */
import { checkMemslot, checkMemslots, type Gfn, type Memslot } from "./memslot.ts";
import type { MemslotIndex, MemslotIter } from "./memslot_index.ts";
import { ChunkPool } from "./radix_chunks/chunk_pool.ts";
import { entriesOfSlots } from "./radix_chunks/entries.ts";
import { FlatPool } from "./radix_chunks/flat_pool.ts";
import type { Limits, Pool } from "./radix_chunks/pool.ts";
import { PoolList } from "./radix_chunks/pool_list.ts";

/** Sorted chunks under hints; see the head of its file. */
export class RadixChunks implements MemslotIndex {
  readonly #limits: Limits;
  #pool: Pool;

  /**
   * O(n). `RangeError` or `TypeError` as `checkMemslots`. `limits` are for tests: the upper limits of
   * the slots of the first form, of a chunk, and of the second form.
   */
  constructor(
    slots: readonly Memslot[] = [],
    limits: { flat?: number; chunk?: number; pool?: number } = {},
  ) {
    checkMemslots(slots);
    this.#limits = { flat: 14, chunk: 30, pool: 36_864, ...limits };
    this.#pool = poolFor(slots, this.#limits);
  }

  /** The number of slots. */
  get size(): number {
    return this.#pool.size;
  }

  /** Bytes that the arrays occupy; the slots are not counted. */
  get bytes(): number {
    return this.#pool.bytes;
  }

  /** The slot that holds `gfn`, or null. */
  find(gfn: Gfn): Memslot | null {
    return this.#pool.find(gfn);
  }

  /** Adds a slot. */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    this.#pool.insert(slot);
    if (this.#pool.size > this.#pool.most) this.#reform();
  }

  /** Removes the slot that begins where `slot` does. */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    this.#pool.erase(slot);
    if (this.#pool.size < this.#pool.least) this.#reform();
  }

  /** A cursor; `next` is O(1). */
  iter(): MemslotIter {
    return this.#pool.iter();
  }

  /** Throws if an invariant of the form does not hold. O(n). */
  checkInvariants(): void {
    this.#pool.checkInvariants();
  }

  #reform(): void {
    this.#pool = poolFor(this.#pool.slots, this.#limits);
  }
}

/** The form for `slots`, which are ascending and well formed. */
function poolFor(slots: readonly Memslot[], limits: Limits): Pool {
  if (slots.length <= limits.flat) return new FlatPool(slots, limits);
  if (slots.length > limits.pool) return new PoolList(slots, limits);
  return new ChunkPool(slots.length, entriesOfSlots(slots), limits);
}
