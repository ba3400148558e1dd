/** That an index is right: the gate's histories, for tests of an index at its own parameters. */
import { assert } from "@std/assert";
import { findFault, usual } from "../../bench/gate/differential.ts";
import type { Create } from "../../bench/gate/load.ts";

/** `SEED=7 deno task test` repeats the run that printed 7. */
export const SEED = Number(Deno.env.get("SEED") ?? Date.now() % 2 ** 31);

/** Throws unless `create`'s indexes are as the contract demands, after every action. */
export function assertRight(create: Create, histories = 100): void {
  const plan = usual(),
    fault = findFault(create, {
      seed: SEED,
      histories,
      plan: (history, random) => ({ ...plan(history, random), isChecked: true }),
    });
  assert(fault === null, `with SEED=${SEED} ${fault?.kind}: ${fault?.words}`);
}
