import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { RACE } from "../../bench/cli/race.ts";
import { TRACE } from "../../bench/cli/trace.ts";
import { shellWord } from "../../bench/cli/project.ts";
import { captured } from "../support/captured.ts";
import { fileURLToPath } from "node:url";

function path(name: string, folder = "../traces/recordings/"): string {
  return fileURLToPath(new URL(`${folder}${name}`, import.meta.url));
}

const BOOT = path("qemu-7.2-q35-4g-boot.log", "../../bench/workloads/traces/");
const HOTPLUG = path("qemu-7.2-q35-512m-hotplug200.log", "../../bench/workloads/traces/");
const ACCESSES = path("guest-q35-4g.accesses.txt.gz", "../../bench/workloads/traces/");
const FTRACE = path("ftrace-6.18-kvm-q35-boot.txt.gz");

/** The text in a file of its own, then what `trace` makes of it. */
async function tried(text: string, ...options: string[]) {
  const file = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(file, text);
    const found = await captured(TRACE, [...options, file], { width: 80 });
    return {
      ...found,
      out: found.out.replaceAll(file, "FILE"),
      err: found.err.replaceAll(file, "FILE"),
    };
  } finally {
    Deno.removeSync(file);
  }
}

Deno.test("trace: a map and what the guest touched, on a screen of 80 columns and 24 lines", async () => {
  const { code, out, err } = await captured(TRACE, [BOOT, ACCESSES], { width: 80 });
  assertEquals([code, err], [0, ""]);
  for (
    const words of [
      "access 187,864, kvm_mmio 62,136, set memory region 40",
      "10 slots at the end, 10 at most",
      "25 created, 15 deleted",
      "250,000: 187,864 hit, 62,136 miss; 67.8 % in the slot of the last hit",
      "24.9 % the same page".slice(6),
    ]
  ) assertStringIncludes(out, words);
  const lines = out.trimEnd().split("\n");
  assert(lines.length < 24, `${lines.length} lines`);
  // The commands at the end are to be copied, so each is one line.
  for (const line of lines.slice(0, -2)) assert([...line].length <= 80, line);
  assert(!out.includes("\x1b"));
});

Deno.test("trace: a map of 209 slots beside the kernel's events, at the end or at a line", async () => {
  const { out } = await captured(TRACE, [HOTPLUG, FTRACE], { width: 80 });
  assertStringIncludes(out, "209 slots at the end, 209 at most");
  assertMatch(out, /kvm_mmio 22,194, kvm_unmap_hva_range 1,067, kvm_age_hva 2,131/);
  const early = await captured(TRACE, ["--at", "100", HOTPLUG]);
  assertMatch(early.out, /\b(\d+) slots at the end, \1 at most/);
  assertStringIncludes((await captured(TRACE, ["--at", "1", HOTPLUG])).out, "1 slot at the end");
  const times = path("qemu-7.2-q35-4g-timestamps.log");
  const timed = await captured(TRACE, ["--at", "1795806058.25", times]);
  assertStringIncludes(timed.out, "2 slots at the end, 2 at most");
});

Deno.test("trace: refusals, lines not understood, lost events and clocks are told", async () => {
  const call = (slot: number, gpa: string, ret: number) =>
    `kvm_set_user_memory Slot#${slot} flags=0x0 gpa=${gpa} size=0x2000 ua=0x1000 ret=${ret}\n`;
  const { code, out } = await tried(
    call(0, "0x0", 0) + call(1, "0x1000", -17) + call(2, "0x9000", -22) + "\x1b[31mHello\u202e\n",
  );
  assertEquals(code, 0);
  assertStringIncludes(out, "1 created, 2 refused");
  assertStringIncludes(out.replace(/\n +/g, " "), "1 line not understood: 4");
  assertStringIncludes(
    out.replace(/\n +/g, " "),
    "refused: line 2 (EEXIST by the kernel), line 3 (EINVAL by the kernel; the rules would take it)",
  );
  const lost = await tried(
    "# tracer: nop\nCPU:1 [LOST 7 EVENTS]\n q-1 [0] 1.0: kvm_mmio: gpa 0x0\n q-1 [0] 0.5: kvm_mmio: gpa 0x0\n",
  );
  assertStringIncludes(lost.out, "the recorder lost 7 events");
  assertStringIncludes(lost.out, "time goes back at line 4");
  assertStringIncludes(lost.out, "2; no map to find them in");
});

