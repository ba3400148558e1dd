import type { ParseArgsConfig } from "node:util";
import { integer, parseOptions, UsageError } from "./usage.ts";

/** What the command line said: the positional arguments and the options by name. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | string[] | undefined>>;
}

/** A command of the command line. */
export interface Command {
  /** Printed with `--help`: its first line is the call. */
  readonly usage: string;
  /** As for node's `parseArgs`, without `help`. */
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** Does it; gives the exit code. What it throws is printed in a line. */
  run(args: Arguments): Promise<number>;
}

/** Runs `command` with its arguments; gives the exit code and never throws. */
export async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  const { usage, options } = command;
  const call = usage.split("\n")[0];
  try {
    const { values, positionals } = parsed(args, options);
    if (values.help) {
      console.log(`Usage: ${usage}`);
      return 0;
    }
    return await command.run({ values, positionals });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const line = error.message.split("\n")[0];
    console.error(error instanceof UsageError ? `${line}; usage: ${call}` : line);
    return error instanceof UsageError ? 64 : 1;
  }
}

function parsed(args: readonly string[], options: Command["options"]): Arguments {
  const config = { ...options, help: { type: "boolean", short: "h" } } as const;
  return parseOptions({ args: [...args], options: config, allowPositionals: true, strict: true });
}

/** The option as a whole number from `least` up; `fallback` where it is not given. */
export function wholeNumber(
  { values }: Arguments,
  name: string,
  { least, fallback }: { least: number; fallback: number },
): number {
  const text = values[name];
  if (typeof text !== "string") return fallback;
  return integer(`--${name}`, text, { min: least, max: Number.MAX_SAFE_INTEGER });
}

/** The one positional argument. */
export function onlyPositional({ positionals }: Arguments, what: string): string {
  if (positionals.length === 1 && positionals[0] !== "") return positionals[0];
  const found = positionals.length === 0 ? "none" : positionals.join(" ") || '""';
  throw new UsageError(`Cannot read arguments as one ${what} must be given: found ${found}`);
}

/** A seed for who named none. */
export function anySeed(): number {
  return Date.now() % 2 ** 31;
}
