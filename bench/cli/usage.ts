import { parseArgs, type ParseArgsConfig } from "node:util";

/** The exit codes of every command. */
export const EXIT = {
  fine: 0,
  harnessError: 1,
  wrongAnswer: 2,
  tooSlow: 3,
  notValid: 4,
  usage: 64,
  interrupted: 130,
} as const;

/** A command line that cannot be understood, in one line. */
export class UsageError extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "UsageError";
}

/** `node:util`'s `parseArgs`, with a `UsageError` for what it refuses. */
export function parseOptions<T extends ParseArgsConfig>(config: T) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ")[0].replace(/\.$/, ""));
  }
}

/** The values of an option that may be repeated or hold a list with commas; undefined if not given. */
export function list(values: readonly string[] | undefined): string[] | undefined {
  return values?.flatMap((value) => value.split(",")).map((value) => value.trim()).filter(Boolean);
}

/** An integer in [min, max], written plainly, in hexadecimal or as `2^40`. */
export function integer(
  option: string,
  text: string,
  { min, max }: { min: number; max: number },
): number {
  const power = /^2(?:\^|\*\*)(\d+)$/.exec(text);
  const value = power ? 2 ** Number(power[1]) : Number(text.replaceAll("_", ""));
  if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(
    `Cannot use ${option} ${text} as it must be an integer in [${min}, ${max}]`,
  );
}
