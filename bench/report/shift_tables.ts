/** What a condition changes, each contender against itself: one loop for all, a cache in front. */
import { cellKey } from "../record/schema.ts";
import { interfaceTaxes, lastUsedShifts, type LoopShift } from "../summary/growth.ts";
import { type CellSummary, type Summary, timingOf } from "../summary/summary.ts";
import type { Lookups } from "../summary/tracks.ts";
import { type Column, type Table, table } from "./table.ts";
import { interval, numeric, text, type Value } from "./value.ts";
import { cellWords, countWords, percent, wholeWords } from "./words.ts";

/** The columns of a shift, and what it is called where it is claimed. */
function shiftColumns(slower: string, faster: string): readonly Column<LoopShift>[] {
  return [
    { title: "ratio", align: "right", value: ({ ratio }) => numeric("ratio", ratio.point) },
    { title: "interval", value: ({ ratio }) => interval("ratio", ratio) },
    { title: "level", rank: 1, value: ({ ratio }) => numeric("share", ratio.level) },
    {
      title: "",
      value: ({ ratio, isClaimed, isValid }) =>
        text(
          !isValid ? "not valid" : !isClaimed ? "not separated" : ratio.point > 1 ? slower : faster,
        ),
    },
  ];
}

const TAX_COLUMNS: readonly Column<LoopShift>[] = [
  { title: "contender", value: ({ contender }) => text(contender) },
  ...shiftColumns("slower together", "faster together"),
];

/** What one loop for all costs, a table for each cell raced under both conditions. */
export function taxTables(summary: Summary): Table[] {
  return [...Map.groupBy(interfaceTaxes(summary), ({ cell }) => cell)].map(([{ cell }, rows]) => {
    const title = `Interface tax, ns in one loop for all / in a loop of its own: ${
      cellWords(cell)
    }`;
    return table(title, { columns: TAX_COLUMNS, rows });
  });
}

/** A cache's shift, and whether the contender and its ns without a cache stand in its row. */
type CacheShift = LoopShift & { readonly isFirst: boolean };

const CACHE_COLUMNS: readonly Column<CacheShift>[] = [
  {
    title: "contender",
    value: ({ contender, isFirst }) => isFirst ? text(contender) : undefined,
  },
  { title: "cache", value: ({ cell }) => text(cell.cell.lastUsed) },
  {
    title: "ns\nwithout",
    align: "right",
    value: ({ other, contender, isFirst }) => isFirst ? nsValue(other, contender) : undefined,
  },
  { title: "ns\nwith", align: "right", value: ({ cell, contender }) => nsValue(cell, contender) },
  ...shiftColumns("slower with it", "faster with it"),
];

/** What KVM's caches change, a table for each cell raced with one and without. */
export function lastUsedTables(summary: Summary): Table[] {
  const byPlace = Map.groupBy(lastUsedShifts(summary), ({ other }) => cellKey(other.cell));
  return [...byPlace.values()].map((shifts) => {
    const [{ cell, other }] = shifts;
    const title = `last_used_slot, ns with the cache / without: ${cellWords(other.cell)}` +
      lookupWords(cell);
    const rows = [...Map.groupBy(shifts, ({ contender }) => contender).values()].flatMap((own) =>
      own.map((shift, i) => ({ ...shift, isFirst: i === 0 }))
    );
    return table(title, { columns: CACHE_COLUMNS, rows });
  });
}

function nsValue({ byName }: CellSummary, contender: string): Value | undefined {
  return numeric("number", timingOf(byName.get(contender))?.nsPerStep);
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
