/** Which cells a race has: those of the default race, or those that were asked for. */
import { endGfn, GFN_LIMIT, hex } from "../../impls/memslot.ts";
import { DENO } from "../process/engine.ts";
import { globPattern, isGlob } from "../record/glob.ts";
import type { Cell } from "../record/schema.ts";
import { guestPlaces, type RacedGuest } from "./guest_cells.ts";
import { layoutNamed, LAYOUTS, RECORDED } from "../workloads/layouts.ts";
import { mixText, type Shares, sharesOf, USUAL_MIX } from "../workloads/mix.ts";
import { random } from "../workloads/random.ts";
import {
  type Key,
  type Place,
  type Workload,
  workloadNamed,
  WORKLOADS,
} from "../workloads/workloads.ts";

/** A wish that cannot be met: bad usage, in one line. */
export class PlanError extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "PlanError";
}

/** Cells as asked for; what is not said is left to the plan. */
export interface CellWishes {
  /** A guest of the user's own, on whose map all cells are; layouts, slots and origins are its own. */
  readonly guest?: RacedGuest | undefined;
  /** Names and globs. */
  readonly workloads?: readonly string[] | undefined;
  readonly layouts?: readonly string[] | undefined;
  /** Numbers of slots, from 1. */
  readonly slots?: readonly number[] | undefined;
  /** Shares for the workload `mix`, which they ask for. */
  readonly mix?: Shares | undefined;
  /** First gfns, from 0 to 2^51. */
  readonly origins?: readonly number[] | undefined;
  /** `solo` alone unless said. */
  readonly conditions?: readonly Cell["condition"][] | undefined;
  /** `deno` alone unless said. */
  readonly engines?: readonly string[] | undefined;
  /** `off` alone unless said. */
  readonly lastUsed?: readonly Cell["lastUsed"][] | undefined;
  readonly key: Key;
  /** Fewer cells by default. */
  readonly quick: boolean;
}

/** Where the guest's memory begins unless asked: its gfns are still small integers to V8. */
const ORIGIN = 2 ** 20;

/**
 * Raced by default, 18 cells in six minutes: [workload, layout, slot counts, origin], and above each why
 * it is there.
 */
const DEFAULT_CELLS: readonly (readonly [string, string, readonly number[], number])[] = [
  // Page faults, from a small VM to KVM's caps: where structures change places.
  ["find_uniform", "scattered", [10, 32, 509, 4096, 32764], ORIGIN],
  // Slots within slots: no few bits of a gfn tell them apart.
  ["find_uniform", "nested", [509], ORIGIN],
  // Gfns beyond V8's small integers.
  ["find_uniform", "scattered", [509], 2 ** 40],
  // Latency: each lookup waits for the answer before it, as a vCPU does.
  ["find_serial", "scattered", [509, 32764], ORIGIN],
  // Every second lookup is MMIO.
  ["find_misses", "scattered", [509], ORIGIN],
  // A real guest.
  ["guest_accesses", RECORDED, layoutNamed(RECORDED).slotCounts, 0],
  // Ranges, as kvm_zap_gfn_range asks them.
  ["zap_8", "scattered", [509, 32764], ORIGIN],
  ["zap_128", "scattered", [509], ORIGIN],
  // Changes with the lookups that follow them.
  ["move_find", "scattered", [10, 509, 32764], ORIGIN],
  // All of it interleaved, as a VM does it.
  ["mix", "scattered", [509], ORIGIN],
];

/** Raced with `quick`, in 20 s. */
const QUICK_CELLS: typeof DEFAULT_CELLS = [
  ["find_uniform", "scattered", [10, 509, 32764], ORIGIN],
  ["zap_8", "scattered", [509], ORIGIN],
  ["move_find", "scattered", [509], ORIGIN],
];

/** Slot counts where a workload is asked for but no count is. */
const USUAL_SLOTS: readonly number[] = [10, 128, 509, 4096, 32764];

/** Slots of one address space: KVM_MAX_NR_USER_MEM_SLOTS on x86. */
const MOST_KVM_SLOTS = 32_764;

/** An origin below this leaves every layout, which ends near 2^51 at most, far below the limit. */
const SAFE_ORIGIN = 2 ** 50;

