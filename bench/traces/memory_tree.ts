/**
 * QEMU's monitor: `info mtree -f`, which lists the ranges that are mapped, and `info mtree`, which
 * lists the regions that they come from; from these the ranges are rendered as QEMU does it
 * (`render_memory_region`, softmmu/memory.c).
 */
import { Cursor } from "./bytes.ts";
import type { Form, LineReader, Reading } from "./reader.ts";
import { SlotList } from "./slot_list.ts";

/** The memory tree of QEMU's monitor. */
export const MEMORY_TREE: Form = {
  name: "mtree",
  summary: "QEMU's monitor: info mtree -f, info mtree",
  holds: "map",
  recognises: (line) => /^FlatView #\d+|^address-space: /.test(line) || REGION.test(line),
  open: (reading) => new MemoryTreeReader(reading),
};

/** `  0000000000000000-00000000000bffff (prio 0, ram): pc.ram KVM`. */
const REGION = /^( *)([0-9a-f]{1,17})-([0-9a-f]{1,17}) \(prio (-?\d+), ([\w/-]+)\): (.*)$/;
/** Behind it, `alias NAME @REGION START-LAST`. */
const ALIAS = /^alias (.*) @(.*) ([0-9a-f]{1,17})-([0-9a-f]{1,17})( |$)/;

/** What KVM maps: RAM, ROM, a ROM with a device's face, RAM of a device. */
const MEMORY_TYPES = ["ram", "rom", "romd", "ramd"];

/** The most regions that are read: a guest with 4,096 DIMMs has 8,300. */
const MOST_REGIONS = 20_000;

/** The address space of the processors, whose slots are those of KVM's address space 0. */
const MEMORY = "memory";

interface Region {
  readonly line: number;
  readonly start: bigint;
  /** Behind the last byte. */
  readonly end: bigint;
  readonly priority: number;
  readonly type: string;
  readonly name: string;
  readonly isInKvm: boolean;
  readonly alias: { readonly target: string; readonly start: bigint } | null;
  readonly children: Region[];
}

/** A part of the monitor's answer: a flat view, an address space or a region, by its names. */
interface Section {
  readonly isFlat: boolean;
  readonly names: string[];
  readonly regions: Region[];
}

class MemoryTreeReader implements LineReader {
  readonly #reading: Reading;
  readonly #cursor = new Cursor();
  readonly #sections: Section[] = [];
  /** The regions that those of the lines to come may lie in, with their indentation. */
  #open: { readonly indent: number; readonly region: Region }[] = [];
  #count = 0;
  /** Whether ranges came without any heading: a part that was cut out by hand, or lines out of order. */
  #isHeadless = false;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    this.#cursor.set(bytes, start, end);
    const text = this.#cursor.rest();
    const heading = /^(FlatView #\d+|address-space: (.*)|memory-region: (.*))$/.exec(text);
    const section = this.#sections.at(-1);
    if (heading !== null) return this.#begin(heading[2] ?? heading[3], heading[0]);
    const name = /^ AS "(.*)", root: /.exec(text);
    if (name !== null && section !== undefined) section.names.push(name[1]);
    else if (REGION.test(text)) this.#add(text, start);
    else if (/\(prio |^ +[0-9a-f]{4,}-[0-9a-f]/.test(text)) {
      throw this.#reading.fault(
        "each range must have START-LAST (prio N, TYPE): NAME",
        this.#cursor,
        start,
      );
    } else if (/^\S/.test(text)) this.#reading.passOver();
  }

  end(): void {
    const flat = this.#sections.filter(({ isFlat }) => isFlat);
    const all = flat.length > 0 ? flat : this.#sections;
    // A part that was cut out by hand may have no heading.
    const found = all.find(({ names }) => names.includes(MEMORY)) ??
      all.find(({ names }) => names.length === 0);
    if (found === undefined) return;
    const ranges = found.isFlat ? found.regions : this.#rendered(found.regions);
    this.#handOn(ranges);
    if (!found.isFlat) {
      this.#reading.remark = "info mtree does not show which parts of RAM are read-only: info " +
        "mtree -f does, and may have other slots";
    }
  }

