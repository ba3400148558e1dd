/** The first line of a result file: what is raced, by which code, on which machine. */
import type { Engine } from "../process/engine.ts";
import { commit, environment, host } from "../process/environment.ts";
import { codeOf } from "../race/code_digest.ts";
import type { Entrant, Plan } from "../race/plan.ts";
import { type RunLine, SCHEMA } from "../record/schema.ts";

/** The line of a run that begins now. `argv` is what the user typed. */
export async function runLine(
  { seed, contenders, cells, shard, ...plan }: Plan,
  argv: readonly string[],
  engines: readonly Engine[] = [],
): Promise<RunLine> {
  return {
    kind: "run",
    schema: SCHEMA,
    startedAt: new Date().toISOString(),
    host: host(),
    environment: environment(engines),
    plan: {
      ...plan,
      cells: [...cells],
      contenders: contenders.map(({ url, ...entrant }) => {
        return { ...entrant, path: pathOf({ url, ...entrant }) };
      }),
      layoutPerProcess: true,
    },
    seed,
    commit: await commit(),
    code: await codeOf(contenders.filter(({ against }) => against === undefined)),
    argv: withoutPlace(argv),
    ...shard && { shard },
  };
}

/** From the root of the project; of another commit as git writes it, `REF:impls/NAME.ts`. */
export function pathOf({ name, url, against }: Entrant): string {
  if (against !== undefined) return `${name.slice(against.length + 1)}:impls/${against}.ts`;
  return url.replace(new URL("../../", import.meta.url).href, "");
}

/** Where the file lies on this machine is no part of what was asked. */
function withoutPlace(argv: readonly string[]): string[] {
  return argv.filter((arg, i) => !arg.startsWith("--out") && argv[i - 1] !== "--out");
}
