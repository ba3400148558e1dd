import { assertEquals } from "@std/assert";
import { belowFloor } from "../../bench/race/below_floor.ts";

/** The floor is entry 1; its next blocks take `again`, the last of them for ever. */
function below(fastest: number[], again: number[]) {
  let runs = 0;
  const found = belowFloor(fastest, 1, () => again[Math.min(runs++, again.length - 1)]);
  return { ...found, runs };
}

Deno.test("belowFloor: what is faster than the floor however often that runs", () => {
  assertEquals(below([20, 1.5, 1.4, 30], [1.5]), { below: [2], floorNs: 1.5, runs: 16 });
  assertEquals(below([20, 1.5, 0, 1e-9], [1.5]), { below: [2, 3], floorNs: 1.5, runs: 16 });
});

Deno.test("belowFloor: a floor that was disturbed in all its blocks is run again, and nothing blamed", () => {
  assertEquals(below([20, 700, 15, 30], [600, 1.5]), { below: [], floorNs: 1.5, runs: 2 });
  assertEquals(below([20, 1.5, 15, Infinity], []), { below: [], floorNs: 1.5, runs: 0 });
});
