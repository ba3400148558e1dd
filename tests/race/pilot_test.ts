import { assert, assertEquals } from "@std/assert";
import { lateEntries, noiseOf, trialsToRepeat } from "../../bench/race/pilot.ts";
import { WARM_UP } from "../../bench/race/schedule.ts";
import { cellKey, type TrialLine } from "../../bench/record/schema.ts";
import { cell, raceLines } from "../support/result_model.ts";

/** Trials of a made-up race of 24 rounds; `change` alters the ns of a block. */
function trialsOf(
  processes: number,
  change: (ns: number, at: { process: number; entry: number; round: number }) => number = (ns) =>
    ns,
): TrialLine[] {
  return raceLines({ processes, rounds: 24, cells: [cell(), cell({ slots: 10 })] })
    .flatMap((line) => line.kind === "trial" ? [line] : [])
    .map((trial) => {
      const { round, entry, ns } = trial.blocks, { process } = trial;
      const changed = ns.map((ns, i) => change(ns, { process, entry: entry[i], round: round[i] }));
      return { ...trial, blocks: { round, entry, ns: changed } };
    });
}

Deno.test("lateEntries: an entry that changes its speed, and a warm-up that has the change behind it", () => {
  const [trial] = trialsOf(1, (ns, { entry, round }) => entry === 1 && round < 12 ? 2.6 * ns : ns);
  assertEquals(lateEntries(trial), [["rb_tree", 1.5 * (WARM_UP.steps + 12 * 1000)]]);
});

Deno.test("lateEntries: none where all are steady, or one drifts by less than a tenth", () => {
  assertEquals(trialsOf(10).flatMap(lateEntries), []);
  const [trial] = trialsOf(1, (ns, { entry, round }) => entry === 1 && round < 12 ? 1.06 * ns : ns);
  assertEquals(lateEntries(trial), []);
});

Deno.test("trialsToRepeat: a noisy window over one process is run again, in each cell", () => {
  let toss = 0;
  const noisy = (ns: number) => ns * (1 + 0.6 * ((toss = (toss + 7) % 11) / 11));
  const trials = trialsOf(10, (ns, { process }) => process === 3 ? noisy(ns) : ns);
  const again = trialsToRepeat(trials, ({ cell }) => cellKey(cell));
  assertEquals(again.map(({ process }) => process), [3, 3]);
  assert(noiseOf(again[0]) > noiseOf(trials[0]));
});

Deno.test("trialsToRepeat: never more than a fifth, and it does not look at ratios", () => {
  const wild = trialsOf(
    10,
    (ns, { process, round }) => ns * (1 + process * ((round * 5) % 7) / 50),
  );
  assert(trialsToRepeat(wild, ({ cell }) => cellKey(cell)).length <= 4);
  const slower = trialsOf(10, (ns, { entry }) => entry === 1 ? 3 * ns : ns);
  assertEquals(
    trialsToRepeat(slower, ({ cell }) => cellKey(cell)).map(({ process }) => process),
    trialsToRepeat(trialsOf(10), ({ cell }) => cellKey(cell)).map(({ process }) => process),
  );
});
