/** What a command is, and the one way in which each is run, helped with and ended. */
import { clean } from "../report/words.ts";
import { EXIT, type Exit, exitOf, UsageError } from "./exit.ts";
import { helpOf } from "./help.ts";
import { type Arguments, type Options, parsed } from "./options.ts";
import type { Io } from "./terminal.ts";

/** A command of the command line. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** What it does, in a line: the same as deno.json has. */
  readonly summary: string;
  /** What it does, at length: a paragraph. */
  readonly about: string;
  /** What it takes besides options; nothing if left out. */
  readonly operands?: Operands;
  readonly options: O;
  /** Command lines without `deno task`, and what each is for. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** What the task is allowed to do, in words. */
  readonly permissions: string;
  /** How it can end besides `fine`, `error` and `usage`. */
  readonly exits: readonly Exit[];
  /** Does it; gives the exit code. What it throws is printed in a line. */
  run(args: Arguments<O>, io: Io): number | Promise<number>;
}

/** What a command takes besides options. */
export interface Operands {
  /** As `--help` shows them: `FILE [FILE ...]`. */
  readonly words: string;
  /** The fewest and the most. */
  readonly least: number;
  readonly most: number;
}

/** Gives `definition` the types of its options. */
export function command<const O extends Options>(definition: Command<O>): Command<O> {
  return definition;
}

/** Runs `command` on a command line; gives the exit code and never throws. */
export async function runCommand<O extends Options>(
  command: Command<O>,
  argv: readonly string[],
  io: Io,
): Promise<number> {
  try {
    if (asksForHelp(argv)) {
      io.out(helpOf(command, io.width));
      return EXIT.fine;
    }
    const args = parsed(argv, command.options);
    checkOperands(args.operands, command.operands);
    return await command.run(args, io);
  } catch (error) {
    return explain(error, io, command.name);
  }
}

/** Says in a line what went wrong in the command `name`, and gives the exit code. */
export function explain(error: unknown, io: Io, name = ""): number {
  const words = errorWords(error), exit = exitOf(error);
  const more = exit === "usage" ? ` (see ${["deno task", name].join(" ").trim()} --help)` : "";
  io.err(exit === null ? `${words} (${BUG})` : `${words}${more}`);
  return EXIT[exit ?? "error"];
}

/** What was thrown, in a line that is fit for a terminal. */
export function errorWords(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return clean(words).replace(/\s+/g, " ").trim();
}

const BUG = "a fault of the harness: please report it with the command that shows it";

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const words = end === -1 ? argv : argv.slice(0, end);
  return words.includes("--help") || words.includes("-h");
}

function checkOperands(found: readonly string[], operands?: Operands): void {
  const { words, least, most } = operands ?? { words: "", least: 0, most: 0 };
  if (found.length >= least && found.length <= most && !found.includes("")) return;
  if (operands === undefined) {
    throw new UsageError(`Cannot read the arguments: Unexpected argument '${found[0]}'`);
  }
  const what = found.length === 0 ? "none" : found.map((word) => word || '""').join(" ");
  throw new UsageError(`Cannot read the arguments as ${words} must be given: found ${what}`);
}
