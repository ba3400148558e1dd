/** What the files of `deno bench` register: a group for each place, a bench for each contender. */
import { benchTitle } from "../record/bench_title.ts";
import { layoutNamed, RECORDED } from "../workloads/layouts.ts";
import { KINDS, type Script, SCRIPT_LENGTH } from "../workloads/script.ts";
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

/** Steps of an iteration of short steps: ms of its time are ns of a step. */
const MANY_STEPS = 1_000_000;

/** Steps of an iteration of changes, and of ranges over many slots: µs of its time are ns of a step. */
const FEW_STEPS = 1_000;

/** Slots that a range hands out on average from which on 1,000,000 ranges would take a second. */
const LONG_RANGE = 64;

/** ms that the iterations of a bench take: of 127 benches in 90 s, with warm-up and checks. */
const BENCH_MS = 350;

/** Iterations of a bench at least, also where one takes longer than `BENCH_MS`. */
const FEWEST_ITERATIONS = 3;

/**
 * Registers one `Deno.bench` group: each contender replays the script of `place` in a timed loop of its
 * own. An iteration is 1,000,000 or 1,000 steps, so that the ms or us that `deno bench` prints are ns a
 * step; the next one continues where it ended, so that the whole script is asked. Rejects with a
 * `WrongAnswer`, before anything is timed, where a contender disagrees with the oracle.
 */
export async function benchGroup(place: Place): Promise<void> {
  const findLength = place.slots <= FEW_SLOTS ? 10 * SCRIPT_LENGTH : SCRIPT_LENGTH;
  const course = await courseOf(place, SEED, { findLength });
  if (course === null) throw new RangeError(`Cannot run ${place.workload} on ${place.slots} slots`);
  const { slots, script } = course;
  const steps = stepsOf(script), { unit } = KINDS[script.kind];
  const group = benchTitle({ ...place, slots: slots.length, steps, unit });
  for (const { name, create } of CONTENDERS) {
    const loop = LOOPS.get(name);
    if (loop === undefined) continue;
    if (name === "linear_scan" && slots.length > MOST_SCANNED) continue;
    const { replay } = await loop();
    const index = create(slots);
    checkReplay(name, index, script, replay);
    const msPerStep = warm(() => replay(index, script, 0, script.length)) / script.length;
    let at = 0;
    Deno.bench({
      name,
      group,
      baseline: name === BASELINE,
      n: Math.max(
        FEWEST_ITERATIONS,
        Math.ceil(script.length / steps),
        Math.round(BENCH_MS / (steps * msPerStep)),
      ),
      warmup: 1,
      fn() {
        for (let left = steps; left > 0;) {
          const to = Math.min(at + left, script.length), step = replay(index, script, at, to);
          if (step !== ALL_RIGHT) throw wrongAnswer(name, index, script, step);
          left -= to - at;
          at = to === script.length ? 0 : to;
        }
      },
    });
  }
}

/** Steps of an iteration: by the kind of script alone, so that a group has one title on all machines. */
function stepsOf(script: Script): number {
  if (KINDS[script.kind].isOfChanges) return FEW_STEPS;
  if (script.kind !== "range") return MANY_STEPS;
  const slots = script.to.reduce((sum, to, i) => sum + to - script.from[i], 0);
  return slots / script.length > LONG_RANGE ? FEW_STEPS : MANY_STEPS;
}

/**
 * Runs for `WARM_MS`, as `Deno.bench` times its warm-up, and the first bench of a file also pays for the
 * start of the engine. Gives the ms of the fastest run.
 */
function warm(run: () => void): number {
  let fastest = Infinity;
  for (const end = performance.now() + WARM_MS; performance.now() < end;) {
    const began = performance.now();
    run();
    fastest = Math.min(fastest, performance.now() - began);
  }
  return fastest;
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
