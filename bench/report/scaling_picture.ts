/**
 * A picture of ns against slot counts, on logarithmic axes: a line a contender with its interval,
 * names at the right end that never collide, and crossovers with the baseline as brackets below.
 */
// @ts-types="npm:@types/d3-scale@4.0.9"
import { scaleLog } from "d3-scale";
// @ts-types="npm:@types/d3-shape@3.2.0"
import { area, line } from "d3-shape";
import { type Child, element, type Markup } from "./svg.ts";
import { numberWords, oneWords, wholeWords } from "./words.ts";

/** One contender's times, ascending by slots. */
export interface PictureLine {
  readonly name: string;
  /** Its colour, 0 to 7, drawn with its name; null for a thin grey line without one. */
  readonly color: number | null;
  /** ns a step: the median over processes and its interval. */
  readonly points: readonly { slots: number; ns: number; low: number; high: number }[];
}

/** Where a contender and the baseline change places: between two slot counts. */
export interface PictureBracket {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

/** What a picture shows. */
export interface ScalingPicture {
  readonly title: string;
  /** What an axis of ns is of: `lookup`, `range`, `change`. */
  readonly unit: string;
  readonly lines: readonly PictureLine[];
  readonly brackets: readonly PictureBracket[];
}

/** Width of the picture in pixels. */
const WIDTH = 720;
/** Height of the plot in pixels; brackets come below it. */
const HEIGHT = 380;
/** Room for axes and names, in pixels. */
const MARGIN = { left: 62, right: 178, top: 34, bottom: 44 };
/** The least distance between two names, in pixels. */
const NAME_STEP = 14;

/** The picture as SVG markup, with its text alternative. */
export function scalingPicture(picture: ScalingPicture): Markup {
  const { title, lines, brackets, unit } = picture;
  const points = lines.flatMap(({ points }) => points);
  const slots = [...new Set(points.map(({ slots }) => slots))].sort((a, b) => a - b);
  const x = scaleLog([slots[0], slots[slots.length - 1]], [MARGIN.left, WIDTH - MARGIN.right]);
  const ns = points.flatMap(({ low, high }) => [low, high]);
  const y = scaleLog([Math.min(...ns), Math.max(...ns)], [HEIGHT - MARGIN.bottom, MARGIN.top])
    .nice();
  const height = HEIGHT + brackets.length * 16 + (brackets.length > 0 ? 22 : 0);
  const named = lines.filter(({ color }) => color !== null);
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      role: "img",
      "aria-label": alternative(picture),
      class: "picture",
    },
    element("title", {}, title),
    element("text", { x: MARGIN.left, y: 18, class: "heading" }, `${title}: ns ${oneWords(unit)}`),
    yAxis(y),
    xAxis(x, slots),
    lines.filter(({ color }) => color === null).map((each) => curveOf(each, { x, y })),
    named.map((each) => curveOf(each, { x, y })),
    namesOf(named, { x, y }),
    bracketsOf(brackets, x),
  );
}

type Scale = ReturnType<typeof scaleLog<number, number>>;

function yAxis(y: Scale): Child {
  const ticks = y.ticks(6).filter((tick) => Math.log10(tick) % 1 === 0 || y.ticks(6).length < 9);
  return [
    ticks.map((tick) => [
      element("line", {
        x1: MARGIN.left,
        x2: WIDTH - MARGIN.right,
        y1: y(tick),
        y2: y(tick),
        class: "grid",
      }),
      element("text", { x: MARGIN.left - 8, y: y(tick) + 4, class: "tick end" }, tickWords(tick)),
    ]),
  ];
}

function tickWords(tick: number): string {
  return tick >= 1 ? wholeWords(tick) : String(tick);
}

function xAxis(x: Scale, slots: readonly number[]): Child {
  const y = HEIGHT - MARGIN.bottom;
  return [
    element("line", { x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y, y2: y, class: "axis" }),
    slots.map((count) => [
      element("line", { x1: x(count), x2: x(count), y1: y, y2: y + 5, class: "axis" }),
      element("text", { x: x(count), y: y + 18, class: "tick middle" }, wholeWords(count)),
    ]),
    element(
      "text",
      { x: (MARGIN.left + WIDTH - MARGIN.right) / 2, y: y + 36, class: "tick middle" },
      "slots",
    ),
  ];
}

