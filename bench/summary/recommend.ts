/**
 * Which index for a mix of operations, from the cells of a race. The functions here are
 * self-contained: the page of `deno task report` carries their very source text.
 *
 * The time of a mix is a sum: the share of lookups times their ns, the share of ranges times theirs, and
 * so on. What one operation does to the next (warm caches, deferred work) is not in a sum; a race of the
 * mix has it, and the cost of a loop that tells operations apart: 1 to 8 ns on ten mixes, by the floor, so
 * that its ratios lie nearer to 1.
 *
 * 1) A miss is twice a step of find_misses, every second of which misses, less a lookup at that slot count.
 * 2) Each process of the race has its own ns for each part, interpolated between the nearest two slot
 *    counts in ln(slots), ln(ns); their weighted sum is that process's ns an operation.
 * 3) Ranges and misses begin with a search, as a lookup is one. Beyond the slot counts at which they were
 *    raced they take what they took at the nearest one, and the difference between a lookup here and
 *    there. Between 10 and 509 slots that halves the errors of taking them as they are.
 * 4) Contenders are compared process by process, so what all shared divides out. The interval is that
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
  /** What must be said of a recommendation that rests on it: a sentence. */
  readonly note?: string;
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
  const measured = withMisses(cells);
  const used = needed.map((part) => nearestCells(measured, part, slots));
  const warnings = mixWarnings(needed, used, slots);
  if (used.some((near) => near.length === 0)) return { ranking: [], cells: [], warnings };
  const names = used[0][0].ns.map(({ name }) => name);
  const times = names.map((name) => {
    const parts = needed.map((part) => partNs(measured, part, { name, slots }));
    const of = (part: MixCell["part"], p: number) => parts[needed.indexOf(part)]?.[p] ?? NaN;
    const processes = Math.max(0, ...parts.map((part) => part.length));
    const ns = Array.from({ length: processes }, (_, p) => {
      const find = mix.find > 0 ? of("find", p) : 0;
      const miss = mix.miss > 0 ? of("half misses", p) : 0;
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

/** The cells, those of half misses with the ns of a miss alone, as far as lookups were raced. */
export function withMisses(cells: readonly MixCell[]): MixCell[] {
  return cells.map((cell) => {
    if (cell.part !== "half misses") return cell;
    const rows = cell.ns.map(({ name, ns }) => {
      const find = partNs(cells, "find", { name, slots: cell.slots });
      const missOf = (half: number | null, p: number) =>
        half === null ? null : Math.max(0, 2 * half - (find[p] ?? NaN));
      return { name, ns: ns.map(missOf) };
    });
    return { ...cell, ns: rows };
  });
}

/** ns of each process for a part at `slots`: see 2) and 3). */
export function partNs(
  cells: readonly MixCell[],
  part: MixCell["part"],
  { name, slots }: { name: string; slots: number },
): number[] {
  const near = nearestCells(cells, part, slots);
  if (near.length === 0) return [];
  const ns = interpolatedNs(near, name, slots), [{ slots: raced }] = near;
  const isSearch = part === "range" || part === "half misses";
  if (!isSearch || near.length > 1 || raced === slots) return ns;
  const here = partNs(cells, "find", { name, slots });
  const there = partNs(cells, "find", { name, slots: raced });
  return ns.map((value, p) => {
    const difference = here[p] - there[p];
    return Number.isFinite(difference) ? Math.max(0, value + difference) : value;
  });
}

/** What the nearest cells leave open. */
export function mixWarnings(
  needed: readonly MixCell["part"][],
  used: readonly (readonly MixCell[])[],
  slots: number,
): string[] {
  return needed.flatMap((part, i) => {
    const near = used[i], what = part === "half misses" ? "misses" : part;
    if (near.length === 0) return [`No cell of this race measures ${what}.`];
    const notes = near[0].note === undefined ? [] : [near[0].note];
    if (near.length > 1 || near[0].slots === slots) return notes;
    const which = near[0].slots < slots ? "most" : "fewest";
    const how = part === "range" || part === "half misses"
      ? "moved by the difference of a lookup"
      : "used as they are";
    return [...notes, `For ${what}, ${near[0].slots} slots are the ${which} raced: ${how}.`];
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

/** The first and those level with it, or the next one: what a race of the mix has to decide. */
export function firstNames(ranking: readonly Recommended[]): string[] {
  const level = ranking.filter(({ is }) => is !== "slower");
  return (level.length > 1 ? level : ranking.slice(0, 2)).map(({ name }) => name);
}

/** All functions of this file by name, for a page that carries their source. */
export const RECOMMEND_FUNCTIONS: readonly ((...args: never[]) => unknown)[] = [
  recommend,
  partsNeeded,
  nearestCells,
  withMisses,
  partNs,
  mixWarnings,
  interpolatedNs,
  rankedTimes,
  firstNames,
];
