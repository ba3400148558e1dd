/**
 * What a guest itself knows of its memory: `/proc/iomem`, and the e820 lines of its dmesg. Runs of RAM
 * that touch are one slot, since the guest divides them by use: firmware tables lie in RAM too.
 */
import { Cursor } from "./bytes.ts";
import type { Form, LineReader, Reading } from "./reader.ts";
import { SlotList } from "./slot_list.ts";

const PAGE = 4096n;

/** `/proc/iomem`, read as root. */
export const IOMEM: Form = {
  name: "iomem",
  summary: "a guest's /proc/iomem",
  holds: "map",
  recognises: (line) => IOMEM_LINE.test(line),
  open: (reading) => new GuestMemoryReader(reading, ramOfIomem),
};

/** The memory map of the firmware in a guest's log. */
export const E820: Form = {
  name: "e820",
  summary: "the BIOS-e820 lines of a guest's dmesg",
  holds: "map",
  recognises: (line) => line.includes("BIOS-e820:"),
  open: (reading) => new GuestMemoryReader(reading, ramOfE820),
};

/** [first byte, byte behind the last), `other` for a line of the form that is no RAM, null else. */
type Ram = (line: string) => readonly [bigint, bigint] | "other" | "damaged" | null;

const IOMEM_LINE = /^ *([0-9a-f]{1,17})-([0-9a-f]{1,17}) : (.+)$/;

function ramOfIomem(line: string): ReturnType<Ram> {
  const found = IOMEM_LINE.exec(line);
  if (found === null) return /System RAM/.test(line) ? "damaged" : null;
  return found[3] === "System RAM" ? [address(found[1]), address(found[2]) + 1n] : "other";
}

/** Since Linux 3.3 `[mem 0x0-0x9fbff] usable`, the end inclusive; before, `0 - 9fc00 (usable)`. */
const NEW_E820 = /BIOS-e820: \[mem 0x([0-9a-f]{1,17})-0x([0-9a-f]{1,17})\] (\S.*)$/;
const OLD_E820 = /BIOS-e820: ([0-9a-f]{1,17}) - ([0-9a-f]{1,17}) \(([^)]+)\)$/;
const RAM_TYPES = ["usable", "ACPI data", "ACPI NVS"];

function ramOfE820(line: string): ReturnType<Ram> {
  if (!line.includes("BIOS-e820:")) return "other";
  const inclusive = NEW_E820.exec(line), found = inclusive ?? OLD_E820.exec(line.trimEnd());
  if (found === null) return "damaged";
  if (!RAM_TYPES.includes(found[3].trim())) return "other";
  return [address(found[1]), address(found[2]) + (inclusive ? 1n : 0n)];
}

function address(digits: string): bigint {
  return BigInt(`0x${digits}`);
}

class GuestMemoryReader implements LineReader {
  readonly #reading: Reading;
  readonly #slots: SlotList;
  readonly #ramOf: Ram;
  readonly #cursor = new Cursor();

  constructor(reading: Reading, ramOf: Ram) {
    this.#reading = reading;
    this.#ramOf = ramOf;
    this.#slots = new SlotList(reading);
    reading.remark = "RAM as the guest sees it; its runs that touch are taken as one slot";
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const cursor = this.#cursor, reading = this.#reading;
    cursor.set(bytes, start, end);
    const text = cursor.rest(), ram = this.#ramOf(text);
    if (ram === "other" || text.trim() === "") return;
    if (ram === null) return reading.passOver();
    if (ram === "damaged") {
      throw reading.fault("each line of RAM must have a first and a last address", cursor, start);
    }
    const [first, behind] = ram;
    if (first === 0n && behind <= 1n) {
      throw reading.fault("addresses must not be all 0; read /proc/iomem as root", cursor, start);
    }
    if (first >= behind) throw reading.fault("RAM must not end before it begins", cursor, start);
    // A page that RAM has only a part of is in the slot all the same.
    this.#slots.add(Number(first / PAGE), Number((behind + PAGE - 1n) / PAGE), reading.line);
  }

  end(): void {
    this.#slots.handOn({ joins: true });
  }
}
