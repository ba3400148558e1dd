/** The page in a real browser: Debian's Chromium. Ignored where there is none. */
import axe from "axe-core";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { changesOf } from "../../bench/race/contenders.ts";
import { readResultFile } from "../../bench/record/result_file.ts";
import { csvOf } from "../../bench/report/csv.ts";
import { recordTable } from "../../bench/report/records.ts";
import { pageOf } from "../../bench/report/page.ts";
import { summarize } from "../../bench/summary/summary.ts";

const REFERENCE = new URL("../../results/reference/2026-11-22-epyc-2cores.jsonl", import.meta.url);
/** What a reader may set in a browser (WCAG 2.2, 1.4.12), and letters wider than those of most fonts. */
const WIDE_LETTERS =
  "*{font-family:'DejaVu Sans Mono','Liberation Mono',monospace!important;line-height:1.5!important;" +
  "letter-spacing:.12em!important;word-spacing:.16em!important}";
const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

function browserPath(): string | undefined {
  return PATHS.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

const SUMMARY = summarize(readResultFile(fileURLToPath(REFERENCE)));

function referenceCsv(): string {
  return csvOf(recordTable([{ label: "A", summary: SUMMARY, versus: null }]));
}

function referencePage(): string {
  const csv = referenceCsv();
  return pageOf({ summaries: [SUMMARY], changesOf, checkLines: ["A/A: passed"], csv });
}

/** Opens the page as a file, without a network, and gives what it wrote to the console. */
async function open(browser: Browser, file: string, options: Parameters<Browser["newPage"]>[0]) {
  const page = await browser.newPage(options), messages: string[] = [];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("request", (request) => {
    if (!/^(file|blob|data):/.test(request.url())) messages.push(`asked for ${request.url()}`);
  });
  await page.goto(`file://${file}`);
  return { page, messages };
}

/** How wide the page is, px: more than its window where it scrolls sideways. */
async function widthOf(page: Page): Promise<number> {
  return Number(await page.evaluate("document.documentElement.scrollWidth"));
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<axe.AxeResults> } }).axe.run()
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`);
}

Deno.test({
  name:
    "pageOf: in a browser every control works, nothing is logged, nothing is asked of a network",
  ignore: browserPath() === undefined,
  async fn(t) {
    const html = referencePage();
    assert(html.length < 300_000, `${html.length} bytes`);
    const file = await Deno.makeTempFile({ suffix: ".html" });
    await Deno.writeTextFile(file, html);
    const browser = await chromium.launch({
      executablePath: browserPath()!,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
    try {
      await t.step("light and dark, wide and narrow, axe-core finds no violation", async () => {
        for (const colorScheme of ["light", "dark"] as const) {
          for (const width of [1200, 360]) {
            const options = { colorScheme, viewport: { width, height: 900 } };
            const { page, messages } = await open(browser, file, options);
            assertEquals(await violations(page), [], `${colorScheme} ${width}`);
            assertEquals(messages, []);
            assertEquals(await widthOf(page), width);
            await page.addStyleTag({ content: WIDE_LETTERS });
            assertEquals(await widthOf(page), width, "with wide letters");
            await page.close();
          }
        }
      });
      await t.step("a mix ranks the contenders and stands in the address", async () => {
        const { page, messages } = await open(browser, file, {});
        const first = () => page.locator("#ranking li strong").first().textContent();
        assertEquals(await first(), "radix_chunks");
        await page.fill("#mix-slots", "32764");
        await page.fill("#mix-find", "0");
        await page.fill("#mix-range", "0");
        await page.fill("#mix-change", "100");
        assertEquals(await first(), "bitmap_buckets");
        assertMatch(page.url(), /#find=0&miss=0&range=0&change=100&slots=32764$/);
        const again = await open(browser, page.url().replace("file://", ""), {});
        assertEquals(
          await again.page.locator("#ranking li strong").first().textContent(),
          "bitmap_buckets",
        );
        assertEquals([...messages, ...again.messages], []);
      });
      await t.step("by keyboard: skip link, presets, sorting, details", async () => {
        const { page, messages } = await open(browser, file, {});
        await page.keyboard.press("Tab");
        assertEquals(await page.evaluate("document.activeElement.className"), "skip");
        await page.locator("[data-mix]").nth(1).focus();
        await page.keyboard.press("Enter");
        assertEquals(await page.inputValue("#mix-miss"), "48");
        const sort = page.locator("#cells details[open] thead button").nth(1);
        await sort.focus();
        await page.keyboard.press("Enter");
        await page.keyboard.press("Enter");
        const heading = page.locator("#cells details[open] thead th").nth(1);
        assertEquals(await heading.getAttribute("aria-sort"), "descending");
        const column = page.locator("#cells details[open] tbody td:nth-child(2)");
        const values = (await column.allTextContents()).map((text) =>
          Number(text.replaceAll(",", ""))
        );
        assert(values.length > 20 && values.every(Number.isFinite));
        assertEquals(values, values.toSorted((a, b) => b - a));
        assertEquals(messages, []);
      });
      await t.step("filter, mark and download", async () => {
        const { page, messages } = await open(browser, file, {});
        await page.fill("#filter", "npm_");
        const shown = await page.locator("#cells details[open] tbody tr:visible").count();
        assertEquals(shown, 5);
        await page.selectOption("#mark", "rb_tree");
        assert(await page.locator(".curve.marked").count() > 0);
        const waiting = page.waitForEvent("download");
        await page.click("#download");
        const download = await waiting;
        assertEquals(download.suggestedFilename(), "memslot-race.csv");
        assertEquals(await Deno.readTextFile(await download.path()), referenceCsv());
        assertEquals(messages, []);
      });
    } finally {
      await browser.close();
      await Deno.remove(file);
    }
  },
});
