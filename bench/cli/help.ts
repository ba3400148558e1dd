/** The text of `--help`: one shape for all commands, made of what the parser reads. */
import { fold } from "../report/text.ts";
import type { Command } from "./command.ts";
import { EXIT, EXIT_WORDS } from "./exit.ts";
import type { Flag, Valued } from "./options.ts";

/** The help of a command, folded to `width` columns, at most 80. */
export function helpOf(command: Command, width: number): string {
  const { name, summary, about, operands, options, examples, permissions, exits } = command;
  const room = Math.min(width, 80);
  const call = ["deno task", name, operands?.words, "[options]"].filter(Boolean).join(" ");
  const codes = [...new Set(["fine", "error", ...exits, "usage"] as const)]
    .sort((a, b) => EXIT[a] - EXIT[b])
    .map((exit) => `${EXIT[exit]} ${EXIT_WORDS[exit]}`);
  const rows = [...Object.entries(options).map(optionRow), ["-h, --help", "prints this"] as const];
  return [
    ...fold(`${name}: ${summary}`, room),
    ...fold(`Usage: ${call}`, room),
    "",
    ...fold(about, room),
    "",
    "Options:",
    ...twoColumns(rows, room),
    "",
    "Examples:",
    ...examples.flatMap(([line, what]) => [`  deno task ${line}`, ...indented(what, room, 6)]),
    "",
    ...fold(`Permissions: ${permissions}.`, room),
    ...fold(`Exit codes: ${codes.join("; ")}.`, room),
  ].join("\n");
}

function optionRow([name, option]: [string, Flag | Valued<unknown>]): readonly [string, string] {
  if (!("parse" in option)) return [`--${name}`, option.help];
  const standard = option.default?.replaceAll(",", ", ") ?? option.otherwise;
  const words = standard === undefined ? "" : ` (default: ${standard})`;
  return [`--${name} ${option.value}`, option.help + words];
}

/** Rows of a word and what it means; a long word has a line of its own. */
export function twoColumns(
  rows: readonly (readonly [word: string, meaning: string])[],
  width: number,
  column = 22,
): string[] {
  return rows.flatMap(([word, meaning]) => {
    const lines = indented(meaning, width, 2 + column + 2);
    const head = `  ${word}`;
    if (word.length > column) return [head, ...lines];
    return [head.padEnd(2 + column + 2) + lines[0].trimStart(), ...lines.slice(1)];
  });
}

function indented(text: string, width: number, by: number): string[] {
  return fold(text, width - by).map((line) => " ".repeat(by) + line);
}
