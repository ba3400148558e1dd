/**
 * What an edit did: today's contender against the same one of another commit (`race --against`), in
 * the same blocks of the same processes. Both ran side by side, so neither the hour nor the machine
 * is in the ratio.
 */
import type { Cell } from "../record/schema.ts";
import { together } from "../stats/together.ts";
import { judge, type Judged, type Judgement } from "../stats/verdict.ts";
import { cellMargin } from "./run_checks.ts";
import { type CellSummary, looksAt, problemsOf, type Summary } from "./summary.ts";
import { pairTracks } from "./tracks.ts";

/** One contender of one cell, now over then. */
export interface Against {
  readonly cell: Cell;
  readonly unit: string;
  /** Today's name; its counterpart is `then`. */
  readonly contender: string;
  readonly then: string;
  /** The ratio now / then with its verdict: below 1 the edit made it faster. */
  readonly judged: Judged;
}

/** All that were raced against another commit, judged together. */
export interface AgainstRun {
  readonly rows: readonly Against[];
  readonly judgement: Judgement;
}

/**
 * Every contender that has a counterpart, in each cell; no rows where none has. A difference must
 * exceed `least`, ratio - 1, or the run's own margin where that is more.
 */
export function againstOf(summary: Summary, least = 0): AgainstRun {
  const pairs = summary.run.plan.contenders.flatMap(({ name, against }) =>
    against === undefined ? [] : [{ contender: against, then: name }]
  );
  const margin = Math.max(least, summary.judgement.options.margin);
  const drafts = summary.cells.flatMap((cell) =>
    pairs.flatMap((pair) => {
      const logRatios = logsOf(cell, pair);
      if (logRatios.length === 0) return [];
      const entries = [pair.contender, pair.then].map((name) => cell.byName.get(name));
      const problems = entries.flatMap(problemsOf);
      const own = cellMargin(cell.tracks, summary.run.plan.baseline);
      const looks = looksAt(cell.tracks, summary.run);
      const comparison = { logRatios, problems, looks, margin: Math.max(margin, own) };
      return [{ cell, pair, comparison }];
    })
  );
  const judgement = together(
    drafts,
    ({ comparison }) => comparison,
    (comparisons) => judge(comparisons, { margin }),
  );
  const rows = drafts.map((draft): Against => {
    const { cell: { cell, unit }, pair } = draft;
    return { cell, unit, ...pair, judged: judgement.of(draft)! };
  });
  return { rows, judgement };
}

function logsOf(
  { tracks }: CellSummary,
  { contender, then }: { contender: string; then: string },
): number[] {
  return tracks.byProcess.flatMap((row) => {
    const paired = pairTracks(row?.get(contender), row?.get(then));
    return paired === null ? [] : [paired.logRatio];
  });
}

/** Whether a contender is now surely slower than then by more than `limit`, a ratio. */
export function isSlowerThan(summary: Summary, limit: number): boolean {
  return againstOf(summary, limit - 1).rows.some(({ judged }) => judged.verdict.kind === "slower");
}
