import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  GOLDEN_FINDS,
  GOLDEN_HISTORIES,
  GOLDEN_ORIGINS,
  GOLDEN_RANGES,
} from "../../bench/gate/golden.ts";
import { Model } from "../../bench/gate/model.ts";
import { random } from "../../bench/workloads/random.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import { type Memslot, memslot } from "../../impls/memslot.ts";
import { SEED } from "../support/right.ts";

/** The slots from `startGfn` on that are valid for `endGfn`. */
function walk(model: Model, startGfn: number, endGfn: number): Memslot[] {
  const found: Memslot[] = [];
  for (let place = model.placeOf(startGfn); model.isValid(place, endGfn); place++) {
    found.push(model.at(place)!);
  }
  return found;
}

Deno.test("Model: answers KVM's golden table at every origin", () => {
  assertEquals(GOLDEN_HISTORIES.length, 2 * GOLDEN_ORIGINS.length);
  for (const { slots, steps } of GOLDEN_HISTORIES) {
    const model = new Model(slots);
    const name = (found: readonly (Memslot | null)[]) =>
      found.map((slot) => slot && "ABC"[slot.id]).join("");
    const given = steps.map((step) => {
      if (step.kind === "range") return name(walk(model, step.startGfn, step.endGfn));
      return step.kind === "find" ? name([model.find(step.gfn)]) : "";
    });
    const right = [...GOLDEN_RANGES.map(([, , names]) => names), ...GOLDEN_FINDS.map(([, n]) => n)];
    assertEquals(given, slots.length > 0 ? right : right.map(() => ""));
  }
});

Deno.test(`Model: answers as LinearScan after random changes (SEED=${SEED})`, () => {
  const { int } = random(SEED, "model"), model = new Model([]), scan = new LinearScan();
  for (let id = 0; id < 3000; id++) {
    const slot = memslot(id, int(0, 200), int(1, 8)), met = model.meets(slot);
    if (met === null) { for (const each of [model, scan]) each.insert(slot); }
    else if (int(0, 1) === 0) {
      model.erase(met.baseGfn);
      scan.erase(met);
    }
    const gfn = int(0, 220), endGfn = int(0, 220), iter = scan.iter(), right: Memslot[] = [];
    for (iter.start(gfn); iter.isValid(endGfn); iter.next()) right.push(iter.slot);
    assertEquals(walk(model, gfn, endGfn), right);
    assertStrictEquals(model.find(gfn), scan.find(gfn));
    assertEquals(model.begins(gfn), scan.find(gfn)?.baseGfn === gfn);
    assertEquals(model.slots.length, scan.size);
  }
});

Deno.test("Model: a slot that is changed does not change its answers", () => {
  const slot = { ...memslot(1, 10, 5) }, model = new Model([slot]);
  slot.npages = 100;
  assertStrictEquals(model.find(14), slot);
  assertEquals(model.find(15), null);
});
