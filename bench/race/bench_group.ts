import { courseOf, type Place } from "../workloads/workloads.ts";
import { SCRIPT_LENGTH, UNIT } from "../workloads/script.ts";
import { BASELINE, CONTENDERS } from "./contenders.ts";
import { LOOPS } from "./loops.ts";
import { ALL_RIGHT } from "./replay.ts";
import { checkReplay, wrongAnswer } from "./wrong_answer.ts";

/** What all scripts of `deno bench` are drawn from. */
const SEED = 1;

/** Up to so many slots the branch predictor learns half of the usual script of lookups by heart. */
const FEW_SLOTS = 128;

/** The scan is left out above so many slots: one run of a script would take up to a third of a second. */
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
  const steps = script.length.toLocaleString("en");
  const unit = UNIT[script.kind];
  const group =
    `${place.workload}: ${place.layout}, ${slots.length} slots (an iter is ${steps} ${unit}s)`;
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
 * `Deno.bench` counts its warm-up in, and whoever stands first in a file pays for the engine's start
 * as well: so everybody has run, for so many ms, before it begins.
 */
function warm(run: () => void): void {
  for (const end = performance.now() + WARM_MS; performance.now() < end;) run();
}

const WARM_MS = 30;

/** A place at origin 2^20, where a guest's gfns are still small integers to V8. */
export function place(workload: string, slots: number, layout = "scattered"): Place {
  return { workload, layout, slots, originGfn: 2 ** 20 };
}
