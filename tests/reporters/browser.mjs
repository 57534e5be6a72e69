// Opens a report as a reader does and prints what was seen, as JSON: node browser.mjs TOOLS CHROMIUM PAGE.html

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [tools, chromiumPath, path] = process.argv.slice(2);
const require = createRequire(`${tools}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const url = pathToFileURL(path).href;
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];

const browser = await chromium.launch({ executablePath: chromiumPath, args: quiet });
const seen = { said: [], asked: [], violations: {}, schemes: {} };

async function opened(colorScheme) {
  const page = await (await browser.newContext({ colorScheme })).newPage();
  page.on("console", (message) => seen.said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.said.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { seen.said.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (request.url() !== url) seen.asked.push(request.url()); });
  await page.goto(url);
  return page;
}

const focused = (page) => page.evaluate(() => {
  const found = document.activeElement;
  return `${found.tagName.toLowerCase()}.${found.className}`;
});
const open = (page) => page.evaluate(() => document.querySelectorAll("details.step[open]").length);
const shown = (page) => page.evaluate(() => document.querySelectorAll(".steps.top > .row:not([hidden])").length);
const found = (page) => page.evaluate(() => document.querySelector(".found").textContent);

async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; presses++) {
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return true;
    await page.keyboard.press("Tab");
  }
  return false;
}

// Colours, names and roles, in both colour schemes, with everything unfolded.
for (const scheme of ["light", "dark"]) {
  const page = await opened(scheme);
  seen.schemes[scheme] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.evaluate(() => document.querySelectorAll("details").forEach((each, at) => { each.open = at < 80; }));
  await page.evaluate(axe);
  const told = await page.evaluate(() => axe.run());
  seen.violations[scheme] = told.violations.map((each) => `${each.id}: ${each.nodes[0].html}`);
  seen.rules = told.passes.length;
}

// By keyboard alone.
const page = await opened("light");
seen.nodes = await page.evaluate(() => document.querySelectorAll("*").length);
seen.steps = await shown(page);
await page.keyboard.press("/");
seen.search = await focused(page);
const word = await page.evaluate(() => document.querySelector(".row .name code").textContent);
await page.keyboard.type(word);
seen.filtered = { word, shown: await shown(page), told: await found(page) };
await page.keyboard.press("Escape");
seen.unfiltered = { shown: await shown(page), told: await found(page) };
await tabTo(page, ".only");
await page.keyboard.press("Space");
seen.only = await shown(page);
await page.keyboard.press("Space");
await tabTo(page, ".fold");
await page.keyboard.press("Enter");
seen.folded = await open(page);
seen.reached = await tabTo(page, "details.step > summary");
await page.keyboard.press("Enter");
seen.unfoldedOne = await open(page);

// On paper everything that matters is unfolded, and folded again afterwards.
await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
seen.printed = await page.evaluate(() => document.querySelectorAll(".steps:not(.many) > .row > details.step:not([open])").length);
await page.evaluate(() => dispatchEvent(new Event("afterprint")));
seen.afterPrint = await open(page);

// What would run if a text had become a part of the page, or asked for anything, is refused.
const [said, asked] = [seen.said.length, seen.asked.length];
const failed = [];
page.on("requestfailed", (request) => failed.push(request.failure().errorText));
seen.refused = await page.evaluate(async () => {
  const script = document.createElement("script");
  script.textContent = "window.ran = true";
  document.body.append(script);
  const image = new Image();
  image.src = "https://example.test/x.png";
  const asked = await fetch("https://example.test/").then(() => "answered", () => "refused");
  return { ran: "ran" in window, asked };
});
await page.waitForTimeout(100);
[seen.said.length, seen.asked.length] = [said, asked];
seen.refused.why = [...new Set(failed)];

await browser.close();
console.log(JSON.stringify(seen));
