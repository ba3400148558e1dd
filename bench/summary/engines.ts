/**
 * Whether what one engine measured holds in another: a cell raced in several engines, each against the
 * first of them. Process p of a cell has the same layout and script in every engine, so its log-ratios
 * are paired: what a contender's ratio does from engine to engine is the interaction of the two.
 */
import { type Cell, cellKey } from "../record/schema.ts";
import { signTest } from "../stats/intervals.ts";
import { chanceAtAnyLook } from "../stats/looks.ts";
import { benjaminiHochberg } from "../stats/multiple.ts";
import { medianOf } from "../stats/quantiles.ts";
import { together } from "../stats/together.ts";
import { judge, type Judged, type Judgement, looksShifted } from "../stats/verdict.ts";
import { areOfOneMachine } from "./machines.ts";
import { cellMargin } from "./run_checks.ts";
import {
  type CellSummary,
  type EntrySummary,
  isContender,
  looksOver,
  problemsOf,
  type Summary,
  timingOf,
} from "./summary.ts";

/** A cell in one engine, and the same cell in the first engine that raced it. */
export interface EnginePair {
  readonly first: CellSummary;
  readonly other: CellSummary;
}

/** A contender's ratio to the base in another engine, against that in the first. */
export interface EngineShift extends EnginePair {
  readonly contender: string;
  /** Its ratios to the base of the same engine: in the first, and in the other. */
  readonly ratios: readonly [first: number, other: number];
  /** The other ratio over the first one: above 1, the contender does worse in the other engine. */
  readonly judged: Judged;
}

/** Two contenders of a cell in two engines. */
export interface EngineOrder extends EnginePair {
  /** The faster one in the first engine, and the one behind it. */
  readonly names: readonly [faster: string, slower: string];
  /** The time of the slower over that of the faster: in the first engine, and in the other. */
  readonly ratios: readonly [first: number, other: number];
  /**
   * Whether the order is claimed in both engines, and then alike or not; `looks`, where all processes
   * agree on it by more than `LOOKS_MARGIN` and it is no claim.
   */
  readonly is: "kept" | "reversed" | "looks kept" | "looks reversed" | "open";
}

/** What a run says of its engines. */
export interface EnginesRun {
  /** Judged together. */
  readonly shifts: readonly EngineShift[];
  readonly judgement: Judgement;
  /** All pairs of contenders in all cells, claimed together. */
  readonly orders: readonly EngineOrder[];
}

/** Whether the ranking in the first engine of a run holds in another. */
export interface Ranking {
  /** The first engine. */
  readonly first: string;
  readonly engine: string;
  /** Pairs of contenders in the cells of both. */
  readonly pairs: number;
  /** Pairs that have an order in both: by claims, or else by what all processes agree on. */
  readonly known: number;
  /** Whether it rests on claims; else it is an indication. */
  readonly isClaimed: boolean;
  /** The known pairs of which the order is reversed, those that turn most first. */
  readonly reversed: readonly EngineOrder[];
}

/** The ranking in each engine besides the first, where a run has several. */
export function rankingsOf({ orders }: EnginesRun): Ranking[] {
  return [...Map.groupBy(orders, ({ other: { cell } }) => cell.engine)].map(([engine, own]) => {
    const isClaimed = own.some(({ is }) => is === "kept" || is === "reversed");
    const [kept, turned] = isClaimed
      ? ["kept", "reversed"] as const
      : ["looks kept", "looks reversed"] as const;
    const reversed = own.filter(({ is }) => is === turned)
      .toSorted((a, b) => a.ratios[1] / a.ratios[0] - b.ratios[1] / b.ratios[0]);
    const known = own.filter(({ is }) => is === kept).length + reversed.length;
    const [{ first: { cell: { engine: first } } }] = own;
    return { first, engine, pairs: own.length, known, isClaimed, reversed };
  });
}

/** What was found out of a summary: tables, the answer and the page ask one after the other. */
const KNOWN = new WeakMap<Summary, EnginesRun>();

/** Compares all cells that were raced in several engines; nothing where there are none. */
export function enginesOf(summary: Summary): EnginesRun {
  const run = KNOWN.get(summary) ?? compareEngines(summary);
  KNOWN.set(summary, run);
  return run;
}

function compareEngines(summary: Summary): EnginesRun {
  const pairs = enginePairs(summary.cells).map((pair) => boundsOf(pair, summary));
  const drafts = pairs.flatMap(shiftsOf), { margin } = summary.judgement.options;
  const judgement = together(
    drafts,
    ({ comparison }) => comparison,
    (comparisons) => judge(comparisons, { margin }),
  );
  const shifts = drafts.map((draft): EngineShift => {
    const { comparison: _, ...shift } = draft;
    return { ...shift, judged: judgement.of(draft)! };
  });
  return { shifts, judgement, orders: ordersOf(pairs) };
}

/** The place of a cell, whatever engine ran it. */
function placeKey(cell: Cell): string {
  return cellKey({ ...cell, engine: "" });
}

