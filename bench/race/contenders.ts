/** The contenders: what each is, what a change costs it, and how to create one. */
import { BPlusTree } from "../../impls/b_plus_tree.ts";
import { BitmapBuckets } from "../../impls/bitmap_buckets.ts";
import { BranchFreeArray } from "../../impls/branch_free_array.ts";
import { CopiedArray } from "../../impls/copied_array.ts";
import { Eytzinger } from "../../impls/eytzinger.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import { MapleTree } from "../../impls/maple_tree.ts";
import { NpmBintreesRbTree } from "../../impls/npm_bintrees_rb_tree.ts";
import { NpmSortedBtree } from "../../impls/npm_sorted_btree.ts";
import { RadixChunks } from "../../impls/radix_chunks.ts";
import { RadixTable } from "../../impls/radix_table.ts";
import { RbTree } from "../../impls/rb_tree.ts";
import { SortedArray } from "../../impls/sorted_array.ts";
import { WasmSTree } from "../../impls/wasm_s_tree.ts";
import type { Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";

/**
 * What a change costs. `in place`: touches a few slots; occasionally O(n) when a pool grows. The
 * others do O(n) work at each change: `shifts` moves the entries behind it, `copies` copies all
 * entries, `rebuilds` builds anew, at the next lookup, what lookups use.
 */
export type Changes = "in place" | "shifts" | "copies" | "rebuilds";

/** An index in the race. */
export interface Contender {
  /** The name of its file in impls/, without the ending. */
  readonly name: string;
  /** What it is, in one line. */
  readonly summary: string;
  /** What a change costs. */
  readonly changes: Changes;
  /** A new index over `slots`. `RangeError` or `TypeError` as `checkMemslots`. */
  create(slots: readonly Memslot[]): MemslotIndex;
}

/** Every index of impls/ by gfn, one row each. */
export const CONTENDERS: readonly Contender[] = [
  {
    name: "linear_scan",
    summary: "scan of an array in base order: the oracle",
    changes: "shifts",
    create: (slots) => new LinearScan(slots),
  },
  {
    name: "sorted_array",
    summary: "binary search in a sorted array: the baseline",
    changes: "shifts",
    create: (slots) => new SortedArray(slots),
  },
  {
    name: "rb_tree",
    summary: "Linux's red-black tree, searched by upper bound",
    changes: "in place",
    create: (slots) => new RbTree(slots),
  },
  {
    name: "npm_sorted_btree",
    summary: "npm:sorted-btree, a B+-tree of 32 keys a node",
    changes: "in place",
    create: (slots) => new NpmSortedBtree(slots),
  },
  {
    name: "npm_bintrees_rb_tree",
    summary: "npm:bintrees, a red-black tree",
    changes: "in place",
    create: (slots) => new NpmBintreesRbTree(slots),
  },
  {
    name: "copied_array",
    summary: "sorted array, copied whole on every change: KVM up to 5.16, rust-vmm",
    changes: "copies",
    create: (slots) => new CopiedArray(slots),
  },
  {
    name: "branch_free_array",
    summary: "sorted array of ends, binary search without branches",
    changes: "shifts",
    create: (slots) => new BranchFreeArray(slots),
  },
  {
    name: "eytzinger",
    summary: "ends in breadth-first order, rebuilt at the first lookup after a change",
    changes: "rebuilds",
    create: (slots) => new Eytzinger(slots),
  },
  {
    name: "b_plus_tree",
    summary: "B+-tree over typed arrays with linked leaves, fanout 32",
    changes: "in place",
    create: (slots) => new BPlusTree(slots),
  },
  {
    name: "maple_tree",
    summary: "Linux's maple tree: a B-tree of ranges, gaps included, 16 a node",
    changes: "in place",
    create: (slots) => new MapleTree(slots),
  },
  {
    name: "radix_table",
    summary: "buckets over the span, then a local search",
    changes: "rebuilds",
    create: (slots) => new RadixTable(slots),
  },
  {
    name: "radix_chunks",
    summary: "chunks of up to 30 slots under hints and a directory: dynamic, safe from any layout",
    changes: "in place",
    create: (slots) => new RadixChunks(slots),
  },
  {
    name: "bitmap_buckets",
    summary: "linked slots, buckets over the span, a bitmap of bitmaps: quick to change",
    changes: "in place",
    create: (slots) => new BitmapBuckets(slots),
  },
  {
    name: "wasm_s_tree",
    summary: "static B-tree of cache lines, searched by WebAssembly SIMD",
    changes: "shifts",
    create: (slots) => new WasmSTree(slots),
  },
];

/** The baseline of every table unless `--base` names another: what most VMMs have. */
export const BASELINE = "sorted_array";

/** The contenders by user memory (`--key hva`): KVM's second tree and alternatives to it. */
export const HVA_CONTENDERS: readonly Pick<Contender, "name" | "summary" | "changes">[] = [
  {
    name: "hva_sorted_array",
    summary: "sorted array beside running maxima: the baseline",
    changes: "shifts",
  },
  {
    name: "hva_linear_scan",
    summary: "scan of an array: what KVM did up to 5.16",
    changes: "shifts",
  },
  {
    name: "hva_interval_tree",
    summary: "KVM's augmented red-black tree since 5.17",
    changes: "in place",
  },
];

/** What a change costs the contender of that name; undefined for a file given by its path. */
export function changesOf(name: string): Changes | undefined {
  return [...CONTENDERS, ...HVA_CONTENDERS].find((row) => row.name === name)?.changes;
}
