import { assertEquals, assertRejects } from "@std/assert";
import { GuestMap } from "../../bench/traces/guest_map.ts";
import { TraceError } from "../../bench/traces/trace_error.ts";
import { digestOf, guestRecording, recording, source } from "../support/traces.ts";

const boot = () => source(guestRecording("qemu-7.2-q35-4g-boot.log"), "boot");
const accesses = () => source(guestRecording("guest-q35-4g.accesses.txt.gz"), "accesses");
const touches = () => source(guestRecording("guest-q35-4g.first-touch.gfns.gz"), "touches");

Deno.test("Digest: the recorded guest has 10 slots, 187,864 hits and 62,136 misses", async () => {
  const digest = await digestOf([boot(), accesses()]);
  assertEquals(digest.map.size, 10);
  assertEquals([digest.hits, digest.misses], [187_864, 62_136]);
  assertEquals(digest.events, [["access", 187_864], ["kvm_mmio", 62_136], [
    "set memory region",
    40,
  ]]);
  assertEquals(digest.places.reduce((sum, { lookups }) => sum + lookups, 0), 187_864);
  assertEquals(digest.map.changes, { create: 25, delete: 15, move: 0, flags: 0, nothing: 0 });
});

Deno.test("Digest: of the first touches 149,967 hit and 4 miss, on the map in any order of the files", async () => {
  for (const files of [[boot(), touches()], [touches(), boot()]]) {
    const digest = await digestOf(files);
    assertEquals([digest.hits, digest.misses], [149_967, 4]);
    assertEquals([digest.locality.pages, digest.locality.isExact], [149_971, true]);
  }
});

Deno.test("Digest: the map after 200 hot-plugged DIMMs is what its lines say", async () => {
  const text = new TextDecoder().decode(guestRecording("qemu-7.2-q35-512m-hotplug200.log"));
  const { map, mostSlots } = await digestOf([source(text)]);
  const dimms = map.slots().filter(({ npages, baseGfn }) =>
    npages === 0x8000 && baseGfn >= 0x100000
  );
  assertEquals([dimms.length, map.size, mostSlots], [200, 209, 209]);
  const plugged = [...text.matchAll(/gpa=0x([0-9a-f]+) size=0x8000000 /g)];
  assertEquals(
    dimms.map(({ baseGfn }) => baseGfn),
    plugged.map(([, gpa]) => parseInt(gpa, 16) / 4096),
  );
});

Deno.test("Digest: a log, the monitor, strace and a list of one guest give one map", async () => {
  const log = await digestOf([source(recording("qemu-7.2-q35-4g-timestamps.log"))]);
  const where = (map: GuestMap) => map.slots().map(({ baseGfn, npages }) => [baseGfn, npages]);
  for (
    const name of [
      "qemu-7.2-q35-4g.mtree-f.txt",
      "qemu-7.2-q35-4g.mtree.txt",
      "strace-6.1-q35-4g.txt",
      "strace-6.1-q35-4g-threads.txt",
    ]
  ) {
    const other = await digestOf([source(recording(name))]);
    assertEquals(where(other.map), where(log.map), name);
  }
});

function call(slot: number, gpa: number, size: number, ret: number | null = 0) {
  const region = {
    slot,
    flags: 0,
    guestPhysAddr: BigInt(gpa),
    memorySize: BigInt(size),
    userspaceAddr: 0x7f00_0000_0000n,
  };
  return { line: 1 + slot, region, ret };
}

Deno.test("GuestMap: refused calls stay refused, and a rule that differs is told", () => {
  const map = new GuestMap();
  map.apply(call(0, 0, 0x2000), "FILE");
  map.apply(call(1, 0x1000, 0x1000, -17), "FILE");
  map.apply(call(2, 0x1000, 0x1000, -22), "FILE");
  map.apply(call(3, 0x9000, 0x1000, -12), "FILE");
  map.apply(call(0, 0, 0, -22), "FILE");
  map.apply(call(0, 0x8000, 0x2000, -22), "FILE");
  map.apply(call(4, 0x1000, 0x1000, null), "FILE");
  assertEquals(map.slots(), [{ id: 0, baseGfn: 0, npages: 2 }]);
  assertEquals(map.refusedCalls, 6);
  assertEquals(
    map.refusals.map(({ errno, isByRules, otherwise }) => [errno, isByRules, otherwise]),
    [
      [17, false, ""],
      [22, false, "EEXIST"],
      [12, false, "taken"],
      [22, false, "taken"],
      [22, false, "taken"],
    ],
  );
});

Deno.test("GuestMap: a log that begins midway may delete what it has not created, when told so", async () => {
  const map = new GuestMap({ isMidway: true });
  map.apply(call(5, 0, 0), "FILE");
  map.apply(call(5, 0, 0x1000), "FILE");
  assertEquals([map.size, map.assumedDeletions, map.changes.create], [1, 1, 1]);
  const strict = () => Promise.resolve().then(() => new GuestMap().apply(call(5, 0, 0), "FILE"));
  await assertRejects(strict, TraceError);
});

Deno.test("GuestMap: address space 1 has slots of its own", () => {
  const map = new GuestMap();
  map.apply(call(0, 0, 0x2000), "FILE");
  map.apply(call(65_536, 0, 0x1000), "FILE");
  assertEquals([map.slots(0).length, map.slots(1)], [1, [{ id: 0, baseGfn: 0, npages: 1 }]]);
});

Deno.test("inOrder: files of one clock are joined by time, and lookups see the map of their moment", async () => {
  const log = "1@100.5:kvm_set_user_memory Slot#0 flags=0x0 gpa=0x0 size=0x1000 ua=0x1000 ret=0\n" +
    "1@102.5:kvm_set_user_memory Slot#0 flags=0x0 gpa=0x0 size=0x0 ua=0x1000 ret=0\n";
  const trace = [100, 101, 102, 103]
    .map((time) => ` q-1 [000] ..... ${time}.0: kvm_page_fault: address 0 error_code 0\n`).join("");
  const { hits, misses } = await digestOf([source(trace, "trace"), source(log, "log")]);
  assertEquals([hits, misses], [2, 2]);
  // Seconds since the boot and of the epoch cannot be joined: the map comes first.
  const epoch = log.replaceAll("@10", "@17000000");
  const apart = await digestOf([source(trace, "trace"), source(epoch, "log")]);
  assertEquals([apart.hits, apart.misses], [0, 4]);
});

Deno.test("Digest: a clock that goes back is told with its line", async () => {
  const line = (time: number) =>
    ` q-1 [000] ..... ${time}.0: kvm_page_fault: address 0 error_code 0\n`;
  const { backwards } = await digestOf([source([1, 2, 4, 3, 5, 1].map(line).join(""))]);
  assertEquals([...backwards], [["FILE", 4]]);
});
