import { assertEquals, assertThrows } from "@std/assert";
import { PlanError } from "../../bench/race/cells.ts";
import { planRace, shardOf, type Wishes } from "../../bench/race/plan.ts";
import { processSteps, stepKey } from "../../bench/race/steps.ts";
import { cellKey } from "../../bench/record/schema.ts";
import { cellsOfShard } from "../../bench/record/shard.ts";

function plan(wishes: Partial<Wishes> = {}) {
  const some = { key: "gfn", order: "balanced", quick: false, plantPercent: 0, seed: 1 } as const;
  return planRace({ ...some, ...wishes });
}

function steps(whole: ReturnType<typeof plan>, of: number, by: "cell" | "process") {
  return Array.from({ length: of }, (_, i) => {
    return processSteps(shardOf(whole, { index: i + 1, of, by })).map(stepKey);
  });
}

Deno.test("shardOf: the steps of all shards are those of the race, each once", () => {
  const whole = plan({ conditions: ["solo", "mixed"], lastUsed: ["off", "reader"] });
  for (const by of ["cell", "process"] as const) {
    for (const parts of [1, 2, 3, 5]) {
      assertEquals(steps(whole, parts, by).flat().sort(), processSteps(whole).map(stepKey).sort());
    }
  }
});

Deno.test("shardOf: by cell, as many cells each or one less, and neighbours together", () => {
  const whole = plan(), of = 4;
  const parts = Array.from({ length: of }, (_, i) => {
    return shardOf(whole, { index: i + 1, of, by: "cell" }).cells;
  });
  assertEquals(parts.map(({ length }) => length), [5, 4, 5, 4]);
  assertEquals(parts.flat().map(cellKey), whole.cells.map(cellKey));
});

Deno.test("shardOf: by cell, the variants of a cell, compared in ns, stay together", () => {
  const whole = plan({ conditions: ["solo", "mixed"], lastUsed: ["off", "set", "reader"] });
  const places = [1, 2, 3].map((index) => {
    const { cells } = shardOf(whole, { index, of: 3, by: "cell" });
    return new Set(cells.map((cell) => cellKey({ ...cell, condition: "solo", lastUsed: "off" })));
  });
  assertEquals(places.map(({ size }) => size), [6, 6, 6]);
  assertEquals(new Set(places.flatMap((own) => [...own])).size, 18);
});

Deno.test("shardOf: by process, a pair of processes, which run in opposite orders, stays together", () => {
  const whole = plan({ processes: 10 });
  const processes = [1, 2, 3].map((index) => {
    const own = processSteps(shardOf(whole, { index, of: 3, by: "process" }));
    return [...new Set(own.flatMap((step) => step.kind === "trial" ? step.process : []))];
  });
  assertEquals(processes, [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]);
});

Deno.test("shardOf: is the same whatever the plan is a part of already: its own cells", () => {
  const whole = plan(), { shard, cells } = shardOf(whole, { index: 2, of: 3, by: "cell" });
  assertEquals(cellsOfShard(shard!).map(cellKey), cells.map(cellKey));
});

Deno.test("shardOf: refuses more shards than there is something to race for", () => {
  const whole = plan({ processes: 10 });
  const of19 = () => shardOf(whole, { index: 1, of: 19, by: "cell" });
  assertThrows(
    of19,
    PlanError,
    "there are 18 cells (variants of a cell stay together). Take at most 18",
  );
  const of6 = () => shardOf(whole, { index: 6, of: 6, by: "process" });
  assertThrows(of6, PlanError, "10 processes, which stay in pairs. Take at most 5 shards");
});
