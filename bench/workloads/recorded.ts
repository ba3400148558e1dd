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

const boot = await readMap(bytesSource("qemu-7.2-q35-4g-boot.log", bootLog));
const hotplug = await readMap(bytesSource("qemu-7.2-q35-512m-hotplug200.log", hotplugLog));
const accesses = await readLookups([bytesSource("guest-q35-4g.accesses.txt.gz", accessesGz)]);
const firstTouch = await readLookups([
  bytesSource("guest-q35-4g.first-touch.gfns.gz", firstTouchGz),
]);

/** The 10 slots of the recorded guest after its firmware is done, ascending. */
export function guestSlots(): Memslot[] {
  return boot.slots();
}

/** The slots after 200 DIMMs of 128 MiB were hot-plugged into a guest of 512 MiB, ascending. */
export function hotplugSlots(): Memslot[] {
  return hotplug.slots();
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
