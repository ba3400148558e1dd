import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { endGfn, type Gfn, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { SortedArray } from "../../impls/sorted_array.ts";
import { courseNumbers, MAGIC } from "../../bench/native/course_file.ts";
import { nativeSides } from "../../bench/native/pair.ts";
import { type NativeProgram, NativePrograms, NotInstalled } from "../../bench/native/program.ts";
import { type Recipe, RECIPES } from "../../bench/native/recipes.ts";
import { GOLDEN_FINDS, GOLDEN_ORIGINS, GOLDEN_RANGES } from "../../bench/gate/golden.ts";
import { WrongAnswer } from "../../bench/race/wrong_answer.ts";
import { findScript } from "../../bench/workloads/queries.ts";
import { LAYOUTS } from "../../bench/workloads/layouts.ts";
import { random } from "../../bench/workloads/random.ts";
import { KINDS } from "../../bench/workloads/script.ts";
import { type Course, courseOf, WORKLOADS } from "../../bench/workloads/workloads.ts";

const SEED = Number(Deno.env.get("SEED") ?? 1);
/** What each program races. */
const ENTRIES = new Map([
  ["the designs in C", [
    "sorted_array",
    "rb_tree",
    "radix_table",
    "radix_chunks",
    "floor",
    "touch",
  ]],
  ["std::map", ["std::map"]],
  ["absl::btree_map", ["absl::btree_map"]],
  ["BTreeMap and sorted Vec", ["BTreeMap", "sorted Vec"]],
]);

/** The programs, or none: then their tests are ignored, never passed. */
const NATIVE = await compiledOrNot();

async function compiledOrNot(): Promise<NativePrograms | null> {
  try {
    const native = await NativePrograms.compile();
    globalThis.addEventListener("unload", () => native[Symbol.dispose]());
    return native;
  } catch (error) {
    if (error instanceof NotInstalled) return null;
    throw error;
  }
}

/** A test that each program has to pass that holds what the test is of. */
function compiled(
  name: string,
  holds: readonly Recipe["holds"][],
  test: (program: NativeProgram) => Promise<void>,
): void {
  for (const recipe of RECIPES.filter((recipe) => holds.includes(recipe.holds))) {
    const program = NATIVE?.programs.find((program) => program.recipe === recipe);
    Deno.test({
      name: `native: ${recipe.name}: ${name}${
        program ? "" : " (ignored as it cannot be compiled)"
      }`,
      ignore: program === undefined,
      fn: () => test(program!),
    });
  }
}

const ALL = ["designs", "peers"] as const;
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

compiled("every entry answers the golden table at every origin", ALL, async (program) => {
  for (const course of GOLDEN_ORIGINS.flatMap(goldenCourses)) {
    const entries = await program.race(courseNumbers(course), ONCE);
    assertEquals(entries.map(({ name }) => name), ENTRIES.get(program.recipe.name));
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

compiled("every entry is right at every boundary of every layout", ALL, async (program) => {
  for (const { name, build, allows } of LAYOUTS) {
    // 14 slots are the last of the flat pool, and 2,500 have 100 chunks, in blocks of 32.
    for (const count of [1, 3, 14, 15, 64, 509, 2500].filter(allows)) {
      const course = boundaryCourse(build(count, random(SEED, name, count)));
      await program.race(courseNumbers(course), ONCE);
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
  "every entry is right where hints do not help and where blocks are many",
  ["designs"],
  async (program) => {
    const [{ build }] = LAYOUTS;
    for (const slots of [crowdedSlots(509), crowdedSlots(2500), build(36_864, random(SEED))]) {
      await program.race(courseNumbers(boundaryCourse(slots)), ONCE);
    }
  },
);

/** The numbers of a course of each workload that native programs have, on each of its layouts. */
async function* numbersOf({ isOfChanges }: { isOfChanges: boolean }) {
  for (const { name: workload, kind, layouts, least = 1 } of WORKLOADS) {
    if (nativeSides(workload).length === 0 || KINDS[kind].isOfChanges !== isOfChanges) continue;
    for (const { name: layout, allows } of LAYOUTS.filter(({ name }) => layouts.includes(name))) {
      for (const slots of [Math.max(least, 10), 300].filter(allows)) {
        const course = await courseOf({ workload, layout, slots, originGfn: 2 ** 40 }, SEED);
        if (course !== null) yield courseNumbers(shortened(course));
      }
    }
  }
}

/** The first ranges of a course: all of them hand out up to three million slots. */
function shortened({ slots, script }: Course): Course {
  if (script.kind !== "range") return { slots, script };
  const length = Math.min(script.length, 500);
  const [starts, ends, from, to] = [script.starts, script.ends, script.from, script.to]
    .map((column) => column.slice(0, length));
  const expected = script.expected.slice(0, to.at(-1));
  return { slots, script: { kind: "range", length, starts, ends, from, to, expected } };
}

for (const isOfChanges of [false, true]) {
  const holds = isOfChanges ? ["peers" as const] : ALL;
  const words = isOfChanges ? "changes" : "lookups and ranges";
  compiled(`every entry is right on the ${words} of every workload`, holds, async (program) => {
    let courses = 0;
    for await (const numbers of numbersOf({ isOfChanges })) {
      await program.race(numbers, ONCE);
      courses++;
    }
    assert(courses >= 40, `${courses}`);
  });
}

compiled(
  "an answer that is not the known one is found, and the step told",
  ALL,
  async (program) => {
    for (const course of goldenCourses(2 ** 20)) {
      const numbers = courseNumbers(course);
      numbers[numbers.length - 1] = 0; // the last answer, C or none, becomes A
      const last = course.script.length - 1;
      const error = await assertRejects(() => program.race(numbers, ONCE), WrongAnswer);
      const [first] = ENTRIES.get(program.recipe.name)!;
      const where = program.recipe.holds === "designs" ? " in C" : "";
      assertEquals(error.message, `${first}${where} gave a wrong answer at step ${last}`);
    }
  },
);

compiled("a change that is answered wrongly is found", ["peers"], async (program) => {
  const place = { workload: "move_find", layout: "scattered", slots: 10, originGfn: 0 };
  const course = await courseOf(place, SEED), numbers = courseNumbers(course!);
  const last = course!.script.length - 1;
  numbers[numbers.length - 1] = (numbers[numbers.length - 1] + 1) % 10; // what is found elsewhere
  const error = await assertRejects(() => program.race(numbers, ONCE), WrongAnswer);
  assert(error.message.endsWith(`gave a wrong answer at step ${last}`), error.message);
});

compiled("a course that is cut off or is none is refused in one line", ALL, async (program) => {
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

compiled("a course of changes is refused by what cannot change", ["designs"], async (program) => {
  const place = { workload: "move", layout: "scattered", slots: 10, originGfn: 0 };
  const numbers = courseNumbers((await courseOf(place, SEED))!);
  const { message } = await assertRejects(() => program.race(numbers, ONCE), Error);
  assert(message.endsWith(" as it is of changes"), message);
});

Deno.test("NativePrograms: compiles whatever it has a compiler and a library for", () => {
  const { programs, missing } = NATIVE ?? { programs: [], missing: RECIPES };
  assertEquals(programs.length + missing.length, RECIPES.length);
  for (const why of NATIVE?.missing ?? []) {
    assertMatch(why, / there is no | finds no library | does not run /);
  }
});

Deno.test("NativePrograms: names what cannot be compiled in one line each, and has the rest", async () => {
  const [c, map, absl] = RECIPES;
  const unknown = { ...c, compiler: "no-such-compiler" };
  const noLibrary = { ...absl, libraries: ["-labsl_no_such_library"] };
  const faulty = { ...map, flags: ["--no-such-flag"] };
  const broken = { ...c, compiler: "false" };
  const words = "Cannot race natively as no native program can be compiled";
  await assertRejects(() => NativePrograms.compile([unknown]), NotInstalled, words);
  if (!NATIVE?.programs.some(({ recipe }) => recipe === map)) return;
  using native = await NativePrograms.compile([unknown, map, noLibrary, faulty, broken]);
  assertEquals(native.programs.map(({ recipe }) => recipe), [map]);
  const [noCompiler, library, fault, noRun] = native.missing;
  assertMatch(noRun, /^Cannot race the designs in C as false does not run \(.*\): install gcc or/);
  assertEquals(
    noCompiler,
    "Cannot race the designs in C as there is no no-such-compiler: install gcc or clang",
  );
  assertEquals(
    library,
    "Cannot race absl::btree_map as c++ finds no library for it: install g++ or clang, and " +
      "libabsl-dev",
  );
  assertMatch(fault, /^Cannot race std::map as .+ does not compile peers.cpp: .*error.*$/);
});

Deno.test("courseNumbers: holds the whole course", () => {
  for (const course of goldenCourses(GFN_LIMIT - 141)) {
    assertEquals(readBack(courseNumbers(course)), course);
  }
});

/** What the numbers say, read as course_file.ts describes them. */
function readBack(numbers: Float64Array): Course {
  const [magic, kind, nslots, added, length, nexpected] = numbers;
  assertEquals([magic, added], [MAGIC, 0]);
  let at = 6;
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

Deno.test("courseNumbers: has the slots that changes insert behind those of the map", () => {
  const [a, b, moved] = [memslot(0, 0, 4), memslot(1, 8, 4), memslot(1, 16, 4)];
  const script = {
    kind: "churn_find" as const,
    length: 2,
    size: 2,
    before: [b, moved],
    after: [moved, b],
    erased: [9, 17],
    inserted: [18, 10],
    elsewhere: [1, 5],
    others: [a, null],
  };
  assertEquals([...courseNumbers({ slots: [a, b], script })], [
    ...[MAGIC, 4, 2, 1, 2, 0],
    ...[0, 8, 16, 4, 12, 20],
    ...[1, 2, 2, 1],
    ...[9, 17, 18, 10, 1, 5, 0, 3],
  ]);
});

Deno.test("courseNumbers: refuses what no native program has", async () => {
  const place = { workload: "mix", layout: "scattered", slots: 10, originGfn: 0 };
  const course = await courseOf(place, 1);
  assertThrows(() => courseNumbers(course!), RangeError, "find, range, serial, churn");
});
