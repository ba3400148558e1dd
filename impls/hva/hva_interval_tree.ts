/**
 * Interval tree: a red-black tree by start, each node with the largest last page below it. Start and
 * next O(log n) whatever overlaps, insert O(log n), erase O(log n + e) among e slots of the same
 * start; 72 bytes a slot.
 *
 * Used by Linux KVM since 5.17 (`hva_tree`), after include/linux/interval_tree_generic.h and
 * lib/rbtree.c; the balancing is that of rb_tree.ts, which draws its cases.
 *
 *   1) to 5) The red-black properties of rb_tree.ts.
 *   6) In order, starts ascend; equal ones are in the order of insertion.
 *   7) A node's `maxLast` is the largest `last` of its subtree; nil's is below every page.
 *
 * 7) makes the search one descent: a subtree whose maxLast is before a page has no slot that reaches
 * it, any other one has, and of its nodes the leftmost is wanted.
 *
 * @module
 */
import {
  checkHvaSlot,
  type HvaIndex,
  type HvaIter,
  type HvaPage,
  type HvaSlot,
  missingHvaError,
  sortedHvaSlots,
  type ValidHvaIter,
} from "./hva_index.ts";

/** Which child of its parent a node is. */
type Side = boolean;
const LEFT = false, RIGHT = true;

class Node {
  left: Node;
  right: Node;
  parent: Node;
  red = true;
  start: HvaPage;
  last: HvaPage;
  maxLast: HvaPage;
  /** Null for nil alone. */
  slot: HvaSlot | null;

  constructor(slot: HvaSlot | null) {
    this.left = this.right = this.parent = slot === null ? this : NIL;
    this.start = slot === null ? -1 : slot.startPage;
    this.last = this.maxLast = slot === null ? -1 : slot.lastPage;
    this.slot = slot;
  }
}

/** The child of leaves and the parent of roots, of all trees: nobody writes to it. */
const NIL = new Node(null);
NIL.red = false;

/** Interval tree by hva; see the head of its file. */
export class HvaIntervalTree implements HvaIndex {
  #root = NIL;
  #size = 0;

  /** O(n log n). Errors as `sortedHvaSlots`. */
  constructor(slots: readonly HvaSlot[] = []) {
    const sorted = sortedHvaSlots(slots);
    this.#size = sorted.length;
    // Of a balanced tree of n nodes, floor(log2(n + 1)) levels are full: black. The rest is red.
    this.#root = build(sorted, Math.floor(Math.log2(sorted.length + 1)), 0, sorted.length);
  }

  /** The number of slots. */
  get size(): number {
    return this.#size;
  }

  /** Adds a slot. O(log n). */
  insert(slot: HvaSlot): void {
    checkHvaSlot("insert slot", slot);
    const { startPage, lastPage } = slot;
    let parent = NIL, side: Side = LEFT, below = this.#root;
    while (below !== NIL) {
      parent = below;
      if (below.maxLast < lastPage) below.maxLast = lastPage; // 7), for the new leaf
      side = startPage < below.start ? LEFT : RIGHT; // right of its equals, for 6)
      below = child(below, side);
    }
    const node = new Node(slot);
    this.#link(parent, side, node);
    this.#fixRed(node);
    this.#size++;
  }

  /** Removes the very slot. O(log n + e) among e slots of the same start. */
  erase(slot: HvaSlot): void {
    let node = this.#nodeOf(slot);
    if (node.left !== NIL && node.right !== NIL) {
      // The successor's load moves here, and its node, which has no left child, goes instead.
      const next = leftmost(node.right);
      node.start = next.start;
      node.last = next.last;
      node.slot = next.slot;
      node = next;
    }
    const only = node.left !== NIL ? node.left : node.right;
    // An only child is red due to 5), and so its parent black due to 4): it turns black in its place.
    if (only !== NIL) only.red = false;
    else if (!node.red) this.#fixShort(node);
    const { parent } = node;
    this.#link(parent, sideOf(node), only);
    // Whatever turned, the nodes above the gap are those that had the erased slot below them, or
    // have lost the load that moved: with them, 7) holds again.
    for (let above = parent; above !== NIL; above = above.parent) refreshMaxLast(above);
    this.#size--;
  }

