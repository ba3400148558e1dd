import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { IdHash } from "../../../impls/kvm/id_hash.ts";
import { type Memslot, memslot } from "../../../impls/memslot.ts";
import { random } from "../../../bench/workloads/random.ts";

const SEED = Number(Deno.env.get("SEED") ?? 1);
const STEPS = Number(Deno.env.get("STEPS") ?? 4000);

Deno.test("IdHash.find: every id up to the cap", () => {
  const slots = Array.from({ length: 32764 }, (_, id) => memslot(id, id, 1));
  const table = new IdHash(slots);
  assertEquals(table.size, 32764);
  for (const slot of slots) assertStrictEquals(table.find(slot.id), slot);
  assertEquals(table.find(32764), null);
});

Deno.test(`IdHash: random changes agree with a Map (SEED=${SEED})`, () => {
  const { int } = random(SEED, "id_hash"), table = new IdHash(), model = new Map<number, Memslot>();
  for (let step = 0; step < STEPS; step++) {
    const slot = memslot(int(0, 999), step, 1);
    if (!model.has(slot.id)) {
      table.insert(slot);
      model.set(slot.id, slot);
    } else if (int(0, 4) > 0) {
      table.erase(slot);
      model.delete(slot.id);
    } else assertThrows(() => table.insert(slot), RangeError, "ids must be unique");
    const id = int(0, 999);
    assertStrictEquals(table.find(id), model.get(id) ?? null);
    assertEquals(table.size, model.size);
  }
});

Deno.test("IdHash.erase: an id that is not there is a RangeError", () => {
  const table = new IdHash([memslot(1, 0, 1)]);
  assertThrows(() => table.erase(memslot(2, 0, 1)), RangeError, "no slot has its id");
  assertEquals(table.size, 1);
});
