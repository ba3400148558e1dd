import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { cellsOf, type CellWishes, PlanError } from "../../bench/race/cells.ts";
import { memslot } from "../../impls/memslot.ts";
import { sharesOf } from "../../bench/workloads/mix.ts";
import { LAYOUTS } from "../../bench/workloads/layouts.ts";
import { courseOf, WORKLOADS } from "../../bench/workloads/workloads.ts";

function cells(wishes: Partial<CellWishes> = {}) {
  return cellsOf({ key: "gfn", quick: false, ...wishes });
}

/** Each cell in words. */
function words(wishes: Partial<CellWishes>): string[] {
  return cells(wishes).map(({ workload, layout, slots, originGfn }) => {
    return `${workload} ${layout} ${slots} ${originGfn}`;
  });
}

function refusal(wishes: Partial<CellWishes>): string {
  return assertThrows(() => cells(wishes), PlanError).message;
}

Deno.test("cellsOf: 18 cells by default, 5 with quick, one by user memory for each count", () => {
  assertEquals([cells().length, cells({ quick: true }).length], [18, 5]);
  assert(cells({ key: "hva" }).every(({ workload }) => workload.startsWith("perf_unmap")));
});

Deno.test("cellsOf: a mix has the shares asked for, on a guest of one's own as well", () => {
  const slots = Array.from({ length: 10 }, (_, i) => memslot(i, 3 * i, 2));
  const guest = { layout: "map:a-0123456789ab", slots, gfns: [1, 2], log: [] };
  const mix = sharesOf("find=50,change=50");
  for (const wishes of [{ mix }, { mix, guest }, { mix, workloads: ["mi*"] }]) {
    const found = cells(wishes);
    assert(found.length > 0);
    assertEquals([...new Set(found.map(({ mix }) => mix))], ["find=50,change=50"]);
  }
});

Deno.test("cellsOf: what was asked for in all combinations, and what is usual for the rest", () => {
  assertEquals(words({ workloads: ["move", "zap_8"], slots: [10, 32], origins: [0] }), [
    "move scattered 10 0",
    "move scattered 32 0",
    "zap_8 scattered 10 0",
    "zap_8 scattered 32 0",
  ]);
  assertEquals(words({ workloads: ["perf_map"] }).length, 6);
  assertEquals(words({ workloads: ["guest_accesses"] }), ["guest_accesses recorded 10 0"]);
});

Deno.test("cellsOf: conditions and caches multiply the cells", () => {
  const some = { workloads: ["move"], slots: [10] };
  const all = cells({ ...some, conditions: ["solo", "mixed"], lastUsed: ["off", "set"] });
  assertEquals(all.map(({ condition, lastUsed }) => [condition, lastUsed]), [
    ["solo", "off"],
    ["solo", "set"],
    ["mixed", "off"],
    ["mixed", "set"],
  ]);
});

Deno.test("cellsOf: a glob or a default leaves out what cannot be raced", () => {
  assertEquals(words({ workloads: ["zap_*"], slots: [10] }).map((cell) => cell.split(" ")[0]), [
    "zap_1",
    "zap_8",
    "zap_all",
  ]);
  assert(!words({ slots: [10] }).some((cell) => cell.startsWith("zap_128")));
  assert(!words({ slots: [509] }).some((cell) => cell.startsWith("guest")));
  assert(words({ layouts: ["pc"] }).every((cell) => / pc 10 /.test(cell)));
});

/** What was asked, and the reason that the message must give. */
const REFUSED: readonly (readonly [Partial<CellWishes>, string])[] = [
  [{ workloads: ["perf_move"], slots: [32765] }, "perf_move with 32765 slots: an address space"],
  [
    { layouts: ["doubling"], origins: [2 ** 51] },
    "doubling from gfn 0x8000000000000: its slots would end past 2^52",
  ],
  [{ workloads: ["overlap_check"], slots: [1] }, "overlap_check with 1 slots: it needs 2"],
  [{ workloads: ["recreate", "move"], layouts: ["dimms"] }, "move on dimms: it is asked on scat"],
  [{ workloads: ["zap_128"], slots: [10, 509] }, "zap_128 with 10 slots: it needs 128"],
  [{ layouts: ["pc"], slots: [5000] }, "pc with 5000 slots: the layout does not allow this number"],
  [{ workloads: ["guest_accesses"], slots: [509] }, "recorded with 509 slots: the guest has 10"],
  [{ workloads: ["guest_accesses"], origins: [1] }, "recorded from gfn 0x1: the guest's memory"],
  [{ workloads: ["perf_unmap"] }, "perf_unmap by gfn: it is asked by hva"],
  [{ workloads: ["move"], key: "hva" }, "move by hva: it is asked by gfn"],
  [{ workloads: ["zap*", "x*"] }, "Cannot race x* as no workload by gfn has a name like that"],
  [{ workloads: ["zap*"], layouts: ["recorded"] }, "zap_1 on recorded: it is asked on"],
  [{ workloads: ["zap["] }, "no workload has that name"],
  [{ layouts: ["pcx"] }, "Cannot lay out pcx as no layout has that name: there are scattered,"],
];

for (const [wishes, reason] of REFUSED) {
  Deno.test(`cellsOf: refuses ${JSON.stringify(wishes)} with its reason`, () => {
    const message = refusal(wishes);
    assertStringIncludes(message, reason);
    assert(!message.includes("\n") && message.length < 1000, message);
  });
}

Deno.test("cellsOf: every pair that was asked and cannot be raced is named", () => {
  const message = refusal({ workloads: ["move", "overlap_check"], layouts: ["dimms", "pc"] });
  assertEquals(message.match(/\w+ on \w+/g)?.filter((pair) => !pair.startsWith("asked")), [
    "move on dimms",
    "overlap_check on dimms",
  ]);
});

Deno.test("cellsOf: what it lets through can be drawn, down to the fewest slots and up to 2^51", async () => {
  const layouts = LAYOUTS.map(({ name }) => name).filter((name) => !name.startsWith("perf"));
  const some = WORKLOADS.filter(({ key, name }) => key !== "hva" && !name.startsWith("guest"));
  let drawn = 0;
  for (const { name } of some) {
    for (const layout of layouts) {
      for (const slots of [1, 2, 3, 4, 9, 130]) {
        for (const origin of [0, 2 ** 51]) {
          const asked = { workloads: [name], layouts: [layout], slots: [slots], origins: [origin] };
          const place = attempt(() => cells(asked)[0]);
          if (place === null) continue;
          const course = await courseOf(place, 1, { findLength: 100 });
          assert(course !== null, `${name} ${layout} ${slots} ${origin}`);
          drawn++;
        }
      }
    }
  }
  assert(drawn > 200);
});

/** What `act` gives, or null where the plan refuses it. */
function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    if (error instanceof PlanError) return null;
    throw error;
  }
}

Deno.test("cellsOf: each place once in every engine asked for, side by side", () => {
  const found = cells({ workloads: ["move"], slots: [10, 32], engines: ["deno", "bun"] });
  assertEquals(found.map(({ slots, engine }) => `${slots} ${engine}`), [
    "10 deno",
    "10 bun",
    "32 deno",
    "32 bun",
  ]);
  assert(cells().every(({ engine }) => engine === "deno"));
});
