import { assert, assertEquals, assertRejects } from "@std/assert";
import { fileSource } from "../../bench/traces/lines.ts";
import { openFile } from "../../bench/traces/readers.ts";
import { TraceError } from "../../bench/traces/trace_error.ts";
import {
  countsOf,
  guestRecording,
  readWhole,
  recording,
  source,
  type WholeFile,
} from "../support/traces.ts";

function wholeRecording(name: string): Promise<WholeFile> {
  return readWhole(source(recording(name), name));
}

/** The slots [first gfn, gfn behind the last] of a list. */
function runs({ events }: WholeFile): number[][] {
  return events.map(({ start, end }) => [start, end]);
}

Deno.test("openFile: every line of the recordings of a guest is read", async () => {
  const boot = await readWhole(source(guestRecording("qemu-7.2-q35-4g-boot.log")));
  assertEquals([boot.form, boot.calls.length, boot.reading.strangeLines], ["qemu", 40, 0]);
  const hotplug = await readWhole(source(guestRecording("qemu-7.2-q35-512m-hotplug200.log")));
  assertEquals([hotplug.calls.length, hotplug.reading.line], [239, 239]);
  const accesses = await readWhole(source(guestRecording("guest-q35-4g.accesses.txt.gz")));
  assertEquals(countsOf(accesses.events), { access: 187_864, kvm_mmio: 62_136 });
  const touches = await readWhole(source(guestRecording("guest-q35-4g.first-touch.gfns.gz")));
  assertEquals(countsOf(touches.events), { access: 149_971 });
});

Deno.test("openFile: every event of the kernel's trace of a boot is read", async () => {
  const { form, events, reading } = await wholeRecording("ftrace-6.18-kvm-q35-boot.txt.gz");
  assertEquals(form, "ftrace");
  assertEquals(countsOf(events), {
    kvm_unmap_hva_range: 1067,
    kvm_age_hva: 2131,
    kvm_mmio: 22_194,
  });
  assertEquals([reading.line, reading.strangeLines], [25_404, 0]);
  assertEquals(events[0], {
    name: "kvm_unmap_hva_range",
    start: 0x7fe98be00,
    end: 0x7fe9abe00,
    time: 734.662646,
    line: 13,
  });
});

Deno.test("ftrace: page faults of old and new kernels, of ARM, and of perf and trace-cmd", async () => {
  const lines = [
    "version = 7",
    "CPU 1 is empty",
    "       CPU 0/KVM-1234  [001]   734.000001: kvm_page_fault:       vcpu 219 rip 0x0 address 0x00000018cbc00fff error_code 0x500000004",
    "   CPU 0/KVM-1234  [001] d..1.   735.5: kvm_page_fault: address 7fc036d000 error_code 582",
    " CPU 0/KVM  1234/1240  [001]   736.000001:  kvm:kvm_guest_fault: ipa 0x40001000, hsr 0x9200, hxfar 0xffff, pc 0xffff8000",
    " qemu 12 [000] 737.0: kvm:kvm_mmio: mmio unsatisfied-read len 1 gpa 0xd0000 val 0x0",
    " qemu-12 [000] ..... 738.0: kvm_test_age_hva: mmu notifier test age hva: 0x007f9b1d820123",
    " qemu-12 [000] ..... 739.0: sched_switch: prev_comm=a ==> next_comm=b",
    "CPU:1 [LOST 12 EVENTS]",
  ];
  const { form, events, reading } = await readWhole(source(lines.join("\n")));
  assertEquals(form, "ftrace");
  assertEquals(events.map(({ name, start, time }) => [name, start, time]), [
    ["kvm_page_fault", 0x18cbc00, 734.000001],
    ["kvm_page_fault", 0x7fc036d, 735.5],
    ["kvm_guest_fault", 0x40001, 736.000001],
    ["kvm_mmio", 0xd0, 737],
    ["kvm_test_age_hva", 0x7f9b1d820, 738],
  ]);
  assertEquals(events[4].end, 0x7f9b1d821);
  assertEquals([reading.strangeLines, reading.lostEvents], [0, 12]);
  assertEquals([...reading.others].find(([name]) => name === "sched_switch")?.[1], 1);
});

Deno.test("ftrace: a probe on the ioctl and QEMU's marks are calls", async () => {
  const { calls } = await readWhole(source([
    "# tracer: nop",
    " qemu-12 [000] ..... 1.5: kvm_set_memslot: (kvm_set_memory_region+0x0/0x80) slot=3 flags=0x2 gpa=0xc0000 size=0x20000 ua=0x7f0000000000",
    " qemu-12 [000] ..... 2.5: tracing_mark_write: kvm_set_user_memory AddrSpace#1 Slot#3 flags=0x0 gpa=0x0 size=0x1000 ua=0x7f0000000000 guest_memfd=-1 guest_memfd_offset=0x0 ret=-17",
  ].join("\n")));
  assertEquals(calls.map(({ region, ret }) => [region.slot, region.guestPhysAddr, ret]), [
    [3, 0xc0000n, null],
    [65_539, 0n, -17],
  ]);
});

