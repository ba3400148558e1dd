/** The recorded guests: their slots, as the calls that QEMU logged leave them. */
import type { Memslot } from "../../impls/memslot.ts";
import { readMap } from "../traces/guest.ts";
import { bytesSource } from "../traces/lines.ts";
import bootLog from "./traces/qemu-7.2-q35-4g-boot.log" with { type: "bytes" };
import hotplugLog from "./traces/qemu-7.2-q35-512m-hotplug200.log" with { type: "bytes" };

/** The slots of the recorded guest after its firmware is done, ascending. */
export const GUEST_SLOTS: readonly Memslot[] = await slotsAfter(bootLog);

/** The slots after 200 DIMMs of 128 MiB were hot-plugged into a guest of 512 MiB, ascending. */
export function hotplugSlots(): Promise<Memslot[]> {
  return slotsAfter(hotplugLog);
}

async function slotsAfter(log: Uint8Array): Promise<Memslot[]> {
  return (await readMap(bytesSource("recorded log", log))).slots();
}
