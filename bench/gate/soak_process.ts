/**
 * One contender's soak, in a process that may hang or crash. Started by soak.ts, never by hand.
 */
import { type Gfn, GFN_LIMIT, type Memslot, memslot } from "../../impls/memslot.ts";
import { memslotsInGfnRange } from "../../impls/memslot_index.ts";
import { type Desk, takeJob } from "../process/job.ts";
import { Difference, Duel } from "./duel.ts";
import { loadCreate, type Source } from "./load.ts";
import type { Create } from "./golden.ts";
import { type Random, random } from "../workloads/random.ts";
import { shorten } from "./shorten.ts";

/** What the process is told. */
export interface SoakJob {
  readonly source: Source;
  readonly seed: number;
  readonly operations: number;
}

/** What was done: each operation once, under its kind; checks are beside them. */
export interface SoakCounts {
  insert: number;
  erase: number;
  /** An erase and an insert of the same slot elsewhere, counted once. */
  move: number;
  find: number;
  range: number;
  /** Times the structure was checked and asked at every boundary. */
  sweeps: number;
  /** Times the index was created anew from the slots it should hold. */
  rebuilds: number;
  mostSlots: number;
}

/** What came of it; without `fault` there was no difference. */
export interface SoakWord {
  readonly counts: SoakCounts;
  readonly seconds: number;
  readonly fault: { readonly kind: "wrong" | "threw"; readonly words: string } | null;
}

/** Slots that a phase steers towards. */
const SIZES = [0, 1, 3, 10, 40, 128, 509, 1000, 4000];
/** Where its slots go. */
const ORIGINS = [0, 2 ** 20, 2 ** 31 - 5000, 2 ** 32 - 5000, 2 ** 40, GFN_LIMIT];
/** Operations in a phase: enough to grow to the largest size. */
const PHASE = 16_384;
/** Operations from one sweep to the next. */
const SWEEP = 2048;
/** How long a fault is made shorter. */
const SHORTEN_MS = 8000;

class Soak {
  readonly counts: SoakCounts = {
    insert: 0,
    erase: 0,
    move: 0,
    find: 0,
    range: 0,
    sweeps: 0,
    rebuilds: 0,
    mostSlots: 0,
  };
  readonly #create: Create;
  readonly #random: Random;
  #duel: Duel;
  /** What it holds, in no order. */
  readonly #held: Memslot[] = [];
  #nextId = 1;
  #phase = { size: 0, originGfn: 0, spanGfn: 64, mostPages: 1 };

  constructor(create: Create, seed: number) {
    this.#create = create;
    this.#random = random(seed, "soak");
    this.#duel = new Duel(create, []);
  }

  /** `operations` of them, each of which was really done. */
  run(operations: number, onPhase: () => void): void {
    for (let done = 0; done < operations; done++) {
      if (done % PHASE === 0) {
        onPhase();
        this.#beginPhase();
      }
      this.#operate();
      if ((done + 1) % SWEEP === 0 || done + 1 === operations) this.#sweep();
    }
  }

