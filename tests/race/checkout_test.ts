import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { PlanError } from "../../bench/race/cells.ts";
import { Checkout } from "../../bench/race/checkout.ts";
import { isSlowerThan } from "../../bench/summary/against.ts";
import { summarize } from "../../bench/summary/summary.ts";
import { raceBlocks } from "../../bench/report/race_report.ts";
import { textOf } from "../../bench/report/text.ts";
import { cell, type Race, raceFile } from "../support/result_model.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const ENTRANTS = ["sorted_array", "no_such_index"].map((name) => ({ name, url: "file:///x.ts" }));

Deno.test("Checkout.of: a folder gives the counterparts that it has", async () => {
  using checkout = await Checkout.of(ROOT);
  const [found, ...others] = checkout.counterparts(ENTRANTS);
  assertEquals([found.name, found.against, others.length], [
    `sorted_array@${ROOT}`,
    "sorted_array",
    0,
  ]);
  assertThrows(() => checkout.counterparts(ENTRANTS.slice(1)), PlanError, "none of no_such_index");
});

Deno.test("Checkout.of: a revision is read into a folder that goes away again", async () => {
  const inGit = await new Deno.Command("git", { args: ["rev-parse", "HEAD"], cwd: ROOT }).output();
  if (!inGit.success) return; // an unpacked archive has no commits to race against
  let path: URL;
  {
    using checkout = await Checkout.of("HEAD");
    const [{ url }] = checkout.counterparts(ENTRANTS);
    path = new URL(url);
    assert((await Deno.readTextFile(path)).includes("class SortedArray"));
    assert((await Deno.stat(new URL("memslot.ts", path))).isFile);
  }
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
  await assertRejects(() => Checkout.of("no-such-revision"), PlanError, "must be a git revision");
});

/** A race of rb_tree now and then; `ratio` is what the edit did. */
function edited(ratio: number, race: Partial<Race> = {}) {
  const file = raceFile({
    ns: { sorted_array: 40, rb_tree: 60 * ratio, "rb_tree@HEAD": 60 },
    cells: [cell(), cell({ slots: 10 })],
    processes: 10,
    ...race,
  });
  const contenders = file.run.plan.contenders.map((row) =>
    row.name === "rb_tree@HEAD" ? { ...row, against: "rb_tree" } : row
  );
  const run = { ...file.run, plan: { ...file.run.plan, contenders } };
  return summarize({ ...file, run });
}

Deno.test("againstBlocks: the table says what the edit did, and nothing of one that did nothing", () => {
  const words = (ratio: number) => textOf(raceBlocks(edited(ratio)), { width: 160, color: false });
  const faster = words(0.9);
  assert(faster.indexOf("What changed since HEAD") < faster.indexOf("ns a lookup"));
  assertEquals(faster.match(/^rb_tree +0\.(9|8)\d+ +\[.*\] +faster/gm)?.length, 2);
  assertEquals(words(1).match(/^rb_tree +(1\.00|0\.99)\d .*equal within 2 %/gm)?.length, 2);
});

Deno.test("isSlowerThan: only what is surely beyond the limit", () => {
  assert(isSlowerThan(edited(1.1), 1.05));
  assert(!isSlowerThan(edited(1.04), 1.05));
  assert(!isSlowerThan(edited(0.9), 1.05));
});
