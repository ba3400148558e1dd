/** Pictures of numbers in a line of text. */

const STEPS = "▁▂▃▄▅▆▇█";
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * Values as columns of eight heights, 0 to the largest, in at most `width` letters: of more values,
 * each letter shows the largest of its share.
 */
export function sparkline(values: readonly number[], width: number): string {
  const largest = Math.max(0, ...values), letters = Math.min(width, values.length);
  return Array.from({ length: letters }, (_, i) => {
    const from = Math.floor(i * values.length / letters);
    const to = Math.max(from + 1, Math.floor((i + 1) * values.length / letters));
    const value = Math.max(...values.slice(from, to));
    if (largest === 0 || value === 0) return STEPS[0];
    return STEPS[Math.min(7, Math.floor(8 * value / largest))];
  }).join("");
}

/** A bar of `share` of `width` letters, to an eighth of one; of more than nothing at least that. */
export function bar(share: number, width: number): string {
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(8 * width * share));
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}