/** Gfns above a layout's end that slots may be moved to. */
const ROOM_ABOVE = 2 ** 20;

/** Reasons that a message lists; of more, their number. */
const MOST_REASONS = 6;

/** The cells wished for. `PlanError` for what is unknown, and for what was asked and cannot be raced. */
export function cellsOf(wishes: CellWishes): Cell[] {
  const { conditions = ["solo"], lastUsed = ["off"], engines = [DENO], key, mix } = wishes;
  if (mix !== undefined && wishes.workloads === undefined) {
    return cellsOf({ ...wishes, workloads: ["mix"] });
  }
  const asked = wishes.workloads ?? wishes.layouts ?? wishes.slots ?? wishes.origins;
  const places = wishes.guest !== undefined
    ? placesOn(wishes.guest, wishes)
    : asked === undefined && key === "gfn"
    ? placesOf(wishes.quick ? QUICK_CELLS : DEFAULT_CELLS)
    : wishedPlaces(wishes);
  return places.map((place) => withShares(place, mix)).flatMap((place) =>
    conditions.flatMap((condition) =>
      lastUsed.flatMap((lastUsed) =>
        engines.map((engine) => ({ ...place, condition, lastUsed, engine }))
      )
    )
  );
}

function placesOn(
  guest: RacedGuest,
  { workloads, layouts, slots, origins, key }: CellWishes,
): Place[] {
  if (layouts !== undefined || slots !== undefined || origins !== undefined || key !== "gfn") {
    throw new PlanError(
      "Cannot race a map with --layout, --slots, --origin or --key: it has its own",
    );
  }
  workloads?.filter((word) => !isGlob(word)).forEach(knownWorkload);
  const places = guestPlaces(guest, workloads);
  if ("refused" in places) throw new PlanError(`Cannot race ${places.refused}`);
  return [...places];
}

function placesOf(rows: typeof DEFAULT_CELLS): Place[] {
  return rows.flatMap(([workload, layout, counts, originGfn]) =>
    counts.map((slots) => ({ workload, layout, slots, originGfn }))
  );
}

/** The place, with the shares of its mix where it is one. */
function withShares(place: Place, mix: Shares = sharesOf(USUAL_MIX)): Place {
  return place.workload === "mix" ? { ...place, mix: mixText(mix) } : place;
}

/** What a cell is chosen by. */
type Axis = "workload" | "layout" | "slots" | "origin";

/** Why a place cannot be raced. */
interface Refusal {
  readonly words: string;
  /** The choices that do not go together. */
  readonly axes: readonly Axis[];
}

/**
 * All combinations of what was asked for, and where nothing was, what is usual. Combinations that
 * cannot be raced are left out where a glob or the plan chose a part of them, and refused otherwise.
 */
function wishedPlaces(wishes: CellWishes): Place[] {
  const places: Place[] = [], refused = new Set<string>(), leftOut = new Set<string>();
  for (const { workload, isNamed } of chosenWorkloads(wishes)) {
    const isAsked: Readonly<Record<Axis, boolean>> = {
      workload: isNamed,
      layout: isNamed || wishes.layouts !== undefined,
      slots: wishes.slots !== undefined,
      origin: wishes.origins !== undefined,
    };
    for (const place of combinations(workload, wishes)) {
      const refusal = whyNot(place, workload, wishes.key);
      if (refusal === null) places.push(place);
      else (refusal.axes.every((axis) => isAsked[axis]) ? refused : leftOut).add(refusal.words);
    }
  }
  if (places.length > 0 && refused.size === 0) return places;
  throw new PlanError(`Cannot race ${list(refused.size > 0 ? refused : leftOut)}`);
}

interface Chosen {
  readonly workload: Workload;
  /** Whether by its name, not by a glob or by default. */
  readonly isNamed: boolean;
}

