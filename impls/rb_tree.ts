/**
 * Red-black tree. Find, start, insert and erase O(log n), next O(1) amortised; 80 bytes a slot,
 * 112 where gfns are doubles.
 *
 * Used by Linux KVM since 5.17 (`gfn_tree`), and for most ordered sets of the kernel. After
 * lib/rbtree.c, and shorter: a side is a value, so one arm serves both mirror images.
 *
 *   1) A node is either red or black.
 *   2) The root is black.
 *   3) Nil, which stands for no node, is black.
 *   4) Both children of a red node are black.
 *   5) Every path from the root to nil holds the same number of black nodes.
 *
 * 4) and 5) bound the height: the longest path, alternating, is twice the shortest, all black. In
 * drawings black nodes are upper case, red ones lower case, those of either colour in brackets.
 *
 * Nodes are objects that hold base and end themselves. Measured against them: 32-byte records of
 * one buffer range 1.2 to 1.4 times and move 1.25 times slower, and find as fast again only without
 * branches (from 2^40 on, where doubles are boxed, moves are equal).
 */
import {
  checkMemslot,
  checkMemslots,
  endGfn,
  type Gfn,
  type Memslot,
  missingError,
  overlapError,
} from "./memslot.ts";
import type { MemslotIndex, MemslotIter, ValidMemslotIter } from "./memslot_index.ts";

/** Which child of its parent a node is. */
type Side = boolean;
const LEFT = false, RIGHT = true;

class Node {
  left: Node;
  right: Node;
  parent: Node;
  red = true;
  base: Gfn;
  end: Gfn;
  /** Null for nil alone. */
  slot: Memslot | null;

  constructor(slot: Memslot | null) {
    this.left = this.right = this.parent = slot === null ? this : NIL;
    this.base = slot === null ? 0 : slot.baseGfn;
    this.end = slot === null ? 0 : endGfn(slot);
    this.slot = slot;
  }
}

/** The child of leaves and the parent of roots, of all trees: nobody writes to it. */
const NIL = new Node(null);
NIL.red = false; // 3)

/** Red-black tree; see the head of its file. */
export class RbTree implements MemslotIndex {
  #root = NIL;
  #size = 0;

  /** O(n). `RangeError` or `TypeError` as `checkMemslots`. */
  constructor(slots: readonly Memslot[] = []) {
    checkMemslots(slots);
    this.#size = slots.length;
    // Of a balanced tree of n nodes, floor(log2(n + 1)) levels are full: black. The rest is red.
    this.#root = build(slots, Math.floor(Math.log2(slots.length + 1)), 0, slots.length);
  }

  /** The number of slots. */
  get size(): number {
    return this.#size;
  }

  /** Adds a slot. O(log n). */
  insert(slot: Memslot): void {
    checkMemslot("insert slot", slot);
    let parent = NIL, side: Side = LEFT, later = NIL, below = this.#root;
    while (below !== NIL) {
      parent = below;
      side = below.end > slot.baseGfn ? LEFT : RIGHT;
      if (side === LEFT) {
        later = below;
        below = below.left;
      } else below = below.right;
    }
    // Later is the first slot that ends after the new one begins: if it met any, it would meet that.
    if (later !== NIL && later.base < endGfn(slot)) throw overlapError(slot, later.slot!);
    const node = new Node(slot); // red, which keeps 5)
    this.#link(parent, side, node);
    this.#fixRed(node);
    this.#size++;
  }

