// The report's page as people meet it: opened, sorted, filtered, printed, read by a machine, and fed with hostile text.
//
// PICTURES=folder leaves pictures of it there, to be looked at.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { HOSTILE, NOW, fleet } from "./fleet.mjs";

const { BINARY, CHROMIUM, TOOLS, PICTURES } = process.env;
const { chromium } = createRequire(join(TOOLS, "/"))("playwright-core");
const AXE = readFileSync(join(TOOLS, "node_modules/axe-core/axe.min.js"), "utf8");
// Without these Chromium asks its maker's hosts at every start.
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

const folder = mkdtempSync(join(tmpdir(), "report-page-"));
let browser;

before(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The page of a fleet, as a file. */
function report(name, objects) {
  const [input, html] = [join(folder, `${name}.json`), join(folder, `${name}.html`)];
  writeFileSync(input, JSON.stringify(objects));
  execFileSync(BINARY, ["report", "--at", NOW, "--html", html, input]);
  return html;
}

/** The page of a fleet in a tab, and all that the tab asked for or complained of. */
async function open(name, objects, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const seen = { requests: [], complaints: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("console", (line) => seen.complaints.push(line.text()));
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  page.on("dialog", (dialog) => seen.complaints.push(dialog.message()));
  const url = pathToFileURL(report(name, objects)).href;
  await page.goto(url);
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: objects.items.length < 100 });
  return { page, seen, url };
}

const column = (page, number) => page.locator("#pools tbody tr:visible").evaluateAll(
  (rows, number) => rows.map((row) => row.cells[number].textContent), number);

