/**
 * The live kernel as referee: `AddressSpace` and a VM of /dev/kvm get the same calls, and each answer
 * and the map that they leave are compared.
 *
 * @module
 */
import { AddressSpace } from "../../impls/kvm/address_space.ts";
import {
  addressSpaceId,
  KVM_MEM_LOG_DIRTY_PAGES,
  KvmError,
  PAGE_SIZE,
  type RegionLimits,
  slotId,
  type UserspaceMemoryRegion,
} from "../../impls/kvm/memory_region.ts";
import type { MemoryRegion, MemslotSet } from "../../impls/kvm/memslot_set.ts";
import { SortedArray } from "../../impls/sorted_array.ts";
import { minimize } from "../gate/shrink.ts";
import { random } from "../workloads/random.ts";
import { describeRegion, randomRegion } from "./calls.ts";
import type { Kvm, KvmVm } from "./kvm.ts";

/** What a run has asked, and the answers. */
export interface Tally {
  /** Calls whose answers were compared. */
  calls: number;
  /** Calls made to read back the map that the others left. */
  probes: number;
  /** Calls by what the kernel made of them: "create", "nothing", "EINVAL" and so on. */
  readonly answers: Map<string, number>;
}

/** The first answer in which kernel and model differ. */
export interface Difference {
  /** How many of the calls were answered alike. */
  readonly agreed: number;
  /** What was asked, in words. */
  readonly question: string;
  /** The kernel's answer. */
  readonly kernel: string;
  /** The model's answer. */
  readonly model: string;
}

/** What came of one seed: no difference, or a short sequence of calls that shows one. */
export type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly sequence: readonly UserspaceMemoryRegion[] } & Difference;

/** How long a sequence is made shorter, in ms. */
const SHORTEN_MS = 10_000;

/** A fresh tally. */
export function emptyTally(): Tally {
  return { calls: 0, probes: 0, answers: new Map() };
}

/** The limits of this kernel: some it reports, others are found by trying. */
export function limitsOf(kvm: Kvm): RegionLimits {
  using vm = kvm.createVm();
  const takes = (guestPhysAddr: bigint, userspaceAddr: bigint) => {
    const page = { slot: 0, flags: 0, guestPhysAddr, userspaceAddr };
    const answer = vm.setMemoryRegion({ ...page, memorySize: PAGE_SIZE });
    if (answer === "ok") vm.setMemoryRegion({ ...page, memorySize: 0n });
    return answer === "ok";
  };
  let gfnBits = 52;
  while (gfnBits > 20 && !takes((2n ** BigInt(gfnBits) - 1n) * PAGE_SIZE, 0n)) gfnBits--;
  // Five levels of page tables give user memory 56 bits, four give it 47; a page is kept free.
  const addrBits = takes(0n, 2n ** 56n - 2n * PAGE_SIZE) ? 56n : 47n;
  return {
    maxSlots: vm.maxSlots(),
    addressSpaces: vm.addressSpaces(),
    maxGfn: 2 ** gfnBits,
    maxUserspaceAddr: 2n ** addrBits - PAGE_SIZE,
    readonlyGuestMemfd: false,
  };
}

/**
 * Plays `sequences` random sequences of up to `calls` calls, all from `seed`, and shortens the first
 * that shows a difference.
 */
export function referee(
  kvm: Kvm,
  options: {
    limits: RegionLimits;
    seed: number;
    sequences: number;
    calls: number;
    tally: Tally;
  },
): Verdict {
  const { limits, seed, sequences, calls, tally } = options;
  for (let i = 0; i < sequences; i++) {
    const draws = random(seed, "calls", i);
    const sequence = Array.from({ length: draws.int(0, calls) }, () => randomRegion(draws, limits));
    if (firstDifference(kvm, { limits, sequence, tally }) !== null) {
      return shortVerdict(kvm, { limits, sequence });
    }
  }
  return { ok: true };
}

/** A short sequence that differs as `sequence` does. Throws where it does not differ again. */
function shortVerdict(
  kvm: Kvm,
  { limits, sequence }: { limits: RegionLimits; sequence: readonly UserspaceMemoryRegion[] },
): Verdict {
  const shortest = minimize(sequence, (items) => {
    const difference = firstDifference(kvm, { limits, sequence: items, tally: emptyTally() });
    return difference === null ? null : items.slice(0, difference.agreed + 1);
  }, performance.now() + SHORTEN_MS);
  const again = firstDifference(kvm, { limits, sequence: shortest, tally: emptyTally() });
  if (again !== null) return { ok: false, sequence: shortest, ...again };
  throw new Error("Cannot repeat the difference as the kernel answers differently each time");
}

/** The first difference between a live VM and the model over `sequence`, or null. */
export function firstDifference(
  kvm: Kvm,
  options: { limits: RegionLimits; sequence: readonly UserspaceMemoryRegion[]; tally: Tally },
): Difference | null {
  const { limits, sequence, tally } = options;
  using vm = kvm.createVm();
  let change: string = "nothing";
  const onSwap = (swap: { change: string }) => change = swap.change;
  const model = new AddressSpace((slots) => new SortedArray(slots), { ...limits, onSwap });
  for (const [agreed, region] of sequence.entries()) {
    change = "nothing";
    const kernelSays = vm.setMemoryRegion(region), modelSays = answerOf(model, region);
    tally.calls++;
    if (kernelSays !== modelSays) {
      return { agreed, question: describeRegion(region), kernel: kernelSays, model: modelSays };
    }
    const answer = kernelSays === "ok" ? change : kernelSays;
    tally.answers.set(answer, (tally.answers.get(answer) ?? 0) + 1);
  }
  return mapDifference(vm, { model, limits, sequence, tally });
}

