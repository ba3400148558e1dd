/** Calls of indexes as data, which can be shortened, replayed and put into words. */
import { checkMemslot, describe, type Gfn, hex, type Memslot } from "../../impls/memslot.ts";

/** One of two indexes. A exists from the start; some histories create B. */
export type Which = "A" | "B";

/** One call, or a few that form one question. */
export type Call =
  /** Creates the index again, from the slots that `of` holds. */
  | { readonly kind: "create"; readonly of: Which }
  /** Creates another index from `slots`, which must be refused. */
  | { readonly kind: "createBad"; readonly slots: readonly Memslot[] }
  /** Empties the caller's array from which the index was created. */
  | { readonly kind: "empty" }
  /** Must be refused if the slot overlaps another or is malformed. */
  | { readonly kind: "insert"; readonly slot: Memslot; readonly isRefused?: boolean }
  /** By the slot itself or another one of its base. Must be refused if no slot begins there. */
  | {
    readonly kind: "erase";
    readonly slot: Memslot;
    readonly byBase?: boolean;
    readonly isRefused?: boolean;
  }
  | { readonly kind: "find"; readonly gfn: Gfn }
  /** A walk on a fresh cursor. */
  | { readonly kind: "range"; readonly startGfn: Gfn; readonly endGfn: Gfn }
  | { readonly kind: "size" | "check" }
  /** Looks at a new cursor before its start. */
  | { readonly kind: "fresh" }
  /** Starts a cursor, a new one if it has none of that number since the last change. */
  | { readonly kind: "start"; readonly cursor: number; readonly gfn: Gfn }
  /** Asks a started cursor whether it is valid, and moves it on if it is. */
  | { readonly kind: "next"; readonly cursor: number; readonly endGfn: Gfn };

/** A call of one of the indexes. */
export type Step = Call & { readonly on: Which };

/** What index A was created from, and what was done since. */
export interface History {
  readonly slots: readonly Memslot[];
  readonly steps: readonly Step[];
}

/** The history with each slot replaced by `slotOf` and each gfn of a question by `gfnOf`. */
export function mapHistory(
  { slots, steps }: History,
  slotOf: (slot: Memslot) => Memslot,
  gfnOf: (gfn: Gfn) => Gfn = (gfn) => gfn,
): History {
  const known = new Map<Memslot, Memslot>();
  const mapSlot = (slot: Memslot) => {
    // The same object stays the same object.
    if (!known.has(slot)) known.set(slot, slotOf(slot));
    return known.get(slot)!;
  };
  const mapStep = (step: Step): Step => {
    switch (step.kind) {
      case "insert":
      case "erase":
        return { ...step, slot: mapSlot(step.slot) };
      case "createBad":
        return { ...step, slots: step.slots.map(mapSlot) };
      case "find":
      case "start":
        return { ...step, gfn: gfnOf(step.gfn) };
      case "range":
        return { ...step, startGfn: gfnOf(step.startGfn), endGfn: gfnOf(step.endGfn) };
      case "next":
        return { ...step, endGfn: gfnOf(step.endGfn) };
      default:
        return step;
    }
  };
  return { slots: slots.map(mapSlot), steps: steps.map(mapStep) };
}

/** An object like `slot`; what is no object is its own copy. */
export function copyOf(slot: Memslot): Memslot {
  return typeof slot === "object" && slot !== null ? { ...slot } : slot;
}

/** A history of at most MOST_CLAUSES is told in full, of a longer one the LAST_CLAUSES. */
const MOST_CLAUSES = 8, LAST_CLAUSES = 4;

/** A history as the beginning of a sentence: `after creating it with slot 1 [0x0, 0x1), `. */
export function afterWords({ slots, steps }: History): string {
  const isTwo = usesBoth(steps), groups = groupsOf(steps);
  const clauses = groups.slice(-MOST_CLAUSES - 1).map((group) => clauseOf(group, isTwo));
  if (slots.length > 0) clauses.unshift(creating(slots, isTwo));
  if (clauses.length === 0) return "on an empty index, ";
  if (clauses.length <= MOST_CLAUSES) return `after ${clauses.join(", then ")}, `;
  const first = slots.length > 0 ? `${creating(slots, isTwo)} and ` : "";
  const last = clauses.slice(-LAST_CLAUSES).join(", then ");
  return `after ${first}${steps.length} steps, the last of them ${last}, `;
}

/** The creation of the first index. */
export function creating(slots: readonly Memslot[], isTwo = false): string {
  return `creating ${isTwo ? "A" : "it"} ${slots.length === 0 ? "empty" : `with ${list(slots)}`}`;
}

