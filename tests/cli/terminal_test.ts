import { assertEquals, assertThrows } from "@std/assert";
import { write } from "../../bench/cli/terminal.ts";

/** What is written to a stream of which call number i throws `errors[i]`, 5 bytes a call else. */
function written(text: string, errors: Readonly<Record<number, Error>>): string {
  const bytes: number[] = [];
  let calls = 0;
  write({
    writeSync(piece) {
      const error = errors[calls++];
      if (error !== undefined) throw error;
      bytes.push(...piece.subarray(0, 5));
      return Math.min(5, piece.length);
    },
  }, text);
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

Deno.test("write: goes on where a pipe is full for a while, and ends where its reader has gone", () => {
  const full = new Deno.errors.WouldBlock(), gone = new Deno.errors.BrokenPipe();
  assertEquals(written("one line of words", { 1: full, 2: full }), "one line of words\n");
  assertEquals(written("one line of words", { 2: gone }), "one line o");
});

Deno.test("write: a full disk is an error of the file, in one line", () => {
  const error = new Error("No space left on device (os error 28)");
  assertThrows(
    () => written("words", { 0: error }),
    Error,
    "Cannot write to standard output: No space left on device",
  );
});
