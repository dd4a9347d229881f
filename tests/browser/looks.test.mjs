// Every page in light and dark, on a phone and on a desk: accessible by all of axe-core's rules, no
// wider than its window, and drawn into `target/browsers/screenshots`.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { browser, close as closeBrowser } from "./browser.mjs";
import { axe } from "./packages.mjs";
import { Rendered, SIGN_IN, names } from "./rendered.mjs";

const SCREENSHOTS = join(process.env.BELAY_BROWSERS, "screenshots");
const TIMEOUT = 120_000;

/// Hostile names belong to the layout, not to what is read out.
const ORDINARY = names().filter((name) => !name.endsWith("-hostile"));

let rendered;
before(async () => (rendered = await Rendered.serve()));
after(async () => rendered.stop());
after(closeBrowser);

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1280]) {
    const title = `${ORDINARY.length} pages, ${colorScheme}, ${width} px wide, break no rule of axe-core`;
    test(title, { timeout: TIMEOUT }, async () => {
      const { page, close } = await openTab({ colorScheme, width });
      const found = [];

      for (const name of ORDINARY) {
        await page.goto(rendered.page(name));
        await page.screenshot({
          path: join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`),
          fullPage: true,
        });
        await openAllDetails(page);
        await page.addScriptTag({ path: axe });
        const { violations } = await page.evaluate("axe.run()");
        found.push(...violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0].html}`));
      }

      await close();
      assert.deepEqual(found, []);
    });
  }
}

test("no page is wider than a phone, whatever stands in it", { timeout: TIMEOUT }, async () => {
  const { page, close } = await openTab({ width: 320 });
  const wide = [];

  for (const name of names()) {
    await page.goto(rendered.page(name));
    await openAllDetails(page);
    const width = await page.evaluate("document.documentElement.scrollWidth");
    if (width > 320) wide.push(`${name}: ${width} px`);
  }

  await close();
  assert.deepEqual(wide, []);
});

test("every control can be reached and seen by keyboard alone", { timeout: TIMEOUT }, async () => {
  const { page, close } = await openTab({ width: 360 });
  const unseen = [];

  for (const name of ORDINARY) {
    await page.goto(rendered.page(name));
    const controls = page.locator("a[href], button, summary, input:not([type=hidden]):visible");
    // The radio buttons of one group are one stop.
    const groups = await page.locator("input[type=radio]").count();
    const stops = (await controls.count()) - Math.max(0, groups - 1);
    for (let stop = 0; stop < stops; stop += 1) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        return { tag: document.activeElement.localName, outlineStyle, outlineWidth };
      });
      const shown = focused.tag !== "body" && focused.outlineStyle === "solid";
      if (!shown) unseen.push(`${name}, stop ${stop + 1}: ${JSON.stringify(focused)}`);
    }
  }

  await close();
  assert.deepEqual(unseen, []);
});

async function openTab({ colorScheme = "light", width }) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const context = await (
    await browser()
  ).newContext({
    colorScheme,
    viewport: { width, height: 800 },
    reducedMotion: "reduce",
  });
  // The page that leaves by itself stays.
  await context.route(`${SIGN_IN}**`, (route) => route.fulfill({ status: 204 }));
  return { page: await context.newPage(), close: () => context.close() };
}

const openAllDetails = (page) =>
  page.locator("details").evaluateAll((all) => all.forEach((details) => (details.open = true)));
