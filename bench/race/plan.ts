import { LAYOUTS, SLOT_COUNTS } from "../workloads/layouts.ts";
import {
  type Key,
  RECORDED,
  type Workload,
  workloadNamed,
  WORKLOADS,
} from "../workloads/workloads.ts";
import { BASELINE, type Changes, CONTENDERS, HVA_CONTENDERS } from "./contenders.ts";
import type { Source } from "../gate/load.ts";
import { LOOPS } from "./loops.ts";
import { sourceOf } from "../gate/source.ts";
import { globPattern, isGlob } from "../record/glob.ts";
import type { Cell } from "../record/schema.ts";

/** What to race, as asked for; what is not said is left to the plan. */
export interface Wishes {
  readonly contenders?: readonly string[] | undefined;
  readonly workloads?: readonly string[] | undefined;
  readonly layouts?: readonly string[] | undefined;
  readonly slots?: readonly number[] | undefined;
  readonly origins?: readonly number[] | undefined;
  readonly conditions?: readonly Cell["condition"][] | undefined;
  readonly lastUsed?: readonly NonNullable<Cell["lastUsed"]>[] | undefined;
  readonly key: Key;
  readonly order: Plan["order"];
  readonly baseline?: string | undefined;
  readonly processes?: number | undefined;
  readonly rounds?: number | undefined;
  readonly quick: boolean;
  readonly plantPercent: number;
  readonly seed: number;
}

/** What will be raced. */
export interface Plan {
  readonly cells: readonly Cell[];
  readonly contenders: readonly Source[];
  readonly baseline: string;
  readonly processes: number;
  readonly rounds: number;
  readonly quick: boolean;
  readonly plantPercent: number;
  readonly seed: number;
  readonly key: Key;
  /**
   * Entries in an order of each process's own, balanced over rounds; or always as listed, each
   * warmed before the next: to find out what an order does.
   */
  readonly order: "balanced" | "listed";
}

/** A wish that cannot be met: bad usage, in one line. */
export class PlanError extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "PlanError";
}

/** Where the guest lives unless told otherwise: its gfns are still small integers to V8. */
const ORIGIN = 2 ** 20;

/** Raced by default: [workload, layout, slot counts, origin]. Together within six minutes. */
const DEFAULT_CELLS: readonly (readonly [string, string, readonly number[], number])[] = [
  ["find_uniform", "pc", [3], 0],
  ["find_uniform", "scattered", [10, 32, 509, 4096, 32764], ORIGIN],
  ["find_uniform", "scattered", [509], 2 ** 40],
  ["find_serial", "scattered", [509, 32764], ORIGIN],
  ["find_misses", "scattered", [509], ORIGIN],
  ["guest_accesses", RECORDED, [10], 0],
  ["zap_8", "scattered", [10, 509, 32764], ORIGIN],
  ["zap_128", "scattered", [509], ORIGIN],
  ["move", "scattered", [10, 509, 32764], ORIGIN],
];

/** Raced with `quick`, within half a minute. */
const QUICK_CELLS: typeof DEFAULT_CELLS = [
  ["find_uniform", "scattered", [10, 509, 32764], ORIGIN],
  ["zap_8", "scattered", [509], ORIGIN],
  ["move", "scattered", [509], ORIGIN],
];

/** Slot counts where a workload is named but no count is. */
const WISHED_SLOTS: readonly number[] = [10, 128, 509, 4096, 32764];

/** Makes the plan. Throws a `PlanError` for what is unknown or leaves nothing to race. */
export function planRace(wishes: Wishes): Plan {
  const { quick, plantPercent, seed } = wishes;
  const known: readonly Known[] = wishes.key === "gfn" ? CONTENDERS : HVA_CONTENDERS;
  const baseline = wishes.baseline ?? (wishes.key === "gfn" ? BASELINE : known[0].name);
  const names = wishes.contenders ?? known.filter(({ name }) => !wishes.quick || LOOPS.has(name))
    .map(({ name }) => name);
  const contenders = [...new Set([baseline, ...names])].map((word) => {
    return sourceOf(word, { known: known.map(({ name }) => name), action: "race" });
  });
  const twice = contenders.find(({ name }, i) => {
    return contenders.some((other, k) => k < i && other.name === name);
  });
  if (twice) {
    throw new PlanError(
      `Cannot race two entries named ${twice.name}: rename the file ${twice.url}`,
    );
  }
  return {
    cells: cellsOf(wishes),
    contenders,
    baseline: contenders[0].name,
    processes: wishes.processes ?? (quick ? 3 : 10),
    rounds: wishes.rounds ?? 24,
    quick,
    plantPercent,
    seed,
    key: wishes.key,
    order: wishes.order,
  };
}

