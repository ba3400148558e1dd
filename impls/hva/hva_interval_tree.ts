/**
 * Interval tree: a red-black tree by start, each node with the largest last page of its subtree.
 * Start and next O(log n) whatever overlaps, insert O(log n), erase O(log n + e) among e slots of the
 * same start; 72 bytes a slot.
 *
 * Used by Linux KVM since 5.17 (`hva_tree`), after include/linux/interval_tree_generic.h and
 * lib/rbtree.c; the balancing is that of rb_tree.ts, which draws its cases.
 *
 * Invariants:
 *   1) to 5) The red-black properties of rb_tree.ts.
 *   6) In order, starts ascend; equal ones are in the order of insertion.
 *   7) A node's `maxLast` is the largest `last` of its subtree; nil's is below every page.
 *
 * 7) makes the search one descent: a subtree has a slot that reaches a page if and only if its maxLast
 * does, and the search wants the leftmost one.
 *
 * @module
 */
import { checkSize } from "../memslot.ts";
import {
  checkHvaSlot,
  describeHva,
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
  /** Null only for nil. */
  slot: HvaSlot | null;

  constructor(slot: HvaSlot | null) {
    this.left = this.right = this.parent = slot === null ? this : NIL;
    this.start = slot === null ? -1 : slot.startPage;
    this.last = this.maxLast = slot === null ? -1 : slot.lastPage;
    this.slot = slot;
  }
}

/** Nil: the child of leaves and the parent of roots of all trees. Never written to. */
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
    // In a balanced tree of n nodes floor(log2(n + 1)) levels are full. They are black, the rest red.
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

  /** Removes the slot itself. O(log n + e) among e slots of the same start. */
  erase(slot: HvaSlot): void {
    let node = this.#nodeOf(slot);
    if (node.left !== NIL && node.right !== NIL) {
      // The successor's slot moves here, and its node, which has no left child, is removed instead.
      const next = leftmost(node.right);
      node.start = next.start;
      node.last = next.last;
      node.slot = next.slot;
      node = next;
    }
    const only = node.left !== NIL ? node.left : node.right;
    // An only child is red due to 5), so its parent is black due to 4): the child turns black.
    if (only !== NIL) only.red = false;
    else if (!node.red) this.#fixShort(node);
    const { parent } = node;
    this.#link(parent, sideOf(node), only);
    // Whatever was rotated, the nodes above the gap are those that had the erased slot below them or
    // lost the slot that moved. With these refreshed, 7) holds again.
    for (let above = parent; above !== NIL; above = above.parent) refreshMaxLast(above);
    this.#size--;
  }

  /** A cursor; `start` and `next` are O(log n). */
  iter(): HvaIter {
    return new HvaIntervalTreeIter(this.#root);
  }

  /** Throws unless 1) to 7) and the links hold. O(n). */
  checkInvariants(): void {
    if (this.#root.red) throw new Error("The root must be black, by 2): found it red");
    if (NIL.red || NIL.left !== NIL || NIL.right !== NIL || NIL.parent !== NIL) {
      throw new Error("Nil must be black and linked to itself, by 3): found it changed");
    }
    if (NIL.start !== -1 || NIL.maxLast !== -1) {
      throw new Error(`Nil must have maxLast -1, by 7): found ${NIL.maxLast}`);
    }
    const slots: HvaSlot[] = [];
    checkSubtree(this.#root, NIL, slots);
    checkSize(this.#size, slots.length);
    slots.forEach((slot, i) => {
      if (i > 0 && slots[i - 1].startPage > slot.startPage) {
        throw new Error(`${describeHva(slot)} must not start before the one on its left, by 6)`);
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
    // `node` is the first of its equals; the slot is one of them.
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

  /** Rotates `node` down to `side`; its child on the other side takes its place. */
  #rotate(node: Node, side: Side): void {
    const riser = child(node, !side);
    this.#link(node.parent, sideOf(node), riser);
    this.#link(node, !side, child(riser, side));
    this.#link(riser, side, node);
    // Together the two have the same slots below them as before: 7) needs repair only at the two.
    refreshMaxLast(node);
    refreshMaxLast(riser);
  }

  /** Restores 2) and 4) when `node`, red, may be the root or have a red parent. */
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

  /** Restores 5) when paths through `node`, black, are about to be one black node short. */
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
      // Nothing on the right: up to the first ancestor that has this subtree on its left.
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
    else node = node.right; // which reaches it due to 7), as neither the left side nor the node does
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

/** For checkInvariants: appends the slots below `node` in order and returns its black height. */
function checkSubtree(node: Node, parent: Node, slots: HvaSlot[]): number {
  if (node === NIL) return 0;
  const { left, right, slot } = node;
  if (slot === null || node.start !== slot.startPage || node.last !== slot.lastPage) {
    const wanted = slot === null ? "a slot" : `the pages of ${describeHva(slot)}`;
    throw new Error(`The node [${node.start}, ${node.last}] must have ${wanted}: it has not`);
  }
  const { id } = slot.slot, maxLast = Math.max(node.last, left.maxLast, right.maxLast);
  if (node.maxLast !== maxLast) {
    throw new Error(`maxLast of slot ${id} must be ${maxLast}, by 7): found ${node.maxLast}`);
  }
  if (node.parent !== parent) {
    throw new Error(`The node of slot ${id} must link to its parent: found another node`);
  }
  if (node.red && (left.red || right.red)) {
    throw new Error(`Slot ${id} is red, so its children must be black, by 4): found a red one`);
  }
  const height = checkSubtree(left, node, slots);
  slots.push(slot);
  if (checkSubtree(right, node, slots) !== height) {
    throw new Error(`Both sides of slot ${id} must have ${height} black nodes a path, by 5)`);
  }
  return node.red ? height : height + 1;
}
