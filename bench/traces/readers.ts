/** All forms that maps and traces come in, and how a file is read without being told which it is. */
import { Cursor, forEachLine } from "./bytes.ts";
import type { EventBatch } from "./events.ts";
import { FTRACE } from "./ftrace.ts";
import { E820, IOMEM } from "./guest_memory.ts";
import { type Source, wholeLines } from "./lines.ts";
import { ACCESSES, SLOT_JSON, SLOT_LIST } from "./lists.ts";
import { MEMORY_TREE } from "./memory_tree.ts";
import { QEMU_LOG } from "./qemu_log.ts";
import { type Form, type LineReader, Reading } from "./reader.ts";
import { STRACE } from "./strace.ts";
import { TraceError } from "./trace_error.ts";

/** Every form, one row each; where a line is of two, the first of them takes the file. */
export const FORMS: readonly Form[] = [
  QEMU_LOG,
  STRACE,
  FTRACE,
  MEMORY_TREE,
  E820,
  IOMEM,
  ACCESSES,
  SLOT_LIST,
  SLOT_JSON,
];

/** So much of a file is searched for a line that shows its form. */
const HEAD_BYTES = 2 ** 20;

/** A file that is being read. */
export interface OpenFile {
  readonly form: Form;
  /** What was found so far; `batch` holds the events of the batch at hand. */
  readonly reading: Reading;
  /** The events, batch by batch; a batch is valid until the next one is asked for. */
  readonly batches: AsyncGenerator<EventBatch>;
}

/** Begins to read a file. `TraceError` where it is of no known form or is damaged. */
export async function openFile(source: Source): Promise<OpenFile> {
  const reading = new Reading(source.name), pieces = wholeLines(source, reading);
  const head: Uint8Array[] = [];
  let size = 0;
  for (let form: Form | null = null; size < HEAD_BYTES;) {
    const { done, value } = await pieces.next();
    if (done) break;
    // A copy, as a piece is valid until the next one is asked for.
    head.push(value.slice());
    size += value.length;
    form = formOf(value);
    if (form !== null) {
      reading.line = 0;
      return { form, reading, batches: batchesOf(form, reading, head, pieces) };
    }
    forEachLine(value, () => reading.line++);
  }
  await pieces.return(undefined);
  throw new TraceError(
    size === 0
      ? `Cannot read ${source.name} as it must have lines: it is empty`
      : `Cannot read ${source.name} as none of its first lines, from line 1 on, is of a known form: ` +
        FORMS.map(({ summary }) => summary).join("; "),
  );
}

/** The form of these lines: a tool's where any line shows it, else the first one's; null for none. */
function formOf(lines: Uint8Array): Form | null {
  const texts: string[] = [], cursor = new Cursor();
  forEachLine(lines, (bytes, start, end) => {
    cursor.set(bytes, start, end);
    texts.push(cursor.rest());
  });
  const ofTool = FORMS.find(({ isPlain, recognises }) => !isPlain && texts.some(recognises));
  if (ofTool !== undefined) return ofTool;
  for (const text of texts) {
    const form = FORMS.find(({ recognises }) => recognises(text));
    if (form !== undefined) return form;
  }
  return null;
}

async function* batchesOf(
  form: Form,
  reading: Reading,
  head: readonly Uint8Array[],
  pieces: AsyncGenerator<Uint8Array>,
): AsyncGenerator<EventBatch> {
  const reader = form.open(reading), { batch } = reading;
  async function* all() {
    yield* head;
    yield* pieces;
  }
  let hasEvents = false;
  for await (const piece of all()) {
    batch.clear();
    takeLines(reader, reading, piece);
    hasEvents ||= batch.length > 0;
    yield batch;
  }
  batch.clear();
  reader.end?.();
  if (!hasEvents && batch.length === 0) {
    const lines = reading.line === 1 ? "1 line" : `${reading.line} lines`;
    throw new TraceError(
      `Cannot read ${reading.name} as it must say something of memory, as ${form.summary}: none in ${lines}`,
    );
  }
  yield batch;
}

function takeLines(reader: LineReader, reading: Reading, piece: Uint8Array): void {
  forEachLine(piece, (bytes, start, end) => {
    reading.line++;
    reader.line(bytes, start, end);
  });
}