  /** Removes the slot that begins where `slot` does. O(log n). */
  erase(slot: Memslot): void {
    checkMemslot("erase slot", slot);
    let node = firstEndingAfter(this.#root, slot.baseGfn);
    if (node === NIL || node.base !== slot.baseGfn) throw missingError(slot);
    if (node.left !== NIL && node.right !== NIL) {
      // Nobody holds on to a node, so the successor's load moves here, and its node, which has no
      // left child, goes instead of this one: the book's case of two children is gone.
      const next = leftmost(node.right);
      node.base = next.base;
      node.end = next.end;
      node.slot = next.slot;
      node = next;
    }
    const only = node.left !== NIL ? node.left : node.right;
    // An only child is red due to 5), and so its parent black due to 4): it turns black in its place.
    if (only !== NIL) only.red = false;
    else if (!node.red) this.#fixShort(node);
    this.#link(node.parent, sideOf(node), only);
    this.#size--;
  }

  /** The slot that holds `gfn`, or null. O(log n). */
  find(gfn: Gfn): Memslot | null {
    let node = this.#root;
    while (node !== NIL) {
      if (gfn < node.base) node = node.left;
      else if (gfn < node.end) return node.slot;
      else node = node.right;
    }
    return null;
  }

  /** A cursor; `start` is O(log n), `next` O(1) amortised. */
  iter(): MemslotIter {
    return new RbTreeIter(this.#root);
  }

  /** Throws unless 1) to 5), the links and the order hold. O(n). */
  checkInvariants(): void {
    const slots: Memslot[] = [];
    if (this.#root.red) throw new Error("The root is red, against 2)");
    if (NIL.red || NIL.left !== NIL || NIL.right !== NIL || NIL.parent !== NIL) {
      throw new Error("Nil has been written to, against 3)");
    }
    checkSubtree(this.#root, NIL, slots);
    checkMemslots(slots);
    if (slots.length !== this.#size) throw new Error(`${this.#size} slots, ${slots.length} found`);
  }

  /** Makes `node`, nil included, the child of `parent` on `side`, or the root. */
  #link(parent: Node, side: Side, node: Node): void {
    if (parent === NIL) this.#root = node;
    else setChild(parent, side, node);
    if (node !== NIL) node.parent = parent;
  }

  /**
   * Turns `node` down to `side`; its child on the other side takes its place. With LEFT:
   *
   *       n              c
   *      / \            / \
   *     1   c    -->   n   3
   *        / \        / \
   *       2   3      1   2
   */
  #rotate(node: Node, side: Side): void {
    const riser = child(node, !side);
    this.#link(node.parent, sideOf(node), riser);
    this.#link(node, !side, child(riser, side));
    this.#link(riser, side, node);
  }

  /** Mends 2) and 4) where `node`, red, may be the root or have a red parent. */
  #fixRed(node: Node): void {
    // Loop invariant: node is red; but for it and its parent, 2) and 4) hold; 5) holds.
    for (;;) {
      let parent = node.parent;
      if (parent === NIL) {
        node.red = false;
        return;
      }
      if (!parent.red) return;
      // The parent is red and therefore not the root: there is a grandparent, black due to 4).
      const grand = parent.parent;
      const side = sideOf(parent), other = !side;
      const uncle = child(grand, other);
      if (uncle.red) {
        // Case 1: the uncle is red. Flip three colours and go on from g, now red.
        //
        //       G            g
        //      / \          / \
        //     p   u  -->   P   U
        //    /            /
        //   n            n
        parent.red = uncle.red = false;
        grand.red = true;
        node = grand;
        continue;
      }
      if (child(parent, other) === node) {
        // Case 2: n is the inner grandchild. Turn it into the outer one, for case 3.
        //
        //      G             G
        //     / \           / \
        //    p   U  -->    n   U
        //     \           /
        //      n         p
        this.#rotate(parent, side);
        parent = node;
      }
      // Case 3: n is the outer grandchild. The place of G stays black, and 4) holds again.
      //
      //        G           P
      //       / \         / \
      //      p   U  -->  n   g
      //     /                 \
      //    n                   U
      parent.red = false;
      grand.red = true;
      this.#rotate(grand, other);
      return;
    }
  }

  /** Mends 5) where paths through `node`, black, are about to be one black node short. */
  #fixShort(node: Node): void {
    // Loop invariant: node is black, and with the first one counted as gone already, the paths
    // through node are one black node short and 5) holds but for them.
    for (;;) {
      const parent = node.parent;
      if (parent === NIL) return; // all paths are short by one: 5) holds
      const side = sideOf(node), other = !side;
      // Paths through node hold a black node at least, so due to 5) the sibling is not nil.
      let sibling = child(parent, other);
      if (sibling.red) {
        // Case 1: the sibling is red, P and its children black due to 4). Make one of them sibling.
        //
        //      P               S
        //     / \             / \
        //    N   s    -->    p   D
        //       / \         / \
        //      C   D       N   C
        sibling.red = false;
        parent.red = true;
        this.#rotate(parent, side);
        sibling = child(parent, other);
      }
      const outer = child(sibling, other), inner = child(sibling, side);
      if (!outer.red) {
        if (!inner.red) {
          // Case 2: no red nephew. With S red both sides of p are short by one: blacken p, or, if
          // it is black, go on from there. (After case 1 it is red: the loop ends.)
          //
          //     (p)           (p)
          //     / \           / \
          //    N   S    -->  N   s
          //       / \           / \
          //      C   D         C   D
          sibling.red = true;
          if (parent.red) {
            parent.red = false;
            return;
          }
          node = parent;
          continue;
        }
        // Case 3: only the inner nephew is red. Turn it into the sibling with a red outer one.
        //
        //     (p)           (p)
        //     / \           / \
        //    N   S    -->  N   C
        //       / \             \
        //      c   D             s
        //                         \
        //                          D
        inner.red = false;
        sibling.red = true;
        this.#rotate(sibling, other);
        sibling = inner;
      }
      // Case 4: the outer nephew is red. The side of N gains a black node, the other one loses none.
      //
      //      (p)             (s)
      //      / \             / \
      //     N   S     -->   P   D
      //        / \         / \
      //      (c)  d       N  (c)
      sibling.red = parent.red;
      parent.red = false;
      child(sibling, other).red = false;
      this.#rotate(parent, side);
      return;
    }
  }
}

class RbTreeIter implements MemslotIter {
  #node = NIL;
  readonly #root: Node;

