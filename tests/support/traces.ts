/** Reading recordings in tests: files that are kept, and texts made on the spot. */
import { Digest } from "../../bench/traces/digest.ts";
import { EVENT_KINDS, type EventName, type LoggedCall } from "../../bench/traces/events.ts";
import type { GuestMap } from "../../bench/traces/guest_map.ts";
import { bytesSource, type Source } from "../../bench/traces/lines.ts";
import { inOrder } from "../../bench/traces/order.ts";
import type { Reading } from "../../bench/traces/reader.ts";
import { openFile } from "../../bench/traces/readers.ts";

/** An event with its name. */
export interface SeenEvent {
  readonly name: EventName;
  readonly start: number;
  readonly end: number;
  readonly time: number;
  readonly line: number;
}

/** All that a file holds. */
export interface WholeFile {
  readonly form: string;
  readonly events: SeenEvent[];
  readonly calls: LoggedCall[];
  readonly reading: Reading;
}

/** A text as a file, or bytes. */
export function source(text: string | Uint8Array, name = "FILE"): Source {
  return bytesSource(name, typeof text === "string" ? new TextEncoder().encode(text) : text);
}

/** A recording of tests/traces/recordings. */
export function recording(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`../traces/recordings/${name}`, import.meta.url));
}

/** A recording that the workloads use. */
export function guestRecording(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`../../bench/workloads/traces/${name}`, import.meta.url));
}

/** A recording as text. */
export function recordedText(name: string): string {
  return new TextDecoder().decode(recording(name));
}

/** Reads a file to its end. */
export async function readWhole(from: Source): Promise<WholeFile> {
  const { form, reading, batches } = await openFile(from);
  const events: SeenEvent[] = [], calls: LoggedCall[] = [];
  for await (const batch of batches) {
    calls.push(...batch.calls);
    for (let at = 0; at < batch.length; at++) {
      const { name } = EVENT_KINDS[batch.kinds[at]];
      const [start, end, time, line] = [batch.starts, batch.ends, batch.times, batch.lines]
        .map((column) => column[at]);
      events.push({ name, start, end, time, line });
    }
  }
  return { form: form.name, events, calls, reading };
}

/** What is in files, taken as one recording. */
export async function digestOf(sources: readonly Source[], map?: GuestMap): Promise<Digest> {
  const digest = new Digest(map), files = [];
  for (const from of sources) files.push(await openFile(from));
  for await (const piece of (await inOrder(files)).pieces) digest.take(piece);
  digest.end();
  return digest;
}

/** Of events, how many there are of each name. */
export function countsOf(events: readonly SeenEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of events) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Text in gzip. */
export async function gzipped(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Pieces of gzip or text, one behind the other. */
export function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
