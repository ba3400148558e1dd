/**
 * Which of a sorted run of numbered pieces holds a gfn: a B+-tree of two levels over the pieces'
 * lower bounds (separators), for an index that keeps its slots in chunks. No contender by itself.
 *
 * Nodes of up to 64 separators lie in pooled typed arrays; above them is one sorted array, the top,
 * with the first separator of each node. Both are searched without branches, so a lookup costs the
 * same on any layout: log2 of the pieces in steps. Insert and remove move up to 64 entries, and the
 * top once in some dozen splits: 8 KB at a million slots.
 *
 * Invariants:
 *  1) the separators ascend strictly, through a node and from node to node; the very first is
 *     -Infinity;
 *  2) the top's key of a node is the node's first separator; no node is empty;
 *  3) entries past a node's count, and past the top's, are +Infinity.
 */
import type { Gfn } from "../memslot.ts";

const NODE = 64;

/** Two-level B+-tree from gfn to piece; see the head of its file. */
export class SeparatorTree {
  // The top: `#topCount` of each in use, the capacity a power of two.
  #topKeys = new Float64Array(1).fill(Infinity);
  #topNodes = new Int32Array(1);
  #topCount = 0;
  // Node n holds entries [n * NODE, n * NODE + count[n]).
  #keys = new Float64Array(0);
  #pieces = new Int32Array(0);
  #counts = new Int32Array(0);
  #freeNodes: number[] = [];
  readonly #nodeLimit: number;

  /** `separators` ascend, the first -Infinity; piece i begins at separator i. */
  constructor(separators: Float64Array, { nodeLimit = NODE } = {}) {
    this.#nodeLimit = nodeLimit;
    const fill = Math.max(1, (nodeLimit * 3) >> 2);
    this.#reserve(Math.ceil(separators.length / fill));
    for (let from = 0; from < separators.length; from += fill) {
      const count = Math.min(fill, separators.length - from);
      const node = this.#newNode();
      this.#keys.set(separators.subarray(from, from + count), node * NODE);
      for (let i = 0; i < count; i++) this.#pieces[node * NODE + i] = from + i;
      this.#counts[node] = count;
      this.#insertTop(this.#topCount, separators[from], node);
    }
  }

