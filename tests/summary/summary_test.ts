import { assert, assertAlmostEquals, assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { Cell, Line, Outcome } from "../../bench/record/schema.ts";
import { curves, familyMeans, interfaceTaxes, lastUsedShifts } from "../../bench/summary/growth.ts";
import {
  type EntrySummary,
  isContender,
  summarize,
  type Summary,
} from "../../bench/summary/summary.ts";
import { exitCodeOf, raceBlocks } from "../../bench/report/race_report.ts";
import { textOf } from "../../bench/report/text.ts";
import { ReportError } from "../../bench/summary/report_error.ts";
import { winsOf } from "../../bench/summary/winners.ts";
import { cell, raceFile, withLines } from "../support/result_model.ts";

function entryOf({ cells }: Summary, name: string, at = 0): EntrySummary {
  const found = cells[at].entries.find((entry) => entry.name === name);
  assert(found, `no entry ${name}`);
  return found;
}

function timed(summary: Summary, name: string, at = 0) {
  const { result } = entryOf(summary, name, at);
  assert(result.kind === "timed", `${name} is ${result.kind}`);
  return result;
}

Deno.test("summarize: finds the true ratios, ns and multiples of the floor", () => {
  const summary = summarize(raceFile());
  const { timing, judged } = timed(summary, "rb_tree");
  assertAlmostEquals(timing.nsPerStep, 60, 2);
  assertAlmostEquals(judged!.ratio!.point, 1.5, 0.005);
  assertAlmostEquals(timing.undisturbedRatio, 1.5, 0.02);
  assertAlmostEquals(timing.timesFloor, 30, 0.2);
  assertEquals([timing.rounds, timing.processes, timing.fewBlocks], [20, 8, false]);
  assertEquals(judged!.verdict.kind, "slower");
  assertEquals(timed(summary, "eytzinger").judged!.verdict.kind, "faster");
  assertEquals(timed(summary, "sorted_array").judged, null);
  assertEquals(exitCodeOf(summary), 0);
});

Deno.test("summarize: matches entries by name, whatever their order in a trial", () => {
  const file = raceFile();
  const lines = file.lines.map((line) => line.kind === "trial" ? turned(line) : line);
  assertEquals(
    timed(summarize(withLines(file, lines)), "rb_tree").timing,
    timed(summarize(file), "rb_tree").timing,
  );
});

/** The same trial with its entries in another order if its process is odd. */
function turned(trial: Extract<Line, { kind: "trial" }>): Line {
  if (trial.process % 2 === 0) return trial;
  const last = trial.entries.length - 1;
  const entry = trial.blocks.entry.map((entry) => last - entry);
  return { ...trial, entries: trial.entries.toReversed(), blocks: { ...trial.blocks, entry } };
}

Deno.test("summarize: any entry can be the base", () => {
  const summary = summarize(raceFile(), { base: "rb_tree" });
  assertAlmostEquals(timed(summary, "sorted_array").judged!.ratio!.point, 40 / 60, 0.005);
  assertEquals(entryOf(summary, "rb_tree").isBase, true);
  assertThrows(() => summarize(raceFile(), { base: "b_tree" }), ReportError, "there are sorted_a");
});

Deno.test("summarize: three processes look, and claim nothing", () => {
  const summary = summarize(raceFile({ processes: 3, quick: true }));
  assertEquals(timed(summary, "rb_tree").judged!.verdict.kind, "looks slower");
});

Deno.test("summarize: once wrong, an entry has no number in any cell, and where it was is said", () => {
  const words = "rb_tree gave null for gfn 0x10", outcome = { kind: "wrong" as const, words };
  const small = cell({ slots: 10 });
  const file = failingIn(small, 5, "rb_tree", outcome);
  const summary = summarize(file);
  for (const at of [0, 1]) {
    assertEquals(entryOf(summary, "rb_tree", at).result, { ...outcome, foundIn: small });
    assertEquals(timed(summary, "eytzinger", at).judged!.verdict.kind, "faster");
    assertEquals(summary.cells[at].tracks.byProcess.some((row) => row?.has("rb_tree")), false);
  }
  assertEquals(exitCodeOf(summary), 2);
});

/** A race of two cells in which an entry fails in one process of one of them. */
function failingIn(where: Cell, process: number, name: string, outcome: Outcome) {
  const file = raceFile({ cells: [cell(), cell({ slots: 10 })] });
  const lines = file.lines.map((line): Line => {
    if (line.kind !== "trial" || line.process !== process) return line;
    if (line.cell.slots !== where.slots) return line;
    const entries = line.entries.map((entry) =>
      entry.name === name ? { ...entry, outcome } : entry
    );
    return { ...line, entries };
  });
  return withLines(file, lines);
}

Deno.test("summarize: a base that failed in some processes leaves nobody a ratio to it", () => {
  const outcome = { kind: "wrong" as const, words: "rb_tree gave null for gfn 0x10" };
  const file = failingIn(cell({ slots: 10 }), 5, "rb_tree", outcome);
  const summary = summarize(file, { base: "rb_tree" });
  for (const at of [0, 1]) {
    for (const name of ["sorted_array", "eytzinger"]) {
      const { judged, timing } = timed(summary, name, at);
      assertEquals([judged, timing.logRatios.some(Number.isFinite)], [null, false]);
      assert(timing.nsPerStep > 0);
    }
  }
  assertEquals(familyMeans(summary).filter(({ mean }) => mean.kind === "estimated"), []);
});

Deno.test("summarize: a leak that a probe finds counts in every cell", () => {
  const outcome = { kind: "leaked" as const, words: "grew by 9 MB" };
  const entries = [{ name: "eytzinger", outcome, liveBytesPerSlot: 9 }];
  const cells = [cell(), cell({ slots: 10 })];
  const summary = summarize(raceFile({ cells, more: [{ kind: "probe", cell: cell(), entries }] }));
  for (const at of [0, 1]) {
    const { result, probe } = entryOf(summary, "eytzinger", at);
    assertEquals([result.kind, probe], ["leaked", null]);
  }
  const winners = winsOf(summary, () => undefined).all.map(({ podium }) => podium.winner);
  assertEquals(new Set(winners), new Set(["sorted_array"]));
});

Deno.test("summarize: an entry that the gate kept out has a row in every cell", () => {
  const outcome = { kind: "stuck" as const, words: "lost did not come back in 10 s" };
  const summary = summarize(
    raceFile({ more: [{ kind: "gate", engine: "deno", isLoaded: true, name: "lost", outcome }] }),
  );
  assertEquals(entryOf(summary, "lost").result, { ...outcome, foundIn: null });
  assertEquals(exitCodeOf(summary), 2);
});

Deno.test("summarize: a baseline that is out leaves times without ratios", () => {
  const outcomes = { sorted_array: { kind: "threw" as const, words: "sorted_array threw" } };
  const summary = summarize(raceFile({ outcomes }));
  const { timing, judged } = timed(summary, "rb_tree");
  assertAlmostEquals(timing.nsPerStep, 60, 2);
  assertEquals(judged, null);
});

Deno.test("summarize: a twin that all processes see apart voids the verdicts", () => {
  const cells = [cell(), cell({ slots: 10 })];
  const summary = summarize(raceFile({ twin: 1.03, cells }));
  const { verdict } = timed(summary, "rb_tree").judged!;
  assert(
    verdict.kind === "not valid" && verdict.why[0].name === "A/A",
    JSON.stringify(verdict),
  );
  assertEquals(exitCodeOf(summary), 4);
});

Deno.test("summarize: a twin apart in one cell raises what that cell's claims must exceed", () => {
  const ns = { sorted_array: 40, rb_tree: 60, eytzinger: 41.2 };
  const kinds = (twin: number) => {
    const summary = summarize(raceFile({ twin, ns }));
    return ["rb_tree", "eytzinger"].map((name) => timed(summary, name).judged!.verdict.kind);
  };
  assertEquals(kinds(1), ["slower", "slower"]);
  const [far, near] = kinds(1.05);
  assertEquals(far, "slower");
  assert(near !== "slower", near);
});

Deno.test("summarize: an entry that changes its speed late costs its own row, and says why", () => {
  const file = raceFile({ cells: [cell(), cell({ slots: 10 })] });
  const lines = file.lines.map((line): Line => {
    if (line.kind !== "trial" || line.cell.slots !== 509) return line;
    const { round, entry, ns } = line.blocks;
    const slowed = ns.map((ns, i) => entry[i] === 1 && round[i] < 16 ? 2.6 * ns : ns);
    return { ...line, blocks: { round, entry, ns: slowed } };
  });
  const summary = summarize(withLines(file, lines));
  const [first, other] = summary.cells.map(({ entries }) =>
    entries.filter(isContender).map(({ result }) =>
      result.kind === "timed" ? result.judged?.verdict.kind ?? "base" : result.kind
    )
  );
  assertEquals(first, ["base", "not valid", "faster"]);
  assertEquals(other, ["base", "slower", "faster"]);
  assertEquals(exitCodeOf(summary), 0);
  const mean = familyMeans(summary).find(({ contender }) => contender === "eytzinger")!;
  assertEquals(mean.verdict?.kind, "faster");
});

Deno.test("summarize: an entry that changes its speed early is reported as it settled", () => {
  const file = raceFile();
  const lines = file.lines.map((line): Line => {
    if (line.kind !== "trial") return line;
    const { round, entry, ns } = line.blocks;
    const slowed = ns.map((ns, i) => entry[i] === 1 && round[i] < 10 ? 2.6 * ns : ns);
    return { ...line, blocks: { round, entry, ns: slowed } };
  });
  const { judged } = timed(summarize(withLines(file, lines)), "rb_tree");
  assertEquals(judged?.verdict.kind, "slower");
  assertAlmostEquals(judged!.ratio!.point, 1.5, 0.01);
});

Deno.test("summarize: probes stand beside their entries, and their leaks count", () => {
  const entries = [
    { name: "rb_tree", outcome: { kind: "ok" as const }, liveBytesPerSlot: 72 },
    { name: "eytzinger", outcome: { kind: "leaked" as const, words: "grew by 9 MB" } },
  ];
  const summary = summarize(raceFile({ more: [{ kind: "probe", cell: cell(), entries }] }));
  assertEquals(entryOf(summary, "rb_tree").probe?.liveBytesPerSlot, 72);
  assertEquals(entryOf(summary, "eytzinger").result.kind, "leaked");
});

Deno.test("summarize: who sat out rounds has few blocks", () => {
  const file = raceFile();
  const lines = file.lines.map((line): Line => {
    if (line.kind !== "trial") return line;
    const { round, entry, ns } = line.blocks;
    const kept = round.map((_, i) => i).filter((i) => entry[i] !== 1 || round[i] % 4 === 0);
    const pick = (values: number[]) => kept.map((i) => values[i]);
    return {
      ...line,
      entries: line.entries.map((entry, i) => i === 1 ? { ...entry, every: 4 } : entry),
      blocks: { round: pick(round), entry: pick(entry), ns: pick(ns) },
    };
  });
  const { timing, judged } = timed(summarize(withLines(file, lines)), "rb_tree");
  assertEquals([timing.fewBlocks, timing.rounds], [true, 5]);
  assertAlmostEquals(judged!.ratio!.point, 1.5, 0.01);
});

Deno.test("summarize: what is filtered out is not counted among comparisons", () => {
  const keep = (_: unknown, contender: string) => contender !== "eytzinger";
  assertEquals(summarize(raceFile()).judgement.tests, 2);
  assertEquals(summarize(raceFile(), { keep }).judgement.tests, 1);
});

Deno.test("summarize: a partial file says what it lacks", () => {
  const file = raceFile({ cells: [cell(), cell({ slots: 10 })] });
  const lines = file.lines.filter((line) => line.kind === "trial" && line.cell.slots === 509);
  const [warning] = summarize(withLines(file, lines)).warnings;
  assertEquals(
    warning,
    "8 of 16 trials are there, 8 of 8 processes begun; 1 of 2 cells have none",
  );
});

Deno.test("familyMeans: the geometric mean over the cells of a unit", () => {
  const ns = {
    sorted_array: 40,
    rb_tree: ({ slots }: { slots: number }) => slots === 10 ? 20 : 160,
  };
  const summary = summarize(raceFile({ ns, cells: [cell(), cell({ slots: 10 })] }));
  const [{ contender, family, mean }] = familyMeans(summary);
  assertEquals([contender, family.cells.length, mean.kind], ["rb_tree", 2, "estimated"]);
  if (mean.kind === "estimated") assertAlmostEquals(mean.estimate.point, Math.SQRT2, 0.01);
});

Deno.test("curves: the exponent and the crossing that were put in", () => {
  const ns = { sorted_array: 30, linear_scan: ({ slots }: { slots: number }) => 3 * slots };
  const cells = [1, 4, 16, 64].map((slots) => cell({ slots }));
  const [{ slots, growth, crossovers }] = curves(summarize(raceFile({ ns, cells })));
  assertEquals(slots, [1, 4, 16, 64]);
  const { scaling } = growth.find(({ contender }) => contender === "linear_scan")!;
  assert(scaling.kind === "scaling");
  assertAlmostEquals(scaling.exponent.point, 1, 0.02);
  const [{ crossover }] = crossovers;
  assert(crossover.kind === "crosses" && crossover.wins === "below");
  assertAlmostEquals(crossover.near, 10, 0.2);
});

Deno.test("interfaceTaxes: mixed over solo, for each contender", () => {
  const ns = {
    sorted_array: ({ condition }: { condition: string }) => condition === "solo" ? 40 : 60,
    rb_tree: 60,
  };
  const cells = [cell(), cell({ condition: "mixed" })];
  const taxes = interfaceTaxes(summarize(raceFile({ ns, cells })));
  assertEquals(taxes.map(({ contender }) => contender), ["sorted_array", "rb_tree"]);
  assertAlmostEquals(taxes[0].ratio.point, 1.5, 0.03);
  assertEquals(taxes[0].isClaimed, true);
});

/** Ten times as fast behind a cache. */
const CACHED = {
  sorted_array: ({ lastUsed }: Cell) => lastUsed === "off" ? 40 : 4,
  rb_tree: ({ lastUsed }: Cell) => lastUsed === "off" ? 60 : 4,
};

Deno.test("lastUsedShifts: with the cache over without, for each contender and cache", () => {
  const cells = [cell(), cell({ lastUsed: "set" }), cell({ lastUsed: "reader" })];
  const shifts = lastUsedShifts(summarize(raceFile({ ns: CACHED, cells })));
  const words = shifts.map(({ cell, contender }) => `${contender} ${cell.cell.lastUsed}`);
  assertEquals(words, ["sorted_array set", "rb_tree set", "sorted_array reader", "rb_tree reader"]);
  assertAlmostEquals(shifts[0].ratio.point, 0.1, 0.001);
  assertAlmostEquals(shifts[3].ratio.point, 4 / 60, 0.001);
  assert(shifts.every(({ isClaimed, isValid }) => isClaimed && isValid));
});

Deno.test("lastUsedShifts: a cell that the checks void is no claim, nor is a field named off", () => {
  const cells = [cell({ lastUsed: "off" }), cell({ lastUsed: "set" }), cell({ slots: 10 })];
  const [shift] = lastUsedShifts(summarize(raceFile({ ns: CACHED, cells, twin: 1.05 })));
  assertEquals([shift.isValid, shift.isClaimed], [false, false]);
  assertEquals(lastUsedShifts(summarize(raceFile({ cells: [cells[0]] }))), []);
});

Deno.test("familyMeans, curves: cells behind a cache are never among those without", () => {
  const cells = [10, 509].flatMap((slots) => [cell({ slots }), cell({ slots, lastUsed: "set" })]);
  const summary = summarize(raceFile({ ns: CACHED, cells }));
  const means = familyMeans(summary).map(({ family, mean }) => {
    return [
      family.lastUsed,
      family.cells.length,
      mean.kind === "estimated" && mean.estimate.point.toFixed(1),
    ];
  });
  assertEquals(means, [["off", 2, "1.5"], ["set", 2, "1.0"]]);
  const slots = curves(summary).map(({ cell, slots }) => [cell.lastUsed, ...slots]);
  assertEquals(slots, [["off", 10, 509], ["set", 10, 509]]);
});

Deno.test("raceBlocks: a row with two modes names both", () => {
  const file = raceFile();
  const lines = file.lines.map((line): Line => {
    if (line.kind !== "trial" || line.process % 2 === 0) return line;
    const { round, entry, ns } = line.blocks;
    return {
      ...line,
      blocks: { round, entry, ns: ns.map((ns, i) => entry[i] === 1 ? 2 * ns : ns) },
    };
  });
  const summary = summarize(withLines(file, lines));
  const table = textOf(raceBlocks(summary), { width: 200, color: false });
  assertMatch(
    table,
    /rb_tree .* slower, bimodal: 1\.\d+ in 4 processes, [23]\.\d+ in 4 processes/,
  );
});
