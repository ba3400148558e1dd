/** The end of a race in words and numbers: what is known, what is not, and why not. */
import { type Block, type Column, type Row, type Screen, textOf, type Tone } from "./table.ts";
import { type Curve, curves, type FamilyMean, familyMeans } from "../summary/growth.ts";
import { isValidRun } from "../summary/run_checks.ts";
import { lastUsedBlocks, taxBlocks } from "./shift_tables.ts";
import { type Finding, findingsOf, type Modes } from "../stats/checks.ts";
import { crossoverWords, type Scaling } from "../stats/scaling.ts";
import { footnote, percent, verdictWords } from "../stats/verdict.ts";
import {
  type CellSummary,
  type EntrySummary,
  isContender,
  type Summary,
} from "../summary/summary.ts";
import type { ChangesOf } from "../summary/winners.ts";
import { winnerBlocks } from "./winner_tables.ts";
import { againstBlocks } from "./against_tables.ts";
import {
  cellWords,
  countWords,
  intervalWords,
  listWords,
  loopWords,
  NONE,
  numberWords,
  OUT_WORDS,
  placeWords,
  ratioWords,
  wholeWords,
} from "./words.ts";

/** The table of a run as text, for a screen of that width; ends in a newline. */
export function raceTable(summary: Summary, screen: Screen, changesOf?: ChangesOf): string {
  return textOf(raceBlocks(summary, changesOf), screen);
}

/** What the table of a run consists of. Who changes in place is not known here: it is told. */
export function raceBlocks(summary: Summary, changesOf: ChangesOf = () => undefined): Block[] {
  const notes = new Notes();
  const cells = summary.cells.filter(({ entries }) => entries.some(isContender))
    .map((cell) => cellBlock(cell, notes));
  const all = curves(summary);
  return [
    { kind: "prose", title: "", lines: runLines(summary) },
    ...againstBlocks(summary),
    ...cells,
    ...meanBlocks(summary),
    ...all.map(growthBlock),
    ...taxBlocks(summary),
    ...lastUsedBlocks(summary),
    // Last before the checks, side by side: who wins, and from how many slots on.
    ...all.map((curve) => crossoverBlock(curve, summary)),
    ...winnerBlocks(summary, changesOf),
    {
      kind: "prose",
      title: "Checks: a row that fails one is not valid, and no other row is concerned",
      lines: checkLines(summary),
    },
    { kind: "prose", title: "Notes", lines: [...notes.lines(), ...claimLines(summary)] },
  ];
}

/** What a race or a comparison ends with: 0; 2 for a wrong answer, a throw ...; 4 if not valid. */
export function exitCodeOf(summary: Summary): 0 | 2 | 4 {
  const results = summary.cells.flatMap(({ entries }) => entries.map(({ result }) => result));
  if (results.some(({ kind }) => kind !== "timed" && kind !== "not timed")) return 2;
  const judged = results.flatMap((result) => result.kind === "timed" ? [result.judged] : []);
  const verdicts = judged.flatMap((judged) => judged ? [judged.verdict.kind] : []);
  const isVoid = verdicts.length > 0 && verdicts.every((kind) => kind === "not valid");
  return isVoid || !isValidRun(summary.checks) ? 4 : 0;
}

/** Long words of short cells, each once, by number. */
export class Notes {
  readonly #words: string[] = [];

