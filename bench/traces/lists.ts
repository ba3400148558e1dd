/**
 * Lists without a tool of their own: gfns in the order they are touched, slots as `GFN NPAGES` or
 * `START-END`, and slots in JSON. Lines that begin with # are comments.
 */
import { Cursor } from "./bytes.ts";
import { kindOf } from "./events.ts";
import type { Form, LineReader, Reading } from "./reader.ts";
import { SlotList } from "./slot_list.ts";
import { quoted } from "./trace_error.ts";

const ACCESS = kindOf("access"), MMIO = kindOf("kvm_mmio");
const LETTER_A = 97, LETTER_M = 109, SPACE = 32, HASH = 35;

/** Accesses, one a line: a gfn, `a GFN` for one to memory, `m GPA` for one to a device. */
export const ACCESSES: Form = {
  name: "gfns",
  summary: "gfns in hexadecimal, one a line; a GFN, m GPA",
  holds: "trace",
  isPlain: true,
  recognises: (line) => /^([am] )?(0x)?[0-9a-f]{1,16}\s*$/.test(line),
  open: (reading) => new AccessReader(reading),
};

class AccessReader implements LineReader {
  readonly #reading: Reading;
  readonly #cursor = new Cursor();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const cursor = this.#cursor, reading = this.#reading;
    cursor.set(bytes, start, end);
    cursor.skipBlanks();
    const first = cursor.next;
    if (first === -1 || first === HASH) return;
    // A gfn may begin with an a as well: the blank behind it tells.
    const isTagged = (first === LETTER_A || first === LETTER_M) && bytes[cursor.at + 1] === SPACE;
    if (isTagged && cursor.at + 1 < end) cursor.at += 2;
    const isDevice = isTagged && first === LETTER_M;
    const gfn = isDevice ? cursor.hexPage() : cursor.hex();
    cursor.skipBlanks();
    if (Number.isNaN(gfn) || cursor.at < end) {
      throw reading.fault("each line must be a gfn, a GFN or m GPA, in hexadecimal", cursor, start);
    }
    reading.batch.add(isDevice ? MMIO : ACCESS, gfn, 0, NaN, reading.line);
  }
}

/** Slots, one a line. */
export const SLOT_LIST: Form = {
  name: "slots",
  summary: "a list of slots: GFN NPAGES (decimal, or 0x) or START-END (hexadecimal)",
  holds: "map",
  isPlain: true,
  recognises: (line) => PAIR.test(line) || RUN.test(line),
  open: (reading) => new SlotListReader(reading),
};

const PAIR = /^\s*(0x[0-9a-f]{1,16}|\d{1,17})[\s,]+(0x[0-9a-f]{1,16}|\d{1,17})\s*$/i;
const RUN = /^\s*(?:0x)?([0-9a-f]{1,16})\s*-\s*(?:0x)?([0-9a-f]{1,16})\s*$/i;

interface Run {
  readonly start: bigint;
  readonly end: bigint;
  readonly line: number;
}

class SlotListReader implements LineReader {
  readonly #reading: Reading;
  readonly #slots: SlotList;
  readonly #cursor = new Cursor();
  readonly #runs: Run[] = [];

  constructor(reading: Reading) {
    this.#reading = reading;
    this.#slots = new SlotList(reading);
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const cursor = this.#cursor, reading = this.#reading;
    cursor.set(bytes, start, end);
    const text = cursor.rest(), pair = PAIR.exec(text), run = RUN.exec(text);
    if (/^\s*(#|$)/.test(text)) return;
    const isOther = pair ? this.#runs.length > 0 : this.#slots.length > 0;
    if (isOther || (pair === null && run === null)) {
      const rule = "all lines must be GFN NPAGES, or all START-END";
      throw reading.fault(rule, cursor, start);
    }
    if (pair !== null) {
      const base = Number(pair[1]);
      this.#slots.add(base, base + Number(pair[2]), reading.line);
    } else if (run !== null) {
      const [, first, last] = run;
      this.#runs.push({
        start: BigInt(`0x${first}`),
        end: BigInt(`0x${last}`),
        line: reading.line,
      });
    }
  }

