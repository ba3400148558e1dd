/** Which cells are averaged together. */
import type { Cell } from "../record/schema.ts";
import type { CellSummary } from "./summary.ts";

/**
 * What the cells of a family have in common, beside engine, loop and cache: nothing else to average, one
 * unit (`lookup`, `range`, `change`, and `step`, which is a unit like the others), or nothing.
 */
export type FamilyOf =
  | { readonly kind: "cell" }
  | { readonly kind: "unit"; readonly unit: string }
  | { readonly kind: "all" };

/** Cells that are averaged together: all in one engine, with one loop and one cache in front. */
export interface Family {
  readonly of: FamilyOf;
  readonly condition: Cell["condition"];
  readonly lastUsed: Cell["lastUsed"];
  readonly engine: Cell["engine"];
  /** One for `cell`; two or more else. */
  readonly cells: readonly CellSummary[];
}

/** Each cell as a family of its own. */
export function singleFamilies(cells: readonly CellSummary[]): Family[] {
  return cells.map((cell) => familyOf({ kind: "cell" }, [cell]));
}

/** The engine, the loop and the cache of a cell, as one text. */
function loopKey({ cell: { engine, condition, lastUsed } }: CellSummary): string {
  return JSON.stringify([engine, condition, lastUsed]);
}

/** Of each engine, loop and cache the units apart and, where there are several, all together. */
export function familiesOf(cells: readonly CellSummary[]): Family[] {
  const conditions = Map.groupBy(cells, loopKey);
  return [...conditions.values()].flatMap((ofCondition) => {
    const units = Map.groupBy(ofCondition, ({ unit }) => unit);
    const apart = [...units].map(([unit, cells]) => familyOf({ kind: "unit", unit }, cells));
    return units.size > 1 ? [...apart, familyOf({ kind: "all" }, ofCondition)] : apart;
  }).filter(({ cells }) => cells.length > 1);
}

/**
 * Of the cells with the engine, loop and cache that most of them have, or else the first: each unit at each of `slots`, in
 * that order, and all cells together. A family of one cell stands for itself.
 */
export function familiesBySlots(cells: readonly CellSummary[], slots: readonly number[]): Family[] {
  const loops = Map.groupBy(cells, loopKey);
  const usual = [...loops.values()]
    .reduce<readonly CellSummary[]>((most, own) => own.length > most.length ? own : most, []);
  // A serial lookup is a lookup.
  const units = Map.groupBy(usual, ({ unit }) => unit.split(" ").at(-1)!);
  const apart = [...units].flatMap(([unit, own]) =>
    slots.map((count) => own.filter(({ cell }) => cell.slots === count))
      .filter((own) => own.length > 0).map((own) => familyOf({ kind: "unit", unit }, own))
  );
  return usual.length > 1 ? [...apart, familyOf({ kind: "all" }, usual)] : apart;
}

function familyOf(of: FamilyOf, cells: readonly CellSummary[]): Family {
  const [{ cell }] = cells;
  const { condition, lastUsed, engine } = cell;
  return { of, condition, lastUsed, engine, cells };
}
