import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { JOIN } from "../../bench/cli/join.ts";
import { RACE } from "../../bench/cli/race.ts";
import { RECOMMEND } from "../../bench/cli/recommend.ts";
import { readResultFile } from "../../bench/record/result_file.ts";
import { type Cell, cellKey, type TrialLine } from "../../bench/record/schema.ts";
import { captured } from "../support/captured.ts";
import { cell, fileOf, raceLines, textOf } from "../support/result_model.ts";
import { shardLines } from "../support/shards.ts";

const CELLS = [10, 509, 4096].map((slots) => cell({ slots }));

const LINES = raceLines({ cells: CELLS, rounds: 6 });

const [ONE, TWO, THREE] = [1, 2, 3].map((index) => {
  const lines = shardLines(LINES, { index, of: 3, cpu: `CPU ${index}` });
  return fileOf(`shard-${index}.jsonl`, lines);
});

let count = 0;
/** A path where nothing is yet. */
function newPath(): string {
  return fileOf(`joined-${++count}`, "").replace(/joined-\d+$/, `joined-${count}.jsonl`);
}

Deno.test("join: writes a file that reads as the race, and says which cells ran where", async () => {
  const out = newPath();
  const { code, out: words, err } = await captured(JOIN, [THREE, ONE, TWO, "--out", out]);
  assertEquals([code, err], [0, ""]);
  assertMatch(words, /^Wrote .*: 3 shards, 3 cells$/m);
  assertMatch(words, /^track-2: CPU 2, .*: find_uniform scattered 509$/m);
  const file = readResultFile(out);
  assertEquals([file.trials.length, file.isWhole, file.warnings], [24, true, []]);
  const { code: refused, err: why } = await captured(RECOMMEND, [out]);
  assertEquals(refused, 64);
  assertMatch(why, /a mix adds times and its cells ran on several machines: race the mix itself/);
});

