/** `deno task report`: a page, or pictures, of result files. */
import { dirname, join } from "node:path";
import { readResults } from "../record/read_results.ts";
import { checkLines } from "../report/check_lines.ts";
import { csvOf } from "../report/csv.ts";
import { systemWords } from "../record/result_error.ts";
import { DENO } from "../process/engine.ts";
import { labelOf } from "../report/labelled.ts";
import { pageOf } from "../report/page.ts";
import { colored, pictureOf } from "../report/page_curves.ts";
import { standalone } from "../report/picture_style.ts";
import { recordTable } from "../report/records.ts";
import { scalingPicture } from "../report/scaling_picture.ts";
import { curves } from "../summary/growth.ts";
import { summarize, type Summary } from "../summary/summary.ts";
import { compareRuns } from "../summary/versus.ts";
import { changesOf } from "./changes.ts";
import { command } from "./command.ts";
import { EXIT, FileError, UsageError } from "./exit.ts";
import { choice, text } from "./options.ts";
import { pathWords, shellWord, writeWhole } from "./project.ts";

const options = {
  out: {
    ...text("PATH"),
    help: "the file of the page, or the folder of the pictures",
    otherwise: "page.html or pictures/, beside the first file",
  },
  format: {
    ...choice("html", "svg"),
    default: "html",
    help: "a page that holds everything, or a picture of each curve",
  },
} as const;

/** The command. */
export const REPORT = command({
  name: "report",
  summary: "A page or pictures of result files",
  about:
    "One self-contained page about the first file: the fastest index of each cell, a recommendation for your " +
    "mix, curves, tables, checks. Further files stand beside it in ratios.",
  operands: { words: "FILE...", least: 1, most: Infinity },
  options,
  examples: [
    ["report results/local/run.jsonl", "writes page.html beside the file"],
    ["report a.jsonl b.jsonl --out both.html", "two runs side by side"],
    ["report a.jsonl --format svg --out pictures", "a picture of each workload"],
  ],
  permissions: "read, write",
  exits: [],
  async run({ values, operands }, io) {
    const summaries: Summary[] = [];
    for (const path of operands) summaries.push(summarize(await readResults(path)));
    const written = values.format === "html"
      ? await writePage(summaries, {
        path: values.out ?? beside(operands[0], "page.html"),
        changes: await changesOf(io) ?? (() => undefined),
      })
      : await writePictures(summaries[0], values.out ?? beside(operands[0], "pictures"));
    io.out(written.map((path) => `Wrote ${shellWord(path)}`).join("\n"));
    return EXIT.fine;
  },
});

function beside(path: string, name: string): string {
  return join(dirname(path), name);
}

async function writePage(
  summaries: readonly Summary[],
  { path, changes }: { path: string; changes: (name: string) => string | undefined },
): Promise<string[]> {
  const files = summaries.map((summary, i) => ({
    label: labelOf(i),
    summary,
    versus: i === 0 ? null : compareRuns(summaries[0], summary),
  }));
  const html = pageOf({
    summaries,
    changesOf: changes,
    checkLines: checkLines(summaries[0]),
    csv: csvOf(recordTable(files)),
  });
  await writeWhole(path, html);
  return [path];
}

async function writePictures(summary: Summary, folder: string): Promise<string[]> {
  const all = curves(summary).filter(({ isOfOneMachine }) => isOfOneMachine);
  if (all.length === 0) {
    throw new UsageError(
      "Cannot draw curves as no workload was raced at two slot counts on one machine",
    );
  }
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw new FileError(`Cannot write pictures into ${pathWords(folder)}: ${systemWords(error)}`);
  }
  const pictures = colored(all.map((curve) => pictureOf(curve, summary)));
  return await Promise.all(pictures.map(async (picture, i) => {
    const { workload, layout, originGfn, condition, lastUsed, engine } = all[i].cell;
    const place = [workload, layout, originGfn, condition, lastUsed];
    const parts = [...place, ...engine === DENO ? [] : [engine]].map((part) =>
      String(part).replace(/[^\w.-]+/g, "_")
    );
    const path = `${folder}/${parts.join("-")}.svg`;
    await writeWhole(path, standalone(scalingPicture(picture)));
    return path;
  }));
}
