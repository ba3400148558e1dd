/**
 * On which machine a cell ran. In a joined file cells come from several machines: a cell's own times stand
 * in its table, but no time of one cell is compared with, or added to, that of a cell of another machine.
 */
import type { Run } from "../record/result_file.ts";
import type { Environment, TrialLine } from "../record/schema.ts";

/** A machine and its engine. */
export interface Machine {
  readonly host: string;
  readonly environment: Environment;
}

/** The machine of a trial: that of its shard, or of the whole run. */
export function machineOf(run: Run, { shard }: Pick<TrialLine, "shard">): Machine {
  const joined = run.kind === "race" ? run.joined : undefined;
  return joined?.shards.find(({ index }) => index === shard) ?? run;
}

/** The machines of trials, each once; of none that of the run. */
export function machinesOf(run: Run, trials: readonly Pick<TrialLine, "shard">[]): Machine[] {
  const all = trials.length === 0 ? [run] : trials.map((trial) => machineOf(run, trial));
  return [...new Map(all.map((machine) => [machineWords([machine]), machine])).values()];
}

/** `a: AMD EPYC, 2 cores, linux 6.1 x86_64, Deno 2.9.6`; several are of one kind, so hosts stand first. */
export function machineWords(machines: readonly Machine[]): string {
  const [{ environment: { cpu, cores, os, kernel, arch, deno } }] = machines;
  const hosts = [...new Set(machines.map(({ host }) => host))].sort().join(" + ");
  return `${hosts}: ${cpu}, ${cores} cores, ${os} ${kernel} ${arch}, Deno ${deno}`;
}

/** Whether all cells ran on the same machine, or on the same machines of one kind. */
export function areOfOneMachine(
  cells: readonly { readonly machines: readonly Machine[] }[],
): boolean {
  return new Set(cells.map(({ machines }) => machineWords(machines))).size <= 1;
}
