/**
 * Which tier of the engine a function is in. V8's status bits move between versions, so they are
 * read off functions of a known tier first. Needs `--v8-flags=--allow-natives-syntax`.
 */

/** A tier by its own name, or `unoptimised` below the optimising ones. */
export type Tier = "turbofan" | "maglev" | "unoptimised";

/** Tells the tier of a function. */
export type TierOf = (fn: unknown) => Tier;

/**
 * Makes a `TierOf` from this engine's own status bits; null where they tell nothing apart, or the
 * engine is not V8.
 */
export function calibrateTiers(): TierOf | null {
  let status: (fn: unknown) => number;
  try {
    status = native("f", "return %GetOptimizationStatus(f)");
  } catch {
    return null;
  }
  const optimise = "%PrepareFunctionForOptimization(f); f(1); f(2);";
  let made = 0;
  const known = (how: string) => {
    // Each of another source: what V8 knows of a function it has by the source's text.
    const fn = new Function(`return function (a) { return a + ${++made}; }`)();
    native("f", `${optimise} ${how}; f(3);`)(fn);
    return status(fn);
  };
  const plain = known("");
  const turbofan = known("%OptimizeFunctionOnNextCall(f)");
  const maglev = known("%OptimizeMaglevOnNextCall(f)");
  const top = turbofan & ~maglev & ~plain, middle = maglev & ~turbofan & ~plain;
  if (top === 0 || middle === 0) return null;
  return (fn) => {
    const bits = status(fn);
    if ((bits & top) === top) return "turbofan";
    return (bits & middle) === middle ? "maglev" : "unoptimised";
  };
}

/** Compiled at run time: the syntax is an error to whoever only reads this file. */
function native(parameter: string, body: string): (fn: unknown) => number {
  return new Function(parameter, body) as (fn: unknown) => number;
}