  #begin(name: string | undefined, heading: string): void {
    const isFlat = heading.startsWith("FlatView"), last = this.#sections.at(-1);
    if (this.#isHeadless) {
      const rule = "ranges must stand below the heading of their view or address space";
      throw this.#reading.faultAt(this.#reading.line, rule, `the first heading, ${heading}`);
    }
    this.#open = [];
    // Address spaces that share a tree stand above it, one under the other.
    if (name !== undefined && last?.regions.length === 0 && !last.isFlat) last.names.push(name);
    else this.#sections.push({ isFlat, names: name === undefined ? [] : [name], regions: [] });
  }

  #add(text: string, start: number): void {
    if (text.endsWith(" [disabled]")) return;
    const reading = this.#reading;
    if (++this.#count > MOST_REGIONS) {
      throw reading.faultAt(
        reading.line,
        `there may be ${MOST_REGIONS} regions at most`,
        "one more",
      );
    }
    if (this.#sections.length === 0) {
      this.#begin(undefined, "FlatView");
      this.#isHeadless = true;
    }
    const [, blanks, first, last, priority, type, rest] = REGION.exec(text)!;
    const alias = ALIAS.exec(rest);
    const region = {
      line: reading.line,
      start: address(first),
      end: address(last) + 1n,
      priority: Number(priority),
      type,
      name: alias?.[1] ?? rest,
      isInKvm: / KVM$/.test(rest),
      alias: alias && { target: alias[2], start: address(alias[3]) },
      children: [],
    };
    if (region.start >= region.end || region.end > 2n ** 64n) {
      throw reading.fault(
        "a range must end at or above its start, below 2^64",
        this.#cursor,
        start,
      );
    }
    while (this.#open.length > 0 && this.#open.at(-1)!.indent >= blanks.length) this.#open.pop();
    const parent = this.#open.at(-1)?.region, section = this.#sections.at(-1)!;
    (section.isFlat || parent === undefined ? section.regions : parent.children).push(region);
    this.#open.push({ indent: blanks.length, region });
  }

  #rendered(roots: readonly Region[]): Range[] {
    const byName = new Map<string, Region>();
    const collect = (region: Region) => {
      if (region.alias === null && !byName.has(region.name)) byName.set(region.name, region);
      region.children.forEach(collect);
    };
    this.#sections.filter(({ isFlat }) => !isFlat).forEach(({ regions }) =>
      regions.forEach(collect)
    );
    const view = new View(byName, this.#reading);
    for (const region of roots) view.render(region, { shift: 0n, from: 0n, to: 2n ** 64n });
    return view.merged();
  }

  /** As KVM maps them: whole pages only; under KVM, just what it has mapped. */
  #handOn(ranges: readonly Range[]): void {
    const memory = ranges.filter(({ type }) => MEMORY_TYPES.includes(type));
    const inKvm = memory.filter(({ isInKvm }) => isInKvm), slots = new SlotList(this.#reading);
    for (const { start, end, line } of inKvm.length > 0 ? inKvm : memory) {
      const base = Number((start + 4095n) / 4096n), behind = Number(end / 4096n);
      if (base < behind) slots.add(base, behind, line);
    }
    slots.handOn();
  }
}

/** What is mapped where. */
type Range = Pick<Region, "start" | "end" | "type" | "isInKvm" | "line">;

/** A range that knows what it shows: neighbours that go on in one region are one range. */
interface Shown extends Range {
  readonly region: Region;
  /** The alias through which the region is seen. */
  readonly label: string;
  /** The place in the region. */
  readonly offset: bigint;
}

/** Where a region is rendered: moved up by `shift`, and only what lies in [from, to). */
interface Window {
  readonly shift: bigint;
  readonly from: bigint;
  readonly to: bigint;
  readonly label?: string;
  readonly depth?: number;
}

/** A flat view: what was rendered first hides what comes later. */
class View {
  /** Ascending, none overlapping. */
  #shown: Shown[] = [];
  readonly byName: ReadonlyMap<string, Region>;
  readonly reading: Reading;

  constructor(byName: ReadonlyMap<string, Region>, reading: Reading) {
    this.byName = byName;
    this.reading = reading;
  }

  render(region: Region, { shift, from, to, label = "", depth = 0 }: Window): void {
    const start = max(region.start + shift, from), end = min(region.end + shift, to);
    if (start >= end) return;
    if (depth > 32) {
      throw this.reading.faultAt(region.line, "aliases must not lead to themselves", region.name);
    }
    const inside = { from: start, to: end, depth: depth + 1 };
    if (region.alias !== null) {
      const target = this.byName.get(region.alias.target);
      if (target === undefined) {
        const rule = "the region of an alias must be listed; give the whole answer of info mtree";
        throw this.reading.faultAt(region.line, rule, `@${region.alias.target}`);
      }
      const moved = region.start + shift - target.start - region.alias.start;
      return this.render(target, { ...inside, shift: moved, label: label || region.name });
    }
    for (const child of region.children.toSorted((a, b) => b.priority - a.priority)) {
      this.render(child, { ...inside, shift, label });
    }
    // What has parts is a container, which shows nothing of its own.
    if (region.children.length === 0 || MEMORY_TYPES.includes(region.type)) {
      this.#fill(region, { shift, from: start, to: end, label });
    }
  }

  #fill(region: Region, { shift, from, to, label = "" }: Window): void {
    const part = (start: bigint, end: bigint): Shown => {
      const { type, isInKvm, line } = region, offset = start - shift - region.start;
      return { start, end, type, isInKvm, line, region, label, offset };
    };
    const before = this.#shown.filter(({ end }) => end <= from);
    const met = this.#shown.filter(({ start, end }) => end > from && start < to);
    const behind = this.#shown.filter(({ start }) => start >= to);
    const filled: Shown[] = [];
    let at = from;
    for (const shown of met) {
      if (at < shown.start) filled.push(part(at, shown.start));
      filled.push(shown);
      at = shown.end;
    }
    if (at < to) filled.push(part(at, to));
    this.#shown = [...before, ...filled, ...behind];
  }

  merged(): Range[] {
    const ranges: Shown[] = [];
    for (const shown of this.#shown) {
      const last = ranges.at(-1);
      const goesOn = last !== undefined && last.end === shown.start &&
        last.region === shown.region && last.label === shown.label &&
        last.offset + (last.end - last.start) === shown.offset;
      if (goesOn) ranges[ranges.length - 1] = { ...last, end: shown.end };
      else ranges.push(shown);
    }
    return ranges;
  }
}

function address(digits: string): bigint {
  return BigInt(`0x${digits}`);
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
