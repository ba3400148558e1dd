/** What one of the recorded guests touched. */
import { LinearScan } from "../../impls/linear_scan.ts";
import type { Memslot } from "../../impls/memslot.ts";
import { readLookups } from "../traces/guest.ts";
import { bytesSource } from "../traces/lines.ts";
import { findScript } from "./queries.ts";
import type { FindScript } from "./script.ts";
import accessesGz from "./traces/guest-q35-4g.accesses.txt.gz" with { type: "bytes" };
import firstTouchGz from "./traces/guest-q35-4g.first-touch.gfns.gz" with { type: "bytes" };

/** A Debian guest that boots and then fills files in memory: each change of page, each MMIO access. */
export function guestAccesses(slots: readonly Memslot[]): Promise<FindScript> {
  return lookupsOn(slots, accessesGz);
}

/** The first touch of each page by the same guest: a hypervisor's page faults while it is cold. */
export function guestFirstTouch(slots: readonly Memslot[]): Promise<FindScript> {
  return lookupsOn(slots, firstTouchGz);
}

/** The gfns of a recording, moved as the slots are: the recorded guest's memory begins at gfn 0. */
async function lookupsOn(slots: readonly Memslot[], trace: Uint8Array): Promise<FindScript> {
  const oracle = new LinearScan(slots), originGfn = slots[0].baseGfn;
  const recorded = await readLookups([bytesSource("recorded trace", trace)]);
  return findScript(recorded.map((gfn) => originGfn + gfn), (gfn) => oracle.find(gfn));
}
