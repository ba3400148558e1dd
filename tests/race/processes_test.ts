import { assert, assertEquals } from "@std/assert";
import { groupsOf, planRace } from "../../bench/race/plan.ts";
import { probeJob, runProbe } from "../../bench/race/processes.ts";

Deno.test("runProbe: a contender weighed on the same map is not weighed again", async () => {
  const plan = planRace({
    ...{ key: "gfn", order: "balanced", plantPercent: 0, quick: true, seed: 1 },
    contenders: ["rb_tree"],
  });
  const [cell] = plan.cells, [group] = groupsOf(plan);
  const known = { name: "rb_tree", liveBytesPerSlot: 1, buildNsPerSlotSorted: 2 };
  const job = probeJob(plan, { cell, group, secret: "test", weighed: [known] });
  const line = await runProbe(job, {
    patienceSeconds: 60,
    signal: new AbortController().signal,
  });
  assert(line.kind === "probe", JSON.stringify(line));
  const [array, tree] = line.entries;
  assert(array.name === "sorted_array" && array.liveBytesPerSlot! > 1);
  assertEquals([tree.name, tree.liveBytesPerSlot, tree.buildNsPerSlotSorted], ["rb_tree", 1, 2]);
  assertEquals(tree.outcome, { kind: "ok" });
});