Deno.test("perf: what perf script prints of a boot", async () => {
  const { form, events, reading } = await wholeRecording("perf-6.1-script.txt");
  assertEquals([form, events.length, reading.strangeLines], ["ftrace", 40, 0]);
  assertEquals([events[0].start, events[0].time], [0xb0000, 4909.959950]);
});

Deno.test("qemu: calls of every version, with times, between other events", async () => {
  const { calls, events, reading } = await wholeRecording("qemu-7.2-q35-4g-timestamps.log");
  assertEquals([calls.length, reading.strangeLines], [40, 0]);
  assertEquals([...reading.others], [["kvm_vcpu_ioctl", 21, 0]]);
  assertEquals(events[0].time, 1795806058.237001);
  const { calls: all } = await readWhole(source([
    "kvm_set_user_memory Slot#65539 flags=0x0 gpa=0x0 size=0x1000 ua=0x1000 ret=0",
    "kvm_set_user_memory AddrSpace#1 Slot#3 flags=0x2 gpa=0xfffffffffffff000 size=0x1000 ua=0xfffffffffffff000 guest_memfd=15 guest_memfd_offset=0x3e0000 ret=-22",
    "  12@1.5:kvm_set_user_memory Slot#1 flags=0x4 gpa=0x0 size=0x0 ua=0x0 ret=0 restricted_fd=19 restricted_offset=0x0",
    "(qemu) kvm_set_user_memory Slot#2 flags=0x0 gpa=4096 size=8192 ua=0x0 ret=0",
    "Guest says: hello",
    "kvm_run_exit cpu_index 0, reason 2",
  ].join("\n")));
  assertEquals(all.map(({ line, region, ret }) => [line, region.slot, region.flags, ret]), [
    [1, 65_539, 0, 0],
    [2, 65_539, 2, -22],
    [3, 1, 4, 0],
    [4, 2, 0, 0],
  ]);
  assertEquals(all[1].region.guestPhysAddr, 0xfffffffffffff000n);
  assertEquals(all[3].region.memorySize, 8192n);
});

Deno.test("strace: calls with threads, clocks and durations are those of QEMU's log", async () => {
  for (const name of ["strace-6.1-q35-4g.txt", "strace-6.1-q35-4g-threads.txt"]) {
    const { form, calls } = await wholeRecording(name);
    const log = await wholeRecording("qemu-7.2-q35-4g-timestamps.log");
    const where = ({ calls }: Pick<WholeFile, "calls">) =>
      calls.map(({ region: { slot, flags, guestPhysAddr, memorySize }, ret }) => {
        return [slot, flags, guestPhysAddr, memorySize, ret].join();
      });
    assertEquals(form, "strace");
    assertEquals(where({ calls }), where(log), name);
  }
});

