/**
 * What does a cursor cost, by how it is written? Decided: rules 2, 3 and 10 of "How to write an index"
 * in impls/memslot_index.ts: a getter over the position, entries at Infinity past the last slot, one
 * cursor for many queries.
 */
import type { Gfn, Memslot } from "../../impls/memslot.ts";
import { type Comparison, experiment, type Way } from "./experiment.ts";
import { lookups } from "./lookups.ts";

/** Slots, and their bases with Infinity past the last one. */
interface Entries {
  readonly bases: Float64Array;
  readonly slots: readonly Memslot[];
}

/** The base: a getter over the position, and an entry past the slots at which `isValid` is false. */
class Getter {
  #at = 0;
  readonly #bases: Float64Array;
  readonly #slots: readonly Memslot[];

  constructor({ bases, slots }: Entries) {
    this.#bases = bases;
    this.#slots = slots;
  }

  get slot(): Memslot {
    return this.#slots[this.#at];
  }

  start(at: number): void {
    this.#at = at;
  }

  isValid(endGfn: Gfn): boolean {
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    this.#at++;
  }
}

/** `slot` is a field, which each step writes. */
class Field {
  slot: Memslot | null = null;
  #at = 0;
  readonly #bases: Float64Array;
  readonly #slots: readonly Memslot[];

  constructor({ bases, slots }: Entries) {
    this.#bases = bases;
    this.#slots = slots;
  }

  start(at: number): void {
    this.#at = at;
    this.slot = this.#slots[at];
  }

  isValid(endGfn: Gfn): boolean {
    return this.#bases[this.#at] < endGfn;
  }

  next(): void {
    this.slot = this.#slots[++this.#at];
  }
}

/** `slot` is null past the last one, and its base is read from it. */
class NullCheck {
  #at = 0;
  readonly #slots: readonly Memslot[];

  constructor({ slots }: Entries) {
    this.#slots = slots;
  }

  get slot(): Memslot | null {
    return this.#at < this.#slots.length ? this.#slots[this.#at] : null;
  }

  start(at: number): void {
    this.#at = at;
  }

  isValid(endGfn: Gfn): boolean {
    const slot = this.slot;
    return slot !== null && slot.baseGfn < endGfn;
  }

  next(): void {
    this.#at++;
  }
}

function* generated({ bases, slots }: Entries, at: number, endGfn: Gfn): Generator<Memslot> {
  for (; bases[at] < endGfn; at++) yield slots[at];
}

/** Slots of a range. */
const EACH = 8;

await experiment({
  question: "What does a cursor cost, by how it is written?",
  unit: `range of ${EACH} slots`,
  async comparisons(seed): Promise<Comparison[]> {
    const { slots } = await lookups(509, seed), starts = slots.length - EACH;
    const bases = Float64Array.from([...slots.map(({ baseGfn }) => baseGfn), Infinity]);
    const entries = { bases, slots };
    const getter = new Getter(entries), field = new Field(entries), check = new NullCheck(entries);
    const base: Way = {
      words: "getter, entry at Infinity, reused",
      run(from, steps) {
        let sum = 0;
        for (let i = from; i < from + steps; i++) {
          const at = i % starts, end = bases[at + EACH];
          for (getter.start(at); getter.isValid(end); getter.next()) sum += getter.slot.id;
        }
        return sum;
      },
    };
    const others: Way[] = [
      {
        words: "field",
        run(from, steps) {
          let sum = 0;
          for (let i = from; i < from + steps; i++) {
            const at = i % starts, end = bases[at + EACH];
            for (field.start(at); field.isValid(end); field.next()) sum += field.slot!.id;
          }
          return sum;
        },
      },
      {
        words: "null check",
        run(from, steps) {
          let sum = 0;
          for (let i = from; i < from + steps; i++) {
            const at = i % starts, end = bases[at + EACH];
            for (check.start(at); check.isValid(end); check.next()) sum += check.slot!.id;
          }
          return sum;
        },
      },
      {
        words: "generator",
        run(from, steps) {
          let sum = 0;
          for (let i = from; i < from + steps; i++) {
            const at = i % starts, end = bases[at + EACH];
            for (const { id } of generated(entries, at, end)) sum += id;
          }
          return sum;
        },
      },
    ];
    return others.map((other) => ({ on: "ranges of 509 slots", base, other }));
  },
});
