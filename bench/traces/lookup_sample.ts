/** The lookups of a trace of any length, in windows spread evenly over it. */
import type { Gfn } from "../../impls/memslot.ts";

/** Lookups of a window: enough that nearly every pair of consecutive lookups is kept. */
const WINDOW = 2048;

/** Windows that are kept at most: 262,144 lookups, which a race replays in some milliseconds. */
const MOST_WINDOWS = 128;

/** All lookups of a short trace, and of a long one every 2nd, 4th, ... window. */
export class LookupSample {
  /** How many lookups there were. */
  lookups = 0;
  #windows: Gfn[][] = [];
  /** Every so manieth window is kept: a power of two. */
  #every = 1;

  /** The lookups that are kept, in order. */
  get gfns(): Gfn[] {
    return this.#windows.flat();
  }

  /** Takes the next lookup. */
  add(gfn: Gfn): void {
    const at = this.lookups++, window = Math.floor(at / WINDOW);
    if (window % this.#every !== 0) return;
    if (at % WINDOW === 0) this.#begin();
    this.#windows[this.#windows.length - 1].push(gfn);
  }

  #begin(): void {
    // The window that begins is kept too: its number is an even multiple of the old `every`.
    if (this.#windows.length === MOST_WINDOWS) {
      this.#windows = this.#windows.filter((_, i) => i % 2 === 0);
      this.#every *= 2;
    }
    this.#windows.push([]);
  }
}
