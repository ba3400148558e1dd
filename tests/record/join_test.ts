import { assert, assertEquals, assertThrows } from "@std/assert";
import { joinShards } from "../../bench/record/join.ts";
import type { RaceFile } from "../../bench/record/result_file.ts";
import { type Line, RunLine } from "../../bench/record/schema.ts";
import { looksOf } from "../../bench/stats/looks.ts";
import { verdictWords } from "../../bench/report/verdict_words.ts";
import { judgedOf, summarize } from "../../bench/summary/summary.ts";
import { cell, type Race, raceLines, textOf } from "../support/result_model.ts";
import { fileOf, shardLines, shardsOf } from "../support/shards.ts";

const CELLS = [10, 32, 509, 4096].map((slots) => cell({ slots }))
  .concat([509, 32_764].map((slots) => cell({ workload: "zap_8", slots })), [
    cell({ workload: "zap_8", condition: "mixed" }),
  ]);

const CONTENDERS = ["sorted_array", "rb_tree", "eytzinger"];

/** The undivided race: gates and probes before the trials, as a race writes them. */
function wholeLines(race: Partial<Race> = {}): Line[] {
  const [first, ...lines] = raceLines({ cells: CELLS, rounds: 6, ...race });
  const trials = lines.filter((line) => line.kind === "trial")
    .sort((a, b) => a.process - b.process);
  const again = trials.filter(({ process, cell }) => process === 1 && cell.slots === 509)
    .map((trial) => ({ ...trial, attempt: 2 }));
  const gates = CONTENDERS.map((name): Line => (
    { kind: "gate", name, engine: "deno", outcome: { kind: "ok" }, isLoaded: true }
  ));
  const probes = CELLS.filter(({ condition }) => condition === "solo").map((cell): Line => (
    { kind: "probe", cell, entries: [{ name: "rb_tree", outcome: { kind: "ok" } }] }
  ));
  return [first, ...gates, ...probes, ...trials, ...again, ...lines.slice(-1)];
}

/** The lines of the joined file. */
function joined(files: readonly RaceFile[], { isPartial = false } = {}): Line[] {
  return joinShards(files, { isPartial, looksOf });
}

/** The verdicts of a file in words, by cell and contender. */
function verdictsOf(file: RaceFile): string[] {
  return summarize(file).cells.flatMap(({ cell, entries }) =>
    entries.map((entry) => {
      const judged = judgedOf(entry), words = judged ? verdictWords(judged.verdict) : "none";
      return `${cell.workload} ${cell.slots} ${entry.name}: ${words} ${judged?.ratio?.point}`;
    })
  );
}

Deno.test("joinShards: by cell, all lines but the first are those of the undivided race, in its order", () => {
  const whole = wholeLines(), read = fileOf("whole.jsonl", whole);
  for (const parts of [1, 2, 3, 6]) {
    const [first, ...others] = joined(shardsOf(whole, parts));
    const bare = others.map((line) => {
      const { shard: _, ...rest } = line as { shard?: unknown };
      return rest;
    });
    assertEquals(bare, read.lines.slice(1) as typeof bare);
    const { plan, seed, argv } = RunLine.parse(first);
    assertEquals([plan, seed], [read.run.plan, read.run.seed]);
    assertEquals(argv, ["--seed=1"]);
    const file = fileOf("joined.jsonl", [first, ...others]);
    assertEquals(verdictsOf(file), verdictsOf(read));
    assertEquals(file.warnings, []);
  }
});

Deno.test("joinShards: by process, cells, counts and verdicts are those of the undivided race", () => {
  const whole = wholeLines(), read = fileOf("whole.jsonl", whole);
  const shards = shardsOf(whole, 3, "process");
  assertEquals(shards.map(({ trials }) => [...new Set(trials.map(({ process }) => process))]), [
    [0, 1, 2, 3],
    [4, 5],
    [6, 7],
  ]);
  const file = fileOf("joined.jsonl", joined(shards));
  assertEquals([file.trials.length, file.probes.length], [
    read.trials.length,
    read.probes.length,
  ]);
  assertEquals(verdictsOf(file), verdictsOf(read));
});

