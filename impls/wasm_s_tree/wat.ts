/**
 * The searches of wasm_s_tree.ts in WebAssembly's text format; `deno task wat` assembles them into
 * wasm_s_tree_code.ts. The tree they run over is drawn in wasm_s_tree.ts.
 *
 * A function for each height, with every level written out: a loop over levels costs 10 % at 509
 * slots, a br_table into one chain of levels 8 %, functions for the parts, which V8 does not inline
 * into each other as well as text does, 3 ns. Nodes of 16 keys are 33 % slower at 509 slots and equal
 * from 4,096 up; bases beside the ends of their leaf are 15 % faster at a million slots and equal at
 * 32,764, but then a change is no copy of a run.
 */

/** The heights that have a search: up to 8 * 9^7 slots less one. */
export const HEIGHTS = 8;

/**
 * Twice the number of the 8 keys at `at` that are not greater than the gfn. A comparison gives all
 * ones in a key's 64 bits or all zeros; narrowed with saturation they stay that, in 2 bytes at last.
 */
function twiceCount(at: string): string {
  const compared = (offset: number) => `(f64x2.le (v128.load offset=${offset} ${at}) $GFNS)`;
  return `(i32.popcnt (i8x16.bitmask (i8x16.narrow_i16x8_s
      (i16x8.narrow_i32x4_s ${compared(0)} ${compared(16)})
      (i16x8.narrow_i32x4_s ${compared(32)} ${compared(48)}))))`;
}

/** From a node to its child where the search goes on: from 64 * k to 64 * (9 * k + 1 + count). */
const DOWN = `
    (local.set $node (i32.add
      (i32.add (i32.mul $NODE (i32.const 9)) (i32.const 64))
      (i32.shl ${twiceCount("$NODE")} (i32.const 5))))`;

/** The number of all ends not greater than the gfn: 8 a leaf from the first on, and $ends2 / 2. */
function rank(height: number): string {
  const firstLeaf = 64 * (9 ** height - 1) / 8;
  return `(i32.add
      (i32.shr_u (i32.sub $NODE (i32.const ${firstLeaf})) (i32.const 3))
      (i32.shr_u (local.get $ends2) (i32.const 1)))`;
}

/**
 * Whether a slot holds the gfn: then, in the leaf the search leads to, one more base than ends is
 * not greater than it. Both are counted, as then no load waits for the other: 8 % at 32,764 slots.
 */
const IS_HIT = `(i32.gt_u
      ${twiceCount("(i32.add $NODE (global.get $toBases))")}
      (local.get $ends2))`;

/** A function of a gfn; its result sees the leaf in $node and in $ends2 twice its count. */
function search(name: string, height: number, result: string): string {
  return `
  (func (export "${name}${height}") (param $gfn f64) (result i32)
    (local $gfns v128) (local $node i32) (local $ends2 i32)
    (local.set $gfns (f64x2.splat (local.get $gfn)))${DOWN.repeat(height)}
    (local.set $ends2 ${twiceCount("$NODE")})
    ${result})`;
}

/**
 * The module: for each height h, `rankH` gives the number of ends that are not greater than a gfn,
 * which is the entry of the first that is, and `findH` one more than that if the slot there holds
 * the gfn, or else 0. `toBases` is the way from a leaf's ends to its bases.
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
