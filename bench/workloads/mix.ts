/**
 * Lookups, misses, ranges and changes interleaved in the shares that a user gives: what one operation
 * leaves to the next (deferred work, warm and cold caches, mispredicted branches) is in its time,
 * which no sum of separate workloads has.
 */
import { halfMisses, lookedAt, moveAndBack, type Query, rangeOf, uniformHits } from "./queries.ts";
import type { ChurnFindScript, FindScript, MixScript, RangeScript } from "./script.ts";

/** The operations of a mix. */
export const MIX_OPERATIONS = ["find", "miss", "range", "change"] as const;

/** Shares of operations, each from 0; they need not add up to 1 or 100. */
export type Shares = Readonly<Record<typeof MIX_OPERATIONS[number], number>>;

/** The mix of a guest that mostly faults, and seldom changes its map. */
export const USUAL_MIX = "find=95,range=4,change=1";

/** Slots that a range of a mix touches, or all where there are fewer. */
const RANGE_SLOTS = 8;

/** `find=95,range=4,change=1` as shares. `RangeError`, in one line, for what is no mix. */
export function sharesOf(text: string): Shares {
  const shares = { find: 0, miss: 0, range: 0, change: 0 };
  for (const word of text.split(",")) {
    const [name, share] = word.trim().split("="), value = Number(share);
    const known = MIX_OPERATIONS.find((operation) => operation === name);
    if (known === undefined || !share || !(value >= 0) || !Number.isFinite(value)) {
      throw new RangeError(
        `each part must be one of ${
          MIX_OPERATIONS.join(", ")
        } with a share of at least 0, such as ` +
          `find=95: found ${word.trim() || "nothing"}`,
      );
    }
    shares[known] = value;
  }
  if (MIX_OPERATIONS.some((operation) => shares[operation] > 0)) return shares;
  throw new RangeError("one of its shares must be above 0");
}

/** A mix in one spelling: in per cent of the whole, in the order of `MIX_OPERATIONS`, without zeros. */
export function mixText(shares: Shares): string {
  const total = MIX_OPERATIONS.reduce((sum, operation) => sum + shares[operation], 0);
  return MIX_OPERATIONS.filter((operation) => shares[operation] > 0)
    .map((operation) => `${operation}=${Number((100 * shares[operation] / total).toFixed(4))}`)
    .join(",");
}

/**
 * A script of that mix. Operations come in pairs of one kind, so that a change and the change back stand
 * side by side and every even stretch leaves the map as it was.
 */
export function mixed(shares: Shares): Query<MixScript> {
  return (slots, random, length) => {
    const pairs = Math.ceil(length / 2), drawn = new Array<number>(pairs);
    const total = MIX_OPERATIONS.reduce((sum, operation) => sum + shares[operation], 0);
    for (let i = 0; i < pairs; i++) {
      let roll = random.unit() * total, at = 0;
      while (at < MIX_OPERATIONS.length - 1 && roll >= shares[MIX_OPERATIONS[at]]) {
        roll -= shares[MIX_OPERATIONS[at++]];
      }
      drawn[i] = at;
    }
    const count = (operation: typeof MIX_OPERATIONS[number]) =>
      2 * drawn.filter((at) => MIX_OPERATIONS[at] === operation).length;
    const hits = uniformHits(slots, random, count("find"));
    const misses = missesOf(slots, random, count("miss"));
    const ranges = rangeOf(Math.min(RANGE_SLOTS, slots.length))(slots, random, count("range"));
    const changes = lookedAt(moveAndBack)(slots, random, count("change"));
    if (hits === null || misses === null || ranges === null || changes === null) return null;
    return interleaved(drawn, { hits, misses, ranges, changes });
  };
}

/** Lookups that all miss: those of `halfMisses`, without the hits. */
const missesOf: Query<FindScript> = (slots, random, length) => {
  const gfns: number[] = [];
  while (gfns.length < length) {
    const script = halfMisses(slots, random, Math.max(16, length));
    if (script === null) return null;
    gfns.push(...script.gfns.filter((_, i) => script.answers[i] === null));
  }
  return { kind: "find", length, gfns: gfns.slice(0, length), answers: Array(length).fill(null) };
};

function interleaved(
  drawn: readonly number[],
  { hits, misses, ranges, changes }: {
    hits: FindScript;
    misses: FindScript;
    ranges: RangeScript;
    changes: ChurnFindScript;
  },
): MixScript {
  const taken = [0, 0, 0, 0], operations: number[] = [], at: number[] = [];
  const find = {
    ...hits,
    length: hits.length + misses.length,
    gfns: [...hits.gfns, ...misses.gfns],
    answers: [...hits.answers, ...misses.answers],
  };
  for (const operation of drawn) {
    for (let half = 0; half < 2; half++) {
      const place = taken[operation]++;
      // Hits and misses are one kind of step, misses behind the hits.
      operations.push(Math.max(0, operation - 1));
      at.push(operation === 1 ? hits.length + place : place);
    }
  }
  return { kind: "mix", length: operations.length, operations, at, find, ranges, changes };
}
