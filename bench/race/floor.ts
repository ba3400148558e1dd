import type { Gfn, Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex, MemslotIter, ValidMemslotIter } from "../../impls/memslot_index.ts";
import type { Script, SerialScript } from "../workloads/script.ts";

/** The floor of `script` on a map of `size` slots. */
export function floorOf(script: Script, size: number): Floor {
  return script.kind === "serial" ? new SerialFloor(script, size) : new Floor(script, size);
}

/**
 * No index at all: replays the known answers, step by step. What it takes is what the loop, the
 * comparison and the cursor cost by themselves; no index can be faster.
 */
export class Floor implements MemslotIndex {
  /** As many as the map has, so that the loop's own check holds. */
  readonly size: number;
  readonly #answers: readonly (Memslot | null)[];
  readonly #iter: FloorIter;
  #step = 0;

  /** The answers to `script` on a map of `size` slots. */
  constructor(script: Script, size: number) {
    this.size = size;
    this.#answers = script.kind === "find" ? script.answers : [];
    this.#iter = new FloorIter(script);
  }

  /** The next question will be that of `step`. */
  seek(step: number): void {
    this.#step = step;
    this.#iter.step = step;
  }

  /** The known answer, whatever is asked. */
  find(_gfn: Gfn): Memslot | null {
    return this.#answers[this.#step++];
  }

  /** The one cursor it has. */
  iter(): MemslotIter {
    return this.#iter;
  }

  /** Nothing: no change is asked for that the script does not take back. */
  insert(): void {}

  /** Nothing. */
  erase(): void {}

  /** There are none. */
  checkInvariants(): void {}
}

/**
 * The floor of lookups that wait for each other: where its answer stands depends on the gfn, in the
 * cheapest way there is. Were it given whatever is asked, nothing would wait, and the floor would
 * lie below what any index has to wait for. It has a step of its own, as private fields are not
 * inherited, and so no timed method is shared.
 */
class SerialFloor extends Floor {
  readonly #gfns: readonly Gfn[];
  readonly #known: readonly (Memslot | null)[];
  #at = 0;

  constructor(script: SerialScript, size: number) {
    super(script, size);
    this.#gfns = script.gfns;
    this.#known = script.answers;
  }

  override seek(step: number): void {
    this.#at = step;
  }

  /** The known answer, so far off as the gfn is from the one of this step: not at all. */
  override find(gfn: Gfn): Memslot | null {
    const step = this.#at++;
    return this.#known[step + (gfn - this.#gfns[step])];
  }
}

class FloorIter implements MemslotIter {
  step = 0;
  #at = 0;
  #to = 0;
  readonly #expected: readonly Memslot[];
  readonly #from: readonly number[];
  readonly #until: readonly number[];

  constructor(script: Script) {
    const isRange = script.kind === "range";
    this.#expected = isRange ? script.expected : [];
    this.#from = isRange ? script.from : [];
    this.#until = isRange ? script.to : [];
  }

  // Not a field, which start and next would have to write, each time through a write barrier.
  get slot(): Memslot | null {
    const at = this.#at;
    return at < this.#to ? this.#expected[at] : null;
  }

  start(): void {
    const step = this.step++;
    this.#at = this.#from[step];
    this.#to = this.#until[step];
  }

  isValid(): this is ValidMemslotIter {
    return this.#at < this.#to;
  }

  next(): void {
    this.#at++;
  }
}
