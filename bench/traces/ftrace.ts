/**
 * The kernel's events of KVM as `/sys/kernel/tracing/trace`, `trace_pipe`, `trace-cmd report` and
 * `perf script` print them: `TASK-PID [CPU] FLAGS SECONDS: EVENT: fields`, perf's event with `kvm:`
 * before it. Flags, CPU and the form of the task do not matter: the event stands behind the first
 * number that ends in a colon.
 */
import { Cursor, isDigit, wordOf } from "./bytes.ts";
import { type EventName, kindOf } from "./events.ts";
import { readCall } from "./qemu_log.ts";
import type { Form, LineReader, Reading } from "./reader.ts";

const SPACE = 32, TAB = 9, HASH = 35, DOT = 46, COLON = 58;

/** The kernel's trace. */
export const FTRACE: Form = {
  name: "ftrace",
  summary: "the kernel's trace: ftrace, trace-cmd report, perf script",
  holds: "both",
  recognises: (line) =>
    /^# tracer: /.test(line) || /^version = \d+$/.test(line) ||
    /(^|\s)\d+(\.\d+)?:\s+(kvm:)?kvm_\w+:/.test(line) ||
    /\[\d+\]\s+(\S{4,5}\s+)?\d+(\.\d+)?:\s+\S+?:/.test(line),
  open: (reading) => new FtraceReader(reading),
};

/** How the address of an event is found: behind `word`, and that of its end behind `upTo`. */
interface EventForm {
  readonly name: EventName;
  readonly word: Uint8Array;
  readonly wordText: string;
  /** Behind it stands the first address that is not of the range; one page where it is missing. */
  readonly upTo?: Uint8Array;
}

const TO = wordOf(" -- ");

/** The events that say something of memory. A tag of `NameCounts` is a place here, from 1. */
const FORMS: readonly EventForm[] = [
  form("kvm_page_fault", "address "),
  form("kvm_guest_fault", "ipa "),
  form("kvm_mmio", "gpa "),
  { ...form("kvm_unmap_hva_range", "range: "), upTo: TO },
  { ...form("kvm_age_hva", "hva: "), upTo: TO },
  { ...form("kvm_test_age_hva", "hva: "), upTo: TO },
];

const KINDS = FORMS.map(({ name }) => kindOf(name));

function form(name: EventName, wordText: string): EventForm {
  return { name, word: wordOf(wordText), wordText };
}

/** The tag of an event that no reader takes, of a probe on the ioctl, and of a marker of QEMU's. */
const OTHER = 0, CALL = FORMS.length + 1, MARKER = FORMS.length + 2;

/** What an event is, by its name: a place in `FORMS`, from 1, or one of the tags above. */
function tagOf(name: string): number {
  const at = FORMS.findIndex((form) => form.name === name);
  if (at !== -1) return at + 1;
  // Names of dynamic events are the user's own: results/recording.md calls one kvm_set_memslot.
  if (/set_memslot|set_memory_region|set_user_memory/.test(name)) return CALL;
  return name === "tracing_mark_write" || name === "print" ? MARKER : OTHER;
}

const PERF_SYSTEM = wordOf("kvm:"), QEMU_EVENT = wordOf("kvm_set_user_memory ");
const LOST = /\[LOST (\d+) EVENTS\]|LOST (\d+) events!/i;

class FtraceReader implements LineReader {
  readonly #reading: Reading;
  readonly #cursor = new Cursor();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const colon = timeEnd(bytes, start, end);
    if (colon === -1) return this.#lineWithoutTime(bytes, start, end);
    const cursor = this.#cursor, { others } = this.#reading;
    cursor.set(bytes, colon + 1, end);
    cursor.skipBlanks();
    cursor.skip(PERF_SYSTEM);
    const from = cursor.at;
    let to = from;
    while (to < end && bytes[to] !== COLON && bytes[to] !== SPACE) to++;
    if (from === to) return this.#reading.passOver();
    cursor.at = to;
    const tag = others.count(bytes, from, to, tagOf);
    if (tag !== OTHER) this.#event(tag, timeAt(cursor, start, colon), start);
  }

  #event(tag: number, time: number, start: number): void {
    const cursor = this.#cursor, reading = this.#reading;
    if (tag === CALL) {
      const call = readCall(cursor, reading, start, { mayLackRet: true });
      return reading.batch.addCall(call, time);
    }
    if (tag === MARKER) {
      if (!cursor.seek(QEMU_EVENT)) return;
      return reading.batch.addCall(readCall(cursor, reading, start), time);
    }
    const { name, word, wordText, upTo } = FORMS[tag - 1];
    const first = cursor.seek(word) ? cursor.hexPage() : NaN;
    let end = upTo === undefined ? 0 : first + 1;
    if (upTo !== undefined && cursor.skip(upTo)) end = cursor.hexPage(true);
    if (Number.isNaN(first) || Number.isNaN(end)) {
      throw reading.fault(`${name} must have an address behind "${wordText}"`, cursor, start);
    }
    if (upTo !== undefined && end < first) {
      throw reading.fault(`${name} must not end before it begins`, cursor, start);
    }
    reading.batch.add(KINDS[tag - 1], first, end, time, reading.line);
  }

  /** Comments, heads, notes on lost events; else nothing is known of the line. */
  #lineWithoutTime(bytes: Uint8Array, start: number, end: number): void {
    const cursor = this.#cursor, reading = this.#reading;
    cursor.set(bytes, start, end);
    cursor.skipBlanks();
    if (cursor.next === -1 || cursor.next === HASH) return;
    const text = cursor.rest();
    const lost = LOST.exec(text);
    if (lost) reading.lostEvents += Number(lost[1] ?? lost[2]);
    else if (!/^(version = \d+|cpus=\d+|CPU \d+ is empty)$/.test(text)) reading.passOver();
  }
}

/** Where the colon behind the time stands: a number of its own, then a colon and a blank; or -1. */
function timeEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at + 1 < end; at++) {
    if (bytes[at] !== COLON || !isDigit(bytes[at - 1]) || !isBlank(bytes[at + 1])) continue;
    let from = at - 1;
    while (from > start && (isDigit(bytes[from - 1]) || bytes[from - 1] === DOT)) from--;
    if (from === start || isBlank(bytes[from - 1])) return at;
  }
  return -1;
}

/** The time that ends at `colon`; the cursor stays where it is. */
function timeAt(cursor: Cursor, start: number, colon: number): number {
  const { at, bytes } = cursor;
  let from = colon;
  while (from > start && (isDigit(bytes[from - 1]) || bytes[from - 1] === DOT)) from--;
  cursor.at = from;
  const time = cursor.decimal();
  cursor.at = at;
  return time;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}
