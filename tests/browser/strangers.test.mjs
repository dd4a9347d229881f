// What a stranger's page can make a person's browser do with our pages: frame them, send their
// forms, put them under a click.

import assert from "node:assert/strict";

import { doubleClickThrough } from "./double_click.mjs";
import { linkAs } from "./story.mjs";
import { escaped, form, strangerStory } from "./stranger.mjs";

const LINK = "Link your identity now";
const TICKED = { mine: "yes" };

strangerStory(
  "no page of ours is shown in a stranger's frame",
  async ({ bundle, person, stranger }) => {
    const alice = await person("Alice");
    await alice.slack.click("Resolve");
    const link = await alice.slack.copiedLink(LINK);
    const pages = [link, `${bundle.public}/install`, `${bundle.public}/link-identity/v1.a.b.c`];
    pages.push(`${bundle.public}/unlink-identity/v1.a.b.c`, `${bundle.public}/sign-in/slack`);
    const proven = await alice.open(link);
    await alice.prove(proven);
    await proven.shows("Are both of these you?");

    for (const origin of stranger.origins) {
      // That a frame can be seen into at all: the stand-in lets itself be framed.
      assert.match(await framed(alice, stranger, origin, bundle.slack), /alerts/);
      for (const page of pages) {
        for (const element of ["iframe", "object", "embed"]) {
          const text = await framed(alice, stranger, origin, page, element);
          assert.doesNotMatch(text, /Belay/, `${page} in ${element} of ${origin}`);
        }
      }
    }
  },
);

strangerStory("a stranger's form begins no link, whatever it sends", async (world) => {
  const alice = await world.person("Alice");
  await alice.slack.click("Resolve");
  const page = await alice.follow(await alice.slack.offeredLink(LINK));
  await page.shows("Link Slack and Sentry");

  await isRefused(world, alice, page, {});
  await page.press("Continue with Slack");

  // The same fields, from our own page, are taken.
  await page.page.waitForURL(/openid\/connect\/authorize/);
});

strangerStory("a stranger's form confirms no link, whatever it sends", async (world) => {
  const { bundle, person } = world;
  const alice = await person("Alice");
  await alice.slack.click("Resolve");
  const page = await alice.follow(await alice.slack.offeredLink(LINK));
  await alice.prove(page);
  await page.shows("Are both of these you?");

  await isRefused(world, alice, page, TICKED);
  assert.deepEqual(await bundle.linked(), []);

  await page.tick("Both accounts are mine");
  await page.press("Link accounts");
  await page.shows("You're good to go!");
});

strangerStory(
  "a stranger's form begins and confirms no unlink, whatever it sends",
  async (world) => {
    const { bundle, person } = world;
    const alice = await person("Alice");
    await linkAs(alice);
    const page = await alice.offeredUnlink();
    await page.shows("Unlink Slack and Sentry");

    await isRefused(world, alice, page, { with: "slack" });
    await page.press("Continue with Slack");
    await alice.signInWithSlack(page);
    await page.shows("Unlink these accounts?");
    await isRefused(world, alice, page, {});
    assert.deepEqual(await bundle.linked(), ["U0ALICE001"]);

    await page.tick("Unlink these two");

    await page.press("Unlink accounts");
    await page.shows("Accounts unlinked");
  },
);

strangerStory("our own page with a made-up token changes nothing", async ({ bundle, person }) => {
  const alice = await person("Alice");
  await alice.slack.click("Resolve");
  const page = await alice.follow(await alice.slack.offeredLink(LINK));
  await alice.prove(page);
  await page.shows("Are both of these you?");
  const before = await bundle.rows();

  await page.page.locator("[name=form_token]").evaluate((field) => {
    field.value = field.value.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
  });
  await page.tick("Both accounts are mine");
  await page.press("Link accounts");

  await page.shows("We could not check this form");
  assert.deepEqual(await bundle.rows(), before);
});

