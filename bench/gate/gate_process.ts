/**
 * The gate: golden table and random histories for one contender, in a process of its own that may
 * hang or crash. Started by `runGate`, never by hand.
 */
import { type Desk, takeJob } from "../process/job.ts";
import { findFault, type Tally } from "./differential.ts";
import { loadCreate, type Source } from "./load.ts";
import { type Create, goldenFault } from "./golden.ts";
import type { Outcome } from "../record/schema.ts";

/** What the gate is told. */
export interface GateJob {
  readonly contender: Source;
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

async function wordOn({ job, beat }: Desk<GateJob>): Promise<GateWord> {
  const { name } = job.contender;
  beat(name);
  try {
    const create = await loadCreate(job.contender, "gate");
    return { name, ...tryOut(create, job, beat) };
  } catch (error) {
    // The words are loadCreate's own.
    return { name, outcome: { kind: "threw", words: (error as Error).message }, tally: null };
  }
}

function tryOut(
  create: Create,
  job: GateJob,
  beat: (what: string) => void,
): Omit<GateWord, "name"> {
  const { contender: { name }, seed, histories, longest = LONGEST, tells = false } = job;
  const tally: Tally = { histories: 0, steps: 0, slots: 0 };
  const listen = tells ? { listener: beat } : {};
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
  const desk = takeJob<GateJob>();
  desk.answer(await wordOn(desk));
}
