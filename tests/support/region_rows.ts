/**
 * KVM's table of checks as calls and answers: for `AddressSpace` and for the kernel itself.
 *
 * @module
 */
import type { UserspaceMemoryRegion } from "../../impls/kvm/memory_region.ts";

const PAGE = 4096n;
/** The hva of every region that names none. */
export const HVA = 0x7f00_0000_0000n;

/** Gfns and pages where the ioctl has bytes. */
export interface Pages {
  slot?: number;
  flags?: number;
  gfn?: number;
  npages?: number;
}

/** A region of one page at gfn 0x100 of slot 1, but for what is given. */
export function region(
  pages: Pages = {},
  bytes: Partial<UserspaceMemoryRegion> = {},
): UserspaceMemoryRegion {
  const { slot = 1, flags = 0, gfn = 0x100, npages = 1 } = pages;
  return {
    slot,
    flags,
    guestPhysAddr: BigInt(gfn) * PAGE,
    memorySize: BigInt(npages) * PAGE,
    userspaceAddr: HVA,
    ...bytes,
  };
}

/**
 * The map that each row starts from: slot 1 [0x100, 0x110), logged, slot 2 [0x120, 0x130), a ROM in
 * slot 3 [0x130, 0x140).
 */
export const SETUP: readonly UserspaceMemoryRegion[] = [
  region({ slot: 1, flags: 1, gfn: 0x100, npages: 16 }),
  region({ slot: 2, gfn: 0x120, npages: 16 }),
  region({ slot: 3, flags: 2, gfn: 0x130, npages: 16 }),
];

