/**
 * The harness's own copies of what it needs while the code of contenders is loaded: whatever a
 * contender does to `performance`, `JSON` or a prototype, the clock and the protocol stay as they
 * were. The copies are taken when this module is first loaded, which is before any contender is.
 */

import process from "node:process";
import { type MemoryUsage, SYSTEM } from "./system.ts";

/** A method as a function of its object, bound so that no prototype is asked when it is called. */
function uncurried<This, Args extends unknown[], Result>(
  method: (this: This, ...args: Args) => Result,
): (self: This, ...args: Args) => Result {
  return Function.prototype.call.bind(method) as (self: This, ...args: Args) => Result;
}

/** Milliseconds since the process began, of a clock that only goes forward. */
export const now: () => number = performance.now.bind(performance);

/** `JSON.stringify`. */
export const toJson: (value: unknown) => string = JSON.stringify;

/** `JSON.parse`. */
export const fromJson: (text: string) => unknown = JSON.parse;

/** `Math.round`. */
export const rounded: (value: number) => number = Math.round;

const resourceUsage = process.resourceUsage.bind(process);

/** How often the kernel has taken the processor away from this process so far. */
export function preemptions(): number {
  return resourceUsage().involuntaryContextSwitches;
}

/** Ends the process. */
export const exit: (code: number) => never = SYSTEM.exit;

/** Bytes of this isolate's heap and beside it. */
export const memoryUsage: () => MemoryUsage = SYSTEM.memoryUsage;

/** Collects garbage; does nothing without `--expose-gc`. */
export const collect: (options?: { type: "major" | "minor" }) => void =
  (globalThis as { gc?: (options?: { type: "major" | "minor" }) => void }).gc ?? (() => {});

const encode = TextEncoder.prototype.encode.bind(new TextEncoder());
const { write } = SYSTEM;
const subarray = uncurried<Uint8Array, [number], Uint8Array>(Uint8Array.prototype.subarray);

/** Writes all of `text` to standard output. */
export function writeOut(text: string): void {
  const bytes = encode(text);
  for (let at = 0; at < bytes.length;) at += write(subarray(bytes, at));
}
