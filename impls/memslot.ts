/**
 * Memslots: their type, their one factory, the checks that every index makes of its input, and the
 * words of its errors.
 *
 * @module
 */

/**
 * A guest frame number: guest physical address >> 12. An integer in [0, 2 ** 52], so exact in a
 * number, but wider than 32 bits: `|`, `>>` and `>>>` truncate it.
 */
export type Gfn = number;

/** One past the largest gfn, 2 ** 52: the end of the address space. */
export const GFN_LIMIT: Gfn = 2 ** 52;

/** The half-open run of guest frames [baseGfn, baseGfn + npages); never empty. */
export interface Memslot {
  /** Small integer, unique inside one address space. */
  readonly id: number;
  /** The first frame of the run. */
  readonly baseGfn: Gfn;
  /** The length of the run in pages, at least 1. */
  readonly npages: number;
}

/**
 * Creates a memslot. The only factory, so that all memslots share one hidden class in V8. Its fields
 * are small integers as long as those of all slots are below 2^31.
 *
 * Throws a `RangeError` unless `id` is an integer >= 0, `npages` an integer >= 1, and the run lies
 * in [0, 2 ** 52]; a `TypeError` if one of the three is not a number.
 *
 * ```ts
 * import { endGfn, memslot } from "./memslot.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const ram = memslot(0, 0x100000, 0x80000); // 2 GiB at 4 GiB
 * assertEquals(endGfn(ram), 0x180000);
 * ```
 */
export function memslot(id: number, baseGfn: Gfn, npages: number): Memslot {
  if (!isSound(id, baseGfn, npages)) throwUnsound("create memslot", id, baseGfn, npages);
  return {
    id: smallInteger(id),
    baseGfn: smallInteger(baseGfn),
    npages: smallInteger(npages),
  };
}

/**
 * Returns an integer below 2^31 as V8's small integer, and any other number unchanged. Arithmetic,
 * random numbers and bigints produce integers stored as doubles. A single one of them makes V8 store
 * that field of all memslots as a double, boxed on the heap.
 */
export function smallInteger(value: number): number {
  const integer = value | 0;
  return integer === value ? integer : value;
}

/** The first gfn past `slot`: its run is [baseGfn, endGfn(slot)). */
export function endGfn(slot: Memslot): Gfn {
  return slot.baseGfn + slot.npages;
}

/**
 * Checks the slots that an index is created from: each is well formed, bases ascend, no two overlap,
 * no id occurs twice. O(n).
 *
 * Throws a `RangeError` that names the first wrong slot, and a `TypeError` for a value that is not a
 * slot.
 */
export function checkMemslots(slots: readonly Memslot[]): void {
  const seen = new Set<number>();
  let before: Memslot | null = null;
  for (const slot of slots) {
    checkMemslot("create index", slot);
    if (before !== null) checkOrder(before, slot);
    if (seen.has(slot.id)) {
      throw new RangeError(
        `Cannot create index as slot ids must be unique: ${describe(slot)} is the second of its id`,
      );
    }
    seen.add(slot.id);
    before = slot;
  }
}

/** Throws as `checkMemslots` does unless `slot` is well formed; `action` begins the message. */
export function checkMemslot(action: string, slot: Memslot): void {
  if (typeof slot !== "object" || slot === null) {
    throw new TypeError(`Cannot ${action} as a memslot must be an object: found ${slot}`);
  }
  const { id, baseGfn, npages } = slot;
  if (!isSound(id, baseGfn, npages)) throwUnsound(action, id, baseGfn, npages);
}

/** Formats a slot for an error message: `slot 7 [0x1f, 0x20)`. */
export function describe(slot: Memslot): string {
  return `slot ${slot.id} [${hex(slot.baseGfn)}, ${hex(endGfn(slot))})`;
}

/** Formats a gfn for an error message: hexadecimal, as KVM's traces print it. */
export function hex(gfn: Gfn): string {
  return Number.isInteger(gfn) && gfn >= 0 ? `0x${gfn.toString(16)}` : String(gfn);
}

/** The error of `insert` for a `slot` that would overlap `other`, which the index holds. */
export function overlapError(slot: Memslot, other: Memslot): RangeError {
  return new RangeError(
    `Cannot insert ${describe(slot)} as slots must not overlap: it meets ${describe(other)}`,
  );
}

/** The error of `erase` if no slot of the index begins at the base of `slot`. */
export function missingError(slot: Memslot): RangeError {
  return new RangeError(
    `Cannot erase ${describe(slot)} as the index must hold it: no slot begins at ${
      hex(slot.baseGfn)
    }`,
  );
}

/**
 * For `checkInvariants`: throws unless entry `at` of an index's columns has the bounds of `slot`, or
 * if the entry holds none, sentinels that no gfn is above.
 */
export function checkEntry(at: number, slot: Memslot | null, base: Gfn, end: Gfn): void {
  const isRight = slot === null
    ? !(base <= GFN_LIMIT || end <= GFN_LIMIT)
    : base === slot.baseGfn && end === endGfn(slot);
  const wanted = slot === null ? "a free entry, NaN or Infinity" : describe(slot);
  if (!isRight) {
    throw new Error(`Entry ${at} must have the bounds of ${wanted}: found [${base}, ${end})`);
  }
}

/** For `checkInvariants`: throws unless the structure holds as many slots as `size` says. */
export function checkSize(size: number, found: number): void {
  if (found !== size) throw new Error(`The index must hold size = ${size} slots: found ${found}`);
}

function checkOrder(before: Memslot, slot: Memslot): void {
  if (slot.baseGfn < before.baseGfn) {
    throw new RangeError(
      `Cannot create index as slots must ascend by base: ${describe(slot)} comes after ${
        describe(before)
      }`,
    );
  }
  if (slot.baseGfn < endGfn(before)) {
    throw new RangeError(
      `Cannot create index as slots must not overlap: slot ${slot.id} starts at ${
        hex(slot.baseGfn)
      }, slot ${before.id} ends at ${hex(endGfn(before))}`,
    );
  }
}

/**
 * Whether the three make a memslot. One expression, which V8 inlines: a move of a slot, which is
 * checked twice, takes 10 ns less than with a call for each field.
 */
function isSound(id: number, baseGfn: Gfn, npages: number): boolean {
  return Number.isInteger(id) && id >= 0 && id <= Number.MAX_SAFE_INTEGER &&
    Number.isInteger(baseGfn) && baseGfn >= 0 && Number.isInteger(npages) && npages >= 1 &&
    baseGfn + npages <= GFN_LIMIT;
}

/** Throws the error that names the wrong field of what is not sound. */
function throwUnsound(action: string, id: number, baseGfn: Gfn, npages: number): never {
  checkInteger(action, "id", id, 0, Number.MAX_SAFE_INTEGER);
  checkInteger(action, "baseGfn", baseGfn, 0, GFN_LIMIT - 1);
  checkInteger(action, "npages", npages, 1, GFN_LIMIT);
  throw new RangeError(
    `Cannot ${action} as slot ${id} must end by 2^52: it is [${hex(baseGfn)}, ${
      hex(baseGfn + npages)
    })`,
  );
}

function checkInteger(action: string, name: string, value: number, min: number, max: number): void {
  if (typeof value !== "number") {
    throw new TypeError(`Cannot ${action} as ${name} must be a number: found ${typeof value}`);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(
      `Cannot ${action} as ${name} must be an integer in [${min}, ${max}]: found ${value}`,
    );
  }
}
