import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMPARE } from "../../bench/cli/compare.ts";
import { captured } from "../support/captured.ts";
import { COVER_LETTER } from "../../bench/report/cover_letter.ts";
import { likeSlots } from "../../bench/report/shape_tables.ts";
import type { Cell } from "../../bench/record/schema.ts";
import { cell, fileOf, type Race, raceLines } from "../support/result_model.ts";

function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  return captured(COMPARE, argv);
}

/** A race of that key, written to a file. */
function raceAt(name: string, key: "gfn" | "hva", race: Partial<Race>): string {
  const lines = raceLines({ luck: 0, ...race });
  return fileOf(
    name,
    lines.map((line) => line.kind === "run" ? { ...line, plan: { ...line.plan, key } } : line),
  );
}

function cellsOf(workload: string, layout: string, counts: readonly number[]): Cell[] {
  return counts.map((slots) => cell({ workload, layout, slots }));
}

/** Copies that grow with the slots beside a tree that does not, and lookups that are alike. */
const GFN: Partial<Race> = {
  ns: {
    sorted_array: ({ workload }) => workload === "perf_map" ? 50 : 1000,
    copied_array: ({ workload, slots }) => workload === "perf_map" ? 50 : 1000 + 10 * slots,
    rb_tree: ({ workload }) => workload === "perf_map" ? 40 : 1000,
  },
  cells: [
    ...cellsOf("perf_map", "perf_map", [9, 508, 8193]),
    ...cellsOf("perf_move", "contiguous", [9, 8193, 32763]),
    cell(),
  ],
};

/** A scan that grows with the slots beside a tree that does not. */
const HVA: Partial<Race> = {
  ns: {
    hva_sorted_array: 30,
    hva_linear_scan: ({ slots }) => 20 + slots,
    hva_interval_tree: 40,
  },
  cells: cellsOf("perf_unmap", "perf_unmap", [9, 32763]),
};

Deno.test("compare --shape: files of both keys beside the cover letter, in full", async () => {
  const { code, out, err } = await run(
    raceAt("gfn.jsonl", "gfn", GFN),
    raceAt("hva.jsonl", "hva", HVA),
    "--shape",
  );
  assertEquals([code, err], [0, ""]);
  assertEquals(out.slice(out.indexOf("map, array"), out.indexOf("\n\nNotes")), GOLDEN);
});

const GOLDEN = `\
map, array / rb_tree: perf_map, perf_map from gfn 2^20, solo, A
slots       ratio   slots                   ratio
there       there    here  array here        here  interval        verdict
   10        1.03       9  copied_array     1.250  [1.250, 1.250]  slower
                           sorted_array     1.250  [1.250, 1.250]  slower
  509        1.04     508  copied_array     1.250  [1.250, 1.250]  slower
                           sorted_array     1.250  [1.250, 1.250]  slower
 8194        3.70   8,193  copied_array     1.250  [1.250, 1.250]  slower
                           sorted_array     1.250  [1.250, 1.250]  slower

unmap, array / hva_interval_tree: perf_unmap, perf_unmap from gfn 2^20, solo, B
slots       ratio   slots                   ratio
there       there    here  array here        here  interval        verdict
   10        1.01       9  hva_linear_scan  0.725  [0.725, 0.725]  faster
  32k         111  32,763  hva_linear_scan    820  [820, 820]      slower

move active/inactive, array / rb_tree: perf_move, contiguous from gfn 2^20, solo, A
slots       ratio   slots                   ratio
there       there    here  array here        here  interval        verdict
   10  1.16, 1.19       9  copied_array     1.090  [1.090, 1.090]  slower
                           sorted_array     1.000  [1.000, 1.000]  equal within 2 %
    -           -   8,193  copied_array      82.9  [82.9, 82.9]    slower
                           sorted_array     1.000  [1.000, 1.000]  equal within 2 %
  32k  18.1, 16.8  32,763  copied_array       329  [329, 329]      slower
                           sorted_array     1.000  [1.000, 1.000]  equal within 2 %

Growth: time at the most slots that both have / at the fewest
                      slots          growth                     slots     growth
test                  there           there  here               here        here  interval
map                   10-8194          10.4  copied_array       9-8,193    0.990  [0.972, 1.01]
                                             sorted_array                  0.990  [0.972, 1.01]
                                       2.91  rb_tree                       0.990  [0.972, 1.01]
unmap                 10-32k            124  hva_linear_scan    9-32,763   1,130  [1,100, 1,140]
                                       1.13  hva_interval_tree             0.996  [0.976, 1.01]
move active/inactive  10-32k     12.9, 13.3  copied_array       9-32,763     300  [294, 304]
                                             sorted_array                  0.996  [0.976, 1.01]
                               0.829, 0.943  rb_tree                       0.996  [0.976, 1.01]

What stands beside what
There: the cover letter of "KVM: Scalable memslots implementation" (2021), seconds of a whole
  memslot_perf_test on a Xeon 8167M, before / after. Here: ns of the index alone, in JavaScript.
  Above 1 the tree is faster.
Only shapes can stand beside each other, how a ratio goes with the number of slots: nothing here
  says how fast a kernel is. Slot counts are matched as near as they are.
A simulation has no page faults, no TLB flushes and no grace periods. Both columns there have
  them, which pulls those ratios towards 1. A row that goes another way here than there was not
  decided by its index alone.
The 99 % there come from the interval tree over hvas and from no longer copying the array, not
  from the tree over gfns.
No guest writes meanwhile: move active and move inactive are one here.
Moves and slot setup go through two sets here, whatever the index: copied_array copies up to twice
  as often as KVM did up to 5.16, which had one set.`;

