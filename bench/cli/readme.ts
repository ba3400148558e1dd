/** `deno task readme`: the README's table and pictures, made from the reference run. */
import { fileURLToPath } from "node:url";
import { readResultFile } from "../record/result_file.ts";
import { readmePictures, readmeWith } from "../report/readme.ts";
import { summarize } from "../summary/summary.ts";
import { command } from "./command.ts";
import { EXIT, FileError } from "./exit.ts";
import { fileAt } from "./project.ts";

const FOLDER = "results/reference";

/** The newest reference run, by its name, from the root of the project. */
function referenceRun(): string {
  const names = [...Deno.readDirSync(fileAt(`${FOLDER}/`))].map(({ name }) => name)
    .filter((name) => name.endsWith(".jsonl")).sort();
  const newest = names.at(-1);
  if (newest === undefined) throw new FileError(`Cannot make the table as ${FOLDER} has no run`);
  return `${FOLDER}/${newest}`;
}

/** What the command writes: paths from the root of the project, and their contents. */
export async function readmeFiles(): Promise<ReadonlyMap<string, string>> {
  const run = referenceRun(), summary = summarize(readResultFile(fileURLToPath(fileAt(run))));
  const { light, dark } = readmePictures(summary);
  return new Map([
    ["README.md", readmeWith(await Deno.readTextFile(fileAt("README.md")), summary)],
    [`${FOLDER}/lookups-light.svg`, light],
    [`${FOLDER}/lookups-dark.svg`, dark],
  ]);
}

/** The command. */
export const README = command({
  name: "readme",
  summary: "The README's table and pictures, from the reference run",
  about:
    `Writes the table between its marks in README.md, and the two pictures in ${FOLDER}, from ` +
    "the newest run there. A test fails when they are stale.",
  options: {},
  examples: [["readme", "after a new reference run"]],
  permissions: "read, write",
  exits: [],
  async run(_, io) {
    for (const [path, content] of await readmeFiles()) {
      await Deno.writeTextFile(fileAt(path), content);
      io.out(`Wrote ${path}`);
    }
    return EXIT.fine;
  },
});
