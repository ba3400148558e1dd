/** The tables of the page: every cell, memory, means, interface tax, several runs. All sort by their titles. */
import { labelOf } from "./labelled.ts";
import { familyMeans, interfaceTaxes } from "../summary/growth.ts";
import { type CellSummary, isContender, type Summary, timingOf } from "../summary/summary.ts";
import { signInterval } from "../stats/intervals.ts";
import { section } from "./page_section.ts";
import { machineNote } from "./race_report.ts";
import { type Child, element, voidElement } from "./svg.ts";
import { familyWords, outWords, verdictWords } from "./verdict_words.ts";
import {
  cellWords,
  intervalWords,
  loopWords,
  numberWords,
  oneWords,
  ratioWords,
  wholeWords,
} from "./words.ts";

/** A table of each cell, behind its summary. */
export function cellSection(summary: Summary): Child {
  return section(
    "cells",
    "Every cell",
    element(
      "p",
      {},
      element(
        "label",
        {},
        "only contenders with ",
        voidElement("input", { type: "search", id: "filter" }),
        " in their name",
      ),
    ),
    summary.cells.filter(({ entries }) => entries.some(isContender)).map((cell, i) =>
      element(
        "details",
        { open: i === 0 },
        element(
          "summary",
          {},
          `${cellWords(cell.cell)}: ns ${oneWords(cell.unit)}${machineNote(cell, summary)}`,
        ),
        cellTable(cell),
      )
    ),
  );
}

function cellTable({ cell, entries }: CellSummary): Child {
  const rows = entries.filter((entry) => isContender(entry) || entry.role === "floor").map(
    (entry) => {
      const { name, result, isBase, role } = entry, timing = timingOf(entry);
      const ratio = result.kind === "timed" ? result.judged?.ratio : null;
      const ns = timing?.nsByProcess.filter(Number.isFinite) ?? [];
      const interval = ns.length > 1 ? signInterval(ns) : null;
      return {
        name,
        cells: [
          timing ? numberWords(timing.nsPerStep) : "",
          interval ? `[${numberWords(interval.low)}, ${numberWords(interval.high)}]` : "",
          isBase ? "1" : ratio ? ratioWords(ratio.point) : "",
          ratio ? intervalWords(ratio) : "",
          timing ? numberWords(timing.timesFloor) : "",
          verdictOf(result, isBase, role),
        ],
        ns: timing?.nsPerStep ?? Infinity,
      };
    },
  ).toSorted((a, b) => a.ns - b.ns);
  return sortableTable(
    cellWords(cell),
    ["contender", "ns", "interval of ns", "ratio", "interval", "times the floor", "verdict"],
    rows,
  );
}

function verdictOf(
  result: CellSummary["entries"][number]["result"],
  isBase: boolean,
  role: string,
): string {
  if (result.kind !== "timed") return `${outWords(result)}: ${result.words}`;
  if (isBase) return "baseline";
  if (role === "floor") return "the loop alone";
  return result.judged ? verdictWords(result.judged.verdict) : "";
}

type SortableRow = {
  readonly name: string;
  /** Numbers, intervals or words: page_script.ts sorts them by what they begin with. */
  readonly cells: readonly string[];
};

function sortableTable(
  label: string,
  titles: readonly string[],
  rows: readonly SortableRow[],
): Child {
  return element(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": `Table: ${label}` },
    element(
      "table",
      { class: "sortable" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          titles.map((title) =>
            element("th", { scope: "col" }, element("button", { type: "button" }, title))
          ),
        ),
      ),
      element(
        "tbody",
        {},
        rows.map(({ name, cells }) =>
          element(
            "tr",
            {},
            element("th", { scope: "row" }, name),
            cells.map((words) => element("td", {}, words)),
          )
        ),
      ),
    ),
  );
}

