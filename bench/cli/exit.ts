/** The exit codes of all commands, and which error ends with which. */

/** Each code means one thing, in every command. */
export const EXIT = {
  fine: 0,
  error: 1,
  wrongAnswer: 2,
  tooSlow: 3,
  notValid: 4,
  usage: 64,
  notLoaded: 66,
  unavailable: 69,
  stopped: 130,
} as const;

/** A way to end. */
export type Exit = keyof typeof EXIT;

/** What `--help` says of each. */
export const EXIT_WORDS: Readonly<Record<Exit, string>> = {
  fine: "fine",
  error: "a file cannot be read or written, or a harness error",
  wrongAnswer: "a wrong answer, or an index that throws, hangs, leaks or crashes",
  tooSlow: "slower than --fail-above",
  notValid: "the run is not valid",
  usage: "wrong usage",
  notLoaded: "an index cannot be loaded",
  unavailable: "not available on this machine",
  stopped: "stopped by a signal",
};

/** A command line that cannot be understood. */
export class UsageError extends Error {
  /** The class's name, by which `exitOf` knows it. */
  override readonly name = "UsageError";
}

/** A file that cannot be written, or does not hold what it must. */
export class FileError extends Error {
  /** The class's name, by which `exitOf` knows it. */
  override readonly name = "FileError";
}

/** An index, or the project's list of them, that cannot be loaded. */
export class NotLoadedError extends Error {
  /** The class's name, by which `exitOf` knows it. */
  override readonly name = "NotLoadedError";
}

/** A command that a signal has ended. */
export class Stopped extends Error {
  /** The class's name, by which `exitOf` knows it. */
  override readonly name = "Stopped";
}

/**
 * How a command ends that throws an error of this name. The names stand for the classes, so that no
 * command loads another one's modules.
 */
const BY_NAME: ReadonlyMap<string, Exit> = new Map([
  ["UsageError", "usage"],
  ["SourceError", "usage"],
  ["PlanError", "usage"],
  ["FileError", "error"],
  ["ReportError", "error"],
  ["ResultFileError", "error"],
  ["TraceError", "error"],
  ["WrongAnswer", "wrongAnswer"],
  ["NotLoadedError", "notLoaded"],
  ["KvmUnavailable", "unavailable"],
  ["NotInstalled", "unavailable"],
  ["EngineError", "unavailable"],
  ["Stopped", "stopped"],
]);

/** How a command ends that throws `error`; null for a fault of the harness. */
export function exitOf(error: unknown): Exit | null {
  if (!(error instanceof Error)) return null;
  if ("isUsage" in error && error.isUsage === true) return "usage";
  return BY_NAME.get(error.name) ?? null;
}
