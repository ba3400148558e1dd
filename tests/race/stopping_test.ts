import { assert, assertEquals } from "@std/assert";
import { isDecided } from "../../bench/race/stopping.ts";
import type { TrialLine } from "../../bench/record/schema.ts";
import { summarize } from "../../bench/summary/summary.ts";
import { type Race, raceFile, raceLines, withLines } from "../support/result_model.ts";
import { assertShare } from "../support/stats_model.ts";

/** Trials of a made-up race, and what its plan says of it. */
function raceOf(race: Partial<Race>): [TrialLine[], Parameters<typeof isDecided>[1]] {
  const lines = raceLines(race);
  const trials = lines.flatMap((line) => line.kind === "trial" ? [line] : []);
  const names = Object.keys(race.ns ?? { sorted_array: 0, rb_tree: 0, eytzinger: 0 });
  const contenders = names.map((name) => ({ name, url: "" }));
  return [trials, { baseline: names[0], processes: 10, contenders }];
}

Deno.test("isDecided: at a look, where every row is claimed, equal or known to 1 %", () => {
  const [trials, plan] = raceOf({ processes: 6 });
  assert(isDecided(trials, plan));
  assert(!isDecided(trials.slice(0, 5), plan), "5 is no look");
  assert(!isDecided(trials, { ...plan, processes: 6 }), "there are no more to save");
});

Deno.test("isDecided: a row that is open keeps the cell going", () => {
  const ns = { sorted_array: 40, rb_tree: 41, eytzinger: 10 };
  const [trials, plan] = raceOf({ processes: 6, ns, luck: 0.08 });
  assert(!isDecided(trials, plan));
});

Deno.test("isDecided: many contenders are not looked at before 10 processes", () => {
  const ns = Object.fromEntries(
    ["sorted_array", "a", "b", "c", "d"].map((name, i) => [name, 10 + i]),
  );
  const [trials, plan] = raceOf({ processes: 6, ns });
  assert(!isDecided(trials, plan));
});

Deno.test("isDecided: a race of equals that may stop early calls few of them different", () => {
  const ns = { sorted_array: 40, rb_tree: 40 };
  let different = 0;
  const runs = 150;
  for (let seed = 1; seed <= runs; seed++) {
    const all = raceFile({ processes: 10, rounds: 8, ns, luck: 0.03, seed }, "stop.jsonl");
    const trials = all.lines.flatMap((line) => line.kind === "trial" ? [line] : []);
    const [, plan] = raceOf({ ns });
    const taken = isDecided(trials.slice(0, 6), plan) ? trials.slice(0, 6) : trials;
    const run = { ...all.run, plan: { ...all.run.plan, layoutPerProcess: true } };
    const { cells } = summarize(withLines({ ...all, run }, [...taken, all.lines.at(-1)!]));
    const kinds = cells[0].entries.flatMap(({ result }) =>
      result.kind === "timed" && result.judged ? [result.judged.verdict.kind] : []
    );
    if (kinds.includes("faster") || kinds.includes("slower")) different++;
  }
  assertShare(different, { runs, atMost: 0.05 });
});

Deno.test("summarize: a cell that stopped early lacks nothing", () => {
  const file = raceFile({ processes: 6 });
  const run = { ...file.run, plan: { ...file.run.plan, processes: 10, layoutPerProcess: true } };
  assertEquals(summarize({ ...file, run }).warnings, []);
  const killed = summarize(withLines({ ...file, run }, file.lines.slice(0, -1)));
  assertEquals(killed.warnings.length, 1);
});
