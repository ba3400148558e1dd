/** A guest as its recordings tell: its slots at a moment, what it looked up and how its map changed. */
import type { Gfn, Memslot } from "../../impls/memslot.ts";
import { ChangeLog, type LogEvent } from "./change_log.ts";
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

/** A guest that was recorded. */
export interface RecordedGuest {
  /** Its slots, ascending. */
  readonly slots: readonly Memslot[];
  /** Its lookups, in order; of long recordings a sample. */
  readonly gfns: readonly Gfn[];
  /** The changes of its map and the lookups between them: see `ChangeLog`. */
  readonly log: readonly LogEvent[];
}

/**
 * The guest of a map and of traces, in one pass over them: its map follows the calls of `map`, its
 * lookups are those of `traces`, among which `map` may be. `TraceError` where one cannot be read.
 */
export async function readGuest(
  map: Source,
  traces: readonly Source[],
  { at = "last", isMidway = false }: MapOptions = {},
): Promise<RecordedGuest> {
  const guest = new GuestMap({ isMidway }), sample = new LookupSample(), log = new ChangeLog();
  const isTraced = traces.some(({ name }) => name === map.name);
  const files = [upTo(await openFile(map), at)];
  for (const trace of traces) if (trace.name !== map.name) files.push(await openFile(trace));
  const [mapFile] = files;
  for await (const { file, batch, from, to, firstCall } of (await inOrder(files)).pieces) {
    let call = firstCall;
    for (let at = from; at < to; at++) {
      const { is } = EVENT_KINDS[batch.kinds[at]];
      if (is === "lookup" && (file !== mapFile || isTraced)) {
        sample.add(batch.starts[at]);
        log.lookUp(batch.starts[at]);
      } else if (is === "slot" && file === mapFile) {
        guest.addSlot(batch.starts[at], batch.ends[at]);
      } else if (is === "call") {
        const change = file === mapFile ? guest.apply(batch.calls[call], map.name) : null;
        if (change !== null) log.change(change);
        call++;
      }
    }
  }
  return { slots: guest.slots(), gfns: sample.gfns, log: log.events };
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
