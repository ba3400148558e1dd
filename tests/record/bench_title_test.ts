import { assertEquals } from "@std/assert";
import { benchTitle, benchTopic } from "../../bench/record/bench_title.ts";
import { KINDS } from "../../bench/workloads/script.ts";

Deno.test("benchTopic: reads back the title of a group of every kind of script", () => {
  for (const { unit } of Object.values(KINDS)) {
    for (const originGfn of [0, 2 ** 20, 2 ** 40]) {
      for (const steps of [1, 999, 1_000, 10_000, 1_000_000, 1_234_567]) {
        const topic = {
          workload: "a_b",
          layout: "scattered",
          slots: 32764,
          originGfn,
          steps,
          unit,
        };
        assertEquals(benchTopic(benchTitle(topic)), topic);
      }
    }
  }
});

Deno.test("benchTitle: says how a time of an iteration reads as ns a step, where it does", () => {
  const topic = {
    workload: "w",
    layout: "l",
    slots: 9,
    originGfn: 0,
    steps: 1_000,
    unit: "change",
  };
  const title = (steps: number) => benchTitle({ ...topic, steps }).split("(")[1];
  assertEquals(title(1_000), "an iter is 1,000 changes: read µs as ns, ms as µs)");
  assertEquals(title(1_000_000), "an iter is 1,000,000 changes: read ms as ns)");
  assertEquals(title(10_000), "an iter is 10,000 changes)");
});

Deno.test("benchTopic: titles without an origin are of 2^20, and of the recorded guest of 0", () => {
  const title = "find_uniform: scattered, 509 slots (an iter is 10,000 lookups)";
  assertEquals(benchTopic(title), {
    workload: "find_uniform",
    layout: "scattered",
    slots: 509,
    originGfn: 2 ** 20,
    steps: 10_000,
    unit: "lookup",
  });
  assertEquals(benchTopic(title.replace("scattered", "recorded"))?.originGfn, 0);
});

Deno.test("benchTopic: other titles are null, whatever is in them", () => {
  const title = "find_uniform: scattered, 509 slots from gfn 2^20 (an iter is 10,000 lookups)";
  for (
    const [from, to] of [
      ["509", "0"],
      ["509", "9".repeat(400)],
      ["10,000", ",,,"],
      ["10,000", "0"],
      ["2^20", "2^52"],
      ["2^20", "2^9999"],
      ["2^20", "3"],
      ["lookups", "lookup "],
      ["find_uniform", "find uniform"],
      [" (an", "(an"],
      ["lookups)", "lookups: read)"],
      ["lookups)", "lookups: read <b>)"],
    ]
  ) assertEquals(benchTopic(title.replace(from, to)), null, `${from} ${to}`);
  for (const text of ["", "a", "x".repeat(1e6), `${"a ".repeat(5e5)}s)`]) {
    assertEquals(benchTopic(text), null);
  }
});
