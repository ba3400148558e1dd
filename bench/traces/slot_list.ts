/** Slots as a file lists them, to be put in order, checked, and handed on. */
import { type Gfn, GFN_LIMIT, hex } from "../../impls/memslot.ts";
import { kindOf } from "./events.ts";
import type { Reading } from "./reader.ts";

const SLOT = kindOf("slot");

/** The most slots that are kept of a file: far beyond KVM's 32,764. */
const MOST_SLOTS = 2 ** 22;

interface ListedSlot {
  readonly baseGfn: Gfn;
  readonly endGfn: Gfn;
  readonly line: number;
}

/** The slots of one file that says how memory lies. */
export class SlotList {
  readonly #reading: Reading;
  readonly #slots: ListedSlot[] = [];

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** How many slots it holds. */
  get length(): number {
    return this.#slots.length;
  }

  /** Adds [baseGfn, endGfn), which `line` lists. `TraceError` unless it is a run below 2^52. */
  add(baseGfn: Gfn, endGfn: Gfn, line: number): void {
    const run = `[${hex(baseGfn)}, ${hex(endGfn)})`;
    if (!(baseGfn >= 0 && baseGfn < endGfn && endGfn <= GFN_LIMIT)) {
      throw this.#reading.faultAt(line, "slots must be runs of gfns below 2^52", run);
    }
    if (this.#slots.length === MOST_SLOTS) {
      throw this.#reading.faultAt(line, `there may be ${MOST_SLOTS} slots at most`, "one more");
    }
    this.#slots.push({ baseGfn, endGfn, line });
  }

  /**
   * Hands the slots on, ascending. `TraceError` with a line where two overlap. `joins` makes one slot
   * of runs that touch or share a page: of lists of memory by its use, not by its slots.
   */
  handOn({ joins = false }: { joins?: boolean } = {}): void {
    const slots = this.#slots.sort((a, b) => a.baseGfn - b.baseGfn), { batch } = this.#reading;
    let at = 0;
    while (at < slots.length) {
      const { baseGfn, line } = slots[at];
      let { endGfn } = slots[at];
      for (at++; at < slots.length && slots[at].baseGfn < endGfn + (joins ? 1 : 0); at++) {
        if (slots[at].baseGfn < endGfn - (joins ? 1 : 0)) {
          this.#refuseOverlap(slots[at], slots[at - 1]);
        }
        endGfn = Math.max(endGfn, slots[at].endGfn);
      }
      batch.add(SLOT, baseGfn, endGfn, NaN, line);
    }
  }

  #refuseOverlap(slot: ListedSlot, other: ListedSlot): never {
    const run = ({ baseGfn, endGfn }: ListedSlot) => `[${hex(baseGfn)}, ${hex(endGfn)})`;
    throw this.#reading.faultAt(
      Math.max(slot.line, other.line),
      "slots must not overlap",
      `${run(slot)} and line ${Math.min(slot.line, other.line)} ${run(other)}`,
    );
  }
}
