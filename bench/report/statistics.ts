/**
 * What is known of one entry in one cell: one list, from which the race's tables, Markdown and CSV take
 * their columns. A statistic is added here, before the verdict. The page's tables are in page_tables.ts.
 */
import type { Modes } from "../stats/checks.ts";
import type { Judged } from "../stats/verdict.ts";
import {
  type CellSummary,
  type EntrySummary,
  judgedOf,
  type Summary,
  type Timing,
  timingOf,
} from "../summary/summary.ts";
import type { Column, Tone } from "./table.ts";
import { interval, numeric, text, type Value } from "./value.ts";
import { outNote, outWords, problemWords, verdictWords } from "./verdict_words.ts";
import { ratioWords } from "./words.ts";

/** An entry of a cell of a run: a row of the race's tables. */
export interface Raced {
  readonly summary: Summary;
  readonly cell: CellSummary;
  readonly entry: EntrySummary;
}

/** The columns. */
export const STATISTICS: readonly Column<Raced>[] = [
  {
    title: "contender",
    fields: ["contender"],
    value: ({ entry }) => text(entry.name),
  },
  { fields: ["role"], value: ({ entry }) => text(entry.role) },
  { fields: ["base"], value: ({ summary }) => text(summary.base) },
  {
    fields: ["outcome"],
    value: ({ entry: { result } }) => text(result.kind === "timed" ? "ok" : result.kind),
  },
  {
    fields: ["words"],
    value: ({ entry: { result } }) => result.kind === "timed" ? undefined : text(outNote(result)),
  },
  timed("number", ({ nsPerStep }) => nsPerStep, { title: "ns", fields: ["ns_per_step"] }),
  {
    fields: ["ns_low", "ns_high", "ns_level"],
    value: ({ entry }) => {
      const estimate = timingOf(entry)?.nsEstimate;
      return interval("number", estimate && estimate.n > 1 ? estimate : null);
    },
  },
  { title: "ratio", align: "right", fields: ["ratio"], value: ratioValue },
  {
    title: "interval",
    rank: 1,
    fields: ["ratio_low", "ratio_high", "ratio_level"],
    value: ({ entry }) => interval("ratio", replicated(entry)?.ratio),
  },
  timed("number", ({ timesFloor }) => timesFloor, {
    title: "times\nfloor",
    rank: 2,
    fields: ["times_floor"],
  }),
  probed("liveBytesPerSlot", { title: "bytes/\nslot", rank: 3, fields: ["live_bytes_per_slot"] }),
  {
    title: "undis-\nturbed",
    align: "right",
    rank: 4,
    value: ({ entry }) => {
      const ratio = entry.isBase ? undefined : timingOf(entry)?.undisturbedRatio;
      return Number.isFinite(ratio) ? numeric("ratio", ratio) : undefined;
    },
  },
  probed("allocatedBytesPerStep", {
    title: "bytes/\nstep",
    rank: 5,
    fields: ["allocated_bytes_per_step"],
  }),
  probed("buildNsPerSlotSorted", {
    title: "build\nns/slot",
    rank: 6,
    fields: ["build_ns_per_slot_sorted"],
  }),
  probed("buildNsPerSlotShuffled", { fields: ["build_ns_per_slot_shuffled"] }),
  timed("ratio", ({ undisturbedRatio }) => undisturbedRatio, { fields: ["undisturbed_ratio"] }),
  timed("count", ({ processes }) => processes, { fields: ["processes"] }),
  timed("count", ({ rounds }) => rounds, { fields: ["rounds"] }),
  {
    fields: ["few_blocks"],
    value: ({ entry }) => {
      const timing = timingOf(entry);
      return timing ? { kind: "yes or no", value: timing.fewBlocks } : undefined;
    },
  },
  { fields: ["loop_tier"], value: ({ entry }) => known(entry.probe?.loopTier) },
  { fields: ["index_tier"], value: ({ entry }) => known(entry.probe?.indexTier) },
  { fields: ["deopts"], value: ({ entry }) => numeric("count", entry.probe?.deopts) },
  { fields: ["p_value"], value: ({ entry }) => numeric("number", replicated(entry)?.pValue) },
  {
    fields: ["adjusted_p_value"],
    value: ({ entry }) => numeric("number", replicated(entry)?.adjustedPValue),
  },
  {
    fields: ["verdict"],
    value: ({ entry }) => {
      const verdict = replicated(entry)?.verdict;
      if (verdict === undefined) return undefined;
      if (verdict.kind !== "not valid") return text(verdictWords(verdict));
      return text(verdict.kind, { note: problemWords(verdict.why) });
    },
  },
  { title: "verdict", value: verdictValue },
];