Deno.test("trace: a log that begins midway is refused with its line, or followed when told so", async () => {
  const text = "kvm_set_user_memory Slot#3 flags=0x0 gpa=0x0 size=0x0 ua=0x1000 ret=0\n" +
    "kvm_set_user_memory Slot#3 flags=0x0 gpa=0x0 size=0x1000 ua=0x1000 ret=0\n";
  const { code, out, err } = await tried(text);
  assertEquals([code, out], [1, ""]);
  assertMatch(err, /^Cannot follow FILE as [^\n]*: line 1 was taken although EINVAL[^\n]*\n$/);
  const told = await tried(text, "--midway");
  assertEquals(told.code, 0);
  assertStringIncludes(told.out, "1 deletion of slots from before the log began");
});

Deno.test("trace: what cannot be read is one line and exit 1, bad usage 64", async () => {
  for (const text of ["", "nothing of the kind\n", "a 1\nxyz\n", "0 1\n0 1\n", "\ufffe"]) {
    const { code, out, err } = await tried(text);
    assertEquals([code, out], [1, ""], text);
    assertMatch(err, /^Cannot read FILE as [^\n]+\n$/);
  }
  for (
    const argv of [[], ["-", "-"], ["--at", "never", BOOT], ["--at", "0", BOOT], ["--what", BOOT]]
  ) {
    const { code, err } = await captured(TRACE, argv);
    assertEquals(code, 64, err);
    assertMatch(err, /^Cannot [^\n]+\n$/);
  }
  const { code, err } = await captured(TRACE, [
    "--at",
    "3",
    ACCESSES,
    path("linux-6.1-q35-4g.iomem.txt"),
  ]);
  assertEquals(code, 1);
  assertMatch(err, /must be a log of calls: it is a guest's \/proc\/iomem/);
});

Deno.test("trace: the command that races the recording", async () => {
  const { out } = await captured(TRACE, [ACCESSES, BOOT]);
  const race = `deno task race --quick --map ${shellWord(BOOT)} --trace ${shellWord(ACCESSES)}`;
  assertEquals(out.trimEnd().split("\n").slice(-2), [
    `Race it:  ${race}`,
    `Changes:  ${race} --workload guest_changes`,
  ]);
  const alone = await captured(TRACE, [BOOT]);
  assert(alone.out.includes(`race --quick --map ${shellWord(BOOT)}\n`));
  const both = await tried(
    " q-1 [0] ..... 1.0: kvm_set_memslot: (kvm_set_memory_region+0x0/0x80) slot=0 flags=0x0 gpa=0x0 size=0x2000 ua=0x1000\n" +
      " q-1 [0] ..... 2.0: kvm_mmio: mmio read len 1 gpa 0x3000 val 0x0\n",
  );
  assertStringIncludes(both.out, "Race it:  deno task race --quick --map FILE --trace FILE\n");
  assert(!(await tried("0 16\n")).out.includes("Changes:"));
  assert(!(await captured(TRACE, [ACCESSES])).out.includes("Race it"));
});

Deno.test("race: a map that cannot be read, and options that need one, are one line", async () => {
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["--trace", ACCESSES], 64, /^Cannot use --trace without --map/],
    [["--at", "7"], 64, /^Cannot use --at without --map/],
    [["--map", "-", "--trace", "-"], 64, /^Cannot read standard input twice/],
    [["--map", BOOT, "--slots", "10"], 64, /^Cannot race a map with --layout, --slots/],
    [["--map", BOOT, "--workload", "perf_map"], 64, /^Cannot race perf_map on map:/],
    [["--map", BOOT, "--workload", "nothing"], 64, /^Cannot run nothing as no workload/],
    [["--map", "/nowhere"], 1, /^Cannot read \/nowhere as .*there is none/],
    [["--map", ACCESSES], 1, /as its map must have slots: it has none/],
  ];
  for (const [argv, exit, words] of cases) {
    const { code, out, err } = await captured(RACE, argv);
    assertEquals([code, out], [exit, ""], err);
    assertMatch(err, words);
    assertMatch(err, /^[^\n]+\n$/);
  }
});
