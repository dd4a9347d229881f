// Hostile names: every string of the list in every free field of every page is text, and does
// nothing. The pages stand without their policy here, so that it is the escaping that is tested.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";

import { Watch, browser, close as closeBrowser } from "./browser.mjs";
import { Rendered, SIGN_IN, names } from "./rendered.mjs";
import { story } from "./story.mjs";

const TEXTS = readFileSync(new URL("xss.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("# "));
/// The last one is harmless.
const HARMLESS = TEXTS.pop();
const PAGES = names({ free: true });

const TIMEOUT = 120_000;

after(closeBrowser);

test("the list of hostile names is long, and none stands in it twice", () => {
  assert.ok(TEXTS.length >= 200);
  assert.equal(new Set(TEXTS).size, TEXTS.length);
});

test(
  "on a page that escapes nothing, most of them run or ask a stranger",
  { timeout: TIMEOUT },
  async (context) => {
    const { rendered, page, trouble } = await openTab(context);
    let caught = 0;

    for (const text of TEXTS) {
      const before = trouble().length;
      // What takes the tab elsewhere breaks the way here off.
      await page.goto(rendered.careless(text)).catch(() => {});
      await page.waitForTimeout(10);
      if (trouble().length > before) caught += 1;
    }

    assert.ok(caught > TEXTS.length / 2, `${caught} of ${TEXTS.length}`);
  },
);

test(
  `${TEXTS.length} hostile names are nothing but text in ${PAGES.length} pages`,
  { timeout: TIMEOUT },
  async (context) => {
    const { rendered, page, trouble, close } = await openTab(context);
    // The same pages with a harmless word.
    const harmless = await rendered.read(page, TEXTS.length + 1);
    assert.ok(harmless.linked.texts.some((shown) => shown.includes(HARMLESS)));

    for (const [at, text] of TEXTS.entries()) {
      const hostile = await rendered.read(page, at + 1);
      for (const name of PAGES) {
        const { elements, texts, schemes } = hostile[name];
        assert.ok(
          texts.some((shown) => shown.includes(text)),
          `${name} does not show ${text}`,
        );
        assert.deepEqual(elements, harmless[name].elements, `${name}: ${text}`);
        assert.deepEqual(schemes, harmless[name].schemes, `${name}: ${text}`);
      }
    }

    // What is under way ends before it is judged.
    await close();
    assert.deepEqual(trouble(), []);
  },
);

story("a hostile title of an issue is text in the channel, and mentions nobody", async (world) => {
  const bob = await world.person("Bob");
  const sentry = await bob.sentry();
  const title =
    "<!channel> <@U0BOB00001> <http://www.stranger.example|Sign in> *a* `b` " +
    `&lt;@U0BOB00001&gt; "><img src=x onerror=alert(1)>`;

  await sentry.rename("4815", title);
  await sentry.fire("4815", "T0ACME0001:C0ALERTS01");

  const alert = bob.slack.alert("<!channel>");
  await alert.waitFor();
  const shown = await alert.innerText();
  for (const part of ["<!channel> <@U0BOB00001>", "<http://www.stranger.example|Sign in>"]) {
    assert.ok(shown.includes(part), `${part} is not in: ${shown}`);
  }
  assert.equal(await alert.locator(".mention, img, a[href*=stranger]").count(), 0);
  assert.deepEqual(bob.watch.dialogs, []);
});

/// A tab of its own with pages of its own, for as long as the test takes at the most, and what happens
/// in it that should not: dialogs, and requests for anything but the pages.
async function openTab(testContext) {
  const rendered = await Rendered.serve();
  const context = await (await browser()).newContext();
  const close = () => context.close();
  testContext.after(async () => {
    await close();
    await rendered.stop();
  });
  const watch = new Watch(context);
  const trouble = () => [
    ...watch.dialogs,
    ...watch.requestsBeyond([rendered.origin]).filter((url) => !url.startsWith(SIGN_IN)),
    ...rendered.stray,
  ];
  return { rendered, page: await context.newPage(), trouble, close };
}