  /** Bytes held. */
  get bytes(): number {
    return 12 * (this.#topKeys.length + this.#keys.length) + 4 * this.#counts.length;
  }

  /** The piece of the last separator at or below `gfn`. */
  find(gfn: Gfn): number {
    const top = this.#topKeys, keys = this.#keys;
    let t = 0;
    // Due to 1) and 3) both searches are plain powers of two, and need no test at the low end: the
    // first entry of the top, and then of the node, is at or below gfn.
    for (let half = top.length >> 1; half > 0; half >>= 1) t += +(top[t + half] <= gfn) * half;
    let at = this.#topNodes[t] << 6;
    // Three pivots at a time, which do not wait for each other; a loop, as V8 inlines short code.
    for (let step = 16; step > 0; step >>= 2) {
      at += (+(keys[at + step] <= gfn) + +(keys[at + 2 * step] <= gfn) +
        +(keys[at + 3 * step] <= gfn)) * step;
    }
    return this.#pieces[at];
  }

  /** Adds `piece`, which begins at `separator`; no other does. */
  insert(separator: Gfn, piece: number): void {
    let t = this.#topOf(separator);
    if (this.#counts[this.#topNodes[t]] === this.#nodeLimit) {
      this.#splitNode(t);
      t = this.#topOf(separator);
    }
    const node = this.#topNodes[t];
    const at = this.#entryOf(node, separator) + 1, end = node * NODE + this.#counts[node]++;
    this.#keys.copyWithin(at + 1, at, end);
    this.#pieces.copyWithin(at + 1, at, end);
    this.#keys[at] = separator;
    this.#pieces[at] = piece;
  }

  /** Removes the piece that begins at `separator`: the one before it takes over. Not the first. */
  remove(separator: Gfn): void {
    const t = this.#topOf(separator), node = this.#topNodes[t];
    const at = this.#entryOf(node, separator), end = node * NODE + --this.#counts[node];
    this.#keys.copyWithin(at, at + 1, end + 1);
    this.#pieces.copyWithin(at, at + 1, end + 1);
    this.#keys[end] = Infinity;
    if (this.#counts[node] === 0) this.#removeTop(t, node);
    else this.#topKeys[t] = this.#keys[node * NODE]; // keeps 2)
  }

  /** Moves the separator `from` to `to`, past no other one. */
  move(from: Gfn, to: Gfn): void {
    const t = this.#topOf(from), node = this.#topNodes[t];
    this.#keys[this.#entryOf(node, from)] = to;
    this.#topKeys[t] = this.#keys[node * NODE]; // keeps 2)
  }

  /** The entries in order. Throws if an invariant does not hold. */
  checkedEntries(): { separator: Gfn; piece: number }[] {
    const entries: { separator: Gfn; piece: number }[] = [];
    for (let t = 0; t < this.#topCount; t++) {
      const node = this.#topNodes[t], from = node * NODE, count = this.#counts[node];
      if (count === 0) throw new Error(`Node ${node} is empty, against 2)`);
      if (this.#keys[from] !== this.#topKeys[t]) {
        throw new Error(`Top entry ${t} is not as 2) says`);
      }
      for (let at = from; at < from + NODE; at++) {
        if (at < from + count) {
          entries.push({ separator: this.#keys[at], piece: this.#pieces[at] });
        } else if (this.#keys[at] !== Infinity) throw new Error(`Node ${node} is against 3)`);
      }
    }
    if (this.#topKeys.subarray(this.#topCount).some((key) => key !== Infinity)) {
      throw new Error("The top is against 3)");
    }
    entries.forEach(({ separator }, i) => {
      const ascends = i === 0 ? separator === -Infinity : separator > entries[i - 1].separator;
      if (!ascends) throw new Error(`Separator ${i} is ${separator}, against 1)`);
    });
    return entries;
  }

  /** The last entry of the top at or below `gfn`. */
  #topOf(gfn: Gfn): number {
    let low = 0, high = this.#topCount;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#topKeys[middle] <= gfn) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The last entry of `node` at or below `gfn`. */
  #entryOf(node: number, gfn: Gfn): number {
    let at = node * NODE + this.#counts[node] - 1;
    while (this.#keys[at] > gfn) at--;
    return at;
  }

  #splitNode(t: number): void {
    const node = this.#topNodes[t], count = this.#counts[node];
    const right = this.#newNode(), keep = count >> 1;
    const from = node * NODE + keep, end = node * NODE + count;
    this.#keys.copyWithin(right * NODE, from, end);
    this.#pieces.copyWithin(right * NODE, from, end);
    this.#keys.fill(Infinity, from, end);
    this.#counts[node] = keep;
    this.#counts[right] = count - keep;
    this.#insertTop(t + 1, this.#keys[right * NODE], right);
  }

  #insertTop(t: number, separator: Gfn, node: number): void {
    if (this.#topCount === this.#topKeys.length) {
      this.#topKeys = grownFloats(this.#topKeys, 2 * this.#topCount);
      this.#topNodes = grownInts(this.#topNodes, 2 * this.#topCount);
    }
    this.#topKeys.copyWithin(t + 1, t, this.#topCount);
    this.#topNodes.copyWithin(t + 1, t, this.#topCount++);
    this.#topKeys[t] = separator;
    this.#topNodes[t] = node;
  }

  #removeTop(t: number, node: number): void {
    this.#topKeys.copyWithin(t, t + 1, this.#topCount);
    this.#topNodes.copyWithin(t, t + 1, this.#topCount);
    this.#topKeys[--this.#topCount] = Infinity;
    this.#freeNodes.push(node);
  }

  #newNode(): number {
    const free = this.#freeNodes.pop();
    if (free !== undefined) return free;
    // One more at first, then a quarter more: memory follows the pieces.
    const nodes = this.#counts.length;
    this.#reserve(nodes + 1 + (nodes >> 2));
    return this.#freeNodes.pop()!;
  }

  /** Makes room for `capacity` nodes in all. */
  #reserve(capacity: number): void {
    for (let node = capacity - 1; node >= this.#counts.length; node--) this.#freeNodes.push(node);
    this.#keys = grownFloats(this.#keys, capacity * NODE);
    this.#pieces = grownInts(this.#pieces, capacity * NODE);
    this.#counts = grownInts(this.#counts, capacity);
  }
}

function grownFloats(old: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length);
  grown.set(old);
  return grown.fill(Infinity, old.length);
}

function grownInts(old: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(old);
  return grown;
}