/** What is shown of the floor in a table: it has no ratio and no verdict of its own. */
const FLOOR_TITLES: readonly (string | undefined)[] = ["contender", "ns", "verdict"];

/** The same columns for the floor's row of a table. */
export const FLOOR_STATISTICS: readonly Column<Raced>[] = STATISTICS.map((column) =>
  FLOOR_TITLES.includes(column.title) ? column : { ...column, value: () => undefined }
);

type Shown = Omit<Column<Raced>, "value">;

/** A column of a number that an entry has where it has times. */
function timed(
  kind: "number" | "ratio" | "count",
  of: (timing: Timing) => number,
  column: Shown,
): Column<Raced> {
  const value = ({ entry }: Raced) => {
    const timing = timingOf(entry);
    return timing ? numeric(kind, of(timing)) : undefined;
  };
  return { align: "right", ...column, value };
}

type ProbeNumber =
  | "liveBytesPerSlot"
  | "allocatedBytesPerStep"
  | "buildNsPerSlotSorted"
  | "buildNsPerSlotShuffled";

/** A column of what probes measure. */
function probed(of: ProbeNumber, column: Shown): Column<Raced> {
  const value = ({ entry }: Raced) => numeric("number", entry.probe?.[of]);
  return { align: "right", ...column, value };
}

function known(words: string | undefined): Value | undefined {
  return words === undefined ? undefined : text(words);
}

/** What is said of an entry; null where it rests on one process, from which nothing follows. */
function replicated(entry: EntrySummary): Judged | null {
  const judged = judgedOf(entry);
  return judged?.ratio && judged.ratio.n > 1 ? judged : null;
}

function ratioValue({ entry }: Raced): Value | undefined {
  if (timingOf(entry) === null) return undefined;
  if (entry.isBase) return numeric("count", 1);
  if (entry.role === "twin" || entry.role === "floor") return undefined;
  return numeric("ratio", judgedOf(entry)?.ratio?.point ?? NaN);
}

/** The verdict as a table has it: why a row is not valid, or out, goes to the notes. */
export function verdictValue({ entry, cell, summary }: Raced): Value {
  const { isBase, role, result } = entry;
  if (result.kind !== "timed") {
    return text(outWords(result, cell.cell), { note: outNote(result) });
  }
  if (role === "floor") return text("the loop alone");
  const more = (result.timing.fewBlocks ? ", few blocks" : "") + modeWords(result.modes);
  if (isBase) return text(`baseline${more}`);
  if (result.judged === null) return text(`no baseline${more}`, baseNote(cell, summary));
  const { verdict } = result.judged;
  if (verdict.kind !== "not valid") return text(verdictWords(verdict) + more);
  return text(verdict.kind, { note: problemWords(verdict.why) });
}

/** Why no entry has a ratio. */
function baseNote({ byName }: CellSummary, { base }: Summary): { note?: string } {
  const result = byName.get(base)?.result;
  if (result === undefined || result.kind === "timed") return {};
  return { note: `There are no ratios to ${base}, as it failed: ${outNote(result)}` };
}

/** The two speeds of a bimodal row, as ratios with the processes that ran at each. */
function modeWords(modes: Modes | null): string {
  if (modes === null) return "";
  const [low, high] = modes.levels.map((level, i) =>
    `${ratioWords(Math.exp(level))} in ${modes.sizes[i]} processes`
  );
  return `, bimodal: ${low}, ${high}`;
}

/** The tone of an entry's row. */
export function toneOf({ entry }: Raced): Tone {
  const { isBase, role, result } = entry;
  if (result.kind !== "timed") return "bad";
  if (isBase) return "bold";
  const kind = result.judged?.verdict.kind;
  if (role === "floor" || kind === undefined) return "dim";
  return kind === "faster" ? "good" : kind === "slower" ? "bad" : "plain";
}
