/** What every reader of a form has: where it stands, what it found, and how it says what is wrong. */
import type { Cursor } from "./bytes.ts";
import { EventBatch } from "./events.ts";
import type { Place } from "./lines.ts";
import { quoted, TraceError } from "./trace_error.ts";

/** A form that maps or traces come in. */
export interface Form {
  /** A word for it. */
  readonly name: string;
  /** What prints it, for people. */
  readonly summary: string;
  /** Whether its files say how the memory lies, what it is asked for, or both in turn. */
  readonly holds: "map" | "trace" | "both";
  /**
   * A list that no tool prints, whose lines may look like parts of other forms: only the first line
   * that is of any form shows it.
   */
  readonly isPlain?: true;
  /** Whether one of the first lines of a file shows that the file is of this form. */
  recognises(line: string): boolean;
  /** Makes a reader for one file; it is given each line in turn, then told of the end. */
  open(reading: Reading): LineReader;
}

/** Reads one file of a form. */
export interface LineReader {
  /** Takes the line [start, end) of `bytes`; `Reading.line` is its number. */
  line(bytes: Uint8Array, start: number, end: number): void;
  /** The file has ended. */
  end?(): void;
}

/** The most line numbers that are kept of lines that cannot be understood. */
const KEPT_LINES = 5;

/** The state of reading one file: what was found so far. */
export class Reading implements Place {
  /** The number of the line at hand, from 1; 0 before the first. */
  line = 0;
  /** What the lines since the last `clear` of it say. */
  readonly batch = new EventBatch();
  /** Lines that say nothing of memory, by the name of their event. */
  readonly others = new NameCounts();
  /** How many lines nothing is known of. */
  strangeLines = 0;
  /** The numbers of the first of them. */
  readonly firstStrangeLines: number[] = [];
  /** Events that the recorder says it has lost. */
  lostEvents = 0;
  /** How the reader took what can be taken in more than one way, for people; empty if nothing. */
  remark = "";

  /** The file, as messages name it. */
  readonly name: string;

  /** Begins the file `name`. */
  constructor(name: string) {
    this.name = name;
  }

  /** Counts the line at hand as one that nothing is known of. */
  passOver(): void {
    if (this.strangeLines++ < KEPT_LINES) this.firstStrangeLines.push(this.line);
  }

  /** The error of the line at hand: the rule, then what was found. */
  fault(rule: string, cursor: Cursor, start: number): TraceError {
    cursor.at = start;
    return this.faultAt(this.line, rule, quoted(cursor.rest()));
  }

  /** The error of a line: the rule, then what was found. */
  faultAt(line: number, rule: string, found: string): TraceError {
    return new TraceError(`Cannot read ${this.name} as ${rule}: line ${line} has ${found}`);
  }
}

/** The most names that are told apart; all others count as `other`. */
const MOST_NAMES = 64;

interface NameCount {
  readonly name: string;
  readonly bytes: Uint8Array;
  count: number;
  readonly tag: number;
}

/**
 * Counts names as they stand in bytes, without a string for each: in a kernel's trace most lines are
 * of other events.
 */
export class NameCounts {
  readonly #rows: NameCount[] = [];
  readonly #byHash = new Map<number, NameCount>();

  /**
   * Counts the name [start, end) of `bytes`; gives the tag of it, which `tagOf` gave it when it was
   * first seen.
   */
  count(bytes: Uint8Array, start: number, end: number, tagOf: (name: string) => number): number {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (hash * 31 + bytes[at]) | 0;
    let row = this.#byHash.get(hash);
    if (row === undefined || !isEqual(row.bytes, bytes, start, end)) {
      row = this.#rowOf(new TextDecoder().decode(bytes.subarray(start, end)), hash, tagOf);
    }
    row.count++;
    return row.tag;
  }

  /** Names and how often each was counted, the most frequent first, of those with this tag. */
  *[Symbol.iterator](): Generator<readonly [name: string, count: number, tag: number]> {
    for (const { name, count, tag } of this.#rows.toSorted((a, b) => b.count - a.count)) {
      yield [name, count, tag];
    }
  }

  #rowOf(name: string, hash: number, tagOf: (name: string) => number): NameCount {
    const tag = tagOf(name), isFull = this.#rows.length >= MOST_NAMES && tag === 0;
    const kept = isFull ? "other" : name;
    const known = this.#rows.find((row) => row.name === kept && row.tag === tag);
    if (known !== undefined) return known;
    const row = { name: kept, bytes: new TextEncoder().encode(kept), count: 0, tag };
    this.#rows.push(row);
    if (!this.#byHash.has(hash)) this.#byHash.set(hash, row);
    return row;
  }
}

function isEqual(word: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (word.length !== end - start) return false;
  for (let i = 0; i < word.length; i++) if (word[i] !== bytes[start + i]) return false;
  return true;
}
