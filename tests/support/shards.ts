/** The shards of a race that never ran, each as its machine would have written it. */
import { parseResultFile, type RaceFile } from "../../bench/record/result_file.ts";
import { type Line, RunLine, type Shard } from "../../bench/record/schema.ts";
import { cellsOfShard, hasProbes, processesOf } from "../../bench/record/shard.ts";
import { textOf } from "./result_model.ts";

/** What of a race the shard of that number would have written, on a machine of its own. */
export function shardLines(
  [first, ...lines]: readonly Line[],
  { index, of, by = "cell", cpu = "Model CPU" }: {
    index: number;
    of: number;
    by?: Shard["by"];
    cpu?: string;
  },
): Line[] {
  const run = RunLine.parse(first), shard = { index, of, by, cells: run.plan.cells };
  const keys = cellsOfShard(shard).map((cell) => JSON.stringify(cell));
  const processes = processesOf(run.plan, shard);
  return [
    {
      ...run,
      startedAt: `2026-01-01T00:00:0${index}Z`,
      host: `track-${index}`,
      environment: { ...run.environment, cpu },
      plan: { ...run.plan, cells: [...cellsOfShard(shard)] },
      argv: ["--shard", `${index}/${of}`, "--seed=1"],
      shard,
    },
    ...lines.filter((line) => {
      if (line.kind !== "trial" && line.kind !== "probe") return true;
      const isOwn = line.kind === "probe" ? hasProbes(shard) : processes.includes(line.process);
      return isOwn && keys.includes(JSON.stringify(line.cell));
    }),
  ];
}

/** Lines as if read from a file of that name. */
export function fileOf(name: string, lines: readonly Line[]): RaceFile {
  return parseResultFile(name, new TextEncoder().encode(textOf(lines)));
}

/** All shards of the race with these lines. */
export function shardsOf(lines: readonly Line[], of: number, by: Shard["by"] = "cell"): RaceFile[] {
  return Array.from({ length: of }, (_, i) => {
    return fileOf(`${i + 1}.jsonl`, shardLines(lines, { index: i + 1, of, by }));
  });
}