Deno.test("joinShards: gives the same bytes whatever the order of the files", () => {
  const [a, b, c] = shardsOf(wholeLines(), 3);
  const text = (files: RaceFile[]) => textOf(joined(files));
  assertEquals(text([c, a, b]), text([a, b, c]));
});

Deno.test("joinShards: says of each trial where it ran, and keeps a gate's refusal by any shard", () => {
  const whole = wholeLines();
  const files = shardsOf(whole, 2);
  const refused = files[1].lines.map((line): Line =>
    line.kind === "gate" && line.name === "rb_tree"
      ? { ...line, outcome: { kind: "stuck", words: "rb_tree hung" } }
      : line
  );
  const made = joined([files[0], fileOf("2.jsonl", refused)]);
  const file = fileOf("joined.jsonl", made);
  assertEquals(file.run.joined?.shards.map(({ host }) => host), ["track-1", "track-2"]);
  assertEquals(file.run.host, "track-1 + track-2");
  assert(file.trials.every(({ shard, cell }) => {
    return (shard === 1) === (cell.workload === "find_uniform" && cell.slots < 4096);
  }));
  assertEquals([...file.gates.values()].map(({ name, outcome }) => [name, outcome.kind]), [
    ["sorted_array", "ok"],
    ["rb_tree", "stuck"],
    ["eytzinger", "ok"],
  ]);
});

Deno.test("joinShards: refuses what is no whole, single shard of the same race, in one line each", () => {
  const whole = wholeLines();
  const [a, b, c] = shardsOf(whole, 3);
  const edited = (file: RaceFile, edit: (run: RunLine) => RunLine) => {
    const [first, ...lines] = file.lines;
    return fileOf("x.jsonl", [edit(RunLine.parse(first)), ...lines]);
  };
  const without = (file: RaceFile, isOut: (line: Line) => boolean) => {
    return fileOf("x.jsonl", file.lines.filter((line) => !isOut(line)));
  };
  const withGroup = (file: RaceFile, processes: number) =>
    fileOf(
      "x.jsonl",
      file.lines.flatMap((line) =>
        line.kind === "trial" && line.process < processes
          ? [line, { ...line, group: "rb_tree" }]
          : [line]
      ),
    );
  const isOf = (line: Line, process: number) => line.kind === "trial" && line.process === process;
  const plan = (more: Partial<RunLine["plan"]>) =>
    edited(b, (run) => ({ ...run, plan: { ...run.plan, ...more } }));
  assertThrows(
    () => fileOf("x.jsonl", [b.lines[0], ...a.lines.slice(1)]),
    Error,
    "must be of the plan in line 1: it is of a cell of find_uniform",
  );
  const cases: [RaceFile[], RegExp][] = [
    [[a, c], /all 3 shards must be given: missing is 2\/3 with find_uniform on .* --partial$/],
    [[b], /missing are 1\/3, 3\/3 with/],
    [[a, b, b, c], /^Cannot join 2.jsonl as each shard must be given once: 2.jsonl is 2\/3 too$/],
    [[a, fileOf("w.jsonl", whole), c], /^Cannot join w.jsonl as it must be a shard .*whole race$/],
    [
      [fileOf("j.jsonl", joined([a, b, c]))],
      /j.jsonl as it must be a shard .*: it was joined already$/,
    ],
    [
      [a, without(b, ({ kind }) => kind === "end"), c],
      /must have ended: complete it with .*--resume/,
    ],
    [
      [a, edited(b, (run) => ({ ...run, seed: 2 })), c],
      /^Cannot join x.jsonl .*1.jsonl differs in its seed: 1, 2$/,
    ],
    [[a, edited(b, (run) => ({ ...run, commit: "feed" })), c], /its commit: 0123abc, feed$/],
    [
      [a, edited(b, (run) => ({ ...run, code: { "impls/x.ts": "0" } })), c],
      /programs: impls\/x.ts$/,
    ],
    [[a, plan({ rounds: 7 }), c], /differs in its plan/],
    [[a, plan({ processes: 9 }), c], /differs in its processes: 8, 9$/],
    [
      [a, plan({ contenders: [...b.run.plan.contenders, { name: "more", path: "" }] }), c],
      /differs in its contenders/,
    ],
    [[a, plan({ cells: CELLS }), c], /its plan must have the cells of shard 2\/3: it has others$/],
    [[a, shardsOf(whole, 2)[1]], /differs in its number of shards: 3 by cell, 2 by cell$/],
    [
      [a, without(b, (line) => isOf(line, 3)), c],
      /509 slots must have its first 6 or 8 processes: lines were taken out$/,
    ],
    [[a, without(b, (line) => isOf(line, 7)), c], /its first 6 or 8 processes: lines/],
    [[a, without(b, (line) => line.kind === "trial"), c], /its first 6 or 8 processes: lines/],
    // A contender that races apart has as many processes as the others.
    [[a, withGroup(b, 3), c], /its first 6 or 8 processes: lines were taken out$/],
  ];
  for (const [files, words] of cases) {
    const error = assertThrows(() => joined(files), Error);
    assert(words.test(error.message), `${words}: ${error.message}`);
    assertEquals([error.name, error.message.includes("\n")], ["ResultFileError", false]);
  }
});

