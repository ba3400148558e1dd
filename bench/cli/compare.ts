/** `deno task compare`: result files side by side. */
import { parseArgs } from "node:util";
import { jsonSchema } from "../record/schema.ts";
import { readResultFile, type ResultFile, ResultFileError } from "../record/result_file.ts";
import { benchBlocks } from "../report/deno_bench_tables.ts";
import { DENO_BENCH_LIMITS, isDenoBench, readDenoBench } from "../record/deno_bench.ts";
import { benchfmtOf, type Compared, csvOf } from "../report/export.ts";
import { keepOf, type Key, keyOf } from "../report/filters.ts";
import { type Block, markdownOf, textOf } from "../report/table.ts";
import { MARKS, pivot } from "../report/grid.ts";
import { shapeBlocks, summarizeForShape } from "../report/shape_tables.ts";
import { summarize, type Summary } from "../summary/summary.ts";
import { exitCodeOf, Notes, raceBlocks } from "../report/race_tables.ts";
import { ReportError } from "../summary/tracks.ts";
import { compareRuns } from "../summary/versus.ts";
import type { ChangesOf } from "../summary/winners.ts";
import { failLines, versusBlocks, warningsOf } from "../report/versus_tables.ts";

/** Where a command writes, and how wide that is. */
export interface CompareIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly width: number;
  readonly color: boolean;
  /** How contenders take a change: of those that change in place the fastest is shown as well. */
  readonly changesOf?: ChangesOf;
}

/** What `deno task compare --help` prints. */
export const COMPARE_HELP = `deno task compare FILE [FILE ...] [options]

One result file: its tables, crossovers, and who is the fastest in each cell. More: each against
the first; in the same environment ns and ratios, in another the ratios to the baseline only. Reads
files of deno task race and deno bench --json.

  --row KEY --col KEY   a grid with these keys as rows and columns, repeatable: workload, layout,
                        slots, origin, condition, last-used, contender, file
  --shape               array against tree at each slot count of memslot_perf_test, beside the
                        numbers of KVM's series of 2021; files of both keys may be given
  --value ratio|ns      what stands in the grid (ratio)
  --filter KEY=GLOB     only these, repeatable: workload=zap*, contender=rb_tree,eytzinger
  --base NAME           the contender that ratios are to (the run's baseline)
  --fail-above RATIO    exit code 3 if a contender of a later file is slower than in the first by
                        more than that: in ns (same environment) and in its ratio to the
                        baseline, by exact rank-sum tests over processes at a false discovery
                        rate of 5 %
  --format FORMAT       text, markdown, csv, or benchfmt (what benchstat reads) (text)
  --schema              prints the JSON Schema of result files
  --help                prints this

Exit codes: 0 fine, 1 a file cannot be read, 2 a wrong answer or a contender that threw, hung,
leaked or crashed, 3 slower than --fail-above, 4 a run is not valid, 64 usage.
`;

const OPTIONS = {
  row: { type: "string", multiple: true },
  col: { type: "string", multiple: true },
  shape: { type: "boolean" },
  value: { type: "string" },
  filter: { type: "string", multiple: true },
  base: { type: "string" },
  "fail-above": { type: "string" },
  format: { type: "string" },
  schema: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const FORMATS = ["text", "markdown", "csv", "benchfmt"] as const;

/** A command line that was understood. */
interface Wishes {
  readonly paths: readonly string[];
  readonly row: readonly Key[];
  readonly col: readonly Key[];
  readonly shape: boolean;
  readonly value: "ratio" | "ns";
  readonly filter: readonly string[];
  readonly base: string | undefined;
  readonly failAbove: number | undefined;
  readonly format: typeof FORMATS[number];
}

/**
 * Runs the command and gives its exit code. Never throws for bad input: it is one line to `err`.
 */
export function compare(argv: readonly string[], io: CompareIo): number {
  try {
    const { values, positionals } = parse(argv);
    if (values.help) return print(COMPARE_HELP, io);
    if (values.schema) return print(`${JSON.stringify(jsonSchema(), null, 2)}\n`, io);
    return run(wishesOf(values, positionals), io);
  } catch (error) {
    if (!(error instanceof ReportError || error instanceof ResultFileError)) throw error;
    io.err(`${oneLine(error.message)}\n`);
    return error instanceof ReportError && error.isUsage ? 64 : 1;
  }
}

function print(text: string, io: CompareIo): number {
  io.out(text);
  return 0;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw usage(`Cannot compare: ${(error as Error).message}`);
  }
}

