/** `deno task compare`: result files side by side. */
import { jsonSchema } from "../record/schema.ts";
import type { ResultFile } from "../record/result_file.ts";
import { readResults } from "../record/read_results.ts";
import { answerBlocks, answerText } from "../report/answer_report.ts";
import { benchBlocks } from "../report/deno_bench_tables.ts";
import { answerSchema } from "../report/json.ts";
import { versusAnswer } from "../report/versus_answer.ts";
import { answerOf } from "../summary/answer.ts";
import { DENO_BENCH_LIMITS } from "../record/deno_bench.ts";
import { keepOf, type Key, keyOf, KEYS } from "../report/filters.ts";
import { formatNamed, FORMATS } from "../report/formats.ts";
import { type Grid, gridOf } from "../report/grid.ts";
import { type Compared, labelOf, warningLines } from "../report/labelled.ts";
import { recordTable } from "../report/records.ts";
import { shapeBlocks, summarizeForShape } from "../report/shape_tables.ts";
import { summarize, type Summary } from "../summary/summary.ts";
import { type Block, prose } from "../report/table.ts";
import { exitCodeOf, raceBlocks } from "../report/race_report.ts";
import { clean } from "../report/words.ts";
import { isRepeat } from "../summary/run_spread.ts";
import { compareRuns } from "../summary/versus.ts";
import { failLines, versusBlocks } from "../report/versus_tables.ts";
import { changesOf } from "./changes.ts";
import { command } from "./command.ts";
import { EXIT, UsageError } from "./exit.ts";
import { type Arguments, choice, decimal, listOf, text, type Value } from "./options.ts";
import { checkStandardInput, shellWord } from "./project.ts";
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
    ...choice(...FORMATS.map(({ name }) => name)),
    default: "text",
    help: FORMATS.map(({ name, summary }) => `${name}: ${summary}`).join("; "),
  },
  full: { help: "all tables behind the answer; Markdown has them in any case" },
  schema: { help: "prints the JSON Schema of result files; with --format json that of the answer" },
} as const;

type Values = Arguments<typeof options>["values"];

