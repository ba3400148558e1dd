/**
 * Interchangeable memslot indexes behind KVM's iterator, and the map of guest memory over them.
 *
 * @module
 */
export type { Gfn, Memslot } from "./impls/memslot.ts";
export { checkMemslots, endGfn, memslot } from "./impls/memslot.ts";
export type { MemslotIndex, MemslotIter, ValidMemslotIter } from "./impls/memslot_index.ts";
export { memslotsInGfnRange } from "./impls/memslot_index.ts";
export * from "./impls/kvm/address_space.ts";
export type { KvmErrorCode, UserspaceMemoryRegion } from "./impls/kvm/memory_region.ts";
export { KvmError } from "./impls/kvm/memory_region.ts";
export * from "./impls/kvm/memslot_set.ts";
export * from "./impls/hva/hva_index.ts";
export { HvaIntervalTree } from "./impls/hva/hva_interval_tree.ts";
export { HvaLinearScan } from "./impls/hva/hva_linear_scan.ts";
export { HvaSortedArray } from "./impls/hva/hva_sorted_array.ts";
export { IdHash } from "./impls/kvm/id_hash.ts";
export { LastUsedReader, LastUsedSlot } from "./impls/kvm/last_used.ts";
export * from "./bench/race/contenders.ts";
export type { Replay } from "./bench/race/replay.ts";
export type {
  CallsScript,
  ChurnScript,
  FindScript,
  RangeScript,
  Script,
  SerialScript,
} from "./bench/workloads/script.ts";
