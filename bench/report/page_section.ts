/** A part of the page under a title that a screen reader can jump to. */
import { type Child, element } from "./svg.ts";

/** A section of the page with the id `id`. */
export function section(id: string, title: string, ...children: Child[]): Child {
  return element(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    element("h2", { id: `${id}-title` }, title),
    ...children,
  );
}
