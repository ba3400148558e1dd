/** Files that were cut, torn, edited, converted or are of another kind: one line, and no number. */
import { assert, assertEquals } from "@std/assert";
import { LONGEST_LINE } from "../../bench/traces/lines.ts";
import { FORMS } from "../../bench/traces/readers.ts";
import { TraceError } from "../../bench/traces/trace_error.ts";
import {
  concatenated,
  digestOf,
  guestRecording,
  gzipped,
  readWhole,
  recordedText,
  source,
} from "../support/traces.ts";

/** A file of each form, with what is essential in one of its lines. */
interface Sample {
  readonly name: string;
  readonly text: string;
  /** Essential parts of the line that has them first, and that an error must name. */
  readonly parts: readonly string[];
  /** A number of that line, to be made too large for any machine. */
  readonly number: string;
  /** What is said of its lines in reverse order; not there where their order does not matter. */
  readonly reversed?: RegExp;
}

const NOT_TAKEN = /line \d+ was taken although EEXIST, .* must not overlap/;

const bootLog = new TextDecoder().decode(guestRecording("qemu-7.2-q35-4g-boot.log"));

const SAMPLES: readonly Sample[] = [
  {
    name: "qemu",
    text: bootLog,
    parts: [
      "Slot#3 ",
      "flags=0x0 ",
      "gpa=0xfeda0000 ",
      "size=0x20000 ",
      "ua=0x7fe797ea0000 ",
      "ret=0",
    ],
    number: "0xfeda0000",
    reversed: NOT_TAKEN,
  },
  {
    name: "qemu with times",
    text: recordedText("qemu-7.2-q35-4g-timestamps.log"),
    parts: ["Slot#1 ", "gpa=0x100000000 ", "size=0x80000000 "],
    number: "0x100000000",
    reversed: NOT_TAKEN,
  },
  {
    name: "strace",
    text: recordedText("strace-6.1-q35-4g.txt"),
    parts: ["slot=1, ", "flags=0, ", "guest_phys_addr=0x100000000, ", "memory_size=2147483648, "],
    number: "0x100000000",
    reversed: NOT_TAKEN,
  },
  {
    name: "perf",
    text: recordedText("perf-6.1-script.txt"),
    parts: ["gpa ", "0xb0000010 "],
    number: "0xb0000010",
  },
  {
    name: "ftrace",
    text: "# tracer: nop\n" +
      " qemu-87 [001] ..... 734.1: kvm_unmap_hva_range: mmu notifier unmap range: 0x007fe000 -- 0x007ff000\n" +
      " qemu-87 [001] ..... 734.2: kvm_page_fault: vcpu 0 rip 0x0 address 0x7fe98be00000 error_code 0x5\n"
        .repeat(9),
    parts: ["address ", "0x7fe98be00000 "],
    number: "0x7fe98be00000",
  },
  {
    name: "mtree -f",
    text: recordedText("qemu-7.2-q35-4g.mtree-f.txt"),
    parts: ["(prio 0, ram)", "00000000000cb000-", "-00000000000cdfff"],
    number: "00000000000cb000",
    reversed: /below the heading .*: line \d+ has/,
  },
  {
    name: "mtree",
    text: recordedText("qemu-7.2-q35-4g.mtree.txt"),
    parts: ["(prio 1, ram): vga.vram", "00000000fd000000-"],
    number: "00000000fd000000",
    reversed: /below the heading .*: line \d+ has/,
  },
  {
    name: "e820",
    text: recordedText("linux-6.1-q35-4g.dmesg.txt"),
    parts: ["[mem 0x0000000100000000", "-0x000000017fffffff"],
    number: "0x000000017fffffff",
  },
  {
    name: "iomem",
    text: recordedText("linux-6.1-q35-4g.iomem.txt"),
    parts: ["100000000-", "17fffffff"],
    number: "17fffffff",
  },
  {
    name: "list",
    text: "0 160\n0x100 0x7ff00\n0x100000 0x80000\n",
    parts: [" 0x7ff00"],
    number: "0x7ff00",
  },
  {
    name: "ranges",
    text: "0-9ffff\n100000-7fffffff\n100000000-17fffffff\n",
    parts: ["100000-"],
    number: "7fffffff",
  },
  {
    name: "json",
    text: '[\n{"baseGfn": 0, "npages": 160},\n{"baseGfn": "0x100", "npages": 7}\n]\n',
    parts: [', "npages": 7', '"baseGfn": "0x100", '],
    number: "0x100",
    reversed: /well formed: line 1 has/,
  },
  {
    name: "accesses",
    text: "a 1\na fffc0\nm fee00000\n".repeat(50),
    parts: ["fffc0"],
    number: "fffc0",
  },
];

