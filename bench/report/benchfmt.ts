/** Runs in the Go benchmark format, which `benchstat` reads. */
import { machineWords } from "../summary/machines.ts";
import { type CellSummary, isContender, type Summary, timingOf } from "../summary/summary.ts";
import type { Labelled } from "./labelled.ts";
import { clean } from "./words.ts";

/** A line for each process, configuration lines before each file and each machine of it. */
export function benchfmtOf(files: readonly Labelled[]): string {
  const units = "Unit ns/op assume=nothing\nUnit B/slot assume=exact\n\n";
  const blocks = files.flatMap(({ summary }) => {
    const groups = Map.groupBy(summary.cells, ({ machines }) => machineWords(machines));
    return [...groups.values()].map((cells) => configOf(summary, cells[0]) + linesOf(cells));
  });
  return units + blocks.join("\n");
}

/** What Go calls an architecture. */
const GOARCH: ReadonlyMap<string, string> = new Map([["x86_64", "amd64"], ["aarch64", "arm64"]]);

function configOf({ run, path }: Summary, { machines }: CellSummary): string {
  const [{ environment: { os, arch, cpu, kernel, deno, v8 } }] = machines;
  const config: readonly (readonly [string, string])[] = [
    ["goos", os],
    ["goarch", GOARCH.get(arch) ?? arch],
    ["pkg", "memslot-race"],
    ["cpu", cpu],
    ["host", machines.map(({ host }) => host).join(" + ")],
    ["kernel", kernel],
    ["deno", deno],
    ["v8", v8],
    ["commit", run.commit],
    ["run", path],
  ];
  return config.map(([key, value]) => [key, clean(value).replace(/\s+/g, " ").trim()])
    .filter(([, value]) => value !== "").map(([key, value]) => `${key}: ${value}\n`).join("");
}

function linesOf(cells: readonly CellSummary[]): string {
  return cells.flatMap(({ cell, entries }) =>
    entries.filter(isContender).flatMap((entry) => {
      const timing = timingOf(entry), bytes = entry.probe?.liveBytesPerSlot;
      if (timing === null) return [];
      const keys = {
        layout: cell.layout,
        slots: cell.slots,
        origin: cell.originGfn,
        ...cell.mix !== undefined && { mix: cell.mix },
        contender: entry.name,
        condition: cell.condition,
        last_used: cell.lastUsed,
        ...cell.engine !== "deno" && { engine: cell.engine },
      };
      const parts = Object.entries(keys).map(([key, value]) => `/${key}=${nameWord(value)}`);
      const name = `Benchmark${camel(cell.workload)}${parts.join("")}`;
      const memory = bytes === undefined ? "" : `\t${bytes} B/slot`;
      return timing.nsByProcess.flatMap((ns, p) =>
        Number.isFinite(ns)
          ? [`${name}\t${timing.stepsByProcess[p]}\t${Number(ns.toPrecision(7))} ns/op${memory}\n`]
          : []
      );
    })
  ).join("");
}

/** `find_uniform` as `FindUniform`: what follows Benchmark must not begin in lower case. */
function camel(name: string): string {
  return name.split(/[^\p{L}\p{N}]+/u).map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}

/** No white space, and no slash: they end a name, or a part of it. */
function nameWord(value: string | number): string {
  return clean(String(value)).replace(/[\s/=]+/g, "_");
}
