import { ChunkList } from "../../impls/chunk_list.ts";
import { assertRight } from "../support/right.ts";
import { assertThrows } from "@std/assert";

for (const chunkSize of [2, 4, 8, 16, 32]) {
  Deno.test(`ChunkList in chunks of ${chunkSize} is right`, () => {
    assertRight((slots) => new ChunkList(slots, { chunkSize }));
  });
}

Deno.test("ChunkList refuses a chunk size that it has no search for", () => {
  for (const chunkSize of [0, 1, 3, 2.5, 64, NaN, Infinity]) {
    assertThrows(() => new ChunkList([], { chunkSize }), RangeError, "chunkSize must be 2, 4, 8");
  }
});
