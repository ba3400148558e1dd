/** The moment of a log whose map is wanted. */
import type { EventBatch } from "./events.ts";
import type { OpenFile } from "./readers.ts";
import { TraceError } from "./trace_error.ts";

/** The last line that counts, or the last second by the log's clock, or all of the log. */
export type Moment = { readonly line: number } | { readonly seconds: number } | "last";

/**
 * `last`, a line (`120`), or a time as the log has it (`734.66`, `12s`, `12:00:01.5`); null for
 * another text.
 */
export function momentOf(text: string): Moment | null {
  if (text.toLowerCase() === "last") return "last";
  if (/^\d{1,15}$/.test(text)) return Number(text) > 0 ? { line: Number(text) } : null;
  if (/^\d{1,15}(\.\d{1,9})?s$|^\d{1,15}\.\d{1,9}$/.test(text)) {
    return { seconds: parseFloat(text) };
  }
  const clock = /^(\d{1,3}):(\d\d):(\d\d(?:\.\d{1,9})?)$/.exec(text);
  if (clock === null) return null;
  const [hours, minutes, seconds] = clock.slice(1).map(Number);
  return { seconds: (60 * hours + minutes) * 60 + seconds };
}

/** The file up to a moment: what comes later is not read. */
export function upTo(file: OpenFile, moment: Moment): OpenFile {
  return moment === "last" ? file : { ...file, batches: cut(file, moment) };
}

async function* cut(
  { batches, form, reading }: OpenFile,
  moment: Exclude<Moment, "last">,
): AsyncGenerator<EventBatch> {
  try {
    for await (const batch of batches) {
      if (batch.length > 0 && batch.calls.length === 0) {
        throw new TraceError(
          `Cannot take ${reading.name} at a moment as it must be a log of calls: it is ${form.summary}`,
        );
      }
      const { length } = batch;
      batch.length = lengthUpTo(batch, moment);
      yield batch;
      if (batch.length < length) return;
    }
  } finally {
    await batches.return(undefined);
  }
}

function lengthUpTo({ length, lines, times }: EventBatch, moment: Exclude<Moment, "last">): number {
  let at = 0;
  if ("line" in moment) { while (at < length && lines[at] <= moment.line) at++; }
  else while (at < length && !(times[at] > moment.seconds)) at++;
  return at;
}