interface Damage {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What must come of it: an error that says this, or the same events as the whole file. */
  readonly words: RegExp | "same" | "beginning" | "readable";
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** UTF-16, little endian first. */
function utf16(text: string, { isLittle, mark }: { isLittle: boolean; mark: string }): Uint8Array {
  const units = mark + text, bytes = new DataView(new ArrayBuffer(2 * units.length));
  for (let i = 0; i < units.length; i++) bytes.setUint16(2 * i, units.charCodeAt(i), isLittle);
  return new Uint8Array(bytes.buffer);
}

/** The number of the first line that holds `part`. */
function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split("\n").length;
}

/** Bytes of every kind but zero and the line feed, which end a line or a file. */
const NOISE = Uint8Array.from({ length: 508 }, (_, i) => 1 + i * 97 % 255)
  .filter((byte) => byte !== 10);

function* damages({ text, parts, number, name, reversed }: Sample): Generator<Damage> {
  for (const part of parts) {
    const words = new RegExp(`line ${lineOf(text, part)}\\b`);
    yield { name: `without ${part}`, bytes: bytesOf(text.replace(part, "")), words };
  }
  const at = new RegExp(`line ${lineOf(text, number)}\\b`);
  for (const digits of ["9".repeat(24), "0x" + "f".repeat(18), "f".repeat(400)]) {
    const huge = name === "mtree -f" || name === "mtree" ? digits.replace("0x", "") : digits;
    yield {
      name: `with ${digits.slice(0, 9)}`,
      bytes: bytesOf(text.replace(number, huge)),
      words: at,
    };
  }
  yield { name: "in CRLF", bytes: bytesOf(text.replaceAll("\n", "\r\n")), words: "same" };
  yield { name: "with a mark", bytes: bytesOf("\ufeff" + text), words: "same" };
  yield { name: "without its last line feed", bytes: bytesOf(text.trimEnd()), words: "same" };
  for (const isLittle of [true, false]) {
    yield {
      name: "in UTF-16",
      bytes: utf16(text, { isLittle, mark: "\ufeff" }),
      words: /UTF-16: convert/,
    };
    yield {
      name: "in UTF-16 without a mark",
      bytes: utf16(text, { isLittle, mark: "" }),
      words: /line 1 has a zero byte/,
    };
  }
  const middle = text.indexOf("\n", text.length / 2) + 1,
    lines = text.slice(0, middle).split("\n").length;
  yield {
    name: "with a zero byte",
    bytes: bytesOf(`${text.slice(0, middle)}\0${text.slice(middle)}`),
    words: new RegExp(`line ${lines} has a zero byte`),
  };
  yield {
    name: "with a line that does not end",
    bytes: concatenated(bytesOf(text.slice(0, middle)), new Uint8Array(LONGEST_LINE + 1).fill(97)),
    words: name === "json" ? /line \d+ has/ : new RegExp(`line (${lines} has more|${lines}\\b)`),
  };
  const noisy = concatenated(bytesOf(text.slice(0, middle)), NOISE, bytesOf("\n"));
  yield {
    name: "with a line of binary data",
    bytes: concatenated(noisy, bytesOf(text.slice(middle))),
    words: "readable",
  };
  yield { name: "of binary data", bytes: NOISE, words: /of a known form/ };
  yield {
    name: "with its lines in reverse",
    bytes: bytesOf(text.trimEnd().split("\n").reverse().join("\n")),
    words: reversed ?? "readable",
  };
  for (const share of [0.13, 0.37, 0.5, 0.71, 0.93]) {
    const end = Math.floor(text.length * share);
    yield { name: `cut at ${share}`, bytes: bytesOf(text.slice(0, end)), words: "beginning" };
  }
}

