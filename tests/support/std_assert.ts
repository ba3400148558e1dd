/**
 * The part of Deno's standard `@std/assert` that these tests use, over node:assert, with its names
 * and semantics: for places that cannot reach JSR. To use the real one, change a line in deno.json:
 * `"@std/assert": "jsr:@std/assert@1"`.
 */
import nodeAssert, { AssertionError } from "node:assert";

export { AssertionError };

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** Fails unless `value` is truthy. */
export function assert(value: unknown, message = ""): asserts value {
  if (!value) throw new AssertionError({ message });
}

/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/** Fails unless both are the same value, as `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  nodeAssert.strictEqual(actual, expected, message);
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  if (actual.includes(expected)) return;
  throw new AssertionError({
    message: message ?? `Expected actual: "${actual}" to contain: "${expected}"`,
  });
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  if (!expected.test(actual)) {
    throw new AssertionError({
      message: message ?? `Expected actual: "${actual}" to match: "${expected}"`,
    });
  }
}

/** Fails unless `actual` is within `tolerance` of `expected` (1e-7 of it by default). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
): void {
  if (Object.is(actual, expected)) return;
  const most = tolerance ?? (isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (Math.abs(expected - actual) <= most) return;
  throw new AssertionError({
    message: message ?? `Expected actual: "${actual}" to be close to "${expected}"`,
  });
}

/** Fails unless `fn` throws an error of that class and with that text; gives the error back. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  includes = "",
): E {
  try {
    fn();
  } catch (error) {
    return checkThrown(error, errorClass, includes);
  }
  throw new AssertionError({ message: "Expected function to throw." });
}

/** Fails unless the promise of `fn` rejects with an error of that class and with that text. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  includes = "",
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checkThrown(error, errorClass, includes);
  }
  throw new AssertionError({ message: "Expected function to reject." });
}

function checkThrown<E extends Error>(
  error: unknown,
  errorClass: ErrorClass<E> | undefined,
  includes: string,
): E {
  assert(error instanceof Error, "A non-Error object was thrown or rejected.");
  if (errorClass !== undefined && !(error instanceof errorClass)) {
    throw new AssertionError({
      message: `Expected error to be instance of "${errorClass.name}", but was "${error.name}".`,
    });
  }
  assertStringIncludes(error.message, includes);
  return error as E;
}
