/** The floor of each kind of script: what the loop, the comparison and the cursor cost by themselves. */
import type { Gfn, Memslot } from "../../impls/memslot.ts";
import type {
  ChurnFindScript,
  Held,
  LogScript,
  MixScript,
  RangeScript,
  SerialScript,
} from "../workloads/script.ts";

/** The answers of a script. */
interface Known {
  /** To its lookups, in the order in which they are asked. */
  readonly answers?: readonly (Memslot | null)[];
  /** Lookups in each step. */
  readonly answersPerStep?: number;
  /** Where the answers and the range of each step stand, if not one after the other. */
  readonly places?: { readonly answers: readonly number[]; readonly ranges: readonly number[] };
  /** Its ranges. */
  readonly ranges?: Pick<RangeScript, "expected" | "from" | "to">;
}

const NO_RANGES: Pick<RangeScript, "expected" | "from" | "to"> = {
  expected: [],
  from: [],
  to: [],
};

/**
 * No index at all: replays the known answers, step by step. What it takes is what the loop, the
 * comparison and the cursor cost by themselves; no index can be faster.
 */
export class Floor {
  /** As many as the map has, so that the loop's own check holds. */
  readonly size: number;
  readonly #answers: readonly (Memslot | null)[];
  readonly #answersPerStep: number;
  readonly #places: Known["places"];
  readonly #iter: FloorIter;
  #step = 0;

  /** The floor of a script with these answers on a map of `size` slots. */
  constructor(
    size: number,
    { answers = [], answersPerStep = 1, ranges = NO_RANGES, places }: Known = {},
  ) {
    this.size = size;
    this.#answers = answers;
    this.#answersPerStep = answersPerStep;
    this.#places = places;
    this.#iter = new FloorIter(ranges);
  }

  /** The next question will be the first of `step`. */
  seek(step: number): void {
    this.#step = this.#places?.answers[step] ?? step * this.#answersPerStep;
    this.#iter.step = this.#places?.ranges[step] ?? step;
  }

  /** The known answer, whatever is asked. */
  find(_gfn: Gfn): Memslot | null {
    return this.#answers[this.#step++];
  }

  /** The one cursor it has. */
  iter(): FloorIter {
    return this.#iter;
  }

  /** Nothing: no change is asked for that the script does not take back. */
  insert(): void {}

  /** Nothing. */
  erase(): void {}

  /** There are none. */
  checkInvariants(): void {}
}

/** The floor of changes that are looked at: erasing and inserting is nothing, the lookups are answered. */
export function changesFloor({ after, others }: ChurnFindScript, size: number): Floor {
  const answers = after.flatMap((slot, step) => [null, slot, others[step]]);
  return new Floor(size, { answers, answersPerStep: 3 });
}

/** The floor of a mix: the known answers of all its lookups and ranges, in the order of its steps. */
export function mixFloor(
  { operations, at, find, ranges, changes }: MixScript,
  size: number,
): Floor {
  const answers: (Memslot | null)[] = [], order: number[] = [];
  const places = { answers: [] as number[], ranges: [] as number[] };
  for (const [step, operation] of operations.entries()) {
    const k = at[step];
    places.answers.push(answers.length);
    places.ranges.push(order.length);
    if (operation === 0) answers.push(find.answers[k]);
    else if (operation === 1) order.push(k);
    else answers.push(null, changes.after[k], changes.others[k]);
  }
  const asked = {
    expected: ranges.expected,
    from: order.map((k) => ranges.from[k]),
    to: order.map((k) => ranges.to[k]),
  };
  return new Floor(size, { answers, ranges: asked, places });
}

/** The floor of a log: changes are nothing, its lookups are answered. */
export function logFloor({ operations, slots }: LogScript, size: number): Floor {
  const answers: (Memslot | null)[] = [], places: number[] = [];
  for (const [step, operation] of operations.entries()) {
    places.push(answers.length);
    if (operation === 0) answers.push(slots[step]);
  }
  return new Floor(size, { answers, places: { answers: places, ranges: [] } });
}

/** The floor of lookups that wait for each other. */
export function serialFloor(script: SerialScript, size: number): Floor {
  return new SerialFloor(script, size);
}

/**
 * Where its answer stands depends on the gfn, in the cheapest way there is. If it did not, nothing
 * would wait, and the floor would lie below what any index has to wait for. It has a step of its own,
 * as private fields are not inherited, and so no timed method is shared.
 */
class SerialFloor extends Floor {
  readonly #gfns: readonly Gfn[];
  readonly #known: readonly (Memslot | null)[];
  #at = 0;

  constructor(script: SerialScript, size: number) {
    super(size);
    this.#gfns = script.gfns;
    this.#known = script.answers;
  }

  override seek(step: number): void {
    this.#at = step;
  }

  /** This step's answer. `gfn - gfns[step]` is always 0; it makes the load depend on the gfn. */
  override find(gfn: Gfn): Memslot | null {
    const step = this.#at++;
    return this.#known[step + (gfn - this.#gfns[step])];
  }
}

/** A cursor over the known answers of ranges. */
class FloorIter {
  /** The range that `start` goes to next. */
  step = 0;
  #at = 0;
  #to = 0;
  readonly #expected: readonly Held[];
  readonly #from: readonly number[];
  readonly #until: readonly number[];

  constructor({ expected, from, to }: Pick<RangeScript, "expected" | "from" | "to">) {
    this.#expected = expected;
    this.#from = from;
    this.#until = to;
  }

  // Not a field, which start and next would have to write, each time through a write barrier.
  get slot(): Held | null {
    const at = this.#at;
    return at < this.#to ? this.#expected[at] : null;
  }

  start(): void {
    const step = this.step++;
    this.#at = this.#from[step];
    this.#to = this.#until[step];
  }

  isValid(): boolean {
    return this.#at < this.#to;
  }

  next(): void {
    this.#at++;
  }
}
