/**
 * The directory of an index that keeps its slots in chunks: which chunk's range holds a gfn. The
 * ranges [lower, upper) of the chunks follow each other without a hole, from -Infinity to Infinity.
 * No contender by itself.
 *
 * Two ways lead to a chunk. The radix table cuts the zone where most chunks are into equal buckets,
 * some 2 to 4 a chunk, and knows for each bucket the chunk that holds its first gfn: from there it is at
 * most CROWD steps along the list, and seldom one. That is the fastest way there is, and a layout
 * can be found on which it is no way at all: a single slot far off leaves all others in one bucket.
 * So a bucket in which more chunks begin is *crowded*: it is cut in its turn by a table of its own,
 * up to DEPTH tables deep, and where that does not help either, the separator tree answers. The
 * tree costs the log of the chunks whatever the layout; it is what makes the worst case.
 *
 * Invariants:
 *  1) next, previous and upper link the chunks in order: each upper is the lower of the next, they
 *     ascend strictly, the first lower is -Infinity, the last upper Infinity;
 *  2) the tree holds the lower of each chunk, and nothing else;
 *  3) a bucket's entry is CROWDED, or names a table for a part of the bucket, or is the chunk that
 *     holds the bucket's first gfn, and then at most CROWD chunks begin later in the bucket;
 *  4) each chunk number below the capacity is in the list, or in the free list, once.
 */
import { type Gfn, GFN_LIMIT } from "../memslot.ts";
import { SeparatorTree } from "./separator_tree.ts";

/** Buckets for each chunk, at most. More cost memory, fewer cost steps along the list. */
const BUCKETS = 4;
/** How many chunks may begin inside a bucket, beyond its first gfn. */
const CROWD = 3;
/** The entry of a bucket that is left to the tree; an entry below it names a table: see #tables. */
const CROWDED = -1;
/** Tables above each other, at most. */
const DEPTH = 4;
/** Up to as many chunks the tree has one node, and beats a second table. */
const ONE_NODE = 64;

/** A window of the table: buckets [offset, offset + length) cut a zone of gfns into equal parts. */
interface Table {
  readonly zoneGfn: Gfn;
  /** A power of two at most 1, so that a bucket begins at a gfn; or 0: one bucket for all. */
  readonly bucketsPerGfn: number;
  readonly offset: number;
  readonly length: number;
}

/** Chunks [from, to) as far as they lie in [floorGfn, ceilingGfn), at a depth of tables. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly floorGfn: Gfn;
  readonly ceilingGfn: Gfn;
  readonly depth: number;
}

/** From gfn to chunk; see the head of its file. */
export class ChunkDirectory {
  /** One past the last gfn of a chunk's range. */
  upper: Float64Array = new Float64Array(0);
  /** The chunk after a chunk in the order of gfns, or the next free chunk; -1 past the last. */
  next: Int32Array = new Int32Array(0);
  /** The chunk before a chunk; -1 before the first. */
  previous: Int32Array = new Int32Array(0);

  #count: number;
  #free: number;
  readonly #tree: SeparatorTree;

  // The root table, in fields of its own as each lookup begins there.
  #zoneGfn = 0;
  #bucketsPerGfn = 0;
  #length = 0;
  /** The buckets of all tables, the root's first. */
  #buckets = new Int32Array(0);
  #bucketCount = 0;
  /** Tables by number; a bucket whose entry is CROWDED - 1 - n is cut by table n + 1. */
  #tables: Table[] = [];
  /** The same for the hot path, four numbers a table: zoneGfn, bucketsPerGfn, length, offset. */
  #packed = new Float64Array(0);
  #changesToRebuild = 0;
  #zone = { startGfn: 0, endGfn: 1 };

  /**
   * `separators` are the lower bounds of chunks 0, 1, 2 ..., the first -Infinity; there is room for
   * `capacity` chunks. The slots lie in [startGfn, endGfn).
   */
  constructor(
    separators: Float64Array,
    { capacity, startGfn, endGfn, nodeLimit }: {
      capacity: number;
      startGfn: Gfn;
      endGfn: Gfn;
      nodeLimit: number;
    },
  ) {
    const count = separators.length;
    this.#count = count;
    this.#tree = new SeparatorTree(separators, { nodeLimit });
    this.upper = new Float64Array(capacity).fill(Infinity);
    this.upper.set(separators.subarray(1));
    this.next = Int32Array.from(this.upper, (_, chunk) => chunk + 1);
    this.previous = Int32Array.from(this.upper, (_, chunk) => chunk - 1);
    this.next[count - 1] = this.next[capacity - 1] = -1;
    this.#free = count < capacity ? count : -1;
    this.rebuild(startGfn, endGfn);
  }

