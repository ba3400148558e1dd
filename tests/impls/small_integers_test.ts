import { assert, assertEquals } from "@std/assert";
import { layoutNamed } from "../../bench/workloads/layouts.ts";
import { RECORDED } from "../../bench/workloads/layouts.ts";
import { type Place, WORKLOADS } from "../../bench/workloads/workloads.ts";
import { smallInteger } from "../../impls/memslot.ts";
import { runDeno } from "../support/project_copy.ts";

/** Layouts that lie below 2^31 from origin 2^20 up. */
const LOW = ["scattered", "dimms", "contiguous", "pc", "perf_map", RECORDED];

Deno.test("smallInteger: changes no number but -0", () => {
  for (const value of [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, 2 ** 52, -1, 0.5, Infinity, NaN]) {
    assertEquals(smallInteger(value), value);
  }
  assert(Object.is(smallInteger(-0), 0));
});

Deno.test("courseOf, memslot: below 2^31 nothing is held in doubles, whoever is asked", async () => {
  const places = WORKLOADS.filter(({ key }) => key !== "hva").flatMap((workload) => {
    return workload.layouts.filter((layout) => LOW.includes(layout))
      .flatMap((layout) => placesOf(workload.name, layout));
  });
  assert(places.length > 45);
  assertEquals(await heldInDoubles(places), []);
});

Deno.test("courseOf, memslot: from 2^31 on gfns and bases are held in doubles, the rest is not", async () => {
  const place = { layout: "scattered", slots: 32, originGfn: 2 ** 40 };
  const found = await heldInDoubles([
    { ...place, workload: "find_uniform" },
    { ...place, workload: "zap_8" },
  ]);
  assertEquals(found.filter((line) => !line.includes("after")), [
    "find_uniform, scattered of 32: gfns",
    "find_uniform, scattered of 32: slots' baseGfn",
    "zap_8, scattered of 32: starts",
    "zap_8, scattered of 32: ends",
    "zap_8, scattered of 32: slots' baseGfn",
  ]);
});

Deno.test("layOut: slots on both sides of 2^31 are all held alike", async () => {
  const place = { layout: "scattered", slots: 32, originGfn: 2 ** 31 - 2000 };
  const found = await heldInDoubles([{ ...place, workload: "recreate" }]);
  assertEquals(found.filter((line) => !line.includes("after")), [
    "recreate, scattered of 32: slots' baseGfn",
  ]);
});

function placesOf(workload: string, layout: string): Place[] {
  if (layout === RECORDED) return [{ workload, layout, slots: 10, originGfn: 0 }];
  const slots = layoutNamed(layout).allows(128) ? 128 : 10;
  return [{ workload, layout, slots, originGfn: 2 ** 20 }];
}

/** See small_integers.ts. */
async function heldInDoubles(places: readonly Place[]): Promise<string[]> {
  const file = new URL("../support/small_integers.ts", import.meta.url).href;
  const args = ["run", "-A", "--no-check", file, JSON.stringify(places)];
  const { code, out, err } = await runDeno(new URL("../../", import.meta.url), args);
  assertEquals(code, 0, err);
  return out.split("\n").filter((line) => line !== "");
}
