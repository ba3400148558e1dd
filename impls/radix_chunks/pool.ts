/**
 * What the forms of `radix_chunks` have in common: a set of slots that has checked its arguments, and
 * knows for which sizes it is made.
 */
import type { Gfn, Memslot } from "../memslot.ts";
import type { MemslotIter } from "../memslot_index.ts";

/** Which form a set has. */
export interface Limits {
  /** Upper limit of the slots of a FlatPool, at most 14. */
  readonly flat: number;
  /** Upper limit of the slots of a chunk, 4 to 30. */
  readonly chunk: number;
  /** Upper limit of the slots of a ChunkPool, at most 36,864 and 1,400 times `chunk`, so that hints have 16 bits. */
  readonly pool: number;
}

/** A form of the index. */
export interface Pool {
  /** The number of slots. */
  readonly size: number;
  /** With fewer slots than this another form is better. */
  readonly least: number;
  /** With more slots than this another form is needed. Each form holds one slot more. */
  readonly most: number;
  /** The slots, ascending. O(size). */
  readonly slots: Memslot[];
  /** Bytes that the arrays occupy; the slots are not counted. */
  readonly bytes: number;
  /** The slot that holds `gfn`, or null. */
  find(gfn: Gfn): Memslot | null;
  /** Adds a well-formed slot. Throws if it overlaps one. */
  insert(slot: Memslot): void;
  /** Removes the slot with the base of a well-formed slot. Throws if there is none. */
  erase(slot: Memslot): void;
  /** A fresh cursor. */
  iter(): MemslotIter;
  /** Throws if an invariant does not hold. O(size). */
  checkInvariants(): void;
}
