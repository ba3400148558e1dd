import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { LastUsedReader } from "../../impls/kvm/last_used.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import type { Gfn, Memslot } from "../../impls/memslot.ts";
import { checkReplay, floorOf, wrongAnswer } from "../../bench/race/kinds.ts";
import { ReaderIndex } from "../../bench/race/reader_index.ts";
import { ALL_RIGHT, replay } from "../../bench/race/replay.ts";
import { WrongAnswer } from "../../bench/race/wrong_answer.ts";
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
  const words = `as find(0x${script.gfns[9].toString(16)}), and the right one when asked again`;
  assertStringIncludes(error.message, `liar gives a wrong answer ${words}`);
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

/** A sorted array whose order is mended at the first question after a change. */
class Deferring extends LinearScan {
  /** Times that the order was mended. */
  mended = 0;
  #isDirty = false;

  override insert(slot: Memslot): void {
    super.insert(slot);
    this.#isDirty = true;
  }

  override erase(slot: Memslot): void {
    super.erase(slot);
    this.#isDirty = true;
  }

  override find(gfn: Gfn): Memslot | null {
    if (this.#isDirty) this.mended++;
    this.#isDirty = false;
    return super.find(gfn);
  }
}

async function changesFor(workload: string, slots = SLOTS) {
  const place = { workload, layout: "scattered", slots, originGfn: 2 ** 20 };
  const course = (await courseOf(place, 1))!;
  assert(course.script.kind === "churn" || course.script.kind === "churn_find");
  return { slots: course.slots, script: course.script };
}

Deno.test("replayChurnFind: what an index leaves for its next question is done in the step", async () => {
  for (
    const [workload, perStep] of [["move", 0], ["move_find", 2], ["recreate_find", 2]] as const
  ) {
    const { slots, script } = await changesFor(workload);
    const index = new Deferring(slots);
    assertEquals(replay(index, script, 0, 100), ALL_RIGHT);
    assertEquals(index.mended, 100 * perStep);
  }
});

/** Answers with the slot that was erased last, from `lookup` number `from` on: it forgot to forget. */
class Stale extends LinearScan {
  #left: number;
  #last: Memslot | null = null;

  constructor(slots: readonly Memslot[], from: number) {
    super(slots);
    this.#left = from;
  }

  override erase(slot: Memslot): void {
    super.erase(slot);
    this.#last = slot;
  }

  override find(gfn: Gfn): Memslot | null {
    return this.#left-- > 0 ? super.find(gfn) : this.#last;
  }
}

Deno.test("replayChurnFind: each of the three lookups of a step is compared, and told in words", async () => {
  const { slots, script } = await changesFor("move_find");
  assert(script.kind === "churn_find");
  const { erased, inserted, elsewhere, after } = script;
  const asked = [erased, inserted, elsewhere];
  for (let lookup = 0; lookup < 3; lookup++) {
    const index = new Stale(slots, 3 * 7 + lookup);
    assertEquals(replay(index, script, 0, 100), 7);
    const words = wrongAnswer("stale", index, script, 7).message;
    const gfn = (lookup === 2 ? inserted : asked[lookup])[7];
    assertStringIncludes(words, `as find(0x${gfn.toString(16)}) after`);
    const { id } = after[7];
    assertStringIncludes(words, lookup === 0 ? "the oracle gives nothing" : `gives slot ${id}`);
  }
});

Deno.test("replayChurnFind: an index that is wrong once is told of as such", async () => {
  const { slots, script } = await changesFor("move_find");
  const index = new Liar(slots, [3 * 7 + 2]);
  assertEquals(replay(index, script, 0, 100), 7);
  assertStringIncludes(
    wrongAnswer("liar", index, script, 7).message,
    "a right one when asked again",
  );
});

Deno.test("replayChurnFind: the floor answers from any step on", async () => {
  for (const slots of [1, 2, SLOTS]) {
    const course = await changesFor("move_find", slots);
    const floor = floorOf(course.script, slots);
    for (const from of [0, 4000]) {
      floor.seek(from);
      assertEquals(replay(floor, course.script, from, from + 1000), ALL_RIGHT);
    }
  }
});

Deno.test("ReaderIndex: forgets what it found when the index changes", async () => {
  for (const workload of ["move_find", "recreate_find"]) {
    const { slots, script } = await changesFor(workload);
    const index = new ReaderIndex(new LinearScan(slots), LastUsedReader);
    assertEquals(replay(index, script, 0, 200), ALL_RIGHT);
  }
});
