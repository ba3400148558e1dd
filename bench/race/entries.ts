import type { Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import type { Key } from "../workloads/workloads.ts";
import type { Create } from "./golden.ts";

/** Where an index comes from: a module that exports one class of the contract. */
export interface Source {
  readonly name: string;
  /** A `file:` address. */
  readonly url: string;
}

/**
 * The create function of a module instance of its own, so that no other entry has taught the
 * engine anything about this class. `label` tells instances apart.
 *
 * `TypeError` where the module does not export exactly one index class.
 */
export async function loadCreate(
  source: Source,
  label: string,
  key: Key = "gfn",
): Promise<Create> {
  const module: Record<string, unknown> = await import(`${source.url}?as=${label}`);
  const methods = METHODS[key];
  const classes = Object.values(module).filter((value) => isIndexClass(value, methods));
  if (classes.length !== 1) {
    throw new TypeError(
      `Cannot race ${source.name} as its file must export one class with ${methods.join(", ")}: ` +
        `found ${classes.length}`,
    );
  }
  const [IndexClass] = classes;
  return (slots) => new IndexClass(slots);
}

type IndexClass = new (slots: readonly Memslot[]) => MemslotIndex;

/** What an index of each key can do. */
const METHODS: Readonly<Record<Key, readonly string[]>> = {
  gfn: ["find", "iter", "insert", "erase", "checkInvariants"],
  hva: ["iter", "insert", "erase", "checkInvariants"],
};

function isIndexClass(value: unknown, methods: readonly string[]): value is IndexClass {
  if (typeof value !== "function" || typeof value.prototype !== "object") return false;
  return methods.every((name) => typeof value.prototype?.[name] === "function");
}
