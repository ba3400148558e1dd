/**
 * `strace -e ioctl` of a VMM: KVM_SET_USER_MEMORY_REGION and _REGION2, with or without `-f`, clocks
 * and durations. Calls that another thread's line interrupts are put together again.
 */
import { isGuestMemfd } from "../../impls/kvm/memory_region.ts";
import { Cursor, wordOf } from "./bytes.ts";
import type { LoggedCall } from "./events.ts";
import type { Form, LineReader, Reading } from "./reader.ts";
import { quoted } from "./trace_error.ts";

/** strace's output. */
export const STRACE: Form = {
  name: "strace",
  summary: "strace -e ioctl of a VMM",
  holds: "map",
  recognises: (line) =>
    /\bioctl\(\d+(<[^>]*>)?, (KVM_|_IOC\()/.test(line) ||
    /^(\[pid +\d+\] |\d+ +)?([\d:.]+ )?[a-z_0-9]+\(.*\) += -?(\d|\?)/.test(line) ||
    /^strace: Process \d+ attached/.test(line),
  open: (reading) => new StraceReader(reading),
};

const CALL = wordOf("KVM_SET_USER_MEMORY_REGION"), RESUMED = wordOf(" resumed>");

/** `[pid 41] 12:00:01.000001 `, each part optional: the thread and the clock. */
const PREFIX = /^(?:\[pid +(\d+)\] |(\d+) +(?=\D|\d+[:.]))?(?:([\d:.]+) )? */;

class StraceReader implements LineReader {
  readonly #reading: Reading;
  readonly #cursor = new Cursor();
  /** The beginnings of calls that have not returned yet, by thread. */
  readonly #begun = new Map<string, string>();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const cursor = this.#cursor;
    cursor.set(bytes, start, end);
    const isOurs = cursor.seek(CALL) || (this.#begun.size > 0 && cursor.seek(RESUMED));
    cursor.at = start;
    if (isOurs) this.#call(cursor.rest());
    else this.#otherLine(cursor.rest());
  }

  end(): void {
    for (const begun of this.#begun.values()) {
      throw this.#reading.faultAt(
        this.#reading.line,
        "each unfinished call must be resumed",
        `none for ${quoted(begun)}`,
      );
    }
  }

  #call(text: string): void {
    const [prefix, pid = "", number = "", clock = ""] = PREFIX.exec(text)!;
    const thread = pid || number, body = text.slice(prefix.length);
    if (body.endsWith("<unfinished ...>")) {
      this.#begun.set(thread, body.slice(0, -"<unfinished ...>".length));
      return;
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(body);
    if (!resumed) return this.#whole(body, text, clock);
    const begun = this.#begun.get(thread);
    if (begun === undefined) return this.#otherLine(text);
    this.#begun.delete(thread);
    this.#whole(begun.trimEnd() + body.slice(resumed[0].length), text, clock);
  }

  #whole(body: string, text: string, clock: string): void {
    const fault = (rule: string) =>
      this.#reading.faultAt(this.#reading.line, rule, quoted(text.trimStart()));
    if (/REGION2?, 0x/.test(body)) {
      throw fault("strace must show the region's fields; use a newer strace, or QEMU's -trace");
    }
    const call = /REGION2?, \{(.*)\}\) += (-?\d+)(?: (E[A-Z]+))?/.exec(body);
    if (call === null) throw fault("each call must have {fields} and a result");
    const ret = call[3] === undefined ? Number(call[2]) : -(ERRNOS.get(call[3]) ?? 1);
    const region = this.#regionOf(call[1], fault);
    this.#reading.batch.addCall({ line: this.#reading.line, region, ret }, secondsOf(clock));
  }

  #regionOf(text: string, fault: (rule: string) => Error): LoggedCall["region"] {
    const fields = new Map<string, string>();
    for (const field of text.split(", ")) {
      const equals = field.indexOf("=");
      if (equals > 0) fields.set(field.slice(0, equals), field.slice(equals + 1));
    }
    const number = (key: string, limit: bigint): bigint => {
      const value = fields.get(key) ?? "";
      const found = /^(0x[0-9a-f]{1,16}|\d{1,20})$/.test(value) ? BigInt(value) : null;
      if (found === null || found >= limit) throw fault(`each call must have ${key}, a number`);
      return found;
    };
    const flags = flagsOf(fields.get("flags") ?? "");
    if (flags === null) throw fault("each call must have flags as KVM_MEM_... or a number");
    return {
      slot: Number(number("slot", 2n ** 32n)),
      flags,
      guestPhysAddr: number("guest_phys_addr", 2n ** 64n),
      memorySize: number("memory_size", 2n ** 64n),
      userspaceAddr: number("userspace_addr", 2n ** 64n),
      ...isGuestMemfd(flags) && { guestMemfdOffset: number("guest_memfd_offset", 2n ** 64n) },
    };
  }

  #otherLine(text: string): void {
    const body = text.slice(PREFIX.exec(text)![0].length);
    const name = /^([a-z_0-9]+)\(|^<\.\.\. ([a-z_0-9]+) resumed>/.exec(body);
    if (name) {
      const bytes = wordOf(name[1] ?? name[2]);
      this.#reading.others.count(bytes, 0, bytes.length, () => 0);
    } else if (body !== "" && !/^(---|\+\+\+|strace: )/.test(body)) this.#reading.passOver();
  }
}

/** Linux's numbers, where the log has only the name. */
const ERRNOS: ReadonlyMap<string, number> = new Map([
  ["EPERM", 1],
  ["EINTR", 4],
  ["EBADF", 9],
  ["ENOMEM", 12],
  ["EFAULT", 14],
  ["EEXIST", 17],
  ["EINVAL", 22],
  ["ENOSPC", 28],
]);

const FLAGS: ReadonlyMap<string, number> = new Map([
  ["KVM_MEM_LOG_DIRTY_PAGES", 1],
  ["KVM_MEM_READONLY", 2],
  ["KVM_MEM_GUEST_MEMFD", 4],
]);

/** `KVM_MEM_READONLY|0x4`, `0x4 /* KVM_MEM_??? *\/` or `0` as a number; null for another text. */
function flagsOf(text: string): number | null {
  let flags = 0;
  for (const word of text.replace(/ \/\*.*\*\/$/, "").split("|")) {
    const value = FLAGS.get(word) ??
      (/^(0x[0-9a-f]{1,8}|\d{1,9})$/.test(word) ? Number(word) : null);
    if (value === null) return null;
    flags = (flags | value) >>> 0;
  }
  return flags;
}

/** A clock in seconds: `12:00:01.5` of the day, `-ttt`'s of the epoch; NaN for none. */
function secondsOf(clock: string): number {
  const parts = clock.split(":").map(Number);
  if (parts.length === 3) return (parts[0] * 60 + parts[1]) * 60 + parts[2];
  // What is smaller is -r's: the time since the line before.
  return parts.length === 1 && parts[0] > 1e8 ? parts[0] : NaN;
}
