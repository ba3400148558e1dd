/** A guest as its recordings tell: its slots at a moment, and what it looked up. */
import type { Gfn } from "../../impls/memslot.ts";
import { EVENT_KINDS } from "./events.ts";
import { GuestMap } from "./guest_map.ts";
import type { Source } from "./lines.ts";
import { LookupSample } from "./lookup_sample.ts";
import { type Moment, upTo } from "./moment.ts";
import { inOrder } from "./order.ts";
import { openFile } from "./readers.ts";

/** Which map of a recording is wanted. */
export interface MapOptions {
  /** The moment; the end of the recording unless it is said. */
  readonly at?: Moment;
  /** Whether the log begins when there are slots already: see `GuestMap`. */
  readonly isMidway?: boolean;
}

/** The map that a file tells of. `TraceError` where it cannot be read. */
export async function readMap(
  source: Source,
  { at = "last", isMidway = false }: MapOptions = {},
): Promise<GuestMap> {
  const map = new GuestMap({ isMidway }), file = upTo(await openFile(source), at);
  for await (const { length, calls, kinds, starts, ends } of file.batches) {
    for (const call of calls) map.apply(call, source.name);
    for (let at = 0; at < length; at++) {
      if (EVENT_KINDS[kinds[at]].is === "slot") map.addSlot(starts[at], ends[at]);
    }
  }
  return map;
}

/** The lookups that files tell of, in order; of long ones a sample. `TraceError` as above. */
export async function readLookups(sources: readonly Source[]): Promise<Gfn[]> {
  const files = [], sample = new LookupSample();
  for (const source of sources) files.push(await openFile(source));
  for await (const { batch, from, to } of (await inOrder(files)).pieces) {
    for (let at = from; at < to; at++) {
      if (EVENT_KINDS[batch.kinds[at]].is === "lookup") sample.add(batch.starts[at]);
    }
  }
  return sample.gfns;
}
