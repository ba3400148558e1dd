import { type Gfn, GFN_LIMIT, hex, type Memslot, memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";

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

/** The first golden answer that `create`'s index gets wrong, in words; null if it gets all right. */
export function goldenFault(create: Create): string | null {
  for (const origin of GOLDEN_ORIGINS) {
    const slots = [A, B, C].map(([base, npages], id) => memslot(id, origin + base, npages));
    const index = create(slots), empty = create([]);
    const at = (gfn: Gfn) => gfn === Infinity ? GFN_LIMIT : origin + gfn;
    for (const [start, end, right] of GOLDEN_RANGES) {
      const [from, to] = [start === 0 ? 0 : at(start), at(end)];
      if (Math.max(from, to) > GFN_LIMIT) continue;
      const fault = rangeFault(index, slots, [from, to], right) ??
        rangeFault(empty, [], [from, to], "");
      if (fault) return fault;
    }
    for (const [gfn, right] of GOLDEN_FINDS) {
      const given = nameOf(index.find(at(gfn)), slots);
      if (given !== right) {
        return `of ${list(slots)}, find(${hex(at(gfn))}) ${unlike(given, right)}`;
      }
    }
  }
  return null;
}

function rangeFault(
  index: MemslotIndex,
  slots: readonly Memslot[],
  [start, end]: readonly [Gfn, Gfn],
  right: string,
): string | null {
  const iter = index.iter();
  let given = "";
  for (iter.start(start); given.length <= slots.length && iter.isValid(end); iter.next()) {
    given += nameOf(iter.slot, slots);
  }
  if (given === right) return null;
  return `of ${list(slots)}, range [${hex(start)}, ${hex(end)}) ${unlike(given, right)}`;
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
  return `should give ${right || "nothing"} but gave ${given || "nothing"}`;
}
