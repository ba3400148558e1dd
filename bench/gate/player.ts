/**
 * Random histories: one generator for the gate, the soak and the tests, at different scales. Each
 * history draws the places and sizes of its slots, leaves out some kinds of actions, and asks its
 * questions in its own order. This finds faults that need a certain call before or after another.
 */
import { endGfn, type Gfn, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import type { Random } from "../workloads/random.ts";
import { Difference, Duel, type Listener } from "./duel.ts";
import { type Ground, groundOf, type Scale, slotsOn } from "./ground.ts";
import type { Call, Which } from "./history.ts";
import type { Create } from "./load.ts";
import type { Model } from "./model.ts";

/** A kind of action: most are one step, some are several. */
export type Action = (typeof ACTIONS)[number];

/** All kinds of actions. */
export const ACTIONS = [
  ...["insert", "erase", "move", "fill", "clear", "insertBad", "eraseBad"] as const,
  ...["create", "createBad", "empty", "find", "range", "walk", "size", "check"] as const,
  ...["fresh", "start", "next", "walkTwo"] as const,
];

/** How one history is played. */
export interface Options {
  readonly scale: Scale;
  /** The number of actions, at least 1. */
  readonly actions: number;
  /** Actions between two sweeps; by default the only sweep is at the end. */
  readonly sweepEvery?: number;
  /** Whether the structure is checked after each action. */
  readonly isChecked?: boolean;
  readonly listener?: Listener;
  /** Called after each action. */
  readonly onAction?: (action: Action) => void;
}

/** Plays one history. Returns its duel, or throws a `Difference`. */
export function playHistory(create: Create, random: Random, options: Options): Duel {
  const { scale, actions, sweepEvery = Infinity, isChecked = false, listener, onAction } = options;
  const ground = groundOf(scale, random);
  const slots = slotsOn(ground, random), isGrown = slots.length < 2 ** 12 && random.int(0, 1) === 0;
  const duel = new Duel(create, isGrown ? [] : slots, listener);
  if (isGrown) grow(duel, slots, random);
  const player = new Player(duel, random, { ground, burst: scale.burst });
  try {
    for (let done = 1; done <= actions; done++) {
      const action = player.act();
      onAction?.(action);
      if (isChecked) { for (const on of ["A", "B"] as const) duel.apply({ kind: "check", on }); }
      if (done % sweepEvery === 0) player.sweep();
    }
    player.sweep();
  } catch (error) {
    // A slot that the index has changed can make the player itself fail.
    if (!(error instanceof Difference)) duel.finish();
    throw error;
  }
  duel.finish();
  return duel;
}

/** Inserts slots one at a time: up, down or in any order. */
function grow(duel: Duel, slots: Memslot[], random: Random): void {
  const order = random.int(0, 3);
  if (order === 0) slots.reverse();
  if (order === 1) random.shuffle(slots);
  for (const slot of slots) duel.apply({ on: "A", kind: "insert", slot });
}

/** Draws and applies the actions of one duel; throws what the duel throws. */
class Player {
  /** The weight of each action and what it does. */
  static readonly #TABLE: Readonly<Record<Action, readonly [number, (player: Player) => void]>> = {
    insert: [24, (player) => player.#insertFree()],
    erase: [12, (player) => player.#eraseHeld()],
    move: [12, (player) => player.#move()],
    fill: [2, (player) => player.#fill()],
    clear: [1, (player) => player.#clear()],
    insertBad: [5, (player) => player.#insertBad()],
    eraseBad: [5, (player) => player.#eraseBad()],
    create: [2, (player) => player.#apply({ kind: "create", of: player.#on })],
    createBad: [2, (player) => player.#createBad()],
    empty: [3, (player) => player.#apply({ kind: "empty" })],
    find: [16, (player) => player.#apply({ kind: "find", gfn: player.#someGfn() })],
    range: [12, (player) => player.#range()],
    walk: [5, (player) => player.#apply({ kind: "range", startGfn: 0, endGfn: GFN_LIMIT })],
    size: [5, (player) => player.#apply({ kind: "size" })],
    check: [5, (player) => player.#apply({ kind: "check" })],
    fresh: [2, (player) => player.#apply({ kind: "fresh" })],
    start: [8, (player) => player.#start()],
    next: [14, (player) => player.#next()],
    walkTwo: [3, (player) => player.#walkTwo()],
  };

  readonly #duel: Duel;
  readonly #random: Random;
  readonly #ground: Ground;
  readonly #burst: number;
  /** Each kind as often as its weight; this history leaves some kinds out. */
  readonly #actions: readonly Action[];
  /** Whether this history has an index B. */
  readonly #isTwo: boolean;
  /** The index of the current action. */
  #on: Which = "A";
  #nextId: number;
  /** Gfns around the last change: questions are often about these. */
  #focus: readonly Gfn[] = [0];
  /** The slot that was erased last. */
  #gone: Memslot | null = null;

  constructor(
    duel: Duel,
    random: Random,
    { ground, burst }: { ground: Ground; burst: number },
  ) {
    this.#duel = duel;
    this.#random = random;
    this.#ground = ground;
    this.#burst = burst;
    this.#isTwo = random.int(0, 2) === 0;
    this.#nextId = ground.firstId + ground.target;
    const kinds = ACTIONS.filter((kind) => kind === "insert" || random.int(0, 3) > 0);
    this.#actions = kinds.flatMap((kind) => Array<Action>(Player.#TABLE[kind][0]).fill(kind));
  }

  /** Does one action and returns its kind. */
  act(): Action {
    this.#on = this.#isTwo && this.#random.int(0, 2) === 0 ? "B" : "A";
    if (this.#duel.modelOf(this.#on) === null) {
      this.#apply({ kind: "create", of: "A" });
      return "create";
    }
    const action = this.#pick(this.#actions);
    Player.#TABLE[action][1](this);
    return action;
  }

  /** Asks each index at all boundaries, in half of the cases after a check. */
  sweep(): void {
    for (const on of ["A", "B"] as const) {
      if (this.#random.int(0, 1) === 0) this.#duel.apply({ kind: "check", on });
      this.#duel.sweep(on);
      this.#duel.apply({ kind: "check", on });
      this.#duel.apply({ kind: "size", on });
    }
  }

  #insertFree(): void {
    if (this.#model.slots.length > this.#ground.target && this.#random.int(0, 3) > 0) {
      return this.#eraseHeld();
    }
    const slot = this.#freeSlot(this.#nextId);
    if (slot === null) return this.#apply({ kind: "find", gfn: this.#someGfn() });
    this.#nextId++;
    this.#insert(slot);
  }

  #eraseHeld(): void {
    const slot = this.#held();
    if (slot === null) return this.#eraseBad();
    const byBase = this.#random.int(0, 2) === 0;
    const copy = { id: this.#random.int(0, 9), baseGfn: slot.baseGfn, npages: 1 };
    this.#focusOn(slot);
    this.#gone = slot;
    this.#apply(byBase ? { kind: "erase", slot: copy, byBase } : { kind: "erase", slot });
  }

  #move(): void {
    const slot = this.#held();
    if (slot === null) return this.#insertFree();
    this.#apply({ kind: "erase", slot });
    this.#gone = slot;
    const place = this.#freeSlot(slot.id, slot.npages);
    this.#insert(place ?? slot);
  }

  /** Inserts slots side by side, upwards or downwards. */
  #fill(): void {
    const count = this.#random.int(1, this.#burst), step = this.#random.int(0, 1) === 0 ? 1 : -1;
    const first = this.#freeSlot(this.#nextId);
    if (first === null) return this.#apply({ kind: "find", gfn: this.#someGfn() });
    const { baseGfn, npages } = first;
    for (let i = 0; i < count; i++) {
      const base = baseGfn + step * i * npages;
      if (base < 0 || base + npages > GFN_LIMIT) break;
      const slot = memslot(this.#nextId, base, npages);
      if (this.#model.meets(slot) !== null) continue;
      this.#nextId++;
      this.#insert(slot);
    }
  }

  /** Erases neighbouring slots, upwards or downwards. */
  #clear(): void {
    const { slots } = this.#model, count = this.#random.int(1, this.#burst);
    const from = this.#random.int(0, slots.length), some = slots.slice(from, from + count);
    for (const slot of this.#random.int(0, 1) === 0 ? some : some.reverse()) {
      this.#focusOn(slot);
      this.#apply({ kind: "erase", slot });
    }
  }

  /** Inserts a held slot again, or another one that overlaps it. */
  #insertBad(): void {
    const slot = this.#held(), { int } = this.#random;
    if (slot === null) return this.#insertFree();
    this.#focusOn(slot);
    if (int(0, 2) === 0) return this.#apply({ kind: "insert", slot });
    const inside = int(0, 1) === 0 ? 0 : int(0, slot.npages - 1);
    const from = Math.max(0, slot.baseGfn + (int(0, 1) === 0 ? inside : -1));
    const to = Math.min(GFN_LIMIT, int(0, 1) === 0 ? slot.baseGfn + 1 : from + this.#pages());
    if (from < to) this.#apply({ kind: "insert", slot: memslot(this.#nextId++, from, to - from) });
  }

  /** Erases a slot that was erased before, or one that begins inside or at the end of a slot. */
  #eraseBad(): void {
    const slot = this.#held() ?? this.#gone, kind = this.#random.int(0, 2);
    if (kind === 0 || slot === null) return this.#eraseAt(this.#gone?.baseGfn ?? 0);
    this.#eraseAt(kind === 1 ? slot.baseGfn + 1 : endGfn(slot));
  }

  /** Erases by a base at which there is usually no slot. */
  #eraseAt(baseGfn: Gfn): void {
    if (baseGfn < GFN_LIMIT) this.#apply({ kind: "erase", slot: memslot(1, baseGfn, 1) });
  }

  /** Creates an index from a list with slots twice, in the wrong order, or with one id twice. */
  #createBad(): void {
    const { slots } = this.#model, { int } = this.#random, at = int(0, slots.length);
    const some = slots.slice(at, at + int(1, 3)), [first] = some;
    if (first === undefined) return;
    const end = endGfn(some[some.length - 1]), base = Math.min(end, GFN_LIMIT - 1);
    const last = memslot(first.id, base, 1);
    const wrong = [[...some, ...some], [last, ...some], [...some, last]];
    this.#apply({ kind: "createBad", slots: this.#pick(wrong) });
  }

  #range(): void {
    const startGfn = this.#someGfn(), endGfn = this.#someGfn();
    const [low, high] = [startGfn, endGfn].sort((a, b) => a - b);
    this.#apply({ kind: "range", startGfn: low, endGfn: high });
    if (this.#random.int(0, 2) === 0) this.#apply({ kind: "range", startGfn: high, endGfn: low });
  }

  #start(): void {
    this.#apply({ kind: "start", cursor: this.#random.int(0, 2), gfn: this.#someGfn() });
  }

  #next(): void {
    const cursor = this.#random.int(0, 2), isFar = this.#random.int(0, 1) === 0;
    this.#apply({ kind: "next", cursor, endGfn: isFar ? GFN_LIMIT : this.#someGfn() });
  }

  /** Moves two cursors in turn, over one index or over both. */
  #walkTwo(): void {
    const on = this.#duel.modelOf("B") === null
      ? [this.#on, this.#on] as const
      : ["A", "B"] as const;
    const gfn = this.#someGfn(), turns = this.#random.int(1, 8);
    for (const cursor of [0, 1]) this.#duel.apply({ on: on[cursor], kind: "start", cursor, gfn });
    for (let turn = 0; turn < 2 * turns; turn++) {
      const cursor = turn % 2;
      this.#duel.apply({ on: on[cursor], kind: "next", cursor, endGfn: GFN_LIMIT });
    }
  }

  #apply(call: Call): void {
    this.#duel.apply({ ...call, on: this.#on });
  }

  #insert(slot: Memslot): void {
    this.#focusOn(slot);
    this.#apply({ kind: "insert", slot });
  }

  get #model(): Model {
    return this.#duel.modelOf(this.#on)!;
  }

  #pick<T>(all: readonly T[]): T {
    return all[this.#random.int(0, all.length - 1)];
  }

  #held(): Memslot | null {
    const { slots } = this.#model;
    return slots.length === 0 ? null : this.#pick(slots);
  }

  #focusOn({ baseGfn, npages }: Memslot): void {
    const end = baseGfn + npages;
    this.#focus = [baseGfn, baseGfn, end - 1, end, Math.max(0, baseGfn - 1)];
  }

  /** A number of pages, usually a few strides. */
  #pages(): number {
    const { stride, target } = this.#ground, { int } = this.#random, roll = int(0, 15);
    if (roll === 0) return stride * int(1, 64 + target);
    if (roll < 3) return int(1, 4 * stride);
    return stride * int(1, roll < 6 ? 16 : 4);
  }

  /** A slot that overlaps none; half of them touch one. Null if eight tries find none. */
  #freeSlot(id: number, npages = this.#pages()): Memslot | null {
    for (let i = 0; i < 8; i++) {
      const baseGfn = this.#somePlace(npages);
      if (baseGfn < 0 || baseGfn + npages > GFN_LIMIT) continue;
      const slot = memslot(id, baseGfn, npages);
      if (this.#model.meets(slot) === null) return slot;
    }
    return null;
  }

  #somePlace(npages: number): Gfn {
    const held = this.#held(), roll = this.#random.int(0, 15);
    if (held !== null && roll < 5) return endGfn(held);
    if (held !== null && roll < 8) return held.baseGfn - npages;
    if (roll === 8) return this.#pick([0, GFN_LIMIT - npages]);
    const base = this.#ground.draw(this.#random);
    return roll === 9 ? base + 1 : base;
  }

  /** A gfn, usually at a boundary of a slot, where most faults are. */
  #someGfn(): Gfn {
    const { int } = this.#random, held = this.#held(), roll = int(0, 7);
    if (roll < 3) return this.#pick(this.#focus);
    if (held === null || roll === 3) return this.#ground.draw(this.#random);
    if (roll === 4) return this.#pick([0, GFN_LIMIT - 1, GFN_LIMIT]);
    const gfn = (int(0, 1) === 0 ? held.baseGfn : endGfn(held)) + int(-1, 1);
    return Math.max(0, Math.min(GFN_LIMIT, gfn));
  }
}
