import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { ANONYMIZE } from "../../bench/cli/anonymize.ts";
import { Disguise, linesOf } from "../../bench/traces/disguise.ts";
import { fileSource } from "../../bench/traces/lines.ts";
import { inOrder } from "../../bench/traces/order.ts";
import { openFile } from "../../bench/traces/readers.ts";
import { captured } from "../support/captured.ts";
import { digestOf, source } from "../support/traces.ts";

const RECORDINGS = new URL("../traces/recordings/", import.meta.url);
const GUEST = new URL("../../bench/workloads/traces/", import.meta.url);

function path(name: string, folder = RECORDINGS): string {
  return fileURLToPath(new URL(name, folder));
}

/** All that an index sees of files, less where they lie. */
async function seen(paths: readonly string[]) {
  const { map, hits, misses, cacheHits, events, locality } = await digestOf(paths.map(fileSource));
  const slots = map.slots(), first = slots[0]?.baseGfn ?? 0;
  const { changes, refusals } = map, { strides, reuse, pages } = locality;
  return {
    slots: slots.map(({ baseGfn, npages }) => [baseGfn - first, npages]),
    sizes: [0, 1].map((space) => map.slots(space).length),
    ...{ hits, misses, cacheHits, events, changes, refusals, strides, reuse, pages },
  };
}

const SETS: readonly (readonly string[])[] = [
  [path("qemu-7.2-q35-4g-boot.log", GUEST), path("guest-q35-4g.accesses.txt.gz", GUEST)],
  [path("qemu-7.2-q35-512m-hotplug200.log", GUEST), path("ftrace-6.18-kvm-q35-boot.txt.gz")],
  [path("strace-6.1-q35-4g.txt"), path("perf-6.1-script.txt")],
  [path("qemu-7.2-q35-4g.mtree.txt"), path("guest-q35-4g.first-touch.gfns.gz", GUEST)],
  [path("qemu-7.2-q35-4g-timestamps.log")],
  [path("linux-6.1-q35-4g.iomem.txt")],
];

Deno.test("anonymize: standard input is read once", async () => {
  const { code, err } = await captured(ANONYMIZE, ["-", "-", "--out", "never-written"]);
  assertEquals(code, 64);
  assertStringIncludes(err, "Cannot read standard input twice");
});

Deno.test("anonymize: an index sees the same of the copies, which lie elsewhere", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [i, set] of SETS.entries()) {
      const out = `${folder}/${i}`;
      const { code, err, out: written } = await captured(ANONYMIZE, [...set, "--out", out]);
      assertEquals([code, err], [0, ""]);
      const copies = written.trim().split("\n");
      assertEquals(copies.length, set.length);
      assertEquals(await seen(copies), await seen(set));
      const bases = async (paths: readonly string[]) => {
        return (await digestOf(paths.map(fileSource))).map.slots().map(({ baseGfn }) => baseGfn);
      };
      const before = await bases(set), after = await bases(copies);
      const shift = after[0] - before[0];
      assert(shift >= 2 ** 18 && shift % 2 ** 18 === 0, `${shift}`);
      assertEquals(after, before.map((base) => base + shift));
      for (const copy of copies) {
        assert(
          !/qemu-system|FlatView|1795806058|734.662646|7fe797e00000|7f6a83e00000/.test(
            Deno.readTextFileSync(copy),
          ),
        );
      }
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("Disguise: refusals, address spaces, guest_memfd and clocks stay", async () => {
  const log = [
    "7@100.5:kvm_set_user_memory Slot#9 flags=0x4 gpa=0x0 size=0x2000 ua=0x55aa00001000 guest_memfd=15 guest_memfd_offset=0x1000 ret=0",
    "7@101.25:kvm_set_user_memory AddrSpace#1 Slot#9 flags=0x2 gpa=0x800 size=0x1000 ua=0x7faa00001000 ret=-22",
    "7@102:kvm_set_user_memory Slot#40000 flags=0x0 gpa=0xfffffffffffff000 size=0x1000 ua=0x7faa00001000 ret=-22",
  ].join("\n");
  const { pieces } = await inOrder([await openFile(source(log))]);
  const disguise = new Disguise(1);
  let text = "";
  for await (const piece of pieces) text += linesOf(piece, disguise, 100.5);
  assertEquals(text.split("\n"), [
    "1@0.000000:kvm_set_user_memory Slot#0 flags=0x4 gpa=0x40000000 size=0x2000 ua=0x7f0000001000 guest_memfd=9 guest_memfd_offset=0x1000 ret=0",
    "1@0.750000:kvm_set_user_memory Slot#65536 flags=0x2 gpa=0x40000800 size=0x1000 ua=0xa90000001000 ret=-22",
    "1@1.500000:kvm_set_user_memory Slot#40000 flags=0x0 gpa=0xfffffffffffff000 size=0x1000 ua=0xa90000001000 ret=-22",
    "",
  ]);
});

Deno.test("anonymize: nothing is overwritten, and nothing half-written is left", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const boot = SETS[0][0], whole = `${folder}/map-1.log`;
    Deno.writeTextFileSync(whole, "mine");
    const refused = await captured(ANONYMIZE, [boot, "--out", folder]);
    assertEquals(refused.code, 1);
    assertMatch(refused.err, /^Cannot write [^\n]*map-1\.log: it exists; move it, or use --out\n$/);
    assertEquals(Deno.readTextFileSync(whole), "mine");
    const damaged = `${folder}/damaged.log`;
    Deno.writeTextFileSync(damaged, Deno.readTextFileSync(boot) + "kvm_set_user_memory Slot#1\n");
    const { code, err } = await captured(ANONYMIZE, [damaged, "--out", `${folder}/new`]);
    assertEquals(code, 1);
    assertMatch(err, /line 41/);
    assertEquals([...Deno.readDirSync(`${folder}/new`)], []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
