/** Globs over the names in results: workloads, layouts, contenders. */

/** Whether the word is a glob and not a name. */
export function isGlob(word: string): boolean {
  return /[*?]/.test(word);
}

/** What matches `glob` as a whole: `*` is any text, `?` any character, all else itself. */
export function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su");
}