  /** The number of chunks. */
  get count(): number {
    return this.#count;
  }

  /** There is no room for another chunk. */
  get isFull(): boolean {
    return this.#free < 0;
  }

  /** The first chunk. */
  get head(): number {
    return this.#tree.find(-1);
  }

  /** The zone that the root table cuts: where most chunks are. */
  get zone(): { startGfn: Gfn; endGfn: Gfn } {
    return this.#zone;
  }

  /** Bytes held. */
  get bytes(): number {
    return 16 * this.upper.length + 4 * this.#buckets.length + this.#tree.bytes;
  }

  /** The chunk whose range holds `gfn`. */
  find(gfn: Gfn): number {
    const bucket = (gfn - this.#zoneGfn) * this.#bucketsPerGfn;
    let chunk = bucket >= 0 && bucket < this.#length ? this.#buckets[bucket | 0] : CROWDED;
    if (chunk < 0) chunk = this.#findCrowded(chunk, gfn);
    // Due to 3) the chunk is this one or one of the CROWD after it.
    while (this.upper[chunk] <= gfn) chunk = this.next[chunk];
    return chunk;
  }

  /** Adds a chunk that takes [separator, upper) of the range of `before`, and returns it. */
  add(before: number, separator: Gfn): number {
    const chunk = this.#free, after = this.next[before], upper = this.upper[before];
    this.#free = this.next[chunk];
    this.next[chunk] = after;
    this.previous[chunk] = before;
    if (after >= 0) this.previous[after] = chunk;
    this.next[before] = chunk;
    this.upper[chunk] = upper;
    this.upper[before] = separator;
    this.#count++;
    this.#changesToRebuild--;
    this.#tree.insert(separator, chunk);
    this.#retable(0, chunk, separator, upper);
    this.#checkCrowd(separator);
    return chunk;
  }

  /** Makes room for `capacity` chunks; there is none left. */
  grow(capacity: number): void {
    const old = this.upper.length;
    const upper = new Float64Array(capacity), next = new Int32Array(capacity);
    const previous = new Int32Array(capacity);
    upper.set(this.upper);
    next.set(this.next);
    previous.set(this.previous);
    for (let chunk = old; chunk < capacity; chunk++) next[chunk] = chunk + 1;
    next[capacity - 1] = -1;
    this.#free = old;
    this.upper = upper;
    this.next = next;
    this.previous = previous;
  }

  /** Removes a chunk, not the first: the one before takes over its range. */
  remove(chunk: number): void {
    const before = this.previous[chunk], after = this.next[chunk];
    const lower = this.upper[before], upper = this.upper[chunk];
    this.next[before] = after;
    if (after >= 0) this.previous[after] = before;
    this.upper[before] = upper;
    this.next[chunk] = this.#free;
    this.#free = chunk;
    this.#count--;
    this.#changesToRebuild--;
    this.#tree.remove(lower);
    this.#retable(0, before, lower, upper);
  }

  /** Moves the bound between `chunk` and the next to `gfn`, past no other bound. */
  moveUpper(chunk: number, gfn: Gfn): void {
    const from = this.upper[chunk];
    this.upper[chunk] = gfn;
    this.#tree.move(from, gfn);
    if (gfn > from) this.#retable(0, chunk, from, gfn);
    else this.#retable(0, this.next[chunk], gfn, from);
    this.#checkCrowd(gfn);
  }

  /** So many chunks came or went that the tables may not fit any more. */
  get isStale(): boolean {
    return this.#changesToRebuild <= 0;
  }

  /** Fits the tables to the chunks as they are; the slots lie in [startGfn, endGfn). */
  rebuild(startGfn: Gfn, endGfn: Gfn): void {
    const count = this.#count;
    this.#changesToRebuild = 4 + (count >> 1);
    // Ascending marks between which the chunks lie: chunk i in [marks[i], marks[i + 1]).
    const marks = new Float64Array(count + 1), chunks = new Int32Array(count);
    for (let chunk = this.head, i = 0; chunk >= 0; chunk = this.next[chunk], i++) {
      chunks[i] = chunk;
      marks[i + 1] = this.upper[chunk];
    }
    marks[0] = startGfn;
    marks[count] = endGfn;
    this.#tables = [];
    this.#buckets = new Int32Array(0);
    const all = { from: 0, to: count, floorGfn: 0, ceilingGfn: GFN_LIMIT, depth: 1 };
    this.#bucketCount = 0;
    this.#cut(marks, chunks, all);
    this.#buckets = this.#buckets.slice(0, this.#bucketCount);
    this.#packed = Float64Array.from(
      this.#tables.flatMap((t) => [t.zoneGfn, t.bucketsPerGfn, t.length, t.offset]),
    );
    const root = this.#tables[0];
    this.#zoneGfn = root.zoneGfn;
    this.#bucketsPerGfn = root.bucketsPerGfn;
    this.#length = root.length;
    this.#zone = root.bucketsPerGfn === 0
      ? { startGfn, endGfn }
      : { startGfn: root.zoneGfn, endGfn: root.zoneGfn + root.length / root.bucketsPerGfn };
  }