Deno.test("joinShards: by process, refuses machines of another kind", () => {
  const whole = wholeLines();
  const files = [["A", 1], ["B", 2]].map(([cpu, index]) => {
    const lines = shardLines(whole, { index: Number(index), of: 2, by: "process", cpu: `${cpu}` });
    return fileOf(`${cpu}.jsonl`, lines);
  });
  assertThrows(
    () => joined(files),
    Error,
    "Cannot join B.jsonl as shards by process must be of one kind of machine, and the cpu of A.jsonl is A",
  );
});

Deno.test("joinShards: partial, says in the file what is missing", () => {
  const [a, , c] = shardsOf(wholeLines(), 3);
  const file = fileOf("part.jsonl", joined([a, c], { isPartial: true }));
  assertEquals(file.warnings, ["part.jsonl lacks shard 2 of 3: 5 of 7 cells have trials"]);
  assertEquals(file.run.plan.cells, CELLS);
});

Deno.test("parseResultFile: refuses a trial or a probe of a shard that the first line does not have", () => {
  const [first, ...lines] = joined(shardsOf(wholeLines(), 2));
  const refusal = " must be of a shard that its first line names";
  for (const kind of ["trial", "probe"]) {
    const moved = lines.map((line): Line =>
      line.kind === kind ? { ...line, shard: 9 } as Line : line
    );
    assertThrows(() => fileOf("j.jsonl", [first, ...moved]), Error, `each ${kind}${refusal}`);
  }
  const foreign = wholeLines().map((line) => line.kind === "trial" ? { ...line, shard: 1 } : line);
  assertThrows(() => fileOf("w.jsonl", foreign), Error, refusal);
});

Deno.test("joinShards: the environment has the values of all machines, and 0 where numbers differ", () => {
  const whole = wholeLines(),
    machines = [
      { cpu: "A", cores: 2, engines: { node: "Node 24", bun: "Bun 1.4" } },
      { cpu: "B", cores: 4, engines: { node: "Node 22", bun: "Bun 1.4" } },
      { cpu: "A", cores: 2, engines: { node: "Node 24", bun: "Bun 1.4" } },
    ];
  const files = machines.map((machine, i) => {
    const [first, ...lines] = shardLines(whole, { index: i + 1, of: machines.length });
    const run = RunLine.parse(first), environment = { ...run.environment, ...machine };
    return fileOf(`${i}.jsonl`, [{ ...run, environment }, ...lines]);
  });
  const { environment } = RunLine.parse(joined(files)[0]);
  const { cpu, cores, engines, os, memoryBytes } = environment;
  assertEquals([cpu, cores, os, memoryBytes], ["A + B", 0, "linux", 2 ** 33]);
  assertEquals(engines, { node: "Node 24 + Node 22", bun: "Bun 1.4" });
});