/** What is tried after `SETUP`, the call, the answer. */
export const ROWS:
  readonly (readonly [string, UserspaceMemoryRegion, "ok" | "EINVAL" | "EEXIST"])[] = [
    ["an unknown flag", region({ slot: 9, flags: 4, gfn: 0 }), "EINVAL"],
    ["the highest flag", region({ slot: 9, flags: 2 ** 31, gfn: 0 }), "EINVAL"],
    ["an unknown flag on a delete", region({ flags: 4, npages: 0 }), "EINVAL"],
    ["both known flags", region({ slot: 9, flags: 3, gfn: 0 }), "ok"],
    ["the last id", region({ slot: 32763, gfn: 0 }), "ok"],
    ["an id of 32764", region({ slot: 32764, gfn: 0 }), "EINVAL"],
    ["an id of 65535", region({ slot: 65535, gfn: 0 }), "EINVAL"],
    ["a size of half a page", region({ slot: 9, gfn: 0 }, { memorySize: 2048n }), "EINVAL"],
    ["a size of a page and a byte", region({ slot: 9, gfn: 0 }, { memorySize: 4097n }), "EINVAL"],
    ["a misaligned guest address", region({ slot: 9 }, { guestPhysAddr: 0x800n }), "EINVAL"],
    [
      "a misaligned guest address on a delete",
      region({ npages: 0 }, { guestPhysAddr: 1n }),
      "EINVAL",
    ],
    ["a misaligned hva", region({ slot: 9, gfn: 0 }, { userspaceAddr: HVA + 1n }), "EINVAL"],
    ["a misaligned hva on a delete", region({ npages: 0 }, { userspaceAddr: HVA + 8n }), "EINVAL"],
    ["an hva of 0", region({ slot: 9, gfn: 0 }, { userspaceAddr: 0n }), "ok"],
    [
      "user memory up to a page below 2^47",
      region({ slot: 9, gfn: 0 }, { userspaceAddr: 2n ** 47n - 2n * PAGE }),
      "ok",
    ],
    [
      "user memory up to 2^47",
      region({ slot: 9, gfn: 0 }, { userspaceAddr: 2n ** 47n - PAGE }),
      "EINVAL",
    ],
    ["a kernel hva", region({ slot: 9, gfn: 0 }, { userspaceAddr: 2n ** 64n - PAGE }), "EINVAL"],
    [
      "a delete at the last user hva",
      region({ npages: 0 }, { userspaceAddr: 2n ** 47n - PAGE }),
      "ok",
    ],
    ["a delete at a kernel hva", region({ npages: 0 }, { userspaceAddr: 2n ** 47n }), "EINVAL"],
    ["an as_id of 1", region({ slot: 0x1_0009, gfn: 0 }), "EINVAL"],
    ["an as_id of 65535", region({ slot: 0xffff_0009, gfn: 0 }), "EINVAL"],
    [
      "a guest range that ends at 2^64",
      region({ slot: 9 }, { guestPhysAddr: 2n ** 64n - PAGE }),
      "EINVAL",
    ],
    [
      "a guest range that wraps",
      region({ slot: 9, npages: 2 }, { guestPhysAddr: 2n ** 64n - PAGE }),
      "EINVAL",
    ],
    [
      "2^31 pages",
      region({ slot: 9, gfn: 2 ** 32, npages: 2 ** 31 }, { userspaceAddr: 0n }),
      "EINVAL",
    ],
    [
      "2^31 - 1 pages",
      region({ slot: 9, gfn: 2 ** 32, npages: 2 ** 31 - 1 }, { userspaceAddr: 0n }),
      "ok",
    ],
    ["a delete of no slot", region({ slot: 9, npages: 0 }), "EINVAL"],
    ["a delete", region({ npages: 0 }), "ok"],
    ["a delete elsewhere with other flags", region({ flags: 2, gfn: 0x999, npages: 0 }), "ok"],
    ["a delete with another hva", region({ npages: 0 }, { userspaceAddr: 0n }), "ok"],
    ["another hva", region({ flags: 1, npages: 16 }, { userspaceAddr: 0n }), "EINVAL"],
    ["a larger size", region({ flags: 1, npages: 17 }), "EINVAL"],
    ["a smaller size", region({ flags: 1, npages: 15 }), "EINVAL"],
    ["readonly on", region({ flags: 3, npages: 16 }), "EINVAL"],
    ["readonly off", region({ slot: 3, flags: 0, gfn: 0x130, npages: 16 }), "EINVAL"],
    ["readonly off in a move", region({ slot: 3, flags: 0, gfn: 0x200, npages: 16 }), "EINVAL"],
    ["the log off", region({ npages: 16 }), "ok"],
    ["the log on, for a ROM", region({ slot: 3, flags: 3, gfn: 0x130, npages: 16 }), "ok"],
    ["a move", region({ flags: 1, gfn: 0x200, npages: 16 }), "ok"],
    ["a move with other flags", region({ gfn: 0x200, npages: 16 }), "ok"],
    ["nothing new", region({ flags: 1, npages: 16 }), "ok"],
    ["a new slot on another", region({ slot: 9, gfn: 0x12f }), "EEXIST"],
    ["a new slot over all", region({ slot: 9, gfn: 0, npages: 0x1000 }), "EEXIST"],
    ["a new slot with another's hva", region({ slot: 9, gfn: 0 }), "ok"],
    ["a new slot in the hole, wall to wall", region({ slot: 9, gfn: 0x110, npages: 16 }), "ok"],
    ["a move onto another", region({ flags: 1, gfn: 0x118, npages: 16 }), "EEXIST"],
    ["a move into its own old place", region({ flags: 1, gfn: 0x108, npages: 16 }), "ok"],
    ["a move back into its own old place", region({ flags: 1, gfn: 0xf8, npages: 16 }), "ok"],
    ["a move up to its neighbour", region({ flags: 1, gfn: 0x110, npages: 16 }), "ok"],
    ["a slot up to the largest gfn", region({ slot: 9, gfn: 2 ** 40 - 1 }), "ok"],
    ["a slot past the largest gfn", region({ slot: 9, gfn: 2 ** 40 }), "EINVAL"],
    ["a slot across the largest gfn", region({ slot: 9, gfn: 2 ** 40 - 1, npages: 2 }), "EINVAL"],
    ["a move past the largest gfn", region({ flags: 1, gfn: 2 ** 40, npages: 16 }), "EINVAL"],
    ["a delete past the largest gfn", region({ gfn: 2 ** 45, npages: 0 }), "ok"],
    // Two rules broken at once, where the codes tell which is seen first.
    ["that an unknown flag beats an overlap", region({ slot: 9, flags: 4 }), "EINVAL"],
    ["that an id too large beats an overlap", region({ slot: 32764 }), "EINVAL"],
    ["that a broken size beats an overlap", region({ slot: 9 }, { memorySize: 4097n }), "EINVAL"],
    [
      "that a broken address beats an overlap",
      region({ slot: 9 }, { guestPhysAddr: 0x100001n }),
      "EINVAL",
    ],
    ["that a broken hva beats an overlap", region({ slot: 9 }, { userspaceAddr: 1n }), "EINVAL"],
    [
      "that a kernel hva beats an overlap",
      region({ slot: 9 }, { userspaceAddr: 2n ** 63n }),
      "EINVAL",
    ],
    ["that no such address space beats an overlap", region({ slot: 0x1_0009 }), "EINVAL"],
    [
      "that 2^31 pages beat an overlap",
      region({ slot: 9, npages: 2 ** 31 }, { userspaceAddr: 0n }),
      "EINVAL",
    ],
    [
      "that 2^31 - 1 pages do not",
      region({ slot: 9, npages: 2 ** 31 - 1 }, { userspaceAddr: 0n }),
      "EEXIST",
    ],
    [
      "that another hva beats an overlap",
      region({ flags: 1, gfn: 0x118, npages: 16 }, { userspaceAddr: 0n }),
      "EINVAL",
    ],
    ["that a resize beats an overlap", region({ flags: 1, npages: 64 }), "EINVAL"],
    ["that readonly beats an overlap", region({ flags: 3, gfn: 0x118, npages: 16 }), "EINVAL"],
    ["that the delete of no slot is no overlap", region({ slot: 9, npages: 0 }), "EINVAL"],
  ];

