/**
 * The searches of wasm_s_tree.ts in WebAssembly's text format; `deno task wat` assembles them into
 * code.ts. wasm_s_tree.ts draws the tree that they search.
 *
 * One function for each height, with all levels unrolled. Measured at 509 slots: a loop over levels
 * costs 10 %, a br_table into one chain of levels 8 %, and functions for the parts, which V8 does not
 * inline fully, 3 ns. Nodes of 16 keys are 33 % slower at 509 slots and equal from 4,096 up. Bases
 * beside the ends of their leaf are 15 % faster at a million slots and equal at 32,764, but then a
 * change cannot copy runs of ends and bases.
 */

/** The number of heights that have a search: up to 8 * 9^7 - 1 slots. */
export const HEIGHTS = 8;

/**
 * Twice the number of the 8 keys at `at` that are not greater than the gfn. A comparison sets a key's
 * 64 bits to all ones or all zeros; narrowing with saturation keeps them so, in 2 bytes at the end.
 */
function twiceCount(at: string): string {
  const compared = (offset: number) => `(f64x2.le (v128.load offset=${offset} ${at}) $GFNS)`;
  return `(i32.popcnt (i8x16.bitmask (i8x16.narrow_i16x8_s
      (i16x8.narrow_i32x4_s ${compared(0)} ${compared(16)})
      (i16x8.narrow_i32x4_s ${compared(32)} ${compared(48)}))))`;
}

/** Descends from a node to the child that the search leads to: 64 * k to 64 * (9 * k + 1 + count). */
const DOWN = `
    (local.set $node (i32.add
      (i32.add (i32.mul $NODE (i32.const 9)) (i32.const 64))
      (i32.shl ${twiceCount("$NODE")} (i32.const 5))))`;

/** The number of ends not greater than the gfn: 8 for each earlier leaf, and $ends2 / 2. */
function rank(height: number): string {
  const firstLeaf = 64 * (9 ** height - 1) / 8;
  return `(i32.add
      (i32.shr_u (i32.sub $NODE (i32.const ${firstLeaf})) (i32.const 3))
      (i32.shr_u (local.get $ends2) (i32.const 1)))`;
}

/**
 * Whether a slot holds the gfn: if so, in the leaf that the search leads to, one more base than ends
 * is not greater than it. Counting both takes 8 % less at 32,764 slots than comparing one base, as no
 * load waits for the other.
 */
const IS_HIT = `(i32.gt_u
      ${twiceCount("(i32.add $NODE (global.get $toBases))")}
      (local.get $ends2))`;

/** A function of a gfn; `result` can use the leaf in $node and twice its count in $ends2. */
function search(name: string, height: number, result: string): string {
  return `
  (func (export "${name}${height}") (param $gfn f64) (result i32)
    (local $gfns v128) (local $node i32) (local $ends2 i32)
    (local.set $gfns (f64x2.splat (local.get $gfn)))${DOWN.repeat(height)}
    (local.set $ends2 ${twiceCount("$NODE")})
    ${result})`;
}

/**
 * The text of the module. For each height h, `rankH` gives the number of ends that are not greater
 * than a gfn, which is the entry of the first greater end, and `findH` that entry plus one if its slot
 * holds the gfn, else 0. `toBases` is the distance in bytes from a leaf's ends to its bases.
 */
export function wat(): string {
  const searches = Array.from({ length: HEIGHTS }, (_, height) => {
    const hit = `(i32.add ${rank(height)} (i32.const 1))`;
    return search("rank", height, rank(height)) +
      search("find", height, `(select ${hit} (i32.const 0) ${IS_HIT})`);
  });
  return `(module
  (memory (import "js" "memory") 1)
  (global $toBases (export "toBases") (mut i32) (i32.const 0))${searches.join("")})`
    .replaceAll("$NODE", "(local.get $node)").replaceAll("$GFNS", "(local.get $gfns)");
}
