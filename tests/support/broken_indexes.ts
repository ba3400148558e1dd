/**
 * Indexes that each break the contract in one way, as a mistake in a right one: what the gate must
 * catch. The first rows are the wrong versions of the range iterator that really were written while
 * KVM's was argued over.
 */
import {
  checkMemslot,
  checkMemslots,
  endGfn,
  type Gfn,
  GFN_LIMIT,
  type Memslot,
  missingError,
  overlapError,
} from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";

/** What an index and its cursors do; a mistake has some of it, done otherwise. */
interface Ways {
  /** Takes the slots that the index is created from; gives what it keeps. */
  take(slots: Memslot[]): Memslot[];
  size(index: BrokenIndex): unknown;
  insert(index: BrokenIndex, slot: Memslot): unknown;
  erase(index: BrokenIndex, slot: Memslot): unknown;
  find(index: BrokenIndex, gfn: Gfn): unknown;
  check(index: BrokenIndex): unknown;
  iter(index: BrokenIndex): BrokenIter;
  slot(iter: BrokenIter): unknown;
  start(iter: BrokenIter, gfn: Gfn): void;
  isValid(iter: BrokenIter, endGfn: Gfn): unknown;
  next(iter: BrokenIter): void;
}

type Mistake = Partial<Ways>;

/** A sorted array, as plain as can be. */
const right: Ways = {
  take(slots) {
    checkMemslots(slots);
    return slots.slice();
  },
  size: (index) => index.slots.length,
  insert(index, slot) {
    refuse(index, slot);
    put(index, slot);
  },
  erase(index, slot) {
    checkMemslot("erase slot", slot);
    const at = index.slots.findIndex(({ baseGfn }) => baseGfn === slot.baseGfn);
    if (at === -1) throw missingError(slot);
    index.slots.splice(at, 1);
  },
  find: ({ slots }, gfn) => slots.find((slot) => holds(slot, gfn)) ?? null,
  check: (index) => checkMemslots(index.slots),
  iter: (index) => new BrokenIter(index),
  slot: ({ index, at }) => index.slots[at] ?? null,
  start(iter, gfn) {
    const at = iter.index.slots.findIndex((slot) => endGfn(slot) > gfn);
    iter.startGfn = gfn;
    iter.at = at === -1 ? iter.index.slots.length : at;
  },
  isValid: ({ index, at }, end) => at < index.slots.length && index.slots[at].baseGfn < end,
  next: (iter) => void iter.at++,
};

/** A right index but for its mistake, if it has one. */
export class BrokenIndex {
  slots: Memslot[];
  readonly ways: Ways;
  // For mistakes that remember something.
  memory: Memslot | null = null;
  count = 0;
  one: BrokenIter | null = null;

  constructor(slots: readonly Memslot[], mistake: Mistake = {}) {
    this.ways = { ...right, ...mistake };
    this.slots = this.ways.take(slots as Memslot[]);
  }

  get size() {
    return this.ways.size(this);
  }

  insert(slot: Memslot) {
    return this.ways.insert(this, slot);
  }

  erase(slot: Memslot) {
    return this.ways.erase(this, slot);
  }

  find(gfn: Gfn) {
    return this.ways.find(this, gfn);
  }

  iter() {
    return this.ways.iter(this);
  }

  checkInvariants() {
    return this.ways.check(this);
  }
}

/** The cursor of a `BrokenIndex`. */
class BrokenIter {
  readonly index: BrokenIndex;
  at = Infinity;
  startGfn = 0;

  constructor(index: BrokenIndex) {
    this.index = index;
  }

  get slot() {
    return this.index.ways.slot(this);
  }

  start(gfn: Gfn) {
    this.index.ways.start(this, gfn);
  }

  isValid(endGfn: Gfn) {
    return this.index.ways.isValid(this, endGfn);
  }

  next() {
    this.index.ways.next(this);
  }
}

