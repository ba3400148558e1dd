/**
 * Applies each step to an index and to its model, and compares everything that memslot_index.ts
 * demands.
 */
import { endGfn, GFN_LIMIT, type Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex, MemslotIter } from "../../impls/memslot_index.ts";
import { Belongings, isSame } from "./belongings.ts";
import {
  afterWords,
  creating,
  cursorWords,
  type History,
  mapHistory,
  type Step,
  stepWords,
  usesBoth,
  type Which,
} from "./history.ts";
import type { Create } from "./load.ts";
import { Model } from "./model.ts";
import {
  isAsked,
  type Refusal,
  refusalToCreate,
  refusalToErase,
  refusalToInsert,
} from "./refusal.ts";
import { answersWords, answerWords, isPromise, thrownWords } from "./words.ts";

/** An index differs from its model; the message says after which steps, and how. */
export class Difference extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "Difference";
  /** Whether the index gave a wrong answer or threw. */
  readonly kind: "wrong" | "threw";
  /** The steps that reproduce it; the last one fails. */
  readonly history: History;
  /** Equal for differences of one sort: the kind of the failing step, or what was changed. */
  readonly sort: string;

  /** `words` are the whole message. */
  constructor(kind: "wrong" | "threw", history: History, { sort, words }: Telling) {
    super(words);
    this.kind = kind;
    this.history = history;
    this.sort = `${kind} ${sort}`;
  }
}

interface Telling {
  readonly sort: string;
  readonly words: string;
}

/** Called before each call of an index, so that the last words name a call that hangs. */
export type Listener = (words: string) => void;

/** An index, its model and its cursors. */
interface Side {
  readonly index: MemslotIndex;
  readonly model: Model;
  /** The cursors started since the last change, by number. */
  readonly cursors: Map<number, { readonly iter: MemslotIter; place: number }>;
}

type StepOf<Kind extends Step["kind"]> = Step & { readonly kind: Kind };

/** A sweep asks for all of up to MOST_SWEPT slots, and for SOME_SWEPT of more. */
const MOST_SWEPT = 4096, SOME_SWEPT = 512;

/** See the head of the file. Each method throws a `Difference` as soon as there is one. */
export class Duel {
  readonly #create: Create;
  readonly #slots: readonly Memslot[];
  readonly #steps: Step[] = [];
  readonly #sides = new Map<Which, Side>();
  readonly #listener: Listener | null;
  readonly #belongings = new Belongings();
  /** The words of the steps before number `steps`, kept for the listener. */
  #before = { steps: -1, words: "" };

  /** Begins with index A over `slots`, which ascend without overlap. */
  constructor(create: Create, slots: readonly Memslot[], listener: Listener | null = null) {
    this.#create = create;
    this.#slots = slots;
    this.#listener = listener;
    this.#createSide("A", slots, null);
    this.finish();
  }

