import { assert, assertEquals, assertRejects } from "@std/assert";
import { readMap } from "../../bench/traces/guest.ts";
import { TraceError } from "../../bench/traces/trace_error.ts";
import { readWhole, source } from "../support/traces.ts";

const OLD =
  "kvm_set_user_memory Slot#65539 flags=0x0 gpa=0x0 size=0xc0000000 ua=0x7f3b17a00000 ret=0";
const SNP = "kvm_set_user_memory AddrSpace#0 Slot#0 flags=0x4 gpa=0x0 size=0x80000000 " +
  "ua=0x7f5600000000 guest_memfd=15 guest_memfd_offset=0x0 ret=0";
const TDX_2023 = "kvm_set_user_memory Slot#0 flags=0x4 gpa=0x0 size=0x80000000 " +
  "ua=0x7f5600000000 ret=0 restricted_fd=19 restricted_offset=0x1000";
const DELETE = "123@1690000000.000001:kvm_set_user_memory AddrSpace#1 Slot#3 flags=0x0 gpa=0x0 " +
  "size=0x0 ua=0x7f3b17a00000 guest_memfd=-1 guest_memfd_offset=0x3e0000 ret=0";

Deno.test("QEMU_LOG: the forms of all QEMU's, with a clock in front and fields behind ret", async () => {
  const { calls } = await readWhole(source([OLD, SNP, TDX_2023, DELETE].join("\r\n")));
  const [old, snp, tdx, deleted] = calls;
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

Deno.test("readMap: slots with a guest_memfd are created and deleted, by either word for it", async () => {
  for (const line of [SNP, TDX_2023, SNP.replace("flags=0x4", "flags=0x6")]) {
    assertEquals((await readMap(source(line))).slots(), [{ id: 0, baseGfn: 0, npages: 0x80000 }]);
    const gone = `${line}\n${line.replace("size=0x80000000", "size=0x0")}`;
    assertEquals((await readMap(source(gone))).slots(), []);
  }
});

Deno.test("readMap: a slot with a guest_memfd that the kernel did not change is as it was", async () => {
  for (const other of ["gpa=0x100000000", "flags=0x0"]) {
    const [key] = other.split("=");
    const moved = SNP.replace(new RegExp(`${key}=\\w+`), other).replace("ret=0", "ret=-22");
    const map = await readMap(source(`${SNP}\n${moved}`));
    assertEquals([
      map.slots().length,
      map.refusals.map(({ errno, otherwise }) => [errno, otherwise]),
    ], [
      ...[1, [[22, ""]]],
    ]);
  }
});

const BROKEN: readonly (readonly [string, string, string])[] = [
  ["flags=0x4 ", "", "must have flags: line 2"],
  ["flags=0x4", "flags=0x100000000", "must have flags in its range: line 2"],
  ["gpa=0x0", "gpa=0x10000000000000000", "gpa must be a number of at most 64 bits: line 2"],
  ["gpa=0x0", "gpa=-1", "must have gpa in its range: line 2"],
  ["size=0x80000000", "size=28446744073709551616", "must have size in its range: line 2"],
  ["ua=0x7f5600000000", "ua=0x7f56zz", "ua must be a number of at most 64 bits: line 2"],
  ["Slot#0", "Slot#65536", "must have Slot in its range: line 2"],
  ["AddrSpace#0", "AddrSpace#-1", "must have AddrSpace in its range: line 2"],
  ["guest_memfd_offset=0x0", "guest_memfd_offset=x", "guest_memfd_offset must be a number"],
  [" ret=0", "", "must have ret: line 2"],
  ["ret=0", `ret=0 ${SNP}`, "must have AddrSpace once, on a line of its own: line 2"],
  ["ret=0", `ret=${"9".repeat(9999)}`, "ret must be a number of at most 64 bits: line 2"],
];

for (const [from, to, words] of BROKEN) {
  Deno.test(`QEMU_LOG: ${from} as ${to.slice(0, 30)} is an error that names its line`, async () => {
    const act = () => readWhole(source(`\n${SNP.replace(from, to)}`));
    const { message } = await assertRejects(act, TraceError, words);
    assert(!message.includes("\n") && message.length < 250, message);
  });
}

Deno.test("QEMU_LOG: the time is linear in the length of a line", async () => {
  const began = performance.now();
  for (const letters of ["a".repeat(4e6), "a=".repeat(2e6), "a b=".repeat(1e6), "#".repeat(4e6)]) {
    assertEquals((await readWhole(source(`${SNP} ${letters}`))).calls.length, 1);
  }
  // Quadratic, 80,000 letters took 5 s: these would take hours.
  assert(performance.now() - began < 20_000);
});
