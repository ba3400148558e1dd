/**
 * Which gfns share a hint in a ChunkPool. A hint leads to its entry and the two after it, so up to
 * three neighbouring slots may share one.
 *
 * A set is a run of gfns that returns at every `count`-th run, as the sets of a processor's cache do.
 * Where slots lie evenly, a run is as long as the usual distance from slot to slot, a power of two, so
 * that a shift leads to the set. Elsewhere it is as long as the usual slot or distance times an
 * irrational number, so that distant slots meet in a set at random. Each choice is tried on the slots;
 * the first one that is good enough is taken, or the best.
 */
import type { Gfn } from "../memslot.ts";

/** From a gfn to its set. */
export interface Sets {
  /** How many there are: a power of two. */
  readonly count: number;
  /** 0 to 31: the set is gfn >>> shift, modulo count. Or -1. */
  readonly shift: number;
  /** Where shift is -1: the set is the integer part of gfn * setsPerGfn, modulo count. */
  readonly setsPerGfn: number;
}

/** Slots in chunks, in any order. */
export interface Chunks {
  /** Base and end of entry e are bounds[2 * e] and bounds[2 * e + 1]. */
  readonly bounds: Float64Array;
  /** Chunk c has the slots of entries [first[c], last[c]), ascending. */
  readonly first: Uint16Array;
  /** See `first`. */
  readonly last: Uint16Array;
}

/** Lower limits of the sets a slot: where slots lie evenly, and where distant slots may meet. */
const EVEN_SETS = 1.2, UNEVEN_SETS = 2.02;
/** Lower limit of the number of sets. */
const FEWEST_SETS = 64;
/** A choice is good enough if it leads at most this share of the slots astray ... */
const ENOUGH = 0.04;
/** ... or this one, where each further choice takes long. */
const ENOUGH_OF_MANY = 0.12;
/** Chunks from which on a choice takes long: 0.1 ms at 1,300. */
const MANY_CHUNKS = 256;
/** Upper limit of the sets that a choice is tried on, which bounds the time. */
const SAMPLED_SETS = 2048;
/** Upper limit of the chunks in which the usual distance and size are looked for. */
const SAMPLED_CHUNKS = 6;
/** 2^32 divided by the golden ratio, odd: a multiplication by it shuffles the low bits. */
const GOLDEN_RATIO_32 = 0x9e3779b1;
/** Irrational factors, so that slots at powers of two do not meet. */
const FACTORS = [1.2360679774997896, 1.618033988749895, Math.SQRT2, 1.7320508075688772];

/** The sets for these slots. O(slots). */
export function chooseSets(slots: Chunks): Sets {
  let best: Sets = { count: FEWEST_SETS, shift: 31, setsPerGfn: 0 }, least = Infinity;
  for (const sets of choices(slots)) {
    const astray = shareAstray(slots, sets);
    if (astray < least) [best, least] = [sets, astray];
    if (astray <= (slots.first.length < MANY_CHUNKS ? ENOUGH : ENOUGH_OF_MANY)) break;
  }
  return best;
}

/**
 * The sets for `size` slots, where `sets` were chosen for half to twice as many: as many as uneven
 * slots need, for which any number of sets is as good as another. Even slots keep theirs.
 */
export function keepSets(sets: Sets, size: number): Sets {
  return sets.shift >= 0 ? sets : { ...sets, count: countFor(UNEVEN_SETS * size) };
}

/** The set of a gfn, to be taken modulo the number of sets. See `Sets`. */
export function setOf(gfn: Gfn, shift: number, setsPerGfn: number): number {
  return shift >= 0 ? gfn >>> shift : gfn * setsPerGfn;
}

function* choices(slots: Chunks): Generator<Sets> {
  const size = slots.last.reduce((sum, last, chunk) => sum + last - slots.first[chunk], 0);
  const { stride, npages } = usualSizes(slots), shift = Math.floor(Math.log2(stride));
  const even = countFor(EVEN_SETS * size), count = countFor(UNEVEN_SETS * size);
  if (shift <= 31) yield { count: even, shift, setsPerGfn: 0 };
  for (const factor of FACTORS) {
    yield { count, shift: -1, setsPerGfn: 1 / (stride * factor) };
    yield { count, shift: -1, setsPerGfn: 1 / (2 * npages * factor) };
  }
}

/** The least power of two that is at least `sets` and FEWEST_SETS. */
function countFor(sets: number): number {
  return Math.max(FEWEST_SETS, 2 ** Math.ceil(Math.log2(sets)));
}

/**
 * An estimate of the share of slots that hints do not lead to: of those that share a set with more
 * than two neighbours before them, and in some sets, of those that share it with distant slots.
 */
function shareAstray({ bounds, first, last }: Chunks, sets: Sets): number {
  const { shift, setsPerGfn } = sets, mask = sets.count - 1;
  const leaders = new Int32Array(Math.min(sets.count, SAMPLED_SETS));
  let size = 0, crowded = 0, sampled = 0, astray = 0, run = 0, before = -1;
  for (let chunk = 0; chunk < first.length; chunk++) {
    for (let at = first[chunk]; at < last[chunk]; at++) {
      const set = setOf(bounds[2 * at], shift, setsPerGfn) & mask;
      run = set === before ? run + 1 : 0;
      before = set;
      size++;
      crowded += +(run > 2);
      // Shuffled, as else all sets of slots at powers of two would be sampled, or none.
      const i = Math.imul(set, GOLDEN_RATIO_32) & mask;
      if (i >= leaders.length) continue;
      sampled++;
      if (leaders[i] === 0) leaders[i] = at;
      else if (at < leaders[i] || at - leaders[i] > 2) astray++;
    }
  }
  return Math.max(crowded / Math.max(1, size), astray / Math.max(1, sampled));
}

/** Medians, over some chunks, of the gfns from base to base and of the slots' sizes. */
function usualSizes({ bounds, first, last }: Chunks): { stride: number; npages: number } {
  const strides: number[] = [], npages: number[] = [];
  for (
    let chunk = 0;
    chunk < first.length;
    chunk += 1 + Math.floor(first.length / SAMPLED_CHUNKS)
  ) {
    for (let at = first[chunk]; at + 1 < last[chunk]; at++) {
      strides.push(bounds[2 * at + 2] - bounds[2 * at]);
      npages.push(bounds[2 * at + 1] - bounds[2 * at]);
    }
  }
  return { stride: median(strides), npages: median(npages) };
}

function median(values: readonly number[]): number {
  return new Float64Array(values).sort()[values.length >> 1] ?? 1;
}
