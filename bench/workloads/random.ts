import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A seeded source of numbers: the same seed and words give the same numbers on every machine. */
export interface Random {
  /** An integer in [min, max], both inclusive. */
  int(min: number, max: number): number;
  /** A number in [0, 1). */
  unit(): number;
  /** Reorders `items` in place and gives them back (Fisher-Yates). */
  shuffle<T>(items: T[]): T[];
}

/** The stream that `seed` and `words` name; other words give an unrelated stream. */
export function random(seed: number, ...words: readonly (string | number)[]): Random {
  const rng = xoroshiro128plus(hash(`${seed}/${words.join("/")}`));
  const int = (min: number, max: number) => uniformInt(rng, min, max);
  return {
    int,
    unit: () => uniformFloat64(rng),
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = int(0, i);
        [items[i], items[j]] = [items[j], items[i]];
      }
      return items;
    },
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  }
  return state | 0;
}
