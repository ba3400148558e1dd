/**
 * When a cell has enough processes. At each look (stats/looks.ts) the rows of the cell are judged; it
 * stops when each is claimed, called equal, or known to 1 %. What its rows' p-values must count for
 * that is theirs to know: they count every look that there was.
 */
import { blocksByEntry } from "../record/blocks.ts";
import type { TrialLine } from "../record/schema.ts";
import { looksOf } from "../stats/looks.ts";
import { pairedProcess } from "../stats/paired.ts";
import { settlings } from "../stats/regimes.ts";
import { judge } from "../stats/verdict.ts";
import type { Plan } from "./plan.ts";

/** An interval of this half-width, ratio - 1, is known well enough, whatever the verdict. */
const KNOWN_WITHIN = 0.01;

/** Whether `trials`, all of one cell, let it stop before its most processes. */
export function isDecided(
  trials: readonly Pick<TrialLine, "process" | "entries" | "blocks">[],
  { baseline, processes, contenders }: Pick<Plan, "baseline" | "processes" | "contenders">,
): boolean {
  const all = looksOf(processes, contenders.length);
  // Of a process there may be several trials: a file of a user's races apart, beside the baseline.
  const ran = new Set(trials.map(({ process }) => process)).size;
  if (!all.includes(ran) || ran >= processes) return false;
  const looks = all.filter((look) => look <= ran);
  const names = [
    ...new Set(
      trials.flatMap(({ entries }) =>
        entries.filter(({ role, name, outcome }) =>
          role === "contender" && name !== baseline && outcome.kind === "ok"
        ).map(({ name }) => name)
      ),
    ),
  ];
  const settled = trials.map(settledTrial);
  const rows = names.map((name) => settled.flatMap((trial) => logRatio(trial, name, baseline)));
  const { each } = judge(rows.map((logRatios) => ({ logRatios, problems: [], looks })));
  return each.every(({ verdict: { kind }, ratio }) => {
    const isKnown = ratio !== null && ratio.high / ratio.low <= (1 + KNOWN_WITHIN) ** 2;
    return ["faster", "slower", "equal"].includes(kind) || isKnown;
  });
}

/** A trial by entry: its blocks in ns, and the round from which it had settled. */
function settledTrial(trial: Pick<TrialLine, "entries" | "blocks">) {
  const rows = blocksByEntry(trial).map(({ ns }) => ns), regimes = settlings(rows);
  return new Map(
    trial.entries.map(({ name }, i) => [name, { ns: rows[i], fromRound: regimes[i].fromRound }]),
  );
}

/** ln(entry / base) of one process, of the rounds in which both had settled; none if not measured. */
function logRatio(trial: ReturnType<typeof settledTrial>, name: string, base: string): number[] {
  const entry = trial.get(name), other = trial.get(base);
  if (entry === undefined || other === undefined) return [];
  const from = Math.max(entry.fromRound, other.fromRound);
  const paired = pairedProcess(entry.ns, other.ns, { from });
  return paired === null ? [] : [paired.logRatio];
}