function chosenWorkloads({ workloads, key }: CellWishes): Chosen[] {
  const ofKey = WORKLOADS.filter((workload) => keyOf(workload) === key);
  if (workloads === undefined) {
    const usual = new Set(DEFAULT_CELLS.map(([name]) => name));
    return ofKey.filter(({ name }) => key !== "gfn" || usual.has(name))
      .map((workload) => ({ workload, isNamed: false }));
  }
  return [...new Set(workloads)].flatMap((word): Chosen[] => {
    if (!isGlob(word)) return [{ workload: knownWorkload(word), isNamed: true }];
    const pattern = globPattern(word), found = ofKey.filter(({ name }) => pattern.test(name));
    if (found.length > 0) return found.map((workload) => ({ workload, isNamed: false }));
    throw new PlanError(`Cannot race ${word} as no workload by ${key} has a name like that`);
  });
}

function knownWorkload(name: string): Workload {
  try {
    return workloadNamed(name);
  } catch (error) {
    throw new PlanError((error as Error).message);
  }
}

/** The places of a workload, also those that cannot be. */
function combinations(workload: Workload, wishes: CellWishes): Place[] {
  return (wishes.layouts ?? [workload.layouts[0]]).flatMap((layout) => {
    checkLayout(layout);
    const isRecorded = layout === RECORDED;
    const usual = isRecorded
      ? layoutNamed(RECORDED).slotCounts
      : workload.slotCounts ?? USUAL_SLOTS;
    return (wishes.slots ?? usual).flatMap((slots) => {
      return (wishes.origins ?? [isRecorded ? 0 : ORIGIN]).map((originGfn) => {
        return { workload: workload.name, layout, slots, originGfn };
      });
    });
  });
}

function checkLayout(layout: string): void {
  const known = LAYOUTS.map(({ name }) => name);
  if (known.includes(layout)) return;
  throw new PlanError(
    `Cannot lay out ${layout} as no layout has that name: there are ${known.join(", ")}`,
  );
}

/** Why the workload cannot be raced there; null if it can. */
function whyNot({ layout, slots, originGfn }: Place, workload: Workload, key: Key): Refusal | null {
  const { name, layouts, kind, least = 1 } = workload;
  const because = (words: string, ...axes: Axis[]): Refusal => ({ words, axes });
  if (keyOf(workload) !== key) {
    return because(`${name} by ${key}: it is asked by ${keyOf(workload)} (--key)`, "workload");
  }
  if (!layouts.includes(layout)) {
    const words = `${name} on ${layout}: it is asked on ${layouts.join(", ")}`;
    return because(words, "workload", "layout");
  }
  if (slots < least) {
    return because(`${name} with ${slots} slots: it needs ${least}`, "workload", "slots");
  }
  if (kind === "calls" && slots > MOST_KVM_SLOTS) {
    const words = `${name} with ${slots} slots: an address space of KVM has ${MOST_KVM_SLOTS}`;
    return because(words, "workload", "slots");
  }
  return whyNoLayout(layout, slots, originGfn);
}

function whyNoLayout(layout: string, slots: number, originGfn: number): Refusal | null {
  const bySlots = (why: string): Refusal => {
    return { words: `${layout} with ${slots} slots: ${why}`, axes: ["layout", "slots"] };
  };
  const byOrigin = (why: string): Refusal => {
    return { words: `${layout} from gfn ${hex(originGfn)}: ${why}`, axes: ["layout", "origin"] };
  };
  const row = layoutNamed(layout);
  if (layout === RECORDED) {
    if (!row.allows(slots)) return bySlots(`the guest has ${row.slotCounts.join(", ")}`);
    return originGfn === 0 ? null : byOrigin("the guest's memory begins at 0");
  }
  if (!row.allows(slots)) return bySlots("the layout does not allow this number of slots");
  if (originGfn <= SAFE_ORIGIN) return null;
  const end = endGfn(row.build(slots, random(1, layout, slots)).at(-1)!);
  if (originGfn + end + ROOM_ABOVE <= GFN_LIMIT) return null;
  return byOrigin("its slots would end past 2^52");
}

function keyOf({ key = "gfn" }: Workload): Key {
  return key;
}

function list(reasons: ReadonlySet<string>): string {
  const listed = [...reasons].slice(0, MOST_REASONS).join("; ");
  const more = reasons.size - MOST_REASONS;
  return more > 0 ? `${listed}; and ${more} more combinations` : listed;
}
