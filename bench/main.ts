/** The command line: `deno task NAME` runs the command of that name. */
import { type Command, errorWords, explain, runCommand } from "./cli/command.ts";
import { EXIT, NotLoadedError, UsageError } from "./cli/exit.ts";
import { twoColumns } from "./cli/help.ts";
import { projectWords, standWithUser } from "./cli/project.ts";
import { type Io, terminal } from "./cli/terminal.ts";

/** All commands, each loaded when it is run: none needs what another one imports. */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["race", async () => (await import("./cli/race.ts")).RACE],
  ["compare", async () => (await import("./cli/compare.ts")).COMPARE],
  ["join", async () => (await import("./cli/join.ts")).JOIN],
  ["report", async () => (await import("./cli/report.ts")).REPORT],
  ["recommend", async () => (await import("./cli/recommend.ts")).RECOMMEND],
  ["trace", async () => (await import("./cli/trace.ts")).TRACE],
  ["anonymize", async () => (await import("./cli/anonymize.ts")).ANONYMIZE],
  ["new", async () => (await import("./cli/new.ts")).NEW],
  ["check-index", async () => (await import("./cli/check_index.ts")).CHECK_INDEX],
  ["soak", async () => (await import("./cli/soak.ts")).SOAK],
  ["kvm", async () => (await import("./cli/kvm.ts")).KVM],
  ["native", async () => (await import("./cli/native.ts")).NATIVE],
  ["readme", async () => (await import("./cli/readme.ts")).README],
  ["wat", async () => (await import("./cli/wat.ts")).WAT],
]);

/** Runs the command that the first word names; gives the exit code. */
async function main([name, ...argv]: readonly string[], io: Io): Promise<number> {
  if (name === "--help" || name === "-h") {
    io.out(await listed(io.width));
    return EXIT.fine;
  }
  try {
    const load = COMMANDS.get(name ?? "");
    if (load === undefined) {
      const names = [...COMMANDS.keys()].join(", ");
      throw new UsageError(`Cannot run ${name ?? "nothing"} as there are ${names}`);
    }
    return await runCommand(await loaded(name, load), argv, io);
  } catch (error) {
    return explain(error, io);
  }
}

async function loaded(name: string, load: () => Promise<Command>): Promise<Command> {
  try {
    return await load();
  } catch (error) {
    throw new NotLoadedError(
      `Cannot load the command ${name} as a file it needs is broken: ${
        projectWords(errorWords(error))
      }`,
    );
  }
}

/** The list of commands, with what each does. */
async function listed(width: number): Promise<string> {
  const rows = await Promise.all([...COMMANDS].map(async ([name, load]) => {
    const summary = await load().then(
      ({ summary }) => summary,
      (error) => projectWords(errorWords(error)),
    );
    return [name, summary] as const;
  }));
  return [
    "Usage: deno task COMMAND [options]",
    "",
    "Commands:",
    ...twoColumns(rows, width, 11),
    "",
    "deno task COMMAND --help lists its options.",
  ].join("\n");
}

if (import.meta.main) {
  standWithUser();
  Deno.exit(await main(Deno.args, terminal()));
}
