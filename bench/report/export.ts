/** Results for other tools: CSV with every field, and the Go benchmark format for `benchstat`. */
import { timingOf } from "../summary/growth.ts";
import type { Labelled } from "./grid.ts";
import { verdictWords } from "../stats/verdict.ts";
import {
  type CellSummary,
  type EntrySummary,
  isContender,
  type Summary,
} from "../summary/summary.ts";
import type { RunVersus } from "../summary/versus.ts";

type Field = string | number | boolean | null | undefined;

/** A file, and how it compares with the first. */
export interface Compared extends Labelled {
  /** Null for the first. */
  readonly versus: RunVersus | null;
}

/** One row for each file, cell and entry (twin and floor included), with every field. */
export function csvOf(files: readonly Compared[]): string {
  const records = files.flatMap((file) =>
    file.summary.cells.flatMap((cell) => cell.entries.map((entry) => recordOf(file, cell, entry)))
  );
  const names = Object.keys(records[0] ?? {});
  const rows = records.map((record) => names.map((name) => csvField(record[name])));
  return [names, ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

function recordOf(
  { label, summary, versus }: Compared,
  { cell, unit }: CellSummary,
  entry: EntrySummary,
): Record<string, Field> {
  const { run, path, base } = summary, { environment } = run, { result, probe } = entry;
  const timing = timingOf(entry), judged = result.kind === "timed" ? result.judged : null;
  const against = versus?.rows.find((row) => row.cell === cell && row.contender === entry.name);
  return {
    file: label,
    path,
    started_at: run.startedAt,
    host: run.host,
    cpu: environment.cpu,
    os: environment.os,
    arch: environment.arch,
    kernel: environment.kernel,
    deno: environment.deno,
    v8: environment.v8,
    commit: run.commit,
    seed: run.seed,
    workload: cell.workload,
    layout: cell.layout,
    slots: cell.slots,
    origin_gfn: cell.originGfn,
    condition: cell.condition,
    last_used: cell.lastUsed ?? "off",
    unit,
    contender: entry.name,
    role: entry.role,
    base,
    outcome: result.kind === "timed" ? "ok" : result.kind,
    words: result.kind === "timed" ? "" : result.words,
    ns_per_step: timing?.nsPerStep,
    ratio: entry.isBase ? 1 : judged?.ratio?.point,
    ratio_low: judged?.ratio?.low,
    ratio_high: judged?.ratio?.high,
    ratio_level: judged?.ratio?.level,
    verdict: judged ? verdictWords(judged.verdict) : "",
    p_value: judged?.pValue,
    adjusted_p_value: judged?.adjustedPValue,
    undisturbed_ratio: timing?.undisturbedRatio,
    times_floor: timing?.timesFloor,
    processes: timing?.processes,
    rounds: timing?.rounds,
    few_blocks: timing?.fewBlocks,
    live_bytes_per_slot: probe?.liveBytesPerSlot,
    allocated_bytes_per_step: probe?.allocatedBytesPerStep,
    build_ns_per_slot_sorted: probe?.buildNsPerSlotSorted,
    build_ns_per_slot_shuffled: probe?.buildNsPerSlotShuffled,
    loop_tier: probe?.loopTier,
    index_tier: probe?.indexTier,
    deopts: probe?.deopts,
    ns_over_first: against?.absolute?.point,
    ns_over_first_low: against?.absolute?.low,
    ns_over_first_high: against?.absolute?.high,
    ratio_over_first: against?.relative?.point,
    ratio_over_first_low: against?.relative?.low,
    ratio_over_first_high: against?.relative?.high,
    verdict_over_first: against?.verdict,
  };
}

/** RFC 4180; a text that a spreadsheet would take for a formula is made plain. */
function csvField(field: Field): string {
  if (field === null || field === undefined || Number.isNaN(field)) return "";
  if (typeof field !== "string") return String(field);
  const plain = /^[=+\-@\t]/.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** The Go benchmark format: a line for each process, configuration lines before each file. */
export function benchfmtOf(files: readonly Labelled[]): string {
  const units = "Unit ns/op assume=nothing\nUnit B/slot assume=exact\n\n";
  return units + files.map(({ summary }) => configOf(summary) + linesOf(summary)).join("\n");
}

const GOARCH: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

function configOf({ run, path }: Summary): string {
  const { os, arch, cpu, kernel, deno, v8 } = run.environment;
  const config: readonly (readonly [string, string])[] = [
    ["goos", os],
    ["goarch", GOARCH[arch] ?? arch],
    ["pkg", "memslot-race"],
    ["cpu", cpu],
    ["host", run.host],
    ["kernel", kernel],
    ["deno", deno],
    ["v8", v8],
    ["commit", run.commit],
    ["run", path],
  ];
  return config.filter(([, value]) => value !== "")
    .map(([key, value]) => `${key}: ${oneLine(value)}\n`).join("");
}

function linesOf({ cells }: Summary): string {
  return cells.flatMap(({ cell, entries }) =>
    entries.filter(isContender).flatMap((entry) => {
      const timing = timingOf(entry), bytes = entry.probe?.liveBytesPerSlot;
      if (timing === null) return [];
      const keys = {
        layout: cell.layout,
        slots: cell.slots,
        origin: cell.originGfn,
        contender: entry.name,
        condition: cell.condition,
        last_used: cell.lastUsed ?? "off",
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
  return String(value).replace(/[\s/=]+|\p{Cc}+/gu, "_");
}

function oneLine(value: string): string {
  return value.replace(/[\s\p{Cc}]+/gu, " ").trim();
}
