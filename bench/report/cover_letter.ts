/**
 * What the cover letter of "KVM: Scalable memslots implementation" (v3 and v4, 2021, merged in 5.17)
 * measured: memslot_perf_test on a Xeon 8167M, the array before and the trees after.
 */

/** One test of the letter. */
export interface LetterTest {
  readonly test: string;
  /** The workload here that asks an index what the test makes KVM ask. */
  readonly workload: string;
  /** Ascending by slots. */
  readonly rows: readonly LetterRow[];
}

/** One test at one slot count: seconds. */
export interface LetterRow {
  /** As the letter has it, which says `32k` of its largest. */
  readonly slots: number;
  /** With the array. */
  readonly before: number;
  /** With the trees. */
  readonly after: number;
}

/** Of each test [before, after] at 10, 100, 509 and 32k slots; map's last is 8194. */
export const COVER_LETTER: readonly LetterTest[] = [
  letterTest("map", "perf_map", [
    [10, 0.0192, 0.0186],
    [100, 0.0195, 0.0191],
    [509, 0.0232, 0.0223],
    [8194, 0.200, 0.0541],
  ]),
  letterTest("unmap", "perf_unmap", [
    [10, 0.0313, 0.0310],
    [100, 0.0374, 0.0312],
    [509, 0.0724, 0.0315],
    [32_000, 3.88, 0.0351],
  ]),
  letterTest("unmap chunked", "perf_unmap_chunked", [
    [10, 0.000348, 0.000351],
    [100, 0.000470, 0.000447],
    [509, 0.00155, 0.000869],
    [32_000, 3.88, 0.0348],
  ]),
  letterTest("move active", "perf_move", [
    [10, 0.000110, 0.0000948],
    [100, 0.0000956, 0.0000800],
    [509, 0.000101, 0.0000792],
    [32_000, 0.00142, 0.0000786],
  ]),
  letterTest("move inactive", "perf_move", [
    [10, 0.000111, 0.0000933],
    [100, 0.000101, 0.0000840],
    [509, 0.000108, 0.0000847],
    [32_000, 0.00148, 0.0000880],
  ]),
  letterTest("slot setup", "perf_setup", [
    [10, 0.000342, 0.000283],
    [100, 0.00260, 0.00174],
    [509, 0.0135, 0.00803],
    [32_000, 16.1, 0.59],
  ]),
];

function letterTest(
  test: string,
  workload: string,
  rows: readonly (readonly [number, number, number])[],
): LetterTest {
  const named = rows.map(([slots, before, after]) => ({ slots, before, after }));
  return { test, workload, rows: named };
}
