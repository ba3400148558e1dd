import { assert, assertEquals } from "@std/assert";
import { random } from "../../bench/workloads/random.ts";
import { Locality } from "../../bench/traces/locality.ts";
import { Timeline } from "../../bench/traces/timeline.ts";
import { LookupSample } from "../../bench/traces/lookup_sample.ts";

Deno.test("Locality: strides, reuse and pages of a short trace are exact", () => {
  const locality = new Locality();
  for (const gfn of [5, 5, 6, 5, 500, 5000, 2 ** 51, 5]) locality.add(gfn);
  locality.end();
  assertEquals(locality.strides, { same: 1, neighbour: 2, near: 1, far: 3 });
  assertEquals([...locality.reuse.slice(0, 4)], [1, 1, 1, 0]);
  assertEquals([locality.pages, locality.isExact], [5, true]);
  assertEquals(locality.workingSets.points, [5]);
});

Deno.test("Locality: with more pages than are kept, pages and reuse are right within 3 %", () => {
  const locality = new Locality(), draw = random(1, "pages"), PAGES = 2 ** 20;
  const touched = new Set<number>();
  for (let at = 0; at < 2 ** 21; at++) {
    const gfn = 2 ** 40 + 3 * draw.int(0, PAGES - 1);
    touched.add(gfn);
    locality.add(gfn);
  }
  assert(!locality.isExact);
  const error = locality.pages / touched.size - 1;
  assert(Math.abs(error) < 0.03, `${error}`);
  const again = locality.reuse.reduce((sum, count) => sum + count, 0), all = 2 ** 21 - touched.size;
  // Pages that are dropped from the sample later have counted with their weight until then.
  assert(Math.abs(again / all - 1) < 0.03, `${again} for ${all}`);
});

Deno.test("Timeline: any number of values in at most 128 points", () => {
  const sums = new Timeline("sum"), most = new Timeline("max");
  for (let value = 0; value < 10_000; value++) {
    sums.add(1);
    most.add(value);
  }
  assertEquals(sums.points.reduce((sum, value) => sum + value, 0), 10_000);
  assert(sums.points.length <= 128 && sums.points.length >= 64);
  assertEquals(Math.max(...most.points), 9999);
  assertEquals(most.points.toSorted((a, b) => a - b), most.points);
});

Deno.test("LookupSample: a short trace whole, of a long one windows spread evenly over it", () => {
  const whole = new LookupSample(), long = new LookupSample();
  for (let gfn = 0; gfn < 262_144; gfn++) whole.add(gfn);
  assertEquals(whole.gfns, Array.from({ length: 262_144 }, (_, gfn) => gfn));
  for (let gfn = 0; gfn < 3_000_000; gfn++) long.add(gfn);
  const { gfns, lookups } = long;
  assertEquals(lookups, 3_000_000);
  assert(gfns.length > 131_072 && gfns.length <= 262_144, `${gfns.length}`);
  const starts = gfns.filter((gfn, i) => gfns[i - 1] !== gfn - 1);
  assertEquals(starts, Array.from({ length: starts.length }, (_, i) => i * 2048 * 16));
});
