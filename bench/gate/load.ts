/** How the index class of a file is loaded, in a module instance of its own. */
import type { HvaIndex, HvaSlot } from "../../impls/hva/hva_index.ts";
import type { Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex } from "../../impls/memslot_index.ts";
import { instanceOf } from "../process/system.ts";
import { thrownWords } from "./words.ts";

/** Builds an index over slots that ascend without overlap. */
export type Create = (slots: readonly Memslot[]) => MemslotIndex;

/** Builds an index by user memory. */
export type CreateHva = (slots: readonly HvaSlot[]) => HvaIndex;

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
export async function loadCreate(source: Source, label: string): Promise<Create> {
  const found = await loadClass(source, label, ["find", ...SHARED_METHODS]) as IndexClass;
  return (slots) => new found(slots);
}

/** The same of an index by user memory. */
export async function loadCreateHva(source: Source, label: string): Promise<CreateHva> {
  const found = await loadClass(source, label, SHARED_METHODS) as HvaIndexClass;
  return (slots) => new found(slots);
}

type IndexClass = new (slots: readonly Memslot[]) => MemslotIndex;
type HvaIndexClass = new (slots: readonly HvaSlot[]) => HvaIndex;

async function load({ name, url }: Source, label: string): Promise<Record<string, unknown>> {
  try {
    return await import(instanceOf(url, `as=${label}`));
  } catch (error) {
    throw new TypeError(
      `Cannot use ${name} as its file throws on import: ${thrownWords(error)}`,
      { cause: error },
    );
  }
}

/** What an index class must have, by either key. */
const SHARED_METHODS: readonly string[] = ["iter", "insert", "erase", "checkInvariants"];

/** The one class of a file that has all `methods`. */
async function loadClass(
  source: Source,
  label: string,
  methods: readonly string[],
): Promise<unknown> {
  const { name } = source, module = await load(source, label);
  const exported = [...new Set(Object.values(module))];
  const classes = exported.filter((value) => missingOf(value, methods).length === 0);
  if (classes.length === 1) return classes[0];
  const what = classes.length > 1
    ? `${classes.length} of them, ${classes.map((each) => (each as IndexClass).name).join(" and ")}`
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
