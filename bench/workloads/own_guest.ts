/**
 * Guests of the user's own: their slots and lookups, kept in results/local/guests under the hash of
 * what they are, so that every process of a race, a resumed one too, has the very same.
 */
import {
  checkMemslots,
  endGfn,
  type Gfn,
  GFN_LIMIT,
  type Memslot,
  memslot,
} from "../../impls/memslot.ts";
import { SortedArray } from "../../impls/sorted_array.ts";
import { TraceError } from "../traces/trace_error.ts";
import { findScript } from "./queries.ts";
import type { FindScript } from "./script.ts";

/** A guest as it is raced. */
export interface Guest {
  /** Its slots, ascending; at least one. */
  readonly slots: readonly Memslot[];
  /** Its lookups, in order; empty where only the map is known. */
  readonly gfns: readonly Gfn[];
}

/** The workload of a guest's own lookups. */
export const GUEST_TRACE = "guest_trace";

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
  const text = textOf(guest), base = path.split(/[\\/]/).pop()!.replace(/(\.\w{1,4})+$/, "");
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
    text = Deno.readTextFileSync(new URL(`${kept}.json`, GUESTS_FOLDER));
  } catch {
    throw refuse("results/local/guests does not have it");
  }
  if (await hashOf(text) !== kept.slice(-12)) {
    throw refuse("its file in results/local/guests changed");
  }
  const { slots, gfns }: { slots: [number, number, number][]; gfns: Gfn[] } = JSON.parse(text);
  const made = slots.map(([id, baseGfn, npages]) => memslot(id, baseGfn, npages));
  checkMemslots(made);
  return { slots: made, gfns };
}

/** The guest's lookups, and what its map answers. */
export function traceScript({ slots, gfns }: Guest): FindScript {
  const index = new SortedArray(slots);
  return findScript(gfns, (gfn) => index.find(gfn));
}

function textOf({ slots, gfns }: Guest): string {
  return JSON.stringify({
    slots: slots.map(({ id, baseGfn, npages }) => [id, baseGfn, npages]),
    gfns,
  });
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 12);
}
