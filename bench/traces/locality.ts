/**
 * How local the lookups of a trace are: strides, after how many lookups a page comes again, and how
 * many pages there are. In bounded memory, whatever the length of the trace: where there are too many
 * pages, those whose hash is below a limit stand for all (C. A. Waldspurger and others, "Efficient MRC
 * Construction with SHARDS", FAST 2015).
 */
import type { Gfn } from "../../impls/memslot.ts";
import { Timeline } from "./timeline.ts";

/** The most pages that are kept; beyond it, half of them go. A power of two. */
const MOST_PAGES = 2 ** 18;

/** Lookups of a window, for the working set over time. */
const WINDOW = 2 ** 16;

/** One above the largest hash. */
const HASHES = 2 ** 32;

/** How far a lookup is from the one before it, in pages. */
export interface Strides {
  /** The same page. */
  same: number;
  /** The next page, or the one before. */
  neighbour: number;
  /** Less than 512 pages, 2 MiB, away. */
  near: number;
  /** Further away. */
  far: number;
}

/** What is known of the lookups so far. */
export class Locality {
  /** How many lookups there were. */
  lookups = 0;
  /** How far each is from the one before it. */
  readonly strides: Strides = { same: 0, neighbour: 0, near: 0, far: 0 };
  /** Pages that come again: entry i counts those after [2^i, 2^(i+1)) lookups. */
  readonly reuse = new Float64Array(53);
  /** Pages in each window of 65,536 lookups. */
  readonly workingSets = new Timeline("max");

  #last: Gfn = NaN;
  /** gfns, NaN where there is none, and the number of the last lookup of each. */
  #pages = new Float64Array(2 * MOST_PAGES).fill(NaN);
  readonly #seen = new Float64Array(2 * MOST_PAGES);
  #count = 0;
  #limit = HASHES;
  #windowPages = 0;
  #windowStart = 0;

  /** How many pages there are; exact where `isExact`. */
  get pages(): number {
    return Math.round(this.#count * this.#weight);
  }

  /** Whether all pages are kept, so that nothing is an estimate. */
  get isExact(): boolean {
    return this.#limit === HASHES;
  }

  /** Takes the next lookup. */
  add(gfn: Gfn): void {
    const at = this.lookups++;
    this.#stride(Math.abs(gfn - this.#last));
    this.#last = gfn;
    if (at - this.#windowStart === WINDOW) this.#endWindow(at);
    if (hashOf(gfn) < this.#limit) this.#touch(gfn, at);
  }

  /** Ends the last window. */
  end(): void {
    if (this.lookups > this.#windowStart) this.#endWindow(this.lookups);
  }

  get #weight(): number {
    return HASHES / this.#limit;
  }

  #stride(pages: number): void {
    const { strides } = this;
    if (pages === 0) strides.same++;
    else if (pages === 1) strides.neighbour++;
    else if (pages < 512) strides.near++;
    else if (pages >= 512) strides.far++; // The first lookup has none.
  }

  #endWindow(at: number): void {
    this.workingSets.add(this.#windowPages * this.#weight);
    this.#windowPages = 0;
    this.#windowStart = at;
  }

  #touch(gfn: Gfn, at: number): void {
    const place = this.#placeOf(gfn);
    if (this.#pages[place] === gfn) {
      const since = at - this.#seen[place];
      this.reuse[Math.floor(Math.log2(since))] += this.#weight;
      if (this.#seen[place] < this.#windowStart) this.#windowPages++;
      this.#seen[place] = at;
      return;
    }
    this.#pages[place] = gfn;
    this.#seen[place] = at;
    this.#windowPages++;
    if (++this.#count > MOST_PAGES) this.#halve();
  }

  /** Where `gfn` is, or where it belongs: the table is never more than half full. */
  #placeOf(gfn: Gfn): number {
    const pages = this.#pages, mask = pages.length - 1;
    let place = hashOf(gfn) & mask;
    while (pages[place] === pages[place] && pages[place] !== gfn) place = (place + 1) & mask;
    return place;
  }

  #halve(): void {
    const pages = this.#pages, seen = this.#seen.slice();
    this.#limit /= 2;
    this.#pages = new Float64Array(pages.length).fill(NaN);
    this.#count = 0;
    this.#windowPages = 0;
    for (let i = 0; i < pages.length; i++) {
      if (Number.isNaN(pages[i]) || hashOf(pages[i]) >= this.#limit) continue;
      const place = this.#placeOf(pages[i]);
      this.#pages[place] = pages[i];
      this.#seen[place] = seen[i];
      this.#count++;
      if (seen[i] >= this.#windowStart) this.#windowPages++;
    }
  }
}

/**
 * An integer in [0, 2^32) that is spread evenly, whatever bits the gfns differ in (the finalizer of
 * MurmurHash3).
 */
function hashOf(gfn: Gfn): number {
  let hash = (gfn % HASHES) ^ Math.imul(gfn / HASHES, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
