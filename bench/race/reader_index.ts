/** An index behind the cache of one of KVM's readers. */
import type { LastUsedReader } from "../../impls/kvm/last_used.ts";
import type { Gfn, Memslot } from "../../impls/memslot.ts";
import type { MemslotIndex, MemslotIter } from "../../impls/memslot_index.ts";
import type { MemslotSet } from "../../impls/kvm/memslot_set.ts";

/** An index seen by one reader with a cache of its own: what a vCPU of KVM sees of a set. */
export class ReaderIndex implements MemslotIndex {
  readonly #index: MemslotIndex;
  readonly #reader: LastUsedReader;
  /** Its generation grows with each change, so that the reader forgets what it has found. */
  readonly #set: MemslotSet & { generation: number };

  /** Over `index`, with a reader of the class given. */
  constructor(index: MemslotIndex, Reader: typeof LastUsedReader) {
    this.#index = index;
    this.#set = { index, hvaIndex: null, generation: 0, regionById: () => null };
    this.#reader = new Reader(() => this.#set);
  }

  /** The number of slots. */
  get size(): number {
    return this.#index.size;
  }

  /** As of the index. */
  insert(slot: Memslot): void {
    this.#index.insert(slot);
    this.#set.generation++;
  }

  /** As of the index. */
  erase(slot: Memslot): void {
    this.#index.erase(slot);
    this.#set.generation++;
  }

  /** Through the reader's cache. */
  find(gfn: Gfn): Memslot | null {
    return this.#reader.find(gfn);
  }

  /** The cursor of the index. */
  iter(): MemslotIter {
    return this.#index.iter();
  }

  /** As of the index. */
  checkInvariants(): void {
    this.#index.checkInvariants();
  }
}
