/**
 * What a reader asks of a run, as data: which contender is the fastest for which operation and slot
 * count, how sure that is, at what memory, and whether to believe it. `compare --format json` gives it.
 */
import { z } from "zod";
import { medianOf } from "../stats/quantiles.ts";
import { enginesOf, rankingsOf } from "./engines.ts";
import { familiesBySlots } from "./families.ts";
import { isValidRun } from "./run_checks.ts";
import { isContender, judgedOf, problemsOf, type Summary } from "./summary.ts";
import { type ChangesOf, type Win, winsOfFamilies } from "./winners.ts";

const ratio = z.number().positive();

/** A contender beside the fastest. */
const Beside = z.object({
  name: z.string(),
  ratio: ratio.describe("its time over that of the fastest"),
});

const InPlace = Beside.extend({
  ratioToBase: ratio.nullable().describe("its time over that of the base"),
  bytesPerSlot: z.number().nullable(),
});

const Fastest = z.object({
  family: z.string().describe("the operation: lookup, range, change, step; all for all cells"),
  slots: z.int().nullable().describe("the slot count; null for all cells"),
  cells: z.int().describe("the cells that the geometric mean is over"),
  name: z.string().describe("the fastest contender"),
  ratio: ratio.nullable().describe("its time over that of the base; null where the base failed"),
  bytesPerSlot: z.number().nullable().describe("live bytes a slot, beyond the slot objects"),
  sure: z.enum(["sure", "likely", "tied", "not valid"]).describe(
    "sure: every other valid contender is significantly slower; likely: all processes agree, too few for " +
      "a claim; tied: the contenders in ties cannot be told from it",
  ),
  ties: z.array(Beside),
  next: Beside.nullable().describe("the nearest contender that is no tie"),
  inPlace: InPlace.nullable().describe(
    "the fastest of those that do no work for all slots at a change, where that is another",
  ),
});

/** The answer of one run. */
export const Answer = z.object({
  path: z.string(),
  startedAt: z.string(),
  cpu: z.string(),
  deno: z.string(),
  base: z.string().describe("the contender that ratios are to"),
  engine: z.string().describe("what ran the cells of fastest"),
  rankings: z.array(z.object({
    engine: z.string().describe("another engine that ran the same cells"),
    pairs: z.int().describe("pairs of contenders in the cells of both engines"),
    known: z.int().describe("pairs that have an order in both"),
    isClaimed: z.boolean().describe("whether these orders are claims; else indications"),
    reversed: z.array(z.object({
      workload: z.string(),
      slots: z.int(),
      faster: z.string().describe("the faster one in the first engine"),
      slower: z.string(),
      ratios: z.tuple([ratio, ratio]).describe("slower / faster in the first and in this engine"),
    })),
  })).describe("whether the ranking of the first engine holds in the others"),
  contenders: z.int(),
  cells: z.int(),
  processes: z.int(),
  fastest: z.array(Fastest),
  failed: z.array(z.object({ name: z.string(), kind: z.string(), words: z.string() })).describe(
    "contenders that failed somewhere in the run, and so have no number anywhere",
  ),
  believe: z.object({
    isValid: z.boolean().describe("whether the run may be believed at all"),
    twinOff: z.number().nullable().describe("|twin / baseline - 1| of the same code raced twice"),
    rows: z.int().describe("the rows that were compared with the base"),
    invalidRows: z.int().describe("those of them that a check voids"),
  }),
});

/** The answer of one run. */
export type Answer = z.infer<typeof Answer>;

/** One row of the answer. */
export type Fastest = Answer["fastest"][number];

/** The most slot counts that are shown: those with the most cells. */
const MOST_SLOT_COUNTS = 3;

