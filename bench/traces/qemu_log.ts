/**
 * QEMU's `-trace kvm_set_user_memory`, of any version, and the fields of such a call wherever they
 * are logged.
 */
import { isGuestMemfd } from "../../impls/kvm/memory_region.ts";
import { Cursor, wordOf } from "./bytes.ts";
import type { LoggedCall } from "./events.ts";
import type { Form, LineReader, Reading } from "./reader.ts";

const EVENT = wordOf("kvm_set_user_memory");
const SPACE = 32, TAB = 9, COLON = 58, AT = 64, HASH = 35, EQUALS = 61;

/** QEMU's log. Up to QEMU 9.0 `Slot#` holds the address space too; from 9.1 `AddrSpace#` does. */
export const QEMU_LOG: Form = {
  name: "qemu",
  summary: "QEMU's -trace kvm_set_user_memory",
  holds: "map",
  recognises: (line) => /(^|[\s:])kvm_set_user_memory\s/.test(line),
  open: (reading) => new QemuReader(reading),
};

class QemuReader implements LineReader {
  readonly #reading: Reading;
  readonly #cursor = new Cursor();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const cursor = this.#cursor, reading = this.#reading;
    cursor.set(bytes, start, end);
    if (!seekCall(cursor)) return this.#otherLine(bytes, start, end);
    const time = timeBefore(cursor, start, cursor.at - EVENT.length);
    reading.batch.addCall(readCall(cursor, reading, start), time);
  }

  /** Another event, `NAME fields` or `PID@TIME:NAME fields`, or what a guest or a monitor prints. */
  #otherLine(bytes: Uint8Array, start: number, end: number): void {
    const cursor = this.#cursor;
    cursor.set(bytes, start, end);
    cursor.decimal();
    if (cursor.next === AT) {
      cursor.at++;
      cursor.decimal();
      cursor.at++;
    } else cursor.at = start;
    const from = cursor.at;
    cursor.skipWord();
    if (from === end) return;
    if (isEventName(bytes, from, cursor.at)) {
      this.#reading.others.count(bytes, from, cursor.at, () => 0);
    } else this.#reading.passOver();
  }
}

/** Goes behind the event's name, where it stands as a word of its own. */
function seekCall(cursor: Cursor): boolean {
  const { bytes, at: start, end } = cursor;
  while (cursor.seek(EVENT)) {
    const before = cursor.at - EVENT.length - 1;
    const isBegun = before < start || bytes[before] === COLON || isBlank(bytes[before]);
    if (isBegun && cursor.at < end && isBlank(bytes[cursor.at])) return true;
  }
  return false;
}

/** The seconds of `PID@SECONDS.MICROS:` before the event; NaN where there is none. */
function timeBefore(cursor: Cursor, start: number, event: number): number {
  if (event === start || cursor.bytes[event - 1] !== COLON) return NaN;
  const behind = cursor.at, at = cursor.bytes.lastIndexOf(AT, event);
  if (at < start) return NaN;
  cursor.at = at + 1;
  const seconds = cursor.decimal();
  const isWhole = cursor.at === event - 1;
  cursor.at = behind;
  return isWhole ? seconds : NaN;
}

/** Two letters or more, in lower case, with an underscore: as QEMU calls its events. */
function isEventName(bytes: Uint8Array, start: number, end: number): boolean {
  let underscores = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === 95) underscores++;
    else if (!(byte >= 97 && byte <= 122) && !(at > start && byte >= 48 && byte <= 57)) {
      return false;
    }
  }
  return underscores > 0 && end - start > 2;
}

/** Fields, and their names in other versions. */
const NAMES = ["AddrSpace", "Slot", "flags", "gpa", "size", "ua", "ret", "guest_memfd_offset"];
const KEYS = [...NAMES, "slot", "restricted_offset"].map(wordOf);
const [ADDR_SPACE, SLOT, FLAGS, GPA, SIZE, UA, RET, OFFSET, SMALL_SLOT, RESTRICTED] = KEYS.keys();

/** The values of the fields of the line at hand, by the number of their key; NaN for none. */
const values = new Float64Array(KEYS.length);
/** Their texts, of those that are too large to be exact as numbers. */
const texts = new Map<number, string>();

/** The values a field may have: [0, limit), and of RET also below 0. */
const LIMITS = [2 ** 16, 2 ** 32, 2 ** 32, 2 ** 64, 2 ** 64, 2 ** 64, 2 ** 32, 2 ** 64];

