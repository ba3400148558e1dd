import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { endGfn, type Gfn, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { SortedArray } from "../../impls/sorted_array.ts";
import { courseNumbers, MAGIC } from "../../bench/native/course_file.ts";
import { NativeProgram, NoCompiler } from "../../bench/native/program.ts";
import { GOLDEN_FINDS, GOLDEN_ORIGINS, GOLDEN_RANGES } from "../../bench/gate/golden.ts";
import { WrongAnswer } from "../../bench/race/wrong_answer.ts";
import { findScript } from "../../bench/workloads/queries.ts";
import { LAYOUTS } from "../../bench/workloads/layouts.ts";
import { random } from "../../bench/workloads/random.ts";
import { KINDS } from "../../bench/workloads/script.ts";
import { type Course, courseOf, WORKLOADS } from "../../bench/workloads/workloads.ts";

const SEED = Number(Deno.env.get("SEED") ?? 1);
const ENTRIES = ["sorted_array", "rb_tree", "radix_table", "radix_chunks", "floor", "touch"];

/** The program, or why there is none: then its tests are ignored, never passed. */
const PROGRAM = programOr();

function programOr(): NativeProgram | string {
  try {
    const program = new NativeProgram();
    globalThis.addEventListener("unload", () => program[Symbol.dispose]());
    return program;
  } catch (error) {
    if (error instanceof NoCompiler) return error.message;
    throw error;
  }
}

/** A test that has the program to ask. */
function compiled(name: string, test: (program: NativeProgram) => Promise<void> | void): void {
  if (typeof PROGRAM !== "string") return Deno.test(`native: ${name}`, () => test(PROGRAM));
  Deno.test.ignore(`native: ${name} (ignored as ${PROGRAM})`, () => {});
}

const ONCE = { rounds: 1, process: 0 };

/** The golden table at an origin: all of its lookups, both ways, and all of its ranges. */
function goldenCourses(origin: Gfn): Course[] {
  const slots = [[100, 10], [120, 10], [140, 1]].map(([base, npages], id) => {
    return memslot(id, origin + base, npages);
  });
  const at = (gfn: Gfn) => gfn === Infinity ? GFN_LIMIT : gfn === 0 ? 0 : origin + gfn;
  const named = (letters: string) => [...letters].map((letter) => slots["ABC".indexOf(letter)]);
  const finds = GOLDEN_FINDS.filter(([gfn]) => at(gfn) <= GFN_LIMIT);
  const ranges = GOLDEN_RANGES.filter(([start, end]) => Math.max(at(start), at(end)) <= GFN_LIMIT);
  const expected = ranges.flatMap(([, , letters]) => named(letters));
  const to = ranges.map((_, i) => ranges.slice(0, i + 1).flatMap(([, , all]) => [...all]).length);
  const script = {
    kind: "range" as const,
    length: ranges.length,
    starts: ranges.map(([start]) => at(start)),
    ends: ranges.map(([, end]) => at(end)),
    expected,
    from: [0, ...to.slice(0, -1)],
    to,
  };
  const gfns = finds.map(([gfn]) => at(gfn));
  const answers = finds.map(([, letter]) => named(letter)[0] ?? null);
  return [
    { slots, script: { kind: "find", length: gfns.length, gfns, answers } },
    { slots, script: { kind: "serial", length: gfns.length, gfns, answers } },
    { slots, script },
  ];
}

compiled("every entry in C answers the golden table at every origin", async (program) => {
  for (const course of GOLDEN_ORIGINS.flatMap(goldenCourses)) {
    const entries = await program.race(courseNumbers(course), ONCE);
    assertEquals(entries.map(({ name }) => name), ENTRIES);
  }
});

/** Lookups of the first and the last gfn of each slot and of their neighbours, in any order. */
function boundaryCourse(slots: readonly Memslot[]): Course {
  const oracle = new SortedArray(slots), { shuffle } = random(SEED, "boundaries", slots.length);
  const gfns = shuffle(slots.flatMap((slot) => {
    return [Math.max(0, slot.baseGfn - 1), slot.baseGfn, endGfn(slot) - 1, endGfn(slot)];
  }));
  return { slots, script: findScript(gfns, (gfn) => oracle.find(gfn)) };
}

/** The same as ranges: from each gfn over `slotsEach` slots or so. */
function rangeCourse({ slots, script }: Course, slotsEach: number): Course {
  if (script.kind !== "find") throw new TypeError("Cannot make ranges of other than lookups");
  const starts = script.gfns, index = new SortedArray(slots);
  const ends = starts.map((start) => {
    const after = slots.findIndex((slot) => endGfn(slot) > start);
    return after < 0 ? start + 1 : endGfn(slots[Math.min(after + slotsEach, slots.length) - 1]);
  });
  const found = starts.map((start, i) => [...memslotsInGfnRange(index, start, ends[i])]);
  const to: number[] = [];
  for (const slots of found) to.push((to.at(-1) ?? 0) + slots.length);
  const from = [0, ...to.slice(0, -1)], expected = found.flat(), length = starts.length;
  return { slots, script: { kind: "range", length, starts, ends, expected, from, to } };
}

compiled("every entry in C is right at every boundary of every layout", async (program) => {
  for (const { name, build, allows } of LAYOUTS) {
    // At 2,500 there are 100 chunks: tables below tables where slots lie unevenly.
    for (const count of [1, 3, 26, 64, 509, 2500].filter(allows)) {
      const course = boundaryCourse(build(count, random(SEED, name, count)));
      assertEquals((await program.race(courseNumbers(course), ONCE)).length, ENTRIES.length, name);
      if (count <= 509) await program.race(courseNumbers(rangeCourse(course, 30)), ONCE);
    }
  }
});

/** Wide slots, and so many small ones at one place that hints are of no help, wherever they lie. */
function crowdedSlots(count: number): Memslot[] {
  const small = Math.floor(count * 0.45), width = 2 ** 20;
  return Array.from({ length: count }, (_, id) => {
    return id < small ? memslot(id, 2 * id, 1) : memslot(id, (id - small + 1) * width, width);
  });
}

compiled(
  "every entry in C is right where hints do not help and where they are long",
  async (program) => {
    const [{ build }] = LAYOUTS;
    for (const slots of [crowdedSlots(509), crowdedSlots(2500), build(50_000, random(SEED))]) {
      await program.race(courseNumbers(boundaryCourse(slots)), ONCE);
    }
  },
);

compiled("every entry in C is right on all workloads of lookups and ranges", async (program) => {
  for (const { name: workload, kind, key, layouts, least = 1 } of WORKLOADS) {
    if (KINDS[kind].isOfChanges || key === "hva") continue;
    for (const { name: layout, allows } of LAYOUTS.filter(({ name }) => layouts.includes(name))) {
      for (const slots of [Math.max(least, 30), 300]) {
        if (slots < least || !allows(slots)) continue;
        const course = await courseOf({ workload, layout, slots, originGfn: 2 ** 40 }, SEED);
        if (course !== null) await program.race(courseNumbers(course), ONCE);
      }
    }
  }
});

compiled("an answer that is not the known one is found, and the step told", async (program) => {
  for (const course of goldenCourses(2 ** 20)) {
    const numbers = courseNumbers(course);
    numbers[numbers.length - 1] = 0; // the last answer, C or none, becomes A
    const last = course.script.length - 1;
    const error = await assertRejects(() => program.race(numbers, ONCE), WrongAnswer);
    assertEquals(error.message, `sorted_array in C gave a wrong answer at step ${last}`);
  }
});

compiled("a course that is cut off or is none is refused in one line", async (program) => {
  const [course] = goldenCourses(0);
  const numbers = courseNumbers(course);
  for (
    const [wrong, why] of [
      [numbers.slice(0, -1), "it is cut off"],
      [Float64Array.of(MAGIC + 1, ...numbers.slice(1)), "it is no course"],
      [new Float64Array(0), "it is no course"],
    ] as const
  ) {
    const { message } = await assertRejects(() => program.race(wrong, ONCE), Error);
    assert(message.endsWith(` as ${why}`), message);
  }
});

Deno.test("courseNumbers: holds the whole course", () => {
  for (const course of goldenCourses(GFN_LIMIT - 141)) {
    assertEquals(readBack(courseNumbers(course)), course);
  }
});

/** What the numbers say, read as course_file.ts describes them. */
function readBack(numbers: Float64Array): Course {
  const [magic, kind, nslots, length, nexpected] = numbers;
  assertEquals(magic, MAGIC);
  let at = 5;
  const column = (count: number) => [...numbers.subarray(at, at += count)];
  const bases = column(nslots), slotEnds = column(nslots);
  const slots = bases.map((base, id) => memslot(id, base, slotEnds[id] - base));
  const starts = column(length), ends = column(length), from = column(length), to = column(length);
  const answers = column(nexpected).map((place): Memslot | null => slots[place] ?? null);
  assertEquals(at, numbers.length);
  if (kind === 0) return { slots, script: { kind: "find", length, gfns: starts, answers } };
  if (kind === 2) return { slots, script: { kind: "serial", length, gfns: starts, answers } };
  const expected = answers as Memslot[];
  return { slots, script: { kind: "range", length, starts, ends, expected, from, to } };
}

Deno.test("courseNumbers: refuses changes", async () => {
  const place = { workload: "move", layout: "scattered", slots: 10, originGfn: 0 };
  const course = await courseOf(place, 1);
  assertThrows(() => courseNumbers(course!), RangeError, "C has lookups and ranges only");
});
