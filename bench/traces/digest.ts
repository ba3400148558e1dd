/** What is in a recording: events, the map over time, hits and misses, locality. */
import { endGfn, type Gfn, type Memslot } from "../../impls/memslot.ts";
import { EVENT_KINDS, type EventName } from "./events.ts";
import { GuestMap } from "./guest_map.ts";
import { Locality } from "./locality.ts";
import type { Piece } from "./order.ts";
import { Timeline } from "./timeline.ts";

const CLASSES = EVENT_KINDS.map(({ is }) => is);

/** The most places of memory that are told apart when lookups are counted by slot. */
const MOST_PLACES = 2 ** 16;

/** Lookups of a place of memory. */
export interface PlaceCount {
  readonly baseGfn: Gfn;
  readonly endGfn: Gfn;
  readonly lookups: number;
}

/** What is in a recording; `take` is given its events in order. */
export class Digest {
  readonly map: GuestMap;
  readonly locality = new Locality();
  /** Lookups of address space 0 that find a slot, at the moment of the lookup. */
  hits = 0;
  /** Those that find none. */
  misses = 0;
  /** Those that KVM's one-entry cache answers: they find the slot of the last one that found any. */
  cacheHits = 0;
  /** How many slots there are, change by change. */
  readonly slotCounts = new Timeline("max");
  /** The most slots there were. */
  mostSlots = 0;
  /** Lookups that find no slot, over all lookups. */
  readonly missCounts = new Timeline("sum");
  /** All lookups, in the same points. */
  readonly lookupCounts = new Timeline("sum");
  /** The first line of each file, by its name, whose time is before that of the line before it. */
  readonly backwards = new Map<string, number>();

  readonly #counts = new Float64Array(EVENT_KINDS.length);
  readonly #places = new Map<Gfn, { slot: Memslot; lookups: number }>();
  readonly #lastTimes = new Map<string, number>();
  #lastSlot: Memslot | null = null;
  #lastPlace = { lookups: 0 };

  /** An empty digest, over a map that the events are to fill. */
  constructor(map = new GuestMap()) {
    this.map = map;
  }

  /** Kinds of events and how many there were, those that occurred. */
  get events(): (readonly [name: EventName, count: number])[] {
    return EVENT_KINDS.map(({ name }, kind) => [name, this.#counts[kind]] as const)
      .filter(([, count]) => count > 0);
  }

  /** Lookups by slot, the most frequent first. */
  get places(): PlaceCount[] {
    return [...this.#places.values()]
      .map(({ slot, lookups }) => ({ baseGfn: slot.baseGfn, endGfn: endGfn(slot), lookups }))
      .sort((a, b) => b.lookups - a.lookups);
  }

  /** Takes the next events. */
  take({ file, batch, from, to, firstCall }: Piece): void {
    const { kinds, starts, ends } = batch, { name } = file.reading;
    this.#checkTimes(name, batch, { from, to });
    let call = firstCall;
    for (let at = from; at < to; at++) {
      const kind = kinds[at];
      this.#counts[kind]++;
      switch (CLASSES[kind]) {
        case "lookup":
          this.#lookUp(starts[at]);
          break;
        case "call":
          this.map.apply(batch.calls[call++], name);
          this.#changed();
          break;
        case "slot":
          this.map.addSlot(starts[at], ends[at]);
          this.#changed();
          break;
        case "user":
          break;
      }
    }
  }

  /** The recording has ended. */
  end(): void {
    this.locality.end();
  }

  #lookUp(gfn: Gfn): void {
    this.locality.add(gfn);
    const slot = this.map.find(gfn);
    this.lookupCounts.add(1);
    this.missCounts.add(slot === null ? 1 : 0);
    if (slot === null) {
      this.misses++;
      return;
    }
    this.hits++;
    if (slot === this.#lastSlot) this.cacheHits++;
    else this.#goTo(slot);
    this.#lastPlace.lookups++;
  }

  #goTo(slot: Memslot): void {
    this.#lastSlot = slot;
    const known = this.#places.get(slot.baseGfn);
    if (known !== undefined) this.#lastPlace = known;
    else {
      const place = { slot, lookups: 0 };
      if (this.#places.size < MOST_PLACES) this.#places.set(slot.baseGfn, place);
      this.#lastPlace = place;
    }
  }

  #changed(): void {
    const { size } = this.map;
    this.mostSlots = Math.max(this.mostSlots, size);
    this.slotCounts.add(size);
    this.#lastSlot = null;
  }

  #checkTimes(name: string, { times, lines }: Piece["batch"], { from, to }: Span): void {
    if (this.backwards.has(name)) return;
    let last = this.#lastTimes.get(name) ?? -Infinity;
    for (let at = from; at < to; at++) {
      if (times[at] < last) {
        this.backwards.set(name, lines[at]);
        return;
      }
      if (times[at] > last) last = times[at];
    }
    this.#lastTimes.set(name, last);
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}
