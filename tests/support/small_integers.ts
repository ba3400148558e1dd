/**
 * Run as a process of its own, as one slot from 2^31 on makes doubles of the fields of all: takes
 * places, asks every contender there, and prints what is then held in doubles, a line each.
 */
import { serialize } from "node:v8";
import type { Buffer } from "node:buffer";
import { AddressSpace } from "../../impls/kvm/address_space.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import { type Memslot, memslot } from "../../impls/memslot.ts";
import { CONTENDERS } from "../../bench/race/contenders.ts";
import { checkReplay } from "../../bench/race/kinds.ts";
import { creationsOf } from "../../bench/workloads/memslot_perf.ts";
import type { Script } from "../../bench/workloads/script.ts";
import { type Course, courseOf, type Place } from "../../bench/workloads/workloads.ts";

/** V8's format: each number begins with `N` if it is held as a double, with `I` if not. */
const DOUBLE = "N".charCodeAt(0), INTEGER = "I".charCodeAt(0);

/** Of a double there are 9 bytes, of an integer of 32 bits 6 at most. */
function isDoubles(values: readonly number[]): boolean {
  return serialize(values).length > 8 * values.length;
}

function doubleFields(slot: Memslot): string[] {
  const bytes: Buffer = serialize(slot);
  return Object.keys(slot).filter((field) => {
    const tag = bytes[bytes.indexOf(field) + field.length];
    if (tag !== DOUBLE && tag !== INTEGER) throw new Error(`${field} begins with ${tag}`);
    return tag === DOUBLE;
  });
}

/** Names of what `script` holds in doubles. */
function doubleArrays(script: Script): string[] {
  return Object.entries(script)
    .filter(([, values]) => Array.isArray(values) && typeof values[0] === "number")
    .filter(([, values]) => isDoubles(values))
    .map(([name]) => name);
}

function* slotsOf({ slots, script }: Course): Generator<Memslot> {
  yield* slots;
  if (script.kind === "churn") yield* script.after;
  if (script.kind === "calls") {
    const space = new AddressSpace((slots) => new LinearScan(slots));
    for (const region of creationsOf(slots)) {
      space.setMemoryRegion(region);
      yield space.slotById(region.slot)!;
    }
  }
}

async function report(place: Place): Promise<void> {
  const course = await courseOf(place, 1);
  if (course === null) return;
  const { workload, layout, slots: count } = place;
  const say = (what: string) => console.log(`${workload}, ${layout} of ${count}: ${what}`);
  for (const name of doubleArrays(course.script)) say(name);
  const held = [...slotsOf(course)].map(doubleFields);
  for (const field of new Set(held.flat())) {
    const isShared = held.every((fields) => fields.includes(field));
    say(isShared ? `slots' ${field}` : `${field} of some slots, and others not`);
  }
  if (course.script.kind === "calls" || workload.startsWith("perf_unmap")) return;
  for (const { name, create } of CONTENDERS) {
    const { replay } = await import(`../../bench/race/replay.ts?for=${name}`);
    checkReplay(name, create(course.slots), course.script, replay, 500);
    // A sentinel of the slots' shape with a double in it would do it to all slots that come after.
    for (const field of doubleFields(memslot(0, 1, 1))) say(`${field} after ${name}`);
  }
}

for (const place of JSON.parse(Deno.args[0])) await report(place);
