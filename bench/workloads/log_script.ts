/** The script of a recorded log: its changes in order, with lookups between them, as a closed loop. */
import { endGfn, type Gfn, type Memslot, memslot } from "../../impls/memslot.ts";
import { SortedArray } from "../../impls/sorted_array.ts";
import type { LogEvent } from "../traces/change_log.ts";
import type { Random } from "./random.ts";
import type { LogScript } from "./script.ts";

/** A step of the script, on the way forward. */
interface Step {
  readonly operation: number;
  readonly gfn: Gfn;
  readonly slot: Memslot | null;
}

const FIND = 0, INSERT = 1, ERASE = 2;

/**
 * The log that led to the map of `slots`, walked back to where it began and then forward as it happened.
 * The way back makes the inverse of each change and asks the same lookups, as the map is the same then.
 * Where the log has no lookups, a page of the place that changed and one of some slot are looked up after
 * each change, so that work which an index defers to its next lookup is timed.
 */
export function logScript(
  { slots, log }: { readonly slots: readonly Memslot[]; readonly log: readonly LogEvent[] },
  random: Random,
): LogScript {
  const asksItself = log.some((event) => typeof event === "number");
  const index = new SortedArray(slots), held = [...slots], back: Step[] = [];
  const lookUp = (gfn: Gfn) => back.push({ operation: FIND, gfn, slot: index.find(gfn) });
  for (const event of log.toReversed()) {
    if (typeof event === "number") {
      lookUp(event);
      continue;
    }
    const { is, slot: { id, baseGfn, npages } } = event;
    const slot = is === "insert" ? index.find(baseGfn)! : memslot(id, baseGfn, npages);
    if (!asksItself) {
      const other = held.length === 0 ? null : held[random.int(0, held.length - 1)];
      lookUp(other === null ? endGfn(slot) : pageOf(other, random));
      lookUp(pageOf(slot, random));
    }
    back.push({ operation: is === "insert" ? ERASE : INSERT, gfn: baseGfn, slot });
    if (is === "insert") {
      index.erase(slot);
      held[held.indexOf(slot)] = held[held.length - 1];
      held.pop();
    } else {
      index.insert(slot);
      held.push(slot);
    }
  }
  const steps = [...back, ...back.toReversed().map(inverse)];
  return {
    kind: "log",
    length: steps.length,
    operations: steps.map(({ operation }) => operation),
    gfns: steps.map(({ gfn }) => gfn),
    slots: steps.map(({ slot }) => slot),
  };
}

function inverse(step: Step): Step {
  const { operation } = step;
  return operation === FIND ? step : { ...step, operation: operation === INSERT ? ERASE : INSERT };
}

function pageOf(slot: Memslot, random: Random): Gfn {
  return random.int(slot.baseGfn, endGfn(slot) - 1);
}
