/**
 * One contender's soak, in a process that may hang or crash: the gate's histories, but long ones.
 * Started by soak.ts, never by hand.
 */
import { takeJob } from "../process/job.ts";
import { now } from "../process/own.ts";
import { emptyTally, type Fault, findFault, type Plan, type Tally } from "./differential.ts";
import type { Scale } from "./ground.ts";
import { loadCreate, type Source } from "./load.ts";

/** What the process is told. */
export interface SoakJob {
  readonly source: Source;
  /** Any integer from 0: the same operations for the same one. */
  readonly seed: number;
  /** Actions in all, at least 1. */
  readonly operations: number;
}

/** What came of it; without `fault` there was no difference. */
export interface SoakWord {
  readonly tally: Tally;
  /** Wall-clock time. */
  readonly seconds: number;
  readonly fault: Fault | null;
}

const SCALE: Scale = { sizes: [0, 1, 3, 10, 40, 128, 509, 1000, 4000], burst: 64 };
/** Actions in a history, and from one sweep to the next. */
const LONG = 16_384, SWEEP = 2048;
/** How long a fault is made shorter: histories are longer than the gate's. */
const SHORTEN_MS = 8000;

if (import.meta.main) {
  const { job: { source, seed, operations }, beat, answer } = takeJob<SoakJob>();
  const began = now(), tally = emptyTally();
  beat(source.name);
  const create = await loadCreate(source, "soak");
  const plan: Plan = (history) => {
    return {
      scale: SCALE,
      actions: Math.min(LONG, operations - history * LONG),
      sweepEvery: SWEEP,
    };
  };
  const fault = findFault(create, {
    ...{ seed, plan, tally, histories: Math.ceil(operations / LONG), shortenMs: SHORTEN_MS },
    onHistory: () => beat(source.name),
  });
  answer({ tally, seconds: (now() - began) / 1000, fault } satisfies SoakWord);
}
