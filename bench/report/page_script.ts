/**
 * What the page does in a browser: sort and filter tables, mark a contender, recommend for a mix,
 * hand out the data. Written as functions so that they are type-checked here; the page carries their
 * source text, together with that of `recommend`.
 */
import { firstNames, type MixCell, recommend, RECOMMEND_FUNCTIONS } from "../summary/recommend.ts";

/** The few parts of a browser's document that the page uses. */
interface Element {
  value: string;
  textContent: string | null;
  hidden: boolean;
  readonly dataset: Record<string, string | undefined>;
  readonly classList: { toggle(name: string, force: boolean): void };
  readonly style: Record<string, string>;
  readonly children: Iterable<Element> & { readonly length: number };
  closest(selector: string): Element;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
  addEventListener(type: string, listener: () => void): void;
  append(...children: (Element | string)[]): void;
  replaceChildren(...children: Element[]): void;
  setAttribute(name: string, value: string): void;
  getAttribute(name: string): string | null;
  click(): void;
  href: string;
  download: string;
}

/** The browser's globals that the script uses. */
interface Browser {
  readonly document: {
    getElementById(id: string): Element | null;
    querySelectorAll(selector: string): Iterable<Element>;
    createElement(name: string): Element;
  };
  readonly location: { hash: string };
  readonly history: { replaceState(state: null, title: string, url: string): void };
}

/** The data in the page. */
interface PageData {
  readonly cells: readonly MixCell[];
  /** The rank of the interval of i + 1 processes. */
  readonly ranks: readonly number[];
  /** Gzipped, in base64: it is more than half of a page that has it as it is. */
  readonly csv: string;
}

const PARTS = ["find", "miss", "range", "change", "slots"];

