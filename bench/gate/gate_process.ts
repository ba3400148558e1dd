/**
 * The gate: golden table and random histories for each contender, in a process that may hang or
 * crash. Started by the race and by check-index, never by hand.
 */
import { answer, beat, readJob } from "../process/child.ts";
import { findFault, type Tally } from "./differential.ts";
import { loadCreate, type Source } from "./load.ts";
import { type Create, goldenFault } from "./golden.ts";
import type { Outcome } from "../record/schema.ts";

/** What the gate is told. */
export interface GateJob {
  readonly contenders: readonly Source[];
  readonly seed: number;
  readonly histories: number;
  /** Operations in the longest history. */
  readonly longest?: number;
  /**
   * Heartbeats are what the index is about to be asked: of one that hangs, the last one tells.
   * Histories are small then, as that takes time.
   */
  readonly tells?: boolean;
}

/** The gate's word on one contender. */
export interface GateWord {
  readonly name: string;
  readonly outcome: Outcome;
  /** What was tried; null where the file gave no index. */
  readonly tally: Tally | null;
}

/** Operations in the longest history unless told otherwise. */
export const LONGEST = 120;

async function wordOn(source: Source, job: GateJob): Promise<GateWord> {
  const { name } = source;
  try {
    const create = await loadCreate(source, "gate");
    return { name, ...tryOut(create, name, job) };
  } catch (error) {
    // The words are loadCreate's own.
    return { name, outcome: { kind: "threw", words: (error as Error).message }, tally: null };
  }
}

function tryOut(create: Create, name: string, job: GateJob): Omit<GateWord, "name"> {
  const { seed, histories, longest = LONGEST, tells = false } = job;
  const tally: Tally = { histories: 0, steps: 0, slots: 0 };
  const listen = tells ? { listener: (words: string) => beat(words) } : {};
  const onHistory = () => beat(name);
  const effort = { seed, histories, longest, tally, onHistory, isSmall: tells, ...listen };
  try {
    const golden = goldenFault(create, listen.listener);
    if (golden !== null) return { outcome: { kind: "wrong", words: golden }, tally };
    const fault = findFault(create, effort);
    if (fault === null) return { outcome: { kind: "ok" }, tally };
    return { outcome: { kind: fault.kind, words: fault.words }, tally };
  } catch (error) {
    // Golden's words: what was asked, and what the index threw.
    return { outcome: { kind: "threw", words: (error as Error).message }, tally };
  }
}

if (import.meta.main) {
  const job = await readJob<GateJob>();
  const words: GateWord[] = [];
  for (const source of job.contenders) {
    beat(source.name);
    words.push(await wordOn(source, job));
  }
  answer(words);
}
