/** The kept run, of before files had checksums, digests and defaults, says what it said. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { readResultFile } from "../../bench/record/result_file.ts";
import { summarize } from "../../bench/summary/summary.ts";

const REFERENCE = fileURLToPath(
  new URL("../../results/reference/2026-11-22-epyc-2cores.jsonl", import.meta.url),
);

Deno.test("readResultFile: the kept run has the figures and verdicts that it had", () => {
  const { cells, base } = summarize(readResultFile(REFERENCE));
  const rows = cells.filter(({ cell }) => cell.slots === 509 && cell.originGfn === 2 ** 20)
    .flatMap(({ cell, byName }) =>
      ["radix_chunks", "rb_tree", "linear_scan"].map((name) => {
        const { result } = byName.get(name)!;
        if (result.kind !== "timed") return `${cell.workload} ${name} ${result.kind}`;
        const { timing: { nsPerStep }, judged } = result;
        const [ns, ratio] = [nsPerStep, judged!.ratio!.point].map((value) => value.toPrecision(4));
        return `${cell.workload} ${name} ${ns} ${ratio} ${judged!.verdict.kind}`;
      })
    );
  assertEquals([base, cells.length], ["sorted_array", 18]);
  assertEquals(rows, GOLDEN.split("\n"));
});

const GOLDEN = `find_uniform radix_chunks 5.469 0.1202 faster
find_uniform rb_tree 35.51 0.7946 faster
find_uniform linear_scan 166.1 3.736 slower
find_serial radix_chunks 14.07 0.3285 faster
find_serial rb_tree 36.00 0.8437 faster
find_serial linear_scan 160.5 3.763 slower
find_misses radix_chunks 14.71 0.3152 faster
find_misses rb_tree 38.25 0.8104 faster
find_misses linear_scan 169.9 3.613 slower
zap_8 radix_chunks 27.60 0.5230 faster
zap_8 rb_tree 59.03 1.127 slower
zap_8 linear_scan 178.7 3.406 slower
zap_128 radix_chunks 211.1 1.062 slower
zap_128 rb_tree 374.7 1.919 slower
zap_128 linear_scan 288.0 1.444 slower
move radix_chunks 76.56 0.1306 faster
move rb_tree 128.5 0.2213 faster
move linear_scan 710.6 1.213 slower`;
