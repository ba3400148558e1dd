/**
 * npm:jstreemap 1.28.2 (Kirusi Msafiri): its `TreeSet`, a red-black tree with parent links after
 * the STL's. Find, start, insert and erase O(log n), next O(1) amortised; 64 bytes a slot.
 *
 * The fastest use found: a comparator that calls overlapping runs equal. Slots do not overlap, so it
 * orders them; `find` of a run of one page is the lookup, and `lowerBound` is `start`. An iterator at
 * the end has no key, which costs less to ask than `equals`: it compares the names of the iterators'
 * classes at each step.
 *
 * Costs that the library imposes: an iterator for each lookup and query.
 */
import {
  checkMemslot,
  checkMemslots,
  checkSize,
  type Gfn,
  type Memslot,
  missingError,
  overlapError,
} from "./memslot.ts";
import type { MemslotIndex, MemslotIter, ValidMemslotIter } from "./memslot_index.ts";
// deno-lint-ignore no-import-prefix -- so that the file can be imported without this import map
import { TreeSet } from "npm:jstreemap@1.28.2";

type SetIterator = ReturnType<TreeSet<Memslot>["begin"]>;

/** The tree set of npm:jstreemap behind the contract; see the head of its file. */
export class NpmJstreemap implements MemslotIndex {
  readonly #set: TreeSet<Memslot> = new TreeSet<Memslot>();
  /** The page to look for. */
  readonly #probe = { id: 0, baseGfn: 0, npages: 1 };

  /** O(n log n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    this.#set.compareFunc = compareRuns;
    for (const slot of slots) this.#set.insertUnique(slot);
  }

  /** The number of slots. */
  get size(): number {
    return this.#set.size;
  }

  /** Adds a slot. O(log n). */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const { wasAdded } = this.#set.insertUnique(slot);
    if (!wasAdded) throw overlapError(slot, this.#set.find(slot).key);
  }

  /** Removes the slot that begins where `slot` does. O(log n). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    this.#probe.baseGfn = slot.baseGfn;
    const at = this.#set.find(this.#probe);
    if (keyOf(at)?.baseGfn !== slot.baseGfn) throw missingError(slot);
    this.#set.erase(at);
  }

  /** The slot that holds `gfn`, or null. O(log n). */
  find(gfn: Gfn): Memslot | null {
    this.#probe.baseGfn = gfn;
    return keyOf(this.#set.find(this.#probe));
  }

  /** A cursor; `start` is O(log n), `next` O(1) amortised. */
  iter(): MemslotIter {
    return new NpmJstreemapIter(this.#set);
  }

  /** Throws unless the slots ascend without overlap, `size` of them. O(n). */
  checkInvariants(): void {
    const slots: Memslot[] = [];
    for (const at = this.#set.begin(); !at.equals(this.#set.end()); at.next()) slots.push(at.key);
    checkMemslots(slots);
    checkSize(this.size, slots.length);
  }
}

class NpmJstreemapIter implements MemslotIter {
  slot: Memslot | null = null;
  readonly #set: TreeSet<Memslot>;
  readonly #probe = { id: 0, baseGfn: 0, npages: 1 };
  #at: SetIterator;

  constructor(set: TreeSet<Memslot>) {
    this.#set = set;
    this.#at = set.end();
  }

  start(startGfn: Gfn): void {
    this.#probe.baseGfn = startGfn;
    this.#at = this.#set.lowerBound(this.#probe);
    this.slot = keyOf(this.#at);
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.slot !== null && this.slot.baseGfn < endGfn;
  }

  next(): void {
    this.#at.next();
    this.slot = keyOf(this.#at);
  }
}

/** The slot at an iterator, or null at the end, which has no key. */
function keyOf(at: SetIterator): Memslot | null {
  return at.key ?? null;
}

/** Negative or positive if run `a` lies before or after run `b`, 0 if they overlap. */
function compareRuns(a: Memslot, b: Memslot): -1 | 0 | 1 {
  const distance = a.baseGfn - b.baseGfn;
  if (distance >= 0) return distance < b.npages ? 0 : 1;
  return -distance < a.npages ? 0 : -1;
}
