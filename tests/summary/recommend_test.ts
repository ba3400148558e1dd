import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type MixCell, recommend, RECOMMEND_FUNCTIONS } from "../../bench/summary/recommend.ts";
import { signInterval } from "../../bench/stats/intervals.ts";

const PROCESSES = 10;
const rankOf = (n: number) => signInterval(Array.from({ length: n }, (_, i) => i)).rank;

/** A cell in which each contender takes its ns in every process, but for a common drift. */
function cell(part: MixCell["part"], slots: number, ns: Record<string, number>): MixCell {
  const rows = Object.entries(ns).map(([name, value]) => ({
    name,
    ns: Array.from({ length: PROCESSES }, (_, p) => value * (1 + p / 100)),
  }));
  return { part, words: `${part} at ${slots}`, slots, ns: rows };
}

const CELLS = [
  cell("find", 10, { array: 20, tree: 10 }),
  cell("find", 1000, { array: 40, tree: 30 }),
  cell("half misses", 10, { array: 30, tree: 11 }),
  cell("range", 10, { array: 20, tree: 40 }),
  cell("change", 10, { array: 100, tree: 50 }),
];
const mix = { find: 0, miss: 0, range: 0, change: 0 };

Deno.test("recommend: ns of a mix are the weighted sum of its parts, per cent or not", () => {
  const { ranking, cells } = recommend(
    CELLS,
    { mix: { ...mix, find: 1, range: 2, change: 1 }, slots: 10 },
    rankOf,
  );
  assertEquals(ranking.map(({ name }) => name), ["tree", "array"]);
  assertAlmostEquals(ranking[0].ns, (10 + 2 * 40 + 50) / 4 * 1.045, 1e-9);
  assertAlmostEquals(ranking[1].ratio, 40 / 35, 1e-9);
  assertEquals([ranking[0].is, ranking[1].is], ["first", "slower"]);
  assertEquals(cells, ["find at 10", "range at 10", "change at 10"]);
});

Deno.test("recommend: a miss is what find_misses takes beyond its hits", () => {
  const { ranking } = recommend(CELLS, { mix: { ...mix, miss: 100 }, slots: 10 }, rankOf);
  assertAlmostEquals(ranking[0].ns, (2 * 11 - 10) * 1.045, 1e-9);
});

Deno.test("recommend: ranges and misses of other slot counts differ as lookups do", () => {
  const at1000 = (shares: Partial<typeof mix>) =>
    recommend(CELLS, { mix: { ...mix, ...shares }, slots: 1000 }, rankOf);
  const range = at1000({ range: 1 }), miss = at1000({ miss: 1 });
  // A lookup takes 20 ns more at 1000 slots than at 10.
  assertAlmostEquals(range.ranking[0].ns, (20 + 20) * 1.045, 1e-9);
  assertAlmostEquals(miss.ranking[0].ns, (2 * 11 - 10 + 20) * 1.045, 1e-9);
  assertEquals(range.warnings, [
    "For range, 10 slots are the most raced: moved by the difference of a lookup.",
  ]);
  const alone = recommend(CELLS.slice(3, 4), { mix: { ...mix, range: 1 }, slots: 99 }, rankOf);
  assertAlmostEquals(alone.ranking[0].ns, 20 * 1.045, 1e-9);
});

Deno.test("recommend: says what its cells do not measure", () => {
  const note = "A note.", cells = [{ ...cell("change", 10, { array: 20, tree: 10 }), note }];
  assertEquals(recommend(cells, { mix: { ...mix, change: 1 }, slots: 10 }, rankOf).warnings, [
    note,
  ]);
});

Deno.test("recommend: between two slot counts lies the straight line in logs", () => {
  const { ranking, cells } = recommend(CELLS, { mix: { ...mix, find: 1 }, slots: 100 }, rankOf);
  assertAlmostEquals(ranking[0].ns, Math.sqrt(10 * 30) * 1.045, 1e-9);
  assertEquals(cells, ["find at 10", "find at 1000"]);
});

Deno.test("recommend: says what it cannot know", () => {
  const beyond = recommend(CELLS, { mix: { ...mix, find: 1 }, slots: 5000 }, rankOf);
  assertEquals(beyond.warnings, [
    "For find, 1000 slots are the most raced: used as they are.",
  ]);
  const none = recommend(CELLS.slice(0, 2), { mix: { ...mix, change: 1 }, slots: 10 }, rankOf);
  assertEquals([none.ranking, none.warnings], [[], ["No cell of this race measures change."]]);
  assertEquals(recommend(CELLS, { mix, slots: 10 }, rankOf).warnings.length, 1);
});

Deno.test("recommend: contenders within noise or 5 % of the first are level with it", () => {
  const cells = [cell("find", 10, { array: 20, tree: 20.5 })];
  const { ranking } = recommend(cells, { mix: { ...mix, find: 1 }, slots: 10 }, rankOf);
  assertEquals(ranking.map(({ is }) => is), ["first", "level"]);
});

Deno.test("RECOMMEND_FUNCTIONS: their source text works by itself, as the page carries it", () => {
  const source = `${RECOMMEND_FUNCTIONS.map(String).join("\n")}\nreturn recommend;`;
  const alone = new Function(source)() as typeof recommend;
  const question = { mix: { ...mix, find: 95, range: 4, change: 1 }, slots: 10 };
  assertEquals(alone(CELLS, question, rankOf), recommend(CELLS, question, rankOf));
});