function wishesOf(
  values: ReturnType<typeof parse>["values"],
  paths: readonly string[],
): Wishes {
  const format = oneOf("format", values.format ?? "text", FORMATS);
  const value = oneOf("value", values.value ?? "ratio", ["ratio", "ns"] as const);
  const keys = (words: readonly string[] = []) => {
    return words.flatMap((word) => word.split(",")).map(keyOf);
  };
  const row = keys(values.row), col = keys(values.col);
  if (paths.length === 0) throw usage("Cannot compare as no file is named");
  const twice = row.find((key, i) => col.includes(key) || row.indexOf(key) !== i);
  if (twice) throw usage(`Cannot make a grid with ${twice} twice`);
  if (row.length + col.length > 0 && (format === "csv" || format === "benchfmt")) {
    throw usage(
      `Cannot make a grid as ${format}, which has every row anyway: leave out --row, --col`,
    );
  }
  const shape = values.shape ?? false;
  if (shape) refuseWithShape(values);
  const failAbove = failAboveOf(values["fail-above"]);
  if (failAbove !== undefined && paths.length === 1) {
    throw usage("Cannot fail as --fail-above needs a second file to compare with the first");
  }
  const filter = values.filter ?? [];
  keepOf(filter);
  return { paths, row, col, shape, value, filter, base: values.base, failAbove, format };
}

/** The shape is one table in words, of contenders that it chooses itself. */
function refuseWithShape(values: ReturnType<typeof parse>["values"]): void {
  const others = ["row", "col", "value", "base", "fail-above"] as const;
  const other = others.find((name) => values[name] !== undefined);
  if (other) throw usage(`Cannot use --${other} with --shape, which has its own table`);
  if (values.format === "csv" || values.format === "benchfmt") {
    throw usage(`Cannot give the shape as ${values.format}: leave out --shape, or --format`);
  }
}

function failAboveOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  const ratio = Number(word);
  if (word.trim() !== "" && ratio >= 1 && Number.isFinite(ratio)) return ratio;
  throw usage(`Cannot fail above ${word} as that must be a ratio of at least 1, such as 1.05`);
}

function oneOf<T extends string>(name: string, word: string, words: readonly T[]): T {
  for (const known of words) if (known === word) return known;
  throw usage(`Cannot use ${word} as --${name}: there are ${words.join(", ")}`);
}

function run(wishes: Wishes, io: CompareIo): number {
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
      const blocks = blocksOf(compared, { wishes, isBench, changesOf: io.changesOf });
      io.out(wishes.format === "markdown" ? markdownOf(blocks) : textOf(blocks, io));
    }
  }
  for (const line of failLines(compared, wishes.failAbove)) io.err(`${oneLine(line)}\n`);
  return exitCode(compared, files.map(({ isBench }) => isBench));
}

function runShape(files: readonly ReadFile[], wishes: Wishes, io: CompareIo): number {
  const keep = keepOf(wishes.filter);
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
  const { filter, failAbove } = wishes;
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
  const { row, col, value } = wishes;
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
function warn(compared: readonly Compared[], io: CompareIo): void {
  for (const line of warningsOf(compared)) io.err(`${oneLine(line)}\n`);
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
  if (codes.includes(2)) return 2;
  if (codes.includes(4)) return 4;
  return compared.some(({ versus }) => versus?.rows.some(({ fails }) => fails)) ? 3 : 0;
}

/** `deno bench` has nothing by which a run could be found not valid. */
function outcomeCode(summary: Summary): 0 | 2 {
  return exitCodeOf(summary) === 2 ? 2 : 0;
}

function usage(message: string): ReportError {
  return new ReportError(`${message} (see deno task compare --help)`, { isUsage: true });
}

/** One line, whatever a broken file had in it. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}
