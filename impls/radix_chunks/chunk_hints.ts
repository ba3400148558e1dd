/**
 * Hints of where gfns lie in an index that keeps its slots in chunks: a direct-mapped cache of
 * entries by gfn. No contender by itself.
 *
 * The gfns of a set share a hint. A set is a run of gfns that returns every so many gfns, as the sets
 * of a processor's cache do: set = gfn * setsPerGfn, cut off, modulo the number of sets. As a hint
 * leads to its entry and to the two after it, up to three slots in a row share a set without harm.
 *
 * Where slots are spread evenly over a zone, its sets follow each other through it once, a bit more
 * than one for each slot, and no other than neighbours meet. Elsewhere, as with clusters at any
 * distance, sets are as wide as slots usually lie apart; there are twice as many of them, and who
 * meets whom is left to chance, of a few throws the best. Where many would meet all the same, there is
 * one set: it costs little, and remembers the last slot found.
 */
import type { Gfn } from "../memslot.ts";

/** A hint leads to this entry of a chunk's 32 or to one before it: two more entries are tried. */
export const LAST_HINT = 29;

/** An entry for each set, or 0. */
export type Hints = Uint16Array | Int32Array;

/** Slots in chunks of 32 entries: chunk c has slots in entries [first[c], last[c]). */
export interface Chunks {
  /** By entry. */
  readonly bases: Float64Array;
  /** By entry. */
  readonly ends: Float64Array;
  /** By chunk. */
  readonly first: Int32Array;
  /** By chunk. */
  readonly last: Int32Array;
  /** The chunk after a chunk, or -1. */
  readonly next: Int32Array;
  /** The first chunk. */
  readonly head: number;
  /** The number of slots. */
  readonly size: number;
}

/** Sets for each slot, at least: where slots are spread evenly, and where they are not. */
const EVEN_SETS = 1.2, UNEVEN_SETS = 2.02;
/** The fewest sets: 128 bytes. */
const FEWEST_SETS = 64;
/** Which share of the slots may be led astray. */
const MOST_ASTRAY = 0.35;
/** The share from which down nothing better is looked for: of few slots; of many it takes long. */
const FEW_ASTRAY = 0.08, FEW_OF_MANY_ASTRAY = 0.2, MANY_SLOTS = 2048;
/** How many sets, and chunks all over, are looked at to find out. */
const SAMPLED_SETS = 2048, CROWD_CHUNKS = 128;
/** How many chunks are looked at to find out how slots usually lie. */
const USUAL_CHUNKS = 16;
/** Irrational, to keep slots at powers of two out of each other's sets. */
const APART = [1.2360679774997896, 1.618033988749895, Math.SQRT2, 1.7320508075688772];

/** Sets of gfns. */
interface Sets {
  /** A power of two. */
  readonly count: number;
  readonly setsPerGfn: number;
}

/** Hints to each slot, by sets that suit the chunks; `zone` is where most slots are. O(slots). */
export function fitHints(
  chunks: Chunks,
  zone: { startGfn: Gfn; endGfn: Gfn },
): { hints: Hints; setsPerGfn: number } {
  const enough = chunks.size < MANY_SLOTS ? FEW_ASTRAY : FEW_OF_MANY_ASTRAY;
  let best: Sets = { count: 1, setsPerGfn: 0 }, least = MOST_ASTRAY;
  for (const sets of choices(chunks, zone)) {
    const astray = Math.max(crowdedShare(chunks, sets), meetingShare(chunks, sets));
    if (astray > least) continue;
    best = sets;
    least = astray;
    if (astray <= enough) break;
  }
  return { hints: filled(chunks, best), setsPerGfn: best.setsPerGfn };
}

function* choices(chunks: Chunks, zone: { startGfn: Gfn; endGfn: Gfn }): Generator<Sets> {
  const even = setsFor(EVEN_SETS * chunks.size), uneven = setsFor(UNEVEN_SETS * chunks.size);
  // One less, as the first set is the last one as well.
  yield { count: even, setsPerGfn: (even - 1) / (zone.endGfn - zone.startGfn) };
  const { stride, npages } = usualSizes(chunks);
  for (const apart of APART) {
    yield { count: uneven, setsPerGfn: 1 / (stride * apart) };
    yield { count: uneven, setsPerGfn: 1 / (npages * apart) };
  }
}

/** The share of slots that are in a set with more than two neighbours, in some chunks. */
function crowdedShare(chunks: Chunks, { count, setsPerGfn }: Sets): number {
  const { bases, first, last } = chunks, mask = count - 1;
  let sampled = 0, crowded = 0;
  for (let chunk = 0; chunk < first.length; chunk += sampleStep(first.length, CROWD_CHUNKS)) {
    for (let at = first[chunk]; at + 3 < last[chunk]; at++) {
      sampled++;
      const set = (bases[at] * setsPerGfn) & mask, third = (bases[at + 3] * setsPerGfn) & mask;
      crowded += +(set === third);
    }
  }
  return crowded / Math.max(sampled, 1);
}

/** The share of slots that are in a set with such as lie elsewhere, in some sets. */
function meetingShare(chunks: Chunks, { count, setsPerGfn }: Sets): number {
  const { bases, first, last, next } = chunks, mask = count - 1;
  const firstOf = new Int32Array(Math.min(count, SAMPLED_SETS));
  let sampled = 0, meeting = 0;
  for (let chunk = chunks.head; chunk >= 0; chunk = next[chunk]) {
    for (let at = first[chunk]; at < last[chunk]; at++) {
      const set = (bases[at] * setsPerGfn) & mask;
      if (set >= firstOf.length) continue;
      sampled++;
      if (firstOf[set] === 0) firstOf[set] = at;
      else if (at < firstOf[set] || at > firstOf[set] + 2) meeting++;
    }
  }
  return meeting / Math.max(sampled, 1);
}

function filled(chunks: Chunks, { count, setsPerGfn }: Sets): Hints {
  const { bases, ends, first, last, next } = chunks, mask = count - 1;
  const hints = bases.length <= 2 ** 16 ? new Uint16Array(count) : new Int32Array(count);
  for (let chunk = chunks.head; chunk >= 0; chunk = next[chunk]) {
    for (let at = first[chunk]; at < last[chunk]; at++) {
      const set = (bases[at] * setsPerGfn) & mask, lastSet = ((ends[at] - 1) * setsPerGfn) & mask;
      if (hints[set] === 0) hints[set] = Math.min(at, (at & ~31) + LAST_HINT);
      if (hints[lastSet] === 0) hints[lastSet] = hints[set];
    }
  }
  return hints;
}

/** The medians, over some slots, of their sizes and of the gfns from where they begin to the next. */
function usualSizes({ bases, ends, first, last }: Chunks): { stride: number; npages: number } {
  const strides: number[] = [], npages: number[] = [];
  for (
    let chunk = 0;
    chunk < first.length;
    chunk += sampleStep(first.length, USUAL_CHUNKS)
  ) {
    for (let at = first[chunk]; at + 1 < last[chunk]; at++) {
      strides.push(bases[at + 1] - bases[at]);
      npages.push(ends[at] - bases[at]);
    }
  }
  return { stride: median(strides), npages: median(npages) };
}

/** The distance at which `length` pieces are looked at, so that it is `most` of them at most. */
function sampleStep(length: number, most: number): number {
  return 1 + Math.floor(length / most);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 1;
}

/** The least power of two that is at least `sets`, and FEWEST_SETS. */
function setsFor(sets: number): number {
  return Math.max(FEWEST_SETS, 2 ** Math.ceil(Math.log2(sets)));
}
