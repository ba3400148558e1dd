/**
 * The gate: golden table and random histories for each contender, in a process that may hang or
 * crash. Started by the race and by check-index, never by hand.
 */
import { answer, beat, readJob } from "./child.ts";
import { findFault } from "./differential.ts";
import { loadCreate, type Source } from "./entries.ts";
import { goldenFault } from "./golden.ts";
import type { Outcome } from "./record.ts";

/** What the gate is told. */
export interface GateJob {
  readonly contenders: readonly Source[];
  readonly seed: number;
  readonly histories: number;
}

/** The gate's word on one contender. */
export interface GateWord {
  readonly name: string;
  readonly outcome: Outcome;
}

/** Operations in the longest history. */
const LONGEST = 120;

async function word(source: Source, { seed, histories }: GateJob): Promise<Outcome> {
  try {
    const create = await loadCreate(source, "gate");
    const golden = goldenFault(create);
    if (golden !== null) return { kind: "wrong", words: golden };
    const fault = findFault(create, { seed, histories, longest: LONGEST });
    return fault === null ? { kind: "ok" } : { kind: "wrong", words: fault.words };
  } catch (error) {
    const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { kind: "threw", words };
  }
}

if (import.meta.main) {
  const job = await readJob<GateJob>();
  const words: GateWord[] = [];
  for (const source of job.contenders) {
    beat(source.name);
    words.push({ name: source.name, outcome: await word(source, job) });
  }
  answer(words);
}
