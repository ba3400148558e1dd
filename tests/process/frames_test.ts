import { assertEquals } from "@std/assert";
import { frame, FrameReader } from "../../bench/process/frames.ts";

const TOKEN = "b9e8b3c2";

/** What a reader makes of a text that comes in chunks of so many bytes. */
function framesIn(text: string, chunkBytes = Infinity): string[] {
  const reader = new FrameReader(TOKEN), bytes = new TextEncoder().encode(text);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    found.push(...reader.read(bytes.subarray(at, at + chunkBytes)));
  }
  return found;
}

Deno.test("FrameReader: frames come out in order, however the bytes are cut", () => {
  const text = frame(TOKEN, "@one") + "printed\n" + frame(TOKEN, '={"words":"ü"}');
  for (const chunkBytes of [1, 2, 3, 7, Infinity]) {
    assertEquals(framesIn(text, chunkBytes), ["@one", '={"words":"ü"}']);
  }
});

Deno.test("FrameReader: a line left open before a frame does not swallow it", () => {
  assertEquals(framesIn("no newline" + frame(TOKEN, "@one") + "again" + frame(TOKEN, "@two")), [
    "@one",
    "@two",
  ]);
});

Deno.test("FrameReader: what only looks like a frame is none", () => {
  const forged = [
    "@rb_tree",
    `={"kind":"trial"}`,
    `token@x`,
    ` ${TOKEN}@x`,
    `x${TOKEN}@x`,
    "=",
    "",
  ];
  assertEquals(framesIn(forged.map((line) => `${line}\n`).join("")), []);
});

Deno.test("FrameReader: half a frame is none", () => {
  assertEquals(framesIn(`\n${TOKEN}={"half":`), []);
});

Deno.test("FrameReader: bytes that are no UTF-8 and a flood without a newline are dropped", () => {
  const reader = new FrameReader(TOKEN), flood = new Uint8Array(2 ** 20).fill(0xff);
  for (let i = 0; i < 16; i++) assertEquals(reader.read(flood), []);
  assertEquals(reader.read(new TextEncoder().encode(frame(TOKEN, "@one"))), ["@one"]);
});