/**
 * Compares the kernel's map with the model's, by what the kernel accepts and refuses; the map is left
 * as it was.
 *
 * 1) A page at a free id is EEXIST exactly where a slot lies. It is tried at each gfn that the calls
 *    name, so kernel and model cover the same gfns.
 * 2) Setting a slot to what it is does nothing. A wrong size, hva or READONLY is EINVAL. A wrong base
 *    would be a move to gfns that, due to 1), another slot holds: EEXIST.
 * 3) The dirty log is ENOENT where a slot does not log.
 * 4) A delete of an id that the model does not hold is EINVAL.
 */
function mapDifference(
  vm: KvmVm,
  options: {
    model: AddressSpace;
    limits: RegionLimits;
    sequence: readonly UserspaceMemoryRegion[];
    tally: Tally;
  },
): Difference | null {
  const { model, limits, sequence, tally } = options;
  const agreed = sequence.length;
  for (const { question, ask, expected } of probes(vm, { model, limits, sequence })) {
    tally.probes++;
    const kernel = ask();
    if (kernel !== expected) return { agreed, question, kernel, model: expected };
  }
  return null;
}

interface Probe {
  readonly question: string;
  readonly ask: () => string;
  readonly expected: string;
}

function* probes(
  vm: KvmVm,
  { model, limits, sequence }: {
    model: AddressSpace;
    limits: RegionLimits;
    sequence: readonly UserspaceMemoryRegion[];
  },
): Generator<Probe> {
  const slots = new Set(sequence.map(({ slot }) => slot));
  for (let space = 0; space < limits.addressSpaces; space++) {
    const set = model.activeSet(space);
    const free = freeId(set, limits.maxSlots) + space * 2 ** 16;
    for (const gfn of gfnsOf(sequence, limits.maxGfn)) {
      const page = pageAt(free, gfn);
      const expected = set.index.find(gfn) === null ? "ok" : "EEXIST";
      const ask = () => {
        const answer = vm.setMemoryRegion(page);
        if (answer === "ok") vm.setMemoryRegion({ ...page, memorySize: 0n });
        return answer;
      };
      yield { question: `then ${describeRegion(page)}`, ask, expected };
    }
  }
  for (const slot of slots) {
    if (addressSpaceId(slot) >= limits.addressSpaces || slotId(slot) >= limits.maxSlots) continue;
    const region = model.activeSet(addressSpaceId(slot)).regionById(slotId(slot));
    yield* region === null ? absent(vm, slot) : present(vm, { slot, region });
  }
}

function* absent(vm: KvmVm, slot: number): Generator<Probe> {
  const region = { ...pageAt(slot, 0), memorySize: 0n };
  const question = `then ${describeRegion(region)}`;
  yield { question, ask: () => vm.setMemoryRegion(region), expected: "EINVAL" };
}

function* present(
  vm: KvmVm,
  { slot, region }: { slot: number; region: MemoryRegion },
): Generator<Probe> {
  const { slot: { baseGfn, npages }, flags, userspaceAddr } = region;
  const same = {
    ...pageAt(slot, baseGfn),
    flags,
    userspaceAddr,
    memorySize: BigInt(npages) * PAGE_SIZE,
  };
  const question = `then ${describeRegion(same)}`;
  // The log first: setting a slot again would also set its log flag.
  const expected = flags & KVM_MEM_LOG_DIRTY_PAGES ? "ok" : "ENOENT";
  yield {
    question: `then the dirty log of slot ${slot}`,
    ask: () => vm.getDirtyLog(slot, npages),
    expected,
  };
  yield { question, ask: () => vm.setMemoryRegion(same), expected: "ok" };
}

function freeId(set: MemslotSet, maxSlots: number): number {
  for (let id = maxSlots - 1; id >= 0; id--) if (set.regionById(id) === null) return id;
  throw new RangeError(
    `Cannot read the map back as a free id is needed: all ${maxSlots} are taken`,
  );
}

/** Every gfn that a call could have made a slot of, and the one after: ends count too. */
function gfnsOf(sequence: readonly UserspaceMemoryRegion[], maxGfn: number): Set<number> {
  const gfns = new Set<number>();
  for (const { guestPhysAddr, memorySize } of sequence) {
    const base = Number(guestPhysAddr / PAGE_SIZE);
    const end = base + Math.min(Number(memorySize / PAGE_SIZE), 16);
    for (let gfn = base; gfn <= end && gfn < maxGfn; gfn++) gfns.add(gfn);
  }
  return gfns;
}

function pageAt(slot: number, gfn: number): UserspaceMemoryRegion {
  return {
    slot,
    flags: 0,
    guestPhysAddr: BigInt(gfn) * PAGE_SIZE,
    memorySize: PAGE_SIZE,
    userspaceAddr: 0n,
  };
}

function answerOf(model: AddressSpace, region: UserspaceMemoryRegion): string {
  try {
    model.setMemoryRegion(region);
    return "ok";
  } catch (error) {
    if (error instanceof KvmError) return error.code;
    throw error;
  }
}