Deno.test("join: overwrites nothing, and leaves nothing behind where it refuses", async () => {
  const taken = fileOf("taken.jsonl", "mine");
  const { code, err } = await captured(JOIN, [ONE, TWO, THREE, "--out", taken]);
  assertEquals([code, Deno.readTextFileSync(taken)], [1, "mine"]);
  assertMatch(err, /^Cannot write .*taken.jsonl as a file is there/);
  const out = newPath();
  const damaged = fileOf(
    "damaged.jsonl",
    Deno.readTextFileSync(TWO).replace(/"ns":\[\d/, '"ns":[7'),
  );
  const cases: [string[], number, RegExp][] = [
    [
      [ONE, damaged, THREE, "--out", out],
      1,
      /damaged.jsonl:\d+ as its checksum is that of another/,
    ],
    [[ONE, THREE, "--out", out], 1, /missing is 2\/3 with find_uniform .* --partial$/m],
    [[ONE, `${TWO}.none`, THREE, "--out", out], 1, /there is no such file/],
    [[ONE, TWO, THREE], 64, /Cannot join without --out/],
  ];
  for (const [argv, wanted, words] of cases) {
    const { code, out: text, err } = await captured(JOIN, argv);
    assertEquals([code, text, err.trim().split("\n").length], [wanted, "", 1]);
    assertMatch(err, words);
  }
  assert(![...Deno.readDirSync(out.replace(/[^/]*$/, ""))].some(({ name }) => out.endsWith(name)));
});

Deno.test("join --partial: warns of what is missing, as every later reader does", async () => {
  const out = newPath();
  const { code, err } = await captured(JOIN, [ONE, THREE, "--partial", "--out", out]);
  assertEquals(code, 0);
  assertStringIncludes(err, "lacks shard 2 of 3: 2 of 3 cells have trials");
  assertStringIncludes(readResultFile(out).warnings.join(), "lacks shard 2 of 3");
});

Deno.test("join: by process, refuses machines of one name and two speeds", async () => {
  const slow = raceLines({ cells: CELLS, rounds: 6, ns: { sorted_array: 60, rb_tree: 90 } });
  const fast = raceLines({ cells: CELLS, rounds: 6, ns: { sorted_array: 40, rb_tree: 60 } });
  const files = [slow, fast].map((lines, i) => {
    const own = shardLines(lines, { index: i + 1, of: 2, by: "process" });
    return fileOf(`speed-${i + 1}.jsonl`, textOf(own));
  });
  const { code, err } = await captured(JOIN, [...files, "--out", newPath()]);
  assertEquals(code, 1);
  assertMatch(err, /must be of machines of one speed: .* 0.67 times .* Race the shards by cell/);
});

Deno.test("race --shard: needs a seed, a part that there is, and no other commit", async () => {
  const cases: [string[], RegExp][] = [
    [["--shard", "1/3"], /--shard without --seed: all shards must draw the same layouts/],
    [["--shard", "4/3", "--seed=1"], /--shard 4\/3 as it must be I\/N with 1 <= I <= N <= 256/],
    [["--shard", "0/3", "--seed=1"], /must be I\/N/],
    [["--shard", "two", "--seed=1"], /must be I\/N/],
    [["--shard-by", "cell"], /--shard-by without --shard/],
    [["--shard", "1/2", "--seed=1", "--against=HEAD"], /--shard with --against/],
    [["--shard", "1/19", "--seed=1"], /there are 18 cells .* Take at most 18 shards/],
    [
      ["--resume", ONE, "--shard", "1/3"],
      /Cannot use --shard with --resume as the plan is that of/,
    ],
  ];
  for (const [argv, words] of cases) {
    const { code, out, err } = await captured(RACE, argv);
    assertEquals([code, out], [64, ""], argv.join(" "));
    assertMatch(err, words);
  }
});

Deno.test("race --resume: refuses a joined file, and names what to do", async () => {
  const out = newPath();
  await captured(JOIN, [ONE, TWO, THREE, "--out", out]);
  const { code, err } = await captured(RACE, ["--resume", out]);
  assertEquals(code, 64);
  assertMatch(err, /as it was joined: resume its shards, and join them/);
});

Deno.test("race --shard: shards ask what the undivided race asks, and join to its cells and counts", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const race = async (name: string, ...more: string[]) => {
      const path = `${folder}/${name}.jsonl`;
      const { code, err } = await captured(RACE, [
        ...["--workload=find_uniform", "--slots=10,40", "--contender=rb_tree", "--rounds=2"],
        ...["--processes=2", "--seed=7", "--quick", "--quiet", `--out=${path}`, ...more],
      ]);
      assert(code === 0 || code === 4, err);
      return path;
    };
    const whole = await race("whole"), shards = [];
    for (const part of ["1/2", "2/2"]) shards.push(await race(part[0], "--shard", part));
    const out = `${folder}/joined.jsonl`;
    const { code, err } = await captured(JOIN, [...shards, "--out", out]);
    assertEquals([code, err], [0, ""]);
    const [joined, undivided] = [out, whole].map((path) => readResultFile(path));
    assertEquals(joined.lines.map(shapeOf), undivided.lines.map(shapeOf));
    assertEquals(joined.trials.map(askedOf), undivided.trials.map(askedOf));
    const { code: again } = await captured(RACE, ["--resume", shards[1], "--quiet"]);
    assert(again === 0 || again === 4);
    assertEquals(readResultFile(shards[1]).lines.length, 7);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** A line without what only a clock or a machine says. */
function shapeOf(line: { kind: string; cell?: unknown; process?: unknown; entries?: unknown }) {
  const names = (line.entries as { name: string }[] | undefined)?.map(({ name }) => name);
  return [line.kind, line.cell && cellKey(line.cell as Cell), line.process, names];
}

/** What the script of a trial asks: it follows from the seed, the cell and the process. */
function askedOf({ lookups, unit }: TrialLine) {
  return [lookups, unit];
}
