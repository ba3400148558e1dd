import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { LastUsedSlot } from "../../impls/kvm/last_used.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import { checkMemslots, endGfn, GFN_LIMIT, type Memslot } from "../../impls/memslot.ts";
import { memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { CONTENDERS } from "../../bench/race/contenders.ts";
import { checkReplay } from "../../bench/race/kinds.ts";
import { ALL_RIGHT, replay } from "../../bench/race/replay.ts";
import {
  equalSlots,
  layOut,
  layoutNamed,
  LAYOUTS,
  RECORDED,
} from "../../bench/workloads/layouts.ts";
import { random } from "../../bench/workloads/random.ts";
import { GUEST_SLOTS } from "../../bench/workloads/guests.ts";
import {
  type CallsScript,
  type FindScript,
  lookupsOf,
  type Script,
} from "../../bench/workloads/script.ts";
import { readMap } from "../../bench/traces/guest.ts";
import { bytesSource } from "../../bench/traces/lines.ts";
import { guestRecording } from "../support/traces.ts";
import { creationsOf, userSlots } from "../../bench/workloads/memslot_perf.ts";
import { courseOf, type Place, WORKLOADS } from "../../bench/workloads/workloads.ts";
import { AddressSpace } from "../../impls/kvm/address_space.ts";
import { HvaLinearScan } from "../../impls/hva/hva_linear_scan.ts";

const ORIGINS = [0, 2 ** 20, 2 ** 40];

Deno.test("layOut: every layout gives valid slots at each of its counts and origins", () => {
  for (const layout of LAYOUTS) {
    for (const count of layout.slotCounts) {
      for (const originGfn of ORIGINS) {
        const slots = layOut(layout, count, { originGfn, random: random(1, layout.name) });
        checkMemslots(slots);
        assertEquals(slots.length, count);
        assert(slots[0].baseGfn >= originGfn);
      }
    }
  }
});

Deno.test("layOut: below 2^20 scattered slots stay in V8's small integers", () => {
  for (const count of layoutNamed("scattered").slotCounts) {
    const slots = layOut(layoutNamed("scattered"), count, {
      originGfn: 2 ** 20,
      random: random(1),
    });
    assert(endGfn(slots[slots.length - 1]) < 2 ** 31);
  }
});

Deno.test("layOut: nested has most slots in one of 64 cells, and in one of that one's, and so on", () => {
  const layout = layoutNamed("nested");
  for (const [count, levels] of [[10, 6], [509, 6], [32764, 5], [2 ** 20, 4]]) {
    const slots = layOut(layout, count, { originGfn: 2 ** 40, random: random(count) });
    checkMemslots(slots);
    let left = slots, startGfn = 2 ** 40, cellPages = 2 ** 49 / 64;
    for (let level = 0; level < levels; level++, cellPages /= 64) {
      const cells = Map.groupBy(left, (slot) => Math.floor((slot.baseGfn - startGfn) / cellPages));
      const [fullest, held] = [...cells].sort(([, a], [, b]) => b.length - a.length)[0];
      assert(held.length >= Math.floor(left.length * 7 / 8));
      assert(held.every((slot) => endGfn(slot) <= startGfn + (fullest + 1) * cellPages));
      // The others lie on both sides where they are many.
      assert(left.length < 500 || new Set(cells.keys()).size > 32);
      left = held;
      startGfn += fullest * cellPages;
    }
  }
});

Deno.test("layOut: nested leaves a fifth of the slots alike in any 12 bits of their bases", () => {
  const indexOf = (slot: Memslot, shift: number) => Math.floor(slot.baseGfn / 2 ** shift) % 4096;
  for (const count of [128, 509, 4096, 32764]) {
    const slots = layOut(layoutNamed("nested"), count, { originGfn: 0, random: random(count) });
    for (let shift = 0; shift <= 37; shift++) {
      const alike = [...Map.groupBy(slots, (slot) => indexOf(slot, shift)).values()];
      const most = Math.max(...alike.map(({ length }) => length));
      assert(most >= count / 5, `${most} of ${count} at shift ${shift}`);
    }
  }
});

Deno.test("layOut: what a layout does not allow is a RangeError", () => {
  const options = { originGfn: 0, random: random(1) };
  assertThrows(() => layOut(layoutNamed("pc"), 500, options), RangeError, "pc does not allow");
  assertThrows(() => layoutNamed("pcx"), RangeError, "there are scattered");
  const top = { originGfn: GFN_LIMIT - 5, random: random(1) };
  assertThrows(() => layOut(layoutNamed("scattered"), 3, top), RangeError, "end by 2^52");
});

Deno.test("equalSlots: memslot_perf_test's pages per slot, remainder on the last", () => {
  // KVM.md section 5, for move and RW: slots, pages in each, pages in the last.
  const rows = [[9, 14565, 14568], [49, 2675, 2688], [508, 258, 282], [8193, 16, 16], [
    32763,
    4,
    40,
  ]];
  for (const [nslots, each, last] of rows) {
    const slots = equalSlots(nslots, 131088);
    assertEquals(slots[0].npages, each);
    assertEquals(slots[nslots - 1].npages, last);
    assertEquals(slots[0].baseGfn, 0x10000);
  }
});

Deno.test("courseOf: the same seed gives the same script, another seed another", async () => {
  const place: Place = { workload: "find_zipf", layout: "scattered", slots: 128, originGfn: 0 };
  const one = await courseOf(place, 7), again = await courseOf(place, 7);
  assertEquals(one, again);
  const other = await courseOf(place, 8);
  assert(JSON.stringify(one) !== JSON.stringify(other));
});

Deno.test("courseOf: each draw of a seed is another layout and another script", async () => {
  const place: Place = { workload: "find_uniform", layout: "scattered", slots: 32, originGfn: 0 };
  const draws = await Promise.all([0, 1, 2].map((draw) => courseOf(place, 7, { draw })));
  assertEquals(draws[0], await courseOf(place, 7));
  const slots = draws.map((course) => JSON.stringify(course!.slots));
  assertEquals(new Set(slots).size, 3);
});

Deno.test("random: its first numbers are the same on every machine", () => {
  const source = random(1, "scattered", 10);
  assertEquals([source.int(1, 1024), source.int(1, 1024), source.int(0, 2 ** 40)], [
    600,
    137,
    884033682204,
  ]);
});

Deno.test("courseOf: the map cannot be asked for 128 slots if it has 3", async () => {
  const place: Place = { workload: "zap_128", layout: "pc", slots: 3, originGfn: 0 };
  assertEquals(await courseOf(place, 1), null);
  await assertRejects(() => courseOf({ ...place, workload: "zap" }, 1), RangeError, "zap_all");
});

/** One that shifts, one that changes in place, one that rebuilds; the gate tries all contenders. */
const AGREEING = ["sorted_array", "rb_tree", "eytzinger"];

for (const workload of WORKLOADS) {
  Deno.test(`${workload.name}: its answers are the oracle's, on every layout`, async () => {
    const unasked = new Set(workload.layouts);
    for (const place of placesOf(workload.name, workload.layouts)) {
      const course = await courseOf(place, 1);
      if (course === null) continue;
      unasked.delete(place.layout);
      const { slots, script } = course;
      assertEquals(script.kind, workload.kind);
      assert(script.length >= 8192 || script.kind === "calls");
      if (workload.key === "hva") checkHvaAnswers(slots, script);
      else checkAnswers(slots, script);
    }
    // A PC's map never has 128 slots; any other layout that is listed can be asked.
    assertEquals([...unasked], workload.name === "zap_128" ? ["pc"] : []);
  });

  if (workload.key === "hva" || workload.kind === "calls") continue;

  Deno.test(`${workload.name}: indexes that change in three ways agree`, async () => {
    const places = placesOf(workload.name, workload.layouts.slice(0, 1));
    for (const place of places.filter((_, i) => i === 0 || i === places.length - 1)) {
      const course = await courseOf({ ...place, originGfn: 2 ** 40 }, 2);
      if (course === null) continue;
      for (const { name, create } of CONTENDERS.filter(({ name }) => AGREEING.includes(name))) {
        const index = create(course.slots);
        checkReplay(name, index, course.script, replay);
        assertEquals(replay(index, course.script, 0, course.script.length), ALL_RIGHT);
      }
    }
  });
}

Deno.test("WORKLOADS: each of changes alone has one that makes the same changes and looks at them", async () => {
  const alone = WORKLOADS.filter(({ kind }) => kind === "churn");
  assertEquals(alone.map(({ name }) => name), ["recreate", "move", "move_last"]);
  for (const { name, layouts } of alone) {
    const place = { layout: layouts[0], slots: 128, originGfn: 2 ** 40 };
    const [churn, looked] = await Promise.all([name, `${name}_find`].map(async (workload) => {
      return (await courseOf({ ...place, workload }, 3))!.script;
    }));
    assert(churn.kind === "churn" && looked.kind === "churn_find");
    assertEquals([looked.before, looked.after], [churn.before, churn.after]);
    const { erased, inserted, before, after, elsewhere, others } = looked;
    const holds = (slot: Memslot, gfn: number) => gfn >= slot.baseGfn && gfn < endGfn(slot);
    assert(erased.every((gfn, i) => holds(before[i], gfn)));
    assert(inserted.every((gfn, i) => holds(after[i], gfn)));
    assert(others.every((slot, i) => holds(slot!, elsewhere[i]) && slot!.id !== before[i].id));
    // Some other slots lie in front of the one that moves, some behind it.
    const behind = elsewhere.filter((gfn, i) => gfn > before[i].baseGfn).length / elsewhere.length;
    assert(name === "move_last" ? behind === 0 : behind > 0.3 && behind < 0.7);
  }
});

Deno.test("move_find: of one slot alone, the other place is the hole behind it", async () => {
  const place = { workload: "move_find", layout: "scattered", slots: 1, originGfn: 0 };
  const { slots, script } = (await courseOf(place, 1))!;
  assertEquals(replay(new LinearScan(slots), script, 0, script.length), ALL_RIGHT);
});

function placesOf(workload: string, layouts: readonly string[]): Place[] {
  return layouts.flatMap((layout) => {
    if (layout === RECORDED) return [{ workload, layout, slots: 10, originGfn: 0 }];
    return layoutNamed(layout).slotCounts
      .filter((slots) => slots <= 512)
      .map((slots, i) => ({ workload, layout, slots, originGfn: ORIGINS[i % ORIGINS.length] }));
  });
}

/** Against the generator and `find` of the oracle; a tenth of the ranges. */
function checkAnswers(slots: readonly Memslot[], script: Script): void {
  const oracle = new LinearScan(slots);
  switch (script.kind) {
    case "churn":
    case "churn_find":
      checkReplay("linear_scan", oracle, script, replay);
      assertEquals(replay(oracle, script, 0, script.length), ALL_RIGHT);
      return;
    case "calls":
      return checkCalls(slots, script);
    case "find":
    case "serial":
      return script.gfns.forEach((gfn, i) => {
        assertStrictEquals(script.answers[i], oracle.find(gfn));
      });
    case "range":
      for (let i = 0; i < script.length; i += 10) {
        const right = [...memslotsInGfnRange(oracle, script.starts[i], script.ends[i])];
        const given = script.expected.slice(script.from[i], script.to[i]);
        assertEquals(given.length, right.length);
        given.forEach((slot, k) => assertStrictEquals(slot, right[k]));
      }
  }
}

/** Every two steps leave the map as it was, and the calls between them do change it. */
function checkCalls(slots: readonly Memslot[], script: CallsScript): void {
  const space = new AddressSpace((slots) => new LinearScan(slots), { maxGfn: GFN_LIMIT });
  for (const region of creationsOf(slots)) space.setMemoryRegion(region);
  const map = () => [...memslotsInGfnRange(space.index, 0, GFN_LIMIT)];
  assertEquals(map(), slots);
  replay(space, script, 0, 1);
  assert(JSON.stringify(map()) !== JSON.stringify(slots));
  replay(space, script, 1, 2);
  assertEquals(map(), slots);
}

function checkHvaAnswers(slots: readonly Memslot[], script: Script): void {
  assert(script.kind === "range");
  const oracle = new HvaLinearScan(userSlots(slots)), iter = oracle.iter();
  for (let i = 0; i < script.length; i += 97) {
    let at: number = script.from[i];
    for (iter.start(script.starts[i]); iter.isValid(script.ends[i]); iter.next()) {
      assertStrictEquals<unknown>(script.expected[at++], iter.slot);
    }
    assertEquals(at, script.to[i]);
  }
}

Deno.test("GUEST_SLOTS: after the boot log's last call there are 10", () => {
  const slots = GUEST_SLOTS.slice();
  checkMemslots(slots);
  assertEquals(slots.length, 10);
});

Deno.test("readMap: 200 hot-plugged DIMMs are what the log's own lines leave", async () => {
  // Each line sets one slot id: the last line of an id decides.
  const log = guestRecording("qemu-7.2-q35-512m-hotplug200.log");
  const text = new TextDecoder().decode(log);
  const last = new Map<string, [number, number]>();
  for (const [, id, gpa, size] of text.matchAll(/Slot#(\d+) .*gpa=(\w+) size=(\w+) .*ret=0/g)) {
    last.set(id, [Number(gpa) / 4096, Number(size) / 4096]);
  }
  const expected = [...last]
    .filter(([id, [, npages]]) => Number(id) < 65536 && npages > 0)
    .map(([id, [baseGfn, npages]]) => ({ id: Number(id), baseGfn, npages }))
    .sort((a, b) => a.baseGfn - b.baseGfn);
  assert(expected.length >= 200);
  assertEquals((await readMap(bytesSource("log", log))).slots(), expected);
});

Deno.test("guest_accesses: 187,864 hit and 62,136 miss; of first touches all but 4 hit", async () => {
  const hitsOf = async (workload: string) => {
    const place = { workload, layout: RECORDED, slots: 10, originGfn: 0 };
    const course = await courseOf(place, 1);
    assert(course !== null && course.script.kind === "find");
    const hits = course.script.answers.filter((slot) => slot !== null).length;
    return [hits, course.script.length - hits];
  };
  assertEquals(await hitsOf("guest_accesses"), [187_864, 62_136]);
  assertEquals(await hitsOf("guest_first_touch"), [149_967, 4]);
});

Deno.test("lookupsOf: counts what LastUsedSlot answers without its index", async () => {
  const place = { layout: RECORDED, slots: 10, originGfn: 0 };
  for (const workload of ["guest_accesses", "guest_first_touch"]) {
    const course = await courseOf({ ...place, workload }, 1);
    let searched = 0;
    class Counted extends LinearScan {
      override find(gfn: number): Memslot | null {
        searched++;
        return super.find(gfn);
      }
    }
    const cached = new LastUsedSlot(new Counted(course!.slots));
    const { gfns, answers } = course!.script as FindScript;
    for (const gfn of gfns) cached.find(gfn);
    const { all, found, cacheHitShare } = lookupsOf(course!.script as FindScript);
    assertEquals([all, found], [gfns.length, answers.filter((slot) => slot !== null).length]);
    assertEquals(cacheHitShare, (all - searched) / all);
  }
});
