import { memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { Difference, Duel, type History, type Step } from "./duel.ts";
import type { Create } from "./golden.ts";
import { endGfn, type Memslot } from "../../impls/memslot.ts";

/**
 * A shorter history than that of `found` after which `create`'s index differs too, and how: first
 * the last steps alone, on the slots there were before them, then without any part that is not
 * needed (Zeller's ddmin). As short as `mostMs` allows.
 */
export function shorten(create: Create, found: Difference, mostMs: number): Difference {
  const until = performance.now() + mostMs;
  let shortest = lastSteps(create, found, until) ?? found;
  // Slots at the start and steps are cut alike.
  for (let parts = 2; performance.now() < until;) {
    const { slots, steps } = shortest.history;
    const length = slots.length + steps.length, chunk = Math.ceil(length / parts);
    let isCut = false;
    for (let at = 0; at < length && performance.now() < until; at += chunk) {
      const keeps = (i: number) => i < at || i >= at + chunk;
      const cut = differenceOf(create, {
        slots: slots.filter((_, i) => keeps(i)),
        steps: steps.filter((_, i) => keeps(slots.length + i)),
      });
      if (cut === null) continue;
      shortest = cut;
      isCut = true;
      break;
    }
    if (isCut) parts = Math.max(2, parts - 1);
    else if (chunk <= 1) break;
    else parts = Math.min(length, parts * 2);
  }
  return shortest;
}

/** How index and oracle differ after `history`, if they do. Steps that cannot be are left out. */
export function differenceOf(create: Create, { slots, steps }: History): Difference | null {
  try {
    const duel = new Duel(create, slots);
    const ids = new Set(slots.map(({ id }) => id));
    for (const step of steps) {
      if (!isPossible(duel, ids, step)) continue;
      if (step.kind === "insert") ids.add(step.slot.id);
      if (step.kind === "erase") ids.delete(step.slot.id);
      duel.apply(step);
    }
    duel.check();
    duel.sweep();
    return null;
  } catch (error) {
    if (error instanceof Difference) return error;
    throw error;
  }
}

function isPossible({ oracle }: Duel, ids: ReadonlySet<number>, step: Step): boolean {
  switch (step.kind) {
    case "insert": {
      const { id, baseGfn } = step.slot;
      return !ids.has(id) &&
        memslotsInGfnRange(oracle, baseGfn, endGfn(step.slot)).next().done === true;
    }
    case "erase": {
      const { id, baseGfn } = step.slot, there = oracle.find(baseGfn);
      return there?.id === id && there.baseGfn === baseGfn;
    }
    default:
      return true;
  }
}

/** The fewest last steps, of 1, 4, 16 and so on, that differ on the slots there were before. */
function lastSteps(create: Create, { history }: Difference, until: number): Difference | null {
  const { steps } = history;
  for (let count = 1; count < steps.length && performance.now() < until; count *= 4) {
    const slots = slotsAfter(history, steps.length - count);
    const difference = differenceOf(create, { slots, steps: steps.slice(-count) });
    if (difference !== null) return difference;
  }
  return null;
}

function slotsAfter({ slots, steps }: History, count: number): Memslot[] {
  const held = new Map(slots.map((slot) => [slot.baseGfn, slot]));
  for (const step of steps.slice(0, count)) {
    if (step.kind === "insert") held.set(step.slot.baseGfn, step.slot);
    if (step.kind === "erase") held.delete(step.slot.baseGfn);
  }
  return [...held.values()].sort((a, b) => a.baseGfn - b.baseGfn);
}
