/**
 * Interchangeable memslot indexes behind KVM's iterator, and the map of guest memory over them.
 *
 * @module
 */
export type { Gfn, Memslot } from "./impls/memslot.ts";
export { checkMemslots, endGfn, memslot } from "./impls/memslot.ts";
export type { MemslotIndex, MemslotIter, ValidMemslotIter } from "./impls/memslot_index.ts";
export { memslotsInGfnRange } from "./impls/memslot_index.ts";
export { AddressSpace, KvmError } from "./impls/address_space.ts";
export * from "./bench/race/contenders.ts";