  constructor(root: Node) {
    this.#root = root;
  }

  // Not a field, which start and next would have to write, each time through a write barrier.
  get slot(): Memslot | null {
    return this.#node.slot;
  }

  start(startGfn: Gfn): void {
    this.#node = firstEndingAfter(this.#root, startGfn);
  }

  isValid(endGfn: Gfn): this is ValidMemslotIter {
    const node = this.#node;
    return node !== NIL && node.base < endGfn;
  }

  next(): void {
    let node = this.#node;
    if (node.right !== NIL) node = leftmost(node.right);
    else {
      // Up to the first ancestor that has this on its left: the ones between have been seen.
      let below = node;
      node = node.parent;
      while (node.right === below && node !== NIL) {
        below = node;
        node = node.parent;
      }
    }
    this.#node = node;
  }
}

/**
 * The node of the first slot that ends after `gfn`, or nil. KVM takes the upper bound of the bases,
 * steps back, and forward again from a slot that ends too early; as ends ascend with the bases, the
 * upper bound of the ends is the same slot without a step.
 */
function firstEndingAfter(root: Node, gfn: Gfn): Node {
  let found = NIL, node = root;
  while (node !== NIL) {
    if (node.end > gfn) {
      found = node;
      node = node.left;
    } else node = node.right;
  }
  return found;
}

function leftmost(node: Node): Node {
  while (node.left !== NIL) node = node.left;
  return node;
}

function child(node: Node, side: Side): Node {
  return side === LEFT ? node.left : node.right;
}

function setChild(node: Node, side: Side, child: Node): void {
  if (side === LEFT) node.left = child;
  else node.right = child;
}

function sideOf(node: Node): Side {
  return node.parent.left === node ? LEFT : RIGHT;
}

/** A balanced tree of slots[from..to), with `blackLevels` levels of black nodes above red ones. */
function build(slots: readonly Memslot[], blackLevels: number, from: number, to: number): Node {
  if (from === to) return NIL;
  const middle = (from + to) >>> 1, node = new Node(slots[middle]);
  node.red = blackLevels === 0;
  node.left = build(slots, blackLevels - 1, from, middle);
  node.right = build(slots, blackLevels - 1, middle + 1, to);
  if (node.left !== NIL) node.left.parent = node;
  if (node.right !== NIL) node.right.parent = node;
  return node;
}

/** Appends the slots below `node` in order; returns their black height. For checkInvariants. */
function checkSubtree(node: Node, parent: Node, slots: Memslot[]): number {
  if (node === NIL) return 0;
  const { left, right, slot } = node;
  if (slot === null) throw new Error(`The node at ${node.base} has no slot`);
  if (node.base !== slot.baseGfn || node.end !== endGfn(slot)) {
    throw new Error(`A node holds [${node.base}, ${node.end}) for slot ${slot.id}`);
  }
  if (node.parent !== parent) throw new Error(`The parent of slot ${slot.id} is another node`);
  if (node.red && (left.red || right.red)) {
    throw new Error(`Slot ${slot.id} and a child are red, against 4)`);
  }
  const height = checkSubtree(left, node, slots);
  slots.push(slot);
  if (checkSubtree(right, node, slots) !== height) {
    throw new Error(`Slot ${slot.id} has more black nodes on one side, against 5)`);
  }
  return node.red ? height : height + 1;
}
