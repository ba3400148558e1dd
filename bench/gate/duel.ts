/** An index and the oracle side by side: what is done to the one is done to the other. */
import { LinearScan } from "../../impls/linear_scan.ts";
import { endGfn, type Gfn, GFN_LIMIT, hex, type Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import type { Create } from "./golden.ts";
import { thrownWords } from "./words.ts";

/** One thing done to an index, or asked of it. */
export type Step =
  | { readonly kind: "insert"; readonly slot: Memslot }
  /** The slot itself, or a copy of it: the contract goes by the base. */
  | { readonly kind: "erase"; readonly slot: Memslot; readonly byCopy: boolean }
  | { readonly kind: "find"; readonly gfn: Gfn }
  | { readonly kind: "range"; readonly startGfn: Gfn; readonly endGfn: Gfn };

/** What an index was created with, and what was done to it since. */
export interface History {
  readonly slots: readonly Memslot[];
  readonly steps: readonly Step[];
}

/** Index and oracle differ; the message says after what, and in what. */
export class Difference extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "Difference";
  /** Whether the index gave a wrong answer or threw. */
  readonly kind: "wrong" | "threw";
  /** What to do for the same again; its last step is the one that fails. */
  readonly history: History;

  /** Of `history`, `done` steps had gone well. */
  constructor(kind: "wrong" | "threw", history: History, done: number, words: string) {
    super(after({ ...history, steps: history.steps.slice(0, done) }) + words);
    this.kind = kind;
    this.history = history;
  }
}

/** Who wants to know what is about to be asked, and may not come back. */
export type Listener = (words: string) => void;

/** See the head of the file. Each method throws a `Difference` as soon as there is one. */
export class Duel {
  /** Holds what the index should hold. */
  readonly oracle: LinearScan;
  readonly #index: MemslotIndex;
  readonly #slots: readonly Memslot[];
  readonly #steps: Step[] = [];
  readonly #listener: Listener | null;
  /** The words of so many steps. */
  #told = { steps: -1, words: "" };

  /** Begins with `slots`, which ascend without overlap. */
  constructor(create: Create, slots: readonly Memslot[], listener: Listener | null = null) {
    this.oracle = new LinearScan(slots);
    this.#slots = slots;
    this.#listener = listener;
    const words = () => slots.length === 0 ? "creating an empty index" : creating(slots);
    this.#index = this.#attempt(() => create(slots), words);
  }

  /** What has been done so far. */
  get history(): History {
    return { slots: this.#slots, steps: this.#steps };
  }

  /** Does one step to both, and compares what can be compared at once. */
  apply(step: Step): void {
    switch (step.kind) {
      case "insert":
        this.oracle.insert(step.slot);
        return this.#change(step, () => this.#index.insert(step.slot));
      case "erase":
        this.oracle.erase(step.slot);
        return this.#change(step, () => this.#index.erase(step.slot));
      case "find":
        this.#steps.push(step);
        return this.#find(step.gfn);
      case "range":
        this.#steps.push(step);
        return this.#range(step.startGfn, step.endGfn);
    }
  }

  /** Checks the structure and reads it from end to end. O(size). */
  check(): void {
    this.#attempt(() => this.#index.checkInvariants(), () => "checkInvariants()");
    this.#range(0, GFN_LIMIT);
  }

  /**
   * Asks at every boundary of every slot: a structure of thousands may be wrong at one of them. All
   * on one cursor, as callers use it. O(size) for an index whose `start` is O(1).
   */
  sweep(): void {
    const slots = walk(this.oracle, [0, GFN_LIMIT], Infinity) as Memslot[];
    const iter = this.#attempt(() => this.#index.iter(), () => "iter()");
    slots.forEach((slot, i) => {
      const base = slot.baseGfn, end = endGfn(slot);
      const touches = i > 0 && endGfn(slots[i - 1]) === base;
      // [gfn, the first slot that ends after it]
      const boundaries = [[base - 1, touches ? i - 1 : i], [base, i], [end - 1, i], [end, i + 1]];
      for (const [gfn, first] of boundaries) {
        if (gfn < 0 || gfn >= GFN_LIMIT) continue;
        this.#find(gfn, slots[first]?.baseGfn <= gfn ? slots[first] : null);
        const right = slots.slice(first, first + 2);
        const goes = this.#attempt(() => stepsAs(iter, gfn, right), () => range(gfn, gfn + 1));
        if (goes) continue;
        // A cursor of its own most often shows the same, in plainer words.
        for (const to of [gfn, gfn + 1, GFN_LIMIT]) this.#range(gfn, to);
        this.#fail("wrong", `${range(gfn, GFN_LIMIT)} is wrong on a cursor that was used before`);
      }
    });
  }

  #change(step: Step, act: () => void): void {
    this.#attempt(act, () => clause([step]), step);
    this.#steps.push(step);
    const size = this.#attempt(() => this.#index.size, () => "size");
    if (size !== this.oracle.size) {
      this.#fail("wrong", `size should be ${this.oracle.size} but is ${size}`);
    }
  }

