// Undoing a link: inside Slack, and by the page for who is linked to an account that is no use.

import assert from "node:assert/strict";

import { linkAs, story } from "./story.mjs";

story("who is linked unlinks by a command and a button", async (world) => {
  const alice = await world.person("Alice");
  await linkAs(alice);

  await alice.slack.type("/sentry unlink");
  await alice.slack.hears("alice@acme.example");
  await alice.slack.whisper.getByRole("button", { name: "Unlink", exact: true }).click();

  await alice.slack.hears("Your Slack identity has been unlinked from your Sentry account.");
  assert.deepEqual(await world.bundle.linked(), []);
});

story("who is no member any more unlinks on the page, and links another account", async (world) => {
  const alice = await world.person("Alice");
  await linkAs(alice);
  const page = await alice.offeredUnlink();

  await page.shows("Unlink Slack and Sentry");
  await page.isSilentAbout("alice@acme.example", "Alice Archer");
  await page.press("Continue with Slack");
  await alice.signInWithSlack(page);
  await page.shows("Unlink these accounts?");
  await page.says("alice", "Alice Archer", "a…@a….example");
  await page.tick("Unlink these two");
  await page.press("Unlink accounts");

  await page.shows("Accounts unlinked");
  await alice.slack.hears("Your Slack identity has been unlinked from your Sentry account.");
  assert.deepEqual(await world.bundle.linked(), []);

  await page.press("Link another account");
  await page.shows("Link Slack and Sentry");
  await alice.link(page, "Bob");
  await page.shows("You're good to go!");
  await page.says("Bob Baker");
});

story("the Sentry side alone proves an unlink as well", async (world) => {
  const alice = await world.person("Alice");
  await linkAs(alice);
  const page = await alice.offeredUnlink();

  await page.press("Continue with Sentry");
  await alice.signInToSentry(page);
  await page.shows("Unlink these accounts?");
  await page.tick("Unlink these two");
  await page.press("Unlink accounts");

  await page.shows("Accounts unlinked");
  assert.deepEqual(await world.bundle.linked(), []);
});

story("another Sentry account proves no unlink", async (world) => {
  const alice = await world.person("Alice");
  await linkAs(alice);
  const page = await alice.offeredUnlink();

  await page.press("Continue with Sentry");
  await alice.signInToSentry(page, "Bob");

  await page.shows("Another Sentry account");
  await page.says("bob@acme.example");
  await page.isSilentAbout("alice@acme.example");
  assert.deepEqual(await world.bundle.linked(), ["U0ALICE001"]);
});