/** One line, which names the file and does not run on for ever. */
function assertOneLine(message: string): void {
  assert(/^Cannot (read|follow) FILE as [^\n\r]+$/.test(message), message);
  assert(message.length < 900, message);
}

async function outcomeOf(bytes: Uint8Array) {
  try {
    const { events } = await readWhole(source(bytes));
    await digestOf([source(bytes)]);
    return { events, message: null };
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    return { events: [], message: error.message };
  }
}

const all = await Promise.all(SAMPLES.map(async (sample) => {
  const { events, form } = await readWhole(source(sample.text));
  const packed = await gzipped(sample.text);
  const cut = {
    name: "gzipped and cut",
    bytes: packed.subarray(0, packed.length / 2),
    words: /gzip data must be whole/,
  };
  return { sample, events, form, damaged: [...damages(sample), cut] };
}));

Deno.test("damaged files: there are more than 300 of them, of every form", () => {
  const count = all.reduce((sum, { damaged }) => sum + damaged.length, 0);
  assert(count >= 300, `${count}`);
  assertEquals(new Set(all.map(({ form }) => form)).size, FORMS.length);
});

for (const { sample, events, damaged } of all) {
  Deno.test(`damaged files: ${sample.name}, each refused in a line or read as it was`, async () => {
    for (const { name, bytes, words } of damaged) {
      const found = await outcomeOf(bytes);
      if (found.message !== null) assertOneLine(found.message);
      if (words === "same") assertEquals(found.events, events, name);
      else if (words === "beginning") {
        if (found.message !== null) {
          assert(/lines?\b|empty/.test(found.message), found.message);
        } else assert(found.events.length <= events.length, name);
      } else if (words === "readable") {
        if (found.message === null) assertEquals(found.events.length, events.length, name);
        else assert(/line \d+ has/.test(found.message), found.message);
      } else {
        assert(found.message !== null, `${name} is read`);
        assert(words.test(found.message), `${name}: ${found.message}`);
      }
    }
  });
}

/** Calls as QEMU logs them, of slots of one page unless it is said. */
function log(
  ...calls: readonly (readonly [slot: number, gpa: number, size: number, ret?: number])[]
) {
  return calls.map(([slot, gpa, size, ret = 0]) =>
    `kvm_set_user_memory Slot#${slot} flags=0x0 gpa=0x${gpa.toString(16)} ` +
    `size=0x${size.toString(16)} ua=0x7f0000000000 ret=${ret}\n`
  ).join("");
}

/** A call that strace saw the kernel take. */
function strace(fields: string): string {
  return `ioctl(13, KVM_SET_USER_MEMORY_REGION, {${fields}}) = 0\n`;
}