/** An index with `mistake`, as its type says it were one. */
export function brokenIndex(slots: readonly Memslot[], mistake: Mistake = {}): MemslotIndex {
  const index: { [Name in keyof MemslotIndex]: unknown } = new BrokenIndex(slots, mistake);
  return index as MemslotIndex;
}

const holds = (slot: Memslot, gfn: Gfn) => slot.baseGfn <= gfn && gfn < endGfn(slot);
const meets = (a: Memslot, b: Memslot) => a.baseGfn < endGfn(b) && b.baseGfn < endGfn(a);
const sort = (slots: Memslot[]) => slots.sort((a, b) => a.baseGfn - b.baseGfn);
const copy = (slot: unknown) => slot === null ? null : { ...slot as Memslot };
const change = (slot: Memslot, fields: object) => void Object.assign(slot, fields);
const missing = () => missingError({ id: 0, baseGfn: 0, npages: 1 });

function put(index: BrokenIndex, slot: Memslot): void {
  index.slots.push(slot);
  sort(index.slots);
}

/** Throws unless `slot` can be inserted. */
function refuse({ slots }: { slots: readonly Memslot[] }, slot: Memslot): void {
  checkMemslot("insert slot", slot);
  const met = slots.find((other) => meets(other, slot));
  if (met !== undefined) throw overlapError(slot, met);
}

function baseAt(index: BrokenIndex, slot: Memslot): number {
  return index.slots.findIndex(({ baseGfn }) => baseGfn === slot?.baseGfn);
}

/** KVM's search of the range's first slot, with one step of it left out or wrong. */
function upperBound(
  iter: BrokenIter,
  gfn: Gfn,
  { stepsBack = true, takesLast = true, skips = (slot: Memslot) => endGfn(slot) <= gfn },
): void {
  const { slots } = iter.index, upper = slots.findIndex((slot) => slot.baseGfn > gfn);
  let at = stepsBack ? Math.max(0, upper - 1) : upper;
  if (upper === -1) at = takesLast ? slots.length - 1 : slots.length;
  iter.at = slots[at] !== undefined && skips(slots[at]) ? at + 1 : at;
}

/** Inserts where `seems` lets it pass, as if the slot were the one that `seems` gives. */
function insertAs(seems: (slot: Memslot) => Memslot): Mistake {
  return {
    insert(index, slot) {
      refuse(index, seems(slot));
      put(index, slot);
    },
  };
}

/** What instances and cursors of one mistake share. */
const shared = { slots: [] as Memslot[], slot: null as Memslot | null, count: 0 };
const sharedPlaces = new WeakMap<Memslot, number>();

