/** The titles of `deno bench` groups: their file has no other place for what a group is about. */
import { z } from "zod";

/** What a group of `deno bench` is about. */
export interface BenchTopic {
  readonly workload: string;
  readonly layout: string;
  /** How many, from 1. */
  readonly slots: number;
  /** Where memory begins: 0 or a power of two. */
  readonly originGfn: number;
  /** Steps of one iteration, from 1. */
  readonly steps: number;
  /** What a step is, in the singular: one word or more. */
  readonly unit: string;
}

const COUNT = new Intl.NumberFormat("en");

/** How times of an iteration read as times of a step, by its steps; not there where they do not. */
const READINGS: ReadonlyMap<number, string> = new Map([
  [1_000, ": read µs as ns, ms as µs"],
  [1_000_000, ": read ms as ns"],
]);

/** `find_uniform: scattered, 509 slots from gfn 2^20 (an iter is 1,000,000 lookups: read ms as ns)`. */
export function benchTitle(topic: BenchTopic): string {
  const { workload, layout, slots, originGfn, steps, unit } = topic;
  const origin = originGfn === 0 ? "0" : `2^${Math.log2(originGfn)}`;
  return `${workload}: ${layout}, ${slots} slots from gfn ${origin} ` +
    `(an iter is ${COUNT.format(steps)} ${unit}s${READINGS.get(steps) ?? ""})`;
}

/** Where memory began in the titles that did not say it yet. */
function oldOrigin(layout: string | undefined): number {
  return layout === "recorded" ? 0 : 2 ** 20;
}

/** Files from before `READINGS` have none. */
const TITLE =
  /^(\w+): (\w+), (\d+) slots(?: from gfn (0|2\^\d+))? \(an iter is ([\d,]+) (\w+(?: \w+)*)s(?:: read [\w µ,]{1,40})?\)$/;

const count = z.coerce.number().pipe(z.int().min(1));
const Topic = z.object({
  workload: z.string(),
  layout: z.string(),
  slots: count,
  originGfn: z.number().max(2 ** 51),
  steps: count,
  unit: z.string(),
});

/** What a title says; null where it is none of this project's. */
export function benchTopic(title: string): BenchTopic | null {
  const [, workload, layout, slots, origin, steps, unit] = TITLE.exec(title) ?? [];
  const originGfn = origin === undefined
    ? oldOrigin(layout)
    : origin === "0"
    ? 0
    : 2 ** Number(origin.slice(2));
  const topic = { workload, layout, slots, originGfn, steps: steps?.replaceAll(",", ""), unit };
  return Topic.safeParse(topic).data ?? null;
}