  /** The mark that stands for `words`: `(1)`. */
  mark(words: string): string {
    if (!this.#words.includes(words)) this.#words.push(words);
    return `(${this.#words.indexOf(words) + 1})`;
  }

  /** All of them, a line each. */
  lines(): string[] {
    return this.#words.map((words, i) => `(${i + 1}) ${words}`);
  }
}

/** Who ran what, where and when. */
export function runLines({ path, run, processes }: Summary): string[] {
  const { environment, plan } = run;
  return [
    `${path}: ${run.startedAt} on ${run.host}, ${environment.cpu}, ` +
    `${environment.cores} cores, ${environment.os} ${environment.kernel} ${environment.arch}`,
    `Deno ${environment.deno}, V8 ${environment.v8}, commit ${run.commit || "unknown"}, seed ` +
    `${run.seed}, ${countWords(processes.length, "process", "processes")}, ${plan.rounds} rounds` +
    (plan.layoutPerProcess ? ", each process on a layout of its own" : "") +
    (plan.quick ? ", quick: no claims" : ""),
  ];
}

const COLUMNS: readonly Column[] = [
  { title: "contender", align: "left", rank: 0 },
  { title: "ns", align: "right", rank: 0 },
  { title: "ratio", align: "right", rank: 0 },
  { title: "interval", align: "left", rank: 0 },
  { title: "times\nfloor", align: "right", rank: 1 },
  { title: "bytes/\nslot", align: "right", rank: 2 },
  { title: "undis-\nturbed", align: "right", rank: 3 },
  { title: "bytes/\nstep", align: "right", rank: 4 },
  { title: "build\nns/slot", align: "right", rank: 5 },
  { title: "verdict", align: "left", rank: 0 },
];

function cellBlock({ cell, unit, entries }: CellSummary, notes: Notes): Block {
  const raced = entries.filter(isContender).toSorted(byNs);
  const floors = entries.filter(({ role, result }) => role === "floor" && result.kind === "timed");
  return {
    kind: "table",
    title: `${cellWords(cell)}: ns a ${unit}`,
    columns: COLUMNS,
    rows: [...raced.map((entry) => entryRow(entry, notes)), ...floors.map(floorRow)],
  };
}

/** What loop and cursor cost by themselves. */
function floorRow({ name, result }: EntrySummary): Row {
  const ns = result.kind === "timed" ? result.timing.nsPerStep : NaN;
  return {
    cells: [name, numberWords(ns), "", "", "", "", "", "", "", "the loop alone"],
    tone: "dim",
  };
}

/** The fastest first, those without times last. */
function byNs(a: EntrySummary, b: EntrySummary): number {
  const ns = ({ result }: EntrySummary) =>
    result.kind === "timed" ? result.timing.nsPerStep : Infinity;
  return ns(a) === ns(b) ? 0 : ns(a) - ns(b);
}

function entryRow(entry: EntrySummary, notes: Notes): Row {
  const { name, result, probe, isBase } = entry;
  if (result.kind !== "timed") {
    const words = `${OUT_WORDS[result.kind]} ${notes.mark(result.words)}`;
    return { cells: [name, "", "", "", "", "", "", "", "", words], tone: "bad" };
  }
  const { timing, judged } = result;
  return {
    cells: [
      name,
      numberWords(timing.nsPerStep),
      isBase ? "1" : judged?.ratio ? ratioWords(judged.ratio.point) : NONE,
      isBase || !judged?.ratio ? "" : intervalWords(judged.ratio),
      numberWords(timing.timesFloor),
      known(probe?.liveBytesPerSlot),
      isBase
        ? ""
        : Number.isFinite(timing.undisturbedRatio)
        ? ratioWords(timing.undisturbedRatio)
        : "",
      known(probe?.allocatedBytesPerStep),
      known(probe?.buildNsPerSlotSorted),
      verdictCell(entry, notes),
    ],
    tone: toneOf(entry),
  };
}

function known(value: number | undefined): string {
  return value === undefined ? "" : numberWords(value);
}

/** The verdict as a column has it: why it is not valid goes to the notes. */
export function verdictCell({ isBase, result }: EntrySummary, notes: Notes): string {
  if (result.kind !== "timed") return OUT_WORDS[result.kind];
  const few = (result.timing.fewBlocks ? ", few blocks" : "") + modeWords(result.modes);
  if (isBase) return `baseline${few}`;
  if (result.judged === null) return `no baseline${few}`;
  const { verdict } = result.judged;
  if (verdict.kind !== "not valid") return verdictWords(verdict) + few;
  return `not valid ${notes.mark(`not valid: ${verdict.why.join("; ")}`)}`;
}

/** The two speeds of a bimodal row, as ratios with the processes that ran at each. */
function modeWords(modes: Modes | null): string {
  if (modes === null) return "";
  const [low, high] = modes.levels.map((level, i) =>
    `${ratioWords(Math.exp(level))} in ${modes.sizes[i]} processes`
  );
  return `, bimodal: ${low}, ${high}`;
}

function toneOf({ isBase, result }: EntrySummary): Tone {
  if (isBase) return "bold";
  const kind = result.kind === "timed" ? result.judged?.verdict.kind : undefined;
  return kind === "faster" ? "good" : kind === "slower" ? "bad" : kind ? "plain" : "dim";
}

function meanBlocks(summary: Summary): Block[] {
  const families = Map.groupBy(familyMeans(summary), (mean) => {
    return `${mean.unit === "step" ? "everything" : `${mean.unit}s`}, ${loopWords(mean)}`;
  });
  return [...families].map(([name, means]): Block => ({
    kind: "table",
    title: `Geometric mean of the ratio to ${summary.base} over ${
      countWords(means[0].cells, "cell")
    }: ${name}`,
    columns: [
      { title: "contender", align: "left", rank: 0 },
      { title: "mean", align: "right", rank: 0 },
      { title: "interval", align: "left", rank: 0 },
      { title: "level", align: "left", rank: 1 },
      { title: "verdict", align: "left", rank: 0 },
    ],
    rows: means.toSorted(byMean).map(({ contender, mean, verdict, leftOut }) => {
      if (mean.kind === "cannot tell") return { cells: [contender, NONE, "", "", mean.why] };
      const { estimate, warnings } = mean;
      const without = leftOut.length === 0
        ? []
        : [`without ${listWords(leftOut.map(({ workload, slots }) => `${workload} at ${slots}`))}`];
      const words = [...verdict === null ? [] : [verdictWords(verdict)], ...warnings, ...without]
        .join("; ");
      const interval = intervalWords(estimate), level = percent(estimate.level);
      return { cells: [contender, ratioWords(estimate.point), interval, level, words] };
    }),
  }));
}

function byMean(a: FamilyMean, b: FamilyMean): number {
  const of = ({ mean }: FamilyMean) => mean.kind === "estimated" ? mean.estimate.point : Infinity;
  return of(a) === of(b) ? 0 : of(a) - of(b);
}

function growthBlock({ cell, slots, growth }: Curve): Block {
  return {
    kind: "table",
    title: `Growth of ${placeWords(cell)}: ns ~ slots^e over ${slots.join(", ")} slots`,
    columns: [
      { title: "contender", align: "left", rank: 0 },
      { title: "e", align: "right", rank: 0 },
      { title: "interval", align: "left", rank: 0 },
      { title: "level", align: "left", rank: 0 },
      { title: "between neighbours", align: "left", rank: 0 },
    ],
    rows: growth.map(({ contender, scaling }) => ({ cells: [contender, ...growthCells(scaling)] })),
  };
}

function growthCells(scaling: Scaling): string[] {
  if (scaling.kind === "cannot tell") return [NONE, "", "", `cannot tell: ${scaling.why}`];
  const { exponent: { point, low, high, level }, local } = scaling;
  return [
    point.toFixed(2),
    `[${low.toFixed(2)}, ${high.toFixed(2)}]`,
    percent(level),
    local.map(({ exponent }) => exponent.point.toFixed(2)).join(", "),
  ];
}

function crossoverBlock({ cell, slots, crossovers }: Curve, { base }: Summary): Block {
  const lines = crossovers.flatMap(({ contender, crossover }) => {
    if (crossover.kind === "never crosses") return [];
    const words = crossoverWords(crossover, contender);
    return [
      crossover.kind === "cannot tell"
        ? `${contender}: ${words}`
        : words.replace(" winning ", ` winning against ${base} `),
    ];
  });
  const together = [true, false].flatMap((wins) => {
    const names = crossovers.flatMap(({ contender, crossover }) =>
      crossover.kind === "never crosses" && crossover.wins === wins ? [contender] : []
    );
    if (names.length === 0) return [];
    const verb = `${wins ? "win" : "lose"}${names.length === 1 ? "s" : ""}`;
    return [`${listWords(names)} ${verb} at every slot count raced`];
  });
  return {
    kind: "prose",
    title: `Crossovers with ${base}: ${placeWords(cell)}, ${slots[0]} to ${slots.at(-1)} slots`,
    lines: [...lines, ...together, ...crossoverWarnings(crossovers)],
  };
}

/** What many crossings have to be told of, said once. */
function crossoverWarnings(crossovers: Curve["crossovers"]): string[] {
  const warned = crossovers.flatMap(({ contender, crossover }) =>
    crossover.kind === "crosses"
      ? crossover.warnings.map((warning) => ({ contender, warning }))
      : []
  );
  return [...Map.groupBy(warned, ({ warning }) => warning)].map(([warning, all]) => {
    return `(${listWords(all.map(({ contender }) => contender))}: ${warning})`;
  });
}

/** Whether to believe the run: the twin, the rows that are not valid and why, the machine. */
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
      ? [`THE WHOLE RUN IS NOT VALID. ${findingWords(twin.finding)}`]
      : []),
    ...cells.flatMap(({ cell, check }) =>
      check.kind === "failed" ? [`${cellWords(cell)}: ${findingWords(check.finding)}`] : []
    ),
    ...findingLines(cells),
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
function findingLines(cells: readonly CellSummary[]): string[] {
  const found = cells.flatMap(({ cell, entries }) =>
    entries.flatMap(({ name, role, result }) =>
      role === "floor" || result.kind !== "timed"
        ? []
        : findingsOf(result.checks.filter(({ name }) => name !== "A/A"))
          .map((finding) => ({ cell, name, finding }))
    )
  );
  if (found.length === 0) return ["every row had settled, and no check failed"];
  return [...Map.groupBy(found, ({ finding }) => finding.cure)].flatMap(([cure, all]) => [
    ...all.map(({ cell, name, finding }) =>
      `NOT VALID: ${name}, ${cell.workload} at ${wholeWords(cell.slots)}: ${finding.seen}`
    ),
    `Likely cause: ${all[0].finding.cause} What to do: ${cure}`,
  ]);
}

/** How to read the claims. */
function claimLines({ judgement, cells, base }: Summary): string[] {
  const ratios = judgement.judged.flatMap(({ ratio }) => ratio ? [ratio] : []);
  const short = ratios.filter(({ reached }) => !reached);
  const results = cells.flatMap(({ entries }) => entries.map(({ result }) => result));
  const few = results.some((result) => result.kind === "timed" && result.timing.fewBlocks);
  return [
    `Ratios are to ${base}: above 1 is slower. Each is paired inside rounds and processes; its ` +
    `interval is across processes.`,
    ...footnote(judgement),
    ...(short.length === 0 ? [] : [
      `Intervals of ${Math.min(...short.map(({ n }) => n))} processes have a level of ` +
      `${percent(Math.min(...short.map(({ level }) => level)))} only: nothing is claimed by them.`,
    ]),
    ...(few ? ["few blocks: so slow that it sat out rounds or ran shorter blocks."] : []),
  ];
}
