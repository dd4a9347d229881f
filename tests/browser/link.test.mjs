// From a click of somebody who is not linked to the change in Sentry, by clicking.

import assert from "node:assert/strict";

import { linkAs, story } from "./story.mjs";

const LINK = "Link your identity now";

story("a click of somebody who is not linked is carried out once they are", async (world) => {
  const alice = await world.person("Alice");

  await alice.slack.click("Resolve");
  const page = await alice.follow(await alice.slack.offeredLink(LINK));
  await page.shows("Link Slack and Sentry");
  await page.says("alice", "Acme", "Acme Inc", "resolve this issue");
  await page.press("Continue with Slack");
  await alice.signInWithSlack(page);
  await alice.signInToSentry(page);
  await page.shows("Are both of these you?");
  await page.says("alice", "Alice Archer", "alice@acme.example", "resolve BACKEND-12");
  await page.tick("Both accounts are mine");
  await page.press("Link accounts");

  await page.shows("You're good to go!");
  await page.says("Your click is being carried out: resolve BACKEND-12");
  await alice.slack.hears("You're good to go!");
  await alice.slack.alertSays("Issue resolved by");
  assert.deepEqual(await world.bundle.linked(), ["U0ALICE001"]);
});

story("an account outside the organization is not linked, and its owner is told", async (world) => {
  const alice = await world.person("Alice");
  await alice.slack.click("Resolve");
  const page = await alice.follow(await alice.slack.offeredLink(LINK));

  await alice.prove(page, "Carol");

  await page.shows("Not a member");
  await page.says("Carol Clark", "carol@umbrella.example", "Acme Inc", "Nothing was linked.");
  assert.deepEqual(await world.bundle.linked(), []);
  await alice.slack.assertAlertHasNot("Issue resolved");
});

story(
  "who sees somebody else's account on the last page starts over with their own",
  async (world) => {
    const alice = await world.person("Alice");
    await alice.slack.click("Resolve");
    const link = await alice.slack.copiedLink(LINK);
    const wrong = await alice.open(link);
    await alice.prove(wrong, "Bob");
    await wrong.shows("Are both of these you?");
    await wrong.says("Bob Baker", "bob@acme.example");
    await wrong.page.close();

    await alice.slack.click("Resolve");
    const page = await alice.follow(await alice.slack.newerLink(LINK, link));
    await alice.link(page, "Alice");

    await page.shows("You're good to go!");
    await page.says("Alice Archer");
  },
);

story("a Sentry account that is linked to somebody else stays theirs", async (world) => {
  const [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
  await linkAs(alice);
  await bob.slack.click("Resolve");
  const page = await bob.follow(await bob.slack.offeredLink(LINK));

  await bob.link(page, "Alice");

  await page.shows("Already linked");
  await page.says("Nothing was changed.", "/sentry unlink");
  await page.isSilentAbout("alice@acme.example");
  assert.deepEqual(await world.bundle.linked(), ["U0ALICE001"]);
});

story("who cancels at Slack or at Sentry is told that nothing was changed", async (world) => {
  const alice = await world.person("Alice");
  for (const cancel of [alice.cancelAtSlack, alice.cancelAtSentry]) {
    await alice.slack.type("/sentry link");
    const page = await alice.follow(await alice.slack.offeredLink("Link your Slack identity"));
    await page.press("Continue with Slack");

    await cancel.call(alice, page);

    await page.shows("You cancelled the sign-in");
    await page.page.close();
  }
  assert.deepEqual(await world.bundle.linked(), []);
});

story("without the tick the button links nothing", async (world) => {
  const alice = await world.person("Alice");
  await alice.slack.click("Resolve");
  const page = await alice.follow(await alice.slack.offeredLink(LINK));
  await alice.prove(page);
  await page.shows("Are both of these you?");

  await page.press("Link accounts");

  assert.equal(await page.page.locator("input[name=mine]:invalid").count(), 1);
  await page.shows("Are both of these you?");
  assert.deepEqual(await world.bundle.linked(), []);
});
