/** The recorded guests: their slots, and what one of them touched. */
import { LinearScan } from "../../impls/linear_scan.ts";
import type { Memslot } from "../../impls/memslot.ts";
import { readLookups, readMap } from "../traces/guest.ts";
import { bytesSource } from "../traces/lines.ts";
import { findScript } from "./queries.ts";
import type { FindScript } from "./script.ts";
import accessesGz from "./traces/guest-q35-4g.accesses.txt.gz" with { type: "bytes" };
import firstTouchGz from "./traces/guest-q35-4g.first-touch.gfns.gz" with { type: "bytes" };
import bootLog from "./traces/qemu-7.2-q35-4g-boot.log" with { type: "bytes" };
import hotplugLog from "./traces/qemu-7.2-q35-512m-hotplug200.log" with { type: "bytes" };

/** The 10 slots of the recorded guest after its firmware is done, ascending. */
export function guestSlots(): Promise<Memslot[]> {
  return slotsAfter(bootLog);
}

/** The slots after 200 DIMMs of 128 MiB were hot-plugged into a guest of 512 MiB, ascending. */
export function hotplugSlots(): Promise<Memslot[]> {
  return slotsAfter(hotplugLog);
}

/** A Debian guest that boots and then fills files in memory: each change of page, each MMIO access. */
export function guestAccesses(slots: readonly Memslot[]): Promise<FindScript> {
  return lookupsOn(slots, accessesGz);
}

/** The first touch of each page by the same guest: a hypervisor's page faults while it is cold. */
export function guestFirstTouch(slots: readonly Memslot[]): Promise<FindScript> {
  return lookupsOn(slots, firstTouchGz);
}

async function slotsAfter(log: Uint8Array): Promise<Memslot[]> {
  return (await readMap(bytesSource("recorded log", log))).slots();
}

async function lookupsOn(slots: readonly Memslot[], trace: Uint8Array): Promise<FindScript> {
  const oracle = new LinearScan(slots);
  return findScript(await readLookups([bytesSource("recorded trace", trace)]), (gfn) => {
    return oracle.find(gfn);
  });
}
