/** Shortens a failing list, and a failing history. */
import { endGfn, type Gfn, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { Difference, Duel, type Listener } from "./duel.ts";
import { copyOf, type History, isSlot, mapHistory, type Step } from "./history.ts";
import type { Create } from "./load.ts";
import { Model } from "./model.ts";

// Taken before any contender is loaded; not from own.ts, as the gate of the package runs without Deno.
const now = performance.now.bind(performance);

/** The failing part of a list; null if the list does not fail. */
export type Failing<T> = (items: readonly T[]) => readonly T[] | null;

/** With at most this many items left, pairs are tried too, such as a change and its reversal. */
const FEW_ITEMS = 40;
/** With at most this many slots, prefixes and suffixes of each length are tried. */
const FEW_SLOTS = 256;

/**
 * A short part of `items`, which fail: without any half, quarter and so on that is not needed, down
 * to single items and, of a few, pairs. Each item left is needed unless the clock `now` has
 * come to `until`.
 */
export function minimize<T>(items: readonly T[], failing: Failing<T>, until: number): readonly T[] {
  let shortest = items;
  const fails = (isLeft: (i: number) => boolean) => {
    if (now() > until) return false;
    const part = failing(shortest.filter((_, i) => isLeft(i)));
    if (part !== null) shortest = part;
    return part !== null;
  };
  const leavesOut = (length: number) => {
    const before = shortest.length;
    for (let at = 0; at < shortest.length;) {
      const isCut = fails((i) => i < at || i >= at + length);
      if (!isCut) at += length;
    }
    return shortest.length < before;
  };
  const leavesOutPairs = () => {
    for (let a = 0; a < shortest.length; a++) {
      for (let b = a + 1; b < shortest.length; b++) {
        if (fails((i) => i !== a && i !== b)) return true;
      }
    }
    return false;
  };
  // Powers of two, down to pairs of neighbours.
  const half = Math.floor(Math.log2(Math.max(1, items.length))) - 1;
  for (let power = half; power > 0; power--) leavesOut(2 ** power);
  while (leavesOut(1) || (shortest.length <= FEW_ITEMS && leavesOutPairs()));
  return shortest;
}

/** A difference of `create`'s index after a shorter history than `found`'s, within `mostMs`. */
export function shorten(create: Create, found: Difference, mostMs: number): Difference {
  const until = now() + mostMs;
  let shortest = found;
  const differs = (history: History) => {
    const difference = now() < until ? differenceOf(create, history) : null;
    // A difference of another sort can come from another fault.
    const isSame = difference?.sort === found.sort;
    if (isSame) shortest = difference;
    return isSame;
  };
  tryOnlyB(found.history, differs);
  tryLastSteps(shortest.history, differs);
  tryFewSlots(shortest.history, differs);
  const cut = () => {
    minimize(atomsOf(shortest.history), (atoms) => {
      return differs(historyOf(atoms)) ? atomsOf(shortest.history) : null;
    }, until);
  };
  cut();
  if (tryPlainNumbers(shortest.history, differs)) cut();
  return shortest;
}

/** How an index differs from its model after `history`, if it does. */
export function differenceOf(
  create: Create,
  history: History,
  listener?: Listener,
): Difference | null {
  // Slots of its own, as an index may change those that it is given.
  const { slots, steps } = mapHistory(history, copyOf);
  try {
    const duel = new Duel(create, slots, listener);
    for (const step of steps) duel.apply(step);
    duel.finish();
    return null;
  } catch (error) {
    if (error instanceof Difference) return error;
    throw error;
  }
}

type Differs = (history: History) => boolean;

/** The life of index B alone: created from the slots that A held, then the steps on B. */
function tryOnlyB({ slots, steps }: History, differs: Differs): void {
  const at = steps.findLastIndex(({ on, kind }) => on === "B" && kind === "create");
  if (at === -1) return;
  const own = steps.slice(at + 1).filter(({ on }) => on === "B");
  const held = heldAfter({ slots, steps: steps.slice(0, at) });
  differs({ slots: held, steps: own.map((step) => ({ ...step, on: "A" as const })) });
}

/** The last 1, 4, 16 and so on steps, on the slots that there were before them. */
function tryLastSteps({ slots, steps }: History, differs: Differs): void {
  for (let count = 1; count < steps.length; count *= 4) {
    const held = heldAfter({ slots, steps: steps.slice(0, -count) });
    if (differs({ slots: held, steps: steps.slice(-count) })) return;
  }
}

/** The slots that index A should hold after a history. */
function heldAfter({ slots, steps }: History): readonly Memslot[] {
  const model = new Model(slots);
  for (const step of steps) {
    if (step.on === "B" || !("slot" in step) || step.isRefused) continue;
    if (step.kind === "insert") model.insert(step.slot);
    else model.erase(step.slot.baseGfn);
  }
  return model.slots;
}

/** The fewest of the first and of the last slots: an index may be wrong at some numbers of slots. */
function tryFewSlots({ slots, steps }: History, differs: Differs): void {
  if (slots.length > FEW_SLOTS) return;
  for (let count = 0; count < slots.length; count++) {
    if (differs({ slots: slots.slice(0, count), steps })) return;
    if (differs({ slots: slots.slice(slots.length - count), steps })) return;
  }
}

/**
 * Ids from 1, and gfns by rank, from 0 or from the lowest up; or from 0 with sizes as they are, or as
 * they are.
 */
function tryPlainNumbers(history: History, differs: Differs): boolean {
  const all = new Set<Gfn>();
  renumbered(history, (gfn) => {
    all.add(gfn);
    return gfn;
  });
  const gfns = [...all].sort((a, b) => a - b), low = gfns[0] ?? 0;
  const ranks = new Map(gfns.map((gfn, rank) => [gfn, rank]));
  const maps: readonly ((gfn: Gfn) => Gfn)[] = [
    (gfn) => ranks.get(gfn)!,
    (gfn) => low + ranks.get(gfn)!,
    (gfn) => gfn - low,
    (gfn) => gfn,
  ];
  return maps.some((map) => differs(renumbered(history, map)));
}

/** A slot of the first index or a step: what can be left out of a history. */
type Atom = { readonly slot: Memslot } | { readonly step: Step };

function atomsOf({ slots, steps }: History): Atom[] {
  return [...slots.map((slot) => ({ slot })), ...steps.map((step) => ({ step }))];
}

function historyOf(atoms: readonly Atom[]): History {
  return {
    slots: atoms.flatMap((atom) => "slot" in atom ? [atom.slot] : []),
    steps: atoms.flatMap((atom) => "step" in atom ? [atom.step] : []),
  };
}

/** The history with ids from 1 and gfns mapped by `map`; malformed slots and gfns are kept. */
function renumbered(history: History, map: (gfn: Gfn) => Gfn): History {
  const ids = new Map<number, number>();
  const slotOf = (slot: Memslot) => {
    if (!isSlot(slot)) return slot;
    if (!ids.has(slot.id)) ids.set(slot.id, ids.size + 1);
    const base = map(slot.baseGfn);
    return memslot(ids.get(slot.id)!, base, map(endGfn(slot)) - base);
  };
  return mapHistory(history, slotOf, (gfn) => {
    const isPlain = Number.isInteger(gfn) && gfn >= 0 && gfn < GFN_LIMIT && !Object.is(gfn, -0);
    return isPlain ? map(gfn) : gfn;
  });
}
