/**
 * The gate for one contender, in a process of its own that may hang or crash. Started by `runGate`,
 * never by hand.
 */
import { type Desk, takeJob } from "../process/job.ts";
import { Realm } from "../process/realm.ts";
import type { Outcome } from "../record/schema.ts";
import { Belongings } from "./belongings.ts";
import { emptyTally, findFault, LONGEST, small, type Tally, usual } from "./differential.ts";
import { Duel } from "./duel.ts";
import { FIXED_HISTORIES } from "./fixed.ts";
import { type Create, loadCreate, type Source } from "./load.ts";
import { Model } from "./model.ts";

/** What the gate is told. */
export interface GateJob {
  readonly contender: Source;
  /** Any integer from 0: the same histories for the same one. */
  readonly seed: number;
  /** Random histories, at least 1. */
  readonly histories: number;
  /** Actions of the longest history, at least 1. */
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

/** What decides over an index here, and what its file could import and change. */
function ownObjects(): Map<string, object> {
  const classes = [Belongings, Duel, Model].map(({ name, prototype }) => {
    return [`${name}.prototype`, prototype] as const;
  });
  const histories = FIXED_HISTORIES.flatMap(({ slots, steps }) => [slots, steps]);
  return new Map<string, object>([
    ...classes,
    ["the fixed histories", FIXED_HISTORIES],
    ...histories.map((part, i) => [`part ${i} of the fixed histories`, part] as const),
  ]);
}

async function wordOn({ job, beat }: Desk<GateJob>): Promise<GateWord> {
  const { name } = job.contender;
  beat(name);
  const realm = new Realm(ownObjects());
  let word: GateWord;
  try {
    const create = await loadCreate(job.contender, "gate");
    word = { name, ...tryOut(create, job, beat) };
  } catch (error) {
    // The words are loadCreate's own.
    word = { name, outcome: { kind: "threw", words: (error as Error).message }, tally: null };
  }
  const changed = realm.changed();
  if (changed === null) return word;
  const words = `it changes ${changed}, which all code of a process shares`;
  return { name, outcome: { kind: "wrong", words }, tally: emptyTally() };
}

function tryOut(
  create: Create,
  { contender: { name }, seed, histories, longest = LONGEST, tells = false }: GateJob,
  beat: (what: string) => void,
): Omit<GateWord, "name"> {
  const tally = emptyTally();
  const fault = findFault(create, {
    ...{ seed, histories, tally },
    onHistory: () => beat(name),
    ...(tells ? { plan: small(longest), listener: beat } : { plan: usual(longest) }),
  });
  return { outcome: fault === null ? { kind: "ok" } : { ...fault }, tally };
}

if (import.meta.main) {
  const desk = takeJob<GateJob>();
  desk.answer(await wordOn(desk));
}
