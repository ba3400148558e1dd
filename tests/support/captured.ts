/** Runs a command of the command line in this process, for tests. */
import { type Command, runCommand } from "../../bench/cli/command.ts";
import type { Options } from "../../bench/cli/options.ts";

/** How a command ended and what it wrote, without colours. */
export async function captured<O extends Options>(
  command: Command<O>,
  argv: readonly string[],
  { width = 100 }: { width?: number } = {},
): Promise<{ code: number; out: string; err: string }> {
  let out = "", err = "";
  const line = (text: string) => text.endsWith("\n") ? text : `${text}\n`;
  const code = await runCommand(command, argv, {
    out: (text) => out += line(text),
    err: (text) => err += line(text),
    width,
    color: false,
  });
  return { code, out, err };
}
