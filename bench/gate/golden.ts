import { type Gfn, GFN_LIMIT, hex, type Memslot, memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import { thrownWords } from "./words.ts";

/** Builds an index over slots that ascend without overlap. */
export type Create = (slots: readonly Memslot[]) => MemslotIndex;

/** Slots A, B and C of the golden table, before they are moved to an origin. */
const [A, B, C] = [[100, 10], [120, 10], [140, 1]] as const;

/** [startGfn, endGfn, the slots handed out], as the kernel's own code answers. */
export const GOLDEN_RANGES: readonly (readonly [Gfn, Gfn, string])[] = [
  [0, 100, ""],
  [0, 101, "A"],
  [109, 111, "A"],
  [110, 120, ""],
  [110, 121, "B"],
  [0, Infinity, "ABC"],
  [141, 200, ""],
  [1000, 2000, ""],
  [105, 105, "A"],
  [100, 100, ""],
  [110, 110, ""],
  [115, 115, ""],
  [108, 103, "A"],
  [125, 121, "B"],
  [125, 105, ""],
  [109, 140, "AB"],
  [129, 141, "BC"],
  [130, 140, ""],
  [140, 141, "C"],
];

/** [gfn, the slot that holds it]. */
export const GOLDEN_FINDS: readonly (readonly [Gfn, string])[] = [
  [0, ""],
  [99, ""],
  [100, "A"],
  [109, "A"],
  [110, ""],
  [119, ""],
  [120, "B"],
  [129, "B"],
  [130, ""],
  [139, ""],
  [140, "C"],
  [141, ""],
];

/** Where the golden table is tried: low, across 2^31, high, and with C ending at 2^52. */
export const GOLDEN_ORIGINS: readonly Gfn[] = [
  0,
  2 ** 20,
  2 ** 31 - 120,
  2 ** 31 - 125,
  2 ** 32 - 105,
  2 ** 40,
  GFN_LIMIT - 141,
];

/**
 * The first golden answer that `create`'s index gets wrong, in words; null if it gets all right.
 * What the index throws is thrown on with the words of the question. `listener` hears of each
 * question before it is asked.
 */
export function goldenFault(
  create: Create,
  listener: (words: string) => void = () => {},
): string | null {
  for (const origin of GOLDEN_ORIGINS) {
    const slots = [A, B, C].map(([base, npages], id) => memslot(id, origin + base, npages));
    const ask = (words: string, act: () => string) => {
      listener(words);
      return asked(words, act);
    };
    const fault = faultOf(create, [slots, origin], ask) ?? faultOf(create, [[], origin], ask);
    if (fault) return fault;
  }
  return null;
}

/** Asks the index something, and gives its answer by the slots' names. */
type Ask = (words: string, act: () => string) => string;

function faultOf(
  create: Create,
  [slots, origin]: readonly [readonly Memslot[], Gfn],
  ask: Ask,
): string | null {
  const at = (gfn: Gfn) => gfn === Infinity ? GFN_LIMIT : origin + gfn;
  const isFull = slots.length > 0, of = `of ${list(slots)}, `;
  let index!: MemslotIndex;
  ask(`${of}creating the index`, () => {
    index = create(slots);
    return "";
  });
  for (const [start, end, right] of GOLDEN_RANGES) {
    const from = start === 0 ? 0 : at(start), to = at(end);
    if (Math.max(from, to) > GFN_LIMIT) continue;
    const words = `${of}range [${hex(from)}, ${hex(to)})`;
    const given = ask(words, () => walk(index, slots, [from, to]));
    if (given !== (isFull ? right : "")) return words + unlike(given, isFull ? right : "");
  }
  for (const [gfn, right] of GOLDEN_FINDS) {
    const words = `${of}find(${hex(at(gfn))})`;
    const given = ask(words, () => nameOf(index.find(at(gfn)), slots));
    if (given !== (isFull ? right : "")) return words + unlike(given, isFull ? right : "");
  }
  return null;
}

function asked(words: string, act: () => string): string {
  try {
    return act();
  } catch (error) {
    throw new Error(`${words} threw ${thrownWords(error)}`, { cause: error });
  }
}

function walk(
  index: MemslotIndex,
  slots: readonly Memslot[],
  [start, end]: readonly [Gfn, Gfn],
): string {
  const iter = index.iter();
  let given = "";
  for (iter.start(start); given.length <= slots.length && iter.isValid(end); iter.next()) {
    given += nameOf(iter.slot, slots) || "?";
  }
  return given;
}

function nameOf(slot: Memslot | null, slots: readonly Memslot[]): string {
  if (slot === null) return "";
  const at = slots.indexOf(slot);
  return at === -1 ? "?" : "ABC"[at];
}

function list(slots: readonly Memslot[]): string {
  if (slots.length === 0) return "an empty set";
  return slots.map(({ baseGfn, npages }, i) => `${"ABC"[i]} [${hex(baseGfn)}, +${npages})`)
    .join(" ");
}

function unlike(given: string, right: string): string {
  return ` should give ${right || "nothing"} but gave ${given || "nothing"}`;
}
