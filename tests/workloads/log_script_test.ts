/** Recorded changes, replayed as they happened: the same for every contender, and a closed loop. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CONTENDERS } from "../../bench/race/contenders.ts";
import { checkReplay, floorOf, wrongAnswer } from "../../bench/race/kinds.ts";
import { ALL_RIGHT, replay } from "../../bench/race/replay.ts";
import { WrongAnswer } from "../../bench/race/wrong_answer.ts";
import { readGuest, type RecordedGuest } from "../../bench/traces/guest.ts";
import type { LogEvent } from "../../bench/traces/change_log.ts";
import { logScript } from "../../bench/workloads/log_script.ts";
import { random } from "../../bench/workloads/random.ts";
import { inCallersNumbers, type LogScript, loopOf } from "../../bench/workloads/script.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import { type Gfn, type Memslot, memslot } from "../../impls/memslot.ts";
import { memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { guestRecording, recording, source } from "../support/traces.ts";

function scriptOf(guest: RecordedGuest): LogScript {
  return inCallersNumbers(logScript(guest, random(1, "log")));
}

/** A call at a time, as QEMU logs it. */
function call(time: number, [slot, gpa, size]: readonly number[]): string {
  return `7@${time.toFixed(6)}:kvm_set_user_memory Slot#${slot} flags=0x0 gpa=0x${
    gpa.toString(16)
  } size=0x${size.toString(16)} ua=0x7f0000000000 ret=0\n`;
}

/** A lookup at a time, as the kernel logs it. */
function fault(time: number, address: number): string {
  return ` q-1 [0] ..... ${time.toFixed(6)}: kvm_page_fault: vcpu 0 rip 0x0 address 0x${
    address.toString(16)
  } error_code 0x5\n`;
}

const words = (log: readonly LogEvent[]) =>
  log.map((event) =>
    typeof event === "number"
      ? `find ${event}`
      : `${event.is} ${event.slot.id} at ${event.slot.baseGfn}`
  );

const CALLS = call(1, [0, 0, 0x2000]) + call(3, [1, 0x4000, 0x1000]) +
  call(5, [0, 0x8000, 0x2000]) +
  call(7, [1, 0, 0]) + call(8, [3, 0x8000, 0x1000]).replace("ret=0", "ret=-17");

Deno.test("readGuest: changes and the lookups between them, joined by time", async () => {
  const faults = [fault(0.5, 0x1000), fault(2, 0x1000), fault(4, 0x4000), fault(6, 0x9000)].join(
    "",
  );
  const guest = await readGuest(source(CALLS, "MAP"), [source(faults, "TRACE")]);
  assertEquals(guest.slots, [memslot(0, 8, 2)]);
  assertEquals(guest.gfns, [1, 1, 4, 9]);
  assertEquals(words(guest.log), [
    "insert 0 at 0",
    "find 1",
    "insert 1 at 4",
    "find 4",
    "erase 0 at 0",
    "insert 0 at 8",
    "find 9",
    "erase 1 at 4",
  ]);
  const script = scriptOf(guest);
  assertEquals(script.length, 16);
  assertEquals(script.operations.join(""), "10210202" + "10102102");
});

Deno.test("readGuest: of files without one clock the changes alone are the log", async () => {
  const lookups = "0x1\n0x4\n0x9\n";
  const guest = await readGuest(source(CALLS, "MAP"), [source(lookups, "TRACE")]);
  assertEquals(words(guest.log), [
    "insert 0 at 0",
    "insert 1 at 4",
    "erase 0 at 0",
    "insert 0 at 8",
    "erase 1 at 4",
  ]);
  assertEquals(guest.gfns, [1, 4, 9]);
  assertEquals((await readGuest(source("0 16\n20 8\n", "MAP"), [])).log, []);
});

Deno.test("logScript: the changed place and another are looked up after each change of a log alone", () => {
  const [a, b] = [memslot(0, 0, 1), memslot(1, 4, 1)];
  const log = [{ is: "insert", slot: a }, { is: "insert", slot: b }] as const;
  const script = logScript({ slots: [a, b], log }, random(1, "log"));
  assertEquals(script.operations.join(""), "002002" + "100100");
  const forward = script.slots.slice(6);
  assertEquals([forward[0], forward[1], forward[3], forward[4]], [a, a, b, b]);
  assert(forward[2] === a && (forward[5] === a || forward[5] === b));
  assertEquals(loopOf(script), script.length);
});

Deno.test("guest_changes: every contender agrees with the oracle on every recorded log, and ends as it began", async () => {
  const timed = source(recording("qemu-7.2-q35-4g-timestamps.log"), "MAP");
  const { log } = await readGuest(source(recording("qemu-7.2-q35-4g-timestamps.log")), []);
  const faults = log.map((_, i) => fault(1795806058 + i / 100, 0x1000 * i)).join("");
  const guests = [
    await readGuest(source(guestRecording("qemu-7.2-q35-4g-boot.log")), []),
    await readGuest(source(guestRecording("qemu-7.2-q35-512m-hotplug200.log")), []),
    await readGuest(source(recording("strace-6.1-q35-4g.txt")), []),
    await readGuest(timed, [source(faults, "TRACE")]),
  ];
  assertEquals(guests.map(({ log }) => log.length > 0), [true, true, true, true]);
  for (const guest of guests) {
    const script = scriptOf(guest), { slots } = guest;
    for (const { name, create } of CONTENDERS) {
      const index = create(slots);
      checkReplay(name, index, script, replay);
      for (let pass = 0; pass < 3; pass++) {
        assertEquals(replay(index, script, 0, script.length), ALL_RIGHT, name);
      }
      const held = [...memslotsInGfnRange(index, 0, 2 ** 52)];
      assert(held.length === slots.length && held.every((slot, i) => slot === slots[i]), name);
    }
    const floor = floorOf(script, slots.length);
    floor.seek(0);
    assertEquals(replay(floor, script, 0, script.length), ALL_RIGHT);
  }
});

Deno.test("guest_changes: a wrong index is refused with the lookup and the change before it", async () => {
  /** Forgets one erasure. */
  class Keeper extends LinearScan {
    #left = 3;
    override erase(slot: Memslot): void {
      if (this.#left-- !== 0) super.erase(slot);
    }
  }
  /** Finds nothing in one place. */
  class Blind extends LinearScan {
    override find(gfn: Gfn): Memslot | null {
      const slot = super.find(gfn);
      return slot?.id === 5 ? null : slot;
    }
  }
  const guest = await readGuest(source(guestRecording("qemu-7.2-q35-512m-hotplug200.log")), []);
  const script = scriptOf(guest);
  for (const Wrong of [Keeper, Blind]) {
    const index = new Wrong(guest.slots);
    const error = assertThrows(() => checkReplay("it", index, script, replay), WrongAnswer);
    assertStringIncludes(error.message, "the oracle");
    // One that keeps what was erased throws in the timed loop, which is an outcome of its own.
    if (Wrong === Keeper) continue;
    const timed = new Wrong(guest.slots), step = replay(timed, script, 0, script.length);
    assert(step !== ALL_RIGHT);
    const { message } = wrongAnswer("it", timed, script, step);
    assert(
      /^it gives .* as find\(0x[0-9a-f]+\) (after (inserting|erasing) slot|at the start)/.test(
        message,
      ),
      message,
    );
  }
});
