/**
 * The timed loops of the contenders that `deno bench` runs: a module instance of replay.ts for each, so
 * that none sees another one's classes. The imports are literals: Deno then needs no permission for
 * them. A race's processes import the loops of all contenders by name.
 *
 * Contenders that are not here stay out of `deno bench`, to keep it under 90 s, and of
 * `deno task race --quick`.
 */
import type { Replay } from "./replay.ts";

/** The loops by the names of their contenders. */
export const LOOPS: ReadonlyMap<string, () => Promise<{ replay: Replay }>> = new Map([
  ["linear_scan", () => import("./replay.ts?for=linear_scan")],
  ["sorted_array", () => import("./replay.ts?for=sorted_array")],
  ["rb_tree", () => import("./replay.ts?for=rb_tree")],
  ["npm_sorted_btree", () => import("./replay.ts?for=npm_sorted_btree")],
  ["npm_bintrees_rb_tree", () => import("./replay.ts?for=npm_bintrees_rb_tree")],
  ["radix_chunks", () => import("./replay.ts?for=radix_chunks")],
]);
