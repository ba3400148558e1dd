import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command } from "../../bench/cli/command.ts";
import { Stopped, UsageError } from "../../bench/cli/exit.ts";
import { type Arguments, choice, decimal, integer, listOf, text } from "../../bench/cli/options.ts";
import { captured } from "../support/captured.ts";

const options = {
  count: { ...integer(1, 9), default: "3", help: "how many" },
  seed: { ...integer(0), help: "what is drawn from" },
  name: { ...text("NAME"), help: "a name" },
  slots: { ...listOf(integer(1)), help: "slot counts" },
  ratio: { ...decimal("RATIO", { min: 1, max: 2, what: "in [1, 2]" }), help: "a ratio" },
  key: { ...choice("gfn", "hva"), default: "gfn", help: "what is looked up" },
  quiet: { help: "says nothing" },
} as const;

/** A command that gives what it was told. */
function probe(run: (args: Arguments<typeof options>) => number) {
  return command({
    name: "probe",
    summary: "tells what it was told",
    about: "Exists for the tests of all that commands have in common.",
    operands: { words: "FILE...", least: 0, most: 2 },
    options,
    examples: [["probe a --seed 7", "one file"]],
    permissions: "none",
    exits: ["stopped"],
    run,
  });
}

async function told(...argv: string[]): Promise<Arguments<typeof options>> {
  let told: Arguments<typeof options> | null = null;
  const { code, err } = await captured(probe((args) => (told = args, 0)), argv);
  assertEquals([code, err], [0, ""]);
  return told!;
}

Deno.test("command: options have their types, defaults where none is given, lists by commas", async () => {
  const plain = await told();
  assertEquals({ ...plain.values }, {
    count: 3,
    seed: undefined,
    name: undefined,
    slots: undefined,
    ratio: undefined,
    key: "gfn",
    quiet: false,
  });
  const argv = ["a", "--slots", "1,2^4", "--slots=0x10", "--quiet", "--seed=1_000", "--key", "hva"];
  const { values, given, operands } = await told(...argv, "--ratio=1.5", "--count=1", "--count=2");
  assertEquals(values.slots, [1, 16, 16]);
  assertEquals([values.quiet, values.seed, values.key, values.ratio, values.count], [
    ...[true, 1000, "hva", 1.5, 2],
  ]);
  assertEquals([...given].sort(), ["count", "key", "quiet", "ratio", "seed", "slots"]);
  assertEquals(operands, ["a"]);
});

const BAD: readonly (readonly [readonly string[], string])[] = [
  [["--what"], "Unknown option '--what'"],
  [["--constructor"], "Unknown option '--constructor'"],
  [["--__proto__=1"], "Unknown option '--__proto__'"],
  [["--quiet=yes"], "'--quiet' does not take an argument"],
  [["--seed"], "'--seed <value>' argument missing"],
  [["--count", "10"], "Cannot use --count 10 as it must be an integer in [1, 9]"],
  [["--count="], "must be an integer"],
  [["--count", "1.5"], "must be an integer"],
  [["--slots", ","], "Cannot use --slots as its list is empty"],
  [["--slots", "1,x"], "Cannot use --slots x as it must be an integer"],
  [["--ratio", "3"], "Cannot use --ratio 3 as it must be in [1, 2]"],
  [["--key", "toString"], "Cannot use toString as --key: there are gfn, hva"],
  [["--name="], "Cannot use --name as its NAME is empty"],
  [["a", "b", "c"], "as FILE... must be given: found a b c"],
  [["a", ""], 'found a ""'],
  [["--x\x1b[31m\u202e\u200b"], "--x [31m "],
];

for (const [argv, words] of BAD) {
  Deno.test(`command: ${JSON.stringify(argv)} is bad usage, said in a clean line`, async () => {
    const { code, out, err } = await captured(probe(() => 0), argv);
    assertEquals([code, out], [64, ""]);
    assertStringIncludes(err, words);
    assertMatch(err, /^Cannot [^\p{Cc}\p{Cf}]*\(see deno task probe --help\)\n$/u);
  });
}

Deno.test("command: --help and -h print one help, whatever stands beside them", async () => {
  const { code, out, err } = await captured(probe(() => 1), ["--help"]);
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(out, "Usage: deno task probe FILE... [options]\n");
  assertMatch(out, /^ {2}--count N +how many \(default: 3\)$/m);
  assertMatch(out, /^ {2}--key gfn\|hva +what is looked up \(default: gfn\)$/m);
  assertStringIncludes(out, "\n  deno task probe a --seed 7\n      one file\n");
  assertStringIncludes(out, "130 stopped by a signal");
  assertEquals((await captured(probe(() => 1), ["a", "--what", "-h"])).out, out);
  for (const width of [60, 80]) {
    const { out } = await captured(probe(() => 1), ["-h"], { width });
    for (const line of out.split("\n")) assert(line.length <= width, line);
  }
});

Deno.test("command: an error ends in one line, with the exit code of its kind", async () => {
  const rows: readonly (readonly [Error, number, RegExp])[] = [
    [new UsageError("Cannot\nsee"), 64, /^Cannot see \(see deno task probe --help\)\n$/],
    [new Stopped("Stopped"), 130, /^Stopped\n$/],
    [new TypeError("x is\x07 null"), 1, /^x is null \(a fault of the harness: .*\)\n$/],
  ];
  for (const [error, exit, words] of rows) {
    const throwing = probe(() => {
      throw error;
    });
    const { code, out, err } = await captured(throwing, []);
    assertEquals([code, out], [exit, ""]);
    assertMatch(err, words);
  }
});
