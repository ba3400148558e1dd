/**
 * Numbers and words in the bytes of a line. Logs have gigabytes: a string for each line would cost
 * more than all that is read from it.
 */

const LINE_FEED = 10, CARRIAGE_RETURN = 13, SPACE = 32, TAB = 9;
const MINUS = 45, DOT = 46, ZERO = 48, NINE = 57, LETTER_X = 120;

/**
 * Bytes of a line that are taken as text: more than any form has, so few that no regular expression
 * needs long for them.
 */
export const LONGEST_TEXT = 4096;

/** A word as it stands in a file. */
export function wordOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * Calls `each` with the bounds of every line in `bytes`, without its end. `bytes` are whole lines;
 * only at the end of a file may the last one have no line feed.
 */
export function forEachLine(
  bytes: Uint8Array,
  each: (bytes: Uint8Array, start: number, end: number) => void,
): void {
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(LINE_FEED, start), next = found === -1 ? bytes.length : found;
    const hasReturn = next > start && bytes[next - 1] === CARRIAGE_RETURN;
    each(bytes, start, hasReturn ? next - 1 : next);
    start = next + 1;
  }
}

/** A place in a line, from which words and numbers are read; each reading moves behind what it read. */
export class Cursor {
  /** What holds the line. */
  bytes: Uint8Array = new Uint8Array();
  /** The next byte to read. */
  at = 0;
  /** The first byte behind the line. */
  end = 0;

  /** Goes to the line [start, end) of `bytes`. */
  set(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** The next byte; -1 at the end of the line. */
  get next(): number {
    return this.at < this.end ? this.bytes[this.at] : -1;
  }

  /** Goes behind the next `word`; stays where it is, and says so, where there is none. */
  seek(word: Uint8Array): boolean {
    const { bytes } = this, first = word[0], last = this.end - word.length;
    for (let at = this.at; at <= last; at++) {
      if (bytes[at] !== first) continue;
      let n = 1;
      while (n < word.length && bytes[at + n] === word[n]) n++;
      if (n < word.length) continue;
      this.at = at + n;
      return true;
    }
    return false;
  }

  /** Whether `word` stands here; the cursor is then behind it. */
  skip(word: Uint8Array): boolean {
    if (this.at + word.length > this.end) return false;
    for (let n = 0; n < word.length; n++) {
      if (this.bytes[this.at + n] !== word[n]) return false;
    }
    this.at += word.length;
    return true;
  }

  /** Goes behind blanks and tabs. */
  skipBlanks(): void {
    while (this.at < this.end && isBlank(this.bytes[this.at])) this.at++;
  }

  /** Goes to the next blank, or to the end of the line. */
  skipWord(): void {
    while (this.at < this.end && !isBlank(this.bytes[this.at])) this.at++;
  }

  /**
   * The page, address / 4096, of a hexadecimal address with or without 0x, and NaN where there is
   * none or it has more than 64 bits. `ceil` gives the first page that begins at or behind it.
   */
  hexPage(ceil = false): number {
    const digits = this.#hexDigits();
    if (digits === 0 || digits > 16) return NaN;
    // The last three digits are the place in the page: what is before them fits 52 bits.
    const { bytes, at } = this, split = Math.max(at - digits, at - 3);
    let page = 0, offset = 0;
    for (let i = at - digits; i < split; i++) page = page * 16 + HEX_DIGITS[bytes[i]];
    for (let i = split; i < at; i++) offset = offset * 16 + HEX_DIGITS[bytes[i]];
    return ceil && offset > 0 ? page + 1 : page;
  }

  /** A hexadecimal integer below 2^52, with or without 0x; NaN where there is none. */
  hex(): number {
    const digits = this.#hexDigits();
    if (digits === 0 || digits > 13) return NaN;
    let value = 0;
    for (let i = this.at - digits; i < this.at; i++) value = value * 16 + HEX_DIGITS[this.bytes[i]];
    return value;
  }

  /** A decimal number with or without a fraction; NaN where there is none. */
  decimal(): number {
    const { bytes, at: start, end } = this;
    let at = start, value = 0;
    for (; at < end && isDigit(bytes[at]); at++) value = value * 10 + (bytes[at] - ZERO);
    if (at === start) return NaN;
    if (at + 1 < end && bytes[at] === DOT && isDigit(bytes[at + 1])) {
      let fraction = 0, scale = 1;
      for (at++; at < end && isDigit(bytes[at]); at++) {
        if (scale >= 1e15) continue;
        fraction = fraction * 10 + (bytes[at] - ZERO);
        scale *= 10;
      }
      value += fraction / scale;
    }
    this.at = at;
    return value;
  }

  /**
   * An integer, decimal or hexadecimal behind 0x, as it is below 2^53; beyond that the nearest number,
   * and NaN where there is none or it has more than 64 bits.
   */
  integer(): number {
    const isNegative = this.next === MINUS;
    if (isNegative) this.at++;
    const value = this.#magnitude();
    return isNegative ? -value : value;
  }

  #magnitude(): number {
    const { bytes, at: start, end } = this;
    let value = 0;
    if (start + 1 < end && bytes[start] === ZERO && bytes[start + 1] === LETTER_X) {
      const digits = this.#hexDigits();
      if (digits === 0 || digits > 16) return NaN;
      for (let i = this.at - digits; i < this.at; i++) value = value * 16 + HEX_DIGITS[bytes[i]];
      return value;
    }
    let at = start;
    for (; at < end && isDigit(bytes[at]); at++) value = value * 10 + (bytes[at] - ZERO);
    this.at = at;
    return at === start || at - start > 20 ? NaN : value;
  }

  /** What stands from `start` up to the cursor. */
  textFrom(start: number): string {
    return new TextDecoder().decode(this.bytes.subarray(start, this.at));
  }

  /** What stands from the cursor to the end of the line, `most` bytes of it. */
  rest(most = LONGEST_TEXT): string {
    const end = Math.min(this.end, this.at + most);
    return new TextDecoder().decode(this.bytes.subarray(this.at, end));
  }

  /** Goes behind the digits of a hexadecimal number, and counts them without leading zeros. */
  #hexDigits(): number {
    const { bytes, end } = this;
    let { at } = this;
    if (at + 1 < end && bytes[at] === ZERO && bytes[at + 1] === LETTER_X) at += 2;
    const start = at;
    while (at < end && bytes[at] === ZERO) at++;
    const first = at;
    while (at < end && HEX_DIGITS[bytes[at]] >= 0) at++;
    this.at = at;
    // Where a letter follows it is a word, not a number: `error` begins with a digit, too.
    if (at === start || (at < end && isLetter(bytes[at]))) return 0;
    return Math.max(1, at - first);
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** Whether a byte is one of 0 to 9. */
export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isLetter(byte: number): boolean {
  return (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte === 95;
}

/** The value of each byte as a hexadecimal digit; -1 for those that are none. */
const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(byte);
  return /[0-9a-fA-F]/.test(letter) ? parseInt(letter, 16) : -1;
});
