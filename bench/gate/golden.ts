/** KVM's answers to the questions that were argued over, as its own code gives them. */
import { type Gfn, GFN_LIMIT, memslot } from "../../impls/memslot.ts";
import type { History, Step } from "./history.ts";

/** Slots A, B and C of the golden table, before they are moved to an origin. */
const SLOTS = [[100, 10], [120, 10], [140, 1]] as const;

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

/** The table as histories: at each origin of the three slots, and of none. */
export const GOLDEN_HISTORIES: readonly History[] = GOLDEN_ORIGINS.flatMap((origin) => {
  const slots = SLOTS.map(([base, npages], id) => memslot(id, origin + base, npages));
  const steps = goldenSteps(origin);
  return [{ slots, steps }, { slots: [], steps }];
});

function goldenSteps(origin: Gfn): Step[] {
  // The map begins at 0 and ends at 2^52, wherever the slots are.
  const at = (gfn: Gfn) => gfn === 0 ? 0 : Math.min(GFN_LIMIT, origin + gfn);
  const ranges = GOLDEN_RANGES.map(([start, end]): Step => {
    return { on: "A", kind: "range", startGfn: at(start), endGfn: at(end) };
  });
  const finds = GOLDEN_FINDS.map(([gfn]): Step => ({ on: "A", kind: "find", gfn: at(gfn) }));
  return [...ranges, ...finds];
}
