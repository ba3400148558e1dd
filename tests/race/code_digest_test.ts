import { assert, assertEquals } from "@std/assert";
import { changedCode, codeOf } from "../../bench/race/code_digest.ts";

Deno.test("codeOf: knows the contender, the harness and what they import, by their paths", async () => {
  const url = new URL("../../impls/radix_chunks.ts", import.meta.url).href;
  const code = await codeOf([{ name: "radix_chunks", url }]);
  for (
    const path of [
      "impls/radix_chunks.ts",
      "impls/radix_chunks/chunk_pool.ts",
      "impls/memslot.ts",
      "bench/race/trial_process.ts",
      "bench/race/replay.ts",
      "bench/race/reader_index.ts",
      "bench/workloads/queries.ts",
      "bench/gate/gate_process.ts",
      "deno.lock",
    ]
  ) assert(path in code, `${path} is not in it`);
  assert(!("impls/b_plus_tree.ts" in code) && !("bench/report/words.ts" in code));
  assert(Object.values(code).every((digest) => /^[0-9a-f]{16}$/.test(digest)));
  assertEquals(await codeOf([{ name: "radix_chunks", url }]), code);
});

Deno.test("changedCode: names what differs, came or went", () => {
  assertEquals(changedCode({ a: "1", b: "2", c: "3" }, { a: "1", b: "0", d: "4" }), [
    "b",
    "c",
    "d",
  ]);
  assertEquals(changedCode({ a: "1" }, { a: "1" }), []);
});
