/** Values of tables: each has a kind, from which every format makes its own text. */
import {
  clean,
  digitsWords,
  exponentWords,
  NONE,
  numberWords,
  percent,
  ratioWords,
  wholeWords,
} from "./words.ts";

/** A value of a table; a place without one is blank in every format. */
export type Value = Content & {
  /** One sign behind a number, such as `~`: what is known of it. */
  readonly mark?: string;
  /** A sentence that stands below the table, with a number in the place of the value. */
  readonly note?: string;
};

type Content =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "yes or no"; readonly value: boolean }
  | { readonly kind: NumberKind; readonly value: number }
  /** A confidence interval of a number of that kind; `level` is its coverage, in [0, 1]. */
  | {
    readonly kind: "interval";
    readonly of: NumberKind;
    readonly low: number;
    readonly high: number;
    readonly level?: number;
  }
  | { readonly kind: "list"; readonly values: readonly Value[] };

/**
 * `number` is ns or bytes; `ratio` is to a base; `exponent` is of a power; `digits` has always three;
 * `share` is in [0, 1] and shown in per cent; `count` is a whole number.
 */
export type NumberKind = "number" | "ratio" | "exponent" | "digits" | "share" | "count";

const NUMBER_WORDS: Readonly<Record<NumberKind, (value: number) => string>> = {
  number: numberWords,
  ratio: ratioWords,
  exponent: exponentWords,
  digits: digitsWords,
  share: percent,
  count: wholeWords,
};

/** A text. */
export function text(words: string, { note }: { note?: string } = {}): Value {
  return { kind: "text", text: words, ...note !== undefined && { note } };
}

/** A number of that kind; blank if it is undefined or null, `-` if it is NaN: not known. */
export function numeric(
  kind: NumberKind,
  value: number | null | undefined,
  { mark }: { mark?: string | undefined } = {},
): Value | undefined {
  if (value === null || value === undefined) return undefined;
  return { kind, value, ...mark !== undefined && { mark } };
}

/** An interval of numbers of that kind; blank if there is none, `-` if its ends are NaN: not known. */
export function interval(
  of: NumberKind,
  found:
    | { readonly low: number; readonly high: number; readonly level?: number }
    | null
    | undefined,
): Value | undefined {
  if (!found) return undefined;
  const { low, high, level } = found;
  return { kind: "interval", of, low, high, ...level !== undefined && { level } };
}

/** A value as a reader sees it, without its mark and its note, fit for a terminal. */
export function valueWords(value: Value): string {
  switch (value.kind) {
    case "text":
      return clean(value.text);
    case "yes or no":
      return value.value ? "yes" : "no";
    case "interval": {
      const words = NUMBER_WORDS[value.of];
      if (Number.isNaN(value.low)) return NONE;
      return `[${words(value.low)}, ${words(value.high)}]`;
    }
    case "list":
      return value.values.length === 0 ? NONE : value.values.map(valueWords).join(", ");
    default:
      return Number.isFinite(value.value) ? NUMBER_WORDS[value.kind](value.value) : NONE;
  }
}

/** The parts of a value as data: a number in full, an interval as its ends and its level. */
export function valueParts(value: Value): (string | number | boolean | undefined)[] {
  switch (value.kind) {
    case "text":
      return [value.note === undefined ? value.text : `${value.text}: ${value.note}`];
    case "interval":
      return [value.low, value.high, value.level];
    case "list":
      return [valueWords(value)];
    default:
      return [value.value, value.mark];
  }
}

/** Whether the value is a number, so that those of a column are to end below each other. */
export function isNumeric({ kind }: Value): boolean {
  return kind in NUMBER_WORDS;
}
