/** `deno task join`: the shards of a race as one file. */
import { withSum } from "../record/checksum.ts";
import { LARGEST_FILE } from "../record/input.ts";
import { joinShards } from "../record/join.ts";
import { parseResultFile, type RaceFile, readResultFile } from "../record/result_file.ts";
import { machineLines } from "../report/race_report.ts";
import { looksOf } from "../stats/looks.ts";
import { summarize } from "../summary/summary.ts";
import { SAME_SPEED, speedDifference } from "../summary/versus.ts";
import { clean, countWords } from "../report/words.ts";
import { command } from "./command.ts";
import { EXIT, FileError, UsageError } from "./exit.ts";
import { text } from "./options.ts";
import { exists, pathWords, shellWord, writeWhole } from "./project.ts";

const options = {
  out: { ...text("FILE"), help: "the joined file; must be given" },
  partial: { help: "joins what is there where shards are missing" },
} as const;

/** The command. */
export const JOIN = command({
  name: "join",
  summary: "The shards of a race as one result file",
  about:
    "Joins the files of race --shard I/N, in any order, into one file that compare and report " +
    "read. Each shard must be of the same plan, seed, commit and programs, whole and given once. " +
    "The file says on which machine each cell ran: times are compared within one machine, means " +
    "over several are of ratios.",
  operands: { words: "FILE...", least: 1, most: Infinity },
  options,
  examples: [["join 1.jsonl 2.jsonl 3.jsonl --out race.jsonl", "three shards as one race"]],
  permissions: "read, write",
  exits: [],
  async run({ values: { out, partial }, operands }, io) {
    if (out === undefined) throw new UsageError("Cannot join without --out: it names the new file");
    if (exists(out)) {
      throw new FileError(
        `Cannot write ${out} as a file is there and results are never overwritten: name another`,
      );
    }
    const files = operands.map((path) => readResultFile(path));
    const content = joinShards(files, { isPartial: partial, looksOf })
      .map((line) => `${withSum(JSON.stringify(line))}\n`).join("");
    checkSpeeds(files);
    const bytes = new TextEncoder().encode(content);
    if (bytes.length > LARGEST_FILE) {
      throw new FileError(`Cannot write ${out} as it must have at most 32 MiB: it would have more`);
    }
    const summary = summarize(parseResultFile(out, bytes));
    await writeWhole(out, content);
    const words = shellWord(pathWords(out));
    io.out(
      [
        `Wrote ${words}: ${countWords(files.length, "shard")}, ${
          countWords(summary.cells.length, "cell")
        }`,
        ...machineLines(summary),
        `Its answer: deno task compare ${words}`,
      ].map(clean).join("\n"),
    );
    for (const warning of summary.warnings) io.err(clean(`warning: ${warning}`));
    return EXIT.fine;
  },
});

/** Shards by process share their cells, so their machines must have one speed, not only one name. */
function checkSpeeds(files: readonly RaceFile[]): void {
  if (files[0].run.shard?.by !== "process") return;
  const [first, ...others] = files.map((file) => summarize(file));
  for (const other of others) {
    const [off] = speedDifference(first, other);
    if (off === undefined) continue;
    throw new FileError(
      `Cannot join ${other.path} as shards by process must be of machines of one speed: baseline or floor ` +
        `take ${off.values[1]} times as long as in ${first.path}, and ${
          1 + SAME_SPEED
        } is allowed. Race the shards by cell`,
    );
  }
}
