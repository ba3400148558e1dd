/**
 * Indexes and their models side by side: what is done to the one is done to the other, and all that
 * memslot_index.ts demands is compared.
 */
import {
  checkMemslots,
  describe,
  endGfn,
  type Gfn,
  GFN_LIMIT,
  type Memslot,
} from "../../impls/memslot.ts";
import type { MemslotIndex, MemslotIter } from "../../impls/memslot_index.ts";
import {
  afterWords,
  copyOf,
  creating,
  cursorWords,
  type History,
  isSlot,
  mapHistory,
  type Step,
  stepWords,
  usesBoth,
  type Which,
} from "./history.ts";
import type { Create } from "./load.ts";
import { Model } from "./model.ts";
import { answerWords, isPromise, thrownWords } from "./words.ts";

/** An index is not as its model; the message says after what, and in what. */
export class Difference extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "Difference";
  /** Whether the index gave a wrong answer or threw. */
  readonly kind: "wrong" | "threw";
  /** What to do for the same again; its last step is the one that fails. */
  readonly history: History;
  /** The same for differences of one sort: the kind of the step that fails, or what was changed. */
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

/** Hears of each call before it is made: of one that hangs, the last one tells. */
export type Listener = (words: string) => void;

/** An index and what belongs to it. */
interface Side {
  readonly index: MemslotIndex;
  readonly model: Model;
  /** The array that the index was created from, and what is to be in it. */
  readonly array: Memslot[];
  readonly inArray: Memslot[];
  /** Those started since the last change, by number. */
  readonly cursors: Map<number, { readonly iter: MemslotIter; place: number }>;
}

type StepOf<Kind extends Step["kind"]> = Step & { readonly kind: Kind };

/** What a call that the contract forbids must throw. */
interface Refusal {
  /** Why, as a clause about the argument. */
  readonly reason: string;
  readonly types: readonly (RangeErrorConstructor | TypeErrorConstructor)[];
}

/** Arrays up to this length are compared after each step, longer ones at the end. */
const SHORT_ARRAY = 64;

/** Sweeps ask for all of as many slots, and for no more than some of a greater number. */
const MOST_SWEPT = 4096, SOME_SWEPT = 512;

/** See the head of the file. Each method throws a `Difference` as soon as there is one. */
export class Duel {
  readonly #create: Create;
  readonly #slots: readonly Memslot[];
  readonly #steps: Step[] = [];
  readonly #sides = new Map<Which, Side>();
  readonly #listener: Listener | null;
  /** Each object that an index was given for a slot, and a copy of it. */
  readonly #given = new Map<Memslot, Memslot>();
  /** The words for the first so many steps. */
  #before = { steps: -1, words: "" };

  /** Begins with index A over `slots`, which ascend without overlap. */
  constructor(create: Create, slots: readonly Memslot[], listener: Listener | null = null) {
    this.#create = create;
    this.#slots = slots;
    this.#listener = listener;
    this.#createSide("A", slots, null);
    this.#checkTouched();
  }

