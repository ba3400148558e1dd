/** `--mix`: shares of operations, for a race of the mix and for a recommendation. */
import { type Shares, sharesOf } from "../workloads/mix.ts";
import { UsageError } from "./exit.ts";
import type { Value } from "./options.ts";

/** `find=95,range=4,change=1`. */
export const shares: Value<Shares> = {
  value: "PART=SHARE,...",
  parse(texts, option) {
    const text = texts.join(",");
    try {
      return sharesOf(text);
    } catch (error) {
      throw new UsageError(`Cannot use ${option} ${text} as ${(error as Error).message}`);
    }
  },
};
