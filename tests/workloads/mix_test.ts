import { assertAlmostEquals, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { LinearScan } from "../../impls/linear_scan.ts";
import { CONTENDERS } from "../../bench/race/contenders.ts";
import { checkReplay, floorOf } from "../../bench/race/kinds.ts";
import { ALL_RIGHT, replay } from "../../bench/race/replay.ts";
import { WrongAnswer } from "../../bench/race/wrong_answer.ts";
import { mixText, sharesOf, USUAL_MIX } from "../../bench/workloads/mix.ts";
import type { MixScript } from "../../bench/workloads/script.ts";
import { courseOf, type Place } from "../../bench/workloads/workloads.ts";

const PLACE: Place = { workload: "mix", layout: "scattered", slots: 64, originGfn: 2 ** 20 };

async function mixAt(mix: string, slots = 64) {
  const course = (await courseOf({ ...PLACE, slots, mix }, 1))!;
  return { slots: course.slots, script: course.script as MixScript };
}

Deno.test("sharesOf, mixText: any spelling of a mix is one", () => {
  assertEquals(mixText(sharesOf("change=1, find=95,range=4")), USUAL_MIX);
  assertEquals(mixText(sharesOf("find=1,miss=1")), "find=50,miss=50");
  for (const bad of ["", "find", "find=-1", "fly=3", "find=0", "find=x", "find=1,,"]) {
    assertThrows(() => sharesOf(bad), RangeError);
  }
});

Deno.test("mix: operations come in their shares, in pairs of one kind", async () => {
  const { script } = await mixAt("find=50,miss=30,range=15,change=5");
  const share = (of: (i: number) => boolean) =>
    script.operations.filter((_, i) => of(i)).length / script.length;
  const isMiss = (i: number) =>
    script.operations[i] === 0 && script.find.answers[script.at[i]] === null;
  assertAlmostEquals(share((i) => script.operations[i] === 0 && !isMiss(i)), 0.5, 0.03);
  assertAlmostEquals(share(isMiss), 0.3, 0.03);
  assertAlmostEquals(share((i) => script.operations[i] === 1), 0.15, 0.02);
  assertAlmostEquals(share((i) => script.operations[i] === 2), 0.05, 0.02);
  for (let i = 0; i < script.length; i += 2) {
    assertEquals(script.operations[i], script.operations[i + 1]);
  }
});

Deno.test("mix: every contender answers as the oracle, and any even stretch is a closed loop", async () => {
  for (const mix of [USUAL_MIX, "change=1", "miss=1", "find=1,miss=1,range=1,change=1"]) {
    const { slots, script } = await mixAt(mix, mix === USUAL_MIX ? 509 : 10);
    for (const { name, create } of CONTENDERS) {
      const index = create(slots);
      checkReplay(name, index, script, replay, 1000);
      assertEquals(replay(index, script, 400, 402), ALL_RIGHT, name);
      assertEquals(index.size, slots.length);
    }
    const floor = floorOf(script, slots.length);
    for (const from of [0, 400]) {
      floor.seek(from);
      assertEquals(replay(floor, script, from, script.length), ALL_RIGHT, "floor");
    }
  }
});

Deno.test("mix: a wrong answer is told in the words of its operation", async () => {
  const { slots, script } = await mixAt("range=1");
  const index = new LinearScan(slots.slice(1));
  const { message } = assertThrows(() => checkReplay("lame", index, script, replay), WrongAnswer);
  assertMatch(message, /lame gives .* of range \[0x/);
});
