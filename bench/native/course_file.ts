/**
 * A course as memslots.c reads it: doubles in the machine's byte order, which hold any gfn. The mark,
 * the kind (0 lookups, 1 ranges, 2 lookups that wait for each other), the numbers of slots, steps and expected answers; then column by
 * column the slots' bases and ends, the steps' starts, ends, from and to, and the answers: a slot by
 * its place in the map, or the number of slots for none. A lookup is a step with one answer.
 */
import { endGfn } from "../../impls/memslot.ts";
import type { Held, RangeScript, Script } from "../workloads/script.ts";
import type { Course } from "../workloads/workloads.ts";

/** What such a file begins with. */
export const MAGIC = 0x6d736c31;

/** The kinds of scripts that C has, by their numbers. */
const KINDS: readonly Script["kind"][] = ["find", "range", "serial"];

/** The numbers of the file of `course`. `RangeError` for changes, which the C side has not. */
export function courseNumbers({ slots, script }: Course): Float64Array<ArrayBuffer> {
  const { starts, ends, from, to, expected } = questionsOf(script);
  const places = new Map<Held, number>(slots.map((slot, place) => [slot, place]));
  return Float64Array.from([
    ...[MAGIC, KINDS.indexOf(script.kind), slots.length, script.length, expected.length],
    ...slots.map(({ baseGfn }) => baseGfn),
    ...slots.map(endGfn),
    ...starts,
    ...ends,
    ...from,
    ...to,
    ...expected.map((slot) => slot === null ? slots.length : places.get(slot)!),
  ]);
}

type Questions = Omit<RangeScript, "kind" | "length" | "expected"> & {
  readonly expected: readonly (RangeScript["expected"][number] | null)[];
};

function questionsOf(script: Script): Questions {
  if (script.kind === "range") return script;
  if (script.kind !== "find" && script.kind !== "serial") {
    throw new RangeError(
      `Cannot write a course of ${script.kind} as C has lookups and ranges only`,
    );
  }
  const { gfns, answers } = script, from = gfns.map((_, step) => step);
  return { starts: gfns, ends: gfns, from, to: from.map((step) => step + 1), expected: answers };
}
