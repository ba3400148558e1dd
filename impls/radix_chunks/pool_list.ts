/**
 * The form of `radix_chunks` for more slots than one ChunkPool holds: many of them, in order, under a
 * sorted array of their last ends. Find and start O(log pools) and as in a pool; a change costs what
 * it costs in a pool, and at times one pool is split or two are joined: no change takes more than some
 * 37,000 slots in hand, whatever the size.
 *
 * Invariants:
 *  1) the pools' slots ascend without overlap, from pool to pool; no pool is empty unless it is the
 *     only one;
 *  2) #ends has the end of each pool, as many as there are pools.
 */
import { checkMemslots, checkSize, type Gfn, type Memslot } from "../memslot.ts";
import type { MemslotIter, ValidMemslotIter } from "../memslot_index.ts";
import { ChunkPool } from "./chunk_pool.ts";
import { entriesOfPools, entriesOfSlots } from "./entries.ts";
import type { Limits, Pool } from "./pool.ts";

/** Many pools of chunks; see the head of its file. */
export class PoolList implements Pool {
  readonly most = Infinity;
  readonly #limits: Limits;
  readonly #pools: ChunkPool[] = [];
  readonly #ends: Gfn[] = [];
  #size = 0;

  /** `slots` are ascending and well formed. */
  constructor(slots: readonly Memslot[], limits: Limits) {
    this.#limits = limits;
    this.#size = slots.length;
    const count = Math.max(1, Math.ceil(2 * slots.length / limits.pool));
    const entries = entriesOfSlots(slots);
    for (let i = 0; i < count; i++) {
      const from = Math.floor(slots.length * i / count);
      const to = Math.floor(slots.length * (i + 1) / count);
      this.#pools.push(new ChunkPool(to - from, entries, limits));
      this.#ends.push(this.#pools[i].endGfn);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Half of what one pool holds, so that few changes in a row do not change the form twice. */
  get least(): number {
    return this.#limits.pool >> 1;
  }

  get slots(): Memslot[] {
    return this.#pools.flatMap((pool) => pool.slots);
  }

  get bytes(): number {
    return this.#pools.reduce((sum, pool) => sum + pool.bytes, 16 * this.#pools.length);
  }

  find(gfn: Gfn): Memslot | null {
    return this.#pools[poolOf(this.#ends, gfn)].find(gfn);
  }

  insert(slot: Memslot): void {
    const i = poolOf(this.#ends, slot.baseGfn), pool = this.#pools[i];
    pool.insert(slot);
    this.#size++;
    this.#ends[i] = pool.endGfn;
    if (pool.size <= pool.most) return;
    const half = pool.size >> 1;
    this.#replace(i, 1, [half, pool.size - half]);
  }

  erase(slot: Memslot): void {
    const i = poolOf(this.#ends, slot.baseGfn), pool = this.#pools[i];
    pool.erase(slot);
    this.#size--;
    this.#ends[i] = pool.endGfn;
    if (pool.size === 0 && this.#pools.length > 1) return this.#replace(i, 1, []); // keeps 1)
    // Joins it with the pool before it, or pool 0 with pool 1, once both fit into half a pool.
    const left = i > 0 ? i - 1 : i, other = this.#pools[left + 1];
    if (other === undefined || this.#pools[left].size + other.size > pool.most >> 1) return;
    this.#replace(left, 2, [this.#pools[left].size + other.size]);
  }

  iter(): MemslotIter {
    return new PoolListCursor(this.#pools, this.#ends);
  }

  checkInvariants(): void {
    checkMemslots(this.slots);
    checkSize(this.#size, this.slots.length);
    checkSize(this.#pools.length, this.#ends.length);
    this.#pools.forEach((pool, i) => {
      pool.checkInvariants();
      if (pool.endGfn !== this.#ends[i] || (pool.size === 0 && this.#pools.length > 1)) {
        throw new Error(
          `Pool ${i} of ${pool.size} slots must end at ${pool.endGfn}, by 2): found ${
            this.#ends[i]
          }`,
        );
      }
    });
  }

  /** Puts the slots of `count` pools from pool i on into new pools of these sizes. */
  #replace(i: number, count: number, sizes: readonly number[]): void {
    const entries = entriesOfPools(this.#pools.slice(i, i + count));
    const pools = sizes.map((size) => new ChunkPool(size, entries, this.#limits));
    this.#pools.splice(i, count, ...pools);
    this.#ends.splice(i, count, ...pools.map((pool) => pool.endGfn));
  }
}

class PoolListCursor implements MemslotIter {
  readonly #pools: readonly ChunkPool[];
  readonly #ends: readonly Gfn[];
  /** The pool of #iter. */
  #i = 0;
  #iter: MemslotIter;

  constructor(pools: readonly ChunkPool[], ends: readonly Gfn[]) {
    this.#pools = pools;
    this.#ends = ends;
    this.#iter = pools[0].iter();
  }

  get slot(): Memslot | null {
    return this.#iter.slot;
  }

  start(startGfn: Gfn): void {
    const i = poolOf(this.#ends, startGfn);
    if (i !== this.#i) this.#iter = this.#pools[this.#i = i].iter();
    this.#iter.start(startGfn);
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.#iter.isValid(endGfn);
  }

  next(): void {
    this.#iter.next();
    if (this.#iter.slot !== null || this.#i + 1 === this.#pools.length) return;
    this.#iter = this.#pools[++this.#i].iter();
    this.#iter.start(-Infinity);
  }
}

/** The first pool that ends after `gfn`, or the last pool. */
function poolOf(ends: readonly Gfn[], gfn: Gfn): number {
  let low = 0, high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle] > gfn) high = middle;
    else low = middle + 1;
  }
  return low;
}
