/** What was thrown, in one line: `RangeError: Cannot insert ...`. */
export function thrownWords(error: unknown): string {
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return words.replace(/\s*\n\s*/g, " ").trim();
}
