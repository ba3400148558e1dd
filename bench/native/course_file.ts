/**
 * A course as the native programs read it: doubles in the machine's byte order, which hold any gfn.
 *
 * Six numbers come first: the mark, the kind (see `KINDS`), the slots of the map, the slots that changes
 * insert besides, the steps, and the answers of all lookups or ranges. Then follow columns: the bases of
 * all slots, their ends, and by kind
 *
 *     find, range, serial   starts, ends, from, to: a number for each step; then the answers
 *     churn                 before, after
 *     churn_find            before, after, erased, inserted, elsewhere, others
 *
 * with the meaning that bench/workloads/script.ts gives them. A lookup is a step with one answer. A slot
 * is its place among all slots, and the number of all slots stands for none.
 */
import { endGfn, type Memslot } from "../../impls/memslot.ts";
import type { Held, Script } from "../workloads/script.ts";
import type { Course } from "../workloads/workloads.ts";

/** What such a file begins with. */
export const MAGIC = 0x6d736c31;

/** The kinds of scripts that native programs have, by their numbers. */
const KINDS: readonly Script["kind"][] = ["find", "range", "serial", "churn", "churn_find"];

/** Whether a native program has scripts of this kind. */
export function isNativeKind(kind: Script["kind"]): boolean {
  return KINDS.includes(kind);
}

/** The numbers of the file of `course`. `RangeError` for a kind that no native program has. */
export function courseNumbers({ slots, script }: Course): Float64Array<ArrayBuffer> {
  const all = new Set<Memslot>([...slots, ...changedSlots(script)]);
  const places = new Map<Held | null, number>([...all].map((slot, place) => [slot, place]));
  const placesOf = (held: readonly (Held | null)[]) =>
    held.map((slot) => places.get(slot) ?? all.size);
  const { columns, answers } = columnsOf(script, placesOf);
  return Float64Array.from([
    ...[MAGIC, KINDS.indexOf(script.kind), slots.length, all.size - slots.length],
    ...[script.length, answers],
    ...[...all].map((slot) => slot.baseGfn),
    ...[...all].map(endGfn),
    ...columns.flat(),
  ]);
}

/** The slots that the script erases or inserts. */
function changedSlots(script: Script): readonly Memslot[] {
  return "before" in script ? [...script.before, ...script.after] : [];
}

type Columns = { readonly columns: readonly (readonly number[])[]; readonly answers: number };

function columnsOf(
  script: Script,
  placesOf: (held: readonly (Held | null)[]) => number[],
): Columns {
  switch (script.kind) {
    case "range": {
      const { starts, ends, from, to, expected } = script;
      return { columns: [starts, ends, from, to, placesOf(expected)], answers: expected.length };
    }
    case "find":
    case "serial": {
      const { gfns, answers } = script, from = gfns.map((_, step) => step);
      const to = from.map((step) => step + 1);
      return { columns: [gfns, gfns, from, to, placesOf(answers)], answers: answers.length };
    }
    case "churn":
      return { columns: [placesOf(script.before), placesOf(script.after)], answers: 0 };
    case "churn_find": {
      const { before, after, erased, inserted, elsewhere, others } = script;
      const asked = [erased, inserted, elsewhere, placesOf(others)];
      return { columns: [placesOf(before), placesOf(after), ...asked], answers: 0 };
    }
    default:
      throw new RangeError(
        `Cannot write a course of ${script.kind} as native programs have ${KINDS.join(", ")} only`,
      );
  }
}
