import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runCommand } from "../../bench/cli/command.ts";
import { readmeFiles } from "../../bench/cli/readme.ts";
import { RECOMMEND } from "../../bench/cli/recommend.ts";
import { REPORT } from "../../bench/cli/report.ts";
import { cell, fileOf, raceLines } from "../support/result_model.ts";

const CELLS = [10, 509].flatMap((slots) => [
  cell({ slots }),
  cell({ workload: "zap_8", slots }),
  cell({ workload: "move", slots }),
]);

/** Runs a command in this process; gives its code and what it wrote. */
async function run(command: Parameters<typeof runCommand>[0], ...argv: string[]) {
  let out = "", err = "";
  const io = {
    out: (text: string) => void (out += `${text}\n`),
    err: (text: string) => void (err += `${text}\n`),
    width: 80,
    color: false,
  };
  const code = await runCommand(command, argv, io);
  return { code, out, err };
}

Deno.test("report: writes a page that holds winners, curves and the data, and no half of one", async () => {
  const path = fileOf("report.jsonl", raceLines({ cells: CELLS }));
  const page = path.replace("report.jsonl", "a page #1.html");
  const { code, out } = await run(REPORT, path, path, "--out", page);
  assertEquals([code, out], [0, `Wrote '${page}'\n`]);
  const html = await Deno.readTextFile(page);
  for (const id of ["winners", "recommend", "curves", "cells", "runs", "checks"]) {
    assertStringIncludes(html, `<section id="${id}"`);
  }
  const refused = await run(REPORT, path, "--out", "/no/such/folder/page.html");
  assertEquals(refused.code, 1);
  assertMatch(refused.err, /^Cannot write \/no\/such\/folder\/page\.html: /);
});

Deno.test("report: hostile names are text", async () => {
  const evil = `"><script>alert(1)</script>\x1b[31m\u202e`;
  const path = fileOf(
    "evil.jsonl",
    raceLines({ ns: { sorted_array: 40, [evil]: 20 }, cells: CELLS }),
  );
  const page = path.replace("evil.jsonl", "evil.html");
  assertEquals((await run(REPORT, path, "--out", page)).code, 0);
  const html = await Deno.readTextFile(page);
  assertEquals(html.match(/<script/g)?.length, 2, "the page's own");
  // deno-lint-ignore no-control-regex -- this is what it looks for
  assert(!/\x1b|\u202e/.test(html.slice(0, html.indexOf('<script type="application/json"'))));
});

Deno.test("report --format svg: a picture of each curve, the same bytes each time", async () => {
  const path = fileOf("pictures.jsonl", raceLines({ cells: CELLS }));
  const folder = path.replace("pictures.jsonl", "pictures");
  const { code, out } = await run(REPORT, path, "--format", "svg", "--out", folder);
  assertEquals(code, 0);
  const files = out.trim().split("\n").map((line) => line.replace(/^Wrote /, ""));
  assertEquals(files.length, 3);
  const first = await Deno.readTextFile(files[0]);
  await run(REPORT, path, "--format", "svg", "--out", folder);
  assertEquals(await Deno.readTextFile(files[0]), first);
  assertMatch(first, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  const onFile = await run(REPORT, path, "--format", "svg", "--out", files[0]);
  assertEquals([onFile.code, onFile.err.trim().split("\n").length], [1, 1]);
  assertStringIncludes(onFile.err, "Cannot write pictures into");
});

Deno.test("recommend: ranks for a mix, says on what it rests and how to be surer", async () => {
  const ns = { sorted_array: 40, rb_tree: 60, eytzinger: 10 };
  const path = fileOf("mix.jsonl", raceLines({ ns, cells: CELLS, luck: 0 }));
  const { code, out } = await run(RECOMMEND, path, "--slots", "509", "--mix", "find=9,change=1");
  assertEquals(code, 0);
  assertMatch(out, /^For 90 % lookups and 10 % changes at 509 slots/);
  assertMatch(out, /^eytzinger +10\.\d +1 +first$/m);
  assertMatch(out, /^rb_tree +6\d\.\d +6\.\d+ +\[.*\] +slower$/m);
  assertStringIncludes(
    out,
    "Rests on find_uniform at 509 slots and move at 509 slots, 8 processes",
  );
  assertMatch(out, /--contender\s+eytzinger,sorted_array/);
});

Deno.test("recommend: refuses what is no mix, and a race that cannot answer", async () => {
  const path = fileOf("one.jsonl", raceLines());
  for (const mix of ["find", "find=-1", "fly=3", "find=0", ""]) {
    assertEquals((await run(RECOMMEND, path, "--mix", mix)).code, 64, mix);
  }
  const { code, err } = await run(RECOMMEND, path, "--mix", "change=1");
  assertEquals(code, 64);
  assertStringIncludes(err, "No cell of this race measures change");
});

Deno.test("README: its table and its pictures are those of the reference run", async () => {
  for (const [path, content] of await readmeFiles()) {
    const found = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    assertEquals(found, content, `${path} is stale: deno task readme`);
  }
});
