/**
 * Recordings that can be shared: what an index sees is kept (the order, sizes, distances and alignment
 * of slots, the order of lookups and changes, the kernel's answers), and where the guest and its
 * VMM live, what they are called and when it was is not.
 */
import { addressSpaceId, slotId } from "../../impls/kvm/memory_region.ts";
import { EVENT_KINDS, type LoggedCall } from "./events.ts";
import type { Piece } from "./order.ts";
import { TraceError } from "./trace_error.ts";

/** Guest addresses move by whole GiB, so that what is aligned stays aligned. */
const SHIFT_PAGES = 2 ** 18;

/** The most GiB: gfns stay small integers to V8 where they are. */
const MOST_GIB = 256;

/** Where the first user address goes. */
const USER_BASE = 0x7f00_0000_0000n;
const GIB = 2n ** 30n, PAGE = 4096n, U64_LIMIT = 2n ** 64n;

/** Ids from here on are refused by every kernel: they stay what they are. */
const ID_LIMIT = 32_764;

/** One disguise for all files of a recording, so that they fit together as before. */
export class Disguise {
  readonly #gfnShift: number;
  #userShift: bigint | null = null;
  readonly #ids = new Map<number, number>();
  readonly #idCounts = new Map<number, number>();

  /** `gib`, from 0 to 256, is how far guest memory moves: at random unless it is said. */
  constructor(gib = 1 + crypto.getRandomValues(new Uint32Array(1))[0] % MOST_GIB) {
    this.#gfnShift = gib * SHIFT_PAGES;
  }

  /** The gfn, or the end of a run of gfns, as it is shown. */
  gfn(gfn: number): number {
    const shown = gfn + this.#gfnShift;
    if (shown <= 2 ** 52) return shown;
    throw new TraceError("Cannot disguise a recording that has gfns near 2^52");
  }

  /** The page of user memory as it is shown. */
  userPage(page: number): number {
    return Number(this.#user(BigInt(page) * PAGE) / PAGE);
  }

  /** The call as it is shown. */
  call({ line, region, ret }: LoggedCall): LoggedCall {
    const { guestPhysAddr, userspaceAddr } = region;
    const moved = guestPhysAddr + BigInt(this.#gfnShift) * PAGE;
    return {
      line,
      ret,
      region: {
        ...region,
        slot: this.#slot(region.slot),
        // What would wrap is refused, shown or not.
        guestPhysAddr: moved < U64_LIMIT ? moved : guestPhysAddr,
        userspaceAddr: this.#user(userspaceAddr),
      },
    };
  }

  #user(address: bigint): bigint {
    this.#userShift ??= USER_BASE - address / GIB * GIB;
    return (address + this.#userShift + U64_LIMIT) % U64_LIMIT;
  }

  #slot(slot: number): number {
    if (slotId(slot) >= ID_LIMIT) return slot;
    const known = this.#ids.get(slot);
    if (known !== undefined) return known;
    const space = addressSpaceId(slot), count = this.#idCounts.get(space) ?? 0;
    this.#idCounts.set(space, count + 1);
    const shown = space * 2 ** 16 + count;
    this.#ids.set(slot, shown);
    return shown;
  }
}

/** The lines that show the events of a piece in disguise, each with its line feed. */
export function linesOf(
  { file, batch, from, to, firstCall }: Piece,
  disguise: Disguise,
  startTime: number,
): string {
  const isKernels = file.form.name === "ftrace", lines: string[] = [];
  let call = firstCall;
  for (let at = from; at < to; at++) {
    const { name, is } = EVENT_KINDS[batch.kinds[at]],
      start = batch.starts[at],
      end = batch.ends[at];
    const time = batch.times[at] - startTime;
    const head = isKernels ? ` vmm-1 [000] ..... ${time.toFixed(6)}: ` : "";
    switch (is) {
      case "call":
        lines.push(callLine(disguise.call(batch.calls[call++]), { head, time }));
        break;
      case "slot":
        lines.push(`0x${hex(disguise.gfn(start))} 0x${hex(end - start)}`);
        break;
      case "user":
        lines.push(`${head}${name}: ${ADDRESS_WORDS[name]} ${userRun(disguise, start, end)}`);
        break;
      case "lookup":
        lines.push(lookupLine(name, disguise.gfn(start), head));
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}

function userRun(disguise: Disguise, start: number, end: number): string {
  const first = disguise.userPage(start);
  return `0x${hex(first)}000 -- 0x${hex(first + end - start)}000`;
}

/** What stands before the address of an event of the kernel's. */
const ADDRESS_WORDS: Readonly<Record<string, string>> = {
  kvm_page_fault: "address",
  kvm_guest_fault: "ipa",
  kvm_mmio: "gpa",
  kvm_unmap_hva_range: "range:",
  kvm_age_hva: "hva:",
  kvm_test_age_hva: "hva:",
};

function lookupLine(name: string, gfn: number, head: string): string {
  if (head !== "") return `${head}${name}: ${ADDRESS_WORDS[name]} 0x${hex(gfn)}000`;
  return name === "kvm_mmio" ? `m ${hex(gfn)}000` : `a ${hex(gfn)}`;
}

function callLine(
  { region, ret }: LoggedCall,
  { head, time }: { head: string; time: number },
): string {
  const { slot, flags, guestPhysAddr, memorySize, userspaceAddr, guestMemfdOffset } = region;
  const event = head !== ""
    ? `${head}kvm_set_memslot: `
    : `${Number.isNaN(time) ? "" : `1@${time.toFixed(6)}:`}kvm_set_user_memory `;
  const offset = guestMemfdOffset === undefined
    ? ""
    : ` guest_memfd=9 guest_memfd_offset=0x${guestMemfdOffset.toString(16)}`;
  return `${event}Slot#${slot} flags=0x${hex(flags)} gpa=0x${guestPhysAddr.toString(16)} ` +
    `size=0x${memorySize.toString(16)} ua=0x${userspaceAddr.toString(16)}${offset}` +
    (ret === null ? "" : ` ret=${ret}`);
}

function hex(value: number): string {
  return value.toString(16);
}
