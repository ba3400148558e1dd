/** The workloads: what can be asked of an index, and the course of each place from a seed. */
import type { Memslot } from "../../impls/memslot.ts";
import { logScript } from "./log_script.ts";
import {
  type Guest,
  GUEST_CHANGES,
  GUEST_TRACE,
  isGuestLayout,
  keptGuest,
  traceScript,
} from "./own_guest.ts";
import { layOut, layoutNamed, PERF_TEST_COUNTS, RECORDED } from "./layouts.ts";
import * as ask from "./queries.ts";
import { mixed, sharesOf, USUAL_MIX } from "./mix.ts";
import * as perf from "./memslot_perf.ts";
import type { Query } from "./queries.ts";
import { type Random, random } from "./random.ts";
import { inCallersNumbers, KINDS, type Script, SCRIPT_LENGTH } from "./script.ts";

/** Something to ask of an index: a row of `WORKLOADS`. */
export interface Workload {
  /** As the command line and the result files name it. */
  readonly name: string;
  /** One line on what is asked, and who asks it. */
  readonly summary: string;
  /** What one step of its scripts is. */
  readonly kind: Script["kind"];
  /** The layouts it is raced on; the first unless told otherwise. */
  readonly layouts: readonly string[];
  /** Its questions are drawn as those of this workload, which they are to be compared with. */
  readonly drawnAs?: string;
  /** By which key: of guest frames unless said, or of user memory. */
  readonly key?: Key;
  /** The slot counts it is raced at unless told otherwise. */
  readonly slotCounts?: readonly number[];
  /** The fewest slots it can be asked of; 1 unless said. */
  readonly least?: number;
  /** Makes the script for a map; null where the map cannot be asked so. */
  readonly query: (...args: Parameters<Query<Script>>) => Script | null | Promise<Script>;
}

/** What slots are found by: guest frame numbers, or host virtual addresses. */
export type Key = "gfn" | "hva";

/** Where a workload runs. */
export interface Place {
  readonly workload: string;
  readonly layout: string;
  readonly slots: number;
  /** Where the guest's memory begins; a power of two or 0. */
  readonly originGfn: number;
  /** The shares of a mix, as `mixText` gives them; `USUAL_MIX` where the workload is one and none is said. */
  readonly mix?: string | undefined;
}

/** A map of memory and the script to replay on it. */
export interface Course {
  readonly slots: readonly Memslot[];
  readonly script: Script;
}

/** Layouts that no real guest has, and that an index must survive. */
const WIDE = ["outlier", "clustered", "doubling", "nested"];
const ALL = ["scattered", "dimms", "contiguous", "pc", ...WIDE];
const WITH_HOLES = ["scattered", "pc", ...WIDE];
const MOVE_LAST = ["contiguous", "scattered", "dimms", ...WIDE];

