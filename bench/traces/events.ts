/** What maps and traces say, event by event, whatever form they have. */
import type { UserspaceMemoryRegion } from "../../impls/kvm/memory_region.ts";

/** One `KVM_SET_USER_MEMORY_REGION` or `..._REGION2` as it was logged. */
export interface LoggedCall {
  /** Where it stands in its file, from 1. */
  readonly line: number;
  /** What the kernel was asked for. */
  readonly region: UserspaceMemoryRegion;
  /** What the kernel answered: 0 or minus errno; null where the log does not say. */
  readonly ret: number | null;
}

/** What an event is about. */
export type EventClass = "lookup" | "user" | "call" | "slot";

/** A kind of event: what it is called, and what it means for the map. */
export interface EventKind {
  /** As the recording's own tool calls it; for lists, what an entry is. */
  readonly name: string;
  /** A lookup by gfn, a range of user memory, a change of the map, or a slot of a map as it is. */
  readonly is: EventClass;
}

/** All kinds of events; a batch has their numbers in this list. */
export const EVENT_KINDS = [
  { name: "access", is: "lookup" },
  { name: "kvm_page_fault", is: "lookup" },
  { name: "kvm_guest_fault", is: "lookup" },
  { name: "kvm_mmio", is: "lookup" },
  { name: "kvm_unmap_hva_range", is: "user" },
  { name: "kvm_age_hva", is: "user" },
  { name: "kvm_test_age_hva", is: "user" },
  { name: "set memory region", is: "call" },
  { name: "slot", is: "slot" },
] as const satisfies readonly EventKind[];

/** The name of a kind. */
export type EventName = (typeof EVENT_KINDS)[number]["name"];

/** The number of the kind `name`, as a batch has it. */
export function kindOf(name: EventName): number {
  return EVENT_KINDS.findIndex((kind) => kind.name === name);
}

const CALL = kindOf("set memory region");

/**
 * Events in the order of their file, as columns: an object each would cost more than the reading.
 * The columns are longer than the batch, whose entries are [0, length).
 */
export class EventBatch {
  /** How many events there are. */
  length = 0;
  /** The number of each kind in `EVENT_KINDS`. */
  kinds = new Uint8Array(1024);
  /** The gfn; of user memory the first page (address / 4096); of a slot its base; of a call 0. */
  starts = new Float64Array(1024);
  /** Behind the last page of user memory or of a slot; otherwise 0. */
  ends = new Float64Array(1024);
  /** Seconds by the clock of the recording; NaN where the line has none. */
  times = new Float64Array(1024);
  /** The line in the file, from 1. */
  lines = new Float64Array(1024);
  /** The calls among the events, in order. */
  calls: LoggedCall[] = [];

  /** Empties the batch. */
  clear(): void {
    this.length = 0;
    this.calls = [];
  }

  /** Adds an event. */
  add(kind: number, start: number, end: number, time: number, line: number): void {
    const at = this.length;
    if (at === this.kinds.length) this.#grow();
    this.kinds[at] = kind;
    this.starts[at] = start;
    this.ends[at] = end;
    this.times[at] = time;
    this.lines[at] = line;
    this.length = at + 1;
  }

  /** Adds a call. */
  addCall(call: LoggedCall, time: number): void {
    this.add(CALL, 0, 0, time, call.line);
    this.calls.push(call);
  }

  #grow(): void {
    const size = 2 * this.kinds.length;
    const kinds = new Uint8Array(size);
    kinds.set(this.kinds);
    this.kinds = kinds;
    for (const column of ["starts", "ends", "times", "lines"] as const) {
      const wider = new Float64Array(size);
      wider.set(this[column]);
      this[column] = wider;
    }
  }
}
