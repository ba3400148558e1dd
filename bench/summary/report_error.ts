/** What can be wrong with a file that is well formed. */

/** A file that makes no sense, or has not what was asked of it; in one line. */
export class ReportError extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "ReportError";
  /** Whether another command line would mend it. */
  readonly isUsage: boolean;

  /** With the words that will be printed. */
  constructor(message: string, { isUsage = false }: { isUsage?: boolean } = {}) {
    super(message);
    this.isUsage = isUsage;
  }
}
