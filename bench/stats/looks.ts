/**
 * When a cell has enough processes. A race looks at its results after fixed numbers of processes and
 * may stop there, so a row has several chances to seem different. The p-values here count them all.
 *
 * Outcomes of all looks are ordered by the p-value that each would have alone. The p-value of an
 * outcome is the chance that a fair coin shows, at any look, an outcome at least as extreme in that
 * order. Whatever makes the race stop, it stops at a look, so this bound holds for every stopping
 * rule. (Stouffer-like "stagewise" orders would give every row unanimous at the first look the p-value
 * of that look for good, however many processes follow.)
 */
import { allowedMisses } from "./intervals.ts";

/** The numbers of processes after which a race looks at a cell. */
export const LOOKS: readonly number[] = [6, 10, 14, 20];

/** With more contenders than this a cell is not looked at before 10 processes: no winner of them can be claimed by 6. */
export const FEW_CONTENDERS = 4;

/** The looks of a cell of that many contenders that may have up to `most` processes. */
export function looksOf(most: number, contenders: number): number[] {
  const first = contenders > FEW_CONTENDERS ? 10 : LOOKS[0];
  return [...new Set([...LOOKS.filter((look) => look >= first && look < most), most])];
}

/**
 * The chance that fair signs show, at one of `looks` (ascending), a two-sided p-value of at most
 * `cutoff`: what a claim by that cutoff really risks. With one look it is the sign test's.
 *
 * ```ts
 * import { chanceAtAnyLook } from "./looks.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(chanceAtAnyLook([10], 2 / 2 ** 10), 2 / 2 ** 10);
 * assertEquals(chanceAtAnyLook([6, 10], 2 / 2 ** 10), 2 / 2 ** 10); // unanimous at 10 includes at 6
 * assertEquals(chanceAtAnyLook([6, 10], 2 / 2 ** 6) > 2 / 2 ** 6, true);
 * ```
 */
export function chanceAtAnyLook(looks: readonly number[], cutoff: number): number {
  if (cutoff >= 1) return 1;
  const allowed = new Map(looks.map((look) => [look, allowedMisses(look, cutoff)]));
  const most = Math.max(...looks);
  // chance[heads]: of the paths that have shown no such outcome yet.
  let chance = [1], found = 0;
  for (let n = 1; n <= most; n++) {
    const next = new Array<number>(n + 1).fill(0);
    chance.forEach((value, heads) => {
      next[heads] += value / 2;
      next[heads + 1] += value / 2;
    });
    const misses = allowed.get(n);
    if (misses !== undefined) {
      next.forEach((value, heads) => {
        if (Math.min(heads, n - heads) > misses) return;
        found += value;
        next[heads] = 0;
      });
    }
    chance = next;
  }
  return found;
}
