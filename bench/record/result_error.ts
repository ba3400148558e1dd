/** What reading and writing files of results throws, and the words for what the system says. */

/** A file that cannot be read or written, in one line: what, where and how to mend it. */
export class ResultFileError extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "ResultFileError";
}

/** What the system says of a failure, without its numbers. */
export function systemWords(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file or folder";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*/, "");
}
