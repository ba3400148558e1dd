/** `deno task recommend`: which index for a mix of operations, from a race. */
import { readResults } from "../record/read_results.ts";
import { textOf } from "../report/text.ts";
import { type Column, prose, table } from "../report/table.ts";
import { interval, numeric, text } from "../report/value.ts";
import { countWords, listWords } from "../report/words.ts";
import { signInterval } from "../stats/intervals.ts";
import { areOfOneMachine } from "../summary/machines.ts";
import { mixCellsOf } from "../summary/mix_cells.ts";
import { MIX_OPERATIONS, mixText, USUAL_MIX } from "../workloads/mix.ts";
import { firstNames, type Mix, recommend, type Recommended } from "../summary/recommend.ts";
import { summarize } from "../summary/summary.ts";
import { command } from "./command.ts";
import { EXIT, UsageError } from "./exit.ts";
import { integer } from "./options.ts";
import { shares } from "./shares.ts";

const options = {
  slots: { ...integer(1, 2 ** 22), help: "the number of slots", otherwise: "200" },
  mix: {
    ...shares,
    default: USUAL_MIX,
    help:
      "find: lookups that hit, miss: those that miss, range: over 8 slots, change: a slot moved",
  },
} as const;

/** The command. */
export const RECOMMEND = command({
  name: "recommend",
  summary: "Which index for your mix of operations",
  about: "Ranks the contenders of a race for a mix: the weighted sum of their times for lookups, " +
    "misses, ranges and changes, interpolated to your slot count, process by process.",
  operands: { words: "FILE", least: 1, most: 1 },
  options,
  examples: [
    ["recommend run.jsonl --slots 200", "mostly page faults"],
    ["recommend run.jsonl --mix find=50,change=50", "a guest that balloons"],
  ],
  permissions: "read",
  exits: [],
  async run({ values, operands: [path] }, io) {
    const slots = values.slots ?? 200, summary = summarize(await readResults(path));
    if (!areOfOneMachine(summary.cells)) {
      throw new UsageError(
        `Cannot recommend from ${path} as a mix adds times and its cells ran on several machines: race ` +
          "the mix itself (race --workload mix --mix SHARES)",
      );
    }
    const rankOf = (n: number) => signInterval(Array.from({ length: n }, (_, i) => i)).rank;
    const found = recommend(mixCellsOf(summary), { mix: values.mix, slots }, rankOf);
    if (found.ranking.length === 0) {
      throw new UsageError(`Cannot recommend from ${path}: ${found.warnings.join(" ")}`);
    }
    const processes = summary.processes.length;
    const title = `For ${mixWords(values.mix)} at ${countWords(slots, "slot")}`;
    io.out(textOf([
      table(title, {
        columns: COLUMNS,
        rows: found.ranking,
        tone: ({ is }) => is === "slower" ? "plain" : "good",
      }),
      prose("", [
        `Rests on ${listWords([...new Set(found.cells)])}, ${
          countWords(processes, "process", "processes")
        }: a sum of parts. A race of the mix has what one operation does to the next, and the ` +
        "cost of its loop: its ratios lie nearer to 1.",
        ...found.warnings,
        `To be surer: deno task race --mix ${mixText(values.mix)} --slots ${slots} --contender ${
          firstNames(found.ranking).join(",")
        }`,
      ]),
    ], io));
    return EXIT.fine;
  },
});

function mixWords(shares: Mix): string {
  const total = MIX_OPERATIONS.reduce((sum, part) => sum + shares[part], 0);
  const words = { find: "lookups", miss: "misses", range: "ranges of 8", change: "changes" };
  return listWords(
    MIX_OPERATIONS.filter((part) => shares[part] > 0).map((part) =>
      `${Number((100 * shares[part] / total).toFixed(1))} % ${words[part]}`
    ),
  );
}

const COLUMNS: readonly Column<Recommended>[] = [
  { title: "index", value: ({ name }) => text(name) },
  { title: "ns an\noperation", align: "right", value: ({ ns }) => numeric("number", ns) },
  {
    title: "times\nthe first",
    align: "right",
    value: ({ is, ratio }) => is === "first" ? numeric("count", 1) : numeric("ratio", ratio),
  },
  { title: "interval", value: (row) => row.is === "first" ? undefined : interval("ratio", row) },
  {
    title: "",
    value: ({ is }) => text(is === "level" ? "cannot tell from the first, or within 5 %" : is),
  },
];
