/** What a race will do: its cells, its contenders, how often, and which of them share a process. */
import { fileURLToPath } from "node:url";
import type { Source } from "../gate/load.ts";
import { sourceOf } from "../gate/source.ts";
import { LAYOUTS, SLOT_COUNTS } from "../workloads/layouts.ts";
import { GUEST_WORKLOADS, type Key, WORKLOADS } from "../workloads/workloads.ts";
import type { Cell, Shard } from "../record/schema.ts";
import { cellsOfShard, mostShards, shardWords } from "../record/shard.ts";
import { cellsOf, type CellWishes, PlanError } from "./cells.ts";
import { BASELINE, type Changes, CONTENDERS, HVA_CONTENDERS } from "./contenders.ts";
import { LOOPS } from "./loops.ts";

/** What to race, as asked for; what is not said is left to the plan. */
export interface Wishes extends CellWishes {
  /** Names and paths of files. */
  readonly contenders?: readonly string[] | undefined;
  readonly order: Plan["order"];
  /** A name or the path of a file. */
  readonly baseline?: string | undefined;
  /** Processes of each cell, from 1. */
  readonly processes?: number | undefined;
  /** Blocks of each contender in a process, from 1. */
  readonly rounds?: number | undefined;
  /** Per cent of extra work in an entry `planted`; 0 for none. */
  readonly plantPercent: number;
  /** What layouts, scripts and orders are drawn from: an integer from 0. */
  readonly seed: number;
}

/** A contender of a race. */
export interface Entrant extends Source {
  /** The contender of the same race that this one is an earlier commit of. */
  readonly against?: string | undefined;
}

/** What will be raced. */
export interface Plan {
  readonly cells: readonly Cell[];
  /** The baseline is the first. */
  readonly contenders: readonly Entrant[];
  /** Its name. */
  readonly baseline: string;
  /** Processes of each cell, from 1. */
  readonly processes: number;
  /** Blocks of each contender in a process, from 1. */
  readonly rounds: number;
  /** Whether it is indicative only. */
  readonly quick: boolean;
  /** As in `Wishes`. */
  readonly plantPercent: number;
  /** As in `Wishes`. */
  readonly seed: number;
  /** What slots are found by. */
  readonly key: Key;
  /**
   * Entries in an order of each process's own, balanced over rounds; or always as listed, each
   * warmed before the next, to measure what the order does.
   */
  readonly order: "balanced" | "listed";
  /** The part of the race that this is; `cells` are its own. */
  readonly shard?: Shard | undefined;
}

/** A part of the plan, with its own cells. `PlanError` where there is nothing for it to race. */
export function shardOf(plan: Plan, { index, of, by }: Pick<Shard, "index" | "of" | "by">): Plan {
  const most = mostShards(by, plan), shard = { index, of, by, cells: [...plan.cells] };
  if (of <= most) return { ...plan, cells: cellsOfShard(shard), shard };
  const parts = by === "cell"
    ? `${most} cells (variants of a cell stay together)`
    : `${plan.processes} processes, which stay in pairs`;
  throw new PlanError(
    `Cannot race shard ${shardWords(shard)} as each shard must have something to race: there are ` +
      `${parts}. Take at most ${most} shards`,
  );
}

/** Makes the plan. `PlanError` or `SourceError` for what is unknown or cannot be raced. */
export function planRace(wishes: Wishes): Plan {
  const { quick, plantPercent, seed, key, order, processes, rounds } = wishes;
  const contenders = contendersOf(wishes);
  return {
    cells: cellsOf(wishes),
    contenders,
    baseline: contenders[0].name,
    processes: processes ?? (quick ? 3 : 10),
    rounds: rounds ?? 24,
    ...{ quick, plantPercent, seed, key, order },
  };
}

/** The baseline and the others, each once. */
function contendersOf({ key, quick, contenders, baseline }: Wishes): Source[] {
  const known = namesBy(key);
  const usual = key === "gfn" ? BASELINE : known[0];
  const names = contenders ?? known.filter((name) => !quick || key !== "gfn" || LOOPS.has(name));
  const words = [...new Set([baseline ?? usual, ...names])];
  const sources = words.map((word) => sourceOf(word, { known, action: "race" }));
  const byName = new Map<string, Source>();
  for (const source of sources) {
    const other = byName.get(source.name);
    if (other !== undefined && other.url !== source.url) {
      throw new PlanError(
        `Cannot race two entries named ${source.name}: rename one of ${
          [other, source].map(({ url }) => fileURLToPath(url)).join(" and ")
        }`,
      );
    }
    byName.set(source.name, source);
  }
  return [...byName.values()];
}

function namesBy(key: Key): string[] {
  return (key === "gfn" ? CONTENDERS : HVA_CONTENDERS).map(({ name }) => name);
}

/** Entries that share a process: of a cell there is a trial of each group in each process. */
export interface Group {
  /** The contender of a file that is not registered: it races beside the baseline alone; or null. */
  readonly outside: string | null;
  /** The baseline first. */
  readonly contenders: readonly Entrant[];
  /** Whether it is the first: the one in which what a cell has once runs. */
  readonly isFirst: boolean;
}

/**
 * The groups of a plan: registered contenders together, and each file of a user's apart, as its code
 * can change what all entries of a process share.
 */
export function groupsOf({ contenders, key }: Pick<Plan, "contenders" | "key">): Group[] {
  const [baseline, ...rivals] = contenders;
  const together = rivals.filter((source) => isRegistered(source, key));
  const apart = rivals.filter((source) => !together.includes(source));
  const home = together.length > 0 || apart.length === 0 ? [together] : [];
  return [...home, ...apart.map((source) => [source])].map((sources, i) => ({
    outside: i < home.length ? null : sources[0].name,
    contenders: [baseline, ...sources],
    isFirst: i === 0,
  }));
}

/** Whether it is a contender of the project, of today or another commit, not the file of a user's. */
export function isRegistered({ name, url, against }: Entrant, key: Key): boolean {
  if (against !== undefined) return true;
  const known = namesBy(key);
  return known.includes(name) && url === sourceOf(name, { known, action: "race" }).url;
}

type ListRow = { readonly name: string; readonly summary: string; readonly changes?: Changes };

/** The lists that `--list` prints: names and what they are. */
export function listAll(): string {
  const rows = (title: string, all: readonly ListRow[]) => [
    `${title}:`,
    ...all.map(({ name, changes, summary }) => {
      return `  ${name.padEnd(22)} ${
        changes === undefined ? "" : `${changes.padEnd(9)} `
      }${summary}`;
    }),
  ];
  return [
    ...rows("contenders, and how they take a change", CONTENDERS),
    ...rows("contenders by user memory (--key hva)", HVA_CONTENDERS),
    ...rows("workloads", WORKLOADS),
    ...rows("workloads of your own guest", GUEST_WORKLOADS),
    ...rows("layouts", LAYOUTS),
    `slot counts: ${SLOT_COUNTS.join(", ")}, or any that the layout allows`,
  ].join("\n");
}
