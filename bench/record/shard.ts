/**
 * Shards: a race in parts, each run by itself, on a machine of its own or not. This file says which
 * part of a plan a shard is; join.ts makes one file of all of them.
 *
 * By cell, a shard has whole cells, so a cell's ratios never mix machines. The variants of a cell (a loop
 * for each or for all, a cache or none, the engine) are compared with each other, so they stay in one
 * shard. By process, a shard has some processes of every cell, in pairs: an odd process runs its rounds in
 * the reverse order of the even one before it, so only whole pairs are balanced.
 */
import { type Cell, cellKey, type Plan, type Shard } from "./schema.ts";

/** `2/3`. */
export function shardWords({ index, of }: Pick<Shard, "index" | "of">): string {
  return `${index}/${of}`;
}

/** The cells of a shard, in the order of the race. */
export function cellsOfShard({ index, of, by, cells }: Shard): readonly Cell[] {
  if (by === "process") return cells;
  const places = [...new Set(cells.map(placeKey))], owner = dealt(places.length, of);
  return cells.filter((cell) => owner(places.indexOf(placeKey(cell))) === index);
}

/** The processes that a race, or a shard of it, runs in each of its cells, ascending. */
export function processesOf({ processes }: Pick<Plan, "processes">, shard?: Shard): number[] {
  const all = Array.from({ length: processes }, (_, process) => process);
  if (shard?.by !== "process") return all;
  const owner = dealt(pairs(processes), shard.of);
  return all.filter((process) => owner(process >> 1) === shard.index);
}

/** Whether a shard has the probes of its cells: one of each cell is enough. */
export function hasProbes(shard?: Shard): boolean {
  return shard?.by !== "process" || shard.index === 1;
}

/** The most shards that a race can have: each has a cell, or a pair of processes. */
export function mostShards(
  by: Shard["by"],
  { cells, processes }: { readonly cells: readonly Cell[]; readonly processes: number },
): number {
  return by === "cell" ? new Set(cells.map(placeKey)).size : pairs(processes);
}

/**
 * The shard, from 1, of each of `count` things: neighbours stay together, so the slot counts of a
 * workload are raced on few machines, and each shard has as many as the others, or one less.
 */
function dealt(count: number, of: number): (place: number) => number {
  return (place) => Math.floor(place * of / count) + 1;
}

function pairs(processes: number): number {
  return Math.ceil(processes / 2);
}

/** A cell without its variants. */
function placeKey(cell: Cell): string {
  return cellKey({ ...cell, condition: "solo", lastUsed: "off", engine: "deno" });
}
