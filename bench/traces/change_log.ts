/** What the index of a recorded guest saw: its changes in order, and the lookups between them. */
import type { Gfn, Memslot } from "../../impls/memslot.ts";
import type { SlotChange } from "./guest_map.ts";

/** A lookup by its gfn, or a slot that was erased or inserted. */
export type LogEvent = Gfn | { readonly is: "erase" | "insert"; readonly slot: Memslot };

/**
 * Erasures and insertions that are kept, the last ones. There and back at 32,764 slots they take sorted_array
 * 0.1 s, by its 25 us for one of each.
 */
const MOST_CHANGES = 4096;

/** Lookups that are kept after each change, the first ones: between two a guest may fault for hours. */
const MOST_LOOKUPS = 2048;

/** Events that are kept, the last ones: a race replays them in some milliseconds. */
const MOST_EVENTS = 131_072;

/** The log, as far as its recording has been read. */
export class ChangeLog {
  #events: LogEvent[] = [];
  /** Lookups since the last change; Infinity before the first. */
  #pause = Infinity;
  /** Whether a lookup lies between two changes. */
  #isJoined = false;

  /** Takes the next lookup. Those before the first change belong to no log. */
  lookUp(gfn: Gfn): void {
    if (this.#pause++ < MOST_LOOKUPS) this.#events.push(gfn);
  }

  /** Takes the next change. */
  change({ erased, inserted }: SlotChange): void {
    this.#isJoined ||= this.#pause > 0 && Number.isFinite(this.#pause);
    this.#pause = 0;
    if (erased !== null) this.#events.push({ is: "erase", slot: erased });
    if (inserted !== null) this.#events.push({ is: "insert", slot: inserted });
    if (this.#events.length > 2 * MOST_EVENTS) this.#events.splice(0, MOST_EVENTS);
  }

  /**
   * The last events. Changes alone where no lookup lies between two of them: those of files without a
   * common clock say nothing of what came when.
   */
  get events(): LogEvent[] {
    const events = this.#isJoined
      ? this.#events
      : this.#events.filter((event) => typeof event !== "number");
    let from = events.length;
    for (let changes = 0; from > 0 && events.length - from < MOST_EVENTS; from--) {
      if (typeof events[from - 1] !== "number" && changes++ === MOST_CHANGES) break;
    }
    return events.slice(from);
  }
}
