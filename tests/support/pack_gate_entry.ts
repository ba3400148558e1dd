/**
 * The gate of the packed library, for any runtime: `pack_gate.ts` bundles this file and runs it where
 * the package is installed. Every index is imported by its own path, then the golden table and random
 * histories are tried on it, and on `AddressSpace` over it KVM's table of checks and random calls.
 */
import process from "node:process";
import { findFault } from "../../bench/gate/differential.ts";
import { describeRegion, randomRegion } from "../../bench/kvm/calls.ts";
import { AddressSpace } from "../../impls/kvm/address_space.ts";
import type { UserspaceMemoryRegion } from "../../impls/kvm/memory_region.ts";
import { LinearScan } from "../../impls/linear_scan.ts";
import { describe, type Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import { random } from "../../bench/workloads/random.ts";
import { ROWS, SETUP } from "./region_rows.ts";

// Not a literal, so that the bundle leaves it to the runtime.
const PACKAGE: string = "@memslot/race";
const library: typeof import("../../mod.ts") = await import(PACKAGE);

type Create = (slots: readonly Memslot[]) => MemslotIndex;

const SEED = 1;

/** What `call` answers: "ok", or the code of the error. */
function answerOf(vm: AddressSpace, call: UserspaceMemoryRegion): string {
  try {
    vm.setMemoryRegion(call);
    return "ok";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** The slots of a map, in words. */
function mapWords(vm: AddressSpace): string {
  return [...library.memslotsInGfnRange(vm.index, 0, 2 ** 52)].map(describe).join(", ");
}

/** What the packed `AddressSpace` over `create` gets wrong; null if nothing. */
function addressSpaceFault(create: Create): string | null {
  for (const [what, call, expected] of ROWS) {
    const vm = new library.AddressSpace(create);
    for (const region of SETUP) vm.setMemoryRegion(region);
    const given = answerOf(vm, call);
    if (given !== expected) return `AddressSpace: ${what} should give ${expected}: found ${given}`;
  }
  return randomFault(create);
}

const LIMITS = {
  ...{ maxSlots: 32764, addressSpaces: 1, maxGfn: 2 ** 40 },
  maxUserspaceAddr: 2n ** 47n - 4096n,
  readonlyGuestMemfd: false,
};

/** Random calls that the packed `AddressSpace` and the checkout's answer differently, in words. */
function randomFault(create: Create): string | null {
  for (let sequence = 0; sequence < 100; sequence++) {
    const vm = new library.AddressSpace(create, LIMITS);
    const model = new AddressSpace((slots) => new LinearScan(slots), LIMITS);
    const draws = random(SEED, "calls", sequence);
    for (let i = draws.int(1, 40); i > 0; i--) {
      const call = randomRegion(draws, LIMITS);
      const given = answerOf(vm, call), right = answerOf(model, call);
      if (given !== right) return `${describeRegion(call)} should give ${right}: found ${given}`;
      vm.index.checkInvariants();
    }
    const given = mapWords(vm), right = mapWords(model);
    if (given !== right) return `AddressSpace should hold ${right}: found ${given}`;
  }
  return null;
}

/** The class of the contender, by the contender's own path. */
async function createByPath(name: string): Promise<Create> {
  const module: Record<string, new (slots: readonly Memslot[]) => MemslotIndex> = await import(
    `${PACKAGE}/${name}`
  );
  const [IndexClass] = Object.values(module);
  const all: readonly unknown[] = Object.values(library);
  if (!all.includes(IndexClass)) throw new Error(`mod.ts does not export the class of ${name}`);
  return (slots) => new IndexClass(slots);
}

let right = 0;
for (const { name } of library.CONTENDERS) {
  const create = await createByPath(name);
  const fault = findFault(create, { seed: SEED, histories: 200 })?.words ??
    addressSpaceFault(create);
  if (fault === null) right++;
  else console.log(`wrong: ${name}, ${fault}`);
}
const count = library.CONTENDERS.length;
console.log(
  `${right} of ${count} indexes right, and AddressSpace over them (${navigator.userAgent})`,
);
process.exitCode = right === count && count > 0 ? 0 : 2;
