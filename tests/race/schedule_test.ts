import { assert, assertEquals } from "@std/assert";
import {
  type Calibrated,
  checkedSteps,
  evenSteps,
  fastestPerStep,
  isEnough,
  scheduleOf,
  settlingSteps,
  stepsOf,
  stretchSteps,
  WARM_UP,
  warmUpOf,
  wholeLoops,
} from "../../bench/race/schedule.ts";
import { courseOf } from "../../bench/workloads/workloads.ts";

const FEW = { planned: 24, slots: 10 };

/** Contenders with these ns a step, beside a twin of `twin` and a floor of 1. */
function entries(twin: number, ...contenders: readonly number[]): Calibrated[] {
  return [
    ...contenders.map((nsPerStep): Calibrated => ({ role: "contender", nsPerStep })),
    { role: "twin", nsPerStep: twin },
    { role: "floor", nsPerStep: 1 },
  ];
}

Deno.test("scheduleOf: the baseline's block takes half a millisecond, all entries the same steps", () => {
  const { rounds, steps, blocks } = scheduleOf(entries(50, 50, 25, 100), FEW);
  assertEquals(steps, 10_000);
  assertEquals(rounds, 24);
  assertEquals(blocks, Array(5).fill(10_000));
});

Deno.test("scheduleOf: the fastest entry's block takes a tenth of a millisecond, the floor's less", () => {
  assertEquals(scheduleOf(entries(50, 5), FEW).steps, 20_000);
});

Deno.test("scheduleOf: a block ends after 2 ms, however fast another entry is", () => {
  assertEquals(scheduleOf(entries(10_000, 1), FEW).blocks, [100_000, 200, 100_000]);
});

Deno.test("scheduleOf: an entry that seems to take no time has a block that ends", () => {
  assertEquals(scheduleOf(entries(50, 0), FEW).steps, 1_000_000);
});

Deno.test("scheduleOf: rounds are fewer where one takes long, down to sixteen", () => {
  const rounds = (planned: number, contenders: number) => {
    const all = entries(10_000, ...Array(contenders).fill(10_000));
    return scheduleOf(all, { planned, slots: 10 }).rounds;
  };
  assertEquals([rounds(1_000, 1), rounds(1_000, 20), rounds(1_000, 400)], [499, 47, 16]);
  assertEquals([rounds(24, 1), rounds(4, 400)], [24, 4]);
});

Deno.test("scheduleOf: an entry over 4 times slower has fewer steps, an even number from 2 up", () => {
  const steps = (slower: number) => scheduleOf(entries(50, 50 * slower), FEW).blocks[0];
  assertEquals([1, 4, 8, 40, 1e9].map(steps), [10_000, 10_000, 5_000, 1_000, 2]);
});

Deno.test("scheduleOf: blocks of a recording are whole passes for all, in sixteen rounds", () => {
  const passes = (passSteps: number) => scheduleOf(entries(20, 2_000), { ...FEW, passSteps });
  const blocks = Array(3).fill(250_000), settling = Array(3).fill(31_250);
  assertEquals(passes(250_000), { rounds: 16, steps: 250_000, blocks, settling });
  assertEquals(passes(149_971).steps, 149_970);
});

Deno.test("scheduleOf: a short recording runs in several whole passes a block", () => {
  const { steps, blocks } = scheduleOf(entries(50, 50, 5_000), { ...FEW, passSteps: 240 });
  assert(steps > 5_000, `${steps}`);
  for (const length of [steps, ...blocks]) assertEquals(length % 240, 0);
  assert(blocks[1] >= 240 && blocks[1] < blocks[0]);
});

Deno.test("wholeLoops: the nearest multiple of a loop, from one loop up", () => {
  assertEquals([0, 100, 361, 700].map((steps) => wholeLoops(steps, 240)), [240, 240, 480, 720]);
});

Deno.test("warmUpOf: an entry that settles late has more steps and up to 250 ms", () => {
  assertEquals(warmUpOf(null), WARM_UP);
  assertEquals(warmUpOf(1e6), { steps: 1e6, leastMs: WARM_UP.leastMs, mostMs: 250 });
  assertEquals(warmUpOf(10).steps, WARM_UP.steps);
});

Deno.test("scheduleOf: an entry that is out counts nowhere, not even the twin", () => {
  assertEquals(scheduleOf(entries(50, 50, Infinity), FEW).blocks[1], 10_000);
  assertEquals(scheduleOf(entries(Infinity, 100, 200), FEW).steps, 5_000);
  assertEquals(scheduleOf(entries(Infinity, Infinity), FEW).steps, 2);
});

Deno.test("isEnough: both limits, or the upper one alone", () => {
  const { steps, leastMs, mostMs } = WARM_UP;
  assert(!isEnough({ steps: steps + 1, ms: leastMs }, WARM_UP));
  assert(!isEnough({ steps, ms: leastMs + 1 }, WARM_UP));
  assert(isEnough({ steps: steps + 1, ms: leastMs + 1 }, WARM_UP));
  assert(isEnough({ steps: 2, ms: mostMs + 1 }, WARM_UP));
});

Deno.test("stretchSteps: stretches grow by as much as was done, up to 10,000 steps", () => {
  const stretches: number[] = [];
  for (let done = 0; stretches.length < 9; done += stretches.at(-1)!) {
    stretches.push(stretchSteps(done, 100));
  }
  assertEquals(stretches, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

Deno.test("checkedSteps: fewer changes than questions", () => {
  assertEquals([checkedSteps(true), checkedSteps(false)], [200, 1_000]);
});

Deno.test("settlingSteps: an eighth of the block, or a quarter of the slots for 250 us at most", () => {
  const settling = (steps: number, slots: number, nsPerStep: number) => {
    return settlingSteps({ steps, slots, nsPerStep });
  };
  assertEquals(settling(8_000, 10, 50), 1_000);
  assertEquals(settling(10_000, 32_764, 10), 8_191);
  assertEquals(settling(8_000, 32_764, 10), 8_000);
  assertEquals(settling(8_000, 32_764, 100), 2_500);
  assertEquals(settling(8_000, 32_764, 1_000), 1_000);
  assertEquals(settling(2, 32_764, 1e9), 0.25);
});

Deno.test("evenSteps: the nearest even number from 2 up", () => {
  assertEquals([0, 1, 2, 2.9, 3, 5.1, 99].map(evenSteps), [2, 2, 2, 2, 4, 6, 100]);
});

Deno.test("stepsOf: a step of many calls counts as many", async () => {
  const place = { workload: "perf_setup", layout: "contiguous", slots: 50, originGfn: 2 ** 20 };
  assertEquals(stepsOf(1_000, (await courseOf(place, 1))!), 20);
  const find = await courseOf({ ...place, workload: "find_uniform" }, 1);
  assertEquals(stepsOf(1_000, find!), 1_000);
});

Deno.test("fastestPerStep: three preempted blocks of the floor do not make an index faster", () => {
  const FLOOR = 0, INDEX = 1, ABSENT = 2;
  const entry = [FLOOR, INDEX, INDEX, FLOOR, FLOOR, INDEX, INDEX, FLOOR];
  const ns = [9000, 2000, 2100, 9000, 1000, 2000, 2100, 9000];
  const fastest = fastestPerStep({ entry, ns }, [100, 100, 100]);
  assertEquals([fastest[FLOOR], fastest[INDEX], fastest[ABSENT]], [10, 20, Infinity]);
});
