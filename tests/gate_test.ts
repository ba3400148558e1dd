import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CONTENDERS } from "../bench/race/contenders.ts";
import { findFault } from "../bench/race/differential.ts";
import { goldenFault } from "../bench/race/golden.ts";
import { LinearScan } from "../impls/linear_scan.ts";
import type { Memslot } from "../impls/memslot.ts";
import { BROKEN, BrokenIndex } from "./broken_indexes.ts";

/** `SEED=7 deno task test` repeats the run that printed 7. */
const seed = Number(Deno.env.get("SEED") ?? Date.now() % 2 ** 31);

for (const { name, create } of CONTENDERS) {
  Deno.test(`goldenFault: ${name} answers KVM's golden table at every origin`, () => {
    assertEquals(goldenFault(create), null);
  });

  Deno.test(`findFault: ${name} is as LinearScan after every change (SEED=${seed})`, () => {
    assertEquals(findFault(create, { seed, histories: 300, longest: 120 }), null);
  });
}

for (const [name, mistake] of Object.entries(BROKEN)) {
  const create = (slots: readonly Memslot[]) => new BrokenIndex(slots, mistake);

  Deno.test(`goldenFault: an index that ${name} is caught`, () => {
    const words = goldenFault(create);
    assert(words !== null);
    assertMatch(words, /should give \w+ but gave \w+/);
  });

  Deno.test(`findFault: an index that ${name} is caught (SEED=${seed})`, () => {
    assert(findFault(create, { seed, histories: 500, longest: 40 }) !== null);
  });
}

Deno.test("goldenFault: the right iterator of the broken ones passes", () => {
  assertEquals(goldenFault((slots) => new BrokenIndex(slots, {})), null);
});

Deno.test("findFault: the shortest history is told in words, and the seed repeats it", () => {
  const create = (slots: readonly Memslot[]) =>
    new BrokenIndex(slots, BROKEN["skips with < instead of <="]);
  const fault = findFault(create, { seed: 1, histories: 500, longest: 40 });
  assert(fault !== null);
  assertMatch(
    fault.words,
    /^after inserting slot 1 \[0x\w+, 0x(\w+)\), range \[0x\1, 0x\w+\) should give nothing but gave slot 1$/,
  );
  const again = findFault(create, { seed: fault.seed, histories: 500, longest: 40 });
  assertEquals(again, fault);
});

Deno.test("findFault: an index that loses the object, throws or grows is told apart", () => {
  class Copies extends LinearScan {
    override find(gfn: number) {
      const slot = super.find(gfn);
      return slot && { ...slot };
    }
  }
  class Throws extends LinearScan {
    override erase(): void {
      throw new TypeError("no erase yet");
    }
  }
  const effort = { seed: 1, histories: 200, longest: 40 };
  const copies = findFault((slots) => new Copies(slots), effort);
  assertStringIncludes(copies?.words ?? "", "should give slot 1 but gave slot 1");
  const throws = findFault((slots) => new Throws(slots), effort);
  assertStringIncludes(throws?.words ?? "", "threw TypeError: no erase yet");
});