/** Whether the steps use index B. */
export function usesBoth(steps: readonly Step[]): boolean {
  return steps.some(({ on }) => on === "B");
}

/** A step in words: a change as `inserting slot 1 [0x0, 0x1)`, a question as `find(0x1)`. */
export function stepWords(step: Step, isTwo: boolean): string {
  switch (step.kind) {
    case "find":
      return `${isTwo ? `${step.on}.` : ""}find(${gfnWords(step.gfn)})`;
    case "range":
      return `range [${hex(step.startGfn)}, ${hex(step.endGfn)})${isTwo ? ` of ${step.on}` : ""}`;
    case "size":
      return isTwo ? `${step.on}.size` : "size";
    case "check":
      return `${isTwo ? `${step.on}.` : ""}checkInvariants()`;
    case "fresh":
      return `a fresh cursor${isTwo ? ` of ${step.on}` : ""}`;
    case "start":
      return `start(${gfnWords(step.gfn)}) of ${cursorWords(step, isTwo)}`;
    case "next":
      return `isValid(${gfnWords(step.endGfn)}) of ${cursorWords(step, isTwo)}`;
    default:
      return clauseOf([step], isTwo);
  }
}

/** A cursor by its number. */
export function cursorWords({ cursor, on }: { cursor: number; on: Which }, isTwo: boolean): string {
  return `cursor ${cursor + 1}${isTwo ? ` on ${on}` : ""}`;
}

/** Groups neighbouring steps of one verb and index. */
function groupsOf(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const group = groups.at(-1);
    if (group !== undefined && verbOf(group[0]) === verbOf(step)) group.push(step);
    else groups.push([step]);
  }
  return groups;
}

function verbOf(step: Step): string {
  switch (step.kind) {
    case "insert":
    case "erase":
      return `${changing(step)} ${step.on}`;
    case "create":
    case "createBad":
    case "empty":
      return `${step.kind} ${step.on}`;
    default:
      return "asking";
  }
}

function changing(step: Step & { kind: "insert" | "erase" }): string {
  if (step.isRefused) return `trying to ${step.kind}`;
  if (step.kind === "insert") return "inserting";
  return step.byBase ? "erasing by the base of" : "erasing";
}

/** Steps of one verb, in words. */
function clauseOf(steps: readonly Step[], isTwo: boolean): string {
  const [step] = steps, on = isTwo ? step.on : "it";
  const slots = steps.flatMap((each) => "slot" in each ? [each.slot] : []);
  switch (step.kind) {
    case "insert":
      return `${changing(step)} ${list(slots)}${isTwo ? ` into ${on}` : ""}`;
    case "erase":
      return `${changing(step)} ${list(slots)}${isTwo ? ` from ${on}` : ""}`;
    case "create":
      return step.of === step.on ? `creating ${on} anew` : `creating ${on} from the slots of A`;
    case "createBad":
      return `creating another index with ${list(step.slots)}`;
    case "empty":
      return `emptying the array that ${on} was created from`;
    default:
      return `asking ${enumerate(steps, (each) => stepWords(each, isTwo))}`;
  }
}

function list(slots: readonly Memslot[]): string {
  const words = enumerate(slots, slotWords);
  return slots.length > 4 ? `${slots.length} slots, ${words}` : words;
}

/** Whether a value is well formed, as `checkMemslot` says. */
export function isSlot(value: unknown): value is Memslot {
  try {
    checkMemslot("insert slot", value as Memslot);
    return true;
  } catch {
    return false;
  }
}

function gfnWords(gfn: Gfn): string {
  return Object.is(gfn, -0) ? "-0" : hex(gfn);
}

/** A slot with its run, or what was given instead of one. */
function slotWords(slot: unknown): string {
  if (isSlot(slot)) return describe(slot);
  if (typeof slot !== "object" || slot === null) return String(slot);
  const fields = Object.entries(slot).map(([name, value]) => `${name}: ${fieldWords(value)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

function fieldWords(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}

/** Up to four items in full, else the first two and the last. */
function enumerate<T>(all: readonly T[], wordsOf: (each: T) => string): string {
  const last = wordsOf(all[all.length - 1]);
  if (all.length === 1) return last;
  if (all.length > 4) return `${all.slice(0, 2).map(wordsOf).join(", ")} ... ${last}`;
  return `${all.slice(0, -1).map(wordsOf).join(", ")} and ${last}`;
}
