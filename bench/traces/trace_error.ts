/** The error of a file that cannot be read, or that says what cannot be. */

/** A file that is not what it should be: one line, with the file's name and the line's number. */
export class TraceError extends Error {
  /** The name of the class. */
  override readonly name = "TraceError";
}

/** Of the words of a file, as much as fits an error message, in quotes and without control characters. */
export function quoted(text: string): string {
  const MOST = 60;
  const short = text.length > MOST ? `${text.slice(0, MOST)}...` : text;
  return JSON.stringify(short);
}
