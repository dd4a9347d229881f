// A test that is told as a story: a fresh bundle, the people in it, and what must hold for every
// story whatever happens in it.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { AGAIN } from "./again.mjs";
import { close } from "./browser.mjs";
import { Bundle } from "./bundle.mjs";
import { Person } from "./person.mjs";

/// The longest that a story may take, told twice.
const TIMEOUT = 120_000;

after(close);

/// `bare`: the app is not installed yet.
export function story(title, ...rest) {
  const [{ bare = false }, tell] = rest.length === 1 ? [{}, rest[0]] : rest;
  const options = bare ? ["--bare"] : [];
  test(title, { timeout: TIMEOUT }, async (context) => {
    try {
      await once(options, tell);
    } catch (error) {
      // Something did not come in time. On a machine that stood still this says nothing, so it may come
      // the second time; whatever came and was wrong is wrong.
      if (error.name !== "TimeoutError") throw error;
      context.diagnostic(AGAIN + error.stack);
      await once(options, tell);
    }
  });
}

async function once(options, tell) {
  const bundle = await Bundle.start(...options);
  const people = [];
  const world = {
    bundle,
    async person(name, options) {
      const person = await Person.sitDown(bundle, name, options);
      people.push(person);
      return person;
    },
  };
  try {
    await tell(world);
    for (const person of people) keepsToItself(person, bundle);
  } catch (error) {
    error.stack += await circumstances(people, bundle);
    throw error;
  } finally {
    await Promise.all(people.map((person) => person.getUp()));
    await bundle.stop();
  }
}

/// Links somebody with the Sentry account of their own name, from Slack and back.
export async function linkAs(person) {
  await person.slack.type("/sentry link");
  const page = await person.follow(await person.slack.offeredLink("Link your Slack identity"));
  await person.link(page);
  await page.shows("You're good to go!");
  await page.page.close();
}

/// What helps to find out why: each person's channel, and what the bundle wrote last.
async function circumstances(people, bundle) {
  const parts = people.map(async ({ name, slack }) => `${name} sees:\n${await slack.shown()}`);
  parts.push(bundle.lastLines(30).then((lines) => `the bundle's log ends:\n${lines}`));
  const told = await Promise.allSettled(parts);
  return told.map(({ value, reason }) => `\n\n${value ?? reason}`).join("");
}

/// Our pages load nothing from elsewhere, want nothing that their own policy refuses, and open no
/// dialogs.
function keepsToItself({ watch }, bundle) {
  const elsewhere = watch
    .subRequestsOf(bundle.public)
    .filter((url) => !url.startsWith(bundle.public));
  assert.deepEqual(elsewhere, [], "our pages ask nobody else for anything");
  assert.deepEqual(watch.refusalsOf(bundle.public), [], "our pages keep to their own policy");
  assert.deepEqual(watch.dialogs, [], "nothing opens a dialog");
}
