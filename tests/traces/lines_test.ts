import { assert, assertEquals, assertRejects } from "@std/assert";
import { bytesSource, LONGEST_LINE, type Source, wholeLines } from "../../bench/traces/lines.ts";
import { forEachLine } from "../../bench/traces/bytes.ts";
import { TraceError } from "../../bench/traces/trace_error.ts";
import { concatenated, gzipped, source } from "../support/traces.ts";

async function linesOf(from: Source): Promise<string[]> {
  const place = { name: from.name, line: 0 }, lines: string[] = [];
  for await (const piece of wholeLines(from, place)) {
    forEachLine(piece, (bytes, start, end) => {
      place.line++;
      lines.push(new TextDecoder().decode(bytes.subarray(start, end)));
    });
  }
  return lines;
}

/** The text in pieces of `size` bytes, as a slow pipe gives it, each in the same memory. */
function slowly(text: string, size: number): Source {
  const bytes = new TextEncoder().encode(text), piece = new Uint8Array(size);
  return {
    name: "PIPE",
    async *open() {
      for (let at = 0; at < bytes.length; at += size) {
        await Promise.resolve();
        piece.set(bytes.subarray(at, at + size));
        yield piece.subarray(0, Math.min(size, bytes.length - at));
      }
    },
  };
}

Deno.test("wholeLines: lines are the same in pieces of any size", async () => {
  const text = "one\n\ntwo and a half\r\n" + "x".repeat(300) + "\nlast";
  const lines = ["one", "", "two and a half", "x".repeat(300), "last"];
  for (const size of [1, 2, 3, 7, 64, 1000]) {
    assertEquals(await linesOf(slowly(text, size)), lines, `pieces of ${size}`);
  }
});

Deno.test("wholeLines: gzip is unpacked, of one member or more, and a byte order mark left out", async () => {
  const packed = concatenated(await gzipped("one\ntwo\n"), await gzipped("three\n"));
  assertEquals(await linesOf(source(packed)), ["one", "two", "three"]);
  assertEquals(await linesOf(source("\ufeffone\ntwo")), ["one", "two"]);
  assertEquals(await linesOf(source(await gzipped("\ufeffone"))), ["one"]);
  assertEquals(await linesOf(source("")), []);
});

Deno.test("wholeLines: what is no text is refused in words", async () => {
  const utf16 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const packed = await gzipped("one\n".repeat(1000));
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [utf16("\xff\xfea\0b\0\n\0"), /UTF-16: convert it with iconv/],
    [utf16("\xfe\xff\0a\0b\0\n"), /UTF-16/],
    [utf16("\xfd7zXZ\0...."), /xz/],
    [utf16("(\xb5/\xfd......"), /zstd/],
    [utf16("BZh91AY&SY"), /bzip2/],
    [utf16("PK\x03\x04......"), /zip/],
    [utf16("\x17\x08Dtracing6\0"), /trace-cmd report/],
    [utf16("PERFILE2........"), /perf script/],
    [utf16("one\ntwo\nthr\0ee\n"), /line 3 has a zero byte/],
    [packed.subarray(0, packed.length - 9), /gzip data must be whole/],
    [packed.map((byte, i) => i === 20 ? byte ^ 0xff : byte), /gzip data must be whole/],
    [utf16("one\n" + "x".repeat(LONGEST_LINE + 1)), /at most 4 MiB: line 2 has more/],
  ];
  for (const [bytes, words] of cases) {
    const error = await assertRejects(() => linesOf(bytesSource("FILE", bytes)), TraceError);
    assert(words.test(error.message), error.message);
    assert(/^Cannot read FILE as [^\n]+$/.test(error.message), error.message);
  }
});

Deno.test("wholeLines: of a line of 100 MB little more than the limit is read", async () => {
  let pieces = 0;
  const piece = new Uint8Array(2 ** 16).fill(97);
  const long: Source = {
    name: "FILE",
    async *open() {
      for (; pieces < 1600; pieces++) yield await Promise.resolve(piece);
    },
  };
  const error = await assertRejects(() => linesOf(long), TraceError);
  assert(/line 1 has more/.test(error.message));
  assert(pieces <= LONGEST_LINE / piece.length + 2, `${pieces} pieces`);
});
