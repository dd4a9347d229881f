// Draws the pictures of the README: what a person sees on a phone from the click to the result.
// `node tests/browser/pictures.mjs DIRECTORY`, by `.ci/browsers --pictures`.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { Bundle } from "./bundle.mjs";
import { close } from "./browser.mjs";
import { Person } from "./person.mjs";

const PHONE = { viewport: { width: 390, height: 780 }, reducedMotion: "reduce" };

const directory = process.argv[2];
mkdirSync(directory, { recursive: true });

/// Draws a page, or the part of it from the top of one thing to the bottom of another.
async function draw(name, page, first, last = first) {
  const path = join(directory, `${name}.png`);
  await page.evaluate("scrollTo(0, 0)");
  const [top, bottom] = [await first?.boundingBox(), await last?.boundingBox()];
  const part = top && {
    clip: { x: 0, y: top.y, width: PHONE.viewport.width, height: bottom.y + bottom.height - top.y },
  };
  await page.screenshot({ path, fullPage: true, ...part });
  console.log(path);
}

const bundle = await Bundle.start();
const alice = await Person.sitDown(bundle, "Alice", PHONE);
try {
  const { slack } = alice;
  await slack.click("Resolve");
  await slack.offeredLink("Link your identity now");
  await draw("1-click", slack.page, slack.alert("TypeError"), slack.whisper);
  const page = await alice.follow(await slack.offeredLink("Link your identity now"));
  await page.shows("Link Slack and Sentry");
  await draw("2-link", page.page);
  await alice.prove(page);
  await page.shows("Are both of these you?");
  await page.tick("Both accounts are mine");
  await draw("3-both-accounts", page.page);
  await page.press("Link accounts");
  await page.shows("You're good to go!");
  await slack.alertSays("Issue resolved by");
  await draw("4-result", slack.page, slack.alert("TypeError"));
} finally {
  await alice.getUp();
  await bundle.stop();
  await close();
}
