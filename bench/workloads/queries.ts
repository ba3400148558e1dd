/** How the questions of each workload are drawn. */
import { endGfn, type Gfn, type Memslot, memslot } from "../../impls/memslot.ts";
import type { Random } from "./random.ts";
import type {
  ChurnFindScript,
  ChurnScript,
  FindScript,
  RangeScript,
  SerialScript,
} from "./script.ts";

/**
 * A way to ask: makes a script of `length` steps for a map, or null where the map cannot be asked so. The answers
 * follow from how each query is drawn; tests hold them against the oracle's.
 */
export type Query<S> = (slots: readonly Memslot[], random: Random, length: number) => S | null;

/** Every slot equally likely, and every page in it; all hit. */
export const uniformHits: Query<FindScript> = (slots, random, length) =>
  finds(length, () => pageOf(slots[random.int(0, slots.length - 1)], random));

/** The same lookups, but each waits for the answer before it. */
export function serially(query: Query<FindScript>): Query<SerialScript> {
  return (...args) => {
    const script = query(...args);
    return script && { ...script, kind: "serial" };
  };
}

/** Slots by Zipf's law with exponent 1, ranks dealt out at random; all hit. */
export const zipfHits: Query<FindScript> = (slots, random, length) => {
  const ranked = random.shuffle(slots.slice());
  const cumulative: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= ranked.length; rank++) cumulative.push(total += 1 / rank);
  return finds(length, () => {
    const at = firstAbove(cumulative, random.unit() * total);
    return pageOf(ranked[at], random);
  });
};

/** Page after page through the map from a random slot on, as a guest that zeroes its memory. */
export const sequentialHits: Query<FindScript> = (slots, random, length) => {
  let at = random.int(0, slots.length - 1), page = 0;
  return finds(length, () => {
    if (page === slots[at].npages) [at, page] = [(at + 1) % slots.length, 0];
    return { gfn: slots[at].baseGfn + page++, answer: slots[at] };
  });
};

/** Half the lookups fall into holes and miss, as MMIO does; the others are uniform hits. */
export const halfMisses: Query<FindScript> = (slots, random, length) => {
  const holes = holesOf(slots);
  return finds(length, () => {
    if (random.int(0, 1) === 0) return pageOf(slots[random.int(0, slots.length - 1)], random);
    const hole = holes[random.int(0, holes.length - 1)];
    return { gfn: random.int(hole.startGfn, hole.endGfn - 1), answer: null };
  });
};

/** Ranges that touch exactly `count` slots, from inside the first to inside the last. */
export function rangeOf(count: number): Query<RangeScript> {
  return (slots, random, length) => {
    if (slots.length < count) return null;
    return ranges(slots, length, () => {
      const first = random.int(0, slots.length - count), last = first + count - 1;
      const start = random.int(slots[first].baseGfn, endGfn(slots[first]) - 1);
      const least = Math.max(start, slots[last].baseGfn) + 1;
      return { start, end: random.int(least, endGfn(slots[last])), first, count };
    });
  };
}

/** Exactly a hole: what the overlap check of a new slot asks; nothing comes out. */
export const rangeOfHole: Query<RangeScript> = (slots, random, length) => {
  const holes = holesOf(slots).slice(0, -1); // the last is open to the end of the address space
  if (holes.length === 0) return null;
  return ranges(slots, length, () => {
    const { startGfn, endGfn } = holes[random.int(0, holes.length - 1)];
    return { start: startGfn, end: endGfn, first: 0, count: 0 };
  });
};

/** The whole map, from a page or two before it to a page or two past it. */
export const rangeOfAll: Query<RangeScript> = (slots, random, length) => {
  const base = slots[0].baseGfn, end = endGfn(slots[slots.length - 1]);
  return ranges(slots, length, () => ({
    start: Math.max(0, base - random.int(0, 1)),
    end: end + random.int(0, 1),
    first: 0,
    count: slots.length,
  }));
};

/** Deletes a random slot and creates it anew. */
export const recreate: Query<ChurnScript> = (slots, random, length) =>
  changes(slots, length, () => {
    const slot = slots[random.int(0, slots.length - 1)];
    return [slot, slot];
  });

/** Moves a random slot into a random hole that holds it, and back. */
export const moveAndBack: Query<ChurnScript> = (slots, random, length) => {
  const holes = holesOf(slots);
  return changes(slots, length, () => {
    const slot = slots[random.int(0, slots.length - 1)];
    let hole = holes[random.int(0, holes.length - 1)];
    // The last hole is open-ended, so it holds any slot: give the others a fair number of tries.
    for (let tries = 0; hole.endGfn - hole.startGfn < slot.npages; tries++) {
      hole = tries < 64 ? holes[random.int(0, holes.length - 1)] : holes[holes.length - 1];
    }
    const base = random.int(hole.startGfn, hole.endGfn - slot.npages);
    return [slot, memslot(slot.id, base, slot.npages)];
  });
};

