/**
 * `deno task report`: one page that holds everything, the answer first. No network, no framework:
 * tables and pictures are in the markup; the script only sorts, filters, marks and recommends.
 */
import { gzipSync } from "node:zlib";
import type { ChangesOf } from "../summary/winners.ts";
import { winsOf } from "../summary/winners.ts";
import { areOfOneMachine } from "../summary/machines.ts";
import { MIX_PARTS, mixCellsOf } from "../summary/mix_cells.ts";
import type { CellSummary, Summary } from "../summary/summary.ts";
import { signInterval } from "../stats/intervals.ts";
import { curveSection } from "./page_curves.ts";
import { engineLines } from "./engine_tables.ts";
import { machineLines } from "./race_report.ts";
import { section } from "./page_section.ts";
import { cellSection, meanSection, memorySection, runsSection, taxSection } from "./page_tables.ts";
import { PAGE_SCRIPT, SCRIPT_FUNCTIONS } from "./page_script.ts";
import { PAGE_STYLE } from "./page_style.ts";
import { colorStyle, PICTURE_STYLE } from "./picture_style.ts";
import { type Child, element, join, voidElement } from "./svg.ts";
import { cellWords, gfnWords, loopWords, ratioWords, wholeWords, workloadWords } from "./words.ts";

/** What the page is made from. */
export interface PageInput {
  /** The runs, the first of which the page is about; the others stand beside it in ratios. */
  readonly summaries: readonly Summary[];
  /** How a contender takes a change, by its name. */
  readonly changesOf: ChangesOf;
  /** Lines of the checks of the first run, in words. */
  readonly checkLines: readonly string[];
  /** The data of all files as CSV, to download. */
  readonly csv: string;
}