  /** START-END are addresses where all are at pages' bounds, and gfns otherwise. */
  end(): void {
    const isAddresses = this.#runs.every(({ start, end }) => {
      return start % 4096n === 0n && (end % 4096n === 4095n || end % 4096n === 0n);
    });
    for (const { start, end, line } of this.#runs) {
      if (!isAddresses) this.#slots.add(Number(start), Number(end), line);
      else this.#slots.add(Number(start / 4096n), Number((end + 1n) / 4096n), line);
    }
    if (this.#runs.length > 0) {
      this.#reading.remark = isAddresses
        ? "START-END taken as byte addresses, as all lie at pages' bounds"
        : "START-END taken as gfns, END behind the last";
    }
    this.#slots.handOn();
  }
}

/** Slots in JSON. */
export const SLOT_JSON: Form = {
  name: "json",
  summary: "JSON: a list of { baseGfn, npages } or { guest_phys_addr, memory_size }",
  holds: "map",
  isPlain: true,
  recognises: (line) => /^\s*(\{|\[\s*$|\[\s*[\[{\]])/.test(line),
  open: (reading) => new JsonReader(reading),
};

/** So long may JSON be: a slot has some 100 bytes. */
const MOST_JSON = 2 ** 26;

class JsonReader implements LineReader {
  readonly #reading: Reading;
  readonly #cursor = new Cursor();
  readonly #lines: string[] = [];
  #length = 0;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    this.#length += end - start + 1;
    if (this.#length > MOST_JSON) {
      throw this.#reading.faultAt(this.#reading.line, "JSON may have 64 MiB at most", "more");
    }
    this.#cursor.set(bytes, start, end);
    this.#lines.push(this.#cursor.rest(Infinity));
  }

  end(): void {
    const text = this.#lines.join("\n"), parsed = this.#parsed(text);
    const isWrapped = !Array.isArray(parsed), objects = objectLines(text);
    const list = isWrapped ? (parsed as { slots?: unknown }).slots : parsed;
    if (!Array.isArray(list)) {
      throw this.#reading.faultAt(1, "JSON must be a list of slots, or have one as slots", "none");
    }
    const slots = new SlotList(this.#reading);
    list.forEach((entry: unknown, i) => {
      const line = objects[i + (isWrapped ? 1 : 0)] ?? 1, run = runOf(entry);
      if (run === null) {
        throw this.#reading.faultAt(
          line,
          "each slot must have baseGfn and npages, or guest_phys_addr and memory_size in whole pages",
          quoted(JSON.stringify(entry)),
        );
      }
      slots.add(run[0], run[1], line);
    });
    slots.handOn();
  }

  #parsed(text: string): unknown {
    try {
      return JSON.parse(text) ?? [];
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      throw this.#reading.faultAt(
        faultyLine(text, words),
        "JSON must be well formed",
        words.replace(/ \(line.*/s, "").replace(/\s+/g, " "),
      );
    }
  }
}

/**
 * The line of the error `words` of JSON.parse. Some of V8's errors have a position. Of the others the line is
 * the first one whose text, with all before it, is wrong as far as it goes, not only unfinished.
 */
function faultyLine(text: string, words: string): number {
  const at = / at position (\d+)/.exec(words), lines = text.split("\n");
  if (at !== null) return text.slice(0, Number(at[1])).split("\n").length;
  let low = 1, high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isUnfinished(lines.slice(0, middle).join("\n"))) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the text is JSON, or could become JSON if it went on. */
function isUnfinished(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const words = String(error), at = / at position (\d+)/.exec(words);
    return words.includes("end of JSON input") || Number(at?.[1]) >= text.trimEnd().length;
  }
}

/** The lines, from 1, of all `{` that are outside of strings, in order. */
function objectLines(text: string): number[] {
  const lines: number[] = [];
  let line = 1;
  for (const [found] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{\n]/g)) {
    if (found === "\n") line++;
    else if (found === "{") lines.push(line);
  }
  return lines;
}

/** The gfns [base, end) of an entry; null where it has no such fields. */
function runOf(entry: unknown): readonly [number, number] | null {
  if (typeof entry !== "object" || entry === null) return null;
  const fields = new Map(Object.entries(entry));
  const number = (...names: readonly string[]): bigint | null => {
    const value = names.map((name) => fields.get(name)).find((value) => value !== undefined);
    if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
    return typeof value === "string" && /^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(value)
      ? BigInt(value)
      : null;
  };
  const base = number("baseGfn", "base_gfn"), npages = number("npages");
  if (base !== null && npages !== null) return [Number(base), Number(base + npages)];
  const start = number("guest_phys_addr", "guestPhysAddr"),
    size = number("memory_size", "memorySize");
  if (start === null || size === null || start % 4096n !== 0n || size % 4096n !== 0n) return null;
  return [Number(start / 4096n), Number((start + size) / 4096n)];
}
