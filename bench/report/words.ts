/** Numbers and places in words, alike in all tables. */
import type { Cell } from "../record/schema.ts";

/**
 * Text of a file, a path or an argument, fit for every format: control characters, which could steer a
 * terminal, invisible ones, those that turn the order of letters, and lone surrogates become blanks.
 */
export function clean(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu,
    " ",
  );
}

/** What stands where nothing is known. */
export const NONE = "-";

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** `4.52`, `44.7`, `1,234`: three digits, or all before the point. */
export function numberWords(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size >= 99.95) return WHOLE.format(value);
  return value.toFixed(size >= 9.995 ? 1 : 2);
}

/** A count: `1,234`. */
export function wholeWords(count: number): string {
  return WHOLE.format(count);
}

/** `0.338`, `1.031`, `27.6`, `1,234`: a tenth of a per cent near 1, three digits elsewhere. */
export function ratioWords(ratio: number): string {
  if (!Number.isFinite(ratio)) return NONE;
  if (ratio >= 9.9995 || ratio < 0.0995) return numberWords3(ratio);
  return ratio.toFixed(3);
}

function numberWords3(ratio: number): string {
  if (ratio >= 99.95) return WHOLE.format(ratio);
  return ratio >= 1 ? ratio.toFixed(1) : ratio.toPrecision(2);
}

/** An exponent of growth: `0.27`. */
export function exponentWords(exponent: number): string {
  return exponent.toFixed(2);
}

/** Three digits everywhere: `0.991`, `3.70`, `11,100`. */
export function digitsWords(value: number): string {
  return value < 99.95 ? value.toPrecision(3) : wholeWords(Number(value.toPrecision(3)));
}

/** A share in per cent: `2 %`, `99.2 %`; at most one decimal. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** `[0.331, 0.345]`. */
export function intervalWords({ low, high }: { low: number; high: number }): string {
  return `[${ratioWords(low)}, ${ratioWords(high)}]`;
}

/** A gfn as powers of two: `2^20`, `0`, or in full. */
export function gfnWords(gfn: number): string {
  const power = Math.log2(gfn);
  return gfn > 1 && Number.isInteger(power) ? `2^${power}` : WHOLE.format(gfn);
}

/** `find_uniform, scattered, 509 slots from gfn 2^20, solo`, and the cache if there is one. */
export function cellWords(cell: Cell): string {
  return `${courseWords(cell)}, ${loopWords(cell)}`;
}

/** `find_uniform, scattered, 509 slots from gfn 2^20`: what is asked of what. */
export function courseWords(cell: Cell): string {
  return `${workloadWords(cell)}, ${cell.layout}, ${WHOLE.format(cell.slots)} slots from gfn ${
    gfnWords(cell.originGfn)
  }`;
}

/** `find_uniform at 509`, `zap_8 at 32,764 in node`: where something was found out. */
export function shortWords(cell: Cell): string {
  const { slots, engine } = cell;
  return `${workloadWords(cell)} at ${WHOLE.format(slots)}${
    engine === "deno" ? "" : ` in ${engine}`
  }`;
}

/** `find_uniform`; of a mix with its shares, `mix of find=95,range=4,change=1`. */
export function workloadWords({ workload, mix }: Cell): string {
  return mix === undefined ? workload : `${workload} of ${mix}`;
}

/** The same of all slot counts together. */
export function placeWords(cell: Cell): string {
  return `${workloadWords(cell)}, ${cell.layout} from gfn ${gfnWords(cell.originGfn)}, ${
    loopWords(cell)
  }`;
}

/**
 * `solo`, `mixed, last_used_slot of the set, in node`: what stands between the guest and the index, and
 * the engine if it is not Deno.
 */
export function loopWords({ condition, lastUsed, engine }: LoopFields): string {
  const cache = lastUsed === "off" ? "" : `, last_used_slot of the ${lastUsed}`;
  return `${condition}${cache}${engine === "deno" ? "" : `, in ${engine}`}`;
}

type LoopFields = Pick<Cell, "condition" | "lastUsed" | "engine">;

/** `a lookup`, `an operation`: one of a unit. */
export function oneWords(unit: string): string {
  return `${/^[aeiou]/.test(unit) ? "an" : "a"} ${unit}`;
}

/** `1 cell`, `2 cells`. */
export function countWords(count: number, noun: string, plural = `${noun}s`): string {
  return `${WHOLE.format(count)} ${count === 1 ? noun : plural}`;
}

/** `a, b and c`. */
export function listWords(items: readonly string[]): string {
  return new Intl.ListFormat("en-GB").format(items);
}
