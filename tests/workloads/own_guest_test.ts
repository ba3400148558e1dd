import { assert, assertEquals, assertRejects } from "@std/assert";
import { CONTENDERS } from "../../bench/race/contenders.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import { memslot } from "../../impls/memslot.ts";
import { memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { readLookups, readMap } from "../../bench/traces/guest.ts";
import { TraceError } from "../../bench/traces/trace_error.ts";
import {
  GUEST_TRACE,
  GUESTS_FOLDER,
  keepGuest,
  keptGuest,
} from "../../bench/workloads/own_guest.ts";
import { courseOf } from "../../bench/workloads/workloads.ts";
import { guestRecording, recording, source } from "../support/traces.ts";

function fileOf(layout: string): URL {
  return new URL(`${layout.slice("map:".length)}.json`, GUESTS_FOLDER);
}

Deno.test("keepGuest: a guest is found again by its layout, and its course is its lookups", async () => {
  const slots = (await readMap(source(guestRecording("qemu-7.2-q35-4g-boot.log")))).slots();
  const gfns = await readLookups([source(guestRecording("guest-q35-4g.accesses.txt.gz"))]);
  const layout = await keepGuest({ slots, gfns, log: [] }, "/some where/böot log.v1.log.gz");
  try {
    assert(/^map:b_ot_log-[0-9a-f]{12}$/.test(layout), layout);
    assertEquals(await keptGuest(layout), { slots, gfns, log: [] });
    const place = { layout, slots: 10, originGfn: 0 };
    const course = await courseOf({ ...place, workload: GUEST_TRACE }, 1);
    assert(course?.script.kind === "find");
    const hits = course.script.answers.filter((slot) => slot !== null).length;
    assertEquals([hits, course.script.length - hits], [187_864, 62_136]);
    const oracle = new LinearScan(course.slots), { answers } = course.script;
    assert(course.script.gfns.every((gfn, i) => oracle.find(gfn) === answers[i]));
    assertEquals((await courseOf({ ...place, workload: "move_find" }, 1))?.slots, slots);
  } finally {
    Deno.removeSync(fileOf(layout));
  }
});

Deno.test("keptGuest: a guest that is gone, has changed or has another name is refused in a line", async () => {
  const layout = await keepGuest({ slots: [memslot(0, 1, 2)], gfns: [1], log: [] }, "a");
  const words = async (name: string) => {
    const { message } = await assertRejects(() => keptGuest(name), TraceError);
    assert(/^Cannot lay out [^\n]+: give its map again, with --map$/.test(message), message);
    return message;
  };
  Deno.writeTextFileSync(fileOf(layout), `${Deno.readTextFileSync(fileOf(layout))} `);
  assert((await words(layout)).includes("changed"));
  Deno.removeSync(fileOf(layout));
  assert((await words(layout)).includes("does not have it"));
  for (const name of ["map:", "map:../../x-0123456789ab", "map:a-0123", "map:a/b-0123456789ab"]) {
    assert((await words(name)).includes("no map has such a name"));
  }
  await assertRejects(
    () => keepGuest({ slots: [], gfns: [], log: [] }, "a"),
    TraceError,
    "it has none",
  );
  const far = { slots: [memslot(0, 2 ** 51, 2)], gfns: [], log: [] };
  await assertRejects(() => keepGuest(far, "a"), TraceError, "must end by 2^51");
});

Deno.test("recorded guests: every contender agrees with the oracle on every map and trace", async () => {
  const maps = [
    guestRecording("qemu-7.2-q35-4g-boot.log"),
    guestRecording("qemu-7.2-q35-512m-hotplug200.log"),
    ...["qemu-7.2-q35-4g.mtree.txt", "strace-6.1-q35-4g.txt", "linux-6.1-q35-4g.iomem.txt"]
      .map(recording),
  ];
  const traces = [
    guestRecording("guest-q35-4g.accesses.txt.gz"),
    guestRecording("guest-q35-4g.first-touch.gfns.gz"),
    recording("ftrace-6.18-kvm-q35-boot.txt.gz"),
  ];
  const gfns = (await Promise.all(traces.map((trace) => readLookups([source(trace)])))).flat()
    .filter((_, i) => i % 7 === 0);
  for (const bytes of maps) {
    const slots = (await readMap(source(bytes))).slots(), oracle = new LinearScan(slots);
    const answers = gfns.map((gfn) => oracle.find(gfn));
    for (const { name, create } of CONTENDERS) {
      const index = create(slots);
      const wrong = gfns.findIndex((gfn, i) => index.find(gfn) !== answers[i]);
      assertEquals(wrong, -1, `${name} at gfn ${gfns[wrong]}`);
      assertEquals([...memslotsInGfnRange(index, 0, 2 ** 52)], slots, name);
    }
  }
});