  /** A cursor; `start` and `next` are O(log n). */
  iter(): HvaIter {
    return new HvaIntervalTreeIter(this.#root);
  }

  /** Throws unless 1) to 7) and the links hold. O(n). */
  checkInvariants(): void {
    if (this.#root.red) throw new Error("The root is red, against 2)");
    if (NIL.red || NIL.left !== NIL || NIL.right !== NIL || NIL.parent !== NIL) {
      throw new Error("Nil has been written to, against 3)");
    }
    if (NIL.start !== -1 || NIL.maxLast !== -1) throw new Error("Nil has pages, against 7)");
    const slots: HvaSlot[] = [];
    checkSubtree(this.#root, NIL, slots);
    if (slots.length !== this.#size) throw new Error(`${this.#size} slots, ${slots.length} found`);
    slots.forEach((slot, i) => {
      if (i > 0 && slots[i - 1].startPage > slot.startPage) {
        throw new Error(`Slot ${slot.slot.id} begins before the one on its left, against 6)`);
      }
    });
  }

  #nodeOf(slot: HvaSlot): Node {
    let node = NIL;
    for (let below = this.#root; below !== NIL;) {
      if (below.start >= slot.startPage) {
        node = below;
        below = below.left;
      } else below = below.right;
    }
    // Node is the first of its equals; the slot is one of them.
    while (node.slot !== slot) {
      if (node === NIL || node.start !== slot.startPage) throw missingHvaError(slot);
      node = successor(node);
    }
    return node;
  }

  /** Makes `node`, nil included, the child of `parent` on `side`, or the root. */
  #link(parent: Node, side: Side, node: Node): void {
    if (parent === NIL) this.#root = node;
    else setChild(parent, side, node);
    if (node !== NIL) node.parent = parent;
  }

  /** Turns `node` down to `side`; its child on the other side takes its place. */
  #rotate(node: Node, side: Side): void {
    const riser = child(node, !side);
    this.#link(node.parent, sideOf(node), riser);
    this.#link(node, !side, child(riser, side));
    this.#link(riser, side, node);
    // The two hold the same slots together as before, so 7) is lost below them only.
    refreshMaxLast(node);
    refreshMaxLast(riser);
  }

  /** Mends 2) and 4) where `node`, red, may be the root or have a red parent. */
  #fixRed(node: Node): void {
    for (;;) {
      let parent = node.parent;
      if (parent === NIL) {
        node.red = false;
        return;
      }
      if (!parent.red) return;
      const grand = parent.parent;
      const side = sideOf(parent), other = !side;
      const uncle = child(grand, other);
      if (uncle.red) { // case 1
        parent.red = uncle.red = false;
        grand.red = true;
        node = grand;
        continue;
      }
      if (child(parent, other) === node) { // case 2
        this.#rotate(parent, side);
        parent = node;
      }
      parent.red = false; // case 3
      grand.red = true;
      this.#rotate(grand, other);
      return;
    }
  }

  /** Mends 5) where paths through `node`, black, are about to be one black node short. */
  #fixShort(node: Node): void {
    for (;;) {
      const parent = node.parent;
      if (parent === NIL) return;
      const side = sideOf(node), other = !side;
      let sibling = child(parent, other);
      if (sibling.red) { // case 1
        sibling.red = false;
        parent.red = true;
        this.#rotate(parent, side);
        sibling = child(parent, other);
      }
      const outer = child(sibling, other), inner = child(sibling, side);
      if (!outer.red) {
        if (!inner.red) { // case 2
          sibling.red = true;
          if (parent.red) {
            parent.red = false;
            return;
          }
          node = parent;
          continue;
        }
        inner.red = false; // case 3
        sibling.red = true;
        this.#rotate(sibling, other);
        sibling = inner;
      }
      sibling.red = parent.red; // case 4
      parent.red = false;
      child(sibling, other).red = false;
      this.#rotate(parent, side);
      return;
    }
  }
}

