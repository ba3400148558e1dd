import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { raceBlocks } from "../../bench/report/race_report.ts";
import { textOf } from "../../bench/report/text.ts";
import { summarize } from "../../bench/summary/summary.ts";
import { cell, type Race, raceFile } from "../support/result_model.ts";

const NS = {
  sorted_array: 40,
  rb_tree: ({ slots }: { slots: number }) => slots === 10 ? 30 : 60,
  npm_functional_red_black_tree: 80,
};

function tableOf(race: Partial<Race>, screen = { width: 80, color: false }): string {
  return textOf(raceBlocks(summarize(raceFile(race))), screen);
}

Deno.test("raceBlocks: a small run, in full", () => {
  const table = tableOf({
    ns: NS,
    cells: [cell({ slots: 10 }), cell()],
    luck: 0,
    more: [{
      kind: "gate",
      engine: "deno",
      isLoaded: true,
      name: "lost",
      outcome: { kind: "wrong", words: "lost gave null for gfn 0x10: slot 3 holds it" },
    }],
  });
  assertEquals(table, GOLDEN);
});

const GOLDEN = `race.jsonl: 2026-01-01T00:00:00Z on track, Model CPU, 4 cores, linux 6.1
  x86_64
Deno 2.9.6, V8 15.0, commit 0123abc, seed 1, 8 processes, 20 rounds

find_uniform, scattered, 10 slots from gfn 2^20, solo: ns a lookup
                                                   times
contender               ns  ratio  interval        floor  verdict
rb_tree               30.0  0.750  [0.750, 0.750]   15.0  faster
sorted_array          40.0      1                   20.0  baseline
npm_functional_red_   80.0  2.000  [2.000, 2.000]   40.0  slower
  black_tree
lost                                                      WRONG (1)
floor                 2.00                                the loop alone

find_uniform, scattered, 509 slots from gfn 2^20, solo: ns a lookup
                                                   times
contender               ns  ratio  interval        floor  verdict
sorted_array          40.1      1                   20.0  baseline
rb_tree               60.2  1.500  [1.500, 1.500]   30.0  slower
npm_functional_red_   80.3  2.000  [2.000, 2.000]   40.0  slower
  black_tree
lost                                                      WRONG (1)
floor                 2.01                                the loop alone

Geometric mean of the ratio to sorted_array over 2 cells: lookups, solo
contender                       mean  interval        level   verdict
rb_tree                        1.061  [1.061, 1.061]  99.2 %  slower
npm_functional_red_black_tree  2.000  [2.000, 2.000]  99.2 %  slower

Growth of find_uniform, scattered from gfn 2^20, solo: ns ~ slots^e over 10, 509
slots
contender                         e  interval       level   between neighbours
sorted_array                   0.00  [-0.01, 0.01]  99.2 %  0.00
rb_tree                        0.18  [0.17, 0.18]   99.2 %  0.18
npm_functional_red_black_tree  0.00  [-0.01, 0.01]  99.2 %  0.00

Crossovers with sorted_array: find_uniform, scattered from gfn 2^20, solo, 10 to
509 slots
rb_tree stops winning against sorted_array between 10 and 509 slots, near 51
npm_functional_red_black_tree loses at every slot count raced

Fastest: scattered from gfn 2^20, solo, unless a row says otherwise
                                               not separated ~
                   slots  fastest       ratio  or within 5 %
find_uniform          10  rb_tree       0.750  -
find_uniform         509  sorted_array  1.000  -
mean of 2 lookups         sorted_array  1.000  -

ratio is to sorted_array. Behind a name stands its time over that of the
  fastest, paired with it in the same rounds. The fastest is chosen by the same
  times, so the p-value of each rival counts every contender that could have
  been the fastest, and all contests are corrected together (Benjamini-Hochberg,
  5 %). Every contender not listed is significantly slower.

Checks: a row that fails one is not valid, and no other row is concerned
A/A: the baseline and its identical twin differ by 0 % in the median of 2
  cells, and would be called different in 0 of them
every row had settled, and no check failed
load: at most 1.00 on 4 cores
preemptions, as the kernel counts them: 3 in the median trial

Notes
(1) lost gave null for gfn 0x10: slot 3 holds it
Ratios are to sorted_array: above 1 is slower. Each is paired inside rounds
  and processes; its interval is across processes.
Claims: 4 of 4 comparisons. Sign tests over processes for a shift beyond 0.5 %
  (faster, slower) or within 2 % (equal), each corrected for the number of
  comparisons (Benjamini-Hochberg): of such claims at most 5 % are expected to
  be false.
Intervals of claimed differences are widened to 95 % so that, of those shown,
  at most 5 % are expected to miss; others are at least 95 % each, or as stated.
`;

Deno.test("raceBlocks: no line is wider than the screen, at 80 and at 120 columns", () => {
  for (const width of [80, 120]) {
    const table = tableOf({ ns: NS, cells: [cell({ slots: 10 }), cell()] }, {
      width,
      color: false,
    });
    for (const line of table.split("\n")) assert(line.length <= width, line);
  }
});

Deno.test("raceBlocks: colours only where they are asked for, and they change no word", () => {
  const plain = tableOf({}), colored = tableOf({}, { width: 80, color: true });
  assert(!plain.includes("\x1b"));
  assert(colored.includes("\x1b[32m"));
  // deno-lint-ignore no-control-regex -- this is what it looks for
  assertEquals(colored.replace(/\x1b\[\d+m/g, ""), plain);
});

Deno.test("raceBlocks: what is not valid says so in its rows, and why once", () => {
  const table = tableOf({ twin: 1.05, cells: [cell(), cell({ slots: 10 })] });
  assertEquals(table.match(/not valid \(1\)/g)?.length, 4);
  assertEquals(table.match(/^\(1\) The baseline and its identical twin/gm)?.length, 1);
  assertMatch(table, /^THE WHOLE RUN IS NOT VALID\. The baseline and its identical twin/m);
});

Deno.test("raceBlocks: under a quick run, looks and no claims", () => {
  const table = tableOf({ processes: 3, quick: true });
  assertStringIncludes(table, "looks slower");
  assertStringIncludes(table, "Claims: 0 of 2 comparisons");
  assertStringIncludes(table, "Intervals of 3 processes have a level of 75 %");
});

Deno.test("raceBlocks: names from a file cannot steer the terminal", () => {
  const table = tableOf({ ns: { sorted_array: 40, "evil\x1b[2J": 41 } });
  assert(!table.includes("\x1b"));
});
