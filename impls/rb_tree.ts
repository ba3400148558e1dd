/**
 * Red-black tree. Find, start, insert and erase O(log n), next O(1) amortised; 80 bytes a slot, or
 * 112 if gfns are doubles.
 *
 * Used by Linux KVM since 5.17 (`gfn_tree`) and for most ordered sets of the kernel. After
 * lib/rbtree.c, and shorter: the side of a child is a value, so each case is written once instead of
 * twice in mirror images.
 *
 * Invariants:
 *   1) A node is either red or black.
 *   2) The root is black.
 *   3) Nil, which stands for no node, is black.
 *   4) Both children of a red node are black.
 *   5) Every path from the root to nil holds the same number of black nodes.
 *
 * 4) and 5) bound the height: the longest path, alternately red and black, has at most twice the
 * nodes of the shortest, all black. In drawings black nodes are upper case, red ones lower case, and
 * those of either colour are in parentheses.
 *
 * Nodes are objects that hold base and end themselves. Records of 32 bytes in one buffer are 1.2 to
 * 1.4 times slower in ranges and 1.25 times in moves, and as fast in find only without branches (from
 * 2^40 on, where doubles are boxed, moves are equal).
 */
import {
  checkMemslot,
  checkMemslots,
  checkSize,
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
  /** Null only for nil. */
  slot: Memslot | null;

  constructor(slot: Memslot | null) {
    this.left = this.right = this.parent = slot === null ? this : NIL;
    this.base = slot === null ? 0 : slot.baseGfn;
    this.end = slot === null ? 0 : endGfn(slot);
    this.slot = slot;
  }
}

/** Nil: the child of leaves and the parent of roots of all trees. Never written to. */
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
    // In a balanced tree of n nodes floor(log2(n + 1)) levels are full. They are black, the rest red.
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
      // The successor's slot moves to this node, and the successor's node, which has no left child,
      // is removed instead. Allowed as nothing refers to a node from outside; textbooks swap links.
      const next = leftmost(node.right);
      node.base = next.base;
      node.end = next.end;
      node.slot = next.slot;
      node = next;
    }
    const only = node.left !== NIL ? node.left : node.right;
    // An only child is red due to 5), so its parent is black due to 4): the child turns black.
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
    if (this.#root.red) throw new Error("The root must be black, by 2): found it red");
    if (NIL.red || NIL.left !== NIL || NIL.right !== NIL || NIL.parent !== NIL) {
      throw new Error("Nil must be black and linked to itself, by 3): found it changed");
    }
    checkSubtree(this.#root, NIL, slots);
    checkMemslots(slots);
    checkSize(this.#size, slots.length);
  }

  /** Makes `node`, nil included, the child of `parent` on `side`, or the root. */
  #link(parent: Node, side: Side, node: Node): void {
    if (parent === NIL) this.#root = node;
    else setChild(parent, side, node);
    if (node !== NIL) node.parent = parent;
  }

  /**
   * Rotates `node` down to `side`; its child on the other side takes its place. With LEFT:
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

  /** Restores 2) and 4) when `node`, red, may be the root or have a red parent. */
  #fixRed(node: Node): void {
    // Loop invariant: node is red; 5) holds, and so do 2) and 4) except at node and its parent.
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

  /** Restores 5) when paths through `node`, black, are about to be one black node short. */
  #fixShort(node: Node): void {
    // Loop invariant: node is black. With the node to remove counted as removed, the paths through
    // `node` are one black node short, and all other paths satisfy 5).
    for (;;) {
      const parent = node.parent;
      if (parent === NIL) return; // all paths are one black node short: 5) holds
      const side = sideOf(node), other = !side;
      // Paths through node held a black node, so due to 5) the sibling is not nil.
      let sibling = child(parent, other);
      if (sibling.red) {
        // Case 1: the sibling is red, so P and its children are black due to 4). Rotate one of its
        // children into the sibling's place.
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
          // Case 2: no red nephew. With S red both sides of p are one black node short: blacken p,
          // or continue from p if it is black. (After case 1 p is red, so the loop ends.)
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
        // Case 3: only the inner nephew is red. Rotate it into the sibling's place, for case 4.
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
      // Case 4: the outer nephew is red. N's side gains a black node, the other side keeps its own.
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
      // Up to the first ancestor that has this subtree on its left; those between are done.
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
 * steps back, and forward again from a slot that ends too early. The upper bound of the ends is the
 * same slot without these steps.
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

/** For checkInvariants: appends the slots below `node` in order and returns its black height. */
function checkSubtree(node: Node, parent: Node, slots: Memslot[]): number {
  if (node === NIL) return 0;
  const { left, right, slot } = node;
  if (slot === null || node.base !== slot.baseGfn || node.end !== endGfn(slot)) {
    const wanted = slot === null ? "a slot" : `the bounds of slot ${slot.id}`;
    throw new Error(`The node [${node.base}, ${node.end}) must have ${wanted}: it has not`);
  }
  if (node.parent !== parent) {
    throw new Error(`The node of slot ${slot.id} must link to its parent: found another node`);
  }
  if (node.red && (left.red || right.red)) {
    throw new Error(
      `Slot ${slot.id} is red, so its children must be black, by 4): found a red one`,
    );
  }
  const height = checkSubtree(left, node, slots);
  slots.push(slot);
  if (checkSubtree(right, node, slots) !== height) {
    throw new Error(`Both sides of slot ${slot.id} must have ${height} black nodes a path, by 5)`);
  }
  return node.red ? height : height + 1;
}
