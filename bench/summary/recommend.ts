/**
 * Which index for a mix of operations, from the cells of a race. The functions here are
 * self-contained: the page of `deno task report` carries their very source text.
 *
 * The time of a mix is a sum: the share of lookups times their ns, the share of ranges times theirs, and so on. What one
 * operation does to the next (warm caches, deferred work) is not in a sum; a race of the mix is.
 *
 * 1) Each process of the race has its own ns for each part, interpolated between the nearest two slot
 *    counts in ln(slots), ln(ns); their weighted sum is that process's ns an operation.
 * 2) Contenders are compared process by process, so what all shared divides out. The interval is that
 *    of the sign test: from the rank-th smallest to the rank-th largest ratio.
 */

/** Shares of operations, each at least 0; they need not add up to 100. */
export interface Mix {
  /** Lookups that find a slot. */
  readonly find: number;
  /** Lookups that fall into a hole (MMIO). */
  readonly miss: number;
  /** Ranges over 8 slots. */
  readonly range: number;
  /** Changes: a slot erased and inserted elsewhere. */
  readonly change: number;
}

/** One contender's times in one cell. */
export interface MixCell {
  /** What the cell measures a step of; `half misses` is find_misses, every second of which misses. */
  readonly part: "find" | "half misses" | "range" | "change";
  /** The cell in words. */
  readonly words: string;
  /** The number of slots. */
  readonly slots: number;
  /** ns a step of each process by contender; NaN or null where a process measured none. */
  readonly ns: readonly { readonly name: string; readonly ns: readonly (number | null)[] }[];
}

/** A contender's place for a mix. */
export interface Recommended {
  readonly name: string;
  /** ns an operation: the median over processes. */
  readonly ns: number;
  /** Its ns over those of the first: median over processes; 1 for the first. */
  readonly ratio: number;
  /** The interval of `ratio`. */
  readonly low: number;
  /** The interval of `ratio`. */
  readonly high: number;
  /** `level`: the interval holds 1, or the ratio is within 5 %. */
  readonly is: "first" | "level" | "slower";
}

/** A ranking, or why there is none. */
export interface Recommendation {
  readonly ranking: readonly Recommended[];
  /** The cells it rests on, in words. */
  readonly cells: readonly string[];
  /** What a reader must know: a slot count outside of those raced, a part that no cell measures. */
  readonly warnings: readonly string[];
}

/**
 * Ranks the contenders that have times in all cells that the mix needs. `rankOf(n)` is the rank of
 * the interval of n processes (see stats/intervals.ts).
 */
export function recommend(
  cells: readonly MixCell[],
  { mix, slots }: { mix: Mix; slots: number },
  rankOf: (n: number) => number,
): Recommendation {
  const total = mix.find + mix.miss + mix.range + mix.change;
  if (!(total > 0)) return { ranking: [], cells: [], warnings: ["The mix has no operation."] };
  const needed = partsNeeded(mix);
  const used = needed.map((part) => nearestCells(cells, part, slots));
  const warnings = mixWarnings(needed, used, slots);
  if (used.some((near) => near.length === 0)) return { ranking: [], cells: [], warnings };
  const names = used[0][0].ns.map(({ name }) => name);
  const times = names.map((name) => {
    const parts = used.map((near) => interpolatedNs(near, name, slots));
    const of = (part: MixCell["part"], p: number) => parts[needed.indexOf(part)]?.[p] ?? NaN;
    const processes = Math.max(0, ...parts.map((part) => part.length));
    const ns = Array.from({ length: processes }, (_, p) => {
      const find = mix.find + mix.miss > 0 ? of("find", p) : 0;
      // Half of the lookups of find_misses hit: a miss alone is twice its time less that of a hit.
      const miss = mix.miss > 0 ? Math.max(0, 2 * of("half misses", p) - find) : 0;
      const range = mix.range > 0 ? of("range", p) : 0,
        change = mix.change > 0 ? of("change", p) : 0;
      return (mix.find * find + mix.miss * miss + mix.range * range + mix.change * change) / total;
    });
    return { name, ns };
  }).filter(({ ns }) => ns.some(Number.isFinite));
  return {
    ranking: rankedTimes(times, rankOf),
    cells: used.flatMap((near) => near.map(({ words }) => words)),
    warnings,
  };
}

