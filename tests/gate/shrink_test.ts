import { assertEquals } from "@std/assert";
import { minimize } from "../../bench/gate/shrink.ts";

const NUMBERS = Array.from({ length: 1000 }, (_, i) => i);

function minimized(fails: (items: readonly number[]) => boolean, until = Infinity) {
  return minimize(NUMBERS, (items) => fails(items) ? items : null, until);
}

Deno.test("minimize: leaves what is needed, wherever it stands", () => {
  for (const needed of [[], [0], [999], [3, 500, 501, 997]]) {
    assertEquals(minimized((items) => needed.every((each) => items.includes(each))), needed);
  }
});

Deno.test("minimize: of what depends on the number of items, leaves as few as it takes", () => {
  assertEquals(minimized((items) => items.length >= 21).length, 21);
});

Deno.test("minimize: leaves out pairs that cancel each other", () => {
  const left = minimized((items) => items.includes(7) && items.length % 2 === 0);
  assertEquals([left.length, left.includes(7)], [2, true]);
});

Deno.test("minimize: takes the part that fails, where that is less than what was tried", () => {
  const firstTwo = (items: readonly number[]) => items.length < 2 ? null : items.slice(0, 2);
  assertEquals(minimize(NUMBERS, firstTwo, Infinity).length, 2);
});

Deno.test("minimize: gives what it has when the time is up", () => {
  assertEquals(minimized((items) => items.includes(7), performance.now() - 1), NUMBERS);
});
