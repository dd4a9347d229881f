// The pages' content security policy, as Chromium carries it out; and what the pages ask for on
// their own.

import assert from "node:assert/strict";

import { linkAs, story } from "./story.mjs";
import { strangerStory } from "./stranger.mjs";

const LINK = "Link your identity now";

/// What somebody might get into a page who found a way past the escaping.
const intruders = (stranger) => `
  <base href="${stranger}/">
  <link rel="stylesheet" href="${stranger}/s.css">
  <style>main { display: none }</style>
  <script>window.ran = "inline"</script>
  <script src="${stranger}/s.js"></script>
  <img src="${stranger}/i.png" onerror="window.ran = 'handler'">
  <svg onload="window.ran = 'svg'"></svg>
  <iframe src="${stranger}/"></iframe>
  <iframe srcdoc="<script>parent.ran = 'frame'</script>"></iframe>
  <object data="${stranger}/"></object>
  <a id="script" href="javascript:void(window.ran = 'link')">Script</a>
  <form action="${stranger}/"><button>Stolen form</button></form>`;

strangerStory(
  "what gets into a page neither runs, nor loads, nor sends anything away",
  async (world) => {
    const { bundle, person, stranger } = world;
    const alice = await person("Alice");
    await alice.slack.click("Resolve");
    const link = await alice.slack.copiedLink(LINK);
    await alice.context.route("**/link-identity/**", async (route) => {
      const answer = await route.fetch();
      const body = (await answer.text()).replace(
        "<main>",
        `${intruders(stranger.elsewhere)}<main>`,
      );
      await route.fulfill({ response: answer, body });
    });

    const page = await alice.open(link);
    await page.shows("Link Slack and Sentry");
    await page.page.locator("#script").click();
    assert.equal(await page.page.evaluate("window.ran"), undefined);
    // Chromium never ends the navigation that it refuses: nothing is waited for from here on.
    await page.button("Stolen form").evaluate((button) => button.click());

    assert.equal(page.page.url(), link);
    assert.deepEqual(stranger.asked, []);
    assert.ok(
      alice.watch.takeRefusals(bundle.public).length >= 10,
      "Chromium says what it refused",
    );
  },
);

story("linking and unlinking, our pages ask nobody for anything", async (world) => {
  const { bundle } = world;
  const alice = await world.person("Alice");
  await linkAs(alice);
  const page = await alice.offeredUnlink();
  await page.press("Continue with Sentry");
  await alice.signInToSentry(page);
  await page.tick("Unlink these two");
  await page.press("Unlink accounts");
  await page.shows("Accounts unlinked");

  assertQuiet(alice.watch, bundle);
});

story("installing, our pages ask nobody for anything", { bare: true }, async (world) => {
  const { bundle } = world;
  const alice = await world.person("Alice");

  const page = await alice.open(`${bundle.public}/install`);
  await page.shows("Add Belay to Slack");
  await page.press("Continue with Sentry");
  await alice.signInToSentry(page, "Erin");
  await page.shows("Choose the organization");
  await page.page.getByRole("radio").first().check();
  await page.press("Continue to Slack");
  await alice.allowInstall(page);
  await page.shows("Belay is in Acme");

  assertQuiet(alice.watch, bundle);
});

/// Whole pages were asked for, of the three of us, and no page of ours asked for anything more.
function assertQuiet(watch, { public: ours, slack, sentry }) {
  assert.ok(watch.asked(ours).length >= 5, "our pages were shown");
  assert.deepEqual(watch.subRequestsOf(ours), []);
  assert.deepEqual(watch.requestsBeyond([ours, slack, sentry]), []);
}
