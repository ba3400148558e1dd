/** Tables of what a condition changes, each contender against itself: one loop for all, a cache. */
import { cellKey } from "../record/schema.ts";
import type { Block, Column } from "./table.ts";
import { interfaceTaxes, lastUsedShifts, type LoopShift, timingOf } from "../summary/growth.ts";
import { percent } from "../stats/verdict.ts";
import type { CellSummary, Summary } from "../summary/summary.ts";
import type { Lookups } from "../summary/tracks.ts";
import {
  cellWords,
  countWords,
  intervalWords,
  numberWords,
  ratioWords,
  wholeWords,
} from "./words.ts";

const SHIFT_COLUMNS: readonly Column[] = [
  { title: "ratio", align: "right", rank: 0 },
  { title: "interval", align: "left", rank: 0 },
  { title: "level", align: "left", rank: 1 },
  { title: "", align: "left", rank: 0 },
];

/** What one loop for all costs, a table for each cell raced under both conditions. */
export function taxBlocks(summary: Summary): Block[] {
  const byCell = Map.groupBy(interfaceTaxes(summary), ({ cell }) => cell);
  return [...byCell].map(([{ cell }, taxes]): Block => ({
    kind: "table",
    title: `Interface tax, ns in one loop for all / in a loop of its own: ${cellWords(cell)}`,
    columns: [{ title: "contender", align: "left", rank: 0 }, ...SHIFT_COLUMNS],
    rows: taxes.map((tax) => ({
      cells: [tax.contender, ...shiftCells(tax, ["slower together", "faster together"])],
    })),
  }));
}

/** What KVM's caches change, a table for each cell raced with one and without. */
export function lastUsedBlocks(summary: Summary): Block[] {
  const byPlace = Map.groupBy(lastUsedShifts(summary), ({ other }) => cellKey(other.cell));
  return [...byPlace.values()].map((shifts): Block => ({
    kind: "table",
    title: `last_used_slot, ns with the cache / without: ${cellWords(shifts[0].other.cell)}` +
      lookupWords(shifts[0].cell),
    columns: [
      { title: "contender", align: "left", rank: 0 },
      { title: "cache", align: "left", rank: 0 },
      { title: "ns\nwithout", align: "right", rank: 0 },
      { title: "ns\nwith", align: "right", rank: 0 },
      ...SHIFT_COLUMNS,
    ],
    rows: [...Map.groupBy(shifts, ({ contender }) => contender).values()].flatMap((own) =>
      own.map((shift, i) => {
        const { contender, cell, other } = shift;
        const without = i === 0 ? nsWords(other, contender) : "";
        return {
          cells: [
            i === 0 ? contender : "",
            cell.cell.lastUsed ?? "off",
            without,
            nsWords(cell, contender),
            ...shiftCells(shift, ["slower with it", "faster with it"]),
          ],
        };
      })
    ),
  }));
}

function lookupWords({ lookups, unit }: CellSummary): string {
  if (lookups) return `. ${hitWords(lookups)}`;
  return unit === "lookup" ? "" : ". Nothing is looked up: the cache answers nothing";
}

/** `187,864 of 250,000 lookups hit a slot, 61.2 % of all are answered by the cache`. */
function hitWords({ all, found, cacheHitShare }: Lookups): string {
  return `${wholeWords(found)} of ${countWords(all, "lookup")} hit a slot, ` +
    `${percent(cacheHitShare)} of all are answered by the cache`;
}

function nsWords({ entries }: CellSummary, contender: string): string {
  const timing = timingOf(entries.find(({ name }) => name === contender));
  return numberWords(timing?.nsPerStep ?? NaN);
}

function shiftCells(
  { ratio, isClaimed, isValid }: LoopShift,
  [slower, faster]: readonly [string, string],
): string[] {
  const verdict = isClaimed ? (ratio.point > 1 ? slower : faster) : "not separated";
  return [
    ratioWords(ratio.point),
    intervalWords(ratio),
    percent(ratio.level),
    isValid ? verdict : "not valid",
  ];
}
