/** How contenders take a change, for tables that name the best of those that change in place. */
import type { ChangesOf } from "../summary/winners.ts";
import { errorWords } from "./command.ts";
import { projectWords } from "./project.ts";
import type { Io } from "./terminal.ts";

/** By a contender's name; undefined, with a warning, where the project's list of them is broken. */
export async function changesOf(io: Io): Promise<ChangesOf | undefined> {
  try {
    return (await import("../race/contenders.ts")).changesOf;
  } catch (error) {
    io.err(`warning: how contenders take a change is left out: ${projectWords(errorWords(error))}`);
    return undefined;
  }
}
