import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { LinearScan } from "../../impls/linear_scan.ts";
import type { Gfn, Memslot } from "../../impls/memslot.ts";
import { floorOf } from "../../bench/race/floor.ts";
import { ALL_RIGHT, replay } from "../../bench/race/replay.ts";
import { checkReplay, WrongAnswer } from "../../bench/race/wrong_answer.ts";
import type { FindScript, SerialScript } from "../../bench/workloads/script.ts";
import { courseOf } from "../../bench/workloads/workloads.ts";

const SLOTS = 509;

async function courseFor(workload: string, originGfn = 2 ** 20) {
  const place = { workload, layout: "scattered", slots: SLOTS, originGfn };
  const { slots, script } = (await courseOf(place, 1))!;
  assert(script.kind === "find" || script.kind === "serial");
  return { slots, script: script as FindScript | SerialScript };
}

/** Writes down what it is asked, and lies where it is told to. */
class Liar extends LinearScan {
  readonly asked: Gfn[] = [];
  readonly #lies: ReadonlySet<number>;

  constructor(slots: readonly Memslot[], lies: readonly number[]) {
    super(slots);
    this.#lies = new Set(lies);
  }

  override find(gfn: Gfn): Memslot | null {
    this.asked.push(gfn);
    return this.#lies.has(this.asked.length - 1) ? null : super.find(gfn);
  }
}

Deno.test("find_serial: asks what find_uniform asks", async () => {
  const serial = await courseFor("find_serial"), uniform = await courseFor("find_uniform");
  assertEquals(serial.slots, uniform.slots);
  assertEquals(serial.script, { ...uniform.script, kind: "serial" });
});

Deno.test("replaySerial: a right index is asked for the gfns of the script", async () => {
  for (const originGfn of [0, 2 ** 20, 2 ** 40]) {
    const { slots, script } = await courseFor("find_serial", originGfn);
    const index = new Liar(slots, []);
    assertEquals(replay(index, script, 100, 400), ALL_RIGHT);
    assertEquals(index.asked, script.gfns.slice(100, 400));
  }
});

Deno.test("replaySerial: a question depends on the answers before it", async () => {
  const { slots, script } = await courseFor("find_serial");
  const index = new Liar(slots, [3]);
  replay(index, script, 0, 8);
  assertEquals(index.asked, script.gfns.slice(0, 8).map((gfn, i) => i > 3 ? gfn + 1 : gfn));
});

Deno.test("replaySerial: gives the first wrong step, whatever follows", async () => {
  const { slots, script } = await courseFor("find_serial");
  for (const lies of [[0], [299], [7, 8, 200], [298, 299]]) {
    assertEquals(replay(new Liar(slots, lies), script, 100, 400), 100 + lies[0]);
  }
  const error = assertThrows(() => checkReplay("liar", new Liar(slots, [9]), script, replay));
  // The question is asked once more to tell what is wrong, and that answer is right.
  assert(error instanceof WrongAnswer);
  assertStringIncludes(error.message, `as find(0x${script.gfns[9].toString(16)}), the oracle`);
});

Deno.test("replaySerial: the floor answers from any step on, and by the gfn", async () => {
  const { slots, script } = await courseFor("find_serial", 2 ** 40);
  const floor = floorOf(script, slots.length);
  for (const from of [0, 4000]) {
    floor.seek(from);
    assertEquals(replay(floor, script, from, from + 1000), ALL_RIGHT);
  }
  floor.seek(10);
  assertEquals(floor.find(script.gfns[10] + 5), script.answers[15]);
});
