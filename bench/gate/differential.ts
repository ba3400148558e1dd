/**
 * The random half of the gate: the same changes and questions to an index and to `LinearScan`. What
 * fails is shrunk to the shortest history that still does, and told in words.
 */
import fc from "fast-check";
import { type Gfn, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { Difference, Duel, type Listener } from "./duel.ts";
import type { Create } from "./golden.ts";

/** Why an index is not right. */
export interface Fault {
  /** Whether it gave a wrong answer or threw. */
  readonly kind: "wrong" | "threw";
  /** What was done and what came of it, in a sentence. */
  readonly words: string;
  /** Gives the same histories again. */
  readonly seed: number;
}

/** How long to look for a fault; the gate's takes less than a second. */
export interface Effort {
  readonly seed: number;
  /** Histories to try. */
  readonly histories: number;
  /** The longest history, in operations. */
  readonly longest: number;
  /** No history of thousands of slots. */
  readonly isSmall?: boolean;
  /** Counts what is tried. */
  readonly tally?: Tally;
  /** Hears of each history as it begins. */
  readonly onHistory?: () => void;
  /** Hears of each call of the index before it is made. */
  readonly listener?: Listener;
}

/** What was tried and found right. */
export interface Tally {
  histories: number;
  /** Insertions, erasures and questions, those of checks and sweeps not counted. */
  steps: number;
  /** The most slots that an index held. */
  slots: number;
}

/** Looks for a history after which `create`'s index and the oracle differ; null if none is found. */
export function findFault(create: Create, effort: Effort): Fault | null {
  const { seed, histories, longest } = effort;
  let shrinksUntil = Infinity;
  const run = fc.check(
    fc.property(anyHistory(longest, effort.isSmall), (plan) => {
      effort.onHistory?.();
      // Out of time: what is left to shrink counts as right, so the shortest so far remains.
      if (performance.now() > shrinksUntil) return;
      try {
        replayPlan(create, plan, effort);
      } catch (error) {
        shrinksUntil = Math.min(shrinksUntil, performance.now() + SHRINK_MS);
        throw error;
      }
    }),
    { seed, numRuns: histories, endOnFailure: false },
  );
  if (!run.failed) return null;
  const error = run.errorInstance;
  if (error instanceof Difference) {
    return { kind: error.kind, words: error.message, seed: run.seed };
  }
  throw error;
}

/** So long a fault is shrunk; few take a tenth of it. */
const SHRINK_MS = 4000;

/** Operations name places by small numbers, so that any part of a history is a history too. */
interface Operation {
  readonly kind: "insert" | "erase" | "move" | "find" | "range" | "fill" | "clear";
  /** Which slot, of those there are. */
  readonly nth: number;
  /** Where, in strides above the origin. */
  readonly at: number;
  /** How many strides. */
  readonly length: number;
  /** How many slots, where it is many. */
  readonly count: number;
}

interface Plan {
  /** Strides there are. */
  readonly span: number;
  /** How many slots it is created with, each of two strides with holes of two between. */
  readonly initial: number;
  readonly originGfn: Gfn;
  readonly stride: number;
  readonly operations: readonly Operation[];
}

/** How large histories get. */
interface Scale {
  readonly span: number;
  readonly initial: fc.Arbitrary<number>;
  /** Slots that `fill` inserts and `clear` erases at most. */
  readonly most: number;
  readonly longest: number;
}

/** One history in so many is of thousands of slots: structures of many levels have them all. */
const LARGE_ONE_IN = 32;

function anyHistory(longest: number, isSmall = false): fc.Arbitrary<Plan> {
  const small = { span: 512, initial: fc.constantFrom(0, 0, 1, 9, 40, 128), most: 64, longest };
  if (isSmall) return history(small);
  const initial = fc.integer({ min: 0, max: 4096 });
  const large = { span: 2 ** 14, initial, most: 2048, longest: Math.min(longest, 24) };
  return fc.oneof(
    { weight: LARGE_ONE_IN - 1, arbitrary: history(small) },
    { weight: 1, arbitrary: history(large) },
  );
}

function history({ span, initial, most, longest }: Scale): fc.Arbitrary<Plan> {
  const operation = fc.record({
    kind: fc.constantFrom<Operation["kind"][]>(
      "insert",
      "insert",
      "insert",
      "range",
      "range",
      "find",
      "find",
      "erase",
      "erase",
      "move",
      "move",
      "fill",
      "clear",
    ),
    nth: fc.nat(span - 1),
    at: fc.nat(span - 1),
    length: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: span })),
    count: fc.integer({ min: 1, max: most }),
  });
  return fc.record({
    span: fc.constant(span),
    initial,
    originGfn: fc.constantFrom(0, 2 ** 20, 2 ** 31 - 256, 2 ** 32 - 256, 2 ** 40, GFN_LIMIT),
    stride: fc.constantFrom(1, 16, 3000, 2 ** 22, 2 ** 37),
    operations: fc.array(operation, { maxLength: longest, size: "max" }),
  });
}