  /** What has been done so far, with the slots as they were when they were given. */
  get history(): History {
    const history = { slots: this.#slots, steps: this.#steps };
    return mapHistory(history, (slot) => copyOf(this.#given.get(slot) ?? slot));
  }

  /** How many steps have been done. */
  get length(): number {
    return this.#steps.length;
  }

  /** What index `which` should hold; null where there is no such index yet. */
  modelOf(which: Which): Model | null {
    return this.#sides.get(which)?.model ?? null;
  }

  /** Does one step to both and compares. False if it cannot be done, which is no difference. */
  apply(step: Step): boolean {
    if (!this.#isPossible(step)) return false;
    this.#steps.push(step);
    this.#do(step);
    const { array, inArray } = this.#sides.get(step.on)!;
    const isSame = array.length > SHORT_ARRAY || isSameArray(array, inArray);
    const slot = "slot" in step ? step.slot : null;
    if (!isSame || (slot !== null && changeOf(slot, this.#given.get(slot)) !== null)) {
      this.#checkTouched();
    }
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

  /** Compares the caller's arrays and slots, all of them, with what they were. */
  finish(): void {
    this.#checkTouched();
  }

  #isPossible(step: Step): boolean {
    const side = this.#sides.get(step.on);
    if (step.kind === "create") return this.#sides.has(step.of);
    if (side === undefined) return false;
    if (step.kind === "createBad") return refusalOfAll(step.slots) !== null;
    if (step.kind === "next") return side.cursors.has(step.cursor);
    if (step.kind !== "insert") return true;
    // An index need not look whether it has the id.
    return refusalToInsert(side.model, step.slot) !== null || !side.model.ids.has(step.slot.id);
  }

  #do(step: Step): void {
    if (step.kind === "create") {
      this.#checkTouched(); // or an index is created from slots that overlap
      return this.#createSide(step.on, this.modelOf(step.of)!.slots, step);
    }
    const side = this.#sides.get(step.on)!, { index, model } = side;
    switch (step.kind) {
      case "createBad":
        return this.#createBad(step);
      case "empty":
        return void (side.array.length = side.inArray.length = 0);
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
    const array = slots.slice(), model = new Model(slots);
    slots.forEach((slot) => this.#give(slot));
    const words = () => step === null ? creating(slots) : this.#words(step);
    const index = this.#attempt(words, () => this.#create(array));
    this.#sides.set(which, { index, model, array, inArray: slots.slice(), cursors: new Map() });
  }

  #createBad(step: StepOf<"createBad">): void {
    const array = step.slots.slice();
    array.forEach((slot) => this.#give(slot));
    this.#refused(step, refusalOfAll(array)!, () => this.#create(array));
    if (isSameArray(array, step.slots)) return;
    this.#fail("wrong", `${this.#words(step)} has changed the array that it was given`);
  }

  #insert({ index, model, cursors }: Side, step: StepOf<"insert">): void {
    const refusal = refusalToInsert(model, step.slot);
    this.#give(step.slot);
    if (refusal !== null) return this.#refused(step, refusal, () => index.insert(step.slot));
    this.#run(step, () => index.insert(step.slot));
    model.insert(step.slot);
    cursors.clear();
  }

  #erase({ index, model, cursors }: Side, step: StepOf<"erase">): void {
    const refusal = refusalToErase(model, step.slot);
    this.#give(step.slot);
    if (refusal !== null) return this.#refused(step, refusal, () => index.erase(step.slot));
    this.#run(step, () => index.erase(step.slot));
    model.erase(step.slot.baseGfn);
    cursors.clear();
  }

  /** A walk as callers make it. */
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
      const [should, is] = [right, given].map((slots) => this.#namesOf(slots));
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
  #refused(step: Step, { reason, types }: Refusal, act: () => unknown): void {
    this.#steps[this.#steps.length - 1] = { ...step, isRefused: true } as Step;
    this.#tell(() => this.#words(step));
    const should = () => `${this.#words(step)}, ${reason}, should throw a ${types[0].name}`;
    let given: unknown;
    try {
      given = act();
    } catch (error) {
      if (types.some((type) => isError(error, type))) return;
      this.#fail("wrong", `${should()} but threw ${thrownWords(error)}`);
    }
    settle(given);
    this.#fail("wrong", `${should()} but ${isPromise(given) ? "gave a promise" : "did not"}`);
  }

  #same(words: () => string, given: unknown, right: unknown, [should, is] = IS): void {
    if (given === right) return;
    settle(given);
    const name = (value: unknown) => {
      if (typeof right === "object") return this.#name(value);
      return value === null || typeof value === typeof right ? String(value) : this.#name(value);
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
    if (this.#before.steps !== steps) this.#before = { steps, words: this.#afterWords(steps - 1) };
    this.#listener(this.#before.words + words());
  }

  /** The last step, which has failed, is in the words already. */
  #fail(kind: "wrong" | "threw", words: string): never {
    // What an index says of slots that it has changed is beside the point.
    this.#checkTouched();
    const { history } = this, step = this.#steps.at(-1);
    throw new Difference(kind, history, {
      sort: step === undefined ? "creation" : `${step.kind}${isRefused(step) ? " refused" : ""}`,
      words: this.#afterWords(this.#steps.length - 1, history) + words,
    });
  }

  #checkTouched(): void {
    const words = this.#touchedWords();
    if (words === null) return;
    const { history } = this;
    throw new Difference("wrong", history, {
      sort: words.replace(/:.*/, ""),
      words: this.#afterWords(this.#steps.length, history) + words,
    });
  }

  /** What an index has changed that is the caller's, or null. */
  #touchedWords(): string | null {
    for (const { array, inArray } of this.#sides.values()) {
      if (!isSameArray(array, inArray)) {
        return "the index has changed the array that it was created from";
      }
    }
    for (const [slot, copy] of this.#given) {
      const words = changeOf(slot, copy);
      if (words !== null) {
        return `the index has changed a slot of the caller: slot ${copy.id}, ${words}`;
      }
    }
    return null;
  }

  /** Of so many steps; what comes before all of them, the creation, is in the words itself. */
  #afterWords(steps: number, history: History = { slots: this.#slots, steps: this.#steps }) {
    return steps < 0 ? "" : afterWords({ ...history, steps: history.steps.slice(0, steps) });
  }

  /** Keeps a copy of an object that an index is about to see. */
  #give(slot: Memslot): void {
    if (!this.#given.has(slot)) this.#given.set(slot, copyOf(slot));
  }

  get #isTwo(): boolean {
    return usesBoth(this.#steps);
  }

  #words(step: Step): string {
    return stepWords(step, this.#isTwo);
  }

  #name(given: unknown): string {
    return answerWords(given, [...this.#given.keys()]);
  }

  #namesOf(slots: readonly unknown[]): string {
    if (slots.length === 0) return "nothing";
    const names = slots.slice(0, 4).map((slot) => slot === null ? "null" : this.#name(slot));
    return names.join(", ") + (slots.length > 4 ? ` and ${slots.length - 4} more` : "");
  }
}

function isRefused(step: Step): boolean {
  return "isRefused" in step && step.isRefused === true;
}

/** How an answer is spoken of. */
const IS = ["be", "is"], GIVES = ["give", "gave"];

function refusalToInsert(model: Model, slot: Memslot): Refusal | null {
  if (!isSlot(slot)) return { reason: "which is no slot", types: [RangeError, TypeError] };
  const met = model.meets(slot);
  return met && { reason: `which overlaps ${describe(met)}`, types: [RangeError] };
}

function refusalToErase(model: Model, slot: Memslot): Refusal | null {
  const base: Gfn | undefined = slot?.baseGfn;
  if (!(Number.isInteger(base) && base >= 0 && base < GFN_LIMIT)) {
    return { reason: "which begins at no gfn", types: [RangeError, TypeError] };
  }
  return model.begins(base) ? null : { reason: "where no slot begins", types: [RangeError] };
}

function refusalOfAll(slots: readonly Memslot[]): Refusal | null {
  try {
    checkMemslots(slots);
    return null;
  } catch (error) {
    const reason = (error as Error).message.replace(/^Cannot create index as/, "although");
    return { reason, types: slots.every(isSlot) ? [RangeError] : [RangeError, TypeError] };
  }
}

/** Whether an error is of a type, and no overflow of the stack, which V8 reports as a `RangeError`. */
function isError(error: unknown, type: RangeErrorConstructor | TypeErrorConstructor): boolean {
  try {
    return error instanceof type && !/call stack/.test(error.message);
  } catch {
    return false;
  }
}

function isSameArray(array: readonly unknown[], right: readonly unknown[]): boolean {
  return array.length === right.length && array.every((each, i) => each === right[i]) &&
    Object.isExtensible(array) && !Object.isFrozen(array);
}

/** What has become of an object that was like `copy`, or null. */
function changeOf(slot: Memslot, copy: Memslot | undefined): string | null {
  if (slot === copy || copy === undefined) return null;
  if (!Object.isExtensible(slot)) return "which cannot be changed any more";
  const keys = Reflect.ownKeys(slot) as (keyof Memslot)[];
  for (const key of keys) {
    if (!Object.hasOwn(copy, key)) return `which has a property ${String(key)}`;
    if (!Object.is(slot[key], copy[key])) {
      return `whose ${key} was ${copy[key]} and is ${slot[key]}`;
    }
  }
  return keys.length === Object.keys(copy).length ? null : "which lacks a property";
}

/** A promise that is not awaited must not end the process when it is rejected. */
function settle(given: unknown): void {
  if (isPromise(given)) Promise.resolve(given).catch(() => {});
}