/** memslot_perf_test's move: the last slot to the first gfn above everything, and back. */
export const moveLastAndBack: Query<ChurnScript> = (slots, _, length) => {
  const last = slots[slots.length - 1];
  const moved = memslot(last.id, endGfn(last), last.npages);
  return changes(slots, length, () => [last, moved]);
};

/** The same changes, each with lookups of the place that it empties, the one that it fills and another. */
export function lookedAt(query: Query<ChurnScript>): Query<ChurnFindScript> {
  return (slots, random, length) => {
    const script = query(slots, random, length);
    if (script === null) return null;
    const { before, after } = script;
    const elsewhere = before.map((slot, i) => elsewhereThan([slot, after[i]], slots, random));
    return {
      ...script,
      kind: "churn_find",
      erased: before.map((slot) => pageOf(slot, random).gfn),
      inserted: after.map((slot) => pageOf(slot, random).gfn),
      elsewhere: elsewhere.map(({ gfn }) => gfn),
      others: elsewhere.map(({ answer }) => answer),
    };
  };
}

/** A page of another slot than the one that moves; where there is none, the hole behind both places. */
function elsewhereThan(
  places: readonly Memslot[],
  slots: readonly Memslot[],
  random: Random,
): { gfn: Gfn; answer: Memslot | null } {
  if (slots.length === 1) return { gfn: Math.max(...places.map(endGfn)), answer: null };
  const at = random.int(0, slots.length - 2), id = places[0].id;
  return pageOf(slots[at].id === id ? slots[slots.length - 1] : slots[at], random);
}

/** Given lookups with the answers of `find`: for recorded accesses. */
export function findScript(
  gfns: readonly Gfn[],
  find: (gfn: Gfn) => Memslot | null,
): FindScript {
  return { kind: "find", length: gfns.length, gfns, answers: gfns.map(find) };
}

interface Hole {
  readonly startGfn: Gfn;
  readonly endGfn: Gfn;
}

/** The holes between the slots and, last, as much room again behind them as the widest slot. */
function holesOf(slots: readonly Memslot[]): Hole[] {
  const holes: Hole[] = [];
  for (let i = 1; i < slots.length; i++) {
    const startGfn = endGfn(slots[i - 1]), end = slots[i].baseGfn;
    if (startGfn < end) holes.push({ startGfn, endGfn: end });
  }
  const widest = slots.reduce((most, slot) => Math.max(most, slot.npages), 0);
  const top = endGfn(slots[slots.length - 1]);
  holes.push({ startGfn: top, endGfn: top + widest });
  return holes;
}

function pageOf(slot: Memslot, random: Random): { gfn: Gfn; answer: Memslot } {
  return { gfn: random.int(slot.baseGfn, endGfn(slot) - 1), answer: slot };
}

function finds(length: number, draw: () => { gfn: Gfn; answer: Memslot | null }): FindScript {
  const gfns: Gfn[] = [], answers: (Memslot | null)[] = [];
  for (let i = 0; i < length; i++) {
    const { gfn, answer } = draw();
    gfns.push(gfn);
    answers.push(answer);
  }
  return { kind: "find", length, gfns, answers };
}

/** Up to this number of expected slots they are laid out in the order asked; beyond it, queries share the map. */
const MOST_EXPECTED = 4_000_000;

function ranges(
  slots: readonly Memslot[],
  length: number,
  draw: () => { start: Gfn; end: Gfn; first: number; count: number },
): RangeScript {
  const drawn = Array.from({ length }, draw);
  const total = drawn.reduce((sum, { count }) => sum + count, 0);
  const shared = total > MOST_EXPECTED;
  const expected: Memslot[] = shared ? slots.slice() : [];
  const from: number[] = [], to: number[] = [];
  for (const { first, count } of drawn) {
    const at = shared ? first : expected.length;
    if (!shared) { for (let i = first; i < first + count; i++) expected.push(slots[i]); }
    from.push(at);
    to.push(at + count);
  }
  const starts = drawn.map(({ start }) => start), ends = drawn.map(({ end }) => end);
  return { kind: "range", length, starts, ends, expected, from, to };
}

/** A script of steps there and back, from pairs of a slot and what takes its place. */
function changes(
  slots: readonly Memslot[],
  length: number,
  draw: () => readonly [Memslot, Memslot],
): ChurnScript {
  const before: Memslot[] = [], after: Memslot[] = [];
  for (let i = 0; i < length; i += 2) {
    const [there, back] = draw();
    before.push(there, back);
    after.push(back, there);
  }
  return { kind: "churn", length, size: slots.length, before, after };
}

function firstAbove(ascending: readonly number[], value: number): number {
  let low = 0, high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
