import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { RACE } from "../../bench/cli/race.ts";
import { cellKey } from "../../bench/record/schema.ts";
import { readResultFile, type ResultFile } from "../../bench/record/result_file.ts";
import { inFolder } from "../support/folder.ts";
import { fileOf, raceLines } from "../support/result_model.ts";
import { captured } from "../support/captured.ts";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));
const SORTED_ARRAY = new URL("../../impls/sorted_array.ts", import.meta.url).href;

/** Windows has no signal that another process can send and the race can hear. */
const BY_SIGNAL = { ignore: Deno.build.os === "windows" };

/** A race of two cells, two processes each, that takes a second or two. */
const SMALL = ["--workload=find_uniform,move", "--slots=10", "--processes=2", "--rounds=8"];
/** A race of one cell and one process: what matters is before or after it. */
const TINY = ["--workload=find_uniform", "--slots=10", "--processes=1", "--rounds=8"];

function raceCommand(args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", MAIN, "race", ...args],
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  });
}

async function race(...args: string[]) {
  const { code, stdout, stderr } = await raceCommand(args).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

let smallRace: Promise<string> | undefined;

/** The text of the file of a whole `SMALL` race of rb_tree, run once for all tests. */
function wholeRace(): Promise<string> {
  return smallRace ??= (async () => {
    let text = "";
    await inFolder(async (folder) => {
      const path = `${folder}/new/run.jsonl`;
      const { code, err } = await race(...SMALL, "--contender=rb_tree", `--out=${path}`);
      assertEquals(code, 0, err);
      text = await Deno.readTextFile(path);
    });
    return text;
  })();
}

/** What must be the same in a run that was stopped and resumed: cells, processes, entries. */
function shape(file: ResultFile): string[] {
  return file.trials
    .map(({ cell, process, entries }) => {
      return `${cellKey(cell)} ${process} ${entries.map(({ name }) => name).sort()}`;
    })
    .sort();
}

Deno.test("race: every cell has its trials, with contenders, twin and floor, all right", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/run.jsonl`;
    await Deno.writeTextFile(path, await wholeRace());
    const file = readResultFile(path);
    assertEquals(file.warnings, []);
    assertEquals(file.trials.length, 4);
    for (const { entries, blocks, cell, lookups } of file.trials) {
      assertEquals(lookups?.found, cell.workload === "move" ? undefined : lookups?.all);
      const names = entries.map(({ name }) => name).sort();
      assertEquals(names, ["floor", "rb_tree", "sorted_array", "twin"]);
      assert(entries.every(({ outcome }) => outcome.kind === "ok"));
      assertEquals(blocks.ns.length, 4 * 8);
    }
    // Which order each process runs: tests/race/order_test.ts.
    const [first, second] = file.trials.filter(({ cell }) => cell.workload !== "move")
      .map(({ blocks }) => blocks.entry.join());
    assert(first !== second);
    const { probes } = file;
    assertEquals(probes.length, 2);
    assert(probes.every(({ entries }) => entries.every((entry) => entry.liveBytesPerSlot! > 1)));
  });
});

/** A sorted array with a fault of its own, as a user's file from anywhere. */
function faulty(className: string, body: string): string {
  return `import { SortedArray } from "${SORTED_ARRAY}";
export class ${className} extends SortedArray {
  #n = 0;
  override find(gfn: number) { ${body} }
}`;
}

Deno.test("race: who answers wrong, throws, hangs, leaks or dies has a row; others race", async () => {
  await inFolder(async (folder) => {
    const files = {
      wrong: faulty("Wrong", "const s = super.find(gfn); return s?.baseGfn === gfn ? null : s;"),
      late: faulty(
        "Late",
        "if (this.#n++ > 60_000) throw new Error('tired'); return super.find(gfn);",
      ),
      stuck: faulty("Stuck", "if (this.#n++ > 60_000) for (;;); return super.find(gfn);"),
      leaky: faulty("Leaky", "((this as any).held ??= []).push({ gfn }); return super.find(gfn);"),
      dying: faulty("Dying", "if (this.#n++ > 60_000) Deno.exit(9); return super.find(gfn);"),
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}.ts`, text);
    }
    const path = `${folder}/run.jsonl`;
    const { code, err } = await race(
      ...TINY,
      "--patience=3",
      `--out=${path}`,
      "--contender=rb_tree",
      ...Object.keys(files).map((name) => `--contender=${folder}/${name}.ts`),
    );
    assertEquals(code, 2, err);
    const file = readResultFile(path);
    const words = new Map([...file.failures].map(([name, { outcome: { kind, words } }]) => {
      return [name, `${kind}: ${words}`] as const;
    }));
    assertMatch(
      words.get("wrong")!,
      /^wrong: .*find\(0x\w+\) should give .* but gave nothing/,
    );
    assertStringIncludes(words.get("late")!, "threw: late threw Error: tired");
    assertStringIncludes(words.get("stuck")!, "stuck: stuck did not come back in 3 s");
    assertMatch(words.get("leaky")!, /^leaked: leaky keeps \d+ more bytes with every step/);
    assertStringIncludes(
      words.get("dying")!,
      "crashed: the process of dying ended with exit code 9",
    );
    assertEquals(words.size, 5);
    const [{ entries, blocks }] = file.trials;
    const rbTree = entries.findIndex(({ name }) => name === "rb_tree");
    assertEquals(blocks.entry.filter((entry) => entry === rbTree).length, 8);
  });
});