  #find(gfn: Gfn, right: Memslot | null = this.oracle.find(gfn)): void {
    const words = () => `find(${hex(gfn)})`;
    const given = this.#attempt(() => this.#index.find(gfn), words);
    if (given !== right) this.#fail("wrong", words() + unlike([given], [right]));
  }

  #range(startGfn: Gfn, endGfn: Gfn): void {
    const run = [startGfn, endGfn] as const, words = () => range(startGfn, endGfn);
    const right = walk(this.oracle, run, Infinity);
    const given = this.#attempt(() => walk(this.#index, run, right.length + 1), words);
    if (given.length === right.length && given.every((slot, i) => slot === right[i])) return;
    this.#fail("wrong", words() + unlike(given, right));
  }

  #attempt<T>(act: () => T, words: () => string, step?: Step): T {
    if (this.#listener !== null) this.#listener(this.#after() + words());
    try {
      return act();
    } catch (error) {
      return this.#fail("threw", `${words()} threw ${thrownWords(error)}`, step);
    }
  }

  #after(): string {
    const steps = this.#steps.length;
    if (steps !== this.#told.steps) this.#told = { steps, words: after(this.history) };
    return this.#told.words;
  }

  /** The step that failed belongs to the history, but not to what came before. */
  #fail(kind: "wrong" | "threw", words: string, step?: Step): never {
    const done = this.#steps.length;
    if (step) this.#steps.push(step);
    // A question that failed has been noted down as the last step, and is in the words.
    const asked = !step && isQuestion(this.#steps[done - 1]) ? 1 : 0;
    throw new Difference(kind, this.history, done - asked, words);
  }
}

function isQuestion(step: Step | undefined): boolean {
  return step?.kind === "find" || step?.kind === "range";
}

/** Whether the cursor, from `gfn` on, gives the `right` two slots (fewer at the end of the map). */
function stepsAs(iter: ReturnType<MemslotIndex["iter"]>, gfn: Gfn, right: readonly Memslot[]) {
  const first = right.length > 0 ? right[0].baseGfn : Infinity;
  iter.start(gfn);
  if (iter.isValid(gfn) !== first < gfn) return false;
  if (iter.isValid(gfn + 1) !== first < gfn + 1) return false;
  for (const slot of right) {
    if (!iter.isValid(GFN_LIMIT) || iter.slot !== slot) return false;
    iter.next();
  }
  return right.length === 2 || !iter.isValid(GFN_LIMIT);
}

function walk(index: MemslotIndex, [start, end]: readonly [Gfn, Gfn], most: number) {
  const found: (Memslot | null)[] = [];
  const iter = index.iter();
  for (iter.start(start); found.length < most && iter.isValid(end); iter.next()) {
    found.push(iter.slot);
  }
  return found;
}

/** Clauses told in full; of a longer history only as many of the last. */
const MOST_CLAUSES = 8, LAST_CLAUSES = 4;

function after({ slots, steps }: History): string {
  const clauses = groups(steps).map(clause);
  if (slots.length > 0) clauses.unshift(creating(slots));
  if (clauses.length === 0) return "on an empty index, ";
  if (clauses.length <= MOST_CLAUSES) return `after ${clauses.join(", then ")}, `;
  const last = clauses.slice(-LAST_CLAUSES).join(", then ");
  const first = slots.length > 0 ? `${creating(slots)} and ` : "";
  return `after ${first}${steps.length} steps, the last of them ${last}, `;
}

/** Neighbours of one kind together. */
function groups(steps: readonly Step[]): Step[][] {
  const all: Step[][] = [];
  for (const step of steps) {
    const group = all.at(-1);
    if (group !== undefined && verb(group[0]) === verb(step)) group.push(step);
    else all.push([step]);
  }
  return all;
}

function verb(step: Step): string {
  switch (step.kind) {
    case "insert":
      return "inserting";
    case "erase":
      return step.byCopy ? "erasing by a copy" : "erasing";
    default:
      return "asking";
  }
}

/** Steps of one verb, in words. */
function clause(steps: readonly Step[]): string {
  const slots = steps.flatMap((step) => "slot" in step ? [step.slot] : []);
  if (slots.length === 0) return `${verb(steps[0])} ${enumerate(steps.map(question))}`;
  return `${verb(steps[0])} ${slots.length > 4 ? `${slots.length} slots, ` : ""}${list(slots)}`;
}

function question(step: Step): string {
  if (step.kind === "find") return `find(${hex(step.gfn)})`;
  return step.kind === "range" ? range(step.startGfn, step.endGfn) : "";
}

function creating(slots: readonly Memslot[]): string {
  return `creating it with ${slots.length > 4 ? `${slots.length} slots, ` : ""}${list(slots)}`;
}

function list(slots: readonly Memslot[]): string {
  return enumerate(slots.map((slot) => `slot ${slot.id} ${run(slot)}`));
}

function enumerate(all: readonly string[]): string {
  const last = all[all.length - 1];
  if (all.length === 1) return last;
  if (all.length > 4) return `${all.slice(0, 2).join(", ")} ... ${last}`;
  return `${all.slice(0, -1).join(", ")} and ${last}`;
}

function run(slot: Memslot): string {
  return `[${hex(slot.baseGfn)}, ${hex(endGfn(slot))})`;
}

function range(start: Gfn, end: Gfn): string {
  return `range [${hex(start)}, ${hex(end)})`;
}

function unlike(given: readonly unknown[], right: readonly (Memslot | null)[]): string {
  const [is, should] = [name(given), name(right)];
  // Where both names are the same, so is what they look like.
  const copy = is === should ? " (a copy, not the very object)" : "";
  return ` should give ${should} but gave ${is}${copy}`;
}

/** What was handed out, which of a broken index may be anything. */
function name(slots: readonly unknown[]): string {
  const found = slots.filter((slot) => slot !== null);
  if (found.length === 0) return "nothing";
  const some = found.slice(0, 4).map((slot) => {
    return typeof slot === "object" ? `slot ${(slot as Memslot).id}` : String(slot);
  });
  return found.length > 4 ? `${some.join(", ")} and ${found.length - 4} more` : some.join(", ");
}