/** The parts that the mix needs cells for. */
export function partsNeeded(mix: Mix): MixCell["part"][] {
  return [
    ...mix.find + mix.miss > 0 ? ["find" as const] : [],
    ...mix.miss > 0 ? ["half misses" as const] : [],
    ...mix.range > 0 ? ["range" as const] : [],
    ...mix.change > 0 ? ["change" as const] : [],
  ];
}

/** The cell of that many slots, or the two around it; the nearest one beyond the ends. */
export function nearestCells(
  cells: readonly MixCell[],
  part: MixCell["part"],
  slots: number,
): MixCell[] {
  const own = cells.filter((cell) => cell.part === part).sort((a, b) => a.slots - b.slots);
  const above = own.findIndex((cell) => cell.slots >= slots);
  if (above === -1) return own.slice(-1);
  return above === 0 || own[above].slots === slots ? [own[above]] : [own[above - 1], own[above]];
}

/** What the nearest cells leave open. */
export function mixWarnings(
  needed: readonly MixCell["part"][],
  used: readonly (readonly MixCell[])[],
  slots: number,
): string[] {
  return needed.flatMap((part, i) => {
    const near = used[i];
    if (near.length === 0) return [`No cell of this race measures ${part}.`];
    if (near.length > 1 || near[0].slots === slots) return [];
    const which = near[0].slots < slots ? "most" : "fewest";
    return [`For ${part}, ${near[0].slots} slots are the ${which} raced: used as they are.`];
  });
}

/** ns of each process at `slots`, on the straight line in logs between the cells. */
export function interpolatedNs(near: readonly MixCell[], name: string, slots: number): number[] {
  const rows = near.map((cell) => cell.ns.find((row) => row.name === name)?.ns ?? []);
  const [first, last] = [near[0], near[near.length - 1]];
  const share = first === last
    ? 0
    : Math.log(slots / first.slots) / Math.log(last.slots / first.slots);
  return rows[0].map((ns, p) => {
    const other = rows[rows.length - 1][p];
    if (ns === null || other === null || other === undefined) return NaN;
    return Math.exp((1 - share) * Math.log(ns) + share * Math.log(other));
  });
}

/** Ranks by median, each beside the first by its own ratios. */
export function rankedTimes(
  times: readonly { readonly name: string; readonly ns: readonly number[] }[],
  rankOf: (n: number) => number,
): Recommended[] {
  const sorted = (values: readonly number[]) =>
    values.filter(Number.isFinite).sort((a, b) => a - b);
  const median = (ascending: readonly number[]) => {
    const middle = ascending.length >> 1;
    return ascending.length % 2 === 1
      ? ascending[middle]
      : (ascending[middle - 1] + ascending[middle]) / 2;
  };
  const rows = times.map(({ name, ns }) => ({ name, all: ns, ns: median(sorted(ns)) }))
    .sort((a, b) => a.ns - b.ns);
  return rows.map(({ name, all, ns }, i): Recommended => {
    const ratios = sorted(all.map((value, p) => value / rows[0].all[p])), n = ratios.length;
    if (i === 0 || n === 0) return { name, ns, ratio: 1, low: 1, high: 1, is: "first" };
    const rank = rankOf(n), low = ratios[rank - 1], high = ratios[n - rank], ratio = median(ratios);
    return { name, ns, ratio, low, high, is: low <= 1 || ratio <= 1.05 ? "level" : "slower" };
  });
}

/** All functions of this file by name, for a page that carries their source. */
export const RECOMMEND_FUNCTIONS: readonly ((...args: never[]) => unknown)[] = [
  recommend,
  partsNeeded,
  nearestCells,
  mixWarnings,
  interpolatedNs,
  rankedTimes,
];
