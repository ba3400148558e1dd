/** Whether to believe a run, in words: what was seen, the likely cause and what to do. */
import { type CellSummary, problemsOf, type Summary } from "../summary/summary.ts";
import { type Finding, findingOf } from "./verdict_words.ts";
import { cellWords, countWords, numberWords, percent, shortWords } from "./words.ts";

/** The checks of a run, a line each. */
export function checkLines({ cells, checks, warnings }: Summary): string[] {
  const { twin, twins, twinOff, twinsCalledDifferent, mostLoad, cores, preemptions, repeated } =
    checks;
  const aa = twins.length === 0
    ? "A/A: no twin was timed"
    : `A/A: the baseline and its identical twin differ by ${percent(twinOff)} in the median of ` +
      `${countWords(twins.length, "cell")}, and would be called different in ` +
      `${twinsCalledDifferent} of them`;
  return [
    aa,
    ...(twin.kind === "failed"
      ? [`THE WHOLE RUN IS NOT VALID. ${findingWords(findingOf(twin))}`]
      : []),
    ...cells.flatMap(({ cell, check }) =>
      check.kind === "failed" ? [`${cellWords(cell)}: ${findingWords(findingOf(check))}`] : []
    ),
    ...rowLines(cells),
    mostLoad === null
      ? "load: not known"
      : `load: at most ${numberWords(mostLoad)} on ${countWords(cores, "core")}` +
        (mostLoad > cores ? ": MORE THAN THE MACHINE HAS, so expect wide intervals" : ""),
    ...(preemptions === null ? [] : [
      `preemptions, as the kernel counts them: ${Math.round(preemptions)} in the median trial`,
    ]),
    ...(repeated === 0
      ? []
      : [`${countWords(repeated, "trial")} were noisy and run again; the quieter one counts`]),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
}

function findingWords({ seen, cause, cure }: Finding): string {
  return `${seen} ${cause} ${cure}`;
}

/** The rows that are not valid, those of one finding together, each cause and cure once. */
function rowLines(cells: readonly CellSummary[]): string[] {
  const found = cells.flatMap(({ cell, entries }) =>
    entries.filter(({ role }) => role !== "floor").flatMap((entry) =>
      problemsOf(entry).filter(({ name }) => name !== "A/A")
        .map((check) => ({ cell, name: entry.name, finding: findingOf(check) }))
    )
  );
  if (found.length === 0) return ["every row had settled, and no check failed"];
  return [...Map.groupBy(found, ({ finding }) => finding.cure)].flatMap(([cure, all]) => [
    ...all.map(({ cell, name, finding }) =>
      `NOT VALID: ${name}, ${shortWords(cell)}: ${finding.seen}`
    ),
    `Likely cause: ${all[0].finding.cause} What to do: ${cure}`,
  ]);
}