test("it loads itself and nothing else, and the browser has nothing to complain of", async () => {
  const { seen, url } = await open("light", fleet(32));
  assert.deepEqual(seen, { requests: [url], complaints: [] });
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing to fix in the ${colorScheme} page`, async () => {
    const { page } = await open(`axe-${colorScheme}`, fleet(32), { colorScheme });
    // The page's own policy lets no script in; the tool's way around it is the tool's.
    const found = await page.evaluate(`(() => { ${AXE}; return axe.run(); })()`);
    const shown = found.violations.map((one) => `${one.id}: ${one.nodes[0].html} ${one.nodes[0].failureSummary}`);
    assert.deepEqual(shown, []);
    assert.ok(found.passes.some((one) => one.id === "color-contrast"), "contrast was looked at");
  });
}

test("hostile text is shown and does nothing", async () => {
  const { page, seen, url } = await open("hostile", fleet(0, HOSTILE));
  for (const element of await page.locator("#pools tbody tr").all()) await element.hover();
  assert.equal(await page.evaluate("window.taken"), undefined);
  assert.deepEqual(seen, { requests: [url], complaints: [] });
  assert.equal(await page.locator("#pools tbody tr").count(), HOSTILE.length);
  assert.equal(await page.locator("body *").filter({ hasNot: page.locator("nothing") }).locator("img, style").count(), 0);
  assert.equal(await page.locator("script").count(), 1);
  const text = await page.locator("#pools").innerText();
  assert.ok(text.includes(HOSTILE[0]) && text.includes(HOSTILE[1]), text);
  assert.doesNotMatch(await page.content(), /[\u0000-\u0008\u000b-\u001f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
});

test("a heading sorts by its column, and says so", async () => {
  const { page } = await open("sorted", fleet(32));
  const heading = page.locator("#pools thead th").nth(1);
  const button = heading.getByRole("button");
  const inOrder = (await column(page, 1)).toSorted();
  await button.focus();
  await page.keyboard.press("Enter");
  assert.equal(await heading.getAttribute("aria-sort"), "ascending");
  assert.deepEqual(await column(page, 1), inOrder);
  await button.click();
  assert.equal(await heading.getAttribute("aria-sort"), "descending");
  assert.deepEqual(await column(page, 1), inOrder.toReversed());
  await page.locator("#pools thead th").nth(2).getByRole("button").click();
  assert.equal(await heading.getAttribute("aria-sort"), null);
  const states = await column(page, 2);
  assert.match(states[0], /^Differs/);
  assert.match(states.at(-1), /^In sync/);
});

test("a verdict has a mark of its own beside its colour", async () => {
  const { page } = await open("marks", fleet(32));
  const mark = (tone) => page.locator(`.${tone}.mark`).first().evaluate((one) => getComputedStyle(one, "::before").content);
  const marks = await Promise.all(["good", "open", "bad"].map(mark));
  assert.equal(new Set(marks).size, 3, marks.join(" "));
});

test("the filter shows what is asked for, and says how many", async () => {
  const { page } = await open("filtered", fleet(32));
  const shown = page.locator("output");
  assert.equal(await shown.innerText(), "32 of 32 shown");
  await page.getByLabel("Find").fill("billing adoptionheld");
  assert.equal((await column(page, 0)).length, 0);
  await page.getByLabel("Find").fill("adoptionheld");
  assert.equal(await shown.innerText(), "2 of 32 shown");
  await page.getByLabel("Find").fill("");
  await page.getByLabel("Show").selectOption("not proven");
  const proofs = await column(page, 5);
  assert.ok(proofs.length > 0 && proofs.every((proof) => proof.startsWith("Not proven")), proofs.join("\n"));
});

test("without a script it is all there", async () => {
  const { page } = await open("plain", fleet(32), { javaScriptEnabled: false });
  assert.equal(await page.locator("#pools tbody tr:visible").count(), 32);
  assert.equal(await page.locator("form:visible, button").count(), 0);
});

test("it prints whole, without what only a screen needs", async () => {
  const { page } = await open("printed", fleet(32));
  const pdf = await page.pdf({ preferCSSPageSize: true });
  if (PICTURES) writeFileSync(join(PICTURES, "printed.pdf"), pdf);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("label:visible").count(), 0);
  assert.equal(await page.locator("#pools tbody tr:visible").count(), 32);
  const overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  assert.ok(overflow <= 0, `${overflow} px too wide`);
});

test("a narrow screen scrolls the tables, not the page", async () => {
  const { page } = await open("narrow", fleet(32), { viewport: { width: 360, height: 740 } });
  assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 360);
});

test("no mode breaks within a word or leaves its column in a narrow window", async () => {
  for (const width of [360, 1000, 1440]) {
    const { page } = await open(`modes-${width}`, fleet(32), { viewport: { width, height: 740 } });
    const cells = await page.locator("#pools tbody tr td:nth-child(4)").evaluateAll((cells) => cells.map((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell.firstChild);
      return { text: cell.firstChild.textContent, lines: range.getClientRects().length, fits: cell.scrollWidth <= cell.clientWidth };
    }));
    const modes = cells.filter((cell) => cell.text === "OPTIONAL");
    assert.ok(modes.length > 0);
    assert.deepEqual(cells.filter((cell) => !cell.fits), []);
    assert.deepEqual(modes.filter((cell) => cell.lines !== 1), []);
  }
});

test("the columns stand below their headings", async () => {
  const { page } = await open("columns", fleet(32));
  for (const table of await page.locator("table").all()) {
    const lefts = await table.locator("tr").evaluateAll((rows) => rows.map((row) =>
      Array.from(row.cells, (cell) => Math.round(cell.getBoundingClientRect().left)).join(" ")));
    assert.ok(lefts.length > 2 && new Set(lefts).size === 1, lefts.join("\n"));
  }
});

test("what is laid out as a grid is still read out as a table", async () => {
  const { page } = await open("roles", fleet(32));
  const roles = await page.locator("table, table *:is(thead, tbody, tr, th, td)").evaluateAll((all) => all.map((one) =>
    [one.localName, one.scope, one.getAttribute("role")].filter(Boolean).join(" ")));
  assert.deepEqual(new Set(roles), new Set(["table table", "thead rowgroup", "tbody rowgroup", "tr row",
    "th col columnheader", "th row rowheader", "td cell"]));
});

test("a thousand objects can be sorted and filtered, and only those in sight are laid out", async () => {
  const { page } = await open("thousand", fleet(1000));
  const row = (end) => page.locator("#pools tbody tr")[end]();
  const isLaidOut = (row) => row.locator("small").first().evaluate((one) => one.checkVisibility({ contentVisibilityAuto: true }));
  await page.locator("#pools thead th").nth(1).getByRole("button").click();
  await row("first").scrollIntoViewIfNeeded();
  assert.deepEqual([await isLaidOut(row("first")), await isLaidOut(row("last"))], [true, false]);
  assert.match(await row("last").textContent(), /eu-west-1_Pool00999/);
  await page.getByLabel("Find").fill("customers-0999");
  assert.equal(await page.locator("output").innerText(), "1 of 1000 shown");
  await page.getByLabel("Find").fill("");
  await page.emulateMedia({ media: "print" });
  assert.equal(await isLaidOut(row("last")), true);
});
