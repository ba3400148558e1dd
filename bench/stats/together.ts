/**
 * Items whose tests are judged together, because each claim is corrected for the number of them all.
 * Items and outcomes must not be matched by position: an item without a test would shift the rest.
 */

/** What judging gave: the whole, and `of`, the outcome of one item. */
export type Together<Item, Whole extends Judging> = Whole & {
  /** The outcome of `item`; undefined where it had no test. */
  of(item: Item): Whole["each"][number] | undefined;
};

/** The outcome of several tests: `each` has one for each test, in order. */
export interface Judging {
  readonly each: readonly unknown[];
}

/**
 * Judges all `items` that have a test, together. `items` are told apart by identity.
 *
 * ```ts
 * import { together } from "./together.ts";
 * import { benjaminiHochberg } from "./multiple.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = [{ p: 0.01 }, { p: null }, { p: 0.9 }];
 * const { of, tests } = together(rows, ({ p }) => p, benjaminiHochberg);
 * assertEquals(rows.map((row) => of(row)?.isRejected), [true, undefined, false]);
 * assertEquals(tests, 2);
 * ```
 */
export function together<Item, Test, Whole extends Judging>(
  items: Iterable<Item>,
  testOf: (item: Item) => Test | null | undefined,
  judgeAll: (tests: readonly Test[]) => Whole,
): Together<Item, Whole> {
  const places = new Map<Item, number>(), tests: Test[] = [];
  for (const item of items) {
    const test = testOf(item);
    if (test !== null && test !== undefined) places.set(item, tests.push(test) - 1);
  }
  const whole = judgeAll(tests);
  return {
    ...whole,
    of(item) {
      const at = places.get(item);
      return at === undefined ? undefined : whole.each[at];
    },
  };
}
