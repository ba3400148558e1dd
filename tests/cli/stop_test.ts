import { assert, assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));
const SCAN = new URL("../../impls/linear_scan.ts", import.meta.url).href;

/** An index that never comes back from its first lookup. */
const HUNG = `import { LinearScan } from "${SCAN}";
export class Hung extends LinearScan {
  find() { for (;;); }
}
`;

/** The processes that `pid` has started and that still run. */
async function childrenOf(pid: number): Promise<string[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  return text.trim().split(" ").filter((word) => word !== "");
}

/** Waits for it, ten seconds at most. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !await isTrue(); i++) {
    assert(i < 500, "it does not become true");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isAlive(pid: string): boolean {
  try {
    // A zombie that nobody has waited for has no memory any more.
    return Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[0] !== "0";
  } catch {
    return false;
  }
}

const COMMANDS: readonly (readonly [Deno.Signal, string, (file: string) => string[]])[] = [
  ["SIGINT", "check-index", (file) => [file, "--patience=60"]],
  ["SIGTERM", "soak", (file) => [`--contender=${file}`]],
  ["SIGHUP", "race", (file) => [`--contender=${file}`, "--slots=10", "--quiet", `--out=${file}l`]],
];

for (const [signal, name, argsOf] of COMMANDS) {
  Deno.test({
    name: `${name}: ${signal} ends it and its processes at once, exit code 130`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const file = await Deno.makeTempFile({ suffix: ".js" });
      await Deno.writeTextFile(file, HUNG);
      const process = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", MAIN, name, ...argsOf(file)],
        env: { NO_COLOR: "1" },
        stdout: "null",
        stderr: "piped",
      }).spawn();
      // Long enough for the child to be hung; a process of deno check may come first.
      let children: string[] = [];
      await until(async () => (children = await childrenOf(process.pid)).length > 0);
      await new Promise((resolve) => setTimeout(resolve, 600));
      children = [...new Set([...children, ...await childrenOf(process.pid)])];
      const beganMs = performance.now();
      process.kill(signal);
      const { code, stderr } = await process.output();
      assert(performance.now() - beganMs < 10_000);
      const words = new TextDecoder().decode(stderr);
      assertEquals(code, 130, words);
      assertMatch(words, /^Stopped[^\n]*\n$/);
      await until(() => Promise.resolve(!children.some(isAlive)));
      await Deno.remove(file);
      await Deno.remove(`${file}l`).catch(() => {});
    },
  });
}
