/** `deno task kvm`: random calls to `AddressSpace` and to the live kernel, answer against answer. */
import type { RegionLimits } from "../../impls/kvm/memory_region.ts";
import { describeRegion } from "../kvm/calls.ts";
import { Kvm } from "../kvm/kvm.ts";
import { emptyTally, limitsOf, referee, type Tally, type Verdict } from "../kvm/referee.ts";
import { command } from "./command.ts";
import { EXIT } from "./exit.ts";
import { integer } from "./options.ts";
import { type Io, untilStopped } from "./terminal.ts";

const count = integer(1, 999_999_999);

/** The command. */
export const KVM = command({
  name: "kvm",
  summary: "AddressSpace against the live kernel",
  about: "Makes the same random calls of KVM_SET_USER_MEMORY_REGION to AddressSpace and to " +
    "/dev/kvm, and compares each answer and the maps. Prints a short sequence of calls on which they differ.",
  options: {
    seed: { ...count, default: "1", help: "the first seed" },
    seeds: { ...count, default: "60", help: "how many seeds, one after the other" },
    sequences: { ...count, default: "50", help: "sequences of calls for each seed" },
    calls: { ...count, default: "100", help: "calls in the longest sequence" },
  },
  examples: [
    ["kvm", "some 150,000 calls"],
    ["kvm --seed 7 --seeds 1", "the calls of seed 7 only"],
  ],
  permissions: "ffi, for open, close and ioctl of libc; the kernel's release",
  exits: ["wrongAnswer", "unavailable", "stopped"],
  run({ values }, io) {
    return untilStopped((signal) => play(values, io, signal));
  },
});

/** How much is asked: `seeds` seeds from `seed` on, `sequences` of up to `calls` calls for each. */
interface Plan {
  readonly seed: number;
  readonly seeds: number;
  readonly sequences: number;
  readonly calls: number;
}

async function play(plan: Plan, io: Io, signal: AbortSignal): Promise<number> {
  using kvm = new Kvm();
  const limits = limitsOf(kvm), tally = emptyTally(), startedMs = performance.now();
  io.out(describeKernel(limits));
  for (let seed = plan.seed; seed < plan.seed + plan.seeds; seed++) {
    // The calls themselves never wait: between seeds a signal is heard.
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
    const verdict = referee(kvm, { ...plan, limits, seed, tally });
    if (!verdict.ok) {
      io.out(describeVerdict(verdict, { ...plan, seed }));
      return EXIT.wrongAnswer;
    }
  }
  io.out(describeTally(tally, { ...plan, seconds: (performance.now() - startedMs) / 1000 }));
  return EXIT.fine;
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
    `seed ${seed}: kernel and model differ; a short sequence that shows it:`,
    ...sequence.slice(0, agreed).map((region, i) =>
      `${i + 1}. ${describeRegion(region)}: both agree`
    ),
    `${agreed + 1}. ${question}: the kernel says ${kernel}, the model says ${model}`,
    `again with: deno task kvm --seed ${seed} --seeds 1 --sequences ${sequences} --calls ${calls}`,
  ].join("\n");
}
