/**
 * Guests of the user's own: their slots, lookups and changes, kept in results/local/guests under the hash of
 * what they are, so that every process of a race, a resumed one too, has the very same.
 */
import { basename } from "node:path";
import process from "node:process";
import {
  checkMemslots,
  endGfn,
  type Gfn,
  GFN_LIMIT,
  type Memslot,
  memslot,
} from "../../impls/memslot.ts";
import { SortedArray } from "../../impls/sorted_array.ts";
import type { LogEvent } from "../traces/change_log.ts";
import { TraceError } from "../traces/trace_error.ts";
import { findScript } from "./queries.ts";
import type { FindScript } from "./script.ts";

/** A guest as it is raced. */
export interface Guest {
  /** Its slots, ascending; at least one. */
  readonly slots: readonly Memslot[];
  /** Its lookups, in order; empty where only the map is known. */
  readonly gfns: readonly Gfn[];
  /** The changes that led to its slots, and the lookups between them; empty where none is known. */
  readonly log: readonly LogEvent[];
}

/** The workload of a guest's own lookups. */
export const GUEST_TRACE = "guest_trace";

/** The workload of a guest's own changes, replayed as they happened. */
export const GUEST_CHANGES = "guest_changes";

/** Where guests are kept. */
export const GUESTS_FOLDER = new URL("../../results/local/guests/", import.meta.url);

/** `map:NAME-HASH`: the layout of a guest of the user's own. */
const LAYOUT = /^map:([\w.-]{1,40}-[0-9a-f]{12})$/;

/** Whether a layout is the map of a guest of the user's own. */
export function isGuestLayout(layout: string): boolean {
  return layout.startsWith("map:");
}

/** Keeps a guest, and gives the name of its layout. `TraceError` where it has no slots. */
export async function keepGuest(guest: Guest, path: string): Promise<string> {
  if (guest.slots.length === 0) {
    throw new TraceError(`Cannot race ${path} as its map must have slots: it has none`);
  }
  if (endGfn(guest.slots[guest.slots.length - 1]) > GFN_LIMIT / 2) {
    throw new TraceError(
      `Cannot race ${path} as its slots must end by 2^51, with room to move them`,
    );
  }
  const text = textOf(guest), base = basename(path).replace(/(\.\w{1,4})+$/, "");
  const name = base.replace(/[^\w.-]+/g, "_").slice(0, 24) || "guest";
  const kept = `${name}-${await hashOf(text)}`;
  Deno.mkdirSync(GUESTS_FOLDER, { recursive: true });
  const place = new URL(`${kept}.json`, GUESTS_FOLDER);
  const part = new URL(`${kept}.part-${Deno.pid}`, GUESTS_FOLDER);
  Deno.writeTextFileSync(part, text);
  Deno.renameSync(part, place);
  return `map:${kept}`;
}

/** The guest of a layout. `TraceError` where it is not kept here, or is not what it was. */
export async function keptGuest(layout: string): Promise<Guest> {
  const [, kept] = LAYOUT.exec(layout) ?? [];
  const refuse = (why: string) =>
    new TraceError(`Cannot lay out ${layout} as ${why}: give its map again, with --map`);
  if (kept === undefined) throw refuse("no map has such a name");
  let text: string;
  try {
    // An import would load the module in each process of a race: 10 ms.
    const { readFileSync } = process.getBuiltinModule("node:fs");
    text = readFileSync(new URL(`${kept}.json`, GUESTS_FOLDER), "utf8");
  } catch {
    throw refuse("results/local/guests does not have it");
  }
  if (await hashOf(text) !== kept.slice(-12)) {
    throw refuse("its file in results/local/guests changed");
  }
  const { slots, gfns, log = [] }: Kept = JSON.parse(text);
  const made = slots.map((slot) => memslot(...slot));
  checkMemslots(made);
  const events = log.map((event): LogEvent =>
    typeof event === "number" ? event : { is: event[0], slot: memslot(...event[1]) }
  );
  return { slots: made, gfns, log: events };
}

/** The guest's lookups, and what its map answers. */
export function traceScript({ slots, gfns }: Guest): FindScript {
  const index = new SortedArray(slots);
  return findScript(gfns, (gfn) => index.find(gfn));
}

/** A slot as it is kept. */
type KeptSlot = readonly [id: number, baseGfn: Gfn, npages: number];

/** A guest as its file has it; without a log where the guest has none. */
interface Kept {
  readonly slots: readonly KeptSlot[];
  readonly gfns: readonly Gfn[];
  readonly log?: readonly (Gfn | readonly [is: "erase" | "insert", slot: KeptSlot])[];
}

function textOf({ slots, gfns, log }: Guest): string {
  const kept = ({ id, baseGfn, npages }: Memslot): KeptSlot => [id, baseGfn, npages];
  const events = log.map((event) =>
    typeof event === "number" ? event : [event.is, kept(event.slot)] as const
  );
  const text: Kept = { slots: slots.map(kept), gfns, ...log.length > 0 && { log: events } };
  return JSON.stringify(text);
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 12);
}
