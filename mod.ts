/**
 * Interchangeable memslot indexes behind KVM's iterator, and the map of guest memory over them.
 *
 * @module
 */
export type { Gfn, Memslot } from "./impls/memslot.ts";
export { checkMemslots, endGfn, memslot } from "./impls/memslot.ts";
export type { MemslotIndex, MemslotIter, ValidMemslotIter } from "./impls/memslot_index.ts";
export { memslotsInGfnRange } from "./impls/memslot_index.ts";
export * from "./impls/address_space.ts";
export type { KvmErrorCode, UserspaceMemoryRegion } from "./impls/memory_region.ts";
export { KvmError } from "./impls/memory_region.ts";
export * from "./impls/memslot_set.ts";
export * from "./bench/race/contenders.ts";
export type { Replay } from "./bench/race/replay.ts";
export type { ChurnScript, FindScript, RangeScript, Script } from "./bench/workloads/script.ts";