  /** The steps so far, with copies of the slots as they were when an index first got them. */
  get history(): History {
    const history = { slots: this.#slots, steps: this.#steps };
    return mapHistory(history, (slot) => this.#belongings.asLent(slot));
  }

  /** How many steps have been done. */
  get length(): number {
    return this.#steps.length;
  }

  /** What index `which` should hold; null where there is no such index yet. */
  modelOf(which: Which): Model | null {
    return this.#sides.get(which)?.model ?? null;
  }

  /** Applies a step to both and compares. Returns false if the step is impossible now. */
  apply(step: Step): boolean {
    if (!this.#isPossible(step)) return false;
    this.#steps.push(step);
    this.#do(step);
    if (this.#belongings.isChanged(step.on, "slot" in step ? step.slot : null)) this.finish();
    return true;
  }

  /**
   * Asks at every boundary of every slot, by `find` and on one cursor: a structure of thousands may
   * be wrong at one of them. Of very many slots some are asked for. The steps stay in the history only
   * if one of them shows a difference.
   */
  sweep(on: Which): void {
    const done = this.#steps.length, slots = this.modelOf(on)?.slots ?? [];
    const stride = slots.length <= MOST_SWEPT ? 1 : Math.ceil(slots.length / SOME_SWEPT);
    for (let i = 0; i < slots.length; i += stride) {
      const slot = slots[i], base = slot.baseGfn, end = endGfn(slot);
      for (const gfn of [base - 1, base, end - 1, end]) {
        if (gfn < 0) continue;
        this.apply({ on, kind: "find", gfn });
        this.apply({ on, kind: "start", cursor: 0, gfn });
        this.apply({ on, kind: "next", cursor: 0, endGfn: gfn + 1 });
        this.apply({ on, kind: "next", cursor: 0, endGfn: GFN_LIMIT });
      }
    }
    this.#steps.length = done;
  }

  /** Compares the caller's arrays and slots with what they were. */
  finish(): void {
    const words = this.#belongings.changedWords();
    if (words === null) return;
    const { history } = this, sort = words.replace(/:.*/, "");
    throw new Difference("wrong", history, { sort, words: this.#after(history.steps) + words });
  }

  #isPossible(step: Step): boolean {
    const side = this.#sides.get(step.on);
    if (step.kind === "create") return this.#sides.has(step.of);
    if (side === undefined) return false;
    if (step.kind === "createBad") return refusalToCreate(step.slots) !== null;
    if (step.kind === "next") return side.cursors.has(step.cursor);
    if (step.kind !== "insert") return true;
    // The contract does not say what an index does with an id that it has already.
    return refusalToInsert(side.model, step.slot) !== null || !side.model.ids.has(step.slot.id);
  }

  #do(step: Step): void {
    if (step.kind === "create") {
      this.finish(); // or an index is created from slots that overlap
      return this.#createSide(step.on, this.modelOf(step.of)!.slots, step);
    }
    const side = this.#sides.get(step.on)!, { index, model } = side;
    switch (step.kind) {
      case "createBad":
        return this.#createBad(step);
      case "empty":
        return this.#belongings.emptyArray(step.on);
      case "insert":
        return this.#insert(side, step);
      case "erase":
        return this.#erase(side, step);
      case "find":
        return this.#expect(step, model.find(step.gfn), () => index.find(step.gfn));
      case "size":
        return this.#expect(step, model.slots.length, () => index.size);
      case "check":
        return this.#run(step, () => index.checkInvariants());
      case "range":
        return this.#range(side, step);
      case "fresh":
        return this.#fresh(side, step);
      case "start":
        return this.#start(side, step);
      case "next":
        return this.#next(side, step);
    }
  }

  /** Creates an index from an array of its own. */
  #createSide(which: Which, slots: readonly Memslot[], step: Step | null): void {
    const model = new Model(slots), array = this.#belongings.lendArray(which, slots);
    const words = () => step === null ? creating(slots) : this.#words(step);
    const index = this.#attempt(words, () => this.#create(array));
    this.#sides.set(which, { index, model, cursors: new Map() });
  }

  #createBad(step: StepOf<"createBad">): void {
    const array = step.slots.slice();
    array.forEach((slot) => this.#belongings.lendSlot(slot));
    this.#refused(step, refusalToCreate(array)!, () => this.#create(array));
    if (isSame({ array, was: step.slots })) return;
    this.#fail("wrong", `${this.#words(step)} has changed the array that it was given`);
  }

  #insert({ index, model, cursors }: Side, step: StepOf<"insert">): void {
    const refusal = refusalToInsert(model, step.slot);
    this.#belongings.lendSlot(step.slot);
    if (refusal !== null) return this.#refused(step, refusal, () => index.insert(step.slot));
    this.#run(step, () => index.insert(step.slot));
    model.insert(step.slot);
    cursors.clear();
  }

  #erase({ index, model, cursors }: Side, step: StepOf<"erase">): void {
    const refusal = refusalToErase(model, step.slot);
    this.#belongings.lendSlot(step.slot);
    if (refusal !== null) return this.#refused(step, refusal, () => index.erase(step.slot));
    this.#run(step, () => index.erase(step.slot));
    model.erase(step.slot.baseGfn);
    cursors.clear();
  }

  /** Walks over a range as callers do. */
  #range({ index, model }: Side, step: StepOf<"range">): void {
    const first = model.placeOf(step.startGfn), right: (Memslot | null)[] = [];
    while (model.isValid(first + right.length, step.endGfn)) {
      right.push(model.at(first + right.length));
    }
    const given: unknown[] = [];
    const words = () => this.#words(step);
    const { valid, slot } = this.#attempt(words, () => {
      const iter = index.iter();
      let valid: unknown;
      iter.start(step.startGfn);
      for (; (valid = iter.isValid(step.endGfn)) === true; iter.next()) {
        if (given.push(iter.slot) > right.length) break;
      }
      return { valid, slot: iter.slot };
    });
    if (typeof valid !== "boolean") {
      this.#same(() => `isValid on ${words()}`, valid, given.length < right.length);
    }
    if (given.length !== right.length || given.some((slot, i) => slot !== right[i])) {
      const [should, is] = [right, given].map((slots) => {
        return answersWords(slots, this.#belongings.slots);
      });
      this.#fail("wrong", `${words()} should give ${should} but gave ${is}`);
    }
    this.#same(() => `the slot past ${words()}`, slot, model.at(first + right.length));
  }

  #fresh({ index }: Side, step: Step): void {
    const words = () => this.#words(step);
    const iter = this.#attempt(words, () => index.iter());
    this.#same(() => `the slot of ${words()}`, this.#attempt(words, () => iter.slot), null);
    for (const endGfn of [GFN_LIMIT, Infinity]) {
      const valid = this.#attempt(words, () => iter.isValid(endGfn));
      this.#same(() => `isValid of ${words()}`, valid, false);
    }
  }

  #start({ index, model, cursors }: Side, step: StepOf<"start">): void {
    const words = () => this.#words(step);
    const cursor = cursors.get(step.cursor) ??
      { iter: this.#attempt(words, () => index.iter()), place: 0 };
    cursors.set(step.cursor, cursor);
    cursor.place = model.placeOf(step.gfn);
    const slot = this.#attempt(words, () => {
      cursor.iter.start(step.gfn);
      return cursor.iter.slot;
    });
    this.#same(() => `the slot after ${words()}`, slot, model.at(cursor.place));
  }

  #next({ model, cursors }: Side, step: StepOf<"next">): void {
    const cursor = cursors.get(step.cursor)!, isValid = model.isValid(cursor.place, step.endGfn);
    this.#expect(step, isValid, () => cursor.iter.isValid(step.endGfn));
    const words = () => isValid ? `next() of ${cursorWords(step, this.#isTwo)}` : this.#words(step);
    if (isValid) cursor.place++;
    const slot = this.#attempt(words, () => {
      if (isValid) cursor.iter.next();
      return cursor.iter.slot;
    });
    this.#same(() => `the slot after ${words()}`, slot, model.at(cursor.place));
  }

  /** Makes a call that gives `right`. */
  #expect(step: Step, right: unknown, act: () => unknown): void {
    const words = () => this.#words(step);
    this.#same(words, this.#attempt(words, act), right, step.kind === "find" ? GIVES : IS);
  }

  /** Makes a call that must be done when it returns, whatever it gives. */
  #run(step: Step, act: () => unknown): void {
    const words = () => this.#words(step), given = this.#attempt(words, act);
    if (!isPromise(given)) return;
    settle(given);
    this.#fail("wrong", `${words()} should be done when it returns but gave a promise`);
  }

  /** Makes a call that must throw as `refusal` says. */
  #refused(step: Step, refusal: Refusal, act: () => unknown): void {
    this.#steps[this.#steps.length - 1] = { ...step, isRefused: true } as Step;
    this.#tell(() => this.#words(step));
    const { reason, types } = refusal;
    const should = () => `${this.#words(step)}, ${reason}, should throw a ${types[0].name}`;
    let given: unknown;
    try {
      given = act();
    } catch (error) {
      if (isAsked(error, refusal)) return;
      this.#fail("wrong", `${should()} but threw ${thrownWords(error)}`);
    }
    settle(given);
    this.#fail("wrong", `${should()} but ${isPromise(given) ? "gave a promise" : "did not"}`);
  }

  #same(words: () => string, given: unknown, right: unknown, [should, is] = IS): void {
    if (given === right) return;
    settle(given);
    const name = (value: unknown) => {
      const isPlain = value === null || typeof value === typeof right;
      if (typeof right !== "object" && isPlain) return String(value);
      return answerWords(value, this.#belongings.slots);
    };
    this.#fail("wrong", `${words()} should ${should} ${name(right)} but ${is} ${name(given)}`);
  }

  #attempt<T>(words: () => string, act: () => T): T {
    this.#tell(words);
    try {
      return act();
    } catch (error) {
      return this.#fail("threw", `${words()} threw ${thrownWords(error)}`);
    }
  }

  #tell(words: () => string): void {
    if (this.#listener === null) return;
    const steps = this.#steps.length;
    if (this.#before.steps !== steps) {
      this.#before = { steps, words: this.#after(this.#steps.slice(0, -1)) };
    }
    this.#listener(this.#before.words + words());
  }

  /** The last step has failed, and is in the words already. */
  #fail(kind: "wrong" | "threw", words: string): never {
    this.finish(); // first, as a changed slot or array explains other differences
    const { history } = this, step = history.steps.at(-1);
    const sort = step === undefined
      ? "creation"
      : `${step.kind}${isRefused(step) ? " refused" : ""}`;
    const before = step === undefined ? "" : this.#after(history.steps.slice(0, -1));
    throw new Difference(kind, history, { sort, words: before + words });
  }

  #after(steps: readonly Step[]): string {
    const slots = this.#slots.map((slot) => this.#belongings.asLent(slot));
    return afterWords({ slots, steps });
  }

  get #isTwo(): boolean {
    return usesBoth(this.#steps);
  }

  #words(step: Step): string {
    return stepWords(step, this.#isTwo);
  }
}

function isRefused(step: Step): boolean {
  return "isRefused" in step && step.isRefused === true;
}

/** The verbs of `should be ... but is ...` and `should give ... but gave ...`. */
const IS = ["be", "is"], GIVES = ["give", "gave"];

/** A promise that is not awaited must not end the process when it is rejected. */
function settle(given: unknown): void {
  if (isPromise(given)) Promise.resolve(given).catch(() => {});
}
