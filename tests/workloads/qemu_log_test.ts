import { assert, assertEquals, assertThrows } from "@std/assert";
import { AddressSpace } from "../../impls/kvm/address_space.ts";
import { KvmError } from "../../impls/kvm/memory_region.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import { memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { applyCalls, parseQemuLog } from "../../bench/workloads/qemu_log.ts";

function emptySpace(options = {}): AddressSpace {
  return new AddressSpace((slots) => new LinearScan(slots), { addressSpaces: 2, ...options });
}

function mapOf(space: AddressSpace) {
  return [...memslotsInGfnRange(space.index, 0, 2 ** 52)];
}

const OLD =
  "kvm_set_user_memory Slot#65539 flags=0x0 gpa=0x0 size=0xc0000000 ua=0x7f3b17a00000 ret=0";
const SNP = "kvm_set_user_memory AddrSpace#0 Slot#0 flags=0x4 gpa=0x0 size=0x80000000 " +
  "ua=0x7f5600000000 guest_memfd=15 guest_memfd_offset=0x0 ret=0";
const TDX_2023 = "kvm_set_user_memory Slot#0 flags=0x4 gpa=0x0 size=0x80000000 " +
  "ua=0x7f5600000000 ret=0 restricted_fd=19 restricted_offset=0x1000";
const DELETE = "123@1690000000.000001:kvm_set_user_memory AddrSpace#1 Slot#3 flags=0x0 gpa=0x0 " +
  "size=0x0 ua=0x7f3b17a00000 guest_memfd=-1 guest_memfd_offset=0x3e0000 ret=0";

Deno.test("parseQemuLog: the forms of all QEMU's, with a clock in front and fields behind ret", () => {
  const [old, snp, tdx, deleted] = parseQemuLog([OLD, SNP, TDX_2023, DELETE].join("\r\n"));
  assertEquals(old, {
    line: 1,
    region: {
      slot: 0x1_0003,
      flags: 0,
      guestPhysAddr: 0n,
      memorySize: 0xc000_0000n,
      userspaceAddr: 0x7f3b_17a0_0000n,
    },
    ret: 0,
  });
  assertEquals([snp.region.flags, snp.region.guestMemfdOffset], [4, 0n]);
  assertEquals([tdx.region.flags, tdx.region.guestMemfdOffset], [4, 0x1000n]);
  assertEquals([deleted.line, deleted.region.slot, deleted.region.memorySize], [4, 0x1_0003, 0n]);
  assert(!("guestMemfdOffset" in deleted.region));
});

Deno.test("applyCalls: slots with a guest_memfd are created and deleted, by either word for it", () => {
  for (const line of [SNP, TDX_2023]) {
    const space = emptySpace(), [call] = parseQemuLog(line);
    assertEquals(applyCalls(space, [call]), []);
    assertEquals(mapOf(space), [{ id: 0, baseGfn: 0, npages: 0x80000 }]);
    applyCalls(space, parseQemuLog(line.replace("size=0x80000000", "size=0x0")));
    assertEquals(mapOf(space), []);
  }
});

Deno.test("applyCalls: a ROM with a guest_memfd is as Linux 6.8 took it, on request", () => {
  const calls = parseQemuLog(SNP.replace("flags=0x4", "flags=0x6"));
  assertThrows(() => applyCalls(emptySpace(), calls), KvmError, "since Linux 6.9");
  const space = emptySpace({ readonlyGuestMemfd: true });
  applyCalls(space, calls);
  assertEquals(mapOf(space).length, 1);
});

Deno.test("applyCalls: calls that the kernel refused change nothing", () => {
  const space = emptySpace();
  applyCalls(space, parseQemuLog([SNP.replace("ret=0", "ret=-17"), OLD].join("\n")));
  assertEquals([mapOf(space), space.activeSet(1).index.size], [[], 1]);
});

Deno.test("applyCalls: what the kernel took and its rules refuse is named by its line", () => {
  const calls = parseQemuLog(`other_event a=1\n${SNP}\n${SNP}`);
  assertThrows(() => applyCalls(emptySpace(), calls), KvmError, "(line 3 of the log)");
});

Deno.test("applyCalls: a log that begins midway, on request, with what was assumed", () => {
  const calls = parseQemuLog(`${DELETE}\n${SNP}\n${DELETE.replaceAll("#3", "#4")}`);
  assertThrows(() => applyCalls(emptySpace(), calls), KvmError, "(line 1 of the log)");
  const space = emptySpace();
  assertEquals(applyCalls(space, calls, { isMidway: true }), [
    "line 1 deletes slot 65539, which was there before the log began",
    "line 3 deletes slot 65540, which was there before the log began",
  ]);
  assertEquals(mapOf(space).length, 1);
});

const BROKEN: readonly (readonly [string, string, string])[] = [
  ["flags=0x4 ", "", "must have flags in [0, 2^32): line 2 has none"],
  ["flags=0x4", "flags=0x100000000", "flags in [0, 2^32): line 2 has 0x100000000"],
  ["gpa=0x0", "gpa=0x10000000000000000", "gpa in [0, 2^64): line 2"],
  ["gpa=0x0", "gpa=-1", "gpa in [0, 2^64): line 2 has -1"],
  ["size=0x80000000", "size=18446744073709551616", "size in [0, 2^64): line 2"],
  ["ua=0x7f5600000000", "ua=0x7f56zz", "ua in [0, 2^64): line 2 has 0x7f56zz"],
  ["Slot#0", "Slot#65536", "Slot in [0, 2^16): line 2 has 65536"],
  ["AddrSpace#0", "AddrSpace#-1", "AddrSpace in [0, 2^16): line 2"],
  ["guest_memfd_offset=0x0", "guest_memfd_offset=x", "guest_memfd_offset in [0, 2^64): line 2"],
  [" ret=0", "", "ret in (-2^32, 2^32): line 2 has none"],
  ["ret=0", `ret=${"9".repeat(9999)}`, "line 2 has 9999999999999999999999999999999999999999"],
];

for (const [from, to, words] of BROKEN) {
  Deno.test(`parseQemuLog: ${from} as ${to.slice(0, 30)} is an error that names its line`, () => {
    const error = assertThrows(() => parseQemuLog(`\n${SNP.replace(from, to)}`), RangeError, words);
    assert(!error.message.includes("\n") && error.message.length < 200);
  });
}

Deno.test("parseQemuLog: a log without a call says so, and knows strace's", () => {
  assertThrows(() => parseQemuLog("a_b c=1\n"), RangeError, "found none in 2");
  const strace = "ioctl(13, KVM_SET_USER_MEMORY_REGION, {slot=6, flags=0}) = 0";
  assertThrows(() => parseQemuLog(strace), RangeError, "but ioctls as strace prints them");
});

Deno.test("parseQemuLog: the time is linear in the length of a line", () => {
  const began = performance.now();
  for (const letters of ["a".repeat(4e6), "a=".repeat(2e6), "a b=".repeat(1e6), "#".repeat(4e6)]) {
    assertEquals(parseQemuLog(`${SNP} ${letters}`).length, 1);
  }
  // Quadratic, 80,000 letters took 5 s: these would take hours.
  assert(performance.now() - began < 20_000);
});