/** Each mistake under a name that goes on after "an index that". */
export const BROKEN: Readonly<Record<string, Mistake>> = {
  "stops at start + end": {
    isValid: (iter, end) => right.isValid(iter, iter.startGfn + end),
  },
  "skips with < instead of <=": {
    start: (iter, gfn) => upperBound(iter, gfn, { skips: (slot) => endGfn(slot) < gfn }),
  },
  "does not skip": { start: (iter, gfn) => upperBound(iter, gfn, { skips: () => false }) },
  "does not step back after the upper bound": {
    start: (iter, gfn) => upperBound(iter, gfn, { stepsBack: false }),
  },
  "does not take the last where there is no upper bound": {
    start: (iter, gfn) => upperBound(iter, gfn, { takesLast: false }),
  },
  "goes on with <= at the end of the range": {
    isValid: (iter, end) => right.isValid(iter, end + 1),
  },
  "cuts the gfn of start to 32 bits": { start: (iter, gfn) => right.start(iter, gfn | 0) },

  // insert
  "inserts what overlaps": {
    insert(index, slot) {
      checkMemslot("insert slot", slot);
      put(index, slot);
    },
  },
  "looks only at the slot after for overlaps": {
    insert(index, slot) {
      const { slots } = index, after = slots.filter((other) => other.baseGfn >= slot?.baseGfn);
      refuse({ slots: after }, slot);
      put(index, slot);
    },
  },
  "looks only at its first gfn for overlaps": insertAs((slot) => ({
    ...slot,
    npages: slot?.npages && 1,
  })),
  "takes touching slots for overlapping ones": {
    insert(index, slot) {
      if (right.find(index, slot?.baseGfn - 1) !== null) throw overlapError(slot, slot);
      right.insert(index, slot);
    },
  },
  "inserts the same object twice": {
    insert: (index, slot) => index.slots.includes(slot) || right.insert(index, slot),
  },
  "puts a slot of the same base in the other's place": {
    insert(index, slot) {
      const at = baseAt(index, slot);
      if (at !== -1) index.slots.splice(at, 1);
      right.insert(index, slot);
    },
  },
  "is silent where an insert overlaps": {
    insert(index, slot) {
      checkMemslot("insert slot", slot);
      if (!index.slots.some((other) => meets(other, slot))) put(index, slot);
    },
  },
  "throws an Error where an insert overlaps": {
    insert(index, slot) {
      checkMemslot("insert slot", slot);
      if (index.slots.some((other) => meets(other, slot))) throw new Error("overlap");
      put(index, slot);
    },
  },
  "has inserted before it refuses": {
    insert(index, slot) {
      const slots = index.slots.slice();
      if (typeof slot?.baseGfn === "number") put(index, slot);
      refuse({ slots }, slot);
    },
  },
  "loses the slot met by an insert that it refuses": {
    insert(index, slot) {
      const kept = index.slots.filter((other) => !meets(other, slot ?? other));
      const { slots } = index;
      index.slots = kept;
      refuse({ slots }, slot);
      put(index, slot);
    },
  },
  "counts an insert that it refuses": {
    size: (index) => index.count + index.slots.length,
    insert(index, slot) {
      index.count++;
      right.insert(index, slot);
      index.count--;
    },
  },
  "inserts whatever it is given": {
    insert(index, slot) {
      const met = index.slots.find((other) => meets(other, slot));
      if (met !== undefined) throw overlapError(slot, met);
      put(index, slot);
    },
  },
  "inserts a slot without pages": insertAs((slot) =>
    slot?.npages === 0 ? { ...slot, npages: 1 } : slot
  ),
  "inserts a slot that ends past 2^52": insertAs((slot) =>
    endGfn(Object(slot)) === GFN_LIMIT + 1 ? { ...slot, npages: 1 } : slot
  ),
  "inserts a slot of a fractional base": insertAs((slot) =>
    slot?.baseGfn % 1 ? { ...slot, baseGfn: Math.floor(slot.baseGfn) } : slot
  ),
  "inserts a slot of which the id is no number": insertAs((slot) =>
    Number.isInteger(slot?.id) ? slot : { ...slot, id: 0 }
  ),
  "inserts asynchronously": {
    async insert(index, slot) {
      right.insert(index, slot);
      await null;
    },
  },
  "inserts a little later": {
    insert(index, slot) {
      refuse(index, slot);
      queueMicrotask(() => put(index, slot));
    },
  },
  "inserts at the next question": {
    insert(index, slot) {
      refuse(index, slot);
      if (index.memory !== null) put(index, index.memory);
      index.memory = slot;
    },
    find(index, gfn) {
      if (index.memory !== null) put(index, index.memory);
      index.memory = null;
      return right.find(index, gfn);
    },
  },
  "loses its fifth insert": {
    insert(index, slot) {
      refuse(index, slot);
      if (++index.count !== 5) put(index, slot);
    },
  },
  "loses its 1025th insert": {
    insert(index, slot) {
      refuse(index, slot);
      if (++index.count !== 1025) put(index, slot);
    },
  },
  "inserts a copy": {
    insert(index, slot) {
      refuse(index, slot);
      put(index, { ...slot });
    },
  },
  "freezes the slots that it is given": {
    insert(index, slot) {
      right.insert(index, slot);
      Object.freeze(slot);
    },
  },
  "links slots by a property of theirs": {
    insert(index, slot) {
      right.insert(index, slot);
      change(slot, { next: index.memory });
      index.memory = slot;
    },
  },
  "joins slots that touch": {
    insert(index, slot) {
      refuse(index, slot);
      const before = index.slots.find((other) => endGfn(other) === slot.baseGfn);
      if (before === undefined) put(index, slot);
      else change(before, { npages: before.npages + slot.npages });
    },
  },
  "sorts when it is walked over, not when it is changed": {
    insert(index, slot) {
      refuse(index, slot);
      index.slots.push(slot);
    },
    find({ slots }, gfn) {
      const first = slots.find((slot) => endGfn(slot) > gfn);
      return first !== undefined && first.baseGfn <= gfn ? first : null;
    },
    iter(index) {
      sort(index.slots);
      return right.iter(index);
    },
    check: () => {},
  },

  // erase
  "is silent where erase finds nothing": {
    erase: (index, slot) => baseAt(index, slot) === -1 || right.erase(index, slot),
  },
  "gives false where erase finds nothing": {
    erase: (index, slot) => baseAt(index, slot) !== -1 && right.erase(index, slot),
  },
  "throws a TypeError where erase finds nothing": {
    erase(index, slot) {
      if (baseAt(index, slot) === -1) throw new TypeError("no such slot");
      right.erase(index, slot);
    },
  },
  "erases the last slot where erase finds nothing": {
    erase: (index, slot) => void index.slots.splice(baseAt(index, slot), 1),
  },
  "overflows the stack where erase finds nothing": {
    erase(index, slot): unknown {
      return baseAt(index, slot) === -1 ? index.erase(slot) : right.erase(index, slot);
    },
  },
  "erases before it refuses": {
    erase(index, slot) {
      const at = index.slots.findIndex(({ baseGfn }) => baseGfn >= slot?.baseGfn);
      if (at === -1) throw missing();
      const [erased] = index.slots.splice(at, 1);
      if (erased.baseGfn !== slot.baseGfn) throw missing();
    },
  },
  "erases a slot by a gfn inside of it": {
    erase(index, slot) {
      const held = right.find(index, slot?.baseGfn) as Memslot | null;
      if (held === null) throw missing();
      right.erase(index, held);
    },
  },
  "erases by identity": {
    erase(index, slot) {
      if (!index.slots.includes(slot)) throw missing();
      right.erase(index, slot);
    },
  },
  "erases by id": {
    erase(index, slot) {
      const at = index.slots.findIndex(({ id }) => id === slot?.id);
      if (at === -1) throw missing();
      index.slots.splice(at, 1);
    },
  },
  "erases the slot at the next gfn": {
    erase(index, slot) {
      const after = index.slots.find(({ baseGfn }) => baseGfn >= slot?.baseGfn);
      if (after === undefined || after.baseGfn > slot.baseGfn + 1) throw missing();
      right.erase(index, after);
    },
  },
  "erases a base of Infinity": {
    erase(index, slot) {
      if (slot?.baseGfn === Infinity) index.slots.pop();
      else right.erase(index, slot);
    },
  },
  "erases nothing for null": {
    erase: (index, slot) => slot === null || right.erase(index, slot),
  },
  "erases asynchronously": {
    erase(index, slot) {
      right.erase(index, slot);
      return Promise.reject(new Error("too late"));
    },
  },
  "marks the slots that it erases": {
    erase(index, slot) {
      const held = index.slots[baseAt(index, slot)];
      right.erase(index, slot);
      change(held, { npages: 0 });
    },
  },
  "has one slot too few after it has erased from nine": {
    erase(index, slot) {
      right.erase(index, slot);
      if (index.slots.length === 8) index.slots.pop();
    },
  },

  // The constructor
  "checks nothing when it is created": { take: (slots) => slots.slice() },
  "sorts what it is created from": { take: (slots) => right.take(sort(slots.slice())) },
  "is created from slots that overlap": {
    take(slots) {
      slots.forEach((slot) => checkMemslot("create index", slot));
      checkMemslots(slots.map(({ id }, i) => ({ id, baseGfn: i, npages: 1 })));
      if (sort(slots.slice()).some((slot, i) => slot !== slots[i])) throw new RangeError("order");
      return slots.slice();
    },
  },
  "is created from slots of one id": {
    take(slots) {
      slots.forEach((slot) => checkMemslot("create index", slot));
      checkMemslots(slots.map((slot, id) => ({ ...slot, id })));
      return slots.slice();
    },
  },
  "is created from slots of which the id is no number": {
    take(slots) {
      checkMemslots(slots.filter((slot) => Number.isInteger(slot?.id)));
      return slots.slice();
    },
  },
  "throws an Error where its slots overlap": {
    take(slots) {
      try {
        return right.take(slots);
      } catch {
        throw new Error("wrong slots");
      }
    },
  },
  "keeps the caller's array": { take: (slots) => right.take(slots) && slots },
  "keeps the caller's array until its first change": {
    take: (slots) => right.take(slots) && slots,
    insert(index, slot) {
      index.slots = index.slots.slice();
      right.insert(index, slot);
    },
    erase(index, slot) {
      index.slots = index.slots.slice();
      right.erase(index, slot);
    },
  },
  "reverses the caller's array": {
    take: (slots) => right.take(slots) && slots.reverse().toReversed(),
  },
  "empties the caller's array": { take: (slots) => right.take(slots) && slots.splice(0) },
  "freezes the caller's array": {
    take: (slots) => right.take(slots) && Object.freeze(slots).slice(),
  },
  "reverses the array that it refuses": {
    take(slots) {
      slots.reverse();
      const kept = right.take(slots.toReversed());
      slots.reverse();
      return kept;
    },
  },
  "changes the slots that it is created from": {
    take(slots) {
      const kept = right.take(slots);
      slots.forEach((slot, id) => change(slot, { id }));
      return kept;
    },
  },
  "copies the slots that it is created from": {
    take: (slots) => right.take(slots).map((slot) => ({ ...slot })),
  },
  "loses the last of nine slots that it is created from": {
    take: (slots) => right.take(slots).slice(0, slots.length === 9 ? 8 : undefined),
  },

  // State of several instances
  "shares its slots with other instances": {
    take: (slots) => shared.slots = right.take(slots),
    find(index, gfn) {
      index.slots = shared.slots;
      return right.find(index, gfn);
    },
  },
  "remembers the last slot found for all instances": {
    find(index, gfn) {
      const { slot } = shared;
      if (slot !== null && holds(slot, gfn)) return slot;
      return shared.slot = right.find(index, gfn) as Memslot | null;
    },
    erase(index, slot) {
      shared.slot = null;
      right.erase(index, slot);
    },
  },
  "counts the slots of all instances": {
    take(slots) {
      shared.count = slots.length;
      return right.take(slots);
    },
    size: () => shared.count,
    insert(index, slot) {
      right.insert(index, slot);
      shared.count = index.slots.length;
    },
    erase(index, slot) {
      right.erase(index, slot);
      shared.count = index.slots.length;
    },
  },
  "keeps the place of a slot for all instances": {
    start(iter, gfn) {
      right.start(iter, gfn);
      iter.index.slots.forEach((slot, at) => sharedPlaces.set(slot, at));
    },
    next: (iter) => void (iter.at = (sharedPlaces.get(iter.index.slots[iter.at]) ?? iter.at) + 1),
  },

  // find
  "finds undefined in a hole": { find: (index, gfn) => right.find(index, gfn) ?? undefined },
  "finds a copy": { find: (index, gfn) => copy(right.find(index, gfn)) },
  "finds asynchronously": { find: (index, gfn) => Promise.resolve(right.find(index, gfn)) },
  "does not find the last page of a slot": {
    find: ({ slots }, gfn) =>
      slots.find((slot) => holds(slot, gfn) && gfn < endGfn(slot) - 1) ?? null,
  },
  "does not find the first page of a slot": {
    find: ({ slots }, gfn) => slots.find((slot) => holds(slot, gfn) && gfn > slot.baseGfn) ?? null,
  },
  "does not find the last page of all": {
    find: (index, gfn) => gfn === GFN_LIMIT - 1 ? null : right.find(index, gfn),
  },
  "does not find -0": {
    find: (index, gfn) => Object.is(gfn, -0) ? null : right.find(index, gfn),
  },
  "does not find from 2^31 on": {
    find: (index, gfn) => gfn >= 2 ** 31 ? null : right.find(index, gfn),
  },
  "finds by 32 bits": {
    find: ({ slots }, gfn) =>
      slots.find((slot) => {
        const offset = (gfn - slot.baseGfn) | 0;
        return offset >= 0 && offset < slot.npages;
      }) ?? null,
  },
  "finds a neighbour in a hole": {
    find: ({ slots }, gfn) => slots.find((slot) => gfn < endGfn(slot)) ?? null,
  },
  "finds the first slot below 0": {
    find: (index, gfn) => right.find(index, gfn < 0 ? index.slots[0]?.baseGfn : gfn),
  },
  "finds something for NaN": {
    find: ({ slots }, gfn) =>
      slots.find((slot) => !(slot.baseGfn > gfn || gfn >= endGfn(slot))) ?? null,
  },
  "finds undefined at Infinity": {
    find: (index, gfn) => gfn === Infinity ? undefined : right.find(index, gfn),
  },
  "finds what it has erased": {
    find(index, gfn) {
      const last = index.memory;
      if (last !== null && holds(last, gfn)) return last;
      return index.memory = right.find(index, gfn) as Memslot | null;
    },
  },
  "remembers a hole after an insert": {
    find(index, gfn) {
      if (index.count === gfn + 1) return null;
      const slot = right.find(index, gfn);
      if (slot === null) index.count = gfn + 1;
      return slot;
    },
  },
  "finds from where the last cursor was": {
    find: ({ slots, count }, gfn) => slots.slice(count).find((slot) => holds(slot, gfn)) ?? null,
    next(iter) {
      iter.at++;
      iter.index.count = iter.at === iter.index.slots.length ? 0 : 1;
    },
  },
  "finds nothing after a change until it is walked over": {
    find: (index, gfn) => index.count > 0 ? null : right.find(index, gfn),
    insert(index, slot) {
      right.insert(index, slot);
      index.count = 1;
    },
    start(iter, gfn) {
      right.start(iter, gfn);
      iter.index.count = 0;
    },
  },
  "finds nothing after an erase until it is checked": {
    find: (index, gfn) => index.count > 0 ? null : right.find(index, gfn),
    erase(index, slot) {
      right.erase(index, slot);
      index.count = 1;
    },
    check: (index) => void (index.count = 0),
  },
  "throws in a hole": {
    find(index, gfn) {
      const slot = right.find(index, gfn);
      if (slot === null) throw new RangeError("a hole");
      return slot;
    },
  },
  "does not find the last page of its 700th slot": {
    find(index, gfn) {
      const slot = index.slots[699];
      return slot !== undefined && gfn === endGfn(slot) - 1 ? null : right.find(index, gfn);
    },
  },
  "finds nothing among 21 slots and more": {
    find: (index, gfn) => index.slots.length > 20 ? null : right.find(index, gfn),
  },
  "finds nothing among 6 slots, and 41": {
    find: (index, gfn) => [6, 41].includes(index.slots.length) ? null : right.find(index, gfn),
  },
  "finds nothing among 20,000 slots and more": {
    find: (index, gfn) => index.slots.length >= 20_000 ? null : right.find(index, gfn),
  },

  // size
  "counts when it is asked for a slot": {
    size: (index) => index.count,
    find(index, gfn) {
      index.count = index.slots.length;
      return right.find(index, gfn);
    },
  },
  "counts what it has erased": {
    size: (index) => index.count + index.slots.length,
    erase(index, slot) {
      right.erase(index, slot);
      index.count++;
    },
  },
  "has a size in words": { size: (index) => String(index.slots.length) },

  // Cursors
  "has one cursor for all": { iter: (index) => index.one ??= right.iter(index) },
  "has one place for all its cursors": {
    slot: ({ index }) => index.slots[index.count - 1] ?? null,
    start(iter, gfn) {
      right.start(iter, gfn);
      iter.index.count = iter.at + 1;
    },
    isValid: ({ index, at }, end) => at < Infinity && index.slots[index.count - 1]?.baseGfn < end,
    next: ({ index }) => void index.count++,
  },
  "moves its cursors when it is asked for a slot": {
    find(index, gfn) {
      index.count++;
      return right.find(index, gfn);
    },
    start(iter, gfn) {
      right.start(iter, gfn);
      iter.startGfn = iter.index.count;
    },
    next: (iter) => void (iter.at += iter.startGfn === iter.index.count ? 1 : 2),
  },
  "has cursors that are valid before their start": {
    iter: (index) => Object.assign(right.iter(index), { at: 0 }),
  },
  "has cursors with a slot before their start, but not valid": {
    slot: ({ index, at }) => index.slots[at === Infinity ? 0 : at] ?? null,
  },
  "has undefined for a slot past the last one": { slot: ({ index, at }) => index.slots[at] },
  "keeps the last slot past the last one": {
    slot: ({ index, at }) => index.slots[Math.min(at, index.slots.length - 1)] ?? null,
  },
  "has cursors that start once": {
    start: (iter, gfn) => iter.at === Infinity && right.start(iter, gfn),
  },
  "has cursors that start again only further on": {
    start(iter, gfn) {
      const { at } = iter;
      right.start(iter, gfn);
      if (at !== Infinity) iter.at = Math.max(at, iter.at);
    },
  },
  "has cursors that do not start from past the last slot": {
    start: (iter, gfn) => iter.at !== iter.index.slots.length && right.start(iter, gfn),
  },
  "has no slots in empty ranges": {
    isValid: (iter, end) => end !== iter.startGfn && right.isValid(iter, end),
  },
  "has no slots in inverted ranges": {
    isValid: (iter, end) => end >= iter.startGfn && right.isValid(iter, end),
  },
  "moves on when it is asked whether it is valid": {
    isValid(iter, end) {
      const isValid = right.isValid(iter, end);
      if (!isValid) iter.at++;
      return isValid;
    },
  },
  "says null for not valid": { isValid: (iter, end) => right.isValid(iter, end) || null },
  "is valid by a promise": {
    isValid: (iter, end) => right.isValid(iter, end) && Promise.resolve(true),
  },
  "is never valid for Infinity": {
    isValid: (iter, end) => end !== Infinity && right.isValid(iter, end),
  },
  "goes over every other slot": { next: (iter) => void (iter.at += 2) },
  "goes round": { next: (iter) => void (iter.at = (iter.at + 1) % iter.index.slots.length) },
  "goes over 40 slots at most": {
    next: (iter) => void (iter.at = iter.index.count++ % 41 === 40 ? Infinity : iter.at + 1),
  },
  "hands out copies on a walk": { slot: (iter) => copy(right.slot(iter)) },
  "has cursors that change the index": {
    next(iter) {
      if (++iter.at === 3) iter.index.slots.pop();
    },
  },

  // checkInvariants
  "finds itself wrong where it is empty": {
    check({ slots }) {
      if (slots.length === 0) throw new Error("no slots");
    },
  },
  "finds itself wrong later": { check: () => Promise.reject(new Error("later")) },
  "mends itself when it is checked": {
    insert(index, slot) {
      refuse(index, slot);
      index.slots.push(slot);
    },
    check: (index) => checkMemslots(sort(index.slots)),
  },
};
