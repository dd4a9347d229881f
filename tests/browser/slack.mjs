// The stand-in for Slack, as one person sees it.

import assert from "node:assert/strict";

export class SlackPage {
  constructor(origin) {
    this.origin = origin;
  }

  /// Signs in as somebody and shows the channel with the alerts.
  async enter(page, name) {
    this.page = page;
    await page.goto(this.origin);
    await page.getByRole("button", { name, exact: true }).click();
    await page.locator(`button[aria-pressed=true]:text-is("${name}")`).waitFor();
  }

  get channel() {
    return this.page.locator('main[data-region="channel"]');
  }

  /// The channel as text.
  shown() {
    return this.channel.innerText({ timeout: 1000 });
  }

  /// The alert about an issue, by words of its title.
  alert(words) {
    return this.channel.locator("article").filter({ hasText: words }).first();
  }

  /// Presses a button under an alert.
  async click(button, words = "TypeError") {
    await this.alert(words).getByRole("button", { name: button, exact: true }).click();
  }

  /// Types something below the channel.
  async type(text) {
    await this.page.locator("#typed").fill(text);
    await this.page.getByRole("button", { name: "Send", exact: true }).click();
  }

  /// What only this person sees, the newest.
  get whisper() {
    return this.channel.locator("article.ephemeral").last();
  }

  /// Waits until it has been whispered.
  async hears(words) {
    await this.channel.locator("article.ephemeral").filter({ hasText: words }).last().waitFor();
  }

  /// The newest link of that name.
  async offeredLink(name) {
    const link = this.channel.getByRole("link", { name, exact: true }).last();
    await link.waitFor();
    return link;
  }

  /// The address of such a link: what a person copies to send it on.
  async copiedLink(name) {
    return (await this.offeredLink(name)).getAttribute("href");
  }

  /// The newest link of that name, once it is another one than this.
  async newerLink(name, older) {
    const links = this.channel.getByRole("link", { name, exact: true });
    const newer = links.and(this.page.locator(`:not([href="${older}"])`));
    await newer.last().waitFor();
    return newer.last();
  }

  /// Waits until an alert says so.
  async alertSays(words, alert = "TypeError") {
    await this.alert(alert).filter({ hasText: words }).waitFor();
  }

  async assertAlertHasNot(words, alert = "TypeError") {
    const text = await this.alert(alert).innerText();
    assert.ok(!text.includes(words), text);
  }

  /// Slack's own page between our page and Sentry's: whoever is signed in allows it.
  static async allowSignIn(page) {
    await page.getByRole("heading", { name: /Sign in to Belay with Slack/ }).waitFor();
    await page.getByRole("button", { name: "Allow", exact: true }).click();
  }

  /// Slack's page for an app that wants to be installed.
  static async allowInstall(page) {
    await page.waitForURL(/\/oauth\/v2\/authorize/);
    await page.getByRole("button", { name: "Allow", exact: true }).click();
  }

  /// The same page, declined.
  static async cancelSignIn(page) {
    await page.getByRole("heading", { name: /Sign in to Belay with Slack/ }).waitFor();
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
  }
}
