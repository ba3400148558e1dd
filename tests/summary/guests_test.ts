import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Line, TrialLine } from "../../bench/record/schema.ts";
import { readResultFile } from "../../bench/record/result_file.ts";
import { summarize, type Summary, timingOf } from "../../bench/summary/summary.ts";
import { winsOf } from "../../bench/summary/winners.ts";
import { fileOf, type Race, raceLines, withPlanned } from "../support/result_model.ts";

/** The trials of `race` as those in which `guest` ran apart from the others. */
function apart(guest: string, race: Partial<Race>): TrialLine[] {
  return raceLines({ seed: 7, ...race }).flatMap((line) => {
    return line.kind === "trial" ? [{ ...line, group: guest }] : [];
  });
}

function summaryOf(lines: readonly Line[]): Summary {
  return summarize(readResultFile(fileOf("guests.jsonl", lines)));
}

/** A file of registered contenders; and a guest, whose process ran at half the speed. */
function withGuest(ns: Race["ns"] = { sorted_array: 80, mine: 20 }): Line[] {
  const home = raceLines({ ns: { sorted_array: 40, rb_tree: 60 } });
  return withPlanned([...home.slice(0, -1), ...apart("mine", { ns }), home.at(-1)!], "mine");
}

function ratioOf(summary: Summary, name: string): number {
  const timing = timingOf(summary.cells[0].byName.get(name));
  assert(timing !== null, name);
  return Math.exp(timing.logRatios[0]);
}

Deno.test("summarize: a guest's ratio is to the baseline of its own process, its ns are its own", () => {
  const summary = summaryOf(withGuest());
  assertAlmostEquals(ratioOf(summary, "mine"), 0.25, 0.01);
  assertAlmostEquals(ratioOf(summary, "rb_tree"), 1.5, 0.05);
  const { nsPerStep } = timingOf(summary.cells[0].byName.get("mine"))!;
  assertAlmostEquals(nsPerStep, 20, 0.5);
  const entry = summary.cells[0].byName.get("mine")!;
  assert(entry.result.kind === "timed");
  assertEquals(entry.result.checks.filter(({ kind }) => kind === "failed"), []);
  assertEquals(entry.result.judged?.verdict.kind, "faster");
  assertEquals(summary.warnings, [], "no trial is missing");
});

Deno.test("summarize: a guest and another contender are compared by way of the baseline", () => {
  const summary = summaryOf(withGuest());
  const { logRatios } = timingOf(
    summarize(readResultFile(fileOf("guests.jsonl", withGuest())), { base: "rb_tree" })
      .cells[0].byName.get("mine"),
  )!;
  assertAlmostEquals(Math.exp(logRatios[0]), 20 / 80 / (60 / 40), 0.01);
  assertEquals(winsOf(summary, () => undefined).all[0].podium.winner, "mine");
});

Deno.test("summarize: a guest that was disturbed is not valid, whatever the base", () => {
  const disturbed = withGuest().map((line): Line => {
    if (line.kind !== "trial" || line.group === undefined) return line;
    const mine = line.entries.findIndex(({ name }) => name === "mine");
    const ns = line.blocks.ns.map((ns, i) => {
      const isHit = line.blocks.entry[i] === mine && line.blocks.round[i] % 5 !== 0;
      return isHit ? ns * (3 + line.blocks.round[i] % 3) : ns;
    });
    return { ...line, blocks: { ...line.blocks, ns } };
  });
  const file = readResultFile(fileOf("guests.jsonl", disturbed));
  for (const [base, name] of [["sorted_array", "mine"], ["rb_tree", "mine"], ["mine", "rb_tree"]]) {
    const { result } = summarize(file, { base }).cells[0].byName.get(name)!;
    assert(result.kind === "timed");
    assertEquals(result.judged?.verdict.kind, "not valid", `${name} to ${base}`);
  }
});

Deno.test("summarize: a guest alone is a row beside the baseline of its process", () => {
  const [run] = withPlanned(raceLines(), "mine"),
    trials = apart("mine", { ns: { sorted_array: 80, mine: 20 } });
  const summary = summaryOf([run, ...trials]);
  assertAlmostEquals(ratioOf(summary, "mine"), 0.25, 0.01);
  assertEquals(summary.checks.twins.length, 1);
});

Deno.test("summarize: a guest that failed in one process has no number", () => {
  const lines = withGuest().map((line): Line => {
    if (line.kind !== "trial" || line.group === undefined || line.process !== 3) return line;
    const words = "mine changes Array.prototype.at, which all entries share";
    const outcome = { kind: "threw" as const, words };
    const entries = line.entries.filter(({ name }) => name === "mine")
      .map((entry) => ({ ...entry, outcome }));
    return { ...line, entries, blocks: { round: [], entry: [], ns: [] } };
  });
  const { result } = summaryOf(lines).cells[0].byName.get("mine")!;
  assertEquals(result.kind, "threw");
});
