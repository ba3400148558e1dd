import { assembled } from "../../bench/cli/wat.ts";
import { memslot } from "../../impls/memslot.ts";
import { WasmSTree } from "../../impls/wasm_s_tree.ts";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";

/** From so many slots on a tree has 1, 2, 3, 4 levels above its leaves: 8 * 9^h - 1. */
const FULL = [7, 71, 647, 5831];

Deno.test("wasm_s_tree/code.ts: is what wasm_s_tree/wat.ts assembles to", async () => {
  const url = new URL("../../impls/wasm_s_tree/code.ts", import.meta.url);
  assert(
    await Deno.readTextFile(url) === await assembled(),
    "impls/wasm_s_tree/code.ts is out of date: run `deno task wat`",
  );
});

for (const full of FULL) {
  for (const size of [full - 1, full, full + 1]) {
    Deno.test(`WasmSTree finds all of ${size} slots, and nothing in the holes`, () => {
      checkAll(new WasmSTree(slotsOf(size)), size);
    });
  }
}

Deno.test("WasmSTree finds among half a million slots, through six levels", () => {
  checkAll(new WasmSTree(slotsOf(500_000)), 500_000);
});

Deno.test("WasmSTree grows by levels and shrinks again, slot by slot", () => {
  const slots = slotsOf(700), index = new WasmSTree();
  for (const [i, slot] of slots.entries()) {
    index.insert(slot);
    if (FULL.some((full) => Math.abs(full - i) < 3)) index.checkInvariants();
  }
  checkAll(index, 700);
  for (let i = 699; i >= 0; i--) {
    index.erase(slots[i]);
    index.checkInvariants();
    if (i > 0) assertStrictEquals(index.find(slots[i - 1].baseGfn), slots[i - 1]);
    assertEquals(index.find(slots[i].baseGfn), null);
  }
});

Deno.test("WasmSTree: a cursor goes on while other indexes grow", () => {
  const iter = new WasmSTree(slotsOf(5)).iter(), other = new WasmSTree();
  iter.start(0);
  for (const slot of slotsOf(10_000)) other.insert(slot);
  const ids = [];
  for (; iter.isValid(Infinity); iter.next()) ids.push(iter.slot!.id);
  assertEquals(ids, [0, 1, 2, 3, 4]);
});

/** Slots [3i + 1, 3i + 3): a hole of one gfn before each. */
function slotsOf(size: number) {
  return Array.from({ length: size }, (_, i) => memslot(i, i * 3 + 1, 2));
}

/** Asks `index`, of slots as `slotsOf` makes them, for each gfn. */
function checkAll(index: WasmSTree, size: number): void {
  index.checkInvariants();
  for (let gfn = 0; gfn < 3 * size + 3; gfn++) {
    const id = gfn % 3 === 0 || gfn > 3 * size ? undefined : Math.floor(gfn / 3);
    if (index.find(gfn)?.id !== id) throw new Error(`find(${gfn}) is wrong`);
  }
}
