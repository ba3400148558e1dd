/** Options as records: the one parser of command lines, and the kinds of values they take. */
import { parseArgs } from "node:util";
import { UsageError } from "./exit.ts";

/** A kind of value: how it is named in `--help`, and how it is read. */
export interface Value<T> {
  /** `N`, `FILE`, `gfn|hva`. */
  readonly value: string;
  /** Whether the option may be given again, each time adding to the list. */
  readonly isList?: true;
  /** The value of the texts given for `option` ("--slots"), at least one. `UsageError`. */
  parse(texts: readonly string[], option: string): T;
}

/** An option without a value. */
export interface Flag {
  /** What it does, for `--help`. */
  readonly help: string;
  /** What holds where it is not given, for `--help`, if `default` does not say it. */
  readonly otherwise?: string;
}

/** An option with a value. */
export interface Valued<T> extends Flag, Value<T> {
  /** The text that stands for the option where it is not given. */
  readonly default?: string;
}

/** The options of a command by name, without `help`, which every command has. */
export type Options = Readonly<Record<string, Flag | Valued<unknown>>>;

type ValueOf<O> = O extends { parse(texts: readonly string[], option: string): infer T }
  ? O extends { default: string } ? T : T | undefined
  : boolean;

/** What the command line said. */
export interface Arguments<O extends Options = Options> {
  /** The options by name; undefined where one without a default is not given. */
  readonly values: { readonly [K in keyof O]: ValueOf<O[K]> };
  /** The names of the options that were given. */
  readonly given: ReadonlySet<string>;
  /** What is no option, in order. */
  readonly operands: readonly string[];
  /** All words of the command line behind the command's name. */
  readonly argv: readonly string[];
}

/** Reads a command line. `UsageError`, in one line, for what it does not allow. */
export function parsed<O extends Options>(argv: readonly string[], options: O): Arguments<O> {
  const { found, operands } = split(argv, options);
  const read = Object.entries(options).map(([name, option]): [string, unknown] => {
    if (!("parse" in option)) return [name, found.has(name)];
    const texts = found.get(name) ?? (option.default === undefined ? undefined : [option.default]);
    return [name, texts && option.parse(texts as string[], `--${name}`)];
  });
  const values = Object.fromEntries(read) as Arguments<O>["values"];
  return { values, given: new Set(found.keys()), operands, argv };
}

function split(argv: readonly string[], options: Options) {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, option]) => {
      if ("parse" in option) return [name, { type: "string", multiple: true }] as const;
      return [name, { type: "boolean" }] as const;
    }),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: config,
      allowPositionals: true,
      strict: true,
    });
    return { found: new Map<string, unknown>(Object.entries(values)), operands: positionals };
  } catch (error) {
    // Node also says how an unknown option could be given as a positional argument: left out.
    const words = (error as Error).message.replace(/ To specify a positional.*/s, "");
    throw new UsageError(`Cannot read the arguments: ${words.replace(/\.$/, "")}`);
  }
}

function single<T>(
  value: string,
  read: (text: string, option: string) => T,
): Value<T> {
  return { value, parse: (texts, option) => read(texts[texts.length - 1], option) };
}

/** Any text but none. */
export function text(value: string): Value<string> {
  return single(value, (text, option) => {
    if (text !== "") return text;
    throw new UsageError(`Cannot use ${option} as its ${value} is empty`);
  });
}

/** An integer in [min, max], written plainly, in hexadecimal or as `2^40`. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Value<number> {
  return single("N", (text, option) => {
    const power = /^2(?:\^|\*\*)(\d+)$/.exec(text);
    const value = power ? 2 ** Number(power[1]) : Number(text.replaceAll("_", ""));
    if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new UsageError(
      `Cannot use ${option} ${text} as it must be an integer in [${min}, ${max}]`,
    );
  });
}

/** A part of a whole, `2/3`: from 1, and at most `most` parts. */
export function part(most: number): Value<{ readonly index: number; readonly of: number }> {
  return single("I/N", (text, option) => {
    const [index = 0, of = 0] = /^(\d+)\/(\d+)$/.exec(text)?.slice(1).map(Number) ?? [];
    if (index >= 1 && index <= of && of <= most) return { index, of };
    throw new UsageError(
      `Cannot use ${option} ${text} as it must be I/N with 1 <= I <= N <= ${most}, such as 2/3`,
    );
  });
}

/** A number in [min, max], which `what` calls in words: `a percentage`. */
export function decimal(
  value: string,
  { min, max, what }: { min: number; max: number; what: string },
): Value<number> {
  return single(value, (text, option) => {
    const number = Number(text);
    if (text.trim() !== "" && number >= min && number <= max) return number;
    throw new UsageError(`Cannot use ${option} ${text} as it must be ${what}`);
  });
}

/** One of these words. */
export function choice<T extends string>(...words: readonly T[]): Value<T> {
  return single(words.join("|"), (text, option) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new UsageError(
      `Cannot use ${text || "an empty word"} as ${option}: there are ${words.join(", ")}`,
    );
  });
}

/** Values with commas between them, in an option that may be given again. */
export function listOf<T>(each: Value<T>): Value<T[]> {
  return {
    value: `${each.value},...`,
    isList: true,
    parse(texts, option) {
      const words = texts.flatMap((text) => text.split(",")).map((word) => word.trim());
      const found = words.filter((word) => word !== "");
      if (found.length === 0) throw new UsageError(`Cannot use ${option} as its list is empty`);
      return found.map((word) => each.parse([word], option));
    },
  };
}

/** A seed where none is given: another one each time. */
export function anySeed(): number {
  return Date.now() % 2 ** 31;
}
