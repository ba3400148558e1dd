/**
 * npm:splaytree 3.2.3 (Alexander Milevski): a top-down splay tree without parent links. Find, start,
 * insert and erase O(log n) amortised, next O(log n); 64 bytes a slot.
 *
 * The fastest use found: a comparator that calls overlapping runs equal. Slots do not overlap, so it
 * orders them; `find` of a run of one page is the lookup. The package has no floor query, but an
 * unsuccessful `find` leaves a neighbour at the root, and `next` continues from there.
 *
 * Costs that the library imposes: lookups rebuild the tree. (`findStatic` does not, but takes O(n) in a
 * tree that is never splayed.) `next` descends from the root if a node has no right child: a path kept
 * by the cursor would be faster, but the next lookup outside of the cursor would break it.
 */
import {
  checkMemslot,
  checkMemslots,
  checkSize,
  type Gfn,
  type Memslot,
  missingError,
  overlapError,
} from "./memslot.ts";
import type { MemslotIndex, MemslotIter, ValidMemslotIter } from "./memslot_index.ts";
// deno-lint-ignore no-import-prefix -- so that the file can be imported without this import map
import Tree from "npm:splaytree@3.2.3";

type SplayTree = Tree<Memslot, undefined>;
type Node = NonNullable<SplayTree["root"]>;

/** The splay tree of npm:splaytree behind the contract; see the head of its file. */
export class NpmSplaytree implements MemslotIndex {
  readonly #tree: SplayTree = new Tree<Memslot, undefined>(compareRuns);
  /** The page to look for. */
  readonly #probe = { id: 0, baseGfn: 0, npages: 1 };

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    if (slots.length > 0) this.#tree.load([...slots]);
  }

  /** The number of slots. */
  get size(): number {
    return this.#tree.size;
  }

  /** Adds a slot. O(log n) amortised. */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    const size = this.size, { key } = this.#tree.add(slot, undefined); // the node met, if one is
    if (this.size === size) throw overlapError(slot, key);
  }

  /** Removes the slot that begins where `slot` does. O(log n) amortised. */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    const found = this.find(slot.baseGfn);
    if (found === null || found.baseGfn !== slot.baseGfn) throw missingError(slot);
    this.#tree.remove(found);
  }

  /** The slot that holds `gfn`, or null. O(log n) amortised. */
  find(gfn: Gfn): Memslot | null {
    this.#probe.baseGfn = gfn;
    const node = this.#tree.find(this.#probe);
    return node === null ? null : node.key;
  }

  /** A cursor; `start` is O(log n) amortised, `next` O(log n). */
  iter(): MemslotIter {
    return new NpmSplaytreeIter(this.#tree);
  }

  /** Throws unless the slots ascend without overlap, `size` of them. O(n). */
  checkInvariants(): void {
    const slots = this.#tree.keys();
    checkMemslots(slots);
    checkSize(this.size, slots.length);
  }
}

class NpmSplaytreeIter implements MemslotIter {
  slot: Memslot | null = null;
  readonly #tree: SplayTree;
  readonly #probe = { id: 0, baseGfn: 0, npages: 1 };
  #at: Node | null = null;

  constructor(tree: SplayTree) {
    this.#tree = tree;
  }

  start(startGfn: Gfn): void {
    this.#probe.baseGfn = startGfn;
    this.#tree.find(this.#probe);
    const root = this.#tree.root;
    this.#settle(
      root !== null && compareRuns(root.key, this.#probe) < 0 ? this.#tree.next(root) : root,
    );
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    return this.slot !== null && this.slot.baseGfn < endGfn;
  }

  next(): void {
    this.#settle(this.#tree.next(this.#at!));
  }

  #settle(node: Node | null): void {
    this.#at = node;
    this.slot = node === null ? null : node.key;
  }
}

/** Negative or positive if run `a` lies before or after run `b`, 0 if they overlap. */
function compareRuns(a: Memslot, b: Memslot): number {
  const distance = a.baseGfn - b.baseGfn;
  if (distance >= 0) return distance < b.npages ? 0 : 1;
  return -distance < a.npages ? 0 : -1;
}