Deno.test("strace: interrupted calls, errors, unknown flags, REGION2", async () => {
  const lines = [
    "[pid 41] 12:00:01.000001 ioctl(13, KVM_SET_USER_MEMORY_REGION, {slot=6, flags=0, guest_phys_addr=0x100000, memory_size=4096, userspace_addr=0x7fb89bf00000} <unfinished ...>",
    "[pid 42] 12:00:01.5 ioctl(14, KVM_RUN, 0) = 0",
    "[pid 42] 12:00:02 <... futex resumed>) = 0",
    "[pid 41] 12:00:03.5 <... ioctl resumed>) = -1 EEXIST (File exists) <0.000117>",
    "ioctl(13<anon_inode:kvm-vm>, KVM_SET_USER_MEMORY_REGION2, {slot=7, flags=KVM_MEM_READONLY|0x4 /* KVM_MEM_??? */, guest_phys_addr=0, memory_size=4096, userspace_addr=0x1000, guest_memfd_offset=0, guest_memfd=5}) = 0",
    "+++ exited with 0 +++",
    "garbage",
  ];
  const { calls, events, reading } = await readWhole(source(lines.join("\n")));
  assertEquals(calls.map(({ line, region, ret }) => [line, region.slot, region.flags, ret]), [
    [4, 6, 0, -17],
    [5, 7, 6, 0],
  ]);
  assertEquals(events[0].time, 12 * 3600 + 3.5);
  assertEquals([reading.strangeLines, reading.firstStrangeLines], [1, [7]]);
  const bare = "ioctl(13, KVM_SET_USER_MEMORY_REGION2, 0x7ffd5e0c) = 0";
  const error = await assertRejects(() => readWhole(source(bare)), TraceError);
  assert(/use a newer strace, or QEMU's -trace: line 1/.test(error.message), error.message);
});

Deno.test("mtree: info mtree -f and info mtree show the slots that QEMU made", async () => {
  const flat = await wholeRecording("qemu-7.2-q35-4g.mtree-f.txt");
  const tree = await wholeRecording("qemu-7.2-q35-4g.mtree.txt");
  const slots = [
    ...[[0x0, 0xa0], [0xc0, 0xcb], [0xcb, 0xce], [0xce, 0xe8], [0xe8, 0xf0], [0xf0, 0x100]],
    ...[[0x100, 0x80000], [0xfd000, 0xfe000], [0xfffc0, 0x100000], [0x100000, 0x180000]],
  ];
  assertEquals(runs(flat), slots);
  assertEquals(runs(tree), slots);
});

Deno.test("mtree: without KVM all memory is taken, in whole pages; aliases move and cut", async () => {
  const flat = [
    "FlatView #0",
    ' AS "memory", root: system',
    "  0000000000000000-00000000000027ff (prio 0, ram): ram",
    "  0000000000002800-0000000000002fff (prio 0, i/o): device",
    "  0000000000003800-0000000000005fff (prio 0, romd): rom",
    "FlatView #1",
    ' AS "KVM-SMRAM", root: mem-smram',
    "  0000000000000000-000000000000ffff (prio 0, ram): ram",
  ];
  assertEquals(runs(await readWhole(source(flat.join("\n")))), [[0, 2], [4, 6]]);
  const tree = [
    "address-space: memory",
    "  0000000000000000-ffffffffffffffff (prio 0, container): system",
    "    0000000000010000-0000000000013fff (prio 0, ram): alias low @ram 0000000000002000-0000000000005fff",
    "    0000000000011000-0000000000011fff (prio 1, i/o): device",
    "    0000000000012000-0000000000012fff (prio 2, ram): gone [disabled]",
    "memory-region: ram",
    "  0000000000000000-0000000000007fff (prio 0, ram): ram",
  ];
  assertEquals(runs(await readWhole(source(tree.join("\n")))), [[0x10, 0x11], [0x12, 0x14]]);
});

Deno.test("guest memory: /proc/iomem and e820 lines give the same RAM", async () => {
  const slots = [[0, 0xa0], [0x100, 0x7ffdf], [0x100000, 0x180000]];
  assertEquals(runs(await wholeRecording("linux-6.1-q35-4g.dmesg.txt")), slots);
  // The first page is taken out of the guest's own list.
  const iomem = runs(await wholeRecording("linux-6.1-q35-4g.iomem.txt"));
  assertEquals(iomem, [[1, 0xa0], ...slots.slice(1)]);
  const old = [
    "BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)",
    "BIOS-e820: 00000000000f0000 - 0000000000100000 (reserved)",
    "BIOS-e820: 0000000000100000 - 000000007fff0000 (usable)",
    "BIOS-e820: 000000007fff0000 - 0000000080000000 (ACPI data)",
  ];
  assertEquals(runs(await readWhole(source(old.join("\n")))), [[0, 0xa0], [0x100, 0x80000]]);
});

Deno.test("lists: gfns and sizes, runs of addresses or gfns, JSON of three shapes", async () => {
  const slots = [[0, 160], [256, 512]];
  for (
    const text of [
      "# base and pages\n0 160\n0x100 256\n",
      "256, 0x100\n0,160",
      "0-0x9ffff\n100000-1fffff\n",
      "00000000-000a0000\n00100000-00200000\n",
      "0-a0\n100-200\n",
      '[{"baseGfn":0,"npages":160},{"baseGfn":256,"npages":256}]',
      '{"slots": [\n{"guest_phys_addr": "0x100000", "memory_size": 1048576},\n' +
      '{"guestPhysAddr": 0, "memorySize": "0xa0000"}]}',
    ]
  ) assertEquals(runs(await readWhole(source(text))), slots, text);
});

Deno.test("lists: gfns are hexadecimal, and an access is told from a gfn that begins with a", async () => {
  const { events } = await readWhole(source("# touched\na 12\nab\n0xA0\nm fee00300\n"));
  assertEquals(events.map(({ name, start }) => [name, start]), [
    ["access", 0x12],
    ["access", 0xab],
    ["access", 0xa0],
    ["kvm_mmio", 0xfee00],
  ]);
});

Deno.test("openFile: what is of no form, and what cannot be opened, is an error of one line", async () => {
  const words = async (act: () => Promise<unknown>) =>
    (await assertRejects(act, TraceError)).message;
  assert(/as it must have lines: it is empty$/.test(await words(() => openFile(source("")))));
  const prose = await words(() => openFile(source("Dear reader,\nthis is no trace.\n")));
  assert(
    /^Cannot read FILE as none of its first lines, from line 1 on, is of a known form: QEMU/.test(
      prose,
    ),
  );
  assert(/there is none$/.test(await words(() => openFile(fileSource("/nowhere/at/all")))));
  assert(/^Cannot read \/ as /.test(await words(() => openFile(fileSource("/")))));
});
