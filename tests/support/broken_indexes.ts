/**
 * Indexes that each break the contract in one way, as overrides of a right one: what the gate must
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
import type { MemslotIndex, MemslotIter, ValidMemslotIter } from "../../impls/memslot_index.ts";

/** What an index does otherwise; `this` is the index, and in `cursor` the cursor. */
type Mistake =
  & {
    /** Takes the slots that the index is created from. */
    take?: (this: BrokenIndex, slots: Memslot[]) => void;
    cursor?: Partial<Record<keyof MemslotIter, unknown>> & ThisType<BrokenIter>;
  }
  & Partial<Record<keyof MemslotIndex, unknown>>
  & ThisType<BrokenIndex>;

/** A sorted array, as plain as can be, that does as its mistake says. Without one it is right. */
export class BrokenIndex implements MemslotIndex {
  slots: Memslot[] = [];
  /** For mistakes that remember something. */
  memory: Memslot | null = null;
  count = 0;
  readonly mistake: Mistake;

  constructor(slots: readonly Memslot[], mistake: Mistake = {}) {
    this.mistake = mistake;
    Object.defineProperties(this, Object.getOwnPropertyDescriptors(mistake));
    const { take = taking(checkMemslots) } = mistake;
    take.call(this, slots as Memslot[]);
  }

  get size(): number {
    return this.slots.length;
  }

  insert(slot: Memslot): void {
    this.check(slot);
    this.put(slot);
  }

  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const at = this.slots.findIndex(({ baseGfn }) => baseGfn === slot.baseGfn);
    if (at === -1) throw missingError(slot);
    this.slots.splice(at, 1);
  }

  find(gfn: Gfn): Memslot | null {
    return this.slots.find((slot) => slot.baseGfn <= gfn && gfn < endGfn(slot)) ?? null;
  }

  iter(): MemslotIter {
    return new BrokenIter(this);
  }

  checkInvariants(): void {
    checkMemslots(this.slots);
  }

  /** Throws unless `slot` can be inserted. */
  check(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const met = this.slots.find((other) => meets(other, slot));
    if (met !== undefined) throw overlapError(slot, met);
  }

  put(slot: Memslot): void {
    this.slots.push(slot);
    sort(this.slots);
  }
}

/** The cursor of a `BrokenIndex`, which does as the mistake of the index says. */
class BrokenIter implements MemslotIter {
  readonly index: BrokenIndex;
  at = Infinity;
  startGfn = 0;

  constructor(index: BrokenIndex) {
    this.index = index;
    const overrides = index.mistake.cursor ?? {};
    Object.defineProperties(this, Object.getOwnPropertyDescriptors(overrides));
  }

  get slot(): Memslot | null {
    return this.index.slots[this.at] ?? null;
  }

  start(startGfn: Gfn): void {
    this.startGfn = startGfn;
    this.at = this.index.slots.findIndex((slot) => endGfn(slot) > startGfn);
    if (this.at === -1) this.at = Infinity;
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.slot !== null && this.slot.baseGfn < endGfn;
  }

  next(): void {
    this.at++;
  }
}

const { insert, erase, find, iter, checkInvariants } = BrokenIndex.prototype;
const { start, isValid, next } = BrokenIter.prototype;
const sort = (slots: Memslot[]) => slots.sort((a, b) => a.baseGfn - b.baseGfn);
const meets = (a: Memslot, b: Memslot) => a.baseGfn < endGfn(b) && b.baseGfn < endGfn(a);
const change = (slot: Memslot, fields: object) => void Object.assign(slot, fields);

/** What instances and cursors of one mistake share. */
let sharedSlots: Memslot[] = [];
let sharedSlot: Memslot | null = null;
let sharedCount = 0;
const sharedPlaces = new WeakMap<Memslot, number>();

/** KVM's search of the range's first slot, with one step of it left out or wrong. */
function upperBound(
  { index }: { index: BrokenIndex },
  gfn: Gfn,
  { stepsBack = true, takesLast = true, skips = (slot: Memslot) => endGfn(slot) <= gfn },
): number {
  const { slots } = index, upper = slots.findIndex((slot) => slot.baseGfn > gfn);
  let at = stepsBack ? Math.max(0, upper - 1) : upper;
  if (upper === -1) at = takesLast ? slots.length - 1 : slots.length;
  return slots[at] !== undefined && skips(slots[at]) ? at + 1 : at;
}

