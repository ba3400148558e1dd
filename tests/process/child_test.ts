import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Ending, runChild } from "../../bench/process/child.ts";

const SCRIPT = import.meta.resolve("../support/scripted_child.ts");

/** The same script under an address by which processes of this file are known. */
const KNOWN = `${SCRIPT}?known`;

/** Runs a process that does `text` with its `desk`. */
function run(text: string, { patienceSeconds = 20, signal = new AbortController().signal } = {}) {
  return runChild(KNOWN, text, { patienceSeconds, signal });
}

function wordsOf(ending: Ending): string {
  return "words" in ending ? ending.words : JSON.stringify(ending);
}

/** Whether there is a process that is no zombie. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

async function isDeadSoon(pid: number): Promise<boolean> {
  for (const end = performance.now() + 10_000; performance.now() < end;) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

Deno.test("runChild: gives the answer, whatever was printed before it", async () => {
  assertEquals(
    await run(`
      console.log("@other"); console.log('={"forged":1}'); console.error("error: none");
      Deno.stdout.writeSync(new TextEncoder().encode("no newline"));
      desk.beat("one");
      desk.answer({ right: "ü\\n" });`),
    { kind: "answered", value: { right: "ü\n" } },
  );
});

Deno.test("runChild: an answer of megabytes comes whole", async () => {
  const ending = await run(`desk.answer("x".repeat(5e6))`);
  assert(ending.kind === "answered");
  assertEquals((ending.value as string).length, 5e6);
});

Deno.test("runChild: what runs on behind the answer is not waited for", async () => {
  const leftovers = [
    "setInterval(() => {}, 1)",
    "setTimeout(() => { throw new Error('late') })",
    "Promise.reject(new Error('late'))",
    "addEventListener('unload', () => console.log('unloading'))",
    "addEventListener('unload', () => { for (;;); })",
    "addEventListener('unload', () => { throw new Error('late') })",
  ];
  const endings = await Promise.all(leftovers.map((text) => run(`${text}; desk.answer(1)`)));
  assertEquals(endings, leftovers.map(() => ({ kind: "answered", value: 1 })));
});

Deno.test("runChild: a hang is told with the last heartbeat, even one that prints", async () => {
  const hangs = ["for (;;);", "for (;;) console.log('@other');", "await new Promise(() => {});"];
  const endings = await Promise.all(hangs.map((hang) => {
    return run(`desk.beat("one"); desk.beat("two"); ${hang}`, { patienceSeconds: 1 });
  }));
  const words = "two did not come back in 1 s";
  assertEquals(endings, hangs.map(() => ({ kind: "stuck", entry: "two", words })));
});

Deno.test("runChild: a process that ends without an answer has crashed, and says of what", async () => {
  const ways: readonly (readonly [string, RegExp])[] = [
    ["Deno.exit(9)", /^the process of one ended with exit code 9$/],
    ["Deno.exit(0)", /^the process of one ended with exit code 0$/],
    ["throw new RangeError('too tall')", /ended with exit code 1: error: .*RangeError: too tall/],
    ["console.error('flood\\n'.repeat(1e6)); throw new Error('last')", /: error: .*Error: last/],
    ["Deno.stdout.close(); desk.beat('two'); desk.answer(1)", /^the process of one ended with/],
  ];
  for (const [text, words] of ways) {
    const ending = await run(`desk.beat("one"); ${text}`, { patienceSeconds: 5 });
    assert(ending.kind === "crashed", `${text}: ${JSON.stringify(ending)}`);
    assertEquals(ending.entry, "one");
    assertMatch(ending.words, words);
  }
});

Deno.test("runChild: blame names the entry and its deed", async () => {
  assertEquals(await run(`desk.beat("two"); desk.blame("one", "one did it")`), {
    kind: "threw",
    entry: "one",
    words: "one did it",
  });
});

Deno.test("takeJob: code that comes later cannot take the job again", async () => {
  const job = import.meta.resolve("../../bench/process/job.ts");
  assertStringIncludes(
    wordsOf(
      await run(`
      const { takeJob } = await import("${job}");
      takeJob().answer("forged");`),
    ),
    "Cannot take the job",
  );
});

Deno.test("runChild: writing, spawning, network, environment and foreign files are refused", async () => {
  const deeds = [
    `Deno.writeTextFileSync("written", "")`,
    `Deno.readTextFileSync("/etc/passwd")`,
    `new Deno.Command("true").outputSync()`,
    `Deno.kill(Deno.ppid, "SIGTERM")`,
    `await Deno.connect({ port: 9 })`,
    `Deno.env.get("HOME")`,
    `await import("https://example.com/mod.ts")`,
    `Deno.dlopen("libc.so.6", {})`,
  ];
  const endings = await Promise.all(deeds.map((deed) => run(`${deed}; desk.answer("done")`)));
  for (const ending of endings) assertMatch(wordsOf(ending), /Requires \w+ access/);
});

Deno.test({
  name: "runChild: a process killed from outside is run once more, and then it counts",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const work = `for (; Date.now() < ${Date.now() + 1000};);`;
    const ending = run(`${work} desk.answer(Deno.pid)`), first = await childOf(Deno.pid);
    Deno.kill(first, "SIGKILL");
    const { kind, value } = await ending as Extract<Ending, { kind: "answered" }>;
    assertEquals(kind, "answered");
    assert(value !== first);
    const suicide = await run(`desk.beat("one"); Deno.kill(Deno.pid, "SIGTERM")`);
    assertEquals(wordsOf(suicide), "the process of one ended with SIGTERM");
  },
});

Deno.test("runChild: the signal ends the process at once, or before it begins", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 300);
  const began = performance.now();
  assertEquals(await run("for (;;);", { signal: stop.signal }), { kind: "stopped" });
  assert(performance.now() - began < 15_000);
  assertEquals(await run("desk.answer(1)", { signal: stop.signal }), { kind: "stopped" });
});

Deno.test({
  name: "runChild: a child in an endless loop ends when its parent is killed",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const parent = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-check",
        `
        import { runChild } from "${import.meta.resolve("../../bench/process/child.ts")}";
        const text = "console.error(Deno.pid); desk.beat('one'); for (;;);";
        setTimeout(() => {}, 1e6);
        await runChild("${KNOWN}", text, { patienceSeconds: 60, signal: AbortSignal.any([]) });`,
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    // In its loop it takes all the time that it can get: far more than it took to start.
    const child = await childOf(parent.pid, { ticks: 30 });
    parent.kill("SIGKILL");
    await parent.status;
    assert(await isDeadSoon(child), "it runs on");
  },
});

/** A process that `pid` has started, once there is one that has run for more than `ticks`. */
async function childOf(pid: number, { ticks = -1 } = {}): Promise<number> {
  for (;;) {
    const found = childrenOf(pid).find((child) => cpuTicks(child) > ticks);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The processes of `KNOWN` that the threads of `pid` have started: other tests run beside this one. */
function childrenOf(pid: number): number[] {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) => {
    const text = Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`);
    return text.trim().split(" ").filter(Boolean).map(Number).filter(runsScript);
  });
}

function runsScript(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes(KNOWN);
  } catch {
    return false; // It has ended.
  }
}

/** Hundredths of a second that a process has run in user mode. */
function cpuTicks(pid: number): number {
  try {
    return Number(Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1].split(" ")[11]);
  } catch {
    return 0;
  }
}
