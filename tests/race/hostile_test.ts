/** What a hostile index tries in a trial: it gains nothing, and neither harms nor hangs the others. */
import { assert, assertEquals } from "@std/assert";
import { groupsOf, type Plan, planRace } from "../../bench/race/plan.ts";
import { runTrial, trialJob } from "../../bench/race/processes.ts";

const at = (path: string) => new URL(`../../${path}`, import.meta.url).href;

/** Done once, long after the checks before the race, in the middle of a block. */
const DEEDS: readonly string[] = [
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
];

function fileOf(deed: string): string {
  return `import { SortedArray } from "${at("impls/sorted_array.ts")}";
let asked = 0;
export class Hostile extends SortedArray {
  #slots;
  constructor(slots) { super(slots); this.#slots = slots; }
  find(gfn) {
    if (++asked === 100_000) { const slots = this.#slots; ${deed}; }
    return super.find(gfn);
  }
}`;
}

function planFor(path: string): Plan {
  return planRace({
    ...{ key: "gfn", order: "balanced", quick: true, plantPercent: 0, seed: 1, rounds: 4 },
    ...{ contenders: [path], workloads: ["find_uniform"], slots: [10] },
  });
}

/** What came of a deed: the entries that are out, and the ratio of one that is not. */
async function tried(deed: string, path: string): Promise<string> {
  await Deno.writeTextFile(path, fileOf(deed));
  const plan = planFor(path), [group] = groupsOf(plan), [cell] = plan.cells;
  const job = trialJob(plan, { cell, group, process: 0, secret: crypto.randomUUID() });
  const signal = new AbortController().signal;
  const result = await runTrial(job, { patienceSeconds: 3, signal });
  if (result.kind !== "trial") return result.kind;
  const ns = (name: string) => {
    const entry = result.entries.findIndex((one) => one.name === name);
    const blocks = result.blocks.ns.filter((_, i) => result.blocks.entry[i] === entry);
    return Math.min(...blocks) / result.entries[entry].stepsPerBlock;
  };
  const out = result.entries.filter(({ outcome }) => outcome.kind !== "ok").map(({ name }) => name);
  if (out.length > 0) return `out: ${out}`;
  // It is the baseline and a counter: slower. Cheats that worked once took below 0.1 of the time.
  const ratio = ns("hostile") / ns("sorted_array");
  return ratio > 0.4 ? "raced" : `gained: ${ratio}`;
}

Deno.test(`a trial: of ${DEEDS.length} hostile indexes none gains, harms, hangs or ends the race`, async () => {
  const root = await Deno.makeTempDir(), fates = new Map<string, string>();
  try {
    const left = DEEDS.entries();
    const worker = async () => {
      for (const [i, deed] of left) {
        await Deno.mkdir(`${root}/${i}`);
        fates.set(deed, await tried(deed, `${root}/${i}/hostile.ts`));
      }
    };
    await Promise.all([worker(), worker()]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
  assertEquals(fates.size, DEEDS.length);
  const allowed = ["raced", "out: hostile", "threw", "crashed", "stuck"];
  const wrong = [...fates].filter(([, fate]) => !allowed.includes(fate));
  assertEquals(wrong, []);
  assert(fates.get("for (;;);") === "stuck" && fates.get("throw null") === "out: hostile");
  assertEquals(fates.get("Math.round = () => 1"), "threw", "it is named by what it changed");
});
