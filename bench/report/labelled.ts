/** Files side by side, each with the letter that stands for it. */
import type { Summary } from "../summary/summary.ts";
import type { RunVersus } from "../summary/versus.ts";

/** A file and the letter that stands for it. */
export interface Labelled {
  /** `A` for the first; unique. */
  readonly label: string;
  readonly summary: Summary;
}

/** A file, and how it compares with the first. */
export interface Compared extends Labelled {
  /** Null for the first. */
  readonly versus: RunVersus | null;
}

/** A, B, ... Z, A1, B1, ... */
export function labelOf(i: number): string {
  return String.fromCharCode(65 + i % 26) + (i < 26 ? "" : String(Math.floor(i / 26)));
}

/** Whether `deno bench` wrote it: averages of one process, without intervals and verdicts. */
export function isBenchFile({ run }: Summary): boolean {
  return run.kind === "deno bench";
}

/** What a reader should know of the files themselves, a line each. */
export function warningLines(files: readonly Labelled[]): string[] {
  return files.flatMap(({ summary }) => summary.warnings.map((words) => `warning: ${words}`));
}