  /** Throws if an invariant does not hold. O(chunks). */
  checkInvariants(): void {
    const entries = this.#tree.checkedEntries();
    let lower = -Infinity, before = -1, chunk = entries[0].piece, listed = 0;
    const inList = new Set<number>();
    for (; chunk >= 0; before = chunk, chunk = this.next[chunk], listed++) {
      inList.add(chunk);
      if (entries[listed]?.piece !== chunk || entries[listed].separator !== lower) {
        throw new Error(`The tree does not hold chunk ${chunk}, against 2)`);
      }
      if (this.previous[chunk] !== before || !(this.upper[chunk] > lower)) {
        throw new Error(`Chunk ${chunk} is linked against 1)`);
      }
      lower = this.upper[chunk];
    }
    if (lower !== Infinity) throw new Error(`The last upper bound is ${lower}, against 1)`);
    if (listed !== entries.length || listed !== this.#count) {
      throw new Error(
        `${listed} chunks are in the list, ${entries.length} in the tree, against 2)`,
      );
    }
    for (let free = this.#free; free >= 0; free = this.next[free]) {
      if (inList.has(free)) throw new Error(`Chunk ${free} is free and in use, against 4)`);
      inList.add(free);
    }
    if (inList.size !== this.upper.length) throw new Error("A chunk is lost, against 4)");
    this.#checkTable(0, Infinity);
  }

