import { assert, assertEquals } from "@std/assert";
import { Kvm, KvmUnavailable } from "../../bench/kvm/kvm.ts";
import { emptyTally, firstDifference, limitsOf, referee } from "../../bench/kvm/referee.ts";
import { MEMFD_ROWS, MEMFD_SETUP, region, ROWS, SETUP } from "../support/region_rows.ts";

/** Why there is no kernel to ask, or null: then these tests are ignored, never passed. */
const REASON = reasonOf();
const SEED = Number(Deno.env.get("SEED") ?? 1);

function reasonOf(): string | null {
  try {
    using kvm = new Kvm();
    const { maxSlots } = limitsOf(kvm);
    console.log(`KVM: kernel ${Deno.osRelease()}, KVM_CAP_NR_MEMSLOTS ${maxSlots}`);
    return null;
  } catch (error) {
    if (error instanceof KvmUnavailable) return error.message;
    throw error;
  }
}

/** A test that has the kernel to ask. */
function live(name: string, test: (kvm: Kvm) => void): void {
  Deno.test({
    name: REASON === null ? `KVM: ${name}` : `KVM: ${name} (ignored as ${REASON})`,
    ignore: REASON !== null,
    fn() {
      using kvm = new Kvm();
      test(kvm);
    },
  });
}

live("every row of the table of checks is what the kernel answers", (kvm) => {
  for (const [what, call, expected] of ROWS) {
    // The kernel would spend 16 GiB on tables for a slot that large.
    if (expected === "ok" && call.memorySize > 2n ** 40n) continue;
    using vm = kvm.createVm();
    for (const set of SETUP) assertEquals(vm.setMemoryRegion(set), "ok");
    assertEquals(vm.setMemoryRegion(call), expected, what);
  }
});

live(
  "every row of the rules for guest_memfd is what the kernel answers, where it has them",
  (kvm) => {
    for (const [what, call, expected] of MEMFD_ROWS) {
      using vm = kvm.createVm();
      if (!vm.hasGuestMemfd()) return;
      for (const set of MEMFD_SETUP) assertEquals(vm.setMemoryRegion(set), "ok");
      assertEquals(vm.setMemoryRegion(call), expected, what);
    }
  },
);

live("a slot of another address space overlaps none of the first", (kvm) => {
  using vm = kvm.createVm();
  assertEquals(vm.setMemoryRegion(region({ slot: 1 })), "ok");
  const second = vm.setMemoryRegion(region({ slot: 0x1_0001 }));
  assertEquals(second, vm.addressSpaces() > 1 ? "ok" : "EINVAL");
});

live("random calls are answered as AddressSpace answers them, and leave the same map", (kvm) => {
  const limits = limitsOf(kvm), tally = emptyTally();
  for (let seed = SEED; seed < SEED + 3; seed++) {
    const verdict = referee(kvm, { limits, seed, sequences: 50, calls: 100, tally });
    assert(verdict.ok, `with SEED=${seed}: ${JSON.stringify(verdict, bigintAsHex)}`);
  }
  assert(tally.calls > 5000 && tally.probes > 5000);
  for (const answer of ["create", "delete", "move", "flags", "nothing", "EINVAL", "EEXIST"]) {
    assert((tally.answers.get(answer) ?? 0) > 50, `too few calls end in ${answer}`);
  }
});

live("every id up to the cap is taken, and the next is refused", (kvm) => {
  const limits = limitsOf(kvm);
  const sequence = Array.from(
    { length: limits.maxSlots + 1 },
    (_, slot) => region({ slot, gfn: slot, npages: 1 }),
  );
  sequence.push(region({ slot: 7, npages: 0 })); // reading the map back needs a free id
  assertEquals(firstDifference(kvm, { limits, sequence, tally: emptyTally() }), null);
});

live("a model with other limits is told apart by one call", (kvm) => {
  const limits = limitsOf(kvm);
  for (const wrong of [{ maxSlots: limits.maxSlots - 1 }, { maxGfn: limits.maxGfn - 1 }]) {
    const verdict = referee(kvm, {
      limits: { ...limits, ...wrong },
      seed: SEED,
      sequences: 200,
      calls: 50,
      tally: emptyTally(),
    });
    assert(!verdict.ok);
    assertEquals(verdict.sequence.length, 1);
    assertEquals(new Set([verdict.kernel, verdict.model]), new Set(["ok", "EINVAL"]));
  }
});

function bigintAsHex(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}