/** Creates from slots of which nothing is checked but what `check` does. */
const taking = (check: (slots: Memslot[]) => void, copies = (slots: Memslot[]) => slots.slice()) =>
  function (this: BrokenIndex, slots: Memslot[]): void {
    check(slots);
    this.slots = copies(slots);
  };

/** Each mistake under a name that goes on after "an index that". */
export const BROKEN: ReadonlyMap<string, Mistake> = new Map<string, Mistake>([
  ["stops at start + end", {
    cursor: {
      isValid(endGfn: Gfn) {
        return this.slot !== null && this.slot.baseGfn < this.startGfn + endGfn;
      },
    },
  }],
  ["skips with < instead of <=", {
    cursor: {
      start(gfn: Gfn) {
        this.at = upperBound(this, gfn, { skips: (slot) => endGfn(slot) < gfn });
      },
    },
  }],
  ["does not skip", {
    cursor: {
      start(gfn: Gfn) {
        this.at = upperBound(this, gfn, { skips: () => false });
      },
    },
  }],
  ["does not step back after the upper bound", {
    cursor: {
      start(gfn: Gfn) {
        this.at = upperBound(this, gfn, { stepsBack: false });
      },
    },
  }],
  ["does not take the last where there is no upper bound", {
    cursor: {
      start(gfn: Gfn) {
        this.at = upperBound(this, gfn, { takesLast: false });
      },
    },
  }],
  ["goes on with <= at the end of the range", {
    cursor: {
      isValid(endGfn: Gfn) {
        return this.slot !== null && this.slot.baseGfn <= endGfn;
      },
    },
  }],
  ["cuts the gfn of start to 32 bits", {
    cursor: {
      start(gfn: Gfn) {
        start.call(this, gfn | 0);
      },
    },
  }],

  // insert
  ["inserts what overlaps", {
    insert(slot: Memslot) {
      checkMemslot("insert slot", slot);
      this.put(slot);
    },
  }],
  ["looks only at the slot after for overlaps", {
    insert(slot: Memslot) {
      checkMemslot("insert slot", slot);
      const after = this.slots.find((other) => other.baseGfn >= slot.baseGfn);
      if (after !== undefined && after.baseGfn < endGfn(slot)) throw overlapError(slot, after);
      this.put(slot);
    },
  }],
  ["looks only at its first gfn for overlaps", {
    insert(slot: Memslot) {
      checkMemslot("insert slot", slot);
      const met = this.find(slot.baseGfn);
      if (met !== null) throw overlapError(slot, met);
      this.put(slot);
    },
  }],
  ["takes touching slots for overlapping ones", {
    insert(slot: Memslot) {
      if (this.find(slot.baseGfn - 1) !== null) throw overlapError(slot, slot);
      insert.call(this, slot);
    },
  }],
  ["inserts the same object twice", {
    insert(slot: Memslot) {
      if (!this.slots.includes(slot)) insert.call(this, slot);
    },
  }],
  ["puts a slot of the same base in the other's place", {
    insert(slot: Memslot) {
      const at = this.slots.findIndex((other) => other.baseGfn === slot?.baseGfn);
      if (at !== -1) this.slots.splice(at, 1);
      insert.call(this, slot);
    },
  }],
  ["is silent where an insert overlaps", {
    insert(slot: Memslot) {
      checkMemslot("insert slot", slot);
      if (!this.slots.some((other) => meets(other, slot))) this.put(slot);
    },
  }],
  ["throws an Error where an insert overlaps", {
    insert(slot: Memslot) {
      checkMemslot("insert slot", slot);
      if (this.slots.some((other) => meets(other, slot))) throw new Error("overlap");
      this.put(slot);
    },
  }],
  ["has inserted before it refuses", {
    insert(slot: Memslot) {
      const slots = this.slots.slice();
      if (typeof slot?.baseGfn === "number") this.put(slot);
      this.check.call({ slots } as BrokenIndex, slot);
    },
  }],
  ["loses the slot met by an insert that it refuses", {
    insert(slot: Memslot) {
      try {
        insert.call(this, slot);
      } catch (error) {
        this.slots = this.slots.filter((other) => !meets(other, slot ?? other));
        throw error;
      }
    },
  }],
  ["counts an insert that it refuses", {
    get size() {
      return this.count + this.slots.length;
    },
    insert(slot: Memslot) {
      this.count++;
      insert.call(this, slot);
      this.count--;
    },
  }],
  ["inserts whatever it is given", {
    insert(slot: Memslot) {
      const met = this.slots.find((other) => meets(other, slot));
      if (met !== undefined) throw overlapError(slot, met);
      this.put(slot);
    },
  }],
  ["inserts a slot without pages", {
    insert(slot: Memslot) {
      this.check(slot?.npages === 0 ? { ...slot, npages: 1 } : slot);
      this.put(slot);
    },
  }],
  ["inserts a slot that ends past 2^52", {
    insert(slot: Memslot) {
      this.check(endGfn(slot) === GFN_LIMIT + 1 ? { ...slot, npages: 1 } : slot);
      this.put(slot);
    },
  }],
  ["inserts a slot of a fractional base", {
    insert(slot: Memslot) {
      this.check(slot?.baseGfn % 1 ? { ...slot, baseGfn: Math.floor(slot.baseGfn) } : slot);
      this.put(slot);
    },
  }],
  ["inserts a slot of which the id is no number", {
    insert(slot: Memslot) {
      this.check(Number.isInteger(slot?.id) ? slot : { ...slot, id: 0 });
      this.put(slot);
    },
  }],
  ["inserts asynchronously", {
    async insert(slot: Memslot) {
      insert.call(this, slot);
      await null;
    },
  }],
  ["inserts a little later", {
    insert(slot: Memslot) {
      this.check(slot);
      queueMicrotask(() => this.put(slot));
    },
  }],
  ["inserts at the next question", {
    get size() {
      return this.slots.length;
    },
    insert(slot: Memslot) {
      this.check(slot);
      if (this.memory !== null) this.put(this.memory);
      this.memory = slot;
    },
    find(gfn: Gfn) {
      if (this.memory !== null) this.put(this.memory);
      this.memory = null;
      return find.call(this, gfn);
    },
  }],
  ["loses its fifth insert", {
    insert(slot: Memslot) {
      this.check(slot);
      if (++this.count !== 5) this.put(slot);
    },
  }],
  ["loses its 1025th insert", {
    insert(slot: Memslot) {
      this.check(slot);
      if (++this.count !== 1025) this.put(slot);
    },
  }],
  ["inserts a copy", {
    insert(slot: Memslot) {
      this.check(slot);
      this.put({ ...slot });
    },
  }],
  ["freezes the slots that it is given", {
    insert(slot: Memslot) {
      insert.call(this, slot);
      Object.freeze(slot);
    },
  }],
  ["links slots by a property of theirs", {
    insert(slot: Memslot) {
      insert.call(this, slot);
      change(slot, { next: this.memory });
      this.memory = slot;
    },
  }],
  ["joins slots that touch", {
    insert(slot: Memslot) {
      this.check(slot);
      const before = this.slots.find((other) => endGfn(other) === slot.baseGfn);
      if (before === undefined) this.put(slot);
      else change(before, { npages: before.npages + slot.npages });
    },
  }],
  ["sorts when it is walked over, not when it is changed", {
    insert(slot: Memslot) {
      this.check(slot);
      this.slots.push(slot);
    },
    find(gfn: Gfn) {
      const first = this.slots.find((slot) => endGfn(slot) > gfn);
      return first !== undefined && first.baseGfn <= gfn ? first : null;
    },
    iter() {
      sort(this.slots);
      return iter.call(this);
    },
    checkInvariants() {},
  }],

  // erase
  ["is silent where erase finds nothing", {
    erase(slot: Memslot) {
      if (this.slots.some(({ baseGfn }) => baseGfn === slot?.baseGfn)) erase.call(this, slot);
    },
  }],
  ["gives false where erase finds nothing", {
    erase(slot: Memslot) {
      const at = this.slots.findIndex(({ baseGfn }) => baseGfn === slot?.baseGfn);
      if (at !== -1) this.slots.splice(at, 1);
      return at !== -1;
    },
  }],
  ["throws a TypeError where erase finds nothing", {
    erase(slot: Memslot) {
      const at = this.slots.findIndex(({ baseGfn }) => baseGfn === slot.baseGfn);
      if (at === -1) throw new TypeError("no such slot");
      this.slots.splice(at, 1);
    },
  }],
  ["erases the last slot where erase finds nothing", {
    erase(slot: Memslot) {
      this.slots.splice(this.slots.findIndex(({ baseGfn }) => baseGfn === slot?.baseGfn), 1);
    },
  }],
  ["overflows the stack where erase finds nothing", {
    erase(slot: Memslot): void {
      if (!this.slots.some(({ baseGfn }) => baseGfn === slot?.baseGfn)) this.erase(slot);
      else erase.call(this, slot);
    },
  }],
  ["erases before it refuses", {
    erase(slot: Memslot) {
      const at = this.slots.findIndex(({ baseGfn }) => baseGfn >= slot?.baseGfn);
      if (at === -1) throw missingError({ id: 0, baseGfn: 0, npages: 1 });
      const [erased] = this.slots.splice(at, 1);
      if (erased.baseGfn !== slot.baseGfn) throw missingError(slot);
    },
  }],
  ["erases a slot by a gfn inside of it", {
    erase(slot: Memslot) {
      const held = this.find(slot?.baseGfn);
      if (held === null) throw missingError({ id: 0, baseGfn: 0, npages: 1 });
      erase.call(this, held);
    },
  }],
  ["erases by identity", {
    erase(slot: Memslot) {
      if (this.find(slot?.baseGfn) !== slot) throw missingError({ id: 0, baseGfn: 0, npages: 1 });
      erase.call(this, slot);
    },
  }],
  ["erases by id", {
    erase(slot: Memslot) {
      const at = this.slots.findIndex(({ id }) => id === slot?.id);
      if (at === -1) throw missingError({ id: 0, baseGfn: 0, npages: 1 });
      this.slots.splice(at, 1);
    },
  }],
  ["erases a slot of another base too if it has no pages between", {
    erase(slot: Memslot) {
      const { baseGfn } = Object(slot),
        after = this.slots.find((other) => other.baseGfn >= baseGfn);
      if (after === undefined || after.baseGfn > baseGfn + 1) throw new RangeError("missing");
      erase.call(this, after);
    },
  }],
  ["erases a base of Infinity", {
    erase(slot: Memslot) {
      if (slot?.baseGfn === Infinity) this.slots.pop();
      else erase.call(this, slot);
    },
  }],
  ["erases nothing for null", {
    erase(slot: Memslot) {
      if (slot !== null) erase.call(this, slot);
    },
  }],
  ["erases asynchronously", {
    erase(slot: Memslot) {
      erase.call(this, slot);
      return Promise.reject(new Error("too late"));
    },
  }],
  ["marks the slots that it erases", {
    erase(slot: Memslot) {
      const held = this.find(slot?.baseGfn);
      erase.call(this, slot);
      change(held!, { npages: 0 });
    },
  }],
  ["has one slot too few after it has erased from nine", {
    erase(slot: Memslot) {
      erase.call(this, slot);
      if (this.slots.length === 8) this.slots.pop();
    },
  }],

  // the constructor
  ["checks nothing when it is created", { take: taking(() => {}) }],
  ["sorts what it is created from", {
    take: taking((slots) => checkMemslots(sort(slots.slice())), (slots) => sort(slots.slice())),
  }],
  ["is created from slots that overlap", {
    take: taking((slots) => {
      slots.forEach((slot) => checkMemslot("create index", slot));
      checkMemslots(slots.map(({ id }, i) => ({ id, baseGfn: i, npages: 1 })));
      slots.reduce((before, { baseGfn }) => {
        if (baseGfn < before) throw new RangeError("order");
        return baseGfn;
      }, 0);
    }),
  }],
  ["is created from slots of one id", {
    take: taking((slots) => {
      slots.forEach((slot) => checkMemslot("create index", slot));
      checkMemslots(slots.map((slot, id) => ({ ...slot, id })));
    }),
  }],
  ["is created from slots that are none", {
    take: taking((slots) => checkMemslots(slots.filter((slot) => Number.isInteger(slot?.id)))),
  }],
  ["throws an Error where its slots overlap", {
    take: taking((slots) => {
      try {
        checkMemslots(slots);
      } catch {
        throw new Error("wrong slots");
      }
    }),
  }],
  ["keeps the caller's array", { take: taking(checkMemslots, (slots) => slots) }],
  ["keeps the caller's array until its first change", {
    take: taking(checkMemslots, (slots) => slots),
    insert(slot: Memslot) {
      this.slots = this.slots.slice();
      insert.call(this, slot);
    },
    erase(slot: Memslot) {
      this.slots = this.slots.slice();
      erase.call(this, slot);
    },
  }],
  ["reverses the caller's array", {
    take: taking(checkMemslots, (slots) => slots.reverse().toReversed()),
  }],
  ["empties the caller's array", { take: taking(checkMemslots, (slots) => slots.splice(0)) }],
  ["freezes the caller's array", {
    take: taking(checkMemslots, (slots) => Object.freeze(slots).slice()),
  }],
  ["reverses the array that it refuses", {
    take: taking((slots) => {
      const before = slots.slice();
      slots.reverse();
      checkMemslots(before);
      slots.reverse();
    }),
  }],
  ["changes the slots that it is created from", {
    take: taking(checkMemslots, (slots) => {
      slots.forEach((slot, id) => change(slot, { id }));
      return slots.slice();
    }),
  }],
  ["copies the slots that it is created from", { take: taking(checkMemslots, structuredClone) }],
  ["loses the last of nine slots that it is created from", {
    take: taking(checkMemslots, (slots) => slots.slice(0, slots.length === 9 ? 8 : undefined)),
  }],

  // state of several instances
  ["shares its slots with other instances", {
    take: taking(checkMemslots, (slots) => sharedSlots = slots.slice()),
    find(gfn: Gfn) {
      this.slots = sharedSlots;
      return find.call(this, gfn);
    },
  }],
  ["remembers the last slot found for all instances", {
    find(gfn: Gfn) {
      const last = sharedSlot;
      if (last !== null && last.baseGfn <= gfn && gfn < endGfn(last)) return last;
      return sharedSlot = find.call(this, gfn);
    },
    erase(slot: Memslot) {
      sharedSlot = null;
      erase.call(this, slot);
    },
  }],
  ["counts the slots of all instances", {
    take(slots: Memslot[]) {
      checkMemslots(slots);
      this.slots = slots.slice();
      sharedCount = slots.length;
    },
    get size() {
      return sharedCount;
    },
    insert(slot: Memslot) {
      insert.call(this, slot);
      sharedCount = this.slots.length;
    },
    erase(slot: Memslot) {
      erase.call(this, slot);
      sharedCount = this.slots.length;
    },
  }],
  ["keeps the place of a slot for all instances", {
    cursor: {
      next() {
        const { slots } = this.index;
        this.at = (sharedPlaces.get(slots[this.at]) ?? this.at) + 1;
      },
      start(gfn: Gfn) {
        start.call(this, gfn);
        this.index.slots.forEach((slot, at) => sharedPlaces.set(slot, at));
      },
    },
  }],

  // find
  ["finds undefined in a hole", {
    find(gfn: Gfn) {
      return find.call(this, gfn) ?? undefined;
    },
  }],
  ["finds a copy", {
    find(gfn: Gfn) {
      const slot = find.call(this, gfn);
      return slot && { ...slot };
    },
  }],
  ["finds asynchronously", {
    // deno-lint-ignore require-await -- the promise is the mistake
    async find(gfn: Gfn) {
      return find.call(this, gfn);
    },
  }],
  ["does not find the last page of a slot", {
    find(gfn: Gfn) {
      return this.slots.find((slot) => slot.baseGfn <= gfn && gfn < endGfn(slot) - 1) ?? null;
    },
  }],
  ["does not find the first page of a slot", {
    find(gfn: Gfn) {
      return this.slots.find((slot) => slot.baseGfn < gfn && gfn < endGfn(slot)) ?? null;
    },
  }],
  ["does not find the last page of all", {
    find(gfn: Gfn) {
      return gfn === GFN_LIMIT - 1 ? null : find.call(this, gfn);
    },
  }],
  ["does not find -0", {
    find(gfn: Gfn) {
      return Object.is(gfn, -0) ? null : find.call(this, gfn);
    },
  }],
  ["does not find from 2^31 on", {
    find(gfn: Gfn) {
      return gfn >= 2 ** 31 ? null : find.call(this, gfn);
    },
  }],
  ["finds by 32 bits", {
    find(gfn: Gfn) {
      return this.slots.find((slot) =>
        find.call(this, slot.baseGfn + ((gfn - slot.baseGfn) | 0)) === slot
      ) ?? null;
    },
  }],
  ["finds a neighbour in a hole", {
    find(gfn: Gfn) {
      return this.slots.find((slot) => gfn < endGfn(slot)) ?? null;
    },
  }],
  ["finds the first slot below 0", {
    find(gfn: Gfn) {
      return find.call(this, gfn < 0 ? this.slots[0]?.baseGfn : gfn);
    },
  }],
  ["finds something for NaN", {
    find(gfn: Gfn) {
      return this.slots.find((slot) => !(slot.baseGfn > gfn) && !(gfn >= endGfn(slot))) ?? null;
    },
  }],
  ["finds undefined at Infinity", {
    find(gfn: Gfn) {
      return gfn === Infinity ? undefined : find.call(this, gfn);
    },
  }],
  ["finds what it has erased", {
    find(gfn: Gfn) {
      const last = this.memory;
      if (last !== null && last.baseGfn <= gfn && gfn < endGfn(last)) return last;
      return this.memory = find.call(this, gfn);
    },
  }],
  ["remembers a hole after an insert", {
    find(gfn: Gfn) {
      if (this.count === gfn) return null;
      const slot = find.call(this, gfn);
      if (slot === null) this.count = gfn;
      return slot;
    },
  }],
  ["finds from where the last cursor was", {
    find(gfn: Gfn) {
      return this.slots.slice(this.count).find((slot) =>
        slot.baseGfn <= gfn && gfn < endGfn(slot)
      ) ?? null;
    },
    cursor: {
      next() {
        next.call(this);
        this.index.count = this.at === this.index.slots.length ? 0 : 1;
      },
    },
  }],
  ["finds nothing after a change until it is walked over", {
    find(gfn: Gfn) {
      return this.count > 0 ? null : find.call(this, gfn);
    },
    insert(slot: Memslot) {
      insert.call(this, slot);
      this.count = 1;
    },
    cursor: {
      start(gfn: Gfn) {
        start.call(this, gfn);
        this.index.count = 0;
      },
    },
  }],
  ["finds nothing after an erase until it is checked", {
    find(gfn: Gfn) {
      return this.count > 0 ? null : find.call(this, gfn);
    },
    erase(slot: Memslot) {
      erase.call(this, slot);
      this.count = 1;
    },
    checkInvariants() {
      this.count = 0;
    },
  }],
  ["throws in a hole", {
    find(gfn: Gfn) {
      const slot = find.call(this, gfn);
      if (slot === null) throw new RangeError("a hole");
      return slot;
    },
  }],
  ["does not find the last page of its 700th slot", {
    find(gfn: Gfn) {
      const slot = this.slots[699];
      return slot !== undefined && gfn === endGfn(slot) - 1 ? null : find.call(this, gfn);
    },
  }],
  ["finds wrong among 21 slots and more", {
    find(gfn: Gfn) {
      return this.slots.length > 20 ? null : find.call(this, gfn);
    },
  }],
  ["finds wrong among 6 slots, and from 41 on", {
    find(gfn: Gfn) {
      return [6, 41].includes(this.slots.length) ? null : find.call(this, gfn);
    },
  }],

  // size
  ["counts when it is asked for a slot", {
    get size() {
      return this.count;
    },
    find(gfn: Gfn) {
      this.count = this.slots.length;
      return find.call(this, gfn);
    },
  }],
  ["counts what it has erased", {
    get size() {
      return this.count + this.slots.length;
    },
    erase(slot: Memslot) {
      erase.call(this, slot);
      this.count++;
    },
  }],
  ["has a size in words", {
    get size() {
      return String(this.slots.length);
    },
  }],

  // cursors
  ["has one cursor for all", {
    iter() {
      return (this as { one?: MemslotIter }).one ??= iter.call(this);
    },
  }],
  ["has one place for all its cursors", {
    cursor: {
      get at() {
        return (this as unknown as BrokenIter).index.count;
      },
      set at(at: number) {
        (this as unknown as BrokenIter).index.count = at;
      },
    } as object,
  }],
  ["moves its cursors when it is asked for a slot", {
    find(gfn: Gfn) {
      this.count++;
      return find.call(this, gfn);
    },
    cursor: {
      start(gfn: Gfn) {
        this.startGfn = this.index.count;
        start.call(this, gfn);
        this.startGfn = this.index.count;
      },
      next() {
        this.at += this.startGfn === this.index.count ? 1 : 2;
      },
    },
  }],
  ["has cursors that are valid before their start", { cursor: { at: 0 } as object }],
  ["has cursors with a slot before their start, but not valid", {
    cursor: {
      get slot() {
        return this.index.slots[this.at === Infinity ? 0 : this.at] ?? null;
      },
      isValid(endGfn: Gfn) {
        return this.at !== Infinity && isValid.call(this, endGfn);
      },
    },
  }],
  ["has undefined for a slot past the last one", {
    cursor: {
      get slot() {
        return this.index.slots[this.at];
      },
      isValid(endGfn: Gfn) {
        return this.slot !== undefined && this.slot!.baseGfn < endGfn;
      },
    },
  }],
  ["keeps the last slot past the last one", {
    cursor: {
      get slot() {
        return this.index.slots[Math.min(this.at, this.index.slots.length - 1)] ?? null;
      },
      isValid(endGfn: Gfn) {
        return this.at < this.index.slots.length && this.slot!.baseGfn < endGfn;
      },
    },
  }],
  ["has cursors that start once", {
    cursor: {
      start(gfn: Gfn) {
        if (this.at === Infinity) start.call(this, gfn);
      },
    },
  }],
  ["has cursors that start again only further on", {
    cursor: {
      start(gfn: Gfn) {
        const { at } = this;
        start.call(this, gfn);
        if (at !== Infinity && at > this.at) this.at = at;
      },
    },
  }],
  ["has cursors that do not start from past the last slot", {
    cursor: {
      start(gfn: Gfn) {
        if (this.at !== this.index.slots.length) start.call(this, gfn);
      },
    },
  }],
  ["has no slots in empty ranges", {
    cursor: {
      isValid(endGfn: Gfn) {
        return endGfn > this.startGfn && isValid.call(this, endGfn);
      },
    },
  }],
  ["has no slots in inverted ranges", {
    cursor: {
      isValid(endGfn: Gfn) {
        return endGfn >= this.startGfn && isValid.call(this, endGfn);
      },
    },
  }],
  ["moves on when it is asked whether it is valid", {
    cursor: {
      isValid(endGfn: Gfn) {
        if (isValid.call(this, endGfn)) return true;
        next.call(this);
        return false;
      },
    },
  }],
  ["says null for not valid", {
    cursor: {
      isValid(endGfn: Gfn) {
        return this.slot && this.slot.baseGfn < endGfn;
      },
    },
  }],
  ["is valid by a promise", {
    cursor: {
      isValid(endGfn: Gfn) {
        return isValid.call(this, endGfn) && Promise.resolve(true);
      },
    },
  }],
  ["is never valid for Infinity", {
    cursor: {
      isValid(endGfn: Gfn) {
        return endGfn !== Infinity && isValid.call(this, endGfn);
      },
    },
  }],
  ["goes over every other slot", {
    cursor: {
      next() {
        this.at += 2;
      },
    },
  }],
  ["goes round", {
    cursor: {
      next() {
        this.at = (this.at + 1) % this.index.slots.length;
      },
    },
  }],
  ["goes over 40 slots at most", {
    cursor: {
      next() {
        this.at = this.index.count++ % 41 === 40 ? Infinity : this.at + 1;
      },
    },
  }],
  ["hands out copies on a walk", {
    cursor: {
      get slot() {
        const slot = this.index.slots[this.at] ?? null;
        return slot && { ...slot };
      },
    },
  }],
  ["has cursors that change the index", {
    cursor: {
      next() {
        next.call(this);
        if (this.at === 3) this.index.slots.pop();
      },
    },
  }],

  // checkInvariants
  ["finds nothing wrong only where there are slots", {
    checkInvariants() {
      if (this.slots.length === 0) throw new Error("no slots");
    },
  }],
  ["finds itself wrong later", {
    checkInvariants() {
      return Promise.reject(new Error("later"));
    },
  }],
  ["mends itself when it is checked", {
    insert(slot: Memslot) {
      this.check(slot);
      this.slots.push(slot);
    },
    checkInvariants() {
      sort(this.slots);
      checkInvariants.call(this);
    },
  }],
]);
