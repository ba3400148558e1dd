/** What a hostile index tries in a race's processes: it gains nothing, and neither harms nor hangs others. */
import { assert, assertEquals } from "@std/assert";
import { groupsOf, type Plan, planRace } from "../../bench/race/plan.ts";
import { probeJob, runProbe, runTrial, trialJob } from "../../bench/race/processes.ts";
import type { Entry, TrialLine } from "../../bench/record/schema.ts";
import { raceLines } from "../support/result_model.ts";

const at = (path: string) => new URL(`../../${path}`, import.meta.url).href;

/** Done once, long after the checks before the race, in the middle of a block. */
const IN_LOOKUP: readonly string[] = [
  "performance.now = () => 0",
  "Performance.prototype.now = () => 0",
  "JSON.stringify = () => '{}'",
  "JSON.parse = () => ({})",
  "Object.prototype.toJSON = () => ({ kind: 'trial' })",
  "Array.prototype.toJSON = () => []",
  "Array.prototype.push = function () { return 0 }",
  "Array.prototype.map = function () { return [] }",
  "Array.prototype[Symbol.iterator] = function* () {}",
  "Object.getPrototypeOf([].values()).next = () => ({ done: true })",
  "Math.round = () => 1",
  "Math.max = () => 2",
  "Math.min = () => 2",
  "Object.defineProperty(Array.prototype, '0', { set() {} })",
  "Object.freeze(Array.prototype)",
  "Uint8Array.prototype.subarray = () => new Uint8Array(0)",
  "TextEncoder.prototype.encode = () => new Uint8Array(0)",
  "Error.prepareStackTrace = () => { throw 1 }",
  "Deno.exit = () => {}",
  "Deno.stdout.writeSync = () => 0",
  "delete globalThis.Array",
  "delete globalThis.JSON",
  "delete globalThis.performance",
  "globalThis.gc = () => { for (;;); }",
  "Deno.exit(0)",
  "Deno.kill(Deno.pid, 'SIGSEGV')",
  "Deno.kill(Deno.ppid, 'SIGTERM')",
  "Deno.stdout.close()",
  "Deno.stdin.close()",
  "for (;;);",
  "for (;;) console.log('@sorted_array')",
  'console.log(\'={"kind":"trial"}\')',
  "Deno.stdout.writeSync(new TextEncoder().encode('no newline'))",
  "console.error('flood\\n'.repeat(1e6))",
  "throw { toString() { throw 1 } }",
  "throw null",
  "throw new Proxy({}, { get() { throw 1 } })",
  "Deno.writeTextFileSync('written', '')",
  "new Deno.Command('true').outputSync()",
  "Deno.readTextFileSync('/etc/passwd')",
  "setInterval(() => console.log('x'), 0)",
  "Promise.reject(new Error('late'))",
  "queueMicrotask(() => { throw new Error('late') })",
  "addEventListener('unload', () => { for (;;); })",
  "slots[0].npages = 7",
  "slots.length = 0",
  "new Worker('data:text/javascript,for(;;);', { type: 'module' })",
  "SortedArray.prototype.find = () => null",
  "Date.now = () => 0",
  "Promise.prototype.then = () => { for (;;); }",
  "Error.stackTraceLimit = 1e9",
  "Object.defineProperty(Object.prototype, 'outcome', { get: () => ({ kind: 'ok' }) })",
  "Object.defineProperty(Object.prototype, 'toString', { enumerable: true })",
  "Object.setPrototypeOf(slots[0], { npages: 1 })",
  "Object.setPrototypeOf(Array.prototype, null)",
  "SharedArrayBuffer.prototype.slice = () => 0",
  "Object.getPrototypeOf(''[Symbol.iterator]()).next = () => ({ done: true })",
  "return Object.freeze(structuredClone(super.find(gfn)))",
  "return new Proxy(super.find(gfn), {})",
  "return { then(resolve) { resolve(super.find(gfn)); } }",
  "return (function* () {})()",
  "return 7n",
  "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy",
  "throw { name: 'WrongAnswer', message: 'Math' }",
  "throw Object.create(Error.prototype, { message: { get() { throw 1; } } })",
  "(function f() { f(); })()",
  "(function f() { try { f(); } finally { f(); } })()",
  "new ArrayBuffer(2 ** 35)",
  "const all = []; for (;;) all.push(new Array(1e6).fill(0.5))",
  "new WebAssembly.Instance(new WebAssembly.Module(TRAP)).exports.f()",
  "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
  "new FinalizationRegistry(() => { for (;;); }).register({}); gc()",
  "queueMicrotask(function f() { queueMicrotask(f); })",
  "(async () => { for (;;) await null; })()",
  "Deno.stdin.readSync(new Uint8Array(1e6))",
  "localStorage.setItem('answers', '1')",
  "caches.open('answers')",
  "process.exit(0)",
  "process.on('exit', () => { for (;;); })",
  "process.resourceUsage = () => ({})",
  "process.stdout.write('x'.repeat(1e7))",
  "v8.setFlagsFromString('--no-opt')",
  "vm.runInThisContext('Array.prototype.at = () => 1')",
  "new worker_threads.Worker('for(;;);', { eval: true })",
  "child_process.execSync('true')",
  "inspector.open(0)",
  "Realm.prototype.changed = () => null; Math.round = () => 1",
  "Floor.prototype.find = () => { for (let i = 0; i < 1000; i++); return null }",
  "KINDS.find.isOfChanges = true",
  "WARM_UP.steps = 0",
  "takeJob().answer({})",
  "if (new Error().stack.includes('trial_process')) return null",
];

