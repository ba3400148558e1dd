/** The recorded guests: their slots, and what one of them touched. */
import { AddressSpace } from "../../impls/kvm/address_space.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import type { Gfn, Memslot } from "../../impls/memslot.ts";
import { memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { GFN_LIMIT } from "../../impls/memslot.ts";
import { applyCalls, parseQemuLog } from "./qemu_log.ts";
import { findScript } from "./queries.ts";
import type { FindScript } from "./script.ts";
import accessesGz from "./traces/guest-q35-4g.accesses.txt.gz" with { type: "bytes" };
import firstTouchGz from "./traces/guest-q35-4g.first-touch.gfns.gz" with { type: "bytes" };
import bootLog from "./traces/qemu-7.2-q35-4g-boot.log" with { type: "text" };
import hotplugLog from "./traces/qemu-7.2-q35-512m-hotplug200.log" with { type: "text" };

const accesses = parseAccesses(await gunzip(accessesGz));
const firstTouch = parseGfns(await gunzip(firstTouchGz));

/** The 10 slots of the recorded guest after its firmware is done, ascending. */
export function guestSlots(): Memslot[] {
  return slotsAfter(bootLog);
}

/** The slots after 200 DIMMs of 128 MiB were hot-plugged into a guest of 512 MiB, ascending. */
export function hotplugSlots(): Memslot[] {
  return slotsAfter(hotplugLog);
}

/** A Debian guest that boots and then fills files in memory: each change of page, each MMIO access. */
export function guestAccesses(slots: readonly Memslot[]): FindScript {
  const oracle = new LinearScan(slots);
  return findScript(accesses, (gfn) => oracle.find(gfn));
}

/** The first touch of each page by the same guest: a hypervisor's page faults while it is cold. */
export function guestFirstTouch(slots: readonly Memslot[]): FindScript {
  const oracle = new LinearScan(slots);
  return findScript(firstTouch, (gfn) => oracle.find(gfn));
}

function slotsAfter(log: string): Memslot[] {
  const space = new AddressSpace((slots) => new LinearScan(slots), { addressSpaces: 2 });
  applyCalls(space, parseQemuLog(log));
  return [...memslotsInGfnRange(space.index, 0, GFN_LIMIT)];
}

/** `a GFN` is an access to RAM or ROM, `m GPA` one to a device; both hexadecimal. */
function parseAccesses(text: string): Gfn[] {
  return text.trimEnd().split("\n").map((line) => {
    const address = parseInt(line.slice(2), 16);
    return line[0] === "m" ? Math.floor(address / 4096) : address;
  });
}

function parseGfns(text: string): Gfn[] {
  return text.trimEnd().split("\n").map((line) => parseInt(line, 16));
}

async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}
