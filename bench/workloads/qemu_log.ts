/** QEMU's log of a guest's memory slots: read call by call, and made again in an `AddressSpace`. */
import type { AddressSpace } from "../../impls/kvm/address_space.ts";
import {
  isGuestMemfd,
  KvmError,
  type UserspaceMemoryRegion,
} from "../../impls/kvm/memory_region.ts";

/** One `KVM_SET_USER_MEMORY_REGION` or `KVM_SET_USER_MEMORY_REGION2` as QEMU logged it. */
export interface LoggedCall {
  /** Where it stands in the log, from 1. */
  readonly line: number;
  readonly region: UserspaceMemoryRegion;
  /** What the kernel answered: 0 or minus errno. */
  readonly ret: number;
}

/**
 * The calls in what `qemu-system-* -trace kvm_set_user_memory` printed, of any QEMU: fields are
 * read as key=value in any order, and unknown ones are left alone. Up to QEMU 9.0 `Slot#` holds the
 * address space as well, in bits 16 and up; from 9.1 `AddrSpace#` does. A guest_memfd is
 * `guest_memfd_offset=`, and `restricted_offset=` in the trees of 2022 and 2023.
 *
 * Lines of other events are passed over. `RangeError` with the line number for a call that lacks a
 * field or has one out of its range, and for a log without any call.
 */
export function parseQemuLog(text: string): LoggedCall[] {
  const lines = text.split("\n"), calls: LoggedCall[] = [];
  lines.forEach((line, i) => {
    if (/(^|[\s:])kvm_set_user_memory\s/.test(line)) calls.push(parseCall(line, i + 1));
  });
  if (calls.length > 0) return calls;
  const isStrace = text.includes("KVM_SET_USER_MEMORY_REGION");
  throw new RangeError(
    `Cannot read QEMU log as it must have lines of kvm_set_user_memory: found none in ` +
      `${lines.length}${isStrace ? ", but ioctls as strace prints them" : ""}`,
  );
}

/** How calls are made again. */
export interface ApplyOptions {
  /**
   * The log begins when the guest had slots already: a deletion of a slot that no earlier line has
   * created is left out instead of refused.
   */
  readonly isMidway?: boolean;
}

/**
 * Repeats what the kernel did: calls with ret=0 are made, the others changed nothing and are left
 * out. Gives what was assumed of a log that begins midway, a sentence for each deletion left out.
 * Throws the `KvmError` of a call that the kernel took and `space` does not.
 */
export function applyCalls(
  space: AddressSpace,
  calls: readonly LoggedCall[],
  { isMidway = false }: ApplyOptions = {},
): string[] {
  const assumed: string[] = [];
  for (const { line, region, ret } of calls) {
    if (ret !== 0) continue;
    if (isMidway && region.memorySize === 0n && space.slotById(region.slot) === null) {
      assumed.push(
        `line ${line} deletes slot ${region.slot}, which was there before the log began`,
      );
      continue;
    }
    try {
      space.setMemoryRegion(region);
    } catch (error) {
      if (error instanceof KvmError) error.message += ` (line ${line} of the log)`;
      throw error;
    }
  }
  return assumed;
}

function parseCall(text: string, line: number): LoggedCall {
  const fields = fieldsOf(text);
  const number = (key: string, limit: bigint): bigint => {
    const word = fields.get(key), value = word === undefined ? null : integerOf(word);
    if (value !== null && value < limit && value > -limit && (value >= 0n || key === "ret")) {
      return value;
    }
    const range = key === "ret" ? "(-2^32, 2^32)" : `[0, 2^${limit.toString(2).length - 1})`;
    throw new RangeError(
      `Cannot read QEMU log as each call must have ${key} in ${range}: line ${line} has ${
        word?.slice(0, 40) ?? "none"
      }`,
    );
  };
  const hasSpace = fields.has("AddrSpace");
  const space = hasSpace ? number("AddrSpace", U16) : 0n;
  const flags = Number(number("flags", U32));
  const offset = ["guest_memfd_offset", "restricted_offset"].find((key) => fields.has(key));
  return {
    line,
    region: {
      slot: Number(space << 16n | number("Slot", hasSpace ? U16 : U32)),
      flags,
      guestPhysAddr: number("gpa", U64),
      memorySize: number("size", U64),
      userspaceAddr: number("ua", U64),
      // Without the flag the offset is one of memory that has no such file: QEMU logs it anyway.
      ...isGuestMemfd(flags) &&
        { guestMemfdOffset: offset === undefined ? 0n : number(offset, U64) },
    },
    ret: Number(number("ret", U32)),
  };
}

const U16 = 2n ** 16n, U32 = 2n ** 32n, U64 = 2n ** 64n;

/** The words `KEY=VALUE` and `KEY#VALUE` of a line. */
function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const word of text.split(/\s+/)) {
    const at = word.search(/[=#]/);
    if (at > 0) fields.set(word.slice(0, at), word.slice(at + 1));
  }
  return fields;
}

/** A decimal or `0x` number of up to 20 digits, with a minus or not; null for another word. */
function integerOf(word: string): bigint | null {
  const [, minus, digits] = /^(-?)(0x[0-9a-f]{1,16}|\d{1,20})$/i.exec(word) ?? [];
  if (digits === undefined) return null;
  return minus === "-" ? -BigInt(digits) : BigInt(digits);
}
