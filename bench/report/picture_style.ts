/** The colours of pictures and of the page, light and dark; Okabe and Ito's, for every kind of sight. */

/** Colours by name: [light, dark]. Text colours have a contrast of 4.5 or more on the background. */
const COLORS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  background: ["#ffffff", "#14171a"],
  raised: ["#f5f6f7", "#1e2327"],
  text: ["#1a1d20", "#e6e8ea"],
  dim: ["#565d64", "#a4abb2"],
  line: ["#d5d9dd", "#3a4147"],
  accent: ["#00579c", "#7cc0f5"],
  good: ["#e2f0fb", "#12324a"],
  close: ["#fdf3dc", "#3d3214"],
  "color-0": ["#0067ab", "#56b4e9"],
  "color-1": ["#a84300", "#f09a55"],
  "color-2": ["#00735a", "#33c79c"],
  "color-3": ["#a03a78", "#e596c0"],
  "color-4": ["#7a5b00", "#e6c14a"],
  "color-5": ["#5a4fb0", "#aca3f5"],
  "color-6": ["#3d464e", "#cdd3d8"],
  "color-7": ["#b3261e", "#f2938c"],
};

/** Custom properties for both looks; `scheme` fixes one, otherwise the reader's choice decides. */
export function colorStyle(scheme?: "light" | "dark"): string {
  const block = (at: 0 | 1) =>
    Object.entries(COLORS).map(([name, pair]) => `--${name}:${pair[at]}`).join(";");
  if (scheme !== undefined) return `:root{${block(scheme === "light" ? 0 : 1)}}`;
  return `:root{color-scheme:light dark;${block(0)}}` +
    `@media (prefers-color-scheme:dark){:root{${block(1)}}}`;
}

/** How lines, names and axes of a picture look. */
export const PICTURE_STYLE = [
  ".picture{font:12px system-ui,sans-serif;max-width:100%;height:auto}",
  ".picture text{fill:var(--text)}.picture .heading{font-weight:600;font-size:14px}",
  ".picture .tick{fill:var(--dim);font-size:11px}.picture .end{text-anchor:end}",
  ".picture .middle{text-anchor:middle}.picture .grid{stroke:var(--line)}",
  ".picture .axis{stroke:var(--dim)}.picture .leader{stroke:var(--line);fill:none}",
  ".picture .bracket{stroke:var(--text);fill:none;stroke-width:1.5}",
  ".picture .line{fill:none;stroke-width:2}.picture .other .line{stroke:var(--dim);stroke-width:1;opacity:.35}",
  ".picture .band{opacity:.15;stroke:none}",
  ...Array.from(
    { length: 8 },
    (_, i) =>
      `.picture .color-${i} .line{stroke:var(--color-${i})}.picture .color-${i} .band,` +
      `.picture .color-${i} circle,.picture .name.color-${i}{fill:var(--color-${i})}`,
  ),
  ".picture .curve.marked .line{stroke:var(--accent);stroke-width:3;opacity:1}",
].join("");

/** A picture as a file of its own: with its colours, on its background. */
export function standalone(picture: { toString(): string }, scheme?: "light" | "dark"): string {
  const style = `<style>${colorStyle(scheme)}${PICTURE_STYLE}</style>` +
    `<rect width="100%" height="100%" fill="var(--background)"/>`;
  return `${picture.toString().replace(/>/, `>${style}`)}\n`;
}
