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
export { BPlusTree } from "./impls/b_plus_tree.ts";
export { BitmapBuckets } from "./impls/bitmap_buckets.ts";
export { BranchFreeArray } from "./impls/branch_free_array.ts";
export { CopiedArray } from "./impls/copied_array.ts";
export { Eytzinger } from "./impls/eytzinger.ts";
export { LinearScan } from "./impls/linear_scan.ts";
export { MapleTree } from "./impls/maple_tree.ts";
export { NpmBintreesRbTree } from "./impls/npm_bintrees_rb_tree.ts";
export { NpmSortedBtree } from "./impls/npm_sorted_btree.ts";
export { RadixChunks } from "./impls/radix_chunks.ts";
export { RadixTable } from "./impls/radix_table.ts";
export { RbTree } from "./impls/rb_tree.ts";
export { SortedArray } from "./impls/sorted_array.ts";
export { WasmSTree } from "./impls/wasm_s_tree.ts";
export { type Changes, type Contender, CONTENDERS } from "./bench/race/contenders.ts";