class HvaIntervalTreeIter implements HvaIter {
  #node = NIL;
  #startPage = 0;
  readonly #root: Node;

  constructor(root: Node) {
    this.#root = root;
  }

  // Not a field, which start and next would have to write, each time through a write barrier.
  get slot(): HvaSlot | null {
    return this.#node.slot;
  }

  start(startPage: HvaPage): void {
    this.#startPage = startPage;
    this.#node = this.#root.maxLast < startPage ? NIL : firstReaching(this.#root, startPage);
  }

  isValid(lastPage: HvaPage): this is ValidHvaIter {
    const node = this.#node;
    return node !== NIL && node.start <= lastPage;
  }

  next(): void {
    const startPage = this.#startPage;
    let node = this.#node;
    while (node !== NIL) {
      if (node.right.maxLast >= startPage) {
        node = firstReaching(node.right, startPage);
        break;
      }
      // Nothing on the right: up to the first ancestor that has this on its left.
      let below = node;
      node = node.parent;
      while (node.right === below && node !== NIL) {
        below = node;
        node = node.parent;
      }
      if (node.last >= startPage) break;
    }
    this.#node = node;
  }
}

/** The leftmost node below `node` that reaches `page`; `node.maxLast` does. */
function firstReaching(node: Node, page: HvaPage): Node {
  // Loop invariant: node.maxLast >= page, and no node on the left of this subtree reaches it.
  for (;;) {
    if (node.left.maxLast >= page) node = node.left;
    else if (node.last >= page) return node;
    else node = node.right; // due to 7), as neither the left side nor the node itself reaches it
  }
}

function refreshMaxLast(node: Node): void {
  node.maxLast = Math.max(node.last, node.left.maxLast, node.right.maxLast);
}

function leftmost(node: Node): Node {
  while (node.left !== NIL) node = node.left;
  return node;
}

function successor(node: Node): Node {
  if (node.right !== NIL) return leftmost(node.right);
  let below = node;
  node = node.parent;
  while (node.right === below && node !== NIL) {
    below = node;
    node = node.parent;
  }
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
function build(slots: readonly HvaSlot[], blackLevels: number, from: number, to: number): Node {
  if (from === to) return NIL;
  const middle = (from + to) >>> 1, node = new Node(slots[middle]);
  node.red = blackLevels === 0;
  node.left = build(slots, blackLevels - 1, from, middle);
  node.right = build(slots, blackLevels - 1, middle + 1, to);
  if (node.left !== NIL) node.left.parent = node;
  if (node.right !== NIL) node.right.parent = node;
  refreshMaxLast(node);
  return node;
}

/** Appends the slots below `node` in order; returns their black height. For checkInvariants. */
function checkSubtree(node: Node, parent: Node, slots: HvaSlot[]): number {
  if (node === NIL) return 0;
  const { left, right, slot } = node;
  if (slot === null) throw new Error(`The node at ${node.start} has no slot`);
  const { id } = slot.slot;
  if (node.start !== slot.startPage || node.last !== slot.lastPage) {
    throw new Error(`A node holds [${node.start}, ${node.last}] for slot ${id}`);
  }
  if (node.maxLast !== Math.max(node.last, left.maxLast, right.maxLast)) {
    throw new Error(`Slot ${id} says ${node.maxLast} is the last page below it, against 7)`);
  }
  if (node.parent !== parent) throw new Error(`The parent of slot ${id} is another node`);
  if (node.red && (left.red || right.red)) {
    throw new Error(`Slot ${id} and a child are red, against 4)`);
  }
  const height = checkSubtree(left, node, slots);
  slots.push(slot);
  if (checkSubtree(right, node, slots) !== height) {
    throw new Error(`Slot ${id} has more black nodes on one side, against 5)`);
  }
  return node.red ? height : height + 1;
}