/**
 * Reads the fields of a call, `KEY=VALUE` or `KEY#VALUE`, from the cursor to the end of the line;
 * unknown keys are left alone. `mayLackRet` where the log was made before the kernel answered.
 * `TraceError`, for the line from `start` on, where a field is missing or is out of its range.
 */
export function readCall(
  cursor: Cursor,
  reading: Reading,
  start: number,
  { mayLackRet = false }: { mayLackRet?: boolean } = {},
): LoggedCall {
  readFields(cursor, reading, start);
  const hasSpace = !Number.isNaN(values[ADDR_SPACE]);
  const hasRet = !mayLackRet || !Number.isNaN(values[RET]);
  if (hasSpace) check(ADDR_SPACE, cursor, reading, start);
  for (let key = SLOT; key < RET; key++) check(key, cursor, reading, start);
  if (hasRet) check(RET, cursor, reading, start);
  if (hasSpace && values[SLOT] >= 2 ** 16) throw outOfRange(SLOT, cursor, reading, start);
  const region = {
    slot: (hasSpace ? values[ADDR_SPACE] * 2 ** 16 : 0) + values[SLOT],
    flags: values[FLAGS],
    guestPhysAddr: exact(GPA),
    memorySize: exact(SIZE),
    userspaceAddr: exact(UA),
  };
  const ret = hasRet ? values[RET] : null, { line } = reading;
  if (!isGuestMemfd(region.flags)) return { line, region, ret };
  // Without the flag the offset is one of memory that has no such file: QEMU logs it anyway.
  if (Number.isNaN(values[OFFSET])) values[OFFSET] = 0;
  check(OFFSET, cursor, reading, start);
  return { line, region: { ...region, guestMemfdOffset: exact(OFFSET) }, ret };
}

function check(key: number, cursor: Cursor, reading: Reading, start: number): void {
  const value = values[key], limit = LIMITS[key];
  // Of an integer just below 2^64 the nearest number is 2^64.
  const isBelow = value < limit || (limit === 2 ** 64 && value === limit);
  if (isBelow && (value >= 0 || (key === RET && value > -limit))) return;
  throw outOfRange(key, cursor, reading, start);
}

function outOfRange(key: number, cursor: Cursor, reading: Reading, start: number): Error {
  const range = Number.isNaN(values[key]) ? "" : " in its range";
  return reading.fault(`each call must have ${NAMES[key]}${range}`, cursor, start);
}

function exact(key: number): bigint {
  const text = texts.get(key);
  return BigInt(text ?? values[key]);
}

function readFields(cursor: Cursor, reading: Reading, start: number): void {
  values.fill(NaN);
  if (texts.size > 0) texts.clear();
  const { bytes, end } = cursor;
  for (;;) {
    cursor.skipBlanks();
    const from = cursor.at;
    if (from >= end) return;
    let at = from;
    while (at < end && !isBlank(bytes[at]) && bytes[at] !== EQUALS && bytes[at] !== HASH) at++;
    const key = at < end && !isBlank(bytes[at]) ? keyOf(bytes, from, at) : -1;
    cursor.at = key === -1 ? at : at + 1;
    if (key !== -1) {
      const value = cursor.integer(), isWhole = cursor.at >= end || isBlank(bytes[cursor.at]);
      if (Number.isNaN(value) || !isWhole) {
        throw reading.fault(`${NAMES[key]} must be a number of at most 64 bits`, cursor, start);
      }
      // Threads that log at once can have two calls on a line.
      if (!Number.isNaN(values[key])) {
        throw reading.fault(
          `each call must have ${NAMES[key]} once, on a line of its own`,
          cursor,
          start,
        );
      }
      values[key] = value;
      if (value > Number.MAX_SAFE_INTEGER) texts.set(key, cursor.textFrom(at + 1));
    }
    cursor.skipWord();
  }
}

function keyOf(bytes: Uint8Array, from: number, to: number): number {
  for (let key = 0; key < KEYS.length; key++) {
    const word = KEYS[key];
    if (word.length !== to - from || word[0] !== bytes[from]) continue;
    let i = 1;
    while (i < word.length && word[i] === bytes[from + i]) i++;
    if (i === word.length) return key === SMALL_SLOT ? SLOT : key === RESTRICTED ? OFFSET : key;
  }
  return -1;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}