/** Done when the file is loaded. */
const ON_IMPORT: readonly string[] = [
  "Deno.exit(0)",
  "throw 1",
  "await new Promise(() => {})",
  "Array.prototype.slice = () => []",
  "Object.defineProperty(Object.prototype, 'then', { value(done) { done(1); } })",
  "globalThis.performance = { now: () => 0 }",
  "for (const key of Object.keys(Deno)) { try { delete Deno[key]; } catch {} }",
];

/** Done whenever an index is made. */
const ON_CREATING: readonly string[] = [
  "return new Proxy(this, {})",
  "return {}",
  "return Object.assign(Object.create(this), { find: (gfn) => this.find(gfn) })",
  "throw new Promise(() => {})",
  "setTimeout(() => { Math.hypot = 1; })",
  "Promise.resolve().then(() => { Math.hypot = 1; })",
];

/** How a file does a deed of each list. */
const WAYS = { lookup: IN_LOOKUP, import: ON_IMPORT, creating: ON_CREATING } as const;
type Way = keyof typeof WAYS;
const ALL = (Object.keys(WAYS) as Way[]).flatMap((way) => {
  return WAYS[way].map((deed) => [way, deed] as const);
});

/** Any file can import what Deno has, and the modules of the process that it runs in. */
function fileOf(way: Way, deed: string): string {
  return `
import process from "node:process";
import v8 from "node:v8";
import vm from "node:vm";
import inspector from "node:inspector";
import child_process from "node:child_process";
import worker_threads from "node:worker_threads";
import { SortedArray } from "${at("impls/sorted_array.ts")}";
import { takeJob } from "${at("bench/process/job.ts")}";
import { Realm } from "${at("bench/process/realm.ts")}";
import { Floor } from "${at("bench/race/floor.ts")}";
import { WARM_UP } from "${at("bench/race/schedule.ts")}";
import { KINDS } from "${at("bench/workloads/script.ts")}";
// A module with one function f, which is the instruction unreachable.
const TRAP = Uint8Array.fromHex("0061736d010000000104016000000302010007050101660000" + "0a05010300000b");
let asked = 0;
${way === "import" ? deed : ""};
export class Hostile extends SortedArray {
  #slots;
  constructor(slots) {
    super(slots);
    this.#slots = slots;
    ${way === "creating" ? deed : ""};
  }
  find(gfn) {
    if (++asked === 100_000) { const slots = this.#slots; ${way === "lookup" ? deed : ""}; }
    return super.find(gfn);
  }
}`;
}

/** As many rounds as make 100,000 lookups of each index even where a warm-up is cut short. */
function stepOf(path: string) {
  const plan: Plan = planRace({
    ...{ key: "gfn", order: "balanced", quick: true, plantPercent: 0, seed: 1, rounds: 12 },
    ...{ contenders: [path], workloads: ["find_uniform"], slots: [10] },
  });
  const [group] = groupsOf(plan), [cell] = plan.cells;
  return { plan, step: { cell, group, secret: crypto.randomUUID() } };
}

const OPTIONS = { patienceSeconds: 3, signal: new AbortController().signal };

async function trialOf(path: string): Promise<string> {
  const { plan, step } = stepOf(path);
  const result = await runTrial(trialJob(plan, { ...step, process: 0 }), OPTIONS);
  return result.kind === "trial" ? fateIn(result) : result.kind;
}

/**
 * What came of a deed: the entries that are out, or whether the one that is not took less than it can. It
 * is the baseline and a counter, which is slower; each cheat that once worked took below 0.1 of its time.
 */
