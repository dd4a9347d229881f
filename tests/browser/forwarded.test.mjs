// A link in somebody else's hands: two browser profiles, one link.

import assert from "node:assert/strict";

import { story } from "./story.mjs";

const LINK = "Link your identity now";

story(
  "a forwarded link ends at the wrong Slack user and still works for its owner",
  async (world) => {
    const [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
    await alice.slack.click("Resolve");
    const link = await alice.slack.copiedLink(LINK);

    const forwarded = await bob.open(link);
    await forwarded.press("Continue with Slack");
    await bob.signInWithSlack(forwarded);

    await forwarded.shows("This link is not for you");
    await forwarded.says("Bob Baker", "Nothing was changed.");
    await forwarded.isSilentAbout("alice", "Alice");
    assert.deepEqual(await world.bundle.linked(), []);
    assert.deepEqual(await bob.watch.asked(world.bundle.sentry), [], "Bob never gets to Sentry");

    const own = await alice.open(link);
    await alice.link(own);
    await own.shows("You're good to go!");
    await own.says("Alice Archer");
    await alice.slack.alertSays("Issue resolved by");
  },
);

story("who is sent a link that its owner has begun cannot finish it", async (world) => {
  const [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
  await alice.slack.click("Resolve");
  const link = await alice.slack.copiedLink(LINK);
  const own = await alice.open(link);
  await alice.prove(own);
  await own.shows("Are both of these you?");

  const forwarded = await bob.open(link);

  await forwarded.shows("Link Slack and Sentry");
  await forwarded.isSilentAbout("Alice Archer", "alice@acme.example");
  await own.tick("Both accounts are mine");
  await own.press("Link accounts");
  await own.shows("You're good to go!");
});

story("the return from a sign-in is good in no other browser", async (world) => {
  const [alice, mallory] = [await world.person("Alice"), await world.person("Mallory")];
  await mallory.slack.click("Resolve");
  const hers = await mallory.open(await mallory.slack.copiedLink(LINK));
  await hers.press("Continue with Slack");
  await mallory.signInWithSlack(hers);
  const authorize = await hers.atSentry();

  // Alice approves at Sentry what Mallory's browser has begun.
  const page = await alice.open(authorize);
  await alice.signInToSentry(page);

  await page.shows("The sign-in was interrupted");
  assert.deepEqual(await world.bundle.linked(), []);
});

story("a link that has done its work does nothing more, in any browser", async (world) => {
  const [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
  await alice.slack.click("Resolve");
  const link = await alice.slack.copiedLink(LINK);
  const page = await alice.open(link);
  await alice.link(page);
  await page.shows("You're good to go!");
  const before = await world.bundle.linked();

  const again = await bob.open(link);

  assert.equal(again.status, 410);
  await again.isSilentAbout("Alice", "alice@acme.example");
  assert.deepEqual(await world.bundle.linked(), before);
});
