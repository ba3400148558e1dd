import type { Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import type { Key } from "../workloads/workloads.ts";
import { thrownWords } from "./words.ts";

/** Builds an index over slots that ascend without overlap. */
export type Create = (slots: readonly Memslot[]) => MemslotIndex;

/** Where an index comes from: a module that exports one class of the contract. */
export interface Source {
  readonly name: string;
  /** A `file:` address. */
  readonly url: string;
}

/** What a process that loads these must be able to read: the folders of their files. */
export function foldersOf(sources: readonly Source[]): string[] {
  return [...new Set(sources.map(({ url }) => new URL("./", url).href))];
}

/**
 * The create function of a module instance of its own, so that no other entry has taught the
 * engine anything about this class. `label` tells instances apart.
 *
 * `TypeError` where the module throws or does not export exactly one index class.
 */
export async function loadCreate(
  source: Source,
  label: string,
  key: Key = "gfn",
): Promise<Create> {
  const module = await load(source, label);
  return createOf(source.name, module, METHODS[key]);
}

async function load({ name, url }: Source, label: string): Promise<Record<string, unknown>> {
  try {
    return await import(`${url}?as=${label}`);
  } catch (error) {
    throw new TypeError(
      `Cannot use ${name} as its file throws on import: ${thrownWords(error)}`,
      { cause: error },
    );
  }
}

/** What an index class must have, by its key. */
const METHODS: Readonly<Record<Key, readonly string[]>> = {
  gfn: ["find", "iter", "insert", "erase", "checkInvariants"],
  hva: ["iter", "insert", "erase", "checkInvariants"],
};

type IndexClass = new (slots: readonly Memslot[]) => MemslotIndex;

function createOf(
  name: string,
  module: Record<string, unknown>,
  methods: readonly string[],
): Create {
  const exported = [...new Set(Object.values(module))];
  const classes = exported.filter((value) =>
    missingOf(value, methods).length === 0
  ) as IndexClass[];
  if (classes.length === 1) return (slots) => new classes[0](slots);
  const what = classes.length > 1
    ? `${classes.length} of them, ${classes.map((each) => each.name).join(" and ")}`
    : nearMiss(module, methods);
  throw new TypeError(
    `Cannot use ${name} as its file must export one class with ${methods.join(", ")}: ` +
      `found ${what}`,
  );
}

/** What comes closest to an index class, and what it lacks. */
function nearMiss(module: Record<string, unknown>, methods: readonly string[]): string {
  const [nearest] = Object.entries(module)
    .map(([name, value]) => ({ name, missing: missingOf(value, methods) }))
    .sort((a, b) => a.missing.length - b.missing.length);
  if (nearest === undefined || nearest.missing.length === methods.length) return "no such class";
  return `${nearest.name} without ${nearest.missing.join(" and ")}`;
}

function missingOf(value: unknown, methods: readonly string[]): string[] {
  return methods.filter((method) => !has(value, method));
}

function has(value: unknown, method: string): boolean {
  if (typeof value !== "function" || typeof value.prototype !== "object") return false;
  return typeof value.prototype?.[method] === "function";
}
