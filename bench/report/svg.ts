/** SVG and HTML as strings, with every text escaped: nothing that a file holds becomes markup. */

import { clean } from "./words.ts";

/** A piece of markup that needs no more escaping. */
export class Markup {
  /** The text of it. */
  readonly text: string;

  /** Takes markup as it is: only `element` and `join` make it. */
  constructor(text: string) {
    this.text = text;
  }

  /** The markup itself, so that it can stand in a template. */
  toString(): string {
    return this.text;
  }
}

/** What may stand in an element: markup as it is, anything else as escaped text; null for nothing. */
export type Child = Markup | string | number | null | readonly Child[];

/** Attribute values; null and false leave the attribute out, true gives it without a value. */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/**
 * An element: `element("text", { x: 1 }, "a < b")`. Elements without children are closed at once.
 *
 * ```ts
 * import { element } from "./svg.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(element("b", { title: '"' }, "a < b").text, '<b title="&quot;">a &lt; b</b>');
 * ```
 */
export function element(name: string, attributes: Attributes, ...children: Child[]): Markup {
  const parts = Object.entries(attributes).flatMap(([key, value]) => {
    if (value === null || value === undefined || value === false) return [];
    return value === true ? [` ${key}`] : [` ${key}="${escapeText(String(numeric(value)))}"`];
  });
  return new Markup(`<${name}${parts.join("")}>${join(children)}</${name}>`);
}

/** An element without an end tag, as HTML's `input`. */
export function voidElement(name: string, attributes: Attributes): Markup {
  return new Markup(element(name, attributes).text.replace(/<\/[^>]*>$/, ""));
}

/** Children one after the other, as text. */
export function join(children: readonly Child[]): string {
  return children.map((child) => {
    if (child === null) return "";
    if (child instanceof Markup) return child.text;
    return Array.isArray(child) ? join(child) : escapeText(String(child));
  }).join("");
}

/**
 * Text for markup: special characters escaped, and control characters, direction marks and lone
 * surrogates as spaces, so that a name of a file can neither end an attribute nor turn a line round.
 */
export function escapeText(text: string): string {
  return clean(text).replace(/[&<>"']/g, (char) => `&${ENTITIES[char]};`);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "#39",
};

/** Coordinates to a tenth of a pixel: the same picture byte for byte on every machine. */
function numeric(value: string | number | boolean): string | number | boolean {
  return typeof value === "number" ? Math.round(value * 10) / 10 : value;
}
