/**
 * Histories that each index must pass first: KVM's golden table, a few slots that are inserted and
 * erased one by one, and each call that the contract forbids, on an empty index and on four slots.
 */
import { GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { GOLDEN_HISTORIES } from "./golden.ts";
import type { Call, History } from "./history.ts";

/** What is no gfn of a frame, no number of pages, no id and no object. */
const NO_GFNS = [-1, -Infinity, GFN_LIMIT, 2 ** 53, Infinity, NaN];
const NO_BASES = [...NO_GFNS, 0.5, "0", undefined, null];
const NO_SIZES = [0, -1, 0.5, GFN_LIMIT + 1, Infinity, NaN, "1", undefined];
const NO_IDS = [-1, 0.5, Infinity, NaN, "1", undefined];
const NO_OBJECTS = [null, undefined, 1, "slot", true, {}];

const [A, B, C, D] = [[0, 2], [2, 1], [8, 4], [GFN_LIMIT - 4, 4]]
  .map(([base, npages], i) => memslot(i + 1, base, npages));
/** One that fits between B and C. */
const FREE = memslot(9, 4, 2);

/** What is no slot, for one reason. */
const NO_SLOTS = [
  ...NO_BASES.map((baseGfn) => ({ ...FREE, baseGfn })),
  ...NO_SIZES.map((npages) => ({ ...FREE, npages })),
  ...NO_IDS.map((id) => ({ ...FREE, id })),
  { ...FREE, baseGfn: GFN_LIMIT - 1 },
  ...NO_OBJECTS,
] as Memslot[];

/** What `erase` finds by no base: whatever else is wrong with a slot, an index need not look at. */
const NO_ERASES = [...NO_BASES.map((baseGfn) => ({ ...FREE, baseGfn })), ...NO_OBJECTS, FREE];

/** Lists that no index may be created from. */
const NO_LISTS: readonly (readonly Memslot[])[] = [
  ...NO_SLOTS.flatMap((no) => [[no], [A, no, C]]),
  [A, A],
  [A, { ...A, id: 9 }],
  [B, A],
  [A, C, B],
  [A, memslot(9, 1, 4), C],
  [A, memslot(9, 4, 8), C],
  [A, B, { ...C, id: A.id }],
];

/** What overlaps A, B, C or D: from before, inside or behind, or all of it. */
const OVERLAPPING = [
  ...[A, { ...A }, B, C, D],
  ...[[0, 1], [1, 1], [1, 4], [1, 12], [3, 6], [4, 5], [9, 2], [11, 8]]
    .map(([base, npages]) => memslot(9, base, npages)),
  ...[[0, GFN_LIMIT], [GFN_LIMIT - 5, 2], [GFN_LIMIT - 1, 1]]
    .map(([base, npages]) => memslot(9, base, npages)),
];

const MISSING = [1, 3, 9, 12, GFN_LIMIT - 5, GFN_LIMIT - 3, GFN_LIMIT - 1]
  .map((base) => memslot(0, base, 1));

/** Questions that show whether the index is as before. */
const LOOK: readonly Call[] = [
  { kind: "size" },
  ...[0, 1, 2, 3, 8, 11, 12, GFN_LIMIT - 1].map((gfn): Call => ({ kind: "find", gfn })),
  { kind: "range", startGfn: 0, endGfn: GFN_LIMIT },
  { kind: "check" },
];

/** Questions by numbers that are no gfn, and by -0. */
const ODD_QUESTIONS: readonly Call[] = [
  ...[...NO_GFNS, -0].map((gfn): Call => ({ kind: "find", gfn })),
  ...[...NO_GFNS, -0].filter((gfn) => !Number.isNaN(gfn)).flatMap((gfn): Call[] => [
    { kind: "start", cursor: 0, gfn },
    ...[...NO_GFNS, -0].map((endGfn): Call => ({ kind: "next", cursor: 0, endGfn })),
  ]),
  { kind: "fresh" },
];

const insert = (slot: Memslot): Call => ({ kind: "insert", slot });
const erase = (slot: unknown): Call => ({ kind: "erase", slot: slot as Memslot });
const createBad = (slots: readonly Memslot[]): Call => ({ kind: "createBad", slots });

/** Each of `calls` in a history of its own, as one that changes an index would hide the next. */
function each(slots: readonly Memslot[], calls: readonly Call[]): History[] {
  return calls.map((call) => ({ slots, steps: [call, ...LOOK].map(onA) }));
}

function onA(call: Call) {
  return { ...call, on: "A" as const };
}

/** Inserts and erases the slots one by one. */
const LIFE: readonly Call[] = [A, C, B, D].flatMap((slot) => [insert(slot), ...LOOK])
  .concat([B, A, D, C, A].flatMap((slot, i) => [i < 4 ? erase(slot) : insert(slot), ...LOOK]));

/** See the head of the file. */
export const FIXED_HISTORIES: readonly History[] = [
  ...GOLDEN_HISTORIES,
  { slots: [A], steps: [...LOOK, erase(A), ...LOOK, ...LIFE].map(onA) },
  ...[[], [A], [A, B, C, D]].map((slots) => ({ slots, steps: ODD_QUESTIONS.map(onA) })),
  ...[[], [A, B, C, D]].flatMap((slots) => {
    return each(slots, [
      ...NO_SLOTS.map(insert),
      ...NO_ERASES.map(erase),
      ...NO_LISTS.map(createBad),
    ]);
  }),
  ...each([A, B, C, D], [...OVERLAPPING.map(insert), ...MISSING.map(erase)]),
  // Refused again and again, an index is as before, and takes what is right.
  {
    slots: [A, B, C, D],
    steps: [...OVERLAPPING.map(insert), ...MISSING.map(erase), insert(FREE), ...LOOK].map(onA),
  },
];
