import type { Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex, MemslotIter, ValidMemslotIter } from "../../impls/memslot_index.ts";
import type { Script } from "../workloads/script.ts";

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
  find(): Memslot | null {
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

class FloorIter implements MemslotIter {
  slot: Memslot | null = null;
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

  start(): void {
    const step = this.step++, at = this.#from[step];
    this.#to = this.#until[step];
    this.#at = at;
    this.slot = at < this.#to ? this.#expected[at] : null;
  }

  isValid(): this is ValidMemslotIter {
    return this.slot !== null;
  }

  next(): void {
    const at = ++this.#at;
    this.slot = at < this.#to ? this.#expected[at] : null;
  }
}