Deno.test("damaged files: what the kernel cannot have taken is refused with its line", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [log([0, 0, 0x2000], [1, 0x1000, 0x1000]), /line 2 was taken although EEXIST, .* meets slot 0/],
    [log([0, 0, 0x1000], [0, 0, 0x2000]), /line 2 was taken although EINVAL, .* keep its size/],
    [log([0, 0, 0], [0, 0, 0x1000]), /line 1 was taken although EINVAL/],
    [log([0, 0, 0x1000], [1, 0x800, 0x1000]), /line 2 was taken although EINVAL, .* page aligned/],
    [bootLog.split("\n").reverse().join("\n").trim(), /line 17 was taken although EEXIST/],
    ["0 16\n8 16\n", /slots must not overlap: line 2 has/],
    ["20 5\n0 16\n8 16\n", /slots must not overlap: line 3 has/],
    ["0-fff\n800-17ff\n", /slots must not overlap: line 2 has/],
    ['[{"baseGfn":0,"npages":4},\n{"baseGfn":3,"npages":4}]', /slots must not overlap: line 2 has/],
    ["0 0\n", /must be runs of gfns below 2\^52: line 1/],
    ["5-5\n", /must be runs of gfns below 2\^52: line 1/],
    ["0x10000000000000 1\n", /must be runs of gfns below 2\^52: line 1/],
    [
      strace(
        "slot=0, flags=0, guest_phys_addr=0, memory_size=8192, userspace_addr=0x7f0000000000",
      ) +
      strace("slot=1, flags=0, guest_phys_addr=0x1000, memory_size=4096, userspace_addr=0x1000"),
      /line 2 was taken although EEXIST, .* meets slot 0/,
    ],
    [
      "00001000-00003fff : System RAM\n00002000-00004fff : System RAM\n",
      /must not overlap: line 2 has/,
    ],
    [
      "BIOS-e820: [mem 0x1000-0x3fff] usable\nBIOS-e820: [mem 0x2000-0x4fff] usable\n",
      /must not overlap: line 2 has/,
    ],
    ["0 160\n100-200\n", /all be GFN NPAGES|all START-END/],
    ["00000000-00000000 : System RAM\n", /must not be all 0; read \/proc\/iomem as root: line 1/],
    ['{"slots": 7}', /JSON must be a list of slots/],
    ['[{"baseGfn": 1.5, "npages": 1}]', /each slot must have baseGfn and npages.*line 1/],
    ["[\n{]\n", /JSON must be well formed: line 2/],
    ['[\n{"baseGfn": 0,\n"npages": x},\n{"baseGfn": 1}\n]', /JSON must be well formed: line 3 has/],
    ['[\n{"baseGfn": 0, "npages": 1}\n]\n]\n', /JSON must be well formed: line 4 has/],
    [
      `FlatView #0\n AS "memory", root: x\n${
        "  0000000000000000-0000000000000fff (prio 0, ram): x\n".repeat(2)
      }`,
      /must not overlap: line 4/,
    ],
    [
      "address-space: memory\n  0000000000000000-0000000000000fff (prio 0, ram): alias a @b 0000000000000000-0000000000000fff\n",
      /alias must be listed.*line 2/,
    ],
    [
      "address-space: memory\n  0000000000000000-0000000000000fff (prio 0, i/o): b\n    0000000000000000-0000000000000fff (prio 0, ram): alias a @b 0000000000000000-0000000000000fff\n",
      /must not lead to themselves: line/,
    ],
  ];
  for (const [text, words] of cases) {
    const { message } = await outcomeOf(bytesOf(text));
    assert(message !== null, `${text} is read`);
    assertOneLine(message);
    assert(words.test(message), message);
  }
});

Deno.test("damaged files: a file without one event says so", async () => {
  for (const text of ["# tracer: nop\n#\n", "address-space: I/O\n", "[]\n"]) {
    const { message } = await outcomeOf(bytesOf(text));
    assert(message !== null && /: none in \d+ lines?$/.test(message), `${message}`);
  }
});

Deno.test("damaged files: hostile lines take no time", async () => {
  const hostile = [
    `address-space: memory\n  0000000000000000-0000000000000fff (prio 0, ram): alias ${
      " @".repeat(2e6)
    }`,
    `ioctl(1, KVM_SET_USER_MEMORY_REGION, {${"REGION, {".repeat(4e5)}`,
    `kvm_set_user_memory ${"a".repeat(4e6)}`,
    `kvm_set_user_memory ${"a=".repeat(2e6)}`,
    `${"1: ".repeat(1e6)}kvm_mmio: gpa`,
    `# tracer: nop\n${"x 1: e: \n".repeat(1e5)}`,
    `# tracer: nop\n${Array.from({ length: 2e4 }, (_, i) => `x 1.0: e${i}: \n`).join("")}`,
  ];
  const started = performance.now();
  for (const text of hostile) {
    const { message } = await outcomeOf(bytesOf(text));
    if (message !== null) assertOneLine(message);
  }
  assert(performance.now() - started < 20_000, `${performance.now() - started} ms`);
});
