/**
 * How fast recordings are read, and in how much memory: writes files of any size into a folder of
 * their own, reads them, and removes them.
 *
 *     deno run --allow-read --allow-write --allow-sys bench/traces/reading_speed.ts [MEGABYTES]
 *
 * Megabytes a second of processor time are what a loaded machine leaves as it is.
 */
import process from "node:process";
import { Digest } from "./digest.ts";
import { fileSource } from "./lines.ts";
import { inOrder } from "./order.ts";
import { openFile } from "./readers.ts";

/** The lines of a form, from the number of the line. */
const FORMS: Readonly<Record<string, (n: number) => string>> = {
  "qemu, calls only": (n) => {
    const slot = n % 40 >> 1,
      size = n % 2 === 0 ? 0x800_0000 : 0,
      gpa = 2 ** 32 + slot * 0x800_0000;
    return `kvm_set_user_memory Slot#${slot} flags=0x0 gpa=0x${gpa.toString(16)} ` +
      `size=0x${size.toString(16)} ua=0x7fe797e00000 ret=0\n`;
  },
  "qemu, a call in ten lines": (n) =>
    n % 10 === 0
      ? FORMS["qemu, calls only"](n / 10)
      : `8772@1795806058.${100_000 + n % 900_000}:kvm_run_exit cpu_index 0, reason ${n % 30}\n`,
  "ftrace": (n) => {
    const head = ` qemu-system-x86-8772    [001] ..... ${(700 + n / 1e6).toFixed(6)}: `;
    const address = (n * 2_654_435_761 % 2 ** 32).toString(16).padStart(16, "0");
    return n % 4 === 0
      ? `${head}kvm_mmio: mmio write len 4 gpa 0xfee00300 val 0x${address}\n`
      : `${head}kvm_page_fault: vcpu 0 rip 0xffffffff810${
        n % 10
      } address 0x${address} error_code 0x5\n`;
  },
  "gfns": (n) => `${(n * 2_654_435_761 % 2 ** 20).toString(16)}\n`,
};

function write(path: string, lineOf: (n: number) => string, bytes: number): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  for (let n = 0, size = 0; size < bytes;) {
    const lines: string[] = [];
    for (let i = 0; i < 4000; i++) lines.push(lineOf(n++));
    const block = encoder.encode(lines.join(""));
    for (let at = 0; at < block.length;) at += file.writeSync(block.subarray(at));
    size += block.length;
  }
}

async function readOnly(path: string): Promise<void> {
  const { batches } = await openFile(fileSource(path));
  for await (const _ of batches);
}

async function digest(path: string): Promise<void> {
  const digest = new Digest();
  for await (const piece of (await inOrder([await openFile(fileSource(path))])).pieces) {
    digest.take(piece);
  }
}

async function measure(act: () => Promise<void>, megabytes: number): Promise<string> {
  const startedMs = performance.now(), before = process.cpuUsage();
  await act();
  const wall = (performance.now() - startedMs) / 1000, { user } = process.cpuUsage(before);
  return `${(megabytes / (user / 1e6)).toFixed(0)} MB/s of processor time (${
    (megabytes / wall).toFixed(0)
  } of the clock)`;
}

if (import.meta.main) {
  const megabytes = Number(Deno.args[0] ?? 1000), folder = Deno.makeTempDirSync();
  try {
    for (const [name, lineOf] of Object.entries(FORMS)) {
      const path = `${folder}/trace`;
      write(path, lineOf, megabytes * 1e6);
      console.log(`${name}: read ${await measure(() => readOnly(path), megabytes)}`);
      console.log(`${name}: read and summed up ${await measure(() => digest(path), megabytes)}`);
      const peak = process.resourceUsage().maxRSS;
      console.log(
        `${name}: ${megabytes} MB in at most ${Math.round(peak / 1000)} MB of memory`,
      );
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