/** The page as HTML. */
export function pageOf(input: PageInput): string {
  const [summary] = input.summaries;
  const body = join([
    header(summary, input),
    element(
      "main",
      { id: "main" },
      winnerSection(summary, input),
      recommendSection(summary),
      curveSection(summary),
      cellSection(summary),
      memorySection(summary),
      meanSection(summary),
      taxSection(summary),
      engineSection(summary),
      input.summaries.length > 1 ? runsSection(input.summaries) : null,
      checkSection(summary, input),
    ),
    element("footer", {}, "Made by ", element("code", {}, "deno task report"), ". ", LIMITS),
  ]);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Race of memslot indexes</title>
<style>${colorStyle()}${PAGE_STYLE}${PICTURE_STYLE}</style></head>
<body><a class="skip" href="#main">Skip to the answer</a>${body}
<script type="application/json" id="data">${inScript(pageData(summary, input))}</script>
<script>${SCRIPT_FUNCTIONS}\n${PAGE_SCRIPT}</script></body></html>
`;
}

const LIMITS =
  "Times belong to one machine, one engine and one hour: compare ratios. Nothing here " +
  "is about the kernel's speed.";

/** JSON that cannot end its script element. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

/** Whether the ranking holds in the engines besides the first. */
function engineSection(summary: Summary): Child {
  const lines = engineLines(summary);
  if (lines.length === 0) return null;
  return section("engines", "Other engines", ...lines.map((line) => element("p", {}, line)));
}

function pageData(summary: Summary, { csv }: PageInput) {
  const cells = mixCellsOf(summary).map((cell) => ({
    ...cell,
    ns: cell.ns.map(({ name, ns }) => ({ name, ns: ns.map(shortened) })),
  }));
  const most = Math.max(1, summary.processes.length);
  const ranks = Array.from(
    { length: most },
    (_, i) => signInterval(Array.from({ length: i + 1 }, (_, value) => value)).rank,
  );
  return { cells, ranks, csv: gzipSync(csv, { level: 9 }).toString("base64") };
}

/** ns to five digits: the ranking shows three. */
function shortened(ns: number | null): number | null {
  return ns === null ? null : Number(ns.toPrecision(5));
}

function header({ run, cells, processes, base }: Summary, { summaries }: PageInput): Child {
  const { environment: { cpu, cores, deno }, plan } = run;
  const place = areOfOneMachine(cells)
    ? `on ${cpu}, ${cores} cores, Deno ${deno}`
    : "on several machines";
  return element(
    "header",
    {},
    element("h1", {}, "Which index should hold a guest's memory slots?"),
    element(
      "p",
      {},
      `${plan.contenders.length} indexes ${place}, ${run.startedAt.slice(0, 10)}; ` +
        `${processes.length} processes, each ` +
        `answer checked. Ratios are to ${base}: below 1 is faster.` +
        (summaries.length > 1 ? ` ${summaries.length} runs stand side by side below.` : ""),
    ),
  );
}

/** Who wins where: a row a workload, a column a slot count. */
function winnerSection(summary: Summary, { changesOf }: PageInput): Child {
  const wins = winsOf(summary, changesOf).all.filter(({ family }) => family.of.kind === "cell");
  if (wins.length === 0) return null;
  const slots = [...new Set(wins.map(({ family }) => family.cells[0].cell.slots))]
    .sort((a, b) => a - b);
  const rows = Map.groupBy(wins, ({ family }) => rowWords(family.cells[0]));
  const cellOf = (win: typeof wins[number] | undefined): Child => {
    if (win === undefined) return element("td", { class: "none" }, "");
    const { winner, rivals } = win.podium;
    const ties = rivals.filter(({ is }) => is === "not separated" || is === "looks slower");
    const next = rivals[0];
    const tone = ties.length > 0 ? "tie" : "sure";
    return element(
      "td",
      { class: tone, title: cellWords(win.family.cells[0].cell) },
      element("strong", {}, winner),
      element(
        "span",
        {},
        Number.isFinite(win.ratio) ? `${ratioWords(win.ratio)} of ${summary.base}` : "no ratio",
      ),
      element(
        "span",
        { class: "dim" },
        ties.length > 0
          ? `cannot tell from ${ties.slice(0, 2).map(({ name }) => name).join(", ")}` +
            (ties.length > 2 ? ` and ${ties.length - 2} more` : "")
          : next
          ? `next: ${next.name}, ${ratioWords(next.ratio)} times its time`
          : "",
      ),
    );
  };
  return section(
    "winners",
    "Who wins where",
    element(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table: winners" },
      element(
        "table",
        { class: "winners" },
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            element("th", { scope: "col" }, "workload"),
            slots.map((count) => element("th", { scope: "col" }, `${wholeWords(count)} slots`)),
          ),
        ),
        element(
          "tbody",
          {},
          [...rows].map(([name, own]) =>
            element(
              "tr",
              {},
              element("th", { scope: "row" }, name),
              slots.map((count) =>
                cellOf(own.find(({ family }) => family.cells[0].cell.slots === count))
              ),
            )
          ),
        ),
      ),
    ),
    element(
      "p",
      { class: "dim" },
      element("span", { class: "swatch sure" }, ""),
      "every other contender is significantly slower ",
      element("span", { class: "swatch tie" }, ""),
      "cannot tell the winner from those named",
    ),
  );
}

/** The workload of a cell and what is unusual about it. */
function rowWords({ cell }: CellSummary): string {
  const { layout, originGfn } = cell;
  return `${workloadWords(cell)}, ${layout} from gfn ${gfnWords(originGfn)}` +
    (loopWords(cell) === "solo" ? "" : `, ${loopWords(cell)}`);
}

const PRESETS = [
  { name: "page faults", mix: { find: 95, miss: 0, range: 4, change: 1 } },
  { name: "MMIO-heavy guest", mix: { find: 50, miss: 48, range: 1, change: 1 } },
  { name: "hot-plug, ballooning", mix: { find: 50, miss: 0, range: 10, change: 40 } },
] as const;

function recommendSection(summary: Summary): Child {
  if (!areOfOneMachine(summary.cells)) {
    const words = "A mix adds times, and the cells ran on several machines: race the mix itself " +
      "(deno task race --mix).";
    return section("recommend", "For your mix", element("p", {}, words));
  }
  if (mixCellsOf(summary).length === 0) return null;
  const input = (key: keyof typeof MIX_PARTS, value: number) =>
    element(
      "label",
      {},
      `${MIX_PARTS[key]} `,
      voidElement("input", {
        type: "number",
        id: `mix-${key}`,
        value,
        min: 0,
        max: 100,
        step: "any",
      }),
      " %",
    );
  return section(
    "recommend",
    "For your mix",
    element(
      "form",
      { id: "mix", "aria-describedby": "mix-cells" },
      input("find", 95),
      input("miss", 0),
      input("range", 4),
      input("change", 1),
      element(
        "label",
        {},
        "slots ",
        voidElement("input", { type: "number", id: "mix-slots", value: 200, min: 1, max: 4194304 }),
      ),
      element(
        "div",
        { class: "presets", role: "group", "aria-label": "Example mixes" },
        PRESETS.map(({ name, mix }) =>
          element("button", { type: "button", "data-mix": JSON.stringify(mix) }, name)
        ),
      ),
    ),
    element("div", { id: "ranking", role: "status", "aria-live": "polite" }, "Needs JavaScript."),
    element("p", { id: "mix-cells", class: "dim" }, ""),
  );
}

function checkSection(summary: Summary, { checkLines }: PageInput): Child {
  const { run, path, warnings } = summary, { environment } = run;
  const machines = machineLines(summary).map((
    line,
  ): readonly [string, string] => ["machine", line]);
  const facts: readonly (readonly [string, string])[] = [
    ["file", path],
    ["begun", run.startedAt],
    ...(machines.length > 1 ? machines : [
      ["host", run.host],
      ["processor", `${environment.cpu}, ${environment.cores} cores`],
      ["system", `${environment.os} ${environment.kernel} ${environment.arch}`],
      ["engine", `Deno ${environment.deno}, V8 ${environment.v8}`],
    ] as const),
    ["commit", run.commit || "unknown"],
    ["seed", run.kind === "race" ? String(run.seed) : "unknown"],
  ];
  return section(
    "checks",
    "Whether to believe it",
    element("ul", {}, [...checkLines, ...warnings].map((line) => element("li", {}, line))),
    element(
      "dl",
      {},
      facts.map(([term, value]) => [element("dt", {}, term), element("dd", {}, value)]),
    ),
    element("p", {}, element("button", { type: "button", id: "download" }, "Download as CSV")),
  );
}
