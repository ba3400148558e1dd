/**
 * `deno task kvm`: random calls to `AddressSpace` and to the live kernel, answer against answer.
 *
 * Exit codes: 0 no difference, 1 the referee itself failed, 2 a difference, 4 no KVM to ask, 64
 * wrong arguments.
 *
 * @module
 */
import type { RegionLimits } from "../../impls/kvm/memory_region.ts";
import { describeRegion } from "../kvm/calls.ts";
import { Kvm, KvmUnavailable } from "../kvm/kvm.ts";
import { emptyTally, limitsOf, referee, type Tally, type Verdict } from "../kvm/referee.ts";

const USAGE = "deno task kvm [--seed N] [--seeds N] [--sequences N] [--calls N]";

/** How much is asked: `seeds` seeds from `seed` on, `sequences` of up to `calls` calls for each. */
interface Plan {
  seed: number;
  seeds: number;
  sequences: number;
  calls: number;
}

const DEFAULTS: Plan = { seed: 1, seeds: 60, sequences: 50, calls: 100 };

class UsageError extends Error {}

/** Runs the command with its arguments; gives the exit code. */
export function main(args: readonly string[]): number {
  try {
    const plan = planOf(args);
    using kvm = new Kvm();
    return play(kvm, plan);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof UsageError) console.error(`${error.message}; usage: ${USAGE}`);
    else if (error instanceof KvmUnavailable) {
      console.error(`Cannot ask the kernel as ${error.message}`);
    } else console.error(error.message);
    if (error instanceof UsageError) return 64;
    return error instanceof KvmUnavailable ? 4 : 1;
  }
}

function play(kvm: Kvm, plan: Plan): number {
  const limits = limitsOf(kvm), tally = emptyTally(), startedMs = performance.now();
  console.log(describeKernel(limits));
  for (let seed = plan.seed; seed < plan.seed + plan.seeds; seed++) {
    const verdict = referee(kvm, { ...plan, limits, seed, tally });
    if (!verdict.ok) {
      console.log(describeVerdict(verdict, { ...plan, seed }));
      return 2;
    }
  }
  console.log(describeTally(tally, { ...plan, seconds: (performance.now() - startedMs) / 1000 }));
  return 0;
}

function describeKernel(limits: RegionLimits): string {
  const { maxSlots, addressSpaces, maxGfn, maxUserspaceAddr } = limits;
  return [
    `kernel ${Deno.osRelease()}`,
    `${maxSlots} slots (KVM_CAP_NR_MEMSLOTS)`,
    addressSpaces === 1 ? "1 address space" : `${addressSpaces} address spaces`,
    `gfns below 2^${Math.log2(maxGfn)}`,
    `user memory below 0x${maxUserspaceAddr.toString(16)}`,
  ].join(", ");
}

function describeTally(tally: Tally, { seed, seeds, seconds }: Plan & { seconds: number }): string {
  const answers = [...tally.answers].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} ${n}`);
  return [
    `seeds ${seed} to ${seed + seeds - 1}: ${tally.calls} calls (${answers.join(", ")})`,
    `maps read back with ${tally.probes} probes`,
    `no difference between kernel and model in ${seconds.toFixed(1)} s`,
  ].join("\n");
}

function describeVerdict(
  verdict: Verdict & { ok: false },
  { seed, sequences, calls }: Plan,
): string {
  const { sequence, agreed, question, kernel, model } = verdict;
  return [
    `seed ${seed}: kernel and model differ; the shortest sequence found:`,
    ...sequence.slice(0, agreed).map((region, i) =>
      `${i + 1}. ${describeRegion(region)}: both agree`
    ),
    `${agreed + 1}. ${question}: the kernel says ${kernel}, the model says ${model}`,
    `again with: deno task kvm --seed ${seed} --seeds 1 --sequences ${sequences} --calls ${calls}`,
  ].join("\n");
}

function planOf(args: readonly string[]): Plan {
  const plan = { ...DEFAULTS };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i].replace(/^--/, ""), value = args[i + 1];
    if (!args[i].startsWith("--") || !Object.hasOwn(DEFAULTS, name)) {
      throw new UsageError(`Cannot read arguments as there is no "${args[i]}"`);
    }
    if (!/^[1-9][0-9]{0,8}$/.test(value ?? "")) {
      throw new UsageError(
        `Cannot read arguments as ${args[i]} must be a whole number from 1: found ${
          value ?? "none"
        }`,
      );
    }
    plan[name as keyof Plan] = Number(value);
  }
  return plan;
}

if (import.meta.main) Deno.exit(main(Deno.args));
