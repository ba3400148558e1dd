/** Which cells of a race a recommendation may rest on: those that measure one kind of operation. */
import { areOfOneMachine } from "./machines.ts";
import type { MixCell } from "./recommend.ts";
import { type CellSummary, isContender, type Summary } from "./summary.ts";

/** The operations of a mix, as a reader knows them. */
export const MIX_PARTS = {
  find: "lookups that hit",
  miss: "lookups that miss",
  range: "ranges of 8 slots",
  change: "changes",
} as const;

/** The workloads that measure each part, the preferred one first. */
const WORKLOADS_OF: Readonly<Record<MixCell["part"], readonly string[]>> = {
  find: ["find_uniform", "find_serial", "find_zipf"],
  "half misses": ["find_misses"],
  range: ["zap_8"],
  change: ["move_find", "recreate_find", "move", "recreate"],
};

/** Workloads that change the map and ask nothing. */
const CHANGES_ALONE: readonly string[] = ["move", "recreate"];

/**
 * The cells of a summary that measure a part, without entries that have no times. Of each part those
 * of the first workload that was raced, in the engine and on the layout and origin of most cells, in
 * loops of their own and without a cache in front, so that all parts speak of one guest. None where
 * these are of several machines: a mix adds times.
 */
export function mixCellsOf({ cells }: Summary): MixCell[] {
  const plain = cells.filter(({ cell }) => cell.condition === "solo" && cell.lastUsed === "off");
  const place = ({ cell }: CellSummary) =>
    JSON.stringify([cell.engine, cell.layout, cell.originGfn]);
  const usual = [...Map.groupBy(plain, place).values()]
    .reduce<readonly CellSummary[]>((most, group) => group.length > most.length ? group : most, []);
  if (!areOfOneMachine(usual)) return [];
  return Object.entries(WORKLOADS_OF).flatMap(([part, workloads]) => {
    const raced = workloads.find((name) => usual.some(({ cell }) => cell.workload === name));
    return usual.filter(({ cell }) => cell.workload === raced)
      .map((cell) => mixCell(cell, part as MixCell["part"]));
  });
}

function mixCell({ cell, entries }: CellSummary, part: MixCell["part"]): MixCell {
  const ns = entries.flatMap((entry) => {
    const { name, role, result } = entry;
    if (!isContender(entry) || role === "planted" || result.kind !== "timed") return [];
    return [{ name, ns: result.timing.nsByProcess.map((ns) => Number.isFinite(ns) ? ns : null) }];
  });
  const words = `${cell.workload} at ${cell.slots} slots`, { slots } = cell;
  if (!CHANGES_ALONE.includes(cell.workload)) return { part, words, slots, ns };
  const note = `Changes rest on ${cell.workload}, which looks nothing up: work that an index ` +
    "leaves for its next lookup, such as a rebuild, is in no number.";
  return { part, words, slots, ns, note };
}
