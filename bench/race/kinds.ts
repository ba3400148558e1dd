/**
 * How each kind of script is raced: its timed loop, its floor, and what is wrong with an answer. What
 * holds for the scripts themselves stands in bench/workloads/script.ts.
 */
import type { HvaIndex } from "../../impls/hva/hva_index.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import type { Script } from "../workloads/script.ts";
import { changesFloor, Floor, logFloor, mixFloor, serialFloor } from "./floor.ts";
import { ALL_RIGHT, type Replay } from "./replay.ts";
import {
  checkChanges,
  checkLog,
  type WrongAnswer,
  wrongCall,
  wrongChange,
  wrongFind,
  wrongInLog,
  wrongInMix,
  wrongLookedAtChange,
  wrongRange,
} from "./wrong_answer.ts";

/** What is raced: an index by either key, or the floor. */
export type Subject = MemslotIndex | HvaIndex | Floor;

/** How scripts of one kind are raced. */
export interface RaceKind<S extends Script> {
  /** The name of its timed loop in replay.ts. */
  readonly loop: Exclude<keyof typeof import("./replay.ts"), "ALL_RIGHT" | "replay">;
  /** The method of an index that the loop calls most. */
  timed(index: MemslotIndex): unknown;
  /** The floor on a map of `size` slots. */
  floor(script: S, size: number): Floor;
  /** What is wrong with the answer to one step. */
  wrong(name: string, index: MemslotIndex, script: S, step: number): WrongAnswer;
  /**
   * Checks up to `most` steps, in whole loops, more closely than the timed loop can. `WrongAnswer`
   * where the index differs from the oracle. Not there where the loop itself asks everything.
   */
  check?(name: string, index: MemslotIndex, script: S, most: number): void;
}

type Rows = { readonly [K in Script["kind"]]: RaceKind<Extract<Script, { kind: K }>> };

const RACE_KINDS: Rows = {
  find: {
    loop: "replayFind",
    timed: (index) => index.find,
    floor: ({ answers }, size) => new Floor(size, { answers }),
    wrong: wrongFind,
  },
  serial: {
    loop: "replaySerial",
    timed: (index) => index.find,
    floor: serialFloor,
    wrong: wrongFind,
  },
  range: {
    loop: "replayRange",
    timed: (index) => index.iter().start,
    floor: (ranges, size) => new Floor(size, { ranges }),
    wrong: wrongRange,
  },
  churn: {
    loop: "replayChurn",
    timed: (index) => index.insert,
    floor: (_, size) => new Floor(size),
    wrong: wrongChange,
    check: checkChanges,
  },
  churn_find: {
    loop: "replayChurnFind",
    timed: (index) => index.insert,
    floor: changesFloor,
    wrong: wrongLookedAtChange,
    check: checkChanges,
  },
  mix: {
    loop: "replayMix",
    timed: (index) => index.find,
    floor: mixFloor,
    wrong: wrongInMix,
  },
  log: {
    loop: "replayLog",
    timed: (index) => index.find,
    floor: logFloor,
    wrong: wrongInLog,
    check: checkLog,
  },
  calls: {
    loop: "replayCalls",
    timed: (index) => index.insert,
    floor: (_, size) => new Floor(size),
    wrong: wrongCall,
    check() {
      throw new TypeError("Cannot check a script of calls as the map of the VM does so itself");
    },
  },
};

/** The row of a script's kind. */
export function raceKindOf<S extends Script>({ kind }: S): RaceKind<S> {
  return RACE_KINDS[kind] as RaceKind<S>;
}

/** The floor of `script` on a map of `size` slots. */
export function floorOf(script: Script, size: number): Floor {
  return raceKindOf(script).floor(script, size);
}

/** What is wrong with the answer of `index` to one step of `script`, in words. */
export function wrongAnswer(
  name: string,
  index: Subject,
  script: Script,
  step: number,
): WrongAnswer {
  // Lookups and changes are asked of indexes by gfn alone, and ranges ask for a cursor alone.
  return raceKindOf(script).wrong(name, index as MemslotIndex, script, step);
}

/**
 * Replays the script up to `most` steps, an even number, untimed. `WrongAnswer` with the first question
 * to which the answer is not the oracle's.
 */
export function checkReplay(
  name: string,
  index: Subject,
  script: Script,
  replay: Replay,
  most: number = script.length,
): void {
  const { check } = raceKindOf(script);
  if (check) return check(name, index as MemslotIndex, script, most);
  const step = replay(index, script, 0, Math.min(most, script.length));
  if (step !== ALL_RIGHT) throw wrongAnswer(name, index, script, step);
}