function enginePairs(cells: readonly CellSummary[]): EnginePair[] {
  const places = Map.groupBy(cells, ({ cell }) => placeKey(cell));
  return [...places.values()].flatMap(([first, ...others]) =>
    others.map((other) => ({ first, other }))
      .filter(({ first, other }) => areOfOneMachine([first, other]))
  );
}

/** The contenders that were timed in both cells. */
function contendersOf({ first, other }: EnginePair) {
  return first.entries.filter((entry) =>
    isContender(entry) && timingOf(entry) !== null &&
    timingOf(other.byName.get(entry.name)) !== null
  );
}

function shiftsOf(bounded: Bounded) {
  const { pair, margin } = bounded;
  const cells = [pair.first, pair.other];
  return contendersOf(pair).filter(({ isBase }) => !isBase).flatMap(({ name: contender }) => {
    const entries = cells.map(({ byName }) => byName.get(contender));
    const [before, now] = entries.map((entry) => timingOf(entry)!.logRatios);
    const logRatios = now.map((log, p) => log - before[p]).filter(Number.isFinite);
    if (logRatios.length === 0) return [];
    const problems = entries.flatMap(problemsOf);
    const comparison = { logRatios, problems, margin, looks: looksTo(logRatios.length, bounded) };
    const ratios = [ratioOf(before), ratioOf(now)] as const;
    return [{ ...pair, contender, ratios, comparison }];
  });
}

/** Two cells, and what tests over the processes of both are made by. */
interface Bounded {
  readonly pair: EnginePair;
  /** What a claim must exceed, ratio - 1. */
  readonly margin: number;
  /** The numbers of processes at which one of the cells could stop, ascending. */
  readonly allLooks: readonly number[];
}

function boundsOf(pair: EnginePair, { run, judgement }: Summary): Bounded {
  const cells = [pair.first, pair.other], { baseline } = run.plan;
  const margins = cells.map(({ tracks }) => cellMargin(tracks, baseline));
  return {
    pair,
    margin: Math.max(judgement.options.margin, ...margins),
    allLooks: looksOver(cells, run),
  };
}

/** The looks up to the one at which there were `n` processes. */
function looksTo(n: number, { allLooks }: Bounded): number[] {
  return [...allLooks.filter((look) => look < n), n];
}

function ratioOf(logRatios: readonly number[]): number {
  return Math.exp(medianOf(logRatios.filter(Number.isFinite)));
}

/** Two contenders in two engines, before claims are corrected. */
interface OrderDraft extends Omit<EngineOrder, "is"> {
  /** ln(slower / faster) by process: in the first engine, and in the other. */
  readonly logs: readonly [first: readonly number[], other: readonly number[]];
  /** Of the hypothesis that one of the engines has no order beyond the margin; null where a check voids a row. */
  readonly pValue: number | null;
  /** What an order must exceed, ratio - 1. */
  readonly margin: number;
}

/** The order is known in both engines only if each engine's own test says so: the larger p-value. */
function ordersOf(pairs: readonly Bounded[]): EngineOrder[] {
  const drafts = pairs.flatMap((bounded) => {
    const names = contendersOf(bounded.pair).filter(({ role }) => role !== "planted")
      .map(({ name }) => name);
    return names.flatMap((name, i) =>
      names.slice(i + 1).flatMap((other) => orderOf(bounded, [name, other]) ?? [])
    );
  });
  const claims = together(drafts, ({ pValue }) => pValue, benjaminiHochberg);
  return drafts.map((draft): EngineOrder => {
    const { logs, pValue, margin, ...order } = draft, isKept = order.ratios[1] >= 1;
    const isClaimed = claims.of(draft)?.isRejected ?? false;
    const looks = pValue !== null && logs.every((own) => looksShifted(own, margin));
    const word = isKept ? "kept" : "reversed";
    return { ...order, is: isClaimed ? word : looks ? `looks ${word}` : "open" };
  });
}

function orderOf(
  bounded: Bounded,
  [name, other]: readonly [string, string],
): OrderDraft | null {
  const { pair, margin } = bounded;
  const cells = [pair.first, pair.other];
  const given = cells.map(({ byName }) => logsBetween(byName.get(name)!, byName.get(other)!));
  if (given.some((own) => own.length === 0)) return null;
  const isTurned = medianOf(given[0]) < 0;
  const [first, second] = given.map((own) => isTurned ? own.map((log) => -log) : own);
  const isValid = cells.every(({ byName }) =>
    [name, other].every((each) => problemsOf(byName.get(each)).length === 0)
  );
  const pValues = [first, second].map((own) => {
    const { pValue } = signTest(own, { beyond: Math.log1p(margin) });
    return chanceAtAnyLook(looksTo(own.length, bounded), pValue);
  });
  return {
    ...pair,
    names: isTurned ? [other, name] : [name, other],
    ratios: [ratioOf(first), ratioOf(second)],
    logs: [first, second],
    pValue: isValid ? Math.max(...pValues) : null,
    margin,
  };
}

/** ln(other / entry) in each process that timed both, by way of the base, which ran beside both. */
function logsBetween(entry: EntrySummary, other: EntrySummary): number[] {
  const [a, b] = [entry, other].map((each) => timingOf(each)!.logRatios);
  return b.map((log, p) => log - a[p]).filter(Number.isFinite);
}
