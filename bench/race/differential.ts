/**
 * The random half of the gate: the same changes and questions to an index and to `LinearScan`. What
 * fails is shrunk to the shortest history that still does, and told in words.
 */
import fc from "fast-check";
import { LinearScan } from "../../impls/linear_scan.ts";
import { endGfn, type Gfn, GFN_LIMIT, hex, type Memslot, memslot } from "../../impls/memslot.ts";
import { type MemslotIndex, memslotsInGfnRange } from "../../impls/memslot_index.ts";
import type { Create } from "./golden.ts";

/** Why an index is not right. */
export interface Fault {
  /** What was done and what came of it, in a sentence. */
  readonly words: string;
  /** Gives the same histories again. */
  readonly seed: number;
}

/** How long to look for a fault; the defaults take about a second. */
export interface Effort {
  readonly seed: number;
  /** Histories to try. */
  readonly histories: number;
  /** The longest history, in operations. */
  readonly longest: number;
}

/** Looks for a history after which `create`'s index and the oracle differ; null if none is found. */
export function findFault(create: Create, effort: Effort): Fault | null {
  const { seed, histories, longest } = effort;
  const run = fc.check(
    fc.property(history(longest), (plan) => {
      const words = replayPlan(create, plan);
      if (words !== null) throw new Fail(words);
    }),
    { seed, numRuns: histories, endOnFailure: false },
  );
  if (!run.failed) return null;
  const words = run.errorInstance instanceof Fail
    ? run.errorInstance.message
    : String(run.errorInstance);
  return { words, seed: run.seed };
}

class Fail extends Error {}

/** Operations name places by small numbers, so that any part of a history is a history too. */
interface Operation {
  readonly kind: "insert" | "erase" | "move" | "find" | "range";
  /** Which slot, of those there are. */
  readonly nth: number;
  /** Where, in strides above the origin. */
  readonly at: number;
  /** How many strides. */
  readonly length: number;
}

interface Plan {
  /** How many slots it is created with, each of two strides with holes of two between. */
  readonly initial: number;
  readonly originGfn: Gfn;
  readonly stride: number;
  readonly operations: readonly Operation[];
}

const SPAN = 512;

function history(longest: number): fc.Arbitrary<Plan> {
  const operation = fc.record({
    kind: fc.constantFrom<Operation["kind"][]>(
      "insert",
      "insert",
      "range",
      "find",
      "erase",
      "move",
    ),
    nth: fc.nat(255),
    at: fc.nat(SPAN - 1),
    length: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: SPAN })),
  });
  return fc.record({
    initial: fc.constantFrom(0, 0, 1, 9, 40, SPAN / 4),
    originGfn: fc.constantFrom(0, 2 ** 20, 2 ** 31 - 256, 2 ** 32 - 256, 2 ** 40, GFN_LIMIT),
    stride: fc.constantFrom(1, 16, 3000, 2 ** 22, 2 ** 37),
    operations: fc.array(operation, { maxLength: longest, size: "max" }),
  });
}

/** Does what `plan` says to both; what differs first, in words, or null. */
function replayPlan(create: Create, plan: Plan): string | null {
  // Where the origin is the top, the last stride ends at 2^52 exactly.
  const room = GFN_LIMIT - SPAN * plan.stride;
  const origin = Math.max(0, Math.min(plan.originGfn, room));
  const gfnAt = (at: number) => origin + at * plan.stride;
  const slots = Array.from({ length: plan.initial }, (_, i) => {
    return memslot(1000 + i, gfnAt(4 * i + 1), 2 * plan.stride);
  });
  const pair: Pair = {
    oracle: new LinearScan(slots),
    index: create(slots),
    done: slots.length > 0 ? [`creating it with ${slots.length} slots ${list(slots)}`] : [],
    slots,
    nextId: 1,
  };
  for (const operation of plan.operations) {
    const start = gfnAt(operation.at), end = gfnAt(Math.min(operation.at + operation.length, SPAN));
    const fault = step(pair, operation, [start, end]);
    if (fault !== null) return fault;
  }
  return null;
}

interface Pair {
  readonly oracle: LinearScan;
  readonly index: MemslotIndex;
  /** What both hold, in the order of insertion. */
  readonly slots: Memslot[];
  /** The changes so far, in words. */
  readonly done: string[];
  nextId: number;
}

