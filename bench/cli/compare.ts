/** `deno task compare`: result files side by side. */
import { jsonSchema } from "../record/schema.ts";
import { readResultFile, type ResultFile } from "../record/result_file.ts";
import { benchBlocks } from "../report/deno_bench_tables.ts";
import { DENO_BENCH_LIMITS, isDenoBench, readDenoBench } from "../record/deno_bench.ts";
import { benchfmtOf, type Compared, csvOf } from "../report/export.ts";
import { keepOf, type Key, keyOf, KEYS } from "../report/filters.ts";
import { type Block, markdownOf, textOf } from "../report/table.ts";
import { MARKS, pivot } from "../report/grid.ts";
import { shapeBlocks, summarizeForShape } from "../report/shape_tables.ts";
import { summarize, type Summary } from "../summary/summary.ts";
import { exitCodeOf, Notes, raceBlocks } from "../report/race_tables.ts";
import { clean } from "../report/words.ts";
import { compareRuns } from "../summary/versus.ts";
import type { ChangesOf } from "../summary/winners.ts";
import { failLines, versusBlocks, warningsOf } from "../report/versus_tables.ts";
import { changesOf } from "./changes.ts";
import { command } from "./command.ts";
import { EXIT, UsageError } from "./exit.ts";
import { type Arguments, choice, decimal, listOf, text, type Value } from "./options.ts";
import type { Io } from "./terminal.ts";

/** A ratio from 1 on. */
const limit = decimal("RATIO", {
  min: 1,
  max: Number.MAX_VALUE,
  what: "a ratio of at least 1, such as 1.05",
});

const keys: Value<Key[]> = listOf({ value: "KEY", parse: ([word]) => keyOf(word) });

/** `KEY=GLOB` of each time it is given; commas are between globs of a key. */
const filters: Value<readonly string[]> = {
  value: "KEY=GLOB,...",
  parse(texts) {
    keepOf(texts);
    return texts;
  },
};

const options = {
  row: { ...keys, help: `a grid with these keys as rows: ${KEYS.join(", ")}` },
  col: { ...keys, help: "the grid's columns" },
  value: { ...choice("ratio", "ns"), help: "what the grid shows", otherwise: "ratio" },
  shape: {
    help:
      "array against tree at each slot count of memslot_perf_test, beside the numbers of KVM's " +
      "series of 2021; takes files of race --key gfn and --key hva together",
  },
  filter: { ...filters, help: "only these, such as workload=zap*; repeat it for another key" },
  base: {
    ...text("NAME"),
    help: "the contender that ratios are to",
    otherwise: "the run's baseline",
  },
  "fail-above": {
    ...limit,
    help: "exit code 3 if a contender of a later file is slower than in the first by more than " +
      "that: in ns (same environment) and in its ratio to the baseline, by exact rank-sum tests " +
      "over processes at a false discovery rate of 5 %",
  },
  format: {
    ...choice("text", "markdown", "csv", "benchfmt"),
    default: "text",
    help: "benchfmt is what benchstat reads",
  },
  schema: { help: "prints the JSON Schema of result files" },
} as const;

type Values = Arguments<typeof options>["values"];

/** The command. */
export const COMPARE = command({
  name: "compare",
  summary: "Tables of a run, or of what changed between runs",
  about: "One result file: its tables, crossovers and the fastest contender of each cell. More: " +
    "each against the first; ns and ratios in the same environment, ratios to the baseline only " +
    "in another. Reads files of deno task race and of deno bench --json.",
  operands: { words: "FILE...", least: 0, most: Infinity },
  options,
  examples: [
    ["compare results/local/*.jsonl", "what changed since the first run"],
    ["compare a.jsonl --row slots --col contender", "a grid of ratios"],
    ["compare a.jsonl b.jsonl --fail-above 1.05", "exit code 3 if b is slower by more than 5 %"],
  ],
  permissions: "read",
  exits: ["wrongAnswer", "tooSlow", "notValid"],
  run({ values, operands, given }, io) {
    if (values.schema) {
      io.out(JSON.stringify(jsonSchema(), null, 2));
      return EXIT.fine;
    }
    checkTogether(values, { paths: operands, given });
    return compareFiles({ ...values, paths: operands }, io);
  },
});

/** A command line that was understood. */
type Wishes = Values & { readonly paths: readonly string[] };

/** Refuses options that do not go together. */
function checkTogether(
  { row = [], col = [], shape, format }: Values,
  { paths, given }: { paths: readonly string[]; given: ReadonlySet<string> },
): void {
  if (paths.length === 0) throw new UsageError("Cannot compare as no file is named");
  const twice = row.find((key, i) => col.includes(key) || row.indexOf(key) !== i);
  if (twice) throw new UsageError(`Cannot make a grid with ${twice} twice`);
  const isTable = format === "text" || format === "markdown";
  if (row.length + col.length > 0 && !isTable) {
    throw new UsageError(
      `Cannot make a grid as ${format}, which has every row anyway: leave out --row, --col`,
    );
  }
  // The shape is one table in words, of contenders that it chooses itself.
  const other = ["row", "col", "value", "base", "fail-above"].find((name) => given.has(name));
  if (shape && other) {
    throw new UsageError(`Cannot use --${other} with --shape, which has its own table`);
  }
  if (shape && !isTable) {
    throw new UsageError(`Cannot give the shape as ${format}: leave out --shape, or --format`);
  }
  if (given.has("fail-above") && paths.length === 1) {
    throw new UsageError(
      "Cannot fail as --fail-above needs a second file to compare with the first",
    );
  }
}