/** A line with its band; the class says which colour, the data attribute whose it is. */
function curveOf(
  { name, points, color }: PictureLine,
  { x, y }: { x: Scale; y: Scale },
): Child {
  type Point = PictureLine["points"][number];
  const path = line<Point>().x(({ slots }) => x(slots)).y(({ ns }) => y(ns)).digits(1);
  const band = area<Point>().x(({ slots }) => x(slots)).y0(({ low }) => y(low))
    .y1(({ high }) => y(high)).digits(1);
  const tone = color === null ? "other" : `color-${color}`;
  return element(
    "g",
    { class: `curve ${tone}`, "data-name": name },
    element("title", {}, `${name}: ${points.map(pointWords).join(", ")}`),
    color === null ? null : element("path", { d: band([...points]) ?? "", class: "band" }),
    element("path", { d: path([...points]) ?? "", class: "line" }),
    color === null
      ? null
      : points.map(({ slots, ns }) => element("circle", { cx: x(slots), cy: y(ns), r: 2.6 })),
  );
}

function pointWords({ slots, ns }: { slots: number; ns: number }): string {
  return `${numberWords(ns)} ns at ${wholeWords(slots)}`;
}

/** Names at the ends of their lines, moved apart, each with a leader to its line. */
function namesOf(lines: readonly PictureLine[], { x, y }: { x: Scale; y: Scale }): Child {
  const ends = lines.map(({ name, points, color }) => {
    const { slots, ns } = points[points.length - 1];
    return { name, color, x: x(slots), y: y(ns) };
  });
  const places = apart(ends.map((end) => end.y), [MARGIN.top, HEIGHT - MARGIN.bottom]);
  return ends.map(({ name, color, x, y }, i) => [
    element("path", {
      d: `M${x + 4},${round(y)}L${WIDTH - MARGIN.right + 12},${round(places[i])}`,
      class: "leader",
    }),
    element(
      "text",
      { x: WIDTH - MARGIN.right + 16, y: places[i] + 4, class: `name color-${color}` },
      name,
    ),
  ]);
}

/**
 * Places at least `NAME_STEP` apart that stay near `wanted`: neighbours that meet are pooled around
 * their mean, as in isotonic regression, and all are kept within `[top, bottom]`.
 */
export function apart(
  wanted: readonly number[],
  [top, bottom]: readonly [number, number],
): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const pools: { sum: number; count: number }[] = [];
  order.forEach((i, rank) => {
    let pool = { sum: wanted[i] - rank * NAME_STEP, count: 1 };
    while (pools.length > 0 && pools.at(-1)!.sum / pools.at(-1)!.count > pool.sum / pool.count) {
      const { sum, count } = pools.pop()!;
      pool = { sum: sum + pool.sum, count: count + pool.count };
    }
    pools.push(pool);
  });
  const means = pools.flatMap(({ sum, count }) => new Array<number>(count).fill(sum / count));
  const most = bottom - (wanted.length - 1) * NAME_STEP;
  const places = new Array<number>(wanted.length);
  order.forEach((i, rank) => {
    places[i] = Math.max(top, Math.min(most, means[rank])) + rank * NAME_STEP;
  });
  return places;
}

function bracketsOf(brackets: readonly PictureBracket[], x: Scale): Child {
  if (brackets.length === 0) return null;
  return [
    element(
      "text",
      { x: MARGIN.left, y: HEIGHT + 8, class: "tick" },
      "changes places with the baseline between:",
    ),
    brackets.map(({ name, low, high }, i) => {
      const y = HEIGHT + 24 + i * 16;
      return [
        element("path", {
          d: `M${round(x(low))},${y - 4}v8M${round(x(low))},${y}H${round(x(high))}M${
            round(x(high))
          },${y - 4}v8`,
          class: "bracket",
        }),
        element(
          "text",
          { x: WIDTH - MARGIN.right + 16, y: y + 4, class: "tick" },
          name,
        ),
      ];
    }),
  ];
}

function alternative({ title, unit, lines }: ScalingPicture): string {
  const ends = lines.filter(({ color }) => color !== null).map(({ name, points }) => {
    const first = points[0], last = points[points.length - 1];
    return `${name} ${pointWords(first)} and ${pointWords(last)} slots`;
  });
  return `${title}: ns ${oneWords(unit)} over slot counts. ${ends.join("; ")}.`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
