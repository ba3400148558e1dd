import type { Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
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
export async function loadCreate(source: Source, label: string): Promise<Create> {
  const module: Record<string, unknown> = await import(`${source.url}?as=${label}`);
  const classes = Object.values(module).filter(isIndexClass);
  if (classes.length !== 1) {
    throw new TypeError(
      `Cannot race ${source.name} as its file must export one class with find, iter, insert, ` +
        `erase and checkInvariants: found ${classes.length}`,
    );
  }
  const [IndexClass] = classes;
  return (slots) => new IndexClass(slots);
}

type IndexClass = new (slots: readonly Memslot[]) => MemslotIndex;

function isIndexClass(value: unknown): value is IndexClass {
  if (typeof value !== "function" || typeof value.prototype !== "object") return false;
  const methods = ["find", "iter", "insert", "erase", "checkInvariants"];
  return methods.every((name) => typeof value.prototype?.[name] === "function");
}
