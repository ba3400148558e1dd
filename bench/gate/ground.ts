/** Places, sizes and number of the slots of a random history. */
import { type Gfn, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import type { Random } from "../workloads/random.ts";

/** How large histories get. */
export interface Scale {
  /** Slots that a history steers towards, one of these. */
  readonly sizes: readonly number[];
  /** Slots that are inserted or erased in a row, at most. */
  readonly burst: number;
}

/** Layouts that are hard for some structures, besides whole strides from an origin. */
export const PLACES: ReadonlyMap<string, (random: Random) => Gfn> = new Map([
  ["scattered", ({ int }) => int(0, 2 ** 16)],
  ["one far off", ({ int }) => int(0, 49) === 0 ? 2 ** 51 : 2 ** 20 + int(0, 2 ** 12)],
  ["log-uniform", ({ unit }) => Math.floor(2 ** (52 * unit()))],
  ["doubling", ({ int }) => 2 ** int(0, 51) + int(0, 7)],
  ["two clusters", ({ int }) => (int(0, 1) === 0 ? 0 : 2 ** 50) + int(0, 2 ** 10)],
  ["nested clusters", ({ int }) => {
    let gfn = int(0, 3);
    for (let bit = 2; bit < 50; bit += 4) if (int(0, 1) === 0) gfn += 2 ** bit;
    return gfn;
  }],
  ["at the very top", ({ int }) => GFN_LIMIT - 1 - int(0, 2 ** 11)],
]);
/** The first gfn of the strides, or lower where they would end past 2^52. */
const ORIGINS = [0, 2 ** 20, 2 ** 31 - 256, 2 ** 32 - 256, 2 ** 40, GFN_LIMIT];
/** Pages that bases and sizes are multiples of. */
const STRIDES = [1, 1, 16, 3000, 2 ** 22, 2 ** 37];
/** The lowest id of a history; ids ascend or descend with the bases. */
const FIRST_IDS = [0, 1, 500, 2 ** 31 - 8, 2 ** 40];

/** The ground of one history. */
export interface Ground {
  /** Slots that the history steers towards. */
  readonly target: number;
  /** A base, most often of a slot that is free. */
  readonly draw: (random: Random) => Gfn;
  /** Pages that most sizes are a multiple of. */
  readonly stride: number;
  readonly firstId: number;
}

/** Draws a ground. */
export function groundOf({ sizes }: Scale, random: Random): Ground {
  const pick = <T>(all: readonly T[]) => all[random.int(0, all.length - 1)];
  const target = pick(sizes), firstId = pick(FIRST_IDS);
  if (target < 2 ** 12 && random.int(0, 3) === 0) {
    return { target, firstId, stride: pick(STRIDES), draw: pick([...PLACES.values()]) };
  }
  const strides = Math.max(64, 8 * target);
  const stride = Math.min(pick(STRIDES), Math.floor(GFN_LIMIT / strides));
  const origin = Math.min(pick(ORIGINS), GFN_LIMIT - strides * stride);
  const draw = ({ int }: Random) => origin + stride * int(0, strides - 1);
  return { target, firstId, stride, draw };
}

/** The initial slots, ascending; half of them touch the one before. */
export function slotsOn({ target, draw, stride, firstId }: Ground, random: Random): Memslot[] {
  const { int } = random, isDown = int(0, 1) === 0, slots: Memslot[] = [];
  const bases = Float64Array.from({ length: target }, () => draw(random)).sort();
  let end = 0;
  for (const base of bases) {
    const touches = slots.length > 0 && (base < end || int(0, 1) === 0);
    const baseGfn = touches ? end : base, npages = stride * int(1, 4);
    if (baseGfn + npages > GFN_LIMIT) break;
    const nth = isDown ? target - 1 - slots.length : slots.length;
    slots.push(memslot(firstId + nth, baseGfn, npages));
    end = baseGfn + npages;
  }
  return slots;
}
