/** How a guest's memory can lie: the layouts of slots. */
import { endGfn, type Gfn, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { GUEST_SLOTS } from "./guests.ts";
import type { Random } from "./random.ts";

/** A way a guest's memory can lie: slots ascending from `originGfn` up. */
export interface Layout {
  /** As the command line and the result files name it. */
  readonly name: string;
  /** One line on whose memory looks so. */
  readonly summary: string;
  /** The slot counts raced by default, ascending. */
  readonly slotCounts: readonly number[];
  /** Whether it can be laid out with this number of slots. */
  allows(nslots: number): boolean;
  /** The slots at origin 0; `layOut` moves them. */
  build(nslots: number, random: Random): Memslot[];
}

/** The slot counts of real life: small VMs, the caps of KVM (509, 32,764) and what lies between. */
export const SLOT_COUNTS: readonly number[] = [3, 10, 32, 128, 509, 4096, 32764];

/** Pages in the memory of memslot_perf_test's move and RW tests: 512 MiB and 64 KiB. */
const PERF_TEST_PAGES = (512 * 1024 + 64) / 4;

/** Of its map test, 32 MiB and 64 KiB, and of its unmap tests, 128 MiB and 64 KiB. */
const PERF_MAP_PAGES = (32 * 1024 + 64) / 4, PERF_UNMAP_PAGES = (128 * 1024 + 64) / 4;

/** The slot counts of memslot_perf_test's runs: `-s` less one. */
export const PERF_TEST_COUNTS: readonly number[] = [9, 29, 49, 99, 508, 8193, 32763];

/** 128 MiB, the usual size of a hot-plugged DIMM or virtio-mem block, in pages. */
const DIMM_PAGES = 0x8000;

/** The layout of the recorded guest, whose accesses are two workloads. */
export const RECORDED = "recorded";

/** Every layout, one row each. */
export const LAYOUTS: readonly Layout[] = [
  {
    name: "scattered",
    summary: "slots of 1 to 1,024 pages with random holes of 1 to 1,024 pages between them",
    slotCounts: SLOT_COUNTS,
    allows: atLeast(1),
    build: (nslots, random) =>
      runs(nslots, 0, () => random.int(1, 1024), () => random.int(1, 1024)),
  },
  {
    name: "contiguous",
    summary:
      "memslot_perf_test: equal slots from gfn 0x10000 without holes, the remainder on the last",
    slotCounts: SLOT_COUNTS,
    allows: (nslots) => nslots >= 1 && nslots <= PERF_TEST_PAGES,
    build: (nslots) => equalSlots(nslots, PERF_TEST_PAGES),
  },
  {
    name: "perf_map",
    summary: "memslot_perf_test's map test: as contiguous, over 32 MiB",
    slotCounts: PERF_TEST_COUNTS.filter((count) => count <= PERF_MAP_PAGES),
    allows: (nslots) => nslots >= 1 && nslots <= PERF_MAP_PAGES,
    build: (nslots) => equalSlots(nslots, PERF_MAP_PAGES),
  },
  {
    name: "perf_unmap",
    summary: "memslot_perf_test's unmap tests: as contiguous, over 128 MiB",
    slotCounts: PERF_TEST_COUNTS,
    allows: (nslots) => nslots >= 1 && nslots <= PERF_UNMAP_PAGES,
    build: (nslots) => equalSlots(nslots, PERF_UNMAP_PAGES),
  },
  {
    name: "pc",
    summary:
      "ordinary PC: low RAM to 640 KiB, RAM to the PCI hole and above 4 GiB, then ROMs and BARs",
    slotCounts: [3, 10, 32],
    allows: (nslots) => nslots >= 3 && nslots <= PC_EXTRAS.length + 3 + PC_BARS,
    build: pcSlots,
  },
  {
    name: "dimms",
    summary: "an ordinary PC's three slots, then hot-plugged DIMMs of 128 MiB side by side",
    slotCounts: [10, 32, 128, 509, 4096, 32764],
    allows: atLeast(4),
    build: (nslots) => [
      ...pcSlots(3),
      ...runs(nslots - 3, 0x180000, () => DIMM_PAGES, () => 0, 3),
    ],
  },
  {
    name: "outlier",
    summary: "scattered, but for one slot at 2^51: what spans everything is nearly empty",
    slotCounts: SLOT_COUNTS,
    allows: atLeast(2),
    build: (nslots, random) => [
      ...runs(nslots - 1, 0, () => random.int(1, 1024), () => random.int(1, 1024)),
      memslot(nslots - 1, 2 ** 51, random.int(1, 1024)),
    ],
  },
  {
    name: "clustered",
    summary: "clusters of 16 slots at log-uniform places up to 2^49",
    slotCounts: SLOT_COUNTS,
    allows: atLeast(1),
    build: clusters,
  },
  {
    name: "doubling",
    summary: "bases that grow by a constant factor, to 2^51 at the last",
    slotCounts: SLOT_COUNTS,
    allows: (nslots) => nslots >= 1 && nslots <= 2 ** 20,
    build: doubling,
  },
  {
    name: "nested",
    summary:
      "7 of 8 slots in 1/64 of the span, and again in that, all aligned: no few bits tell them apart",
    slotCounts: SLOT_COUNTS,
    allows: (nslots) => nslots >= 1 && nslots <= 2 ** 20,
    build: (nslots, random) =>
      nested(nslots, { startGfn: 0, npages: 2 ** 49 }, random)
        .map(({ startGfn, npages }, id) => memslot(id, startGfn, npages)),
  },
  {
    name: RECORDED,
    summary: "a Linux guest of QEMU with 4 GiB, as recorded after its firmware was done",
    slotCounts: [GUEST_SLOTS.length],
    allows: (nslots) => nslots === GUEST_SLOTS.length,
    build: () => GUEST_SLOTS.slice(),
  },
];

/** The row of that name; `RangeError` with the names there are otherwise. */
export function layoutNamed(name: string): Layout {
  const found = LAYOUTS.find((layout) => layout.name === name);
  if (found) return found;
  throw new RangeError(
    `Cannot lay out ${name} as no layout has that name: there are ${
      LAYOUTS.map((layout) => layout.name).join(", ")
    }`,
  );
}

/**
 * `nslots` slots of `layout`, moved up by `originGfn` pages. `RangeError` where the layout does not
 * allow this number or they would end past 2^52.
 */
export function layOut(
  layout: Layout,
  nslots: number,
  options: { originGfn: number; random: Random },
): Memslot[] {
  const { originGfn, random } = options;
  if (!layout.allows(nslots)) {
    throw new RangeError(
      `Cannot lay out ${nslots} slots as ${layout.name} does not allow that number`,
    );
  }
  const slots = layout.build(nslots, random);
  if (originGfn + endGfn(slots[slots.length - 1]) > GFN_LIMIT) {
    throw new RangeError(
      `Cannot lay out ${nslots} slots as they must end by 2^52: origin is ${originGfn}`,
    );
  }
  // From the highest down: where one needs a double, the first does, and all are made of one shape.
  return slots
    .reverse()
    .map((slot) => memslot(slot.id, originGfn + slot.baseGfn, slot.npages))
    .reverse();
}

function atLeast(least: number): (nslots: number) => boolean {
  return (nslots) => nslots >= least;
}

/** `nslots` slots from `baseGfn` up, a hole before each. */
function runs(
  nslots: number,
  baseGfn: number,
  npages: () => number,
  hole: () => number,
  firstId = 0,
): Memslot[] {
  let base = baseGfn;
  return Array.from({ length: nslots }, (_, i) => {
    base += hole();
    const slot = memslot(firstId + i, base, npages());
    base = endGfn(slot);
    return slot;
  });
}

/** memslot_perf_test's rule: floor(pages / nslots) each, the remainder on the last. */
export function equalSlots(nslots: number, pages: number): Memslot[] {
  const each = Math.floor(pages / nslots);
  return Array.from({ length: nslots }, (_, i) => {
    const npages = i === nslots - 1 ? pages - each * (nslots - 1) : each;
    return memslot(i, 0x10000 + i * each, npages);
  });
}

/** What a PC maps beside its RAM, in the order devices appear: [baseGfn, npages]. */
const PC_EXTRAS: readonly (readonly [number, number])[] = [
  [0xfffc0, 0x40], // BIOS below 4 GiB
  [0xc0, 0x0b], // shadowed option ROMs and the BIOS's PAM segments
  [0xcb, 0x03],
  [0xce, 0x1a],
  [0xe8, 0x08],
  [0xf0, 0x10],
  [0xfd000, 0x1000], // VGA's frame buffer
];

/** Room for device BARs of 64 KiB in the PCI hole, 1 MiB apart. */
const PC_BARS = 64;

function pcSlots(nslots: number): Memslot[] {
  const ram: (readonly [number, number])[] = [[0, 0xa0], [0x100, 0x7ff00], [0x100000, 0x80000]];
  const bars = Array.from({ length: PC_BARS }, (_, i) => [0xe0000 + i * 0x100, 0x10] as const);
  return [...ram, ...PC_EXTRAS, ...bars]
    .slice(0, nslots)
    .map(([baseGfn, npages], id) => memslot(id, baseGfn, npages))
    .sort((a, b) => a.baseGfn - b.baseGfn);
}

/** In each cluster as in `scattered`; a cluster that would meet the one before moves up. */
function clusters(nslots: number, random: Random): Memslot[] {
  const CLUSTER = 16;
  const bases = Array.from({ length: Math.ceil(nslots / CLUSTER) }, () => {
    return Math.floor(2 ** (10 + 39 * random.unit()));
  }).sort((a, b) => a - b);
  const slots: Memslot[] = [];
  for (const base of bases) {
    const above = slots.length > 0 ? endGfn(slots[slots.length - 1]) : 0;
    const count = Math.min(CLUSTER, nslots - slots.length);
    const small = () => random.int(1, 64);
    slots.push(...runs(count, Math.max(base, above), small, small, slots.length));
  }
  return slots;
}

function doubling(nslots: number): Memslot[] {
  let base = 0;
  return Array.from({ length: nslots }, (_, i) => {
    base = Math.max(base + 2, Math.floor(2 ** (51 * (i + 1) / nslots)));
    return memslot(i, base, 1);
  });
}

/** Where a slot lies, or where many are to lie. */
interface Run {
  readonly startGfn: Gfn;
  readonly npages: number;
}

/** What a slot and the hole beside it have at least where slots are nested. */
const ROOMY_PAGES = 8;

/**
 * One of 64 equal cells of `span` takes 7 slots of 8, and nests them again as long as they have room
 * there; the others are spread over the cells before and behind it.
 */
function nested(nslots: number, span: Run, random: Random): Run[] {
  const CELLS = 64, cellPages = span.npages / CELLS;
  const outside = Math.ceil(nslots / 8), inside = nslots - outside;
  if (inside === 0 || cellPages < ROOMY_PAGES * inside) return spread(nslots, span, random);
  const cells = (from: number, to: number) => {
    return { startGfn: span.startGfn + from * cellPages, npages: (to - from) * cellPages };
  };
  const cell = random.int(0, CELLS - 1), before = Math.round(outside * cell / (CELLS - 1));
  return [
    ...spread(before, cells(0, cell), random),
    ...nested(inside, cells(cell, cell + 1), random),
    ...spread(outside - before, cells(cell + 1, CELLS), random),
  ];
}

/**
 * A slot of 1 to 64 pages in each of `nslots` equal parts of `span`, aligned to an eighth of it or
 * more, so that slots of one span differ in few bits, and from those of a smaller one in others.
 */
function spread(nslots: number, span: Run, random: Random): Run[] {
  const partPages = span.npages / nslots;
  const grain = 2 ** Math.floor(Math.log2(partPages / 4));
  return Array.from({ length: nslots }, (_, i) => {
    const partGfn = span.startGfn + i * partPages;
    const npages = random.int(1, Math.min(64, Math.floor(partPages / 2)));
    // There is such a place, as grain is a quarter of the part at most, and npages half of it.
    const first = Math.ceil(partGfn / grain),
      last = Math.floor((partGfn + partPages - npages) / grain);
    return { startGfn: random.int(first, last) * grain, npages };
  });
}
