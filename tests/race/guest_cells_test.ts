import { assert, assertEquals } from "@std/assert";
import type { LogEvent } from "../../bench/traces/change_log.ts";
import { memslot } from "../../impls/memslot.ts";
import { guestPlaces } from "../../bench/race/guest_cells.ts";

function guest(nslots: number, gfns: readonly number[] = [1, 2], log: readonly LogEvent[] = []) {
  const slots = Array.from({ length: nslots }, (_, i) => memslot(i, 3 * i, 2));
  return { layout: "map:a-0123456789ab", slots, gfns, log };
}

function workloads(...args: Parameters<typeof guestPlaces>): readonly string[] {
  const places = guestPlaces(...args);
  assert(!("refused" in places));
  for (const place of places) {
    assertEquals([place.layout, place.originGfn], ["map:a-0123456789ab", 0]);
  }
  return places.map(({ workload }) => workload);
}

Deno.test("guestPlaces: a guest's lookups first, and what its map can be asked", () => {
  const usual = ["find_uniform", "find_misses", "zap_8", "move_find"];
  assertEquals(workloads(guest(10), undefined), ["guest_trace", ...usual]);
  assertEquals(workloads(guest(10, []), undefined), usual);
  assertEquals(workloads(guest(3), undefined), [
    "guest_trace",
    "find_uniform",
    "find_misses",
    "move_find",
  ]);
  assertEquals(workloads(guest(200), ["zap*", "find_zipf"]), [
    "zap_1",
    "zap_8",
    "zap_128",
    "zap_all",
    "find_zipf",
  ]);
  assertEquals(workloads(guest(9), ["guest*"]), ["guest_trace"]);
  const log = [{ is: "insert", slot: memslot(0, 0, 2) }] as const;
  assertEquals(workloads(guest(10, [], log), undefined), ["guest_changes", ...usual]);
  assertEquals(workloads(guest(9, [1], log), ["guest*"]), ["guest_trace", "guest_changes"]);
});

Deno.test("guestPlaces: what was asked and cannot be raced is refused with its reason", () => {
  const refused = (...args: Parameters<typeof guestPlaces>) => {
    const places = guestPlaces(...args);
    assert("refused" in places);
    return places.refused.replace("map:a-0123456789ab", "MAP");
  };
  assertEquals(refused(guest(3), ["zap_8"]), "zap_8 on MAP: it needs 8 slots");
  assertEquals(
    refused(guest(3, []), ["guest_trace"]),
    "guest_trace on MAP: it needs a --trace with lookups",
  );
  assertEquals(
    refused(guest(3), ["guest_changes"]),
    "guest_changes on MAP: it needs a --map that is a log of changes",
  );
  assertEquals(
    refused(guest(3), ["perf_map"]),
    "perf_map on MAP: it is not asked of a map of one's own",
  );
});