/** Makes the tables sortable by their titles: numbers, and intervals by their lower end; blanks last. */
export function sortTables({ document }: Browser): void {
  const valueOf = (cell: Element) => {
    const number = /^\[?(-?[\d,]*\.?\d+(?:e[-+]?\d+)?)/.exec(cell.textContent ?? "");
    return number === null ? null : Number(number[1].replaceAll(",", ""));
  };
  for (const button of document.querySelectorAll(".sortable thead button")) {
    button.addEventListener("click", () => {
      const title = button.closest("th"), table = button.closest("table");
      const titles = [...title.closest("tr").children], column = titles.indexOf(title);
      const falls = title.getAttribute("aria-sort") === "ascending";
      for (const other of titles) other.setAttribute("aria-sort", "none");
      title.setAttribute("aria-sort", falls ? "descending" : "ascending");
      const body = table.querySelector("tbody")!;
      const keyOf = (row: Element) => [...row.children][column];
      const compare = (a: Element, b: Element) => {
        const [x, y] = [keyOf(a), keyOf(b)];
        const [m, n] = [valueOf(x), valueOf(y)];
        if (m === null && n === null) {
          return (x.textContent ?? "").localeCompare(y.textContent ?? "");
        }
        if (m === null) return falls ? -1 : 1;
        return n === null ? falls ? 1 : -1 : m - n;
      };
      const rows = [...body.children].sort((a, b) => falls ? compare(b, a) : compare(a, b));
      body.replaceChildren(...rows);
    });
  }
}

/** Hides the rows of contenders whose name lacks what is typed. */
export function filterRows({ document }: Browser): void {
  const input = document.getElementById("filter");
  input?.addEventListener("input", () => {
    const word = input.value.trim().toLowerCase();
    for (const row of document.querySelectorAll("#cells tbody tr")) {
      row.hidden = !row.querySelector("th")!.textContent!.toLowerCase().includes(word);
    }
  });
}

/** Marks one contender's line in all pictures. */
export function markLines({ document }: Browser): void {
  const select = document.getElementById("mark");
  select?.addEventListener("change", () => {
    for (const curve of document.querySelectorAll(".curve")) {
      curve.classList.toggle("marked", select.value !== "" && curve.dataset.name === select.value);
    }
  });
}

/** Ranks the contenders for the mix in the form, whose state is in the address. */
export function recommendForm({ document, location, history }: Browser, data: PageData): void {
  const form = document.getElementById("mix"), list = document.getElementById("ranking");
  if (form === null || list === null) return;
  const input = (part: string) => document.getElementById(`mix-${part}`)!;
  const valueOf = (part: string) => Math.max(0, Number(input(part).value) || 0);
  const element = (name: string, text: string) => {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  };
  const show = () => {
    const mix = {
      find: valueOf("find"),
      miss: valueOf("miss"),
      range: valueOf("range"),
      change: valueOf("change"),
    };
    const slots = Math.max(1, valueOf("slots"));
    const rankOf = (n: number) => data.ranks[Math.min(n, data.ranks.length) - 1];
    const { ranking, cells, warnings } = recommend(data.cells, { mix, slots }, rankOf);
    const rows = document.createElement("ol");
    const most = Math.max(1, ...ranking.map(({ ns }) => ns));
    for (const { name, ns, ratio, low, high, is } of ranking) {
      const row = document.createElement("li"), bar = element("span", ""), fill = element("i", "");
      bar.setAttribute("class", "bar");
      fill.style.width = `${Math.max(0.5, 100 * ns / most)}%`;
      bar.append(fill);
      const times = is === "first"
        ? "first"
        : `${ratio.toFixed(2)} times [${low.toFixed(2)}, ${high.toFixed(2)}]` +
          (is === "level" ? ", cannot tell from the first" : "");
      row.append(
        element("strong", name),
        element("span", `${ns.toPrecision(3)} ns`),
        bar,
        element("span", times),
      );
      rows.append(row);
    }
    list.replaceChildren(rows);
    const rests = cells.length > 0
      ? `Rests on ${[...new Set(cells)].join(", ")}: a sum of parts. `
      : "";
    const shares = PARTS.slice(0, 4).map((part) => `${part}=${valueOf(part)}`).join(",");
    const surer = ranking.length === 0
      ? ""
      : ` To be surer: deno task race --mix ${shares} --slots ${slots} ` +
        `--contender ${firstNames(ranking).join(",")}`;
    document.getElementById("mix-cells")!.textContent = `${rests}${warnings.join(" ")}${surer}`;
    const state = PARTS.map((part) => `${part}=${valueOf(part)}`).join("&");
    try {
      history.replaceState(null, "", `#${state}`);
    } catch {
      // A browser may refuse to change the address of a file: the ranking stands all the same.
    }
  };
  for (const [, part, value] of location.hash.matchAll(/(\w+)=([\d.]+)/g)) {
    if (PARTS.includes(part)) input(part).value = value;
  }
  for (const part of PARTS) input(part).addEventListener("input", show);
  for (const button of document.querySelectorAll("[data-mix]")) {
    button.addEventListener("click", () => {
      const mix = JSON.parse(button.dataset.mix ?? "{}") as Record<string, number>;
      for (const part of Object.keys(mix)) input(part).value = String(mix[part]);
      show();
    });
  }
  show();
}

/** Unpacks the data and hands it out as a file. */
export function downloadData({ document }: Browser, { csv }: PageData): void {
  document.getElementById("download")?.addEventListener("click", async () => {
    const packed = new Blob([Uint8Array.from(atob(csv), (byte) => byte.charCodeAt(0))]);
    const plain = new Response(packed.stream().pipeThrough(new DecompressionStream("gzip")));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([await plain.arrayBuffer()], { type: "text/csv" }));
    link.download = "memslot-race.csv";
    link.click();
  });
}

const FUNCTIONS = [sortTables, filterRows, markLines, recommendForm, downloadData];

/** The source text of all functions of the page, and of the constant they share. */
export const SCRIPT_FUNCTIONS = [
  `const PARTS = ${JSON.stringify(PARTS)};`,
  ...[...RECOMMEND_FUNCTIONS, ...FUNCTIONS].map(String),
].join("\n");

/** What runs when the page is there. */
export const PAGE_SCRIPT = `
const data = JSON.parse(document.getElementById("data").textContent);
for (const act of [${FUNCTIONS.map(({ name }) => name).join(", ")}]) act(window, data);
`;
