// Somebody with a browser profile of their own: Slack in one tab, what they follow in another.

import { BelayPage } from "./belay.mjs";
import { Watch, browser } from "./browser.mjs";
import { SentryPage } from "./sentry.mjs";
import { SlackPage } from "./slack.mjs";

/// How long anything may take: the functions answer at once, `perform` within seconds.
const PATIENCE = 15_000;

export class Person {
  /// Opens a profile and the channel in it, as this person.
  static async sitDown(bundle, name, options = {}) {
    const context = await (await browser()).newContext(options);
    context.setDefaultTimeout(PATIENCE);
    const person = new Person(bundle, name, context);
    await person.slack.enter(await context.newPage(), name);
    return person;
  }

  constructor(bundle, name, context) {
    this.bundle = bundle;
    this.name = name;
    this.context = context;
    this.watch = new Watch(context);
    this.slack = new SlackPage(bundle.slack);
  }

  /// Opens an address in a new tab: one of our pages.
  async open(url) {
    const page = await this.context.newPage();
    const answer = await page.goto(url);
    return new BelayPage(page, answer.status());
  }

  /// Clicks a link in Slack, which opens in a new tab.
  async follow(link) {
    const opened = this.context.waitForEvent("page");
    await link.click();
    return new BelayPage(await opened);
  }

  /// Proves both sides of a link, from its first page to the page that asks for the last word.
  async prove(page, account = this.name) {
    await page.press("Continue with Slack");
    await this.signInWithSlack(page);
    await this.signInToSentry(page, account);
  }

  /// The whole way of a link.
  async link(page, account = this.name) {
    await this.prove(page, account);
    await page.tick("Both accounts are mine");
    await page.press("Link accounts");
  }

  /// Alice's account is taken out of the organization, and she clicks: the way out is offered.
  async offeredUnlink() {
    await (await this.sentry()).setRight("101", "acme", "none");
    await this.slack.click("Resolve");
    return this.follow(await this.slack.offeredLink("Unlink your identity now"));
  }

  async signInWithSlack(page) {
    await SlackPage.allowSignIn(page.page);
  }

  async signInToSentry(page, account = this.name) {
    await SentryPage.approve(page.page, account);
  }

  async allowInstall(page) {
    await SlackPage.allowInstall(page.page);
  }

  async cancelAtSlack(page) {
    await SlackPage.cancelSignIn(page.page);
  }

  async cancelAtSentry(page) {
    await this.signInWithSlack(page);
    await SentryPage.deny(page.page, this.name);
  }

  /// Sentry's side, where rights and moods are changed.
  async sentry() {
    const page = await this.context.newPage();
    await page.goto(this.bundle.sentry);
    return new SentryPage(page);
  }

  async getUp() {
    await this.context.close();
  }
}
