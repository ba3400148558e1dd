/** What the files of `deno bench` register: a group for each place, a bench for each contender. */
import { benchTitle } from "../record/bench_title.ts";
import { layoutNamed, RECORDED } from "../workloads/layouts.ts";
import { KINDS, SCRIPT_LENGTH } from "../workloads/script.ts";
import { courseOf, type Place } from "../workloads/workloads.ts";
import { BASELINE, CONTENDERS } from "./contenders.ts";
import { checkReplay, wrongAnswer } from "./kinds.ts";
import { LOOPS } from "./loops.ts";
import { ALL_RIGHT } from "./replay.ts";

/** What all scripts of `deno bench` are drawn from. */
const SEED = 1;

/** Slots up to which the branch predictor learns half of the usual script of lookups. */
const FEW_SLOTS = 128;

/** Slots above which the scan is left out: one run of a script would take up to a third of a second. */
const MOST_SCANNED = 509;

/**
 * Registers one `Deno.bench` group: each contender replays the whole script of `place` per
 * iteration, in a timed loop of its own. Rejects with a `WrongAnswer` before anything is timed
 * where one of them disagrees with the oracle.
 */
export async function benchGroup(place: Place): Promise<void> {
  const findLength = place.slots <= FEW_SLOTS ? 10 * SCRIPT_LENGTH : SCRIPT_LENGTH;
  const course = await courseOf(place, SEED, { findLength });
  if (course === null) throw new RangeError(`Cannot run ${place.workload} on ${place.slots} slots`);
  const { slots, script } = course;
  const { length: steps, kind } = script, { unit } = KINDS[kind];
  const group = benchTitle({ ...place, slots: slots.length, steps, unit });
  for (const { name, create } of CONTENDERS) {
    const loop = LOOPS.get(name);
    if (loop === undefined) continue;
    if (name === "linear_scan" && slots.length > MOST_SCANNED) continue;
    const { replay } = await loop();
    const index = create(slots);
    checkReplay(name, index, script, replay);
    warm(() => replay(index, script, 0, script.length));
    Deno.bench({
      name,
      group,
      baseline: name === BASELINE,
      fn() {
        const step = replay(index, script, 0, script.length);
        if (step !== ALL_RIGHT) throw wrongAnswer(name, index, script, step);
      },
    });
  }
}

/**
 * Runs for `WARM_MS`: `Deno.bench` times its warm-up, and the first bench of a file also pays for the
 * start of the engine.
 */
function warm(run: () => void): void {
  for (const end = performance.now() + WARM_MS; performance.now() < end;) run();
}

/** ms that a contender runs before it is registered: several times the warm-up of a trial's fastest. */
const WARM_MS = 30;

/** A place at origin 2^20, where a guest's gfns are still small integers to V8. */
export function place(workload: string, slots: number, layout = "scattered"): Place {
  return { workload, layout, slots, originGfn: 2 ** 20 };
}

/** A place on the recorded guest, whose memory begins at gfn 0. */
export function recordedPlace(workload: string): Place {
  const { name: layout, slotCounts: [slots] } = layoutNamed(RECORDED);
  return { workload, layout, slots, originGfn: 0 };
}