function step(pair: Pair, { kind, nth }: Operation, run: readonly [Gfn, Gfn]): string | null {
  const [start, end] = run;
  const chosen = pair.slots.length > 0 ? pair.slots[nth % pair.slots.length] : null;
  switch (kind) {
    case "find":
      return findFaultAt(pair, start);
    case "range":
      return rangeFaultAt(pair, start, end) ?? rangeFaultAt(pair, end, start);
    case "insert":
      return isFree(pair, run) ? insert(pair, memslot(pair.nextId++, start, end - start)) : null;
    case "erase":
      return chosen && erase(pair, chosen);
    case "move": {
      if (!chosen || start + chosen.npages > GFN_LIMIT) return null;
      const fault = erase(pair, chosen);
      if (fault) return fault;
      const there = isFree(pair, [start, start + chosen.npages]);
      return insert(pair, memslot(chosen.id, there ? start : chosen.baseGfn, chosen.npages));
    }
  }
}

function isFree({ oracle }: Pair, [start, end]: readonly [Gfn, Gfn]): boolean {
  return memslotsInGfnRange(oracle, start, end).next().done === true;
}

function insert(pair: Pair, slot: Memslot): string | null {
  pair.oracle.insert(slot);
  pair.slots.push(slot);
  return change(pair, `inserting slot ${slot.id} ${run(slot)}`, () => pair.index.insert(slot));
}

function erase(pair: Pair, slot: Memslot): string | null {
  pair.oracle.erase(slot);
  pair.slots.splice(pair.slots.indexOf(slot), 1);
  return change(pair, `erasing slot ${slot.id} ${run(slot)}`, () => pair.index.erase(slot));
}

function change(pair: Pair, words: string, act: () => void): string | null {
  const { index, oracle, done } = pair;
  const thrown = attempt(act);
  if (thrown) return `${after(done)}${words} threw ${thrown}`;
  done.push(words);
  if (index.size !== oracle.size) {
    return `${after(done)}size should be ${oracle.size} but is ${index.size}`;
  }
  const broken = attempt(() => index.checkInvariants());
  if (broken) return `${after(done)}the structure is broken: ${broken}`;
  return rangeFaultAt(pair, 0, GFN_LIMIT);
}

function findFaultAt({ index, oracle, done }: Pair, gfn: Gfn): string | null {
  const right = oracle.find(gfn);
  let given: Memslot | null = null;
  const thrown = attempt(() => given = index.find(gfn));
  if (thrown) return `${after(done)}find(${hex(gfn)}) threw ${thrown}`;
  if (given === right) return null;
  return `${after(done)}find(${hex(gfn)}) should give ${name([right])} but gave ${name([given])}`;
}

function rangeFaultAt(pair: Pair, start: Gfn, end: Gfn): string | null {
  const { index, oracle, done } = pair;
  const right = walk(oracle, [start, end], Infinity);
  const query = `range [${hex(start)}, ${hex(end)})`;
  let given: (Memslot | null)[] = [];
  const thrown = attempt(() => given = walk(index, [start, end], right.length + 1));
  if (thrown) return `${after(done)}${query} threw ${thrown}`;
  if (given.length === right.length && given.every((slot, i) => slot === right[i])) return null;
  return `${after(done)}${query} should give ${name(right)} but gave ${name(given)}`;
}

function walk(index: MemslotIndex, [start, end]: readonly [Gfn, Gfn], most: number) {
  const found: (Memslot | null)[] = [];
  const iter = index.iter();
  for (iter.start(start); found.length < most && iter.isValid(end); iter.next()) {
    found.push(iter.slot);
  }
  return found;
}

function attempt(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

function after(done: readonly string[]): string {
  if (done.length === 0) return "on an empty index, ";
  const all = done.length === 1
    ? done[0]
    : `${done.slice(0, -1).join(", ")} and ${done[done.length - 1]}`;
  return `after ${all}, `;
}

function run(slot: Memslot): string {
  return `[${hex(slot.baseGfn)}, ${hex(endGfn(slot))})`;
}

function list(slots: readonly Memslot[]): string {
  const some = slots.slice(0, 3).map(run).join(" ");
  return slots.length > 3 ? `${some} ... ${run(slots[slots.length - 1])}` : some;
}

function name(slots: readonly (Memslot | null)[]): string {
  const found = slots.filter((slot) => slot !== null);
  if (found.length === 0) return "nothing";
  const some = found.slice(0, 4).map((slot) => `slot ${slot.id}`).join(", ");
  return found.length > 4 ? `${some} and ${found.length - 4} more` : some;
}
