/** The pictures of the page: for each workload raced at several slot counts, times against slots. */
import { type Cell, cellKey } from "../record/schema.ts";
import { signInterval } from "../stats/intervals.ts";
import { curves } from "../summary/growth.ts";
import { isContender, type Summary, timingOf } from "../summary/summary.ts";
import { section } from "./page_section.ts";
import { type PictureLine, type ScalingPicture, scalingPicture } from "./scaling_picture.ts";
import { type Child, element } from "./svg.ts";
import { placeWords } from "./words.ts";

/** As many contenders get colour and name in a picture; the others are grey. */
const MOST_NAMED = 7;

export function curveSection(summary: Summary): Child {
  const all = curves(summary).filter(({ isOfOneMachine }) => isOfOneMachine);
  if (all.length === 0) return null;
  const names = [...new Set(all.flatMap(({ growth }) => growth.map(({ contender }) => contender)))];
  return section(
    "curves",
    "How times grow with slots",
    element(
      "label",
      {},
      "mark in all pictures ",
      element(
        "select",
        { id: "mark" },
        element("option", { value: "" }, "none"),
        names.map((name) => element("option", { value: name }, name)),
      ),
    ),
    colored(all.map((curve) => pictureOf(curve, summary)))
      .map((picture) => element("figure", {}, scalingPicture(picture))),
  );
}

/** A curve as a picture: the baseline, the fastest at both ends and the textbook trees are named. */
export function pictureOf(
  { cell, crossovers }: ReturnType<typeof curves>[number],
  summary: Summary,
) {
  const keyOf = (cell: Cell) => cellKey({ ...cell, slots: 1 }), key = keyOf(cell);
  const cells = summary.cells.filter((other) => keyOf(other.cell) === key)
    .toSorted((a, b) => a.cell.slots - b.cell.slots);
  const contenders = [
    ...new Set(cells.flatMap(({ entries }) => entries.filter(isContender).map(({ name }) => name))),
  ];
  const lines = contenders.flatMap((name): Omit<PictureLine, "color">[] => {
    const points = cells.flatMap(({ cell, entries }) => {
      const timing = timingOf(entries.find((entry) => entry.name === name));
      const ns = timing?.nsByProcess.filter(Number.isFinite) ?? [];
      if (timing === null || ns.length === 0) return [];
      const { low, high } = signInterval(ns);
      return [{ slots: cell.slots, ns: timing.nsPerStep, low, high }];
    });
    return points.length < 2 ? [] : [{ name, points }];
  });
  const named = namesToShow(lines, summary.base);
  const color = (name: string) => named.includes(name) ? named.indexOf(name) : null;
  return {
    title: placeWords(cell),
    unit: cells[0]?.unit ?? "step",
    lines: lines.map((each) => ({ ...each, color: color(each.name) })),
    brackets: crossovers.flatMap(({ contender, crossover }) =>
      crossover.kind === "crosses" && named.includes(contender)
        ? [{ name: contender, low: crossover.from, high: crossover.to }]
        : []
    ),
  };
}

function namesToShow(lines: readonly Omit<PictureLine, "color">[], base: string): string[] {
  const by = (at: number) =>
    lines.toSorted((a, b) => (a.points.at(at)?.ns ?? Infinity) - (b.points.at(at)?.ns ?? Infinity))
      .map(({ name }) => name);
  const wanted = [
    base,
    ...by(0).slice(0, 2),
    ...by(-1).slice(0, 3),
    "rb_tree",
    "linear_scan",
    "npm_sorted_btree",
  ];
  const present = lines.map(({ name }) => name);
  return [...new Set(wanted)].filter((name) => present.includes(name)).slice(0, MOST_NAMED);
}

/** The pictures with one colour a contender in all of them, as far as eight colours go. */
export function colored(pictures: readonly ScalingPicture[]): ScalingPicture[] {
  const colors = new Map<string, number>();
  return pictures.map((picture) => {
    const named = picture.lines.filter(({ color }) => color !== null).map(({ name }) => name);
    const taken = new Set(named.flatMap((name) => colors.get(name) ?? []));
    const own = new Map<string, number>(), used = new Set<number>();
    for (const name of named) {
      const known = colors.get(name);
      const free = COLOR_NUMBERS.find((color) => !used.has(color) && !taken.has(color)) ??
        COLOR_NUMBERS.find((color) => !used.has(color))!;
      const color = known !== undefined && !used.has(known) ? known : free;
      used.add(color);
      own.set(name, color);
      if (known === undefined) colors.set(name, color);
    }
    return {
      ...picture,
      lines: picture.lines.map((line) => ({ ...line, color: own.get(line.name) ?? null })),
    };
  });
}

const COLOR_NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7];