/** The answer of a run, for at most `slotCounts` slot counts. */
export function answerOf(
  summary: Summary,
  { changesOf, slotCounts = MOST_SLOT_COUNTS }: { changesOf: ChangesOf; slotCounts?: number },
): Answer {
  const { run, path, base, processes, cells, checks } = summary;
  const families = familiesBySlots(cells, usualSlots(summary, slotCounts));
  const wins = winsOfFamilies(families, { summary, changesOf });
  const inPlace = new Map(wins.inPlace.map((win) => [win.family, win]));
  const rows = cells.flatMap(({ entries }) => entries.filter((entry) => judgedOf(entry) !== null));
  const raced = new Map(
    cells.flatMap(({ entries }) => entries.filter(isContender)).map((entry) => [entry.name, entry]),
  );
  return {
    path,
    startedAt: run.startedAt,
    cpu: run.environment.cpu,
    deno: run.environment.deno,
    base,
    engine: wins.all[0]?.family.engine ?? cells[0].cell.engine,
    rankings: rankingsOf(enginesOf(summary)).map(({ first: _, reversed, ...ranking }) => ({
      ...ranking,
      reversed: reversed.map(({ other: { cell }, names: [faster, slower], ratios }) => {
        const { workload, slots } = cell;
        return { workload, slots, faster, slower, ratios: [...ratios] };
      }),
    })),
    contenders: raced.size,
    cells: cells.length,
    processes: processes.length,
    fastest: wins.all.map((win) => fastestOf(win, inPlace.get(win.family))),
    failed: [...raced.values()].flatMap(({ name, result }) =>
      result.kind === "timed" || result.kind === "not timed"
        ? []
        : [{ name, kind: result.kind, words: result.words }]
    ),
    believe: {
      isValid: isValidRun(checks),
      twinOff: Number.isFinite(checks.twinOff) ? checks.twinOff : null,
      rows: rows.length,
      invalidRows: rows.filter((entry) => problemsOf(entry).length > 0).length,
    },
  };
}

/** The slot counts of most cells, ascending: of as many cells the least and the greatest first. */
function usualSlots({ cells }: Summary, most: number): number[] {
  const bySlots = Map.groupBy(cells, ({ cell }) => cell.slots);
  const ascending = [...bySlots.keys()].sort((a, b) => a - b);
  const fromEnd = (slots: number) => {
    const at = ascending.indexOf(slots);
    return Math.min(at, ascending.length - 1 - at);
  };
  return ascending
    .toSorted((a, b) => bySlots.get(b)!.length - bySlots.get(a)!.length || fromEnd(a) - fromEnd(b))
    .slice(0, most).sort((a, b) => a - b);
}

function fastestOf({ family, podium, ratio }: Win, inPlace: Win | undefined): Fastest {
  const { winner, rivals } = podium, { of, cells } = family;
  const of1 = ({ name, ratio }: typeof rivals[number]) => ({ name, ratio });
  const known = rivals.filter(({ ratio }) => Number.isFinite(ratio));
  const ties = known.filter(({ is }) => is === "not separated");
  const next = known.find(({ is }) => is === "slower" || is === "looks slower");
  const isVoid = rivals.every(({ is }) => is === "not valid");
  const other = inPlace && known.find(({ name }) => name === inPlace.podium.winner);
  const finite = (value: number) => Number.isFinite(value) ? value : null;
  const bytesOf = (name: string) => {
    const bytes = cells.flatMap(({ byName }) => byName.get(name)?.probe?.liveBytesPerSlot ?? []);
    return of.kind === "unit" && bytes.length > 0 ? medianOf(bytes) : null;
  };
  return {
    family: of.kind === "unit" ? of.unit : "all",
    slots: of.kind === "unit" ? cells[0].cell.slots : null,
    cells: cells.length,
    name: winner,
    ratio: finite(ratio),
    bytesPerSlot: bytesOf(winner),
    sure: isVoid
      ? "not valid"
      : ties.length > 0
      ? "tied"
      : rivals.some(({ is }) => is === "looks slower")
      ? "likely"
      : "sure",
    ties: ties.map(of1),
    next: next ? of1(next) : null,
    inPlace: other
      ? { ...of1(other), ratioToBase: finite(inPlace.ratio), bytesPerSlot: bytesOf(other.name) }
      : null,
  };
}