async function compareFiles(wishes: Wishes, io: Io): Promise<number> {
  const files = wishes.paths.map(readAny);
  if (wishes.shape) return runShape(files, wishes, io);
  const compared = compareAll(files.map(({ file }) => file), wishes);
  const isBench = files.some(({ isBench }) => isBench);
  switch (wishes.format) {
    case "csv":
      warn(compared, io);
      io.out(csvOf(compared));
      break;
    case "benchfmt":
      warn(compared, io);
      io.out(benchfmtOf(compared));
      break;
    default: {
      const blocks = blocksOf(compared, { wishes, isBench, changesOf: await changesOf(io) });
      io.out(wishes.format === "markdown" ? markdownOf(blocks) : textOf(blocks, io));
    }
  }
  for (const line of failLines(compared, wishes["fail-above"])) io.err(clean(line));
  return exitCode(compared, files.map(({ isBench }) => isBench));
}

function runShape(files: readonly ReadFile[], wishes: Wishes, io: Io): number {
  const keep = keepOf(wishes.filter ?? []);
  const compared = files.map(({ file }, i): Compared => {
    return { label: labelOf(i), summary: summarizeForShape(file, keep), versus: null };
  });
  const blocks = shapeBlocks(compared);
  io.out(wishes.format === "markdown" ? markdownOf(blocks) : textOf(blocks, io));
  return exitCode(compared, files.map(({ isBench }) => isBench));
}

/** A file, and whether `deno bench` wrote it. */
interface ReadFile {
  readonly file: ResultFile;
  readonly isBench: boolean;
}

function readAny(path: string): ReadFile {
  const isBench = isDenoBench(path);
  return { file: isBench ? readDenoBench(path) : readResultFile(path), isBench };
}

/** All files by the base of the first, and each but the first against it. */
function compareAll(files: readonly ResultFile[], wishes: Wishes): Compared[] {
  const { filter = [], "fail-above": failAbove } = wishes;
  const base = wishes.base ?? files[0].run.plan.baseline;
  const keep = keepOf(filter);
  const summaries = files.map((file) => summarize(file, { base, keep }));
  return summaries.map((summary, i) => ({
    label: labelOf(i),
    summary,
    versus: i === 0 ? null : compareRuns(summaries[0], summary, { failAbove }),
  }));
}

/** A, B, ... Z, A1, B1, ... */
function labelOf(i: number): string {
  return String.fromCharCode(65 + i % 26) + (i < 26 ? "" : String(Math.floor(i / 26)));
}

function blocksOf(
  compared: readonly Compared[],
  { wishes, isBench, changesOf }: {
    wishes: Wishes;
    isBench: boolean;
    changesOf: ChangesOf | undefined;
  },
): Block[] {
  const limits: Block[] = isBench
    ? [{ kind: "prose", title: "Limits", lines: DENO_BENCH_LIMITS }]
    : [];
  const { row = [], col = [], value = "ratio" } = wishes;
  if (row.length + col.length > 0) {
    const isFileShown = compared.length === 1 || [...row, ...col].includes("file");
    const grid = pivot(compared, {
      row: row.length === 0 ? ["workload", "slots"] : row,
      col: isFileShown ? col : [...col, "file"],
      value,
    });
    return [
      ...fileBlocks(compared),
      grid.block,
      { kind: "prose", title: "Notes", lines: [...grid.warnings, ...warningsOf(compared), MARKS] },
      ...limits,
    ];
  }
  if (compared.length === 1) {
    const [{ summary }] = compared;
    return [...(isBench ? benchBlocks(summary) : raceBlocks(summary, changesOf)), ...limits];
  }
  return [...versusBlocks(compared, new Notes()), ...limits];
}

/** Tables are read on their own; of exports these words are no part. */
function warn(compared: readonly Compared[], io: Io): void {
  for (const line of warningsOf(compared)) io.err(clean(line));
}

function fileBlocks(compared: readonly Compared[]): Block[] {
  const lines = compared.map(({ label, summary }) => `${label}  ${summary.path}`);
  return [{ kind: "prose", title: "", lines }];
}

/** A wrong answer weighs more than a run that is not valid, and that more than a slow-down. */
function exitCode(compared: readonly Compared[], isBench: readonly boolean[]): number {
  const codes = compared.map(({ summary }, i) =>
    isBench[i] ? outcomeCode(summary) : exitCodeOf(summary)
  );
  if (codes.includes(EXIT.wrongAnswer)) return EXIT.wrongAnswer;
  if (codes.includes(EXIT.notValid)) return EXIT.notValid;
  const isSlower = compared.some(({ versus }) => versus?.rows.some(({ fails }) => fails));
  return isSlower ? EXIT.tooSlow : EXIT.fine;
}

/** `deno bench` has nothing by which a run could be found not valid. */
function outcomeCode(summary: Summary): number {
  return exitCodeOf(summary) === EXIT.wrongAnswer ? EXIT.wrongAnswer : EXIT.fine;
}
