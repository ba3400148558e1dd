/**
 * What an index sees of the kernel's own benchmark, tools/testing/selftests/kvm/memslot_perf_test.c:
 * the keys it is asked for, in its order. A simulation has no faults, TLB flushes or grace
 * periods.
 */
import { type HvaSlot, hvaSlot } from "../../impls/hva/hva_index.ts";
import type { UserspaceMemoryRegion } from "../../impls/kvm/memory_region.ts";
import { endGfn, type Gfn, type Memslot } from "../../impls/memslot.ts";
import type { Query } from "./queries.ts";
import { type CallsScript, type FindScript, type RangeScript, SCRIPT_LENGTH } from "./script.ts";

/** Where the test's user memory begins: any place that `mmap` gives. */
const USER_BASE = 0x7f12_0000_0000n;
const PAGE = 4096n;
/** What the unmap tests take away: 128 MiB. */
const UNMAP_PAGES = 32_768;

/** One lookup for each of the first `npages` pages, in order: map, and RW. */
export function everyPage(npages: number): Query<FindScript> {
  return (slots) => {
    const gfns: Gfn[] = [], answers: Memslot[] = [];
    for (let at = 0, gfn = slots[0].baseGfn; gfns.length < npages; gfn++) {
      while (gfn >= endGfn(slots[at])) at++;
      gfns.push(gfn);
      answers.push(slots[at]);
    }
    return { kind: "find", length: npages, gfns, answers };
  };
}

const placed = new WeakMap<readonly Memslot[], HvaSlot[]>();

/** The slots as they lie in user memory, side by side; of one map the same objects each time. */
export function userSlots(slots: readonly Memslot[]): HvaSlot[] {
  const known = placed.get(slots);
  if (known !== undefined) return known;
  const user = slots.map((slot) => hvaSlot(slot, userspaceAddr(slots[0], slot)));
  placed.set(slots, user);
  return user;
}

/**
 * User memory goes away `chunk` pages at a time, 128 MiB in all; the slots that show it are asked
 * for by hva. As `test_memslot_do_unmap` does, a chunk is cut where a slot ends, so that of small
 * slots each is a range of its own, and a range touches one slot.
 */
export function unmapBy(chunk: number): Query<RangeScript> {
  return (slots) => {
    const user = userSlots(slots), startPage = user[0].startPage;
    const starts: number[] = [], ends: number[] = [], expected: HvaSlot[] = [];
    // The ranges of one test may be few: it is run over again, as the kernel's is.
    while (starts.length < SCRIPT_LENGTH) {
      for (let page = 0, at = 0; page < UNMAP_PAGES;) {
        const start = startPage + page;
        while (user[at].lastPage < start) at++;
        const chunkEnd = startPage + (Math.floor(page / chunk) + 1) * chunk;
        const last = Math.min(user[at].lastPage, chunkEnd - 1);
        starts.push(start);
        ends.push(last);
        expected.push(user[at]);
        page = last + 1 - startPage;
      }
    }
    const from = starts.map((_, i) => i), to = from.map((i) => i + 1);
    return { kind: "range", length: starts.length, starts, ends, expected, from, to };
  };
}

/**
 * Step by step the last slot moves to the first gfn above everything, and back. No lookups are added:
 * the overlap check of each call asks the active set, so what that set has left for its next question is
 * done inside a step. The other set is active between the two swaps of a call only and is not asked.
 */
export const moveCalls: Query<CallsScript> = (slots) => {
  const last = slots[slots.length - 1];
  const back = creation(slots[0], last);
  const there = { ...back, guestPhysAddr: BigInt(endGfn(last)) * PAGE };
  const steps = Array.from({ length: SCRIPT_LENGTH }, (_, i) => [i % 2 === 0 ? there : back]);
  return callsScript(steps);
};

/**
 * Even steps delete all slots, odd ones create them, each slot by a call. No lookups are added: each
 * creation swaps the sets, and its overlap check asks the one that the creation before has changed; a
 * set without slots has nothing left to do.
 */
export const setupCalls: Query<CallsScript> = (slots) => {
  const creations = creationsOf(slots);
  const deletions = creations.map((region) => ({ ...region, memorySize: 0n }));
  return callsScript([deletions, creations]);
};

/** The calls that make the map of `slots`. */
export function creationsOf(slots: readonly Memslot[]): UserspaceMemoryRegion[] {
  return slots.map((slot) => creation(slots[0], slot));
}

function creation(first: Memslot, slot: Memslot): UserspaceMemoryRegion {
  return {
    slot: slot.id,
    flags: 0,
    guestPhysAddr: BigInt(slot.baseGfn) * PAGE,
    memorySize: BigInt(slot.npages) * PAGE,
    userspaceAddr: userspaceAddr(first, slot),
  };
}

function userspaceAddr(first: Memslot, slot: Memslot): bigint {
  return USER_BASE + BigInt(slot.baseGfn - first.baseGfn) * PAGE;
}

function callsScript(steps: readonly (readonly UserspaceMemoryRegion[])[]): CallsScript {
  const calls: UserspaceMemoryRegion[] = [], from: number[] = [], to: number[] = [];
  for (const step of steps) {
    from.push(calls.length);
    for (const call of step) calls.push(call);
    to.push(calls.length);
  }
  return { kind: "calls", length: steps.length, calls, from, to };
}
