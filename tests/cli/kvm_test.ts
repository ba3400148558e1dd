import { assertEquals, assertMatch } from "@std/assert";
import { KVM } from "../../bench/cli/kvm.ts";
import { captured } from "../support/captured.ts";

Deno.test("kvm: wrong arguments are told in one line, exit code 64", async () => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [["--x"], /Unknown option '--x'/],
    [["7"], /Unexpected argument '7'/],
    [["--seed"], /'--seed <value>' argument missing/],
    [["--seeds", "0"], /Cannot use --seeds 0 as it must be an integer in \[1, /],
    [["--calls", "1.5"], /Cannot use --calls 1\.5/],
  ];
  for (const [argv, words] of rows) {
    const { code, out, err } = await captured(KVM, argv);
    assertEquals([code, out], [64, ""]);
    assertMatch(err, words);
    assertMatch(err, /^Cannot [^\n]* \(see deno task kvm --help\)\n$/);
  }
});