type Known = { readonly name: string };

function cellsOf(wishes: Wishes): Cell[] {
  const { conditions = ["solo"], lastUsed = ["off"], key } = wishes;
  const asked = wishes.workloads ?? wishes.layouts ?? wishes.slots ?? wishes.origins;
  const places = asked === undefined && key === "gfn"
    ? placesOf(wishes.quick ? QUICK_CELLS : DEFAULT_CELLS)
    : wishedPlaces(wishes);
  if (places.length === 0) {
    throw new PlanError(
      `Cannot race as no cell is left: the layouts do not allow these slots, or the workloads are ` +
        `not asked by ${key}`,
    );
  }
  return places.flatMap((place) =>
    conditions.flatMap((condition) =>
      lastUsed.map((lastUsed) => ({ ...place, condition, ...lastUsed !== "off" && { lastUsed } }))
    )
  );
}

type PlaceFields = Pick<Cell, "workload" | "layout" | "slots" | "originGfn">;

function placesOf(rows: typeof DEFAULT_CELLS): PlaceFields[] {
  return rows.flatMap(([workload, layout, counts, originGfn]) =>
    counts.map((slots) => ({ workload, layout, slots, originGfn }))
  );
}

function wishedPlaces(wishes: Wishes): PlaceFields[] {
  const origins = wishes.origins ?? [ORIGIN];
  const known = [RECORDED, ...LAYOUTS.map(({ name }) => name)];
  const stranger = wishes.layouts?.find((layout) => !known.includes(layout));
  if (stranger !== undefined) {
    throw new PlanError(
      `Cannot lay out ${stranger} as no layout has that name: there are ${known.join(", ")}`,
    );
  }
  return workloadsOf(wishes).flatMap((workload) => {
    const layouts = (wishes.layouts ?? [workload.layouts[0]]).filter((layout) => {
      return workload.layouts.includes(layout);
    });
    return layouts.flatMap((layout) => {
      if (layout === RECORDED) {
        return [{ workload: workload.name, layout, slots: 10, originGfn: 0 }];
      }
      return (wishes.slots ?? workload.slotCounts ?? WISHED_SLOTS)
        .filter((slots) => fits(workload, layout, slots))
        .flatMap((slots) => {
          return origins.map((originGfn) => ({
            workload: workload.name,
            layout,
            slots,
            originGfn,
          }));
        });
    });
  });
}

/** The workloads wished for, by name or glob, that are asked by the key wished for. */
function workloadsOf({ workloads, key }: Wishes): Workload[] {
  const ofKey = WORKLOADS.filter((workload) => (workload.key ?? "gfn") === key);
  if (workloads === undefined) {
    const names = DEFAULT_CELLS.map(([name]) => name);
    return key === "gfn" ? ofKey.filter(({ name }) => names.includes(name)) : ofKey;
  }
  return [...new Set(workloads)].flatMap((pattern) => {
    if (!isGlob(pattern)) return [knownWorkload(pattern)];
    const matches = globPattern(pattern);
    return ofKey.filter(({ name }) => matches.test(name));
  }).filter((workload) => ofKey.includes(workload));
}

function knownWorkload(name: string): Workload {
  try {
    return workloadNamed(name);
  } catch (error) {
    throw new PlanError((error as Error).message);
  }
}

/** Whether the layout allows so many slots, and the workload so few. */
function fits({ least = 1 }: Workload, layout: string, slots: number): boolean {
  return slots >= least && LAYOUTS.some(({ name, allows }) => name === layout && allows(slots));
}

type ListRow = { readonly name: string; readonly summary: string; readonly changes?: Changes };

/** The lists that `--list` prints: names and what they are. */
export function listAll(): string {
  const rows = (title: string, all: readonly ListRow[]) => [
    `${title}:`,
    ...all.map(({ name, changes, summary }) => {
      return `  ${name.padEnd(22)} ${
        changes === undefined ? "" : `${changes.padEnd(9)} `
      }${summary}`;
    }),
  ];
  return [
    ...rows("contenders, and how they take a change", CONTENDERS),
    ...rows("contenders by user memory (--key hva)", HVA_CONTENDERS),
    ...rows("workloads", WORKLOADS),
    ...rows("layouts", LAYOUTS),
    `slot counts: ${SLOT_COUNTS.join(", ")}, or any that the layout allows`,
  ].join("\n");
}
