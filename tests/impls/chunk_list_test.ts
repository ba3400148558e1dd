import { ChunkList } from "../../impls/chunk_list.ts";
import { checkAgainstScan } from "../support/changes.ts";
import { assertThrows } from "@std/assert";

for (const chunkSize of [2, 4, 8, 16, 32]) {
  Deno.test(`ChunkList in chunks of ${chunkSize} keeps its invariants under random changes`, () => {
    checkAgainstScan((slots) => new ChunkList(slots, { chunkSize }));
    checkAgainstScan((slots) => new ChunkList(slots, { chunkSize }), {
      originGfn: 2 ** 40,
      outliers: 0.1,
    });
    checkAgainstScan((slots) => new ChunkList(slots, { chunkSize }), {
      slots: 900,
      spanGfn: 1e6,
      checkEvery: 97,
    });
  });
}

Deno.test("ChunkList refuses a chunk size that it has no search for", () => {
  for (const chunkSize of [0, 1, 3, 2.5, 64, NaN, Infinity]) {
    assertThrows(() => new ChunkList([], { chunkSize }), RangeError, "chunkSize must be 2, 4, 8");
  }
});