/** Does what `plan` says to both; throws a `Difference` where there is one. */
function replayPlan(create: Create, plan: Plan, { tally, listener }: Effort): void {
  const { span, stride, operations } = plan;
  // Where the origin is the top, the last stride ends at 2^52 exactly.
  const origin = Math.max(0, Math.min(plan.originGfn, GFN_LIMIT - span * stride));
  const slots = Array.from({ length: plan.initial }, (_, i) => {
    return memslot(i + 1, origin + (4 * i + 1) * stride, 2 * stride);
  });
  const player = new Player(new Duel(create, slots, listener), slots);
  for (const operation of operations) {
    player.play(operation, (at) => origin + Math.min(at, span) * stride);
    if (tally) tally.slots = Math.max(tally.slots, player.duel.oracle.size);
  }
  player.duel.sweep();
  if (tally === undefined) return;
  tally.histories++;
  tally.steps += player.duel.history.steps.length;
}

/** Turns operations into steps of a duel, by the slots that are there. */
class Player {
  readonly duel: Duel;
  /** What both hold, in the order of insertion. */
  readonly #slots: Memslot[];
  #nextId: number;

  constructor(duel: Duel, slots: readonly Memslot[]) {
    this.duel = duel;
    this.#slots = slots.slice();
    this.#nextId = slots.length + 1;
  }

  play({ kind, nth, at, length, count }: Operation, gfnAt: (at: number) => Gfn): void {
    const startGfn = gfnAt(at), endGfn = gfnAt(at + length);
    const chosen = this.#slots.length > 0 ? this.#slots[nth % this.#slots.length] : null;
    switch (kind) {
      case "find":
        return this.duel.apply({ kind, gfn: startGfn });
      case "range":
        this.duel.apply({ kind, startGfn, endGfn });
        return this.duel.apply({ kind, startGfn: endGfn, endGfn: startGfn });
      case "insert":
        this.#insertFree(startGfn, endGfn);
        break;
      case "erase":
        // By the slot or by another of the same base, in turns: the contract goes by the base.
        if (chosen) this.#erase(chosen, at % 2 === 1);
        break;
      case "move":
        if (chosen) this.#move(chosen, startGfn);
        break;
      case "fill":
        this.#fill([at, length % 3 + 1, count], nth % 2 === 1, gfnAt);
        break;
      case "clear":
        for (const slot of this.#slots.slice(nth % (this.#slots.length + 1)).slice(0, count)) {
          this.#erase(slot);
        }
    }
    this.duel.check();
  }

  /** `count` slots of `length` strides each, side by side, up or down from `at`. */
  #fill(
    [at, length, count]: readonly [number, number, number],
    down: boolean,
    gfnAt: (at: number) => Gfn,
  ): void {
    for (let i = 0; i < count; i++) {
      const from = at + (down ? -i : i) * length;
      if (from >= 0) this.#insertFree(gfnAt(from), gfnAt(from + length));
    }
  }

  #move(slot: Memslot, startGfn: Gfn): void {
    const { id, baseGfn, npages } = slot;
    if (startGfn + npages > GFN_LIMIT) return;
    this.#erase(slot);
    const base = this.#isFree(startGfn, startGfn + npages) ? startGfn : baseGfn;
    this.#insert(memslot(id, base, npages));
  }

  #insertFree(startGfn: Gfn, endGfn: Gfn): void {
    if (startGfn >= endGfn || !this.#isFree(startGfn, endGfn)) return;
    this.#insert(memslot(this.#nextId++, startGfn, endGfn - startGfn));
  }

  #isFree(startGfn: Gfn, endGfn: Gfn): boolean {
    return memslotsInGfnRange(this.duel.oracle, startGfn, endGfn).next().done === true;
  }

  #insert(slot: Memslot): void {
    this.#slots.push(slot);
    this.duel.apply({ kind: "insert", slot });
  }

  #erase(slot: Memslot, byCopy = false): void {
    this.#slots.splice(this.#slots.indexOf(slot), 1);
    this.duel.apply({ kind: "erase", slot: byCopy ? { ...slot } : slot, byCopy });
  }
}
