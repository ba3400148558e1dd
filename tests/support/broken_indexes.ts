/**
 * The wrong versions of the range iterator that really were written while KVM's was argued over
 * (and one more that JavaScript invites): what the gate must catch.
 */
import { checkMemslots, endGfn, type Gfn, type Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex, MemslotIter, ValidMemslotIter } from "../../impls/memslot_index.ts";

/** How to go wrong; each field replaces one line of the right iterator. */
interface Mistake {
  readonly stepsBack?: boolean;
  readonly takesLast?: boolean;
  readonly skips?: (slot: Memslot, startGfn: Gfn) => boolean;
  readonly stops?: (slot: Memslot, range: { startGfn: Gfn; endGfn: Gfn }) => boolean;
  readonly cut?: (gfn: Gfn) => Gfn;
}

/** Each mistake under the name it goes by in KVM.md. */
export const BROKEN: Readonly<Record<string, Mistake>> = {
  "stops at start + end": {
    stops: (slot, { startGfn, endGfn }) => slot.baseGfn >= startGfn + endGfn,
  },
  "skips with < instead of <=": { skips: (slot, startGfn) => endGfn(slot) < startGfn },
  "does not skip": { skips: () => false },
  "does not step back after the upper bound": { stepsBack: false },
  "does not take the last where there is no upper bound": { takesLast: false },
  "goes on with <= at the end of the range": { stops: (slot, { endGfn }) => slot.baseGfn > endGfn },
  "cuts gfns to 32 bits": { cut: (gfn) => gfn | 0 },
};

/** A sorted array whose iterator does as KVM's, but for its mistake. */
export class BrokenIndex implements MemslotIndex {
  readonly #slots: Memslot[];
  readonly #mistake: Mistake;

  constructor(slots: readonly Memslot[], mistake: Mistake) {
    checkMemslots(slots);
    this.#slots = slots.slice();
    this.#mistake = mistake;
  }

  get size(): number {
    return this.#slots.length;
  }

  insert(slot: Memslot): void {
    this.#slots.push(slot);
    this.#slots.sort((a, b) => a.baseGfn - b.baseGfn);
  }

  erase(slot: Memslot): void {
    this.#slots.splice(this.#slots.findIndex((other) => other.baseGfn === slot.baseGfn), 1);
  }

  find(gfn: Gfn): Memslot | null {
    const { cut = (g) => g } = this.#mistake;
    return this.#slots.find((slot) => slot.baseGfn <= cut(gfn) && cut(gfn) < endGfn(slot)) ?? null;
  }

  iter(): MemslotIter {
    return new BrokenIter(this.#slots, this.#mistake);
  }

  checkInvariants(): void {
    checkMemslots(this.#slots);
  }
}

class BrokenIter implements MemslotIter {
  readonly #slots: readonly Memslot[];
  readonly #mistake: Required<Mistake>;
  #at = 0;
  #startGfn = 0;

  constructor(slots: readonly Memslot[], mistake: Mistake) {
    this.#slots = slots;
    this.#mistake = {
      stepsBack: true,
      takesLast: true,
      skips: (slot, startGfn) => endGfn(slot) <= startGfn,
      stops: (slot, range) => slot.baseGfn >= range.endGfn,
      cut: (gfn) => gfn,
      ...mistake,
    };
  }

  get slot(): Memslot | null {
    return this.#slots[this.#at] ?? null;
  }

  start(uncut: Gfn): void {
    const { stepsBack, takesLast, skips, cut } = this.#mistake;
    const slots = this.#slots, startGfn = this.#startGfn = cut(uncut);
    const upper = slots.findIndex((slot) => cut(slot.baseGfn) > startGfn);
    if (upper === -1) this.#at = takesLast ? slots.length - 1 : slots.length;
    else this.#at = stepsBack ? Math.max(0, upper - 1) : upper;
    if (this.slot !== null && skips(this.slot, startGfn)) this.#at++;
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    const range = { startGfn: this.#startGfn, endGfn };
    return this.slot !== null && !this.#mistake.stops(this.slot, range);
  }

  next(): void {
    this.#at++;
  }
}
