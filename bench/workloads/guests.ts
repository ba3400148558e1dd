/** The recorded guest of the layout `recorded`: its slots, as the calls that QEMU logged leave them. */
import type { Memslot } from "../../impls/memslot.ts";
import { readMap } from "../traces/guest.ts";
import { bytesSource } from "../traces/lines.ts";
import bootLog from "./traces/qemu-7.2-q35-4g-boot.log" with { type: "bytes" };

/** Its slots after its firmware is done, ascending. */
export const GUEST_SLOTS: readonly Memslot[] = (await readMap(bytesSource("recorded log", bootLog)))
  .slots();
