import { assertEquals } from "@std/assert";
import { globPattern, isGlob } from "../../bench/record/glob.ts";

Deno.test("globPattern: * is any text, ? any character, and all else stands for itself", () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["zap*", "zap_8", true],
    ["zap*", "a_zap", false],
    ["zap_?", "zap_8", true],
    ["zap_?", "zap_128", false],
    ["*", "", true],
    ["?", "ü", true],
    ["?", "\u{1f600}", true],
    ["a.b", "a.b", true],
    ["a.b", "acb", false],
    ["zap[*", "zap[1", true],
    ["(a|b)*", "a", false],
    ["^$+{2}\\\\", "^$+{2}\\\\", true],
  ];
  for (const [glob, text, matches] of rows) {
    assertEquals(globPattern(glob).test(text), matches, `${glob} ${text}`);
  }
  assertEquals(["zap", "zap*", "z?p"].map(isGlob), [false, true, true]);
});
