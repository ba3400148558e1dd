import { assertEquals, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { PlanError } from "../../bench/race/cells.ts";
import { CONTENDERS } from "../../bench/race/contenders.ts";
import { groupsOf, planRace, type Wishes } from "../../bench/race/plan.ts";

function plan(wishes: Partial<Wishes> = {}) {
  const some = { key: "gfn", order: "balanced", quick: false, plantPercent: 0, seed: 1 } as const;
  return planRace({ ...some, ...wishes });
}

/** What a plan's groups hold: the outside contender, then all. */
function groups(wishes: Partial<Wishes>) {
  return groupsOf(plan(wishes)).map(({ outside, contenders }) => {
    return [outside, contenders.map(({ name }) => name).join(" ")];
  });
}

/** Files as a user's, that happen to lie here. */
async function withFiles(
  names: readonly string[],
  act: (paths: readonly string[]) => void,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const paths = names.map((name) => `${folder}/${name}.ts`);
    for (const path of paths) {
      await Deno.mkdir(path.replace(/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(path, "");
    }
    act(paths);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("planRace: all contenders by default, the baseline first, each once", () => {
  const { contenders, baseline } = plan();
  assertEquals(baseline, "sorted_array");
  assertEquals(contenders[0].name, baseline);
  assertEquals(
    contenders.map(({ name }) => name).sort(),
    CONTENDERS.map(({ name }) => name).sort(),
  );
});

Deno.test("planRace: by user memory the three indexes of that key, with quick as well", () => {
  for (const quick of [false, true]) {
    const names = plan({ key: "hva", quick }).contenders.map(({ name }) => name);
    assertEquals(names, ["hva_sorted_array", "hva_linear_scan", "hva_interval_tree"]);
  }
});

Deno.test("planRace: quick is 3 processes, else 10; rounds are 24", () => {
  assertEquals([plan().processes, plan({ quick: true }).processes, plan().rounds], [10, 3, 24]);
  assertEquals(plan({ quick: true, processes: 5 }).processes, 5);
});

Deno.test("planRace: two files of one name are refused, one file named twice is one", async () => {
  await withFiles(["a/mine", "b/mine"], ([first, second]) => {
    const error = assertThrows(() => plan({ contenders: [first, second] }), PlanError);
    const words = `Cannot race two entries named mine: rename one of ${first} and ${second}`;
    assertEquals(error.message, words);
    const twice = plan({ contenders: ["rb_tree", first, first, "rb_tree"] }).contenders;
    assertEquals(twice.map(({ name }) => name), ["sorted_array", "rb_tree", "mine"]);
  });
});

Deno.test("groupsOf: registered contenders race together, each file of a user's apart", async () => {
  await withFiles(["mine", "constructor"], (paths) => {
    assertEquals(groups({ contenders: ["rb_tree", paths[0], "linear_scan", paths[1]] }), [
      [null, "sorted_array rb_tree linear_scan"],
      ["mine", "sorted_array mine"],
      ["constructor", "sorted_array constructor"],
    ]);
    assertEquals(groups({ contenders: [paths[0]] }), [["mine", "sorted_array mine"]]);
    assertEquals(groups({ contenders: ["rb_tree"], baseline: paths[0] }), [[null, "mine rb_tree"]]);
  });
});

Deno.test("groupsOf: a registered file by its path is registered, a copy of it is not", async () => {
  const path = fileURLToPath(new URL("../../impls/rb_tree.ts", import.meta.url));
  assertEquals(groups({ contenders: [path] }), [[null, "sorted_array rb_tree"]]);
  await withFiles(["rb_tree"], ([copy]) => {
    assertEquals(groups({ contenders: [copy] }), [["rb_tree", "sorted_array rb_tree"]]);
  });
});

Deno.test("groupsOf: the baseline alone is a group", () => {
  assertEquals(groups({ contenders: ["sorted_array"] }), [[null, "sorted_array"]]);
});
