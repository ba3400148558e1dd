/** Runs the gate for one contender: a process of its own, and its word or what came of it. */
import { type ChildOptions, runChild } from "../process/child.ts";
import { emptyTally } from "./differential.ts";
import type { GateJob, GateWord } from "./gate_process.ts";
import { foldersOf } from "./load.ts";

/** The gate's word, also on an index that hung or crashed. */
export interface Told extends GateWord {
  /** What such an index was asked last: its name, or with `tells` the question. */
  readonly asked?: string;
}

/** The gate's word on `job.contender`; null where the signal of `options` has stopped it. */
export async function runGate(job: GateJob, options: ChildOptions): Promise<Told | null> {
  const { contender } = job, { name } = contender;
  const script = import.meta.resolve("./gate_process.ts");
  const ending = await runChild(script, job, { ...options, reads: foldersOf([contender]) });
  if (ending.kind === "stopped") return null;
  if (ending.kind === "answered") return ending.value as GateWord;
  const { kind, entry, words } = ending;
  return { name, asked: entry, outcome: { kind, words }, tally: emptyTally() };
}