/** The command. */
export const COMPARE = command({
  name: "compare",
  summary: "Tables of a run, or of what changed between runs",
  about:
    "With one result file: shows the fastest contender of each operation and slot count, and " +
    "how sure that is; --full adds all tables. With several: compares each with the first, by ns " +
    "and ratios in the same environment, by ratios to the baseline only in another. Reads files of " +
    "deno task race and deno bench --json, also from pipes; - is standard input.",
  operands: { words: "FILE...", least: 0, most: Infinity },
  options,
  examples: [
    ["compare results/local/*.jsonl", "what changed since the first run"],
    ["compare a.jsonl --row slots --col contender", "a grid of ratios"],
    ["compare - a.jsonl < b.jsonl", "from standard input, against a file"],
    ["compare a.jsonl b.jsonl --fail-above 1.05", "exit code 3 if b is slower by more than 5 %"],
  ],
  permissions: "read",
  exits: ["wrongAnswer", "tooSlow", "notValid"],
  run({ values, operands, given }, io) {
    if (values.schema) {
      const schema = values.format === "json" ? answerSchema() : jsonSchema();
      io.out(JSON.stringify(schema, null, 2));
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
  checkStandardInput(paths);
  const twice = row.find((key, i) => col.includes(key) || row.indexOf(key) !== i);
  if (twice) throw new UsageError(`Cannot make a grid with ${twice} twice`);
  const { takes } = formatNamed(format);
  if (row.length + col.length > 0 && takes !== "blocks" && takes !== "table") {
    throw new UsageError(
      `Cannot make a grid as ${format}, which has every row anyway: leave out --row, --col`,
    );
  }
  // The shape is one table in words, of contenders that it chooses itself.
  const other = ["row", "col", "value", "base", "fail-above"].find((name) => given.has(name));
  if (shape && other) {
    throw new UsageError(`Cannot use --${other} with --shape, which has its own table`);
  }
  if (shape && takes !== "blocks") {
    throw new UsageError(`Cannot give the shape as ${format}: leave out --shape, or --format`);
  }
  if (given.has("fail-above") && paths.length === 1) {
    throw new UsageError(
      "Cannot fail as --fail-above needs a second file to compare with the first",
    );
  }
}

async function compareFiles(wishes: Wishes, io: Io): Promise<number> {
  const files: ResultFile[] = [], format = formatNamed(wishes.format);
  for (const path of wishes.paths) files.push(await readResults(path));
  const isBench = files.map(({ run }) => run.kind === "deno bench");
  const compared = wishes.shape ? shapesOf(files, wishes) : compareAll(files, wishes);
  const grid = wishes.shape ? null : gridIn(compared, wishes);
  if (format.takes === "blocks") {
    const isFull = wishes.full || format.name === "markdown";
    const paths = wishes.paths.map((word) => shellWord(word));
    const limits = isBench.includes(true) ? [prose("Limits", DENO_BENCH_LIMITS)] : [];
    if (wishes.shape) io.out(format.render([...shapeBlocks(compared), ...limits], io));
    else if (grid) io.out(format.render([...gridBlocks(compared, grid), ...limits], io));
    else if (compared.length > 1) {
      const all = isFull ? versusBlocks(compared) : [];
      io.out(format.render([...versusAnswer(compared, paths), ...all, ...limits], io));
    } else if (isBench[0]) {
      io.out(format.render([...benchBlocks(compared[0].summary), ...limits], io));
    } else {
      const [{ summary }] = compared, changes = await changesOf(io) ?? (() => undefined);
      const place = { file: paths[0], changesOf: changes };
      io.out(
        isFull
          ? format.render([...answerBlocks(summary, place), ...raceBlocks(summary, changes)], io)
          : answerText(summary, place, io),
      );
    }
  } else if (format.takes === "answers") {
    const changes = await changesOf(io) ?? (() => undefined);
    io.out(format.render(compared.map(({ summary }) => answerOf(summary, { changesOf: changes }))));
  } else {
    // A reader's words are no part of what a program reads.
    for (const line of [...grid?.notes ?? [], ...warningLines(compared)]) io.err(clean(line));
    io.out(
      format.takes === "files"
        ? format.render(compared)
        : format.render(grid?.table ?? recordTable(compared)),
    );
  }
  for (const line of failLines(compared, wishes["fail-above"])) io.err(clean(line));
  return exitCode(compared, isBench);
}

function shapesOf(files: readonly ResultFile[], { filter = [] }: Wishes): Compared[] {
  const keep = keepOf(filter);
  return files.map((file, i): Compared => (
    { label: labelOf(i), summary: summarizeForShape(file, keep), versus: null }
  ));
}

/** All files by the base of the first, and each but the first against it. */
function compareAll(files: readonly ResultFile[], wishes: Wishes): Compared[] {
  const { filter = [], "fail-above": failAbove } = wishes;
  const base = wishes.base ?? files[0].run.plan.baseline;
  const keep = keepOf(filter);
  const summaries = files.map((file) => summarize(file, { base, keep }));
  const repeats = summaries.filter((summary) => isRepeat(summaries[0], summary));
  return summaries.map((summary, i) => ({
    label: labelOf(i),
    summary,
    versus: i === 0 ? null : compareRuns(summaries[0], summary, { failAbove, repeats }),
  }));
}

/** The grid that was asked for; several files stand beside each other unless they are rows. */
function gridIn(compared: readonly Compared[], wishes: Wishes): Grid | null {
  const { row = [], col = [], value = "ratio" } = wishes;
  if (row.length + col.length === 0) return null;
  const isFileShown = compared.length === 1 || [...row, ...col].includes("file");
  return gridOf(compared, { row, col: isFileShown ? col : [...col, "file"], value });
}

function gridBlocks(compared: readonly Compared[], { table, notes }: Grid): Block[] {
  const files = compared.map(({ label, summary }) => `${label}  ${summary.path}`);
  const notesAndWarnings = [...notes, ...warningLines(compared)];
  return [
    prose("", files),
    table,
    ...notesAndWarnings.length === 0 ? [] : [prose("Notes", notesAndWarnings)],
  ];
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
