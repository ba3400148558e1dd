/** Which calls the contract forbids, and what an index must throw for them. */
import { checkMemslots, describe, type Gfn, GFN_LIMIT, type Memslot } from "../../impls/memslot.ts";
import { isSlot } from "./history.ts";
import type { Model } from "./model.ts";

/** Why a call must throw, and what. */
export interface Refusal {
  /** A clause about the argument: `which overlaps slot 1 [0x0, 0x1)`. */
  readonly reason: string;
  /** One of these; the first one is named where it is missing. */
  readonly types: readonly (RangeErrorConstructor | TypeErrorConstructor)[];
}

/** Why `insert(slot)` must throw; null where it must not. */
export function refusalToInsert(model: Model, slot: Memslot): Refusal | null {
  if (!isSlot(slot)) return { reason: "which is no slot", types: [RangeError, TypeError] };
  const met = model.meets(slot);
  return met && { reason: `which overlaps ${describe(met)}`, types: [RangeError] };
}

/** Why `erase(slot)` must throw; null where it must not. Only the base of `slot` counts. */
export function refusalToErase(model: Model, slot: Memslot): Refusal | null {
  const base: Gfn | undefined = slot?.baseGfn;
  if (!(Number.isInteger(base) && base >= 0 && base < GFN_LIMIT)) {
    return { reason: "which begins at no gfn", types: [RangeError, TypeError] };
  }
  return model.begins(base) ? null : { reason: "where no slot begins", types: [RangeError] };
}

/** Why no index may be created from `slots`; null where one may. */
export function refusalToCreate(slots: readonly Memslot[]): Refusal | null {
  try {
    checkMemslots(slots);
    return null;
  } catch (error) {
    const reason = (error as Error).message.replace(/^Cannot create index as/, "although");
    return { reason, types: slots.every(isSlot) ? [RangeError] : [RangeError, TypeError] };
  }
}

/** Whether an error is what `refusal` asks for. V8 reports an overflow of the stack as a `RangeError`. */
export function isAsked(error: unknown, { types }: Refusal): boolean {
  try {
    return types.some((type) => error instanceof type) &&
      !/call stack/.test((error as Error).message);
  } catch {
    return false;
  }
}