Deno.test("compare --shape: what stands behind a cache is a table of its own", async () => {
  const cells = [9, 99].flatMap((slots) => {
    const plain = cell({ workload: "perf_map", layout: "perf_map", slots });
    return [plain, { ...plain, lastUsed: "set" as const }];
  });
  const path = raceAt("cached.jsonl", "gfn", { ...GFN, cells });
  const { out } = await run(path, "--shape", "--format", "markdown");
  assertStringIncludes(out, "perf\\_map from gfn 2^20, solo\n");
  assertStringIncludes(out, "perf\\_map from gfn 2^20, solo, last\\_used\\_slot of the set\n");
  assertEquals(
    (await run(path, "--shape", "--filter", "last-used=off")).out.match(/^map, array/gm),
    [
      "map, array",
    ],
  );
});

const REFUSED: readonly (readonly [Partial<Race>, readonly string[], string])[] = [
  [{}, [], "as it has none of its tests: race --workload 'perf_*'"],
  [{ ...GFN, ns: { sorted_array: 1, eytzinger: 1 } }, [], "not both rb_tree and copied_array or"],
  [{ ...GFN, ns: { rb_tree: 1 } }, [], "race --contender rb_tree,copied_array,sorted_array"],
  [GFN, ["--row", "slots"], "Cannot use --row with --shape"],
  [GFN, ["--base", "rb_tree"], "Cannot use --base with --shape"],
  [GFN, ["--format", "csv"], "Cannot give the shape as csv"],
  [GFN, ["--filter", "slots=7"], "the filters leave nothing"],
];

for (const [i, [race, argv, words]] of REFUSED.entries()) {
  Deno.test(`compare --shape: refuses in a line where "${words}"`, async () => {
    const { code, out, err } = await run(
      raceAt(`refused${i}.jsonl`, "gfn", race),
      "--shape",
      ...argv,
    );
    assertEquals([code, out], [64, ""]);
    assertStringIncludes(err, words);
    assertEquals(err.trimEnd().split("\n").length, 1);
  });
}

Deno.test("likeSlots: each of the letter's counts takes the nearest of ours, if it is near", () => {
  const like = (theirs: number[], ours: number[]) => [...likeSlots(theirs, ours)];
  const letter = [10, 100, 509, 32_000];
  assertEquals(like(letter, [9, 29, 49, 99, 508, 8193, 32763]), [
    [10, 9],
    [100, 99],
    [509, 508],
    [32_000, 32763],
  ]);
  assertEquals(like([8194], [4096, 8193, 32763]), [[8194, 8193]]);
  assertEquals(like(letter, [12, 13, 128]), [[10, 12]]);
  assertEquals(like(letter, []), []);
});

Deno.test("COVER_LETTER: six tests of four slot counts, ascending; the tree never loses by 1 %", () => {
  assertEquals(COVER_LETTER.map(({ rows }) => rows.length), [4, 4, 4, 4, 4, 4]);
  for (const { rows } of COVER_LETTER) {
    assertEquals(
      rows.map(({ slots }) => slots),
      rows.map(({ slots }) => slots).sort((a, b) => a - b),
    );
    for (const { before, after } of rows) assertEquals(after < 1.01 * before, true);
  }
});