/** Every workload, one row each. */
export const WORKLOADS: readonly Workload[] = [
  {
    name: "find_uniform",
    summary: "page faults spread evenly: every slot equally likely, all hit",
    kind: "find",
    layouts: ALL,
    query: ask.uniformHits,
  },
  {
    name: "find_serial",
    summary:
      "page faults as a vCPU has them: find_uniform, but each waits for the answer before it",
    kind: "serial",
    layouts: ALL,
    drawnAs: "find_uniform",
    query: ask.serially(ask.uniformHits),
  },
  {
    name: "find_zipf",
    summary: "page faults where few slots are hot: Zipf's law, all hit",
    kind: "find",
    layouts: ALL,
    query: ask.zipfHits,
  },
  {
    name: "find_sequential",
    summary: "a guest that touches page after page",
    kind: "find",
    layouts: ALL,
    query: ask.sequentialHits,
  },
  {
    name: "find_misses",
    summary: "every second lookup is MMIO in a hole",
    kind: "find",
    layouts: ALL,
    query: ask.halfMisses,
  },
  {
    name: "zap_1",
    summary: "kvm_zap_gfn_range inside one slot",
    kind: "range",
    layouts: ALL,
    query: ask.rangeOf(1),
  },
  {
    name: "zap_8",
    summary: "kvm_zap_gfn_range over 8 slots",
    kind: "range",
    layouts: ALL,
    least: 8,
    query: ask.rangeOf(8),
  },
  {
    name: "zap_128",
    summary: "kvm_zap_gfn_range over 128 slots",
    kind: "range",
    layouts: ALL,
    least: 128,
    query: ask.rangeOf(128),
  },
  {
    name: "zap_all",
    summary: "memory attributes over the whole map",
    kind: "range",
    layouts: ALL,
    query: ask.rangeOfAll,
  },
  {
    name: "overlap_check",
    summary: "the overlap check of a slot that fits a hole exactly: nothing comes out",
    kind: "range",
    layouts: WITH_HOLES,
    least: 2,
    query: ask.rangeOfHole,
  },
  {
    name: "recreate_find",
    summary: "delete a random slot, create it again; its place and another are looked up each time",
    kind: "churn_find",
    layouts: ALL,
    drawnAs: "recreate",
    query: ask.lookedAt(ask.recreate),
  },
  {
    name: "move_find",
    summary:
      "move a random slot into a random hole, and back; its places and another are looked up",
    kind: "churn_find",
    layouts: WITH_HOLES,
    drawnAs: "move",
    query: ask.lookedAt(ask.moveAndBack),
  },
  {
    name: "move_last_find",
    summary:
      "memslot_perf_test: move the last slot above everything, and back, its places looked up",
    kind: "churn_find",
    layouts: MOVE_LAST,
    drawnAs: "move_last",
    query: ask.lookedAt(ask.moveLastAndBack),
  },
  {
    name: "recreate",
    summary: "recreate_find, the changes alone: what an index leaves for its next question is free",
    kind: "churn",
    layouts: ALL,
    query: ask.recreate,
  },
  {
    name: "move",
    summary: "move_find, the changes alone",
    kind: "churn",
    layouts: WITH_HOLES,
    query: ask.moveAndBack,
  },
  {
    name: "move_last",
    summary: "move_last_find, the changes alone",
    kind: "churn",
    layouts: MOVE_LAST,
    query: ask.moveLastAndBack,
  },
  {
    name: "mix",
    summary: "lookups, misses, ranges and changes interleaved, in the shares of --mix",
    kind: "mix",
    layouts: WITH_HOLES,
    query: mixed(sharesOf(USUAL_MIX)),
  },
  {
    name: "perf_map",
    summary: "memslot_perf_test map: each page of 32 MiB looked up in turn",
    kind: "find",
    layouts: ["perf_map"],
    slotCounts: PERF_TEST_COUNTS,
    query: perf.everyPage(8192),
  },
  {
    name: "perf_rw",
    summary: "memslot_perf_test RW: the first touch of each page of 512 MiB",
    kind: "find",
    layouts: ["contiguous"],
    slotCounts: PERF_TEST_COUNTS,
    query: perf.everyPage(131_072),
  },
  {
    name: "perf_move",
    summary: "memslot_perf_test move: the last slot there or back, through both of KVM's sets",
    kind: "calls",
    layouts: ["contiguous"],
    slotCounts: PERF_TEST_COUNTS,
    query: perf.moveCalls,
  },
  {
    name: "perf_setup",
    summary: "memslot_perf_test slot setup: all slots created, then all deleted, in both sets",
    kind: "calls",
    layouts: ["contiguous"],
    slotCounts: PERF_TEST_COUNTS,
    query: perf.setupCalls,
  },
  {
    name: "perf_unmap",
    summary: "memslot_perf_test unmap: user memory goes away page by page, 128 MiB in all",
    kind: "range",
    key: "hva",
    layouts: ["perf_unmap"],
    slotCounts: PERF_TEST_COUNTS,
    query: perf.unmapBy(1),
  },
  {
    name: "perf_unmap_chunked",
    summary: "memslot_perf_test unmap chunked: 2 MiB at a time, cut where a slot ends",
    kind: "range",
    key: "hva",
    layouts: ["perf_unmap"],
    slotCounts: PERF_TEST_COUNTS,
    query: perf.unmapBy(512),
  },
  {
    name: "guest_accesses",
    summary: "a recorded Linux guest: 187,864 page changes in RAM, 62,136 MMIO accesses",
    kind: "find",
    layouts: [RECORDED],
    query: async (slots) => (await recorded()).guestAccesses(slots),
  },
  {
    name: "guest_first_touch",
    summary: "the same guest cold: the first touch of each of 149,971 pages",
    kind: "find",
    layouts: [RECORDED],
    query: async (slots) => (await recorded()).guestFirstTouch(slots),
  },
];