function fateIn({ entries, blocks }: Pick<TrialLine, "entries" | "blocks">): string {
  const out = entries.filter(({ outcome }) => outcome.kind !== "ok").map(({ name }) => name);
  if (out.length > 0) return `out: ${out}`;
  const ns = (isOne: (entry: Entry) => boolean) => {
    return Math.min(...blocks.ns.flatMap((ns, i) => {
      const entry = entries[blocks.entry[i]];
      return isOne(entry) ? [ns / entry.stepsPerBlock] : [];
    }));
  };
  const base = ns(({ name, role }) => name === "sorted_array" || role === "twin");
  return ns(({ name }) => name === "hostile") > 0.4 * base ? "raced" : "gained";
}

/** A real gain is there each time; on a busy machine all blocks of the baseline may be slow once. */
async function fateOf(path: string): Promise<string> {
  let fate = "gained";
  for (let left = 4; left > 0 && fate === "gained"; left--) fate = await trialOf(path);
  return fate;
}

/** The same of a probe, which times nothing against the baseline: what it would gain is memory. */
async function probeFateOf(path: string): Promise<string> {
  const { plan, step } = stepOf(path);
  const result = await runProbe(probeJob(plan, step), OPTIONS);
  if (result.kind !== "probe") return result.kind;
  const [base, hostile] = result.entries;
  if (base.outcome.kind !== "ok") return `out: ${base.name}`;
  if (hostile.outcome.kind !== "ok") return "out: hostile";
  return hostile.liveBytesPerSlot! > 0.8 * base.liveBytesPerSlot! ? "raced" : "gained";
}

/** What came of each deed, two at a time. */
async function fatesOf(
  deeds: readonly (readonly [Way, string])[],
  tried: (path: string) => Promise<string>,
): Promise<Map<string, string>> {
  const root = await Deno.makeTempDir(), fates = new Map<string, string>(), left = deeds.entries();
  const worker = async () => {
    for (const [i, [way, deed]] of left) {
      const path = `${root}/${i}/hostile.js`;
      await Deno.mkdir(`${root}/${i}`);
      await Deno.writeTextFile(path, fileOf(way, deed));
      fates.set(`${way}: ${deed}`, await tried(path));
    }
  };
  try {
    await Promise.all([worker(), worker()]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
  return fates;
}

const ALLOWED = ["raced", "out: hostile", "threw", "crashed", "stuck"];

Deno.test(`a trial: of ${ALL.length} hostile indexes none gains, harms, hangs or ends the race`, async () => {
  const fates = await fatesOf(ALL, fateOf), fate = (deed: string) => fates.get(`lookup: ${deed}`);
  assertEquals(fates.size, ALL.length);
  assertEquals([...fates].filter(([, fate]) => !ALLOWED.includes(fate)), []);
  assertEquals([fate("for (;;);"), fate("throw null")], ["stuck", "out: hostile"]);
  assertEquals(fate("Math.round = () => 1"), "threw", "it is named by what it changed");
  for (
    const deed of IN_LOOKUP.filter((deed) => /^(return|const \{ proxy|Realm|localSt)/.test(deed))
  ) {
    assertEquals(fate(deed), "out: hostile", deed);
  }
});

Deno.test("a probe: none of those that change the language, the clock or memory gains or harms", async () => {
  const deeds = IN_LOOKUP.filter((deed) => {
    return /^(performance|Array\.prototype\.map|Math|Realm|Date|gc|Deno\.std)/.test(deed);
  });
  const more = [
    "Deno.memoryUsage = () => ({ heapUsed: 0, external: 0 })",
    "const { sort } = Array.prototype; " +
    "Array.prototype.sort = function () { Array.prototype.sort = sort; return this.fill(0); }",
  ];
  const all = [...deeds, ...more].map((deed) => ["lookup", deed] as const);
  const fates = await fatesOf([...all, ["creating", "Math.hypot = 1"]], probeFateOf);
  assertEquals([...fates].filter(([, fate]) => !ALLOWED.includes(fate)), []);
  for (
    const deed of [`lookup: ${more[1]}`, "lookup: Math.max = () => 2", "creating: Math.hypot = 1"]
  ) {
    assertEquals(fates.get(deed), "threw", deed);
  }
});

Deno.test("fateIn: a lower time is a gain, an equal one is none, and a wrong entry is out", () => {
  const hostile = (ns: number, outcome: Entry["outcome"] = { kind: "ok" }) => {
    const [, trial] = raceLines({
      ns: { sorted_array: 40, hostile: ns },
      ...{ processes: 1, rounds: 4, outcomes: { hostile: outcome } },
    });
    assert(trial.kind === "trial");
    return fateIn(trial);
  };
  assertEquals([hostile(41), hostile(4), hostile(0.001)], ["raced", "gained", "gained"]);
  assertEquals(hostile(41, { kind: "wrong", words: "" }), "out: hostile");
});