  #checkTable(number: number, ceilingGfn: Gfn): void {
    const { zoneGfn, bucketsPerGfn, offset, length } = this.#tables[number];
    for (let bucket = 0; bucket < length; bucket++) {
      const entry = this.#buckets[offset + bucket];
      const start = bucketsPerGfn === 0 ? 0 : zoneGfn + bucket / bucketsPerGfn;
      const end = Math.min(start + 1 / bucketsPerGfn, ceilingGfn);
      if (entry < CROWDED) this.#checkTable(CROWDED - entry, end);
      if (entry < 0) continue;
      let begin = 0;
      for (let chunk = entry; this.upper[chunk] < end; chunk = this.next[chunk]) begin++;
      if (this.#tree.find(start) !== entry || begin > CROWD) {
        throw new Error(`Bucket ${bucket} of table ${number} is ${entry}, against 3)`);
      }
    }
  }

  /** Follows a crowded bucket's tables, then the tree. */
  #findCrowded(entry: number, gfn: Gfn): number {
    const packed = this.#packed;
    while (entry < CROWDED) {
      const table = (CROWDED - entry) << 2;
      const bucket = (gfn - packed[table]) * packed[table + 1];
      entry = bucket >= 0 && bucket < packed[table + 2]
        ? this.#buckets[(packed[table + 3] + bucket) | 0]
        : CROWDED;
    }
    return entry === CROWDED ? this.#tree.find(gfn) : entry;
  }

  /** Points the buckets that begin in [from, to), now all of one chunk, at `chunk`. */
  #retable(number: number, chunk: number, from: Gfn, to: Gfn): void {
    const { zoneGfn, bucketsPerGfn, offset, length } = this.#tables[number];
    if (bucketsPerGfn === 0) return; // its one bucket begins below all: with the first chunk
    const buckets = this.#buckets;
    const begin = Math.ceil((from - zoneGfn) * bucketsPerGfn);
    const end = Math.ceil((to - zoneGfn) * bucketsPerGfn);
    // The bucket that `from` cuts keeps its entry, but what cuts that bucket may not.
    if (begin > 0 && begin <= length) {
      const entry = buckets[offset + begin - 1];
      if (entry < CROWDED) this.#retable(CROWDED - entry, chunk, from, to);
    }
    const first = Math.max(begin, 0), last = Math.min(end, length) - 1;
    if (first > last) return;
    // All but the last lie in [from, to): no chunk begins inside, so they are not crowded.
    buckets.fill(chunk, offset + first, offset + last);
    const entry = buckets[offset + last];
    if (entry >= 0) buckets[offset + last] = chunk;
    else if (entry < CROWDED) this.#retable(CROWDED - entry, chunk, from, to);
  }

  /** Leaves the bucket around a new separator to the tree if too many chunks begin in it. */
  #checkCrowd(separator: Gfn): void {
    let entry = CROWDED, at = -1, end = Infinity;
    for (let number = 0; number >= 0; number = entry < CROWDED ? CROWDED - entry : -1) {
      const { zoneGfn, bucketsPerGfn, offset, length } = this.#tables[number];
      const bucket = Math.floor((separator - zoneGfn) * bucketsPerGfn);
      if (!(bucket >= 0 && bucket < length)) return;
      at = offset + bucket;
      entry = this.#buckets[at];
      end = Math.min(end, zoneGfn + (bucket + 1) / bucketsPerGfn);
    }
    if (entry === CROWDED) return;
    let chunk = entry;
    for (let begun = 0; begun <= CROWD; begun++, chunk = this.next[chunk]) {
      if (this.upper[chunk] >= end) return;
    }
    this.#buckets[at] = CROWDED;
  }

  /** Makes the table for a part of the chunks, and those for its crowded buckets; its number. */
  #cut(marks: Float64Array, chunks: Int32Array, part: Part): number {
    const zone = zoneOf(marks, part), offset = this.#reserveBuckets(zone.length);
    const number = this.#tables.push({ ...zone, offset }) - 1;
    const { zoneGfn, bucketsPerGfn, length } = zone, bucketGfns = 1 / bucketsPerGfn;
    /** The first bucket that begins at or after the start of chunk i. */
    const bucketFrom = (i: number) =>
      Math.min(Math.max(Math.ceil((marks[i] - zoneGfn) * bucketsPerGfn), 0), length);
    if (bucketsPerGfn === 0) this.#buckets[offset] = chunks[part.from];
    for (let i = part.from, from = 0; from < length && bucketsPerGfn > 0; i++) {
      const to = i + 1 < chunks.length ? bucketFrom(i + 1) : length;
      this.#buckets.fill(chunks[i], offset + from, offset + to);
      from = to;
    }
    // Where the CROWD-th chunk after one begins in the same bucket, inside, the bucket is crowded.
    for (let i = Math.max(part.from, 1); i + CROWD < part.to; i++) {
      const bucket = bucketFrom(i) - 1, end = zoneGfn + (bucket + 1) * bucketGfns;
      if (bucket < 0 || bucket >= length || marks[i] <= end - bucketGfns) continue;
      if (marks[i + CROWD] >= end) continue;
      let to = i + CROWD + 1; // One past the last chunk that begins in the bucket.
      while (to < part.to && marks[to] < end) to++;
      let entry = CROWDED;
      if (part.depth < DEPTH && chunks.length > ONE_NODE) {
        const floorGfn = end - bucketGfns, ceilingGfn = Math.min(end, part.ceilingGfn);
        const inside = { from: i - 1, to, floorGfn, ceilingGfn, depth: part.depth + 1 };
        entry = CROWDED - this.#cut(marks, chunks, inside);
      }
      this.#buckets[offset + bucket] = entry;
      i = to - 1;
    }
    return number;
  }

  /** Adds `count` CROWDED buckets; returns where. */
  #reserveBuckets(count: number): number {
    const offset = this.#bucketCount, needed = this.#bucketCount += count;
    if (needed > this.#buckets.length) {
      const buckets = new Int32Array(offset === 0 ? needed : Math.max(needed, 2 * offset));
      buckets.set(this.#buckets.subarray(0, offset));
      this.#buckets = buckets;
    }
    this.#buckets.fill(CROWDED, offset, needed);
    return offset;
  }
}

/** Where in [floorGfn, ceilingGfn) a table for chunks [from, to) should lie: where most are. */
function zoneOf(
  marks: Float64Array,
  { from, to, floorGfn, ceilingGfn }: Part,
): Omit<Table, "offset"> {
  if (to - from === 1) return { zoneGfn: 0, bucketsPerGfn: 0, length: 1 };
  const mark = (i: number) => Math.min(Math.max(marks[i], floorGfn), ceilingGfn);
  let low = from, high = to;
  // Two outer chunks ten times as wide as all between them would leave those in too few buckets.
  while (high - low > 2 && mark(high - 1) - mark(low + 1) < (mark(high) - mark(low)) * 0.1) {
    if (mark(high) - mark(high - 1) > mark(low + 1) - mark(low)) high--;
    else low++;
  }
  // A chunk's worth more on both sides, for what is added there.
  const margin = Math.ceil((mark(high) - mark(low)) / (high - low));
  const zoneGfn = Math.max(floorGfn, mark(low) - margin);
  const width = Math.min(ceilingGfn, mark(high) + margin) - zoneGfn;
  let bucketsPerGfn = 1;
  while (width * bucketsPerGfn > BUCKETS * (high - low + 2)) bucketsPerGfn /= 2;
  return { zoneGfn, bucketsPerGfn, length: Math.ceil(width * bucketsPerGfn) };
}