/** Bytes a slot and build times at each slot count that was probed. */
export function memorySection({ cells }: Summary): Child {
  const probed = [
    ...new Map(
      cells.filter(({ entries }) =>
        entries.some(({ probe }) => probe?.liveBytesPerSlot !== undefined)
      ).map((cell) => [cell.cell.slots, cell]),
    ).values(),
  ]
    .toSorted((a, b) => a.cell.slots - b.cell.slots);
  if (probed.length === 0) return null;
  const names = [
    ...new Set(
      probed.flatMap(({ entries }) => entries.filter(isContender).map(({ name }) => name)),
    ),
  ];
  const rows = names.map((name) => ({
    name,
    cells: probed.flatMap(({ entries }) => {
      const probe = entries.find((entry) => entry.name === name)?.probe;
      return [probe?.liveBytesPerSlot, probe?.buildNsPerSlotSorted].map((value) =>
        value === undefined ? "" : numberWords(value)
      );
    }),
  }));
  const titles = probed.flatMap(({ cell }) => [
    `bytes a slot at ${wholeWords(cell.slots)}`,
    `build ns a slot at ${wholeWords(cell.slots)}`,
  ]);
  return section(
    "memory",
    "Memory and build",
    sortableTable("memory and build", ["contender", ...titles], rows),
  );
}

export function meanSection(summary: Summary): Child {
  const families = [...Map.groupBy(familyMeans(summary), ({ family }) => family)];
  if (families.length === 0) return null;
  return section(
    "means",
    `Geometric means of the ratio to ${summary.base}`,
    families.map(([family, means]) =>
      element(
        "details",
        {},
        element(
          "summary",
          {},
          `${familyWords(family.of)}, ${loopWords(family)}: ${family.cells.length} cells`,
        ),
        sortableTable(
          `means of ${familyWords(family.of)}, ${loopWords(family)}`,
          ["contender", "mean", "interval", "verdict"],
          means.map(({ contender, mean, verdict }) => ({
            name: contender,
            cells: mean.kind === "estimated"
              ? [
                ratioWords(mean.estimate.point),
                intervalWords(mean.estimate),
                verdict ? verdictWords(verdict) : "",
              ]
              : ["", "", mean.why],
          })),
        ),
      )
    ),
  );
}

export function taxSection(summary: Summary): Child {
  const taxes = interfaceTaxes(summary);
  if (taxes.length === 0) return null;
  return section(
    "tax",
    "Interface tax: one loop for all over a loop of its own",
    sortableTable(
      "interface tax",
      ["contender", "ratio", "interval", "cell"],
      taxes.map(({ contender, ratio, cell }) => ({
        name: contender,
        cells: [
          ratioWords(ratio.point),
          intervalWords(ratio),
          cellWords(cell.cell),
        ],
      })),
    ),
  );
}

/** Several runs: ratios to the baseline, cell by cell, a column a run. */
export function runsSection(summaries: readonly Summary[]): Child {
  const rows = summaries[0].cells.flatMap(({ cell, entries }) =>
    entries.filter((entry) => isContender(entry) && !entry.isBase).map(({ name }) => ({
      name,
      cells: [
        cellWords(cell),
        ...summaries.map(({ cells }) => {
          const same = cells.find((other) => cellWords(other.cell) === cellWords(cell));
          const result = same?.entries.find((entry) => entry.name === name)?.result;
          const ratio = result?.kind === "timed" ? result.judged?.ratio : null;
          return ratio ? `${ratioWords(ratio.point)} ${intervalWords(ratio)}` : "";
        }),
      ],
    }))
  );
  return section(
    "runs",
    "Runs side by side, as ratios to the baseline",
    element(
      "ul",
      {},
      summaries.map(({ run }, i) =>
        element("li", {}, `${labelOf(i)}: ${run.startedAt} on ${run.host}, ${run.environment.cpu}`)
      ),
    ),
    sortableTable(
      "runs side by side",
      ["contender", "cell", ...summaries.map((_, i) => labelOf(i))],
      rows,
    ),
  );
}
