/**
 * Experiments on what code costs in V8: pairs of ways to do the same, each file of this folder a few.
 *
 *     deno run --allow-read bench/v8/cursor.ts
 *
 * prints a line for each comparison: the ratio of the second way to the first, with an interval. Each
 * repeat is a fresh isolate (a worker) with its own compiled code, feedback and data. In it, blocks of
 * the two ways alternate, and the ratio of the repeat is the median over pairs of blocks. Both ways of
 * a comparison must give the same checksum. Each way has a loop of its own, though the loops repeat: one
 * that ran both ways would have seen both, and would be slower (own_loop.ts). `--tiny` is for tests: few short blocks, no warm-up.
 */
import { type Estimate, mapEstimate, signInterval } from "../stats/intervals.ts";
import { medianOf } from "../stats/quantiles.ts";

/** One way to do what is compared. */
export interface Way {
  /** What it is, in a few words. */
  readonly words: string;
  /** Makes `steps` steps from step number `from` on, and returns a checksum. */
  readonly run: (from: number, steps: number) => number;
}

/** Two ways to do the same. */
export interface Comparison {
  /** On what: `509 slots`. */
  readonly on: string;
  readonly base: Way;
  readonly other: Way;
}

/** What a file of this folder tries. */
export interface Experiment {
  /** What is asked. */
  readonly question: string;
  /** What a step is. */
  readonly unit: string;
  /** The comparisons, on data drawn from `seed`: another one in each repeat. */
  readonly comparisons: (seed: number) => readonly Comparison[] | Promise<readonly Comparison[]>;
}

/** How long an experiment takes. */
interface Effort {
  readonly repeats: number;
  /** Pairs of blocks. */
  readonly rounds: number;
  /** Lower limit of a block, in ms. */
  readonly blockMs: number;
  /** Lower limits of the warm-up of each way: V8 compiles long functions after 85,000 to 145,000 calls. */
  readonly warmUp: { readonly steps: number; readonly ms: number };
}

const FULL: Effort = {
  repeats: 9,
  rounds: 25,
  blockMs: 0.4,
  warmUp: { steps: 200_000, ms: 100 },
};
const TINY: Effort = { repeats: 1, rounds: 2, blockMs: 0.01, warmUp: { steps: 64, ms: 0 } };

/** What a repeat found of a comparison. */
interface Found {
  /** `on`, and the ways. */
  readonly words: string;
  readonly logRatio: number;
  /** ns a step. */
  readonly baseNs: number;
  readonly otherNs: number;
}

/** What a worker knows of itself. */
interface WorkerScope {
  /** Its `Job` as JSON. */
  readonly name: string;
  postMessage(found: readonly Found[]): void;
}

interface Job {
  readonly seed: number;
  readonly effort: Effort;
}

/** Runs the experiment of a file, which calls this at its end, as the main module or as its repeat. */
export async function experiment(asked: Experiment): Promise<void> {
  if (!("WorkerGlobalScope" in globalThis)) return await runAll(asked);
  const scope = globalThis as unknown as WorkerScope, { seed, effort } = JSON.parse(scope.name);
  const comparisons = await asked.comparisons(seed);
  scope.postMessage(comparisons.map((comparison) => compare(comparison, effort)));
}

async function runAll({ question, unit }: Experiment): Promise<void> {
  const effort = Deno.args.includes("--tiny") ? TINY : FULL, repeats: (readonly Found[])[] = [];
  for (let seed = 1; seed <= effort.repeats; seed++) repeats.push(await repeated({ seed, effort }));
  const how = effort === TINY ? "not warmed up, of no meaning" : `${effort.repeats} fresh isolates`;
  console.log(`${question}\nV8 ${Deno.version.v8}, ${how}; ns a ${unit}`);
  repeats[0].forEach(({ words }, i) => {
    const all = repeats.map((found) => found[i]);
    const ratio = mapEstimate(signInterval(all.map(({ logRatio }) => logRatio)), Math.exp);
    const [base, other] = [all.map(({ baseNs }) => baseNs), all.map(({ otherNs }) => otherNs)];
    console.log(`  ${words}: ${ratioWords(ratio)}, ${nsWords(other)} / ${nsWords(base)} ns`);
  });
}

function ratioWords({ point, low, high }: Estimate): string {
  return `${point.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

function nsWords(ns: readonly number[]): string {
  return medianOf(ns).toPrecision(3);
}

/** A repeat, in an isolate of its own. */
async function repeated(job: Job): Promise<readonly Found[]> {
  const worker = new Worker(Deno.mainModule, { type: "module", name: JSON.stringify(job) });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
  } finally {
    worker.terminate();
  }
}

function compare({ on, base, other }: Comparison, effort: Effort): Found {
  const ways = [base, other] as const, steps = warmedUp(ways, effort);
  const ns: [number[], number[]] = [[], []];
  for (let round = 0; round < effort.rounds; round++) {
    const sums = [0, 0];
    for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const began = performance.now();
      sums[i] = ways[i].run(round * steps, steps);
      ns[i].push((performance.now() - began) * 1e6 / steps);
    }
    if (sums[0] !== sums[1]) {
      throw new Error(
        `Cannot compare ${other.words} with ${base.words} as their answers differ: ${sums}`,
      );
    }
  }
  const [baseNs, otherNs] = ns, logs = otherNs.map((ns, i) => Math.log(ns / baseNs[i]));
  return {
    words: `${on}: ${other.words} / ${base.words}`,
    logRatio: medianOf(logs.filter(Number.isFinite)),
    baseNs: medianOf(baseNs),
    otherNs: medianOf(otherNs),
  };
}

/** Warms both ways up in turn, and gives the steps of a block: as many for both. */
function warmedUp(ways: readonly Way[], { warmUp, blockMs }: Effort): number {
  const began = performance.now();
  for (let done = 0; done < warmUp.steps || performance.now() - began < warmUp.ms; done += 1000) {
    for (const { run } of ways) run(done, 1000);
  }
  for (let steps = 64;; steps *= 2) {
    const began = performance.now();
    for (const { run } of ways) run(0, steps);
    if (performance.now() - began >= 2 * blockMs) return steps;
  }
}
