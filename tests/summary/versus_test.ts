import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ASSUMED_SPREAD, isRepeat, runSpread } from "../../bench/summary/run_spread.ts";
import { summarize, type Summary } from "../../bench/summary/summary.ts";
import { compareRuns, differencesOf } from "../../bench/summary/versus.ts";
import type { Run } from "../../bench/record/result_file.ts";
import { cell, type Race, raceFile } from "../support/result_model.ts";
import { normal, seeded } from "../support/stats_model.ts";

const CELLS = [10, 128, 509, 4096, 32764].map((slots) => cell({ slots }));
const NS = { sorted_array: 40, a: 60, b: 10, c: 44, d: 41 };

/** A run at its own hour: each contender is off by a day effect of `day`, in logs. */
function runAt(hour: number, day: number, race: Partial<Race> = {}): Summary {
  const random = seeded(7_000 + hour);
  const ns = Object.fromEntries(
    Object.entries({ ...NS, ...race.ns }).map(([name, value]) => [
      name,
      (value as number) * Math.exp(day * normal(random)),
    ]),
  );
  const base = { processes: 10, rounds: 8, cells: CELLS, luck: 0.01 };
  return summarize(raceFile({ ...base, ...race, ns, seed: hour }, "hour.jsonl"));
}

function claims(a: Summary, b: Summary, repeats?: readonly Summary[]): number {
  const { rows } = compareRuns(a, b, { failAbove: 1.05, repeats });
  return rows.filter(({ verdict, fails }) =>
    fails || verdict?.kind === "faster" || verdict?.kind === "slower"
  ).length;
}

Deno.test("compareRuns: of 15 pairs of runs of one commit at most one claims a change", () => {
  for (const day of [0.01, 0.02]) {
    const claiming = Array.from(
      { length: 15 },
      (_, pair) => claims(runAt(2 * pair, day), runAt(2 * pair + 1, day)),
    ).filter((count) => count > 0);
    assert(claiming.length <= 1, `${claiming.length} of 15 at a day effect of ${day}`);
  }
});

Deno.test("compareRuns: a change beyond the spread of runs is found, and fails", () => {
  const slower = runAt(1, 0.01, { ns: { a: 60 * 1.25 } });
  const { rows } = compareRuns(runAt(0, 0.01), slower, { failAbove: 1.05 });
  const own = rows.filter(({ contender }) => contender === "a");
  assertEquals(
    own.map(({ verdict, fails }) => [verdict?.kind, fails]),
    Array(5).fill(["slower", true]),
  );
});

Deno.test("compareRuns: repeated runs that agree let a smaller change be claimed", () => {
  const repeats = [0, 1, 2].map((hour) => runAt(hour, 0.002));
  const slower = runAt(9, 0.002, { ns: { a: 60 * 1.08 } });
  assertEquals(claims(repeats[0], slower), 0, "8 % is what the hour may do");
  assert(claims(repeats[0], slower, repeats) > 0);
});

Deno.test("compareRuns: on another machine, by name or by speed, there is no verdict", () => {
  const elsewhere = [
    runAt(1, 0, { host: "there", ns: { a: 200 } }),
    runAt(1, 0, { ns: { sorted_array: 48, a: 200, b: 12, c: 52.8, d: 49.2 } }),
  ];
  for (const other of elsewhere) {
    const { rows, differences } = compareRuns(runAt(0, 0), other, { failAbove: 1.05 });
    assert(differences.length > 0);
    assert(
      rows.every(({ fails, absolute, verdict }) =>
        !fails && absolute === null && (verdict === null || verdict.kind === "no verdict")
      ),
    );
  }
});

Deno.test("differencesOf: another version of an engine that both have raced is another environment", () => {
  const run = (node?: string): Run => {
    const { run } = runAt(0, 0);
    return { ...run, environment: { ...run.environment, ...node && { engines: { node } } } };
  };
  const found = differencesOf(run("Node 22.0"), run("Node 24.0"));
  assertEquals(found, [{ field: "engine", values: ["Node 22.0", "Node 24.0"] }]);
  assertEquals(differencesOf(run("Node 22.0"), run()), []);
});

Deno.test("runSpread: the standard deviation from run to run, of fewer than two assumed", () => {
  const runs = Array.from({ length: 12 }, (_, hour) => runAt(hour, 0.02, { luck: 0.001 }));
  assertAlmostEquals(runSpread(runs).absolute, 0.02, 0.008);
  assertEquals(runSpread(runs).runs, 12);
  assertEquals(runSpread(runs.slice(0, 1)), ASSUMED_SPREAD);
});

Deno.test("runSpread: the base, which is 1 in every run, does not count for ratios", () => {
  const runs = [1, 1.1].map((by) => {
    const ns = { sorted_array: 40, a: 20 * by, b: 30 * by, c: 50 * by, d: 60 * by };
    return runAt(0, 0, { ns, luck: 0 });
  });
  assertAlmostEquals(runSpread(runs).relative, Math.log(1.1) / Math.SQRT2, 1e-3);
});

Deno.test("isRepeat: the same commit asked the same, not another plan or an uncommitted one", () => {
  const run = runAt(0, 0), same = { ...run };
  assert(isRepeat(run, same));
  const of = (fields: Pick<Summary["run"], "commit">): Summary => {
    return { ...run, run: { ...run.run, ...fields } };
  };
  assert(!isRepeat(run, of({ commit: "fedcba9" })));
  assert(!isRepeat(of({ commit: "0123abc+" }), of({ commit: "0123abc+" })));
  assert(!isRepeat(run, runAt(0, 0, { cells: CELLS.slice(1) })));
});