/** A workload that comes with the map of a guest of the user's own, and is asked of no other layout. */
export interface GuestWorkload extends Workload {
  /** Makes the script for a guest. */
  readonly queryGuest: (guest: Guest, random: Random) => Script;
}

/** What a guest of the user's own did: see own_guest.ts. */
export const GUEST_WORKLOADS: readonly GuestWorkload[] = [
  {
    name: GUEST_TRACE,
    summary: "the lookups of a recorded guest, on its map (--map, --trace)",
    kind: "find",
    layouts: [],
    query: () => null,
    queryGuest: traceScript,
  },
  {
    name: GUEST_CHANGES,
    summary: "the changes of a recorded guest's map with the lookups between, as they happened",
    kind: "log",
    layouts: [],
    query: () => null,
    queryGuest: logScript,
  },
];

/** The row of that name; `RangeError` with the names there are otherwise. */
export function workloadNamed(name: string): Workload {
  const found = [...WORKLOADS, ...GUEST_WORKLOADS].find((workload) => workload.name === name);
  if (found) return found;
  throw new RangeError(
    `Cannot run ${name} as no workload has that name: there are ${
      WORKLOADS.map((workload) => workload.name).join(", ")
    }`,
  );
}

/**
 * The map and the script of a place, from a seed: the same on every machine. Null where the map
 * cannot be asked so (a range over 128 of 3 slots). Scripts of lookups have `findLength` steps, except
 * for recordings. Each `draw` of one seed is another layout and another script of the same family.
 * `RangeError` where there is no such place.
 */
export async function courseOf(
  place: Place,
  seed: number,
  { findLength = SCRIPT_LENGTH, draw = 0 }: { findLength?: number; draw?: number } = {},
): Promise<Course | null> {
  const workload = workloadNamed(place.workload);
  const { layout, slots: count, originGfn } = place;
  const drawn = (...words: readonly (string | number)[]) =>
    random(seed, ...words, ...draw === 0 ? [] : [`draw ${draw}`]);
  const guest = isGuestLayout(layout) ? await keptGuest(layout) : null;
  const slots = guest?.slots ??
    layOut(layoutNamed(layout), count, { originGfn, random: drawn(layout, count) });
  const { name, drawnAs = name, kind } = workload;
  const length = KINDS[kind].isLookups ? findLength : SCRIPT_LENGTH;
  const isMix = kind === "mix" && place.mix !== undefined;
  const query = isMix ? mixed(sharesOf(place.mix!)) : workload.query;
  const own = GUEST_WORKLOADS.find((workload) => workload.name === name);
  const chance = drawn(drawnAs, layout, count);
  const script = guest !== null && own !== undefined
    ? own.queryGuest(guest, chance)
    : await query(slots, chance, length);
  return script === null ? null : { slots, script: inCallersNumbers(script) };
}

/** Loaded on demand: unpacking the recordings takes longer than a short race. */
function recorded(): Promise<typeof import("./recorded.ts")> {
  return import("./recorded.ts");
}
