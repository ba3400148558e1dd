/** What a stopped run may be completed with: its own plan, on the same machine and by the same code. */
import { changedCode } from "../race/code_digest.ts";
import { CONTENDERS, HVA_CONTENDERS } from "../race/contenders.ts";
import type { Plan } from "../race/plan.ts";
import type { RaceFile } from "../record/result_file.ts";
import type { RunLine } from "../record/schema.ts";
import { sourceOf } from "../gate/source.ts";
import { UsageError } from "./exit.ts";
import { pathOf } from "./run_line.ts";

/** Changed files that a message names. */
const MOST_CHANGED = 5;

/** The plan of a run that was stopped; nothing but how it is shown may be asked of it anew. */
export function planOf(
  { path, run: { plan, seed, shard, joined } }: RaceFile,
  { contender = [] }: { readonly contender?: readonly string[] | undefined },
  given: ReadonlySet<string>,
): Plan {
  if (joined !== undefined) {
    throw new UsageError(
      `Cannot resume ${path} as it was joined: resume its shards, and join them`,
    );
  }
  const free = ["resume", "quiet", "patience", "dry-run", "contender"];
  const other = [...given].find((name) => !free.includes(name));
  if (other) {
    throw new UsageError(`Cannot use --${other} with --resume as the plan is that of ${path}`);
  }
  if (plan.contenders.some(({ against }) => against !== undefined)) {
    throw new UsageError(`Cannot resume ${path} as it races against another commit: start anew`);
  }
  return { ...plan, seed, shard, contenders: sourcesOf(path, plan, contender) };
}

/**
 * The contenders of a run by what is registered and by what the user names: a path in a file is only
 * compared with these, as it would make a program of data.
 */
function sourcesOf(
  path: string,
  { contenders, key }: RaceFile["run"]["plan"],
  words: readonly string[],
) {
  const known = (key === "gfn" ? CONTENDERS : HVA_CONTENDERS).map(({ name }) => name);
  const named = [...known, ...words].map((word) => sourceOf(word, { known, action: "race" }));
  return contenders.map((contender) => {
    const found = named.find((source) => {
      return source.name === contender.name && pathOf(source) === contender.path;
    });
    if (found !== undefined) return found;
    throw new UsageError(
      `Cannot resume ${path} as its contender ${contender.name} is no registered one: name its file ` +
        `with --contender, if it is there: ${contender.path.slice(0, 200)}`,
    );
  });
}

/** Refuses another machine, another commit and other programs than the run began with. */
export function refuseOtherRace({ path, run }: RaceFile, now: RunLine): void {
  const was = { ...run.environment, host: run.host, commit: run.commit };
  const is = { ...now.environment, host: now.host, commit: now.commit };
  const fields = Object.keys(is) as (keyof typeof is)[];
  const words = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value);
  const differing = fields.filter((key) => words(was[key]) !== words(is[key]))
    .map((key) => `${key} was ${words(was[key])}, is ${words(is[key])}`);
  const changed = changedCode(run.code, now.code);
  const more = changed.length > MOST_CHANGED ? ` and ${changed.length - MOST_CHANGED} more` : "";
  if (changed.length > 0) {
    differing.push(`other than then are ${changed.slice(0, MOST_CHANGED).join(", ")}${more}`);
  }
  if (differing.length === 0) return;
  throw new UsageError(
    `Cannot resume ${path} as it must be the same machine and code: ${
      differing.join("; ")
    }. Start a new race`,
  );
}