Deno.test("race: killed at any moment it can be resumed to the same cells and counts", async () => {
  await inFolder(async (folder) => {
    const whole = `${folder}/whole.jsonl`, killed = `${folder}/killed.jsonl`;
    await Deno.writeTextFile(whole, await wholeRace());
    const args = [...SMALL, `--out=${killed}`, "--contender=rb_tree", "--quiet"];
    let resumed = 0;
    for (const ms of [700, 900, 1300]) {
      const started = resumed === 0 && !exists(killed);
      const child = raceCommand(started ? args : [`--resume=${killed}`, "--quiet"]).spawn();
      await new Promise((resolve) => setTimeout(resolve, ms));
      try {
        child.kill("SIGKILL");
      } catch {
        // It was done before.
      }
      await child.output();
      if (exists(killed)) readResultFile(killed);
      resumed++;
    }
    const last = exists(killed) ? [`--resume=${killed}`, "--quiet"] : args;
    const { code, err } = await race(...last);
    assertEquals(code, 0, err);
    assertEquals(shape(readResultFile(killed)), shape(readResultFile(whole)));
  });
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).size > 0;
  } catch {
    return false;
  }
}

Deno.test("race: a line cut off by a kill is left out, and cut away on resuming", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/run.jsonl`;
    await Deno.writeTextFile(path, await wholeRace());
    const whole = readResultFile(path);
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    await Deno.writeTextFile(path, [...lines.slice(0, -2), lines.at(-2)!.slice(0, 99)].join("\n"));
    const cut = readResultFile(path);
    assertMatch(cut.warnings.join("\n"), /run\.jsonl:\d+ is cut off and left out/);
    assertEquals(cut.trials.length, whole.trials.length - 1);
    const { code } = await race(`--resume=${path}`, "--quiet");
    assertEquals(code, 0);
    assertEquals(shape(readResultFile(path)), shape(whole));
  });
});

Deno.test("race: who was killed in the gate is gated on resuming, and a bad one does not race", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/run.jsonl`, bad = `${folder}/bad.ts`;
    await Deno.writeTextFile(bad, faulty("Bad", "return gfn % 2 ? null : super.find(gfn);"));
    await race(...TINY, `--out=${path}`, `--contender=rb_tree,${bad}`, "--quiet");
    const [run, firstWord] = (await Deno.readTextFile(path)).split("\n");
    assertStringIncludes(firstWord, '"kind":"gate"');
    for (const kept of [[run], [run, firstWord]]) {
      await Deno.writeTextFile(path, kept.join("\n") + "\n");
      const unnamed = await captured(RACE, [`--resume=${path}`]);
      assertEquals(unnamed.code, 64);
      assertStringIncludes(unnamed.err, "its contender bad is no registered one: name its file");
      const { code } = await race(`--resume=${path}`, `--contender=${bad}`, "--quiet");
      assertEquals(code, 2);
      const words = [...readResultFile(path).gates.values()];
      assertEquals(words.map(({ name }) => name), ["sorted_array", "rb_tree", "bad"]);
      assertEquals(words[2].outcome.kind, "wrong");
    }
  });
});

Deno.test(
  "race: a run of other programs is not resumed, and what changed is named",
  BY_SIGNAL,
  async () => {
    await inFolder(async (folder) => {
      const path = `${folder}/run.jsonl`, mine = `${folder}/mine.ts`, part = `${folder}/part.ts`;
      await Deno.writeTextFile(part, "export const nothing = 0;\n");
      const text = `import "./part.ts";\n${faulty("Mine", "return super.find(gfn);")}`;
      await Deno.writeTextFile(mine, text);
      const child = raceCommand(["--slots=10", `--out=${path}`, `--contender=${mine}`]).spawn();
      while (!exists(path)) await new Promise((resolve) => setTimeout(resolve, 50));
      child.kill("SIGINT");
      const { stderr } = await child.output();
      assertStringIncludes(new TextDecoder().decode(stderr), `--contender=${mine}`);
      const before = await Deno.readTextFile(path);
      const again = () => captured(RACE, [`--resume=${path}`, `--contender=${mine}`]);
      for (const [file, changed] of [[mine, text + "// edited\n"], [part, "export {};\n"]]) {
        const was = await Deno.readTextFile(file);
        await Deno.writeTextFile(file, changed);
        const { code, err } = await again();
        assertEquals(code, 64);
        assertMatch(
          err,
          /it must be the same machine and code: other than then are file:\S+\. Start/,
        );
        assertStringIncludes(err, file);
        await Deno.writeTextFile(file, was);
      }
      assertEquals(await Deno.readTextFile(path), before);
    });
  },
);