/** A region of `KVM_SET_USER_MEMORY_REGION2`, of a page at gfn 0x1000 of slot 9. */
function region2(pages: Pages = {}, bytes: Partial<UserspaceMemoryRegion> = {}) {
  return region({ slot: 9, gfn: 0x1000, ...pages }, { guestMemfdOffset: 0n, ...bytes });
}

/** The slots of `SETUP`, and slot 9 with a guest_memfd. */
export const MEMFD_SETUP: readonly UserspaceMemoryRegion[] = [
  ...SETUP,
  region2({ flags: 4, npages: 16 }),
];

/** What is tried after `MEMFD_SETUP`, by calls that can have a guest_memfd. */
export const MEMFD_ROWS: typeof ROWS = [
  ["a guest_memfd by the older call", region({ slot: 10, flags: 4, gfn: 0 }), "EINVAL"],
  ["a guest_memfd", offset16({ slot: 10, flags: 4, gfn: 0 }), "ok"],
  ["none by the newer call", offset16({ slot: 10, gfn: 0 }), "ok"],
  ["a ROM by the newer call", offset16({ slot: 10, flags: 2, gfn: 0 }), "ok"],
  ["a guest_memfd with the log", offset16({ slot: 10, flags: 5, gfn: 0 }), "EINVAL"],
  ["a guest_memfd in a ROM", offset16({ slot: 10, flags: 6, gfn: 0 }), "EINVAL"],
  ["all three flags", offset16({ slot: 10, flags: 7, gfn: 0 }), "EINVAL"],
  ["a flag beyond", offset16({ slot: 10, flags: 8, gfn: 0 }), "EINVAL"],
  ["a misaligned offset", region2({ slot: 10, flags: 4 }, { guestMemfdOffset: 8n }), "EINVAL"],
  [
    "a misaligned offset without the flag",
    region2({ slot: 10, gfn: 0 }, { guestMemfdOffset: 8n }),
    "ok",
  ],
  [
    "an offset that wraps",
    region2({ slot: 10, flags: 4, gfn: 0, npages: 2 }, { guestMemfdOffset: 2n ** 64n - PAGE }),
    "EINVAL",
  ],
  ["an overlap", offset16({ slot: 10, flags: 4 }), "EEXIST"],
  ["the same again", region2({ flags: 4, npages: 16 }), "EINVAL"],
  ["the flag on a slot without", region2({ slot: 1, flags: 4, gfn: 0x100, npages: 16 }), "EINVAL"],
  ["the flag taken away", region2({ npages: 16 }), "EINVAL"],
  ["the flag taken away by the older call", region({ slot: 9, gfn: 0x1000, npages: 16 }), "EINVAL"],
  ["a move", region2({ flags: 4, gfn: 0x2000, npages: 16 }), "EINVAL"],
  ["a move without the flag", region2({ gfn: 0x2000, npages: 16 }), "EINVAL"],
  ["a delete", region2({ npages: 0 }), "ok"],
  ["a delete with the flag", region2({ flags: 4, npages: 0 }), "ok"],
  ["a delete by the older call", region({ slot: 9, npages: 0 }), "ok"],
];

/** Behind the pages that slot 9 has in the file: two slots must not share them. */
function offset16(pages: Pages): UserspaceMemoryRegion {
  return region2(pages, { guestMemfdOffset: 16n * PAGE });
}