  #beginPhase(): void {
    const { int } = this.#random, pick = <T>(all: readonly T[]) => all[int(0, all.length - 1)];
    const size = pick(SIZES), mostPages = 2 ** int(0, 16);
    // Twice the room that so many slots take, so that there are gaps and neighbours.
    const spanGfn = Math.max(64, size * (mostPages + 1));
    const originGfn = Math.min(pick(ORIGINS), GFN_LIMIT - spanGfn);
    this.#phase = { size, originGfn, spanGfn, mostPages };
    this.#duel = new Duel(this.#create, this.#held.toSorted((a, b) => a.baseGfn - b.baseGfn));
    this.counts.rebuilds++;
  }

  #operate(): void {
    const size = this.#held.length, target = this.#phase.size;
    const roll = this.#random.int(0, 99);
    if (roll < 25) return this.#find();
    if (roll < 40) return this.#range();
    if (roll < 55 && size > 0) return this.#move();
    // Towards the target, and once there to and fro.
    const grows = size < target ? roll < 95 : roll < 60;
    if (size === 0 ? target > 0 || roll < 60 : grows) return this.#insert();
    return size > 0 ? this.#erase() : this.#find();
  }

  #insert(): void {
    const slot = this.#freeRun(this.#nextId, this.#somePages());
    if (slot === null) return this.#held.length > 0 ? this.#erase() : this.#find();
    this.#nextId++;
    this.counts.insert++;
    this.#add(slot);
    this.counts.mostSlots = Math.max(this.counts.mostSlots, this.#held.length);
  }

  #erase(): void {
    this.counts.erase++;
    this.#remove();
  }

  #move(): void {
    this.counts.move++;
    const slot = this.#remove();
    this.#add(this.#freeRun(slot.id, slot.npages) ?? slot);
  }

  #find(): void {
    this.counts.find++;
    this.#duel.apply({ kind: "find", gfn: this.#someGfn() });
  }

  #range(): void {
    this.counts.range++;
    const { int } = this.#random, startGfn = this.#someGfn();
    // One in ten is empty or inverted, one in ten goes to the end of the map.
    const kind = int(0, 9), reach = this.#phase.mostPages * 2 ** int(0, 4);
    const length = kind === 0 ? -int(0, reach) : kind === 1 ? GFN_LIMIT : int(1, reach);
    const endGfn = Math.max(0, Math.min(GFN_LIMIT, startGfn + length));
    this.#duel.apply({ kind: "range", startGfn, endGfn });
  }

  #sweep(): void {
    this.counts.sweeps++;
    this.#duel.check();
    this.#duel.sweep();
  }

  #add(slot: Memslot): void {
    this.#held.push(slot);
    this.#duel.apply({ kind: "insert", slot });
  }

  #remove(): Memslot {
    const held = this.#held, { int } = this.#random;
    const at = int(0, held.length - 1), slot = held[at];
    held[at] = held[held.length - 1];
    held.pop();
    const byCopy = int(0, 1) === 1;
    this.#duel.apply({ kind: "erase", slot: byCopy ? { ...slot } : slot, byCopy });
    return slot;
  }

  #somePages(): number {
    return this.#random.int(1, this.#phase.mostPages);
  }

  /** A run of the phase's window that meets no slot; half of them touch one. Null if hard to find. */
  #freeRun(id: number, npages: number): Memslot | null {
    for (let i = 0; i < 8; i++) {
      const base = this.#somePlace();
      if (base + npages > GFN_LIMIT) continue;
      const isFree = memslotsInGfnRange(this.#duel.oracle, base, base + npages).next().done;
      if (isFree) return memslot(id, base, npages);
    }
    return null;
  }

  #somePlace(): Gfn {
    const { int } = this.#random, { originGfn, spanGfn } = this.#phase, held = this.#held;
    if (held.length === 0 || int(0, 1) === 0) return originGfn + int(0, spanGfn - 1);
    const { baseGfn, npages } = held[int(0, held.length - 1)];
    return baseGfn + npages;
  }

  /** Most often by a boundary of a slot, where mistakes are. */
  #someGfn(): Gfn {
    const { int } = this.#random, { originGfn, spanGfn } = this.#phase, held = this.#held;
    if (held.length === 0 || int(0, 3) === 0) return originGfn + int(0, spanGfn - 1);
    const { baseGfn, npages } = held[int(0, held.length - 1)];
    const gfn = (int(0, 1) === 0 ? baseGfn : baseGfn + npages) + int(-1, 1);
    return Math.max(0, Math.min(GFN_LIMIT - 1, gfn));
  }
}

function soak(create: Create, { job, beat }: Desk<SoakJob>): SoakWord {
  const { source: { name }, seed, operations } = job;
  const began = performance.now();
  const wordOf = (counts: SoakCounts, fault: SoakWord["fault"]): SoakWord => {
    return { counts, seconds: (performance.now() - began) / 1000, fault };
  };
  let counts: SoakCounts | null = null;
  try {
    const soak = new Soak(create, seed);
    counts = soak.counts;
    soak.run(operations, () => beat(name));
    return wordOf(counts, null);
  } catch (error) {
    if (!(error instanceof Difference) || counts === null) throw error;
    beat(name);
    const { kind, message } = shorten(create, error, SHORTEN_MS);
    return wordOf(counts, { kind, words: message });
  }
}

if (import.meta.main) {
  const desk = takeJob<SoakJob>(), { source } = desk.job;
  desk.beat(source.name);
  const create = await loadCreate(source, "soak");
  desk.answer(soak(create, desk));
}