Deno.test("race: a path in a file is never loaded, whatever it is", async () => {
  const code = "globalThis.ranFromFile = true; export class X {}";
  for (
    const bad of [
      `data:text/javascript,${encodeURIComponent(code)}`,
      "https://example.com/x.ts",
      "../../tmp/x.ts",
      "impls/../../x.ts",
      "npm:left-pad",
    ]
  ) {
    const [run, ...lines] = raceLines({ processes: 1 });
    assert(run.kind === "run");
    run.plan.contenders[1].path = bad;
    const path = fileOf("crafted.jsonl", [run, ...lines.slice(0, -1)]);
    for (const args of [["--dry-run"], ["--quiet"]]) {
      const { code, err } = await captured(RACE, [`--resume=${path}`, ...args]);
      assertEquals(code, 64, err);
      assertStringIncludes(err, "is no registered one");
    }
  }
  assert(!("ranFromFile" in globalThis));
});

Deno.test("race: bad patience is bad usage, and leaves no file", async () => {
  await inFolder(async (folder) => {
    const args = [...SMALL, `--out=${folder}/run.jsonl`, "--patience=soon"];
    const { code, err } = await captured(RACE, args);
    assertEquals(code, 64);
    assertStringIncludes(err, "--patience soon");
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test(
  "race: Ctrl-C ends it, keeps what there is and says how to go on",
  BY_SIGNAL,
  async () => {
    await inFolder(async (folder) => {
      const path = `${folder}/run.jsonl`;
      const child = raceCommand(["--slots=10", `--out=${path}`, "--contender=rb_tree"]).spawn();
      while (!exists(path)) await new Promise((resolve) => setTimeout(resolve, 50));
      await new Promise((resolve) => setTimeout(resolve, 500));
      child.kill("SIGINT");
      const { code, stderr } = await child.output();
      assertEquals(code, 130);
      assertStringIncludes(new TextDecoder().decode(stderr), `deno task race --resume ${path}`);
      assertEquals(readResultFile(path).run.plan.processes, 10);
    });
  },
);

Deno.test("race: nothing is overwritten, and two races do not share a file", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/run.jsonl`;
    const first = raceCommand(["--slots=10", `--out=${path}`, "--contender=rb_tree"]).spawn();
    while (!exists(path)) await new Promise((resolve) => setTimeout(resolve, 20));
    const second = await captured(RACE, [`--resume=${path}`, "--quiet"]);
    assertEquals(second.code, 1);
    assertStringIncludes(second.err, "another race is writing it");
    first.kill("SIGKILL");
    await first.output();
    const before = await Deno.readTextFile(path);
    const third = await captured(RACE, [...SMALL, `--out=${path}`]);
    assertEquals(third.code, 1);
    assertStringIncludes(third.err, "results are never overwritten");
    assertEquals(await Deno.readTextFile(path), before);
  });
});

const BAD_USAGE: readonly (readonly [readonly string[], string])[] = [
  [["--contender=nobody"], "no contender has that name: there are"],
  [["--contender=./nowhere.ts"], "Cannot race ./nowhere.ts as no file is there"],
  [["--workload=zap"], "no workload has that name"],
  [["--slots=0"], "--slots 0 as it must be an integer in [1,"],
  [["--slots=1.5"], "must be an integer"],
  [["--layout=pc", "--slots=5000"], "pc with 5000 slots: the layout does not allow this number"],
  [["--layout=pcx"], "no layout has that name: there are scattered"],
  [["--processes=many"], "--processes many"],
  [["--jit=warm"], "Cannot use warm as --jit: there are solo, mixed, both"],
  [["--fast"], "Unknown option '--fast'"],
  [["stray"], "Unexpected argument 'stray'"],
  [["--plant=-3"], "must be a percentage"],
];

for (const [args, words] of BAD_USAGE) {
  Deno.test(`race: ${args.join(" ")} is bad usage, said in a line`, async () => {
    const { code, err, out } = await captured(RACE, [...args, "--dry-run"]);
    assertEquals(code, 64);
    assertStringIncludes(err, words);
    assertMatch(err, /^Cannot|^Un/);
    assert(err.trim().split("\n").length <= 2 && !err.includes("    at "), err);
    assertEquals(out, "");
  });
}

Deno.test("race: a folder that cannot be made is said in a line", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const args = [...SMALL, `--out=${folder}/file/run.jsonl`, "--quiet"];
    const { code, err } = await captured(RACE, args);
    assertEquals(code, 1);
    assertMatch(err, /^Cannot write .*run\.jsonl: /);
    assert(!err.includes("    at "), err);
  });
});
