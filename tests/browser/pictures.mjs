// Draws the pictures of the README: what a person sees from the click to the result, on a phone, and the
// page that matters most at a desk, in the dark.
// `node tests/browser/pictures.mjs DIRECTORY`, by `.ci/browsers --pictures`.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { Bundle } from "./bundle.mjs";
import { close } from "./browser.mjs";
import { Person } from "./person.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, reducedMotion: "reduce" };
const DESK = {
  viewport: { width: 1280, height: 720 },
  colorScheme: "dark",
  reducedMotion: "reduce",
};

const directory = process.argv[2];
mkdirSync(directory, { recursive: true });

/// Draws a page, or the part of it from the top of one thing to the bottom of another.
async function draw(name, page, first, last = first) {
  const path = join(directory, `${name}.png`);
  await page.evaluate("scrollTo(0, 0)");
  const [top, bottom] = [await first?.boundingBox(), await last?.boundingBox()];
  const { width } = page.viewportSize();
  const part = top && {
    clip: { x: 0, y: top.y, width, height: bottom.y + bottom.height - top.y },
  };
  await page.screenshot({ path, fullPage: true, ...part });
  console.log(path);
}

/// From a click to the first page of the link that is offered then.
async function followed(person) {
  await person.slack.click("Resolve");
  const page = await person.follow(await person.slack.offeredLink("Link your identity now"));
  await page.shows("Link Slack and Sentry");
  return page;
}

/// From there to the page that asks for the last word.
async function proven(person, page) {
  await person.prove(page);
  await page.shows("Are both of these you?");
  await page.tick("Both accounts are mine");
  return page;
}

async function atADesk(bob) {
  const page = await proven(bob, await followed(bob));
  await draw("5-at-a-desk", page.page);
}

async function onAPhone(alice) {
  const { slack } = alice;
  const page = await followed(alice);
  await draw("1-click", slack.page, slack.alert("TypeError"), slack.whisper);
  await draw("2-link", page.page);
  await proven(alice, page);
  await draw("3-both-accounts", page.page);
  await page.press("Link accounts");
  await page.shows("You're good to go!");
  await slack.alertSays("Issue resolved by");
  await draw("4-result", slack.page, slack.alert("TypeError"));
}

const bundle = await Bundle.start();
try {
  for (const [name, screen, story] of [
    ["Bob", DESK, atADesk],
    ["Alice", PHONE, onAPhone],
  ]) {
    const person = await Person.sitDown(bundle, name, screen);
    await story(person);
    await person.getUp();
  }
} finally {
  await bundle.stop();
  await close();
}
