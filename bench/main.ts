/** The command line: `deno task race` and `deno task compare`. */
import { raceCommand, screen } from "./cli/race.ts";
import { EXIT, UsageError } from "./cli/usage.ts";
import { changesOf } from "./race/contenders.ts";
import { compare } from "./cli/compare.ts";
import { PlanError } from "./race/plan.ts";
import { ResultFileError } from "./record/result_file.ts";

const COMMANDS: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  race: raceCommand,
  compare: compareCommand,
};

function compareCommand(args: string[]): Promise<number> {
  const encoder = new TextEncoder();
  const writeTo = (stream: { writeSync(bytes: Uint8Array): number }) => (text: string) => {
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  };
  const io = { out: writeTo(Deno.stdout), err: writeTo(Deno.stderr), ...screen(), changesOf };
  return Promise.resolve(compare(args, io));
}

/** Runs a command and gives its exit code; what goes wrong is one line on standard error. */
async function main([name, ...args]: string[]): Promise<number> {
  const command = COMMANDS[name];
  try {
    if (command) return await command(args);
    throw new UsageError(
      `Cannot run ${name ?? "nothing"} as there are ${Object.keys(COMMANDS).join(", ")}`,
    );
  } catch (error) {
    return explain(name, error);
  }
}

function explain(name: string, error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  console.error(message);
  if (error instanceof UsageError || error instanceof PlanError) {
    if (name in COMMANDS) console.error(`See deno task ${name} --help`);
    return EXIT.usage;
  }
  if (!(error instanceof ResultFileError)) console.error(BUG);
  return EXIT.harnessError;
}

const BUG = "This is a fault of the harness: please report it with the command that shows it";

if (import.meta.main) Deno.exit(await main(Deno.args));
