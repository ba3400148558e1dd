import type { AddressSpace } from "../../impls/kvm/address_space.ts";
import { KvmError, type UserspaceMemoryRegion } from "../../impls/kvm/memory_region.ts";

/** One `KVM_SET_USER_MEMORY_REGION` as QEMU logged it. */
export interface LoggedCall {
  /** Where it stands in the log, from 1. */
  readonly line: number;
  readonly region: UserspaceMemoryRegion;
  /** What the kernel answered: 0 or minus errno. */
  readonly ret: number;
}

/**
 * The calls in what `qemu-system-* -trace kvm_set_user_memory` printed, of any QEMU: fields are
 * read as key=value, unknown ones and those behind `ret` are left alone. Up to QEMU 9.0 `Slot#`
 * holds the address space as well, in bits 16 and up; from 9.1 `AddrSpace#` does.
 *
 * Lines of other events are passed over; `RangeError` with the line number for one of this event
 * that lacks a field.
 */
export function parseQemuLog(text: string): LoggedCall[] {
  return text.split("\n").flatMap((line, i) =>
    /(^|[\s:])kvm_set_user_memory\s/.test(line) ? [parseCall(line, i + 1)] : []
  );
}

/**
 * Repeats what the kernel did: calls with ret=0 are made, the others changed nothing and are left
 * out. Throws the `KvmError` of a call that the kernel took and `space` does not.
 */
export function applyCalls(space: AddressSpace, calls: readonly LoggedCall[]): void {
  for (const { line, region, ret } of calls) {
    if (ret !== 0) continue;
    try {
      space.setMemoryRegion(region);
    } catch (error) {
      if (error instanceof KvmError) error.message += ` (line ${line} of the log)`;
      throw error;
    }
  }
}

function parseCall(text: string, line: number): LoggedCall {
  const fields = new Map<string, string>();
  for (const [, key, value] of text.matchAll(/([A-Za-z_]+)[=#](-?\w+)/g)) fields.set(key, value);
  const number = (key: string): bigint => {
    const value = fields.get(key);
    if (value !== undefined && /^-?(0x[0-9a-f]+|\d+)$/i.test(value)) {
      return value.startsWith("-") ? -BigInt(value.slice(1)) : BigInt(value);
    }
    throw new RangeError(
      `Cannot read QEMU log as each call must have ${key}: line ${line} has ${value ?? "none"}`,
    );
  };
  const space = fields.has("AddrSpace") ? number("AddrSpace") : 0n;
  return {
    line,
    region: {
      slot: Number(space << 16n | number("Slot")),
      flags: Number(number("flags")),
      guestPhysAddr: number("gpa"),
      memorySize: number("size"),
      userspaceAddr: number("ua"),
    },
    ret: Number(number("ret")),
  };
}