strangerStory(
  "two clicks at one spot bind nothing, wherever a stranger lays them",
  async (world) => {
    const { bundle, person, stranger } = world;
    const alice = await person("Alice");
    await alice.slack.click("Resolve");
    const link = await alice.slack.copiedLink(LINK);
    const page = await alice.open(link);
    const begin = await page.middleOf("Continue with Slack");
    await alice.prove(page);
    await page.shows("Are both of these you?");
    const spots = [begin, await page.middleOf("Link accounts"), await page.middleOfTick()];

    for (const spot of spots) {
      const under = await doubleClickThrough(alice, stranger, link, spot);
      await under.shows("Are both of these you?");
      await under.page.close();
    }

    assert.deepEqual(await bundle.linked(), []);
    await alice.slack.assertAlertHasNot("Issue resolved");
  },
);

strangerStory("two clicks at one spot part nobody either", async (world) => {
  const { bundle, person, stranger } = world;
  const alice = await person("Alice");
  await linkAs(alice);
  const page = await alice.offeredUnlink();
  const link = page.page.url();
  await page.press("Continue with Slack");
  await alice.signInWithSlack(page);
  await page.shows("Unlink these accounts?");
  const spots = [await page.middleOf("Unlink accounts"), await page.middleOfTick()];

  for (const spot of spots) {
    const under = await doubleClickThrough(alice, stranger, link, spot);
    await under.shows("Unlink these accounts?");
    await under.page.close();
  }

  assert.equal((await bundle.linked()).length, 1);
});

strangerStory(
  "a double click on the first page goes no further than Slack's question",
  async (world) => {
    const { bundle, person, stranger } = world;
    const alice = await person("Alice");
    await alice.slack.click("Resolve");
    const link = await alice.slack.copiedLink(LINK);
    const spot = await (await alice.open(link)).middleOf("Continue with Slack");

    const under = await doubleClickThrough(alice, stranger, link, spot);

    await under.page.getByRole("heading", { name: /Sign in to Belay with Slack/ }).waitFor();
    assert.deepEqual(await bundle.linked(), []);
  },
);

strangerStory("a stranger who opened our page has no hold on its window", async (world) => {
  const { person, stranger } = world;
  const alice = await person("Alice");
  await alice.slack.click("Resolve");
  const link = await alice.slack.copiedLink(LINK);
  stranger.publish(
    "/opener",
    `<button onclick='w = window.open("${escaped(link)}")'>Open</button>`,
  );

  for (const origin of stranger.origins) {
    const page = await alice.context.newPage();
    await page.goto(`${origin}/opener`);
    const opened = alice.context.waitForEvent("page");
    await page.getByRole("button").click();
    const ours = await opened;
    await ours.getByRole("heading", { name: "Link Slack and Sentry" }).waitFor();

    assert.equal(await page.evaluate("w.closed"), true, "to the stranger the window is gone");
    assert.equal(await ours.evaluate("opener"), null);
    await ours.close();
  }
});

/// The text that an element of a stranger's page shows of an address, in all its frames.
async function framed(person, stranger, origin, url, element = "iframe") {
  const attribute = element === "object" ? "data" : "src";
  stranger.publish(
    "/frame",
    `<${element} ${attribute}="${escaped(url)}" width=400 height=800></${element}>`,
  );
  const page = await person.context.newPage();
  await page.goto(`${origin}/frame`, { waitUntil: "load" });
  // A frame that was refused may be gone by now.
  const texts = page.frames().map((frame) =>
    frame
      .locator("html")
      .innerText()
      .catch(() => ""),
  );
  const text = (await Promise.all(texts)).join("\n");
  await page.close();
  return text;
}

/// Sends the form of one of our pages from a stranger's, with the very fields that our page would
/// send: refused with 403, and nothing is written.
async function isRefused({ bundle, stranger }, person, ours, more) {
  const fields = { ...(await ours.hiddenFields()), ...more };
  stranger.publish("/prize", form(ours.page.url(), fields));
  const before = await bundle.rows();
  for (const origin of stranger.origins) {
    const page = await person.context.newPage();
    await page.goto(`${origin}/prize`);
    const answer = page.waitForResponse((response) => response.request().method() === "POST");
    await page.getByRole("button").click();
    assert.equal((await answer).status(), 403, origin);
    await page.getByRole("heading", { name: "We could not check this form" }).waitFor();
    await page.close();
  }
  assert.deepEqual(await bundle.rows(), before);
}
